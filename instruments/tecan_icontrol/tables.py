"""The tables of numbers in a sheet: where they are, and their wells, axes and values.

A table is known by its first cell: `<>` opens a plate matrix or a list of wells, `Cycle Nr.` a
kinetic table (cycles in columns or in rows), `Cycles / Well` a block for one well, `Well` a list
with several reads per well, `Wavel.` a scan.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Numbers
from instruments.readings import Floats, Kind
from instruments.tecan_icontrol import words
from instruments.wells import row_index, standard_name, well_name

_WELL = re.compile(r"[A-Z]{1,2}\d{1,2}")
_MOST_COLUMNS = 48
_OPENING = frozenset("<CcZzTtWw '")  # first letters of the words that open a table


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that holds a text in place of a number; well and point count from 0."""

    well: int
    point: int
    text: str
    row: int
    column: int


@dataclass(slots=True)
class Table:
    """One table.

    Attributes:
        top, bottom: its rows, the header line first, the end exclusive.
        values: wells by points.
        deviations: what the software computed beside the mean of a well.
        positions: single reads within a well: (well, name of the position, values).
    """

    top: int
    bottom: int
    kind: Kind
    wells: list[str] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    odd: list[Odd] = field(default_factory=list)
    time_s: Floats | None = None
    spectrum_nm: Floats | None = None
    temperature_c: Floats | None = None
    deviations: list[tuple[str, Floats]] = field(default_factory=list)
    positions: list[tuple[str, str, Floats]] = field(default_factory=list)

    def add(self, well: str, numbers: Numbers, row: int, left: int) -> None:
        """One well's points, which stand side by side from column `left`."""
        index = len(self.wells)
        self.wells.append(well)
        self.values.append(numbers.values)
        self.odd += [Odd(index, at, text, row, left + at) for at, text in numbers.odd]


def well_of(text: str) -> str | None:
    """A well name in A1 form; lower case is no well (depositors number their own rows a, b, c)."""
    return standard_name(text) if _WELL.fullmatch(text) else None


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
        return _matrix if _whole(grid, row, 1) is not None else _list
    if words.CYCLE.fullmatch(first) or words.TIME.fullmatch(first):
        return _by_columns if well_of(_after_axes(grid, row)) else _by_rows
    if words.CYCLES_PER_WELL.fullmatch(first):
        return _per_well
    if first == "Well" and grid.text(row, 1):
        return _list
    return _scan if words.WAVELENGTH.fullmatch(first) else None


def _after_axes(grid: Grid, row: int) -> str:
    """The first title right of cycle, time and temperature."""
    column = 1
    while words.TIME.fullmatch(grid.text(row, column)) or words.TEMPERATURE.fullmatch(
        grid.text(row, column)
    ):
        column += 1
    return grid.text(row, column)


def _whole(grid: Grid, row: int, column: int) -> int | None:
    text = grid.text(row, column)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004


def _matrix(grid: Grid, top: int, bottom: int) -> Table | None:
    """Row letters below `<>`, column numbers beside it."""
    columns: list[int] = []
    while (number := _whole(grid, top, len(columns) + 1)) is not None:
        columns.append(number)
    if min(columns) < 1 or max(columns) > _MOST_COLUMNS or len(set(columns)) != len(columns):
        raise grid.malformed(top, 1, f"column numbers from 1 to {_MOST_COLUMNS}")
    table = Table(top, top + 1, Kind.ENDPOINT)
    while table.bottom < bottom:
        plate_row = row_index(grid.text(table.bottom, 0))
        if plate_row is None:
            break
        numbers = grid.numbers(table.bottom, 1, 1 + len(columns))
        first = len(table.wells)
        table.wells += [well_name(plate_row, column - 1) for column in columns]
        table.values += list(numbers.values.reshape(-1, 1))
        table.odd += [Odd(first + at, 0, t, table.bottom, 1 + at) for at, t in numbers.odd]
        table.bottom += 1
    if table.bottom == top + 1:
        raise grid.malformed(table.bottom, 0, "the letter of a plate row")
    grid.ledger.mark(Use.MEASURED, top, table.bottom, 0, 1 + len(columns))
    return table


def _list(grid: Grid, top: int, bottom: int) -> Table | None:
    """One line per well: a value, or the mean of several reads and each of them."""
    titles = [grid.text(top, column) for column in range(grid.width(top))]
    value = next(
        (c for c, t in enumerate(titles) if c and (t.lower() in ("value", "wert") or _is_mean(t))),
        None,
    )
    if value is None:
        return None
    deviation = next((c for c, t in enumerate(titles) if words.DEVIATION.fullmatch(t)), None)
    places = [(c, t) for c, t in enumerate(titles) if words.POSITION.fullmatch(t)]
    table = Table(top, top + 1, Kind.ENDPOINT)
    while table.bottom < bottom and (well := well_of(grid.text(table.bottom, 0))):
        row = table.bottom
        table.add(well, grid.numbers(row, value, value + 1), row, value)
        if deviation is not None:
            numbers = grid.numbers(row, deviation, deviation + 1)
            table.deviations.append((well, numbers.values))
        for column, name in places:
            table.positions.append((well, name, grid.numbers(row, column, column + 1).values))
        table.bottom += 1
    if not table.wells:
        return None
    grid.ledger.mark(Use.HEADER, top, top + 1)
    for used in (0, value, deviation, *(c for c, _ in places)):
        if used is not None:
            grid.ledger.mark(Use.MEASURED, top + 1, table.bottom, used, used + 1)
    _mark_clock(grid, table, titles)
    return table


def _mark_clock(grid: Grid, table: Table, titles: Sequence[str]) -> None:
    """When each well was read within the matrix: a fact of the run, of no use as a time axis."""
    for column, title in enumerate(titles):
        if words.TIME.fullmatch(title):
            grid.ledger.mark(Use.HEADER, table.top + 1, table.bottom, column, column + 1)


def _is_mean(title: str) -> bool:
    return words.MEAN.fullmatch(title) is not None


def _by_rows(grid: Grid, top: int, bottom: int) -> Table | None:
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


def _by_columns(grid: Grid, top: int, bottom: int) -> Table | None:
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


def _scan(grid: Grid, top: int, bottom: int) -> Table | None:
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


def _per_well(grid: Grid, top: int, bottom: int) -> Table | None:
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
