"""Values of Magellan's layouts, and the small texts beside them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Numbers
from instruments.readings import Floats
from instruments.tecan_icontrol.completeness import wells_of_part
from instruments.tecan_icontrol.table import Odd
from instruments.wells import shape_of, well_name

POSITIONS = re.compile(r"well positions?|well|position", re.IGNORECASE)
_TIME = re.compile(r"\d+(?:[.,]\d+)?\s*(?:s|ms|min|h)|\d+:\d\d(?::\d\d)?", re.IGNORECASE)
_TEMPERATURE = re.compile(r"(-?\d+(?:[.,]\d+)?)\s*°?\s*C", re.IGNORECASE)


@dataclass(slots=True)
class Block:
    """Values of one label (of one plate, where a column names plates): wells by points."""

    label: str | None
    wells: list[str]
    values: Floats
    odd: list[Odd] = field(default_factory=list)
    time_s: Floats | None = None
    temperature_c: Floats | None = None
    spectrum_nm: Floats | None = None
    plate: str | None = None


@dataclass(slots=True)
class Values:
    """All that stands above the footer.

    Attributes:
        samples: what the file says of a well beside its values.
        assumed_order: wells are not named; their order was assumed.
    """

    blocks: list[Block] = field(default_factory=list)
    samples: dict[tuple[str | None, str], str] = field(default_factory=dict)
    assumed_order: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """What the footer says of the plate, for values whose wells are not named.

    Attributes:
        size: wells of the plate; None where it is not stated.
        area: part of the plate that was read, "A1-H12".
    """

    size: int | None = None
    area: str | None = None

    def order(self, count: int) -> list[str] | None:
        """So many wells row by row: the whole plate, or the part that was read; None for others."""
        shape = shape_of(count)
        if shape is not None and self.size in (None, count):
            return [well_name(*divmod(i, shape[1])) for i in range(count)]
        part = wells_of_part(self.area) if self.area is not None else []
        return part if part and len(part) == count else None


def time_of(text: str) -> float | None:
    """Seconds of "599s", "10 min" or "0:10:00"; None when it is no time."""
    if not _TIME.fullmatch(text):
        return None
    if text.lower().endswith("ms"):
        return float(text[:-2].replace(",", ".")) / 1000
    return seconds_of(text.replace(",", "."))


def temperature_of(text: str) -> float | None:
    match = _TEMPERATURE.fullmatch(text)
    return float(match[1].replace(",", ".")) if match else None


def column_of(grid: Grid, rows: Sequence[int], column: int) -> Numbers:
    return grid.numerals.many([grid.cell(row, column) for row in rows])
