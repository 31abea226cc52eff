"""The line of column names of a Plate block, and what the block holds below it."""

from dataclasses import dataclass, field

from instruments.grids import Grid
from instruments.readings import Floats, Message

FIRST = 2  # columns 0 and 1 hold the point (time, wavelength, place) and the temperature


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that holds a text: point and well count from 0."""

    group: int
    point: int
    well: int
    text: str
    row: int
    column: int


@dataclass(slots=True)
class Matrices:
    """What a Plate block holds.

    Attributes:
        wells: names in the order of the last axis of `values`.
        rows: where each point starts.
        axis: time in seconds, wavelength in nm or number of the place, one per point.
        temperatures: one per point; NaN where none is written.
        values: points by groups by wells.
        reduced: one value a well, or None.
    """

    wells: tuple[str, ...]
    rows: list[int] = field(default_factory=list)
    axis: list[float] = field(default_factory=list)
    temperatures: list[float] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    reduced: list[Floats] = field(default_factory=list)
    reduced_odd: list[Odd] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Columns:
    """The line of column names: where each group starts, and its names."""

    starts: tuple[int, ...]
    names: tuple[str, ...]

    @property
    def right(self) -> int:
        return self.starts[-1] + len(self.names)


def column_groups(grid: Grid, row: int) -> Columns:
    """The groups of the line of column names.

    Raises:
        Malformed: no names, or groups that differ.
    """
    groups: list[list[tuple[int, str]]] = [[]]
    for column in range(FIRST, grid.width(row)):
        name = grid.text(row, column)
        if name:
            groups[-1].append((column, name))
        elif groups[-1]:
            groups.append([])
    groups = [group for group in groups if group]
    if not groups:
        raise grid.malformed(row, FIRST, "column numbers or well names")
    names = [tuple(name for _, name in group) for group in groups]
    for group, its_names in zip(groups, names, strict=True):
        if its_names != names[0] or group[-1][0] - group[0][0] != len(group) - 1:
            raise grid.malformed(row, group[0][0], "the same column names in every group")
    return Columns(tuple(group[0][0] for group in groups), names[0])
