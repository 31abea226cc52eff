"""Gen5 tables with a line for each well: one column a label, or one column a time."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from instruments.accounting import Use
from instruments.biotek_gen5.cells import are_filters, well_flag
from instruments.biotek_gen5.layout import layout_of_groups
from instruments.biotek_gen5.matrix import clock
from instruments.biotek_gen5.procedure import split_label
from instruments.biotek_gen5.tables import Table
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Flag, Kind, LayoutEntry
from instruments.wells import standard_name

_FURTHEST_LEFT = 4
TEXTS = frozenset({"Well ID", "Name", "Conc/Dil", "Sample ID", "Group", ""})


@dataclass(frozen=True, slots=True)
class WellList:
    """Where a list of wells stands: its header, the column of the well names, its last row."""

    header: int
    column: int
    bottom: int


def find_list(grid: Grid, row: int) -> WellList | None:
    """The list headed by this row: a cell `Well`, and well names below it."""
    for column in range(min(_FURTHEST_LEFT, len(grid.rows[row]))):
        if grid.text(row, column) in {"Well", "Wells"}:
            bottom = row + 1
            while bottom < len(grid) and standard_name(grid.text(bottom, column)) is not None:
                bottom += 1
            return WellList(row, column, bottom) if bottom > row + 1 else None
    return None


def list_tables(grid: Grid, found: WellList, title: str) -> Iterator[Table]:
    """One kinetic table where the columns are times, else one endpoint table for each column."""
    titles = _titles(grid, found)
    columns = [
        column for column in range(found.column + 1, len(titles)) if titles[column] not in TEXTS
    ]
    grid.ledger.mark(Use.HEADER, found.header, found.header + 1)
    for column, written in enumerate(titles):
        if written in TEXTS - {""}:
            grid.ledger.mark(Use.LAYOUT, found.header + 1, found.bottom, column, column + 1)
    times = [seconds_of(grid.cell(found.header, column)) for column in columns]
    seconds = [time for time in times if time is not None]
    if len(columns) > 1 and len(seconds) == len(columns):
        axis = np.array(seconds, dtype=np.float64)
        yield _table(grid, found, columns, title, Kind.KINETIC, axis)
        return
    for column in columns:
        yield _table(grid, found, [column], titles[column], Kind.ENDPOINT, None)


def list_layout(grid: Grid, found: WellList) -> dict[str, LayoutEntry]:
    """What the columns of a list say the wells hold."""
    titles, rows = _titles(grid, found), range(found.header + 1, found.bottom)
    wells = [str(standard_name(grid.text(row, found.column))) for row in rows]
    texts = {
        title: [grid.text(row, column) for row in rows]
        for column, title in enumerate(titles)
        if title in TEXTS - {""}
    }
    return layout_of_groups(wells, texts, grid.numerals) if texts else {}


def _titles(grid: Grid, found: WellList) -> list[str]:
    """The titles of the columns; one with a comma is two fields of a comma-delimited text."""
    titles = grid.texts(found.header, 0, grid.width(found.header))
    rows = range(found.header + 1, found.bottom)
    widest = max(map(grid.width, rows))
    at = 0
    while len(titles) > widest and at + 1 < len(titles):
        if are_filters(titles[at], titles[at + 1]):
            titles[at : at + 2] = [f"{titles[at]},{titles[at + 1]}"]
        at += 1
    return titles


def _table(
    grid: Grid,
    found: WellList,
    columns: list[int],
    label: str,
    kind: Kind,
    axis: np.ndarray[tuple[int], np.dtype[np.float64]] | None,
) -> Table:
    left, right = columns[0], columns[-1] + 1
    picked = [column - left for column in columns]
    wells: list[str] = []
    rows: list[list[float]] = []
    flags: list[Flag] = []
    # A lag time is written as a clock; what was measured never is.
    may_hold_times = split_label(label)[1] is None
    times = 0
    for row in range(found.header + 1, found.bottom):
        numbers = grid.numbers(row, left, right)
        odd = {at: text for at, text in numbers.odd if at in picked}
        for at in [at for at in odd if may_hold_times]:
            seconds = clock(grid.cell(row, left + at))
            if seconds is not None:
                numbers.values[at], times = seconds, times + 1
                del odd[at]
        values = numbers.values[picked].tolist()
        if not odd and all(value != value for value in values):  # noqa: PLR0124
            continue
        well = str(standard_name(grid.text(row, found.column)))
        wells.append(well)
        rows.append(values)
        for at, text in odd.items():
            flags.append(well_flag(grid, well, picked.index(at), text, row, left + at))
    grid.ledger.mark(Use.MEASURED, found.header + 1, found.bottom, left, right)
    values_array = np.array(rows, dtype=np.float64).reshape(len(rows), len(columns))
    return Table(
        label,
        kind,
        found.header,
        tuple(wells),
        values_array,
        tuple(flags),
        axis,
        are_times=times > 0 and times == int(np.isfinite(values_array).sum()),
        hold_times=times > 0,
    )
