"""Lists: one line per well, with a title line or without."""

from collections.abc import Sequence

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.numerals import Numbers
from instruments.tecan_icontrol.table import Odd, well_of
from instruments.tecan_magellan.values import (
    POSITIONS,
    Block,
    Planned,
    Values,
    column_of,
    temperature_of,
    time_of,
)

_MOST_HEADER_ROWS = 4
_MOST_COLUMNS_BEFORE = 3
_CONTENT = frozenset(("Layout", "Plattenbelegung"))


def well_list(grid: Grid, top: int, bottom: int, _planned: Planned) -> Values | None:
    """A title line with "Well positions", then one line per well."""
    titles = [grid.text(top, column) for column in range(grid.width(top))]
    at = next((c for c, title in enumerate(titles) if POSITIONS.fullmatch(title)), None)
    if at is None or len(titles) == 1:
        return None
    first = next((r for r in range(top + 1, bottom) if well_of(grid.text(r, at))), None)
    if first is None or first - top > _MOST_HEADER_ROWS:
        return None
    grid.ledger.mark(Use.HEADER, top, first)
    plate = next(
        (c for c, title in enumerate(titles) if title.lower() in ("plate", "platte")), None
    )
    rows = [row for row in range(first, bottom) if not grid.is_blank(row)]
    for row in rows:
        if well_of(grid.text(row, at)) is None:
            raise grid.malformed(row, at, "a well name, or the date below the last well")
    names = _plates(grid, rows, plate)
    width = max(grid.width(row) for row in rows)
    columns = [c for c in range(max(width, len(titles))) if c not in (at, plate)]
    found = Values()
    for name in dict.fromkeys(names):
        chosen = [row for row, its in zip(rows, names, strict=True) if its == name]
        wells = [well_of(grid.text(row, at)) or "" for row in chosen]
        if len(set(wells)) != len(wells):
            raise grid.malformed(chosen[0], at, "a list that names every well of a plate once")
        grid.ledger.mark(Use.MEASURED, chosen[0], chosen[-1] + 1, at, at + 1)
        _add_list(grid, found, chosen, wells, columns, (top, first), name)
    return found


def unnamed_list(grid: Grid, top: int, bottom: int, planned: Planned) -> Values | None:
    """Values and what the wells hold ("Layout") below their titles; the wells are not named."""
    titles = [grid.text(top, column) for column in range(grid.width(top))]
    value = next((c for c, title in enumerate(titles) if title not in _CONTENT), None)
    if not _CONTENT.intersection(titles) or value is None:
        return None
    first = next((r for r in range(top + 1, bottom) if grid.number(r, value) is not None), None)
    if first is None or first - top > _MOST_HEADER_ROWS:
        return None
    rows = [row for row in range(first, bottom) if not grid.is_blank(row)]
    wells = planned.order(len(rows))
    if wells is None:
        raise grid.malformed(first, 0, "one line for each well of a whole plate")
    grid.ledger.mark(Use.HEADER, top, first)
    found = Values(assumed_order=True)
    _add_list(grid, found, rows, wells, list(range(len(titles))), (top, first), None)
    return found


def _plates(grid: Grid, rows: Sequence[int], column: int | None) -> list[str | None]:
    """The plate of each row; a blank continues the plate above."""
    names: list[str | None] = []
    for row in rows:
        name = "" if column is None else grid.text(row, column)
        names.append(name or (names[-1] if names else None))
    return names


def _add_list(
    grid: Grid,
    found: Values,
    rows: list[int],
    wells: list[str],
    columns: list[int],
    head: tuple[int, int],
    plate: str | None,
) -> None:
    by_label: dict[str, list[int]] = {}
    title = ""
    for column in columns:
        title = grid.text(head[0], column) or title
        numbers = column_of(grid, rows, column)
        if np.isnan(numbers.values).all():
            if len(numbers.odd) == len(rows) or not title:
                _keep_samples(found, plate, wells, numbers)
                continue
            if not numbers.odd:
                continue
        by_label.setdefault(title, []).append(column)
    for label, its in by_label.items():
        found.blocks.append(_list_block(grid, label, wells, rows, its, head, plate))
    for column in columns:
        grid.ledger.mark(Use.MEASURED, rows[0], rows[-1] + 1, column, column + 1)


def _keep_samples(found: Values, plate: str | None, wells: list[str], texts: Numbers) -> None:
    for index, text in texts.odd:
        found.samples.setdefault((plate, wells[index]), text)


def _list_block(
    grid: Grid,
    label: str,
    wells: list[str],
    rows: list[int],
    columns: list[int],
    head: tuple[int, int],
    plate: str | None,
) -> Block:
    lines = [column_of(grid, rows, column) for column in columns]
    block = Block(label or None, wells, np.array([line.values for line in lines]).T, plate=plate)
    for point, (column, line) in enumerate(zip(columns, lines, strict=True)):
        block.odd += [Odd(well, point, text, rows[well], column) for well, text in line.odd]
    heads = [[grid.text(r, c) for r in range(head[0] + 1, head[1])] for c in columns]
    times = [next((t for x in cells if (t := time_of(x)) is not None), None) for cells in heads]
    warmth = [
        next((t for x in cells if (t := temperature_of(x)) is not None), None) for cells in heads
    ]
    if len(columns) > 1 and None not in times:
        block.time_s = np.array(times, dtype=np.float64)
    if None not in warmth:
        block.temperature_c = np.array(warmth, dtype=np.float64)
    return block


def bare_list(grid: Grid, top: int, bottom: int, _planned: Planned) -> Values | None:
    """Well, what it holds, values: a list without a title line, in any order of the first two."""
    rows = [row for row in range(top, bottom) if not grid.is_blank(row)]
    at = next((c for c in range(_MOST_COLUMNS_BEFORE) if well_of(grid.text(top, c))), None)
    if at is None:
        return None
    wells = [well_of(grid.text(row, at)) or "" for row in rows]
    for row, well in zip(rows, wells, strict=True):
        if not well:
            raise grid.malformed(row, at, "a well name, or the date below the last well")
    if len(set(wells)) != len(wells):
        raise grid.malformed(rows[0], at, "a list that names every well once")
    found = Values()
    for column in range(max(grid.width(row) for row in rows)):
        if column == at:
            continue
        numbers = column_of(grid, rows, column)
        if np.isnan(numbers.values).all():
            _keep_samples(found, None, wells, numbers)
            continue
        odd = [Odd(well, 0, text, rows[well], column) for well, text in numbers.odd]
        found.blocks.append(Block(None, wells, numbers.values.reshape(-1, 1), odd))
        grid.ledger.mark(Use.MEASURED, rows[0], rows[-1] + 1, column, column + 1)
    return found if found.blocks else None
