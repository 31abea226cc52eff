"""The head of an export: software, reader, plate, start."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from instruments.grids import Grid
from instruments.moments import day_first_in, started_at
from instruments.numerals import Cell
from instruments.readings import Instrument, StartedAt
from instruments.wells import shape_of

_KEYS = {
    "application": r"(?:application|programm|programme)\s*:\s*(.*)",
    "model": r"(?:device|gerät|appareil)\s*:\s*(.*)",
    "serial": r"(?:serial number|seriennummer|numéro de série)\s*:\s*(.*)",
    "date": r"(?:date|datum)\s*:?()",
    "time": r"(?:time|zeit|uhrzeit|heure)\s*:?()",
    "plate": r"(?:plate|platte|plaque)()",
    "plate_id": r"(?:plate|platten)-id\b.*?()",
    "user": r"(?:user|anwender|benutzer|utilisateur)()",
    "method": r"method(?:e| name)\s*:\s*(.*)",
    "firmware": r"firmware\s*:\s*(.*)",
}
# One pattern, so that each cell is looked at once: the group that matched is the key.
_KEY = re.compile("|".join(f"(?P<{key}>{words})" for key, words in _KEYS.items()), re.IGNORECASE)
_VERSION = re.compile(r"(?:.*,\s*|V)?(\d[\w. ]*)")
_SIZE = re.compile(r"(?<!\d)(1536|384|96|48|24|12|6)(?!\d)")
_HEAD_COLUMNS = 9
_HEAD_ROWS = 24


@dataclass(frozen=True, slots=True)
class Run:
    """What the head of an export says; cells as they are, "" where it says nothing."""

    facts: dict[str, Cell] = field(default_factory=dict)

    def text(self, key: str) -> str:
        return str(self.facts.get(key, "")).strip()

    @property
    def instrument(self) -> Instrument:
        """Vendor, software and version, model and serial number."""
        software = self.text("application").removeprefix("Tecan").strip()
        version = _VERSION.fullmatch(self.text("version"))
        return Instrument(
            "Tecan",
            software or None,
            (version[1].strip() if version else self.text("version")) or None,
            self.text("model") or None,
            self.text("serial") or None,
        )

    @property
    def barcode(self) -> str | None:
        return self.text("plate_id") or None

    @property
    def plate_size(self) -> int | None:
        """Wells of the plate, from the number in its name."""
        match = _SIZE.search(self.text("plate"))
        size = int(match[1]) if match else None
        return size if size is not None and shape_of(size) else None

    @property
    def details(self) -> dict[str, str]:
        kept = ("method", "user", "plate", "firmware")
        return {key: self.text(key) for key in kept if self.text(key)}


def read_run(grid: Grid, top: int, bottom: int) -> Run:
    """The head that starts in row `top`; it ends before `bottom`."""
    facts: dict[str, Cell] = {}
    for row in range(top, min(bottom, top + _HEAD_ROWS)):
        for column, cell in enumerate(grid.rows[row][:_HEAD_COLUMNS]):
            if isinstance(cell, str) and (not column or ":" in cell):
                _read_cell(grid, row, column, cell.strip(), facts)
    return Run(facts)


def _read_cell(grid: Grid, row: int, column: int, text: str, facts: dict[str, Cell]) -> None:
    match = _KEY.fullmatch(text)
    if match is None or match.lastgroup is None or match.lastindex is None:
        return
    key, written = match.lastgroup, match[match.lastindex + 1]
    if key in facts or (column and key not in ("serial", "model")):
        return
    beside = _beside(grid, row, column)
    value: Cell = written.strip() or ("" if key in ("serial", "model") else beside)
    if key == "application":
        facts["version"] = beside
    if value != "":
        facts[key] = value


def _beside(grid: Grid, row: int, column: int) -> Cell:
    for right in range(column + 1, grid.width(row)):
        cell = grid.cell(row, right)
        if not isinstance(cell, str):
            return cell
        if cell.strip():
            return cell.strip().lstrip("'")
    return ""


def start_of(day: Cell, clock: Cell, others: Sequence[Cell], file: str) -> StartedAt | None:
    """The start of a run.

    Args:
        day: date, or date and time.
        clock: time, or "".
        others: further dates of the file; one of them may prove the order of day and month.
        file: name of the file, which may carry the date.
    """
    alike = [cell for cell in others if isinstance(cell, str) and _sign(cell) == _sign(day)]
    return started_at(day, clock, hints=file, proved=day_first_in(alike))


def _sign(cell: Cell) -> str:
    """The sign between the numbers of a date: what is written alike was written by one program."""
    match = re.search(r"\d([./-])", cell) if isinstance(cell, str) else None
    return match[1] if match else ""
