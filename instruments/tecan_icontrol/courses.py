"""Tables of many values a well: kinetics and wavelength scans."""

from collections.abc import Sequence

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Floats, Kind
from instruments.tecan_icontrol import words
from instruments.tecan_icontrol.table import Odd, Table, well_of


def by_rows(grid: Grid, top: int, bottom: int) -> Table | None:
    """One line per well, cycles in columns."""
    has_cycles = words.CYCLE.fullmatch(grid.text(top, 0)) is not None
    points = grid.width(top) - 1
    table = Table(top, top + has_cycles, Kind.KINETIC)
    while points > 0 and table.bottom < bottom:
        row = table.bottom
        title = grid.text(row, 0)
        well = well_of(title)
        if well is not None:
            table.add(well, grid.numbers(row, 1, 1 + points), row, 1)
        elif words.TIME.fullmatch(title) and table.time_s is None:
            table.time_s = _times(grid, row, 1, 1 + points, title)
        elif words.TEMPERATURE.fullmatch(title) and table.temperature_c is None:
            table.temperature_c = grid.numbers(row, 1, 1 + points).values
        else:
            break
        table.bottom += 1
    if not table.wells:
        return None
    grid.ledger.mark(Use.MEASURED, top, table.bottom, 0, 1 + points)
    return table


def by_columns(grid: Grid, top: int, bottom: int) -> Table | None:
    """One line per cycle, wells in columns."""
    titles = [grid.text(top, column) for column in range(grid.width(top))]
    wells = [(column, well) for column, title in enumerate(titles) if (well := well_of(title))]
    time = next((c for c, t in enumerate(titles) if words.TIME.fullmatch(t)), None)
    warmth = next((c for c, t in enumerate(titles) if words.TEMPERATURE.fullmatch(t)), None)
    table = Table(top, top + 1, Kind.KINETIC)
    while table.bottom < bottom and grid.number(table.bottom, 0) is not None:
        table.bottom += 1
    rows = range(top + 1, table.bottom)
    if not rows:
        return None
    if time is not None:
        table.time_s = np.concatenate(
            [_times(grid, row, time, time + 1, titles[time]) for row in rows]
        )
    if warmth is not None:
        table.temperature_c = _column(grid, rows, warmth)
    _transpose(grid, table, rows, wells)
    grid.ledger.mark(Use.MEASURED, top, table.bottom, 0, len(titles))
    return table


def scan(grid: Grid, top: int, bottom: int) -> Table | None:
    """A spectrum: one line per wavelength and wells in columns, or the other way round."""
    titles = [grid.text(top, column) for column in range(grid.width(top))]
    wells = [(column, well) for column, title in enumerate(titles) if (well := well_of(title))]
    table = Table(top, top + 1, Kind.SPECTRUM)
    if not wells:
        return _scan_by_rows(grid, table, bottom)
    while table.bottom < bottom and grid.number(table.bottom, 0) is not None:
        table.bottom += 1
    rows = range(top + 1, table.bottom)
    if not rows:
        return None
    table.spectrum_nm = _column(grid, rows, 0)
    _transpose(grid, table, rows, wells)
    grid.ledger.mark(Use.MEASURED, top, table.bottom, 0, len(titles))
    return table


def _scan_by_rows(grid: Grid, table: Table, bottom: int) -> Table | None:
    points = grid.width(table.top) - 1
    numbers = grid.numbers(table.top, 1, 1 + points)
    if points < 1 or np.isnan(numbers.values).any():
        return None
    table.spectrum_nm = numbers.values
    while table.bottom < bottom and (well := well_of(grid.text(table.bottom, 0))):
        table.add(well, grid.numbers(table.bottom, 1, 1 + points), table.bottom, 1)
        table.bottom += 1
    if not table.wells:
        return None
    grid.ledger.mark(Use.MEASURED, table.top, table.bottom, 0, 1 + points)
    return table


def per_well(grid: Grid, top: int, bottom: int) -> Table | None:
    """Blocks of one well each: its name and the cycles, times, temperatures, Mean and the rest."""
    table = Table(top, top, Kind.KINETIC)
    row = top
    while row < bottom and words.CYCLES_PER_WELL.fullmatch(grid.text(row, 0)):
        end = _one_well(grid, row, bottom, table)
        if end is None:
            break
        table.bottom = row = end
        while row < bottom and grid.is_blank(row):
            row += 1
    return table if table.wells else None


def _one_well(grid: Grid, top: int, bottom: int, table: Table) -> int | None:
    """The block of one well, from its line of cycles; the row after it, or None if it is none."""
    head = top + 1
    well = well_of(grid.text(head, 0))
    if well is None:
        return None
    points = grid.width(head) - 1
    row, value, mean = head + 1, None, None
    while row < bottom and (title := grid.text(row, 0)):
        if words.MEAN.fullmatch(title):
            mean = row
        elif well_of(title) == well:
            value = row
        elif not _well_line(grid, row, well, points, table):
            break
        row += 1
    value = value if mean is None else mean
    if value is None or points < 1:
        raise grid.malformed(head, 0, "the Mean of this well below its cycles")
    if table.values and points != len(table.values[0]):
        raise grid.malformed(head, 0, f"{len(table.values[0])} cycles as for the wells before")
    table.add(well, grid.numbers(value, 1, 1 + points), value, 1)
    grid.ledger.mark(Use.MEASURED, top, row, 0, 1 + points)
    return row


def _well_line(grid: Grid, row: int, well: str, points: int, table: Table) -> bool:
    """Whether a line beside the Mean of a well's block is known."""
    title = grid.text(row, 0)
    if words.TIME.fullmatch(title):
        if table.time_s is None:
            table.time_s = _times(grid, row, 1, 1 + points, title)
    elif words.TEMPERATURE.fullmatch(title):
        if table.temperature_c is None:
            table.temperature_c = grid.numbers(row, 1, 1 + points).values
    elif words.DEVIATION.fullmatch(title):
        table.deviations.append((well, grid.numbers(row, 1, 1 + points).values))
    elif words.POSITION.fullmatch(title):
        table.positions.append((well, title, grid.numbers(row, 1, 1 + points).values))
    else:
        return False
    return True


def _times(grid: Grid, row: int, left: int, right: int, title: str) -> Floats:
    """Elapsed seconds, from numbers in the unit of the title or from h:mm:ss."""
    match = words.TIME.fullmatch(title)
    numbers = grid.numbers(row, left, right)
    seconds = numbers.values * words.SECONDS[match[1].lower() if match else "s"]
    for at, _ in numbers.odd:
        elapsed = seconds_of(grid.cell(row, left + at))
        if elapsed is None:
            raise grid.malformed(row, left + at, "a time")
        seconds[at] = elapsed
    return seconds


def _column(grid: Grid, rows: range, column: int) -> Floats:
    return grid.numerals.many([grid.cell(row, column) for row in rows]).values


def _transpose(grid: Grid, table: Table, rows: range, wells: Sequence[tuple[int, str]]) -> None:
    """Wells in columns become wells in rows."""
    left, right = wells[0][0], wells[-1][0] + 1
    lines = [grid.numbers(row, left, right) for row in rows]
    values = np.array([line.values for line in lines]).T
    index = {column: at for at, (column, _) in enumerate(wells)}
    for column, well in wells:
        table.wells.append(well)
        table.values.append(values[column - left])
    for point, (row, line) in enumerate(zip(rows, lines, strict=True)):
        for at, text in line.odd:
            if left + at in index:
                table.odd.append(Odd(index[left + at], point, text, row, left + at))
