"""Where the tables of a sheet are.

A table is known by its first cell: `<>` opens a plate matrix or a list of wells, `Cycle Nr.` a
kinetic table (cycles in columns or in rows), `Cycles / Well` a block for one well, `Well` a list
with several reads per well, `Wavel.` a scan.
"""

from collections.abc import Callable

from instruments.grids import Grid
from instruments.tecan_icontrol import words
from instruments.tecan_icontrol.courses import by_columns, by_rows, per_well, scan
from instruments.tecan_icontrol.plate_tables import matrix, well_list, whole_number
from instruments.tecan_icontrol.table import Table, well_of

_OPENING = frozenset("<CcZzTtWw ")  # first letters of the words that open a table


def find_tables(grid: Grid, top: int, bottom: int) -> list[Table]:
    """All tables between two rows.

    Raises:
        Malformed: a table that names a well twice, or no well.
    """
    tables: list[Table] = []
    row = top
    while row < bottom:
        parse = _parser_for(grid, row)
        table = None if parse is None else parse(grid, row, bottom)
        if table is None:
            row += 1
            continue
        if len(set(table.wells)) != len(table.wells):
            raise grid.malformed(row, 0, "a table that names every well once")
        tables.append(table)
        row = max(table.bottom, row + 1)
    return tables


def _parser_for(grid: Grid, row: int) -> Callable[[Grid, int, int], Table | None] | None:
    cells = grid.rows[row]
    first = cells[0] if cells else ""
    if not isinstance(first, str) or first[:1] not in _OPENING:
        return None
    first = first.strip()
    if first == "<>":
        return matrix if whole_number(grid, row, 1) is not None else well_list
    if words.CYCLE.fullmatch(first) or words.TIME.fullmatch(first):
        return by_columns if well_of(_after_axes(grid, row)) else by_rows
    if words.CYCLES_PER_WELL.fullmatch(first):
        return per_well
    if first == "Well" and grid.text(row, 1):
        return well_list
    return scan if words.WAVELENGTH.fullmatch(first) else None


def _after_axes(grid: Grid, row: int) -> str:
    """The first title right of cycle, time and temperature."""
    column = 1
    while words.TIME.fullmatch(grid.text(row, column)) or words.TEMPERATURE.fullmatch(
        grid.text(row, column)
    ):
        column += 1
    return grid.text(row, column)
