"""Time courses: one line per time, or one line per well below its times."""

from collections.abc import Sequence

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.tecan_icontrol.table import Odd, well_of
from instruments.tecan_magellan.values import (
    POSITIONS,
    Block,
    Planned,
    Values,
    temperature_of,
    time_of,
)


def course(grid: Grid, top: int, bottom: int, planned: Planned) -> Values | None:
    """Labels one below the other, a line of well names, then one line per time."""
    first = next((r for r in range(top, bottom) if time_of(grid.text(r, 0)) is not None), None)
    if first is None:
        return None
    names = first - 1
    wells = [
        (column, well)
        for column in range(1, grid.width(names) if names >= top else 0)
        if (well := well_of(grid.text(names, column)))
    ]
    labels = _labels(grid, top, names if wells else first)
    rows = [row for row in range(first, bottom) if not grid.is_blank(row)]
    found = Values(assumed_order=not wells)
    offset = 1 + (temperature_of(grid.text(first, 1)) is not None)
    wells = wells or _unnamed(grid, rows, offset, planned)
    grid.ledger.mark(Use.HEADER, top, first)
    for label, its in _shares(grid, labels, rows):
        found.blocks.append(_course_block(grid, label, its, wells, offset))
    return found


def _labels(grid: Grid, top: int, bottom: int) -> list[str]:
    labels = [grid.text(row, 0) for row in range(top, bottom)]
    return [label for label in labels if label and not POSITIONS.fullmatch(label)]


def _unnamed(
    grid: Grid, rows: Sequence[int], offset: int, planned: Planned
) -> list[tuple[int, str]]:
    """Wells without names stand row by row, all wells of the plate; empty ones were not read."""
    width = max(len(grid.rows[row]) for row in rows) - offset
    if all(grid.cell(row, offset + width - 1) == "" for row in rows):
        # A separator may end each line.
        wells = planned.order(width) or planned.order(width - 1)
    else:
        wells = planned.order(width)
    if wells is None:
        raise grid.malformed(rows[0], None, "names of the wells, or values for a whole plate")
    return [(offset + i, well) for i, well in enumerate(wells)]


def unnamed_lines(grid: Grid, top: int, bottom: int, planned: Planned) -> Values | None:
    """Times beside each other, then one line per well without its name; labels above the times."""
    head = next((r for r in range(top, bottom) if time_of(grid.text(r, 0)) is not None), None)
    if head is None:
        return None
    width = grid.width(head)
    times = [time_of(grid.text(head, column)) for column in range(width)]
    if None in times or time_of(grid.text(head + 1, 0)) is not None or grid.width(head + 1) > width:
        return None
    labels = _labels(grid, top, head)
    share, rest = divmod(width, max(1, len(labels)))
    rows = _lines_of_wells(grid, head + 1, bottom, width)
    wells = planned.order(len(rows))
    if wells is None or rest:
        raise grid.malformed(head + 1, 0, "one line for each well of a whole plate")
    grid.ledger.mark(Use.HEADER, top, head + 1)
    grid.ledger.mark(Use.MEASURED, rows[0], rows[-1] + 1, 0, width)
    lines = [grid.numbers(row, 0, width) for row in rows]
    table = np.array([line.values for line in lines])
    found = Values(assumed_order=True)
    for number, label in enumerate(labels or [None]):
        left, right = number * share, (number + 1) * share
        block = Block(label, wells, table[:, left:right])
        for well, (row, line) in enumerate(zip(rows, lines, strict=True)):
            block.odd += [
                Odd(well, at - left, text, row, at) for at, text in line.odd if left <= at < right
            ]
        if share > 1:
            block.time_s = np.array(times[left:right], dtype=np.float64)
        found.blocks.append(block)
    return found


def _lines_of_wells(grid: Grid, first: int, bottom: int, width: int) -> list[int]:
    """Lines of values up to an empty one; a line of mere separators is a well that was not read."""
    rows: list[int] = []
    for row in range(first, bottom):
        if grid.is_blank(row) and (width == 1 or len(grid.rows[row]) < width):
            break
        rows.append(row)
    if any(not grid.is_blank(row) for row in range(first + len(rows), bottom)):
        raise grid.malformed(first + len(rows), 0, "one line for each well of a whole plate")
    return rows


def _shares(grid: Grid, labels: list[str], rows: list[int]) -> list[tuple[str | None, list[int]]]:
    """Which lines belong to which label: equal shares, or as the times start again."""
    times = [time_of(grid.text(row, 0)) for row in rows]
    for row, time in zip(rows, times, strict=True):
        if time is None:
            raise grid.malformed(row, 0, "a time, or the date below the last line")
    if labels:
        if len(rows) % len(labels):
            raise grid.malformed(rows[-1], 0, f"as many lines for each of {len(labels)} labels")
        share = len(rows) // len(labels)
        return [(label, rows[i * share : (i + 1) * share]) for i, label in enumerate(labels)]
    parts: list[list[int]] = []
    last = np.inf
    for row, time in zip(rows, times, strict=True):
        if time is not None and time <= last:
            parts.append([])
        parts[-1].append(row)
        last = last if time is None else time
    return [(None, part) for part in parts]


def _course_block(
    grid: Grid, label: str | None, rows: list[int], wells: list[tuple[int, str]], offset: int
) -> Block:
    right = wells[-1][0] + 1
    lines = [grid.numbers(row, 0, right) for row in rows]
    table = np.array([line.values for line in lines])
    columns = {column: index for index, (column, _) in enumerate(wells)}
    block = Block(label, [well for _, well in wells], table[:, list(columns)].T)
    for point, (row, line) in enumerate(zip(rows, lines, strict=True)):
        block.odd += [
            Odd(columns[at], point, text, row, at) for at, text in line.odd if at in columns
        ]
        grid.ledger.mark(Use.MEASURED, row, row + 1, 0, right)
    if len(rows) > 1:
        block.time_s = np.array([time_of(grid.text(row, 0)) for row in rows], dtype=np.float64)
    warmth = [temperature_of(grid.text(row, 1)) for row in rows] if offset > 1 else [None]
    if None not in warmth:
        block.temperature_c = np.array(warmth, dtype=np.float64)
    return block
