"""Plates drawn as matrices: column numbers in one row, row letters in one column."""

from collections.abc import Iterator
from dataclasses import dataclass

from instruments.grids import Grid
from instruments.limits import PLATE_COLUMNS
from instruments.wells import row_index

_MOST_OF_384 = 24
_LOWER_AFTER_Z = {letter: 26 + index for index, letter in enumerate("abcdef")}


@dataclass(frozen=True, slots=True)
class Matrix:
    """Where a matrix stands in its grid.

    Attributes:
        header: row of the column numbers.
        left: column of the first of them.
        columns: plate columns, from 0.
        letters: column of the row letters.
        rows: plate row (from 0) and grid row of each line with a letter.
    """

    header: int
    left: int
    columns: tuple[int, ...]
    letters: int
    rows: tuple[tuple[int, int], ...]

    @property
    def right(self) -> int:
        """Column after the last column number."""
        return self.left + len(self.columns)

    @property
    def bottom(self) -> int:
        """Row after the last line."""
        return self.rows[-1][1] + 1 if self.rows else self.header + 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the plate that the matrix shows."""
        return max(row for row, _ in self.rows) + 1, self.columns[-1] + 1


def matrices_at(grid: Grid, row: int) -> Iterator[Matrix]:
    """The matrices whose column numbers stand in this row, also several side by side."""
    for left, columns in _runs(grid, row):
        for letters in dict.fromkeys((left - 1, 0)):
            many = columns[-1] >= _MOST_OF_384
            rows = _lettered_rows(grid, row + 1, letters, many=many) if letters >= 0 else ()
            if rows:
                yield Matrix(row, left, columns, letters, rows)
                break


def _runs(grid: Grid, row: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Runs of numbers that count up by one, after at least one column for the letters."""
    column, width = 1, len(grid.rows[row])
    while column < width:
        numbers: list[int] = []
        while column + len(numbers) < width:
            number = grid.number(row, column + len(numbers))
            if number is None or not 1 <= number <= PLATE_COLUMNS or number != round(number):
                break
            if numbers and number != numbers[-1] + 1:
                break
            numbers.append(round(number))
        if numbers:
            yield column, tuple(number - 1 for number in numbers)
        column += max(1, len(numbers))


def _lettered_rows(
    grid: Grid, start: int, column: int, *, many: bool
) -> tuple[tuple[int, int], ...]:
    """Plate rows and grid rows; `many` when only a plate of 1536 wells has so many columns."""
    rows: list[tuple[int, int]] = []
    for row in range(start, len(grid)):
        letter = grid.text(row, column)
        index = row_index(letter)
        if index is None and rows and (many or rows[-1][0] >= 25):  # noqa: PLR2004
            # BMG names the rows after Z of a 1536-well plate a to f; rows may be left out.
            index = _LOWER_AFTER_Z.get(letter)
        if index is None or (rows and index <= rows[-1][0]):
            break
        rows.append((index, row))
    return tuple(rows)
