"""A matrix of results, with or without row letters and column numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from instruments.accounting import Use
from instruments.flags import meaning
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.places import Place
from instruments.readings import Flag, FlagKind, Floats
from instruments.wells import row_index, shape_of, size_for, well_name

_SMALLEST = 6
_FEWEST_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Matrix:
    """The wells of a matrix that hold something, in row order.

    Attributes:
        rows, columns: of the matrix as written.
        values: one per well; NaN where a text stands.
    """

    rows: int
    columns: int
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...]

    @property
    def size(self) -> int | None:
        return size_for(self.rows, self.columns)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Rows of a matrix in the grid and the columns that hold its cells."""

    first: int
    names: tuple[int, ...]
    left: int
    columns: int


@lru_cache(maxsize=64)
def _names(rows: tuple[int, ...], columns: int) -> tuple[str, ...]:
    return tuple(well_name(row, column) for row in rows for column in range(columns))


def find_matrix(
    grid: Grid, top: int, bottom: int, shape: tuple[int, int] | None, use: Use
) -> Matrix | None:
    """The matrix in rows `top` to `bottom`, or None when these rows hold none.

    Args:
        shape: rows and columns of the plate type, where the export names it; a matrix without
            labels is checked against it.
        use: how the cells are to be accounted for.

    Raises:
        Malformed: the labels are out of order, or a bare matrix does not fit the plate.
    """
    frame = _labelled(grid, top, bottom) or _bare(grid, top, bottom, shape)
    return None if frame is None else _read(grid, frame, use)


def find_labelled(grid: Grid, top: int, bottom: int, use: Use) -> Matrix | None:
    """The same for software that always writes row letters and column numbers."""
    frame = _labelled(grid, top, bottom)
    return None if frame is None else _read(grid, frame, use)


def _labelled(grid: Grid, top: int, bottom: int) -> _Frame | None:
    for row in range(top, bottom):
        if _is_head(grid, row):
            return _with_letters(grid, row, bottom)
    return None


def _is_head(grid: Grid, row: int) -> bool:
    first_two = grid.text(row, 1) in {"1", "01"} and grid.text(row, 2) in {"2", "02"}
    return first_two and grid.text(row, 0) == "" and row_index(grid.text(row + 1, 0)) is not None


def stretches(grid: Grid, top: int, bottom: int) -> list[tuple[int, int]]:
    """Where the matrices without labels lie that follow each other below one line of facts.

    A label with two channels writes two of them, with an empty line between. Anything else is one
    stretch.
    """
    found: list[tuple[int, int]] = []
    for row in range(top, bottom):
        if _is_head(grid, row):
            return [(top, bottom)]
        if len(grid.rows[row]) < _FEWEST_FIELDS or _is_title(grid, row):
            continue
        if found and found[-1][1] == row:
            found[-1] = (found[-1][0], row + 1)
        else:
            found.append((row, row + 1))
    heights = {end - start for start, end in found}
    return found if len(found) > 1 and len(heights) == 1 else [(top, bottom)]


def _with_letters(grid: Grid, head: int, bottom: int) -> _Frame:
    columns = grid.width(head) - 1
    numbers = [grid.text(head, column).lstrip("0") for column in range(1, columns + 1)]
    for column, number in enumerate(numbers, start=1):
        if number != str(column):
            raise grid.malformed(head, column, f"column number {column}")
    names: list[int] = []
    for row in range(head + 1, bottom):
        index = row_index(grid.text(row, 0))
        if index is None:
            break
        if names and index != names[-1] + 1:
            raise grid.malformed(row, 0, "the next row letter of the plate")
        names.append(index)
    if not names:
        raise grid.malformed(head + 1, 0, "a row letter below the column numbers")
    grid.ledger.mark(Use.HEADER, head, head + 1)
    return _Frame(head + 1, tuple(names), 1, columns)


def _bare(grid: Grid, top: int, bottom: int, shape: tuple[int, int] | None) -> _Frame | None:
    rows = [row for row in range(top, bottom) if len(grid.rows[row]) > 1]
    while rows and _is_title(grid, rows[0]):
        rows.pop(0)
    filled = [row for row in rows if not grid.is_blank(row)]
    if not filled:
        return None
    if shape is None:
        shape = _shape_of_rows(grid, rows)
    if len(rows) > shape[0]:
        # A spreadsheet pads separating lines too: the first line is one, the matrix follows.
        rows = rows[1 : shape[0] + 1]
    if len(rows) != shape[0] or filled[0] < rows[0] or filled[-1] > rows[-1]:
        raise grid.malformed(
            filled[0], None, f"{shape[0]} lines of a matrix without row letters, one per plate row"
        )
    if rows[-1] - rows[0] >= len(rows):
        raise grid.malformed(rows[0], None, "the lines of a matrix without a gap between them")
    if max(grid.width(row) for row in filled) > shape[1]:
        row = max(filled, key=grid.width)
        raise grid.malformed(row, shape[1], f"no value beyond column {shape[1]} of the plate")
    return _Frame(rows[0], tuple(range(shape[0])), 0, shape[1])


def _is_title(grid: Grid, row: int) -> bool:
    return grid.width(row) == 1 and grid.number(row, 0) is None


def _shape_of_rows(grid: Grid, rows: list[int]) -> tuple[int, int]:
    """The plate follows from lines and fields of the matrix; most lines end in a separator."""
    longest = max(rows, key=lambda row: len(grid.rows[row]))
    columns = len(grid.rows[longest]) - (not grid.text(longest, len(grid.rows[longest]) - 1))
    size = size_for(len(rows), columns)
    shape = None if size is None else shape_of(size)
    if shape != (len(rows), columns) or len(rows) * columns < _SMALLEST:
        raise grid.malformed(
            rows[0], None, "a matrix with the lines and columns of a plate, or its plate type"
        )
    return shape


def _read(grid: Grid, frame: _Frame, use: Use) -> Matrix:
    right = frame.left + frame.columns
    cells: list[Cell] = []
    for row in range(frame.first, frame.first + len(frame.names)):
        line = grid.rows[row]
        cells += line[frame.left : right]
        if len(line) < right:
            cells += [""] * (right - max(len(line), frame.left))
        # Whatever stands beyond the columns stays open, so that it is reported.
        beyond = len(line) > right and grid.width(row) > right
        grid.ledger.mark(use, row, row + 1, 0, right if beyond else None)
    names = _names(frame.names, frame.columns)
    filled = [i for i, cell in enumerate(cells) if cell != "" and str(cell).strip()]
    values, odd = _numbers(grid, [cells[i] for i in filled])
    flags = _flags(grid, frame, [(filled[index], text) for index, text in odd], names)
    return Matrix(
        len(frame.names),
        frame.columns,
        tuple(names[i] for i in filled) if len(filled) < len(names) else names,
        values,
        flags,
    )


def _numbers(grid: Grid, cells: list[Cell]) -> tuple[Floats, Sequence[tuple[int, str]]]:
    """Numbers and texts. A matrix of file names has no number in it: none ends in a letter."""
    if all(isinstance(cell, str) and cell[-1].isalpha() for cell in cells):
        return np.full(len(cells), np.nan), [(i, str(cell)) for i, cell in enumerate(cells)]
    numbers = grid.numerals.many(cells)
    return numbers.values, numbers.odd


def _flags(
    grid: Grid, frame: _Frame, odd: Sequence[tuple[int, str]], names: tuple[str, ...]
) -> tuple[Flag, ...]:
    """Flags of the cells that hold a text; a matrix of texts repeats few of them."""
    kinds: dict[str, FlagKind] = {}
    flags = []
    for index, text in odd:
        kind = kinds.get(text)
        if kind is None:
            # No word for a missing number begins with a digit; file names do.
            kind = kinds[text] = FlagKind.TEXT if text[0].isdigit() else meaning(text)
        row, column = divmod(index, frame.columns)
        place = Place(frame.first + row + 1, frame.left + column + 1, grid.sheet)
        flags.append(Flag(names[index], 0, kind, text, place))
    return tuple(flags)
