"""Tables of one value a well: plate matrices and lists."""

from collections.abc import Sequence

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.readings import Kind
from instruments.tecan_icontrol import words
from instruments.tecan_icontrol.table import Odd, Table, well_of
from instruments.wells import row_index, well_name

_MOST_COLUMNS = 48


def whole_number(grid: Grid, row: int, column: int) -> int | None:
    text = grid.text(row, column)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None  # noqa: PLR2004


def matrix(grid: Grid, top: int, bottom: int) -> Table | None:
    """Row letters below `<>`, column numbers beside it."""
    columns: list[int] = []
    while (number := whole_number(grid, top, len(columns) + 1)) is not None:
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


def well_list(grid: Grid, top: int, bottom: int) -> Table | None:
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
