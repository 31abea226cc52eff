"""Gen5 matrices: column numbers, row letters, a label at the end of each line, several a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import isnan

import numpy as np

from instruments.biotek_gen5.cells import are_filters, well_flag
from instruments.biotek_gen5.procedure import split_label
from instruments.biotek_gen5.tables import Table
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Cell
from instruments.readings import Flag, Kind
from instruments.wells import row_index, well_name

LAYOUT_LABELS = ("Well ID", "Conc/Dil", "Name", "Sample ID")
_LAST_COLUMN = 48
_FURTHEST_LEFT = 3


@dataclass(frozen=True, slots=True)
class Matrix:
    """A plate drawn as a matrix: where its column numbers stand.

    Attributes:
        header: row with the column numbers.
        left: column of the first number.
        columns: plate columns, from 0.
    """

    header: int
    left: int
    columns: tuple[int, ...]

    @property
    def right(self) -> int:
        """Column after the last number, where the label of each line stands."""
        return self.left + len(self.columns)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a matrix: plate row, label, and the row of the grid.

    Attributes:
        right: column after the label.
    """

    plate_row: int
    label: str
    row: int
    right: int


def find_matrix(grid: Grid, row: int) -> Matrix | None:
    """The matrix whose column numbers stand in this row: 1 2 3 ..., after an empty corner."""
    cells = grid.rows[row]
    left = next((i for i, cell in enumerate(cells) if cell not in {"", " "}), None)
    if left is None or left == 0 or left > _FURTHEST_LEFT:
        return None
    columns: list[int] = []
    for column in range(left, len(cells)):
        number = grid.number(row, column)
        if number is None or number != (columns[-1] + 2 if columns else round(number)):
            break
        columns.append(int(number) - 1)
    below = grid.text(row + 1, left - 1)
    if not columns or not 0 <= columns[0] <= columns[-1] < _LAST_COLUMN:
        return None
    if row_index(below) is None:
        return None
    return Matrix(row, left, tuple(columns))


def lines_of_matrix(grid: Grid, matrix: Matrix, title: str) -> list[Line]:
    """The lines below the column numbers; the row letter stands on the first of its lines only."""
    lines: list[Line] = []
    plate_row: int | None = None
    for row in range(matrix.header + 1, len(grid)):
        letter = grid.text(row, matrix.left - 1)
        if grid.is_blank(row) or any(grid.text(row, c) for c in range(matrix.left - 1)):
            break
        if letter:
            above, plate_row = plate_row, row_index(letter)
            if above is not None and plate_row is not None and plate_row < above:
                # Lines that changed places would take the lines without a letter along.
                raise grid.malformed(row, matrix.left - 1, "the rows of the plate in their order")
        if plate_row is None:
            break
        label, right = _label(grid, row, matrix.right)
        lines.append(Line(plate_row, label or title, row, right))
    return lines


def _label(grid: Grid, row: int, column: int) -> tuple[str, int]:
    """The label at the end of a line, and the column after it.

    One with a comma is two fields of a comma-delimited text, also saved as a workbook.
    """
    label = grid.text(row, column)
    if label and are_filters(label, second := grid.text(row, column + 1)):
        return f"{label},{second}", column + 2
    return label, column + 1


def matrix_tables(grid: Grid, matrix: Matrix, lines: list[Line]) -> Iterator[Table]:
    """One endpoint table for each label of the matrix."""
    by_label: dict[str, list[Line]] = {}
    for line in lines:
        by_label.setdefault(line.label, []).append(line)
    for label, own in by_label.items():
        yield _Collector(grid, matrix, label).table(own)


@cache
def wells_of(plate_row: int, columns: tuple[int, ...]) -> tuple[str, ...]:
    """The wells of a plate row, in the order of the columns."""
    return tuple(well_name(plate_row, column) for column in columns)


class _Collector:
    """The wells, values and flags of one label."""

    def __init__(self, grid: Grid, matrix: Matrix, label: str) -> None:
        self.grid, self.matrix, self.label = grid, matrix, label
        self.wells: list[str] = []
        self.values: list[float] = []
        self.flags: list[Flag] = []
        self.times = 0
        # A lag time is written as a clock; what was measured never is.
        self.may_hold_times = split_label(label)[1] is None

    def table(self, lines: list[Line]) -> Table:
        for line in lines:
            self._add(line)
        array = np.array(self.values, dtype=np.float64).reshape(-1, 1)
        are_times = self.times > 0 and self.times == int(np.isfinite(array).sum())
        return Table(
            self.label,
            Kind.ENDPOINT,
            self.matrix.header,
            tuple(self.wells),
            array,
            tuple(self.flags),
            are_times=are_times,
            hold_times=self.times > 0,
        )

    def _add(self, line: Line) -> None:
        wells = wells_of(line.plate_row, self.matrix.columns)
        cells = self.grid.rows[line.row][self.matrix.left : self.matrix.right]
        plain = self.grid.numerals.floats(cells)
        if plain is not None and len(plain) == len(wells):
            self.wells += wells
            self.values += plain
            return
        numbers = self.grid.numbers(line.row, self.matrix.left, self.matrix.right)
        self._add_carefully(line, wells, numbers.values.tolist(), dict(numbers.odd))

    def _add_carefully(
        self, line: Line, wells: tuple[str, ...], values: list[float], odd: dict[int, str]
    ) -> None:
        for index, (well, written) in enumerate(zip(wells, values, strict=True)):
            value = written
            if index in odd:
                value = self._time(line.row, self.matrix.left + index)
                if isnan(value):
                    at = self.matrix.left + index
                    self.flags.append(well_flag(self.grid, well, 0, odd[index], line.row, at))
            elif isnan(value):
                continue  # an empty cell: the well was not read
            self.wells.append(well)
            self.values.append(value)

    def _time(self, row: int, column: int) -> float:
        seconds = clock(self.grid.cell(row, column)) if self.may_hold_times else None
        self.times += seconds is not None
        return float("nan") if seconds is None else seconds


def clock(cell: Cell) -> float | None:
    """Seconds of a cell written as a clock; None for a bare number, which is no time."""
    return seconds_of(cell) if not isinstance(cell, str) or ":" in cell else None
