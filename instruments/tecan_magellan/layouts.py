"""The ways in which Magellan writes values: lists, time courses, spectra, matrices."""

from itertools import pairwise

import numpy as np

from instruments.accounting import Use
from instruments.errors import Malformed
from instruments.grids import Grid
from instruments.readings import Floats
from instruments.tecan_icontrol.table import Odd, well_of
from instruments.tecan_magellan.courses import course, unnamed_lines
from instruments.tecan_magellan.lists import bare_list, unnamed_list, well_list
from instruments.tecan_magellan.values import Block, Planned, Values, time_of
from instruments.wells import row_index, well_name

_DRAWN = ((8, 12), (16, 24))  # rows and columns of plates that are told by their rows alone


def read_values(grid: Grid, bottom: int, planned: Planned) -> Values:
    """Find the layout of rows 0 to `bottom` and read it.

    Raises:
        Malformed: no layout that is known.
    """
    row = 0
    while row < bottom and grid.is_blank(row):
        row += 1
    for parse in _LAYOUTS:
        values = parse(grid, row, bottom, planned)
        if values is not None:
            return values
    raise Malformed(
        grid.file,
        place=grid.place(row),
        found=grid.text(row, 0),
        expected="a list of wells, a matrix, a time course or a spectrum",
    )


def spectrum_lines(grid: Grid, top: int, bottom: int, _planned: Planned) -> Values | None:
    """Beside "[nm]" the wavelengths, one line per well below; or the wells, one line per nm."""
    row = next((r for r in range(top, min(top + 6, bottom)) if grid.text(r, 0) == "[nm]"), None)
    if row is None:
        return None
    points = grid.width(row) - 1
    label = grid.text(top, 0) if row > top else None
    if well_of(grid.text(row, 1)):
        return Values([_wavelength_lines(grid, row, bottom, points, label)])
    axis = grid.numbers(row, 1, 1 + points)
    if points < 1 or np.isnan(axis.values).any():
        raise grid.malformed(row, 1, "wavelengths in nm")
    return Values([_well_lines(grid, row, bottom, points, label, spectrum=axis.values)])


def _wavelength_lines(grid: Grid, top: int, bottom: int, count: int, label: str | None) -> Block:
    wells = [well_of(grid.text(top, column)) or "" for column in range(1, 1 + count)]
    if not all(wells) or len(set(wells)) != len(wells):
        raise grid.malformed(top, 1, "well names, each once")
    row = top + 1
    while row < bottom and grid.number(row, 0) is not None:
        row += 1
    if row == top + 1:
        raise grid.malformed(row, 0, "wavelengths in nm")
    lines = [grid.numbers(r, 1, 1 + count) for r in range(top + 1, row)]
    odd = [
        Odd(at, point, text, top + 1 + point, 1 + at)
        for point, line in enumerate(lines)
        for at, text in line.odd
    ]
    grid.ledger.mark(Use.MEASURED, top, row, 0, 1 + count)
    axis = grid.numerals.many(grid.column(0, top + 1, row)).values
    values = np.array([line.values for line in lines]).T
    return Block(label, wells, values, odd, spectrum_nm=axis)


def _well_lines(
    grid: Grid, top: int, bottom: int, points: int, label: str | None, *, spectrum: Floats
) -> Block:
    wells: list[str] = []
    lines: list[Floats] = []
    odd: list[Odd] = []
    row = top + 1
    while row < bottom and (well := well_of(grid.text(row, 0))):
        numbers = grid.numbers(row, 1, 1 + points)
        odd += [Odd(len(wells), at, text, row, 1 + at) for at, text in numbers.odd]
        wells.append(well)
        lines.append(numbers.values)
        row += 1
    if not wells or len(set(wells)) != len(wells):
        raise grid.malformed(row, 0, "well names, each once")
    grid.ledger.mark(Use.MEASURED, top, row, 0, 1 + points)
    return Block(label, wells, np.array(lines), odd, spectrum_nm=spectrum)


def matrices(grid: Grid, top: int, bottom: int, _planned: Planned) -> Values | None:
    """Plate matrices with row letters and column numbers; a title may stand above each."""
    found = Values()
    title, row = None, top
    while row < bottom:
        columns = _column_numbers(grid, row)
        if columns and row_index(grid.text(row + 1, 0)) is not None:
            block, row = _matrix(grid, row, bottom, columns, title)
            found.blocks.append(block)
            title = None
        else:
            title = grid.text(row, 0) or title
            row += 1
    return found if found.blocks else None


def _column_numbers(grid: Grid, row: int) -> list[int]:
    if grid.text(row, 0) not in ("", "<>"):
        return []
    texts = [grid.text(row, column) for column in range(1, grid.width(row))]
    if not texts or len(texts) > 48 or not all(t.isascii() and t.isdigit() for t in texts):  # noqa: PLR2004
        return []
    columns = [int(text) for text in texts]
    return columns if columns == list(range(columns[0], columns[0] + len(columns))) else []


def _matrix(
    grid: Grid, top: int, bottom: int, columns: list[int], title: str | None
) -> tuple[Block, int]:
    wells: list[str] = []
    values: list[float] = []
    odd: list[Odd] = []
    row = top + 1
    while row < bottom and (letter := row_index(grid.text(row, 0))) is not None:
        numbers = grid.numbers(row, 1, 1 + len(columns))
        odd += [Odd(len(wells) + at, 0, text, row, 1 + at) for at, text in numbers.odd]
        wells += [well_name(letter, column - 1) for column in columns]
        values += numbers.values.tolist()
        row += 1
    if len(set(wells)) != len(wells) or columns[0] < 1 or columns[-1] > 48:  # noqa: PLR2004
        raise grid.malformed(top, 1, "a matrix that names every well once")
    grid.ledger.mark(Use.MEASURED, top, row, 0, 1 + len(columns))
    return Block(title, wells, np.array(values).reshape(-1, 1), odd), row


def bare_matrices(grid: Grid, top: int, bottom: int, planned: Planned) -> Values | None:
    """Labels, then for each label and time a line with the time and the plate without letters."""
    heads = [row for row in range(top, bottom) if _is_time_alone(grid, row)]
    if len(heads) < 2 or max(map(grid.width, range(heads[0], heads[1]))) == 1:  # noqa: PLR2004
        return None
    labels: list[str | None] = [t for row in range(top, heads[0]) if (t := grid.text(row, 0))]
    height, share = heads[1] - heads[0] - 1, len(heads) // max(1, len(labels))
    shape = next((s for s in _DRAWN if s[0] == height), None)
    even = all(below - above == height + 1 for above, below in pairwise((*heads, bottom)))
    if shape is None or not even or planned.size not in (None, shape[0] * shape[1]):
        return None
    if share * max(1, len(labels)) != len(heads):
        raise grid.malformed(heads[-1], 0, f"as many plates for each of {len(labels)} labels")
    if any(grid.width(row) > shape[1] for row in range(heads[0], bottom)):
        return None
    wells = [well_name(row, column) for row in range(height) for column in range(shape[1])]
    found = Values(assumed_order=True)
    for number, label in enumerate(labels or [None]):
        its = heads[number * share : (number + 1) * share]
        found.blocks.append(_bare_block(grid, label, its, wells, shape))
    grid.ledger.mark(Use.MEASURED, top, bottom)
    return found


def _is_time_alone(grid: Grid, row: int) -> bool:
    return grid.width(row) == 1 and time_of(grid.text(row, 0)) is not None


def _bare_block(
    grid: Grid, label: str | None, heads: list[int], wells: list[str], shape: tuple[int, int]
) -> Block:
    values = np.full((len(wells), len(heads)), np.nan)
    odd: list[Odd] = []
    for point, head in enumerate(heads):
        for row in range(shape[0]):
            line = grid.numbers(head + 1 + row, 0, shape[1])
            values[row * shape[1] : (row + 1) * shape[1], point] = line.values
            odd += [
                Odd(row * shape[1] + at, point, text, head + 1 + row, at) for at, text in line.odd
            ]
    block = Block(label, wells, values, odd)
    if len(heads) > 1:
        block.time_s = np.array([time_of(grid.text(head, 0)) for head in heads], dtype=np.float64)
    return block


_LAYOUTS = (
    well_list,
    spectrum_lines,
    matrices,
    unnamed_list,
    bare_matrices,
    unnamed_lines,
    course,
    bare_list,
)
