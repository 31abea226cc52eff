"""A plate as a heat map: levels for the table on the page, and a picture for paper."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lims.charts.svg import HEAT_STEPS, Drawing, nothing
from lims.charts.table import Table

ROW_LETTERS = "ABCDEFGHIJKLMNOP"
_CELL = 34.0
_HEAD = 18.0
_LIGHT_INK_FROM = 12


@dataclass(frozen=True, slots=True)
class Well:
    """A well as it is shown.

    `role` is a letter ('' for an empty well), `text` the value as printed, `level` 0 to 20 its
    shade, `look` the border ('', 'blank', 'ctl', 'std'), `flag` why it needs a decision.
    """

    name: str
    role: str = ""
    text: str = ""
    level: int = 0
    look: str = ""
    flag: str = ""
    url: str = ""


def heat_level(value: float | None, low: float, high: float) -> int:
    """Shade 0 to 20 of a value on the ramp; values outside take the nearest end."""
    if value is None or not math.isfinite(value) or high <= low:
        return 0
    return round(HEAT_STEPS * min(1.0, max(0.0, (value - low) / (high - low))))


def plate_grid(
    wells: Iterable[Well], rows: int = 8, columns: int = 12
) -> list[tuple[str, list[Well]]]:
    """Rows of the plate with every position filled, for the macro `plate`."""
    known = {w.name: w for w in wells}
    names = [(r, [f"{r}{c}" for c in range(1, columns + 1)]) for r in ROW_LETTERS[:rows]]
    return [(r, [known.get(n, Well(n)) for n in line]) for r, line in names]


def plate_heat(
    wells: Sequence[Well],
    title: str,
    finding: str,
    *,
    rows: int = 8,
    columns: int = 12,
    standalone: bool = False,
) -> str:
    """The plate as one picture; roles by letter and border, the value in each well."""
    width, height = _HEAD + columns * _CELL, _HEAD + rows * _CELL
    if not wells:
        return nothing(width, height, title, standalone=standalone)
    drawing = Drawing(width, height, standalone=standalone)
    for c in range(columns):
        drawing.text("t", (_HEAD + (c + 0.5) * _CELL, 12), str(c + 1), "middle")
    for r, (letter, line) in enumerate(plate_grid(wells, rows, columns)):
        drawing.text("t", (8, _HEAD + (r + 0.5) * _CELL + 4), letter, "middle")
        for c, well in enumerate(line):
            _draw_well(drawing, well, (_HEAD + c * _CELL + 1.5, _HEAD + r * _CELL + 1.5))
    return drawing.svg(title, finding)


def plate_table(wells: Sequence[Well], caption: str, value: str = "Value") -> Table:
    """The filled wells as rows."""
    rows = tuple((w.name, w.role, w.text, w.flag or "none") for w in wells if w.role)
    return Table(caption, ("Well", "Role", value, "Remark"), rows)


def _draw_well(drawing: Drawing, well: Well, at: tuple[float, float]) -> None:
    size = (_CELL - 3, _CELL - 3)
    if not well.role:
        drawing.rect("none", at, size, 3)
        return
    border = "well-flag" if well.flag else f"well-{well.look}" if well.look else "well"
    drawing.heat(well.level, border, at, size)
    ink = "-hi" if well.level >= _LIGHT_INK_FROM else ""
    drawing.text(f"role{ink}", (at[0] + 3, at[1] + 8), well.role)
    drawing.text(f"val{ink}", (at[0] + size[0] / 2, at[1] + size[1] / 2 + 6), well.text, "middle")
