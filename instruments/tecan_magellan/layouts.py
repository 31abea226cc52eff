"""The ways in which Magellan writes values: lists, time courses, spectra, matrices."""

import numpy as np

from instruments.accounting import Use
from instruments.errors import Malformed
from instruments.grids import Grid
from instruments.readings import Floats
from instruments.tecan_icontrol.table import Odd, well_of
from instruments.tecan_magellan.courses import course, unnamed_lines
from instruments.tecan_magellan.lists import bare_list, well_list
from instruments.tecan_magellan.values import Block, Values
from instruments.wells import row_index, well_name


def read_values(grid: Grid, bottom: int) -> Values:
    """Find the layout of rows 0 to `bottom` and read it.

    Raises:
        Malformed: no layout that is known.
    """
    row = 0
    while row < bottom and grid.is_blank(row):
        row += 1
    for parse in (well_list, spectrum_lines, matrices, unnamed_lines, course, bare_list):
        values = parse(grid, row, bottom)
        if values is not None:
            return values
    raise Malformed(
        grid.file,
        place=grid.place(row),
        found=grid.text(row, 0),
        expected="a list of wells, a matrix, a time course or a spectrum",
    )


def spectrum_lines(grid: Grid, top: int, bottom: int) -> Values | None:
    """Wavelengths beside "[nm]", one line per well below."""
    row = next((r for r in range(top, min(top + 6, bottom)) if grid.text(r, 0) == "[nm]"), None)
    if row is None:
        return None
    points = grid.width(row) - 1
    axis = grid.numbers(row, 1, 1 + points)
    if points < 1 or np.isnan(axis.values).any():
        raise grid.malformed(row, 1, "wavelengths in nm")
    label = grid.text(top, 0) if row > top else None
    return Values([_well_lines(grid, row, bottom, points, label, spectrum=axis.values)])


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


def matrices(grid: Grid, top: int, bottom: int) -> Values | None:
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
