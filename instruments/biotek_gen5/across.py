"""Gen5 tables whose columns are the wells, or the points: Gen5's layout "row-wise" and "column"."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from instruments.accounting import Use
from instruments.biotek_gen5.cells import line_label, well_flag
from instruments.biotek_gen5.layout import layout_of_groups
from instruments.biotek_gen5.lists import TEXTS
from instruments.biotek_gen5.matrix import clock
from instruments.biotek_gen5.procedure import split_label
from instruments.biotek_gen5.tables import AXES, Table, label_from_header, unreached
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Flag, Floats, Kind, LayoutEntry
from instruments.wells import standard_name

_NEXT = frozenset({"", "Well", "Wells", "Well ID", "Actual Temperature:"})
_FEWEST = 2  # rows below a header of points: a temperature, or a first well


@dataclass(frozen=True, slots=True)
class Across:
    """A row that names the columns of a table.

    Attributes:
        header: the row of the points, or of the wells.
        column: the column of the names; a sheet has them one column to the right.
        top, bottom: rows of the whole table, the end exclusive.
    """

    header: int
    column: int
    top: int
    bottom: int


def find_points(grid: Grid, row: int) -> Across | None:
    """A row `Time 0:01:48 0:06:48 ...` with lines that start with a well below it."""
    column = _first_filled(grid, row)
    if grid.text(row, column) not in AXES or grid.width(row) < column + _FEWEST:
        return None
    bottom = row + 1
    while bottom < len(grid) and (
        standard_name(grid.text(bottom, column)) is not None
        or _is_temperature(grid, row, bottom, column)
    ):
        bottom += 1
    if standard_name(grid.text(bottom - 1, column)) is None:
        return None
    return Across(row, column, row, bottom)


def _first_filled(grid: Grid, row: int) -> int:
    return 0 if grid.text(row, 0) else 1


def _is_temperature(grid: Grid, header: int, row: int, column: int) -> bool:
    return row == header + 1 and grid.text(row, column).startswith("T")


def points_table(grid: Grid, found: Across, title: str) -> Table:
    """One line for each well, one column for each time or wavelength."""
    column, left = found.column, found.column + 1
    kind = AXES[grid.text(found.header, column)]
    right = grid.width(found.header)
    axis = _axis(grid, found.header, left, right, kind)
    first, label, temperature = found.header + 1, title, None
    if _is_temperature(grid, found.header, first, column):
        written, start = line_label(grid, first, column, found.header)
        label = label_from_header([written]) or title
        temperature = grid.numbers(first, start, start + right - left).values
        first += 1
    wells, rows, flags = [], [], []
    for row in range(first, found.bottom):
        wells.append(str(standard_name(grid.text(row, column))))
        numbers = grid.numbers(row, left, right)
        rows.append(numbers.values)
        flags += [well_flag(grid, wells[-1], at, text, row, left + at) for at, text in numbers.odd]
    grid.ledger.mark(Use.HEADER, found.header, first)
    grid.mark_block(Use.MEASURED, first, found.bottom, 0, right)
    values = np.array(rows)
    keep = np.asarray(np.isfinite(values).any(axis=0), dtype=np.bool_)
    keep[[flag.index for flag in flags]] = True
    if kind is Kind.KINETIC and flags:
        keep &= ~unreached(axis.tolist(), values, flags)
        flags = [flag for flag in flags if keep[flag.index]]
    position = np.cumsum(keep) - 1
    return Table(
        label,
        kind,
        found.header,
        tuple(wells),
        values[:, keep],
        tuple(_moved(flag, int(position[flag.index])) for flag in flags),
        axis=axis[keep],
        temperature_c=None if temperature is None else temperature[keep],
        has_temperature=temperature is not None,
        dropped=int((~keep).sum()),
    )


def _moved(flag: Flag, index: int) -> Flag:
    return Flag(flag.well, index, flag.flag, flag.text, flag.place)


def _axis(grid: Grid, row: int, left: int, right: int, kind: Kind) -> Floats:
    if kind is Kind.SPECTRUM:
        return grid.numbers(row, left, right).values
    seconds = [seconds_of(grid.cell(row, column)) for column in range(left, right)]
    return np.array([np.nan if second is None else second for second in seconds])


def find_wells(grid: Grid, row: int) -> Across | None:
    """A row `Well A1 B1 C1 ...`, with `Well ID` above and `Conc/Dil` below where there is one."""
    header, column = row, _first_filled(grid, row)
    while grid.text(header, column) in TEXTS - {""}:
        header += 1
    if grid.text(header, column) not in {"Well", "Wells"} or not _wells(grid, header, column):
        return None
    bottom = header + 1
    while bottom < len(grid) and grid.text(bottom, column) not in _NEXT:
        if grid.width(bottom) <= column + 1:
            break  # the title of the next table, where no blank row parts them
        bottom += 1
    return Across(header, column, row, bottom) if bottom > header + 1 else None


def _wells(grid: Grid, row: int, column: int) -> list[str]:
    names = [standard_name(text) for text in grid.texts(row, column + 1, grid.width(row))]
    return [name for name in names if name] if all(names) else []


def wells_tables(grid: Grid, found: Across) -> Iterator[Table]:
    """One endpoint table for each line of values; lines of the layout are marked as such."""
    wells = _wells(grid, found.header, found.column)
    grid.ledger.mark(Use.HEADER, found.header, found.header + 1)
    for row in range(found.top, found.bottom):
        if row == found.header:
            continue
        label, left = line_label(grid, row, found.column, found.header)
        if label in TEXTS:
            grid.ledger.mark(Use.LAYOUT, row, row + 1)
            continue
        grid.mark_block(Use.MEASURED, row, row + 1, 0, left + len(wells))
        yield _line(grid, row, left, label, wells)


def wells_layout(grid: Grid, found: Across) -> dict[str, LayoutEntry]:
    """What the lines above and below the wells say that they hold."""
    wells, left = _wells(grid, found.header, found.column), found.column + 1
    texts = {
        label: grid.texts(row, left, left + len(wells))
        for row in range(found.top, found.bottom)
        if (label := grid.text(row, found.column)) in TEXTS - {""}
    }
    return layout_of_groups(wells, texts, grid.numerals) if texts else {}


def _line(grid: Grid, row: int, left: int, label: str, wells: list[str]) -> Table:
    """What one line says of each well. Statistics stand at the first well of a group only."""
    numbers = grid.numbers(row, left, left + len(wells))
    values, odd = numbers.values, dict(numbers.odd)
    times = 0
    for at in list(odd) if split_label(label)[1] is None else ():
        seconds = clock(grid.cell(row, left + at))
        if seconds is not None:
            values[at], times = seconds, times + 1
            del odd[at]
    keep = [at for at, value in enumerate(values.tolist()) if value == value or at in odd]  # noqa: PLR0124
    return Table(
        label,
        Kind.ENDPOINT,
        row,
        tuple(wells[at] for at in keep),
        values[keep].reshape(-1, 1),
        tuple(well_flag(grid, wells[at], 0, text, row, left + at) for at, text in odd.items()),
        are_times=times > 0 and times == int(np.isfinite(values).sum()),
        hold_times=times > 0,
    )
