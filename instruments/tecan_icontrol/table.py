"""What one table of numbers holds."""

import re
from dataclasses import dataclass, field

from instruments.numerals import Numbers
from instruments.readings import Floats, Kind
from instruments.wells import standard_name

_WELL = re.compile(r"[A-Z]{1,2}\d{1,2}")


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that holds a text in place of a number; well and point count from 0."""

    well: int
    point: int
    text: str
    row: int
    column: int


@dataclass(slots=True)
class Table:
    """One table.

    Attributes:
        top, bottom: its rows, the header line first, the end exclusive.
        values: wells by points.
        deviations: what the software computed beside the mean of a well.
        positions: single reads within a well: (well, name of the position, values).
    """

    top: int
    bottom: int
    kind: Kind
    wells: list[str] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    time_s: Floats | None = None
    spectrum_nm: Floats | None = None
    temperature_c: Floats | None = None
    deviations: list[tuple[str, Floats]] = field(default_factory=list)
    positions: list[tuple[str, str, Floats]] = field(default_factory=list)

    def add(self, well: str, numbers: Numbers, row: int, left: int) -> None:
        """One well's points, which stand side by side from column `left`."""
        index = len(self.wells)
        self.wells.append(well)
        self.values.append(numbers.values)
        self.odd += [Odd(index, at, text, row, left + at) for at, text in numbers.odd]


def well_of(text: str) -> str | None:
    """A well name in A1 form; lower case is no well (depositors number their own rows a, b, c)."""
    return standard_name(text) if _WELL.fullmatch(text) else None
