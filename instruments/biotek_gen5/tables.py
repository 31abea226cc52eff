"""The tables of a Gen5 export that have an axis: wells in columns over times or wavelengths."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from instruments.accounting import Use
from instruments.biotek_gen5.cells import well_flag
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Cell
from instruments.readings import Flag, Floats, Kind
from instruments.wells import standard_name

AXES = {
    "Time": Kind.KINETIC,
    "Kinetic read": Kind.KINETIC,
    "Wavelength": Kind.SPECTRUM,
    "X Read #": Kind.AREA_SCAN,
}
_LONGEST_AXIS_OFFSET = 3
_ENOUGH_FOR_INTERVAL = 2


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Values of one label as one table of the file gives them.

    Attributes:
        top: row of the file where the table starts.
        wells: by row of `values`.
        axis: seconds, nanometres, or None for an endpoint.
        has_temperature: whether the table has a temperature column, as measured tables have.
        dropped: rows of an unfinished run that hold a time or wavelength but no value.
        are_times: whether all values were written as times (a calculated lag time) and are seconds.
        hold_times: whether any value was; such a table was never measured.
        lacks_unit: whether the times are bare numbers, taken as seconds for want of a unit.
    """

    label: str
    kind: Kind
    top: int
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...] = ()
    axis: Floats | None = None
    temperature_c: Floats | None = None
    has_temperature: bool = False
    points: tuple[tuple[int, int], ...] | None = None
    dropped: int = 0
    are_times: bool = False
    hold_times: bool = False
    lacks_unit: bool = False


def axis_column(grid: Grid, row: int) -> int | None:
    """The column of `Time`, `Wavelength` or `X Read #` when this row heads a table of wells."""
    for column in range(min(_LONGEST_AXIS_OFFSET, len(grid.rows[row]))):
        text = grid.text(row, column)
        if text in AXES:
            has_well = _first_well(grid, row, column) is not None
            return column if has_well else None
        if text:
            return None
    return None


def axis_table(
    grid: Grid, row: int, column: int, title: str, intervals_s: tuple[float, ...]
) -> tuple[Table, int]:
    """The table headed by this row, and the row after it."""
    kind = AXES[grid.text(row, column)]
    first = _first_well(grid, row, column) or column + 1
    wells = _wells(grid, row, first)
    between = [grid.text(row, c) for c in range(column + 1, first)]
    has_temperature = kind is Kind.KINETIC and bool(between)
    # A label with a comma is not quoted by Gen5: the header has more fields than the data.
    left = column + (1 if not between else 2)
    right = left + len(wells)
    bottom = _bottom(grid, row + 1, column)
    grid.ledger.mark(Use.HEADER, row, row + 1)
    grid.mark_block(Use.MEASURED, row + 1, bottom, 0, right)
    block = _Block(grid, row + 1, bottom, left, right)
    values, flags = block.values(wells)
    axis_cells = grid.column(column, row + 1, bottom)
    keep = _rows_to_keep(values, flags, kind)
    if kind is Kind.KINETIC and flags:
        keep &= ~unreached([seconds_of(cell) for cell in axis_cells], values.T, flags)
        flags = [flag for flag in flags if keep[flag.index]]
    label = (label_from_header(between) if has_temperature else "") or title
    table = Table(label, kind, row, wells, values[keep].T.copy(), _renumber(flags, keep))
    dropped = int((~keep).sum())
    if kind is Kind.AREA_SCAN:
        points = tuple(
            (int(grid.number(r, column) or 0), int(grid.number(r, column + 1) or 0))
            for r in range(row + 1, bottom)
        )
        return replace(table, points=points), bottom
    if kind is Kind.SPECTRUM:
        axis = grid.numerals.many([axis_cells[i] for i in np.flatnonzero(keep)]).values
        return replace(table, axis=axis, dropped=dropped), bottom
    temperature = None
    if has_temperature:
        cells = grid.column(column + 1, row + 1, bottom)
        measured = grid.numerals.many([cells[i] for i in np.flatnonzero(keep)]).values
        temperature = measured if np.isfinite(measured).any() else None
    kept = [axis_cells[i] for i in np.flatnonzero(keep)]
    axis = _times(grid, kept, intervals_s)
    return replace(
        table,
        axis=axis,
        lacks_unit=_lack_unit(kept, axis, intervals_s),
        temperature_c=temperature,
        has_temperature=has_temperature,
        dropped=dropped,
    ), bottom


def _first_well(grid: Grid, row: int, column: int) -> int | None:
    """The first column after the axis that names a well; a label with commas may stand between."""
    for candidate in range(column + 1, min(column + 6, len(grid.rows[row]))):
        if standard_name(grid.text(row, candidate)) is not None:
            return candidate
    return None


def _wells(grid: Grid, row: int, first: int) -> tuple[str, ...]:
    wells = []
    for column in range(first, len(grid.rows[row])):
        well = standard_name(grid.text(row, column))
        if well is None:
            break
        wells.append(well)
    return tuple(wells)


def _bottom(grid: Grid, top: int, column: int) -> int:
    """The row after the last one whose axis cell is a number or a time.

    A title such as `600` above the next table is neither, where no blank row parts them.
    """
    for row, cell in enumerate(grid.column(column, top, len(grid)), start=top):
        if isinstance(cell, str) and not cell.lstrip()[:1].isdigit():
            above = row - 1
            is_next = row > top and axis_column(grid, row) is not None
            is_title = ":" not in grid.text(above, column) and grid.width(above) <= column + 2
            return above if is_next and is_title else row
    return len(grid)


@dataclass(frozen=True, slots=True)
class _Block:
    grid: Grid
    top: int
    bottom: int
    left: int
    right: int

    def values(self, wells: tuple[str, ...]) -> tuple[Floats, list[Flag]]:
        """Rows by wells, and a flag for each text; `index` is the row of the block."""
        rows = np.full((self.bottom - self.top, self.right - self.left), np.nan)
        flags: list[Flag] = []
        for index, row in enumerate(range(self.top, self.bottom)):
            if len(self.grid.rows[row]) <= self.left:
                continue
            numbers = self.grid.numbers(row, self.left, self.right)
            rows[index] = numbers.values
            for column, text in numbers.odd:
                place = self.left + column
                flags.append(well_flag(self.grid, wells[column], index, text, row, place))
        return rows, flags


def _rows_to_keep(values: Floats, flags: list[Flag], kind: Kind) -> NDArray[np.bool_]:
    """Rows of an unfinished run go: planned, but without any value. A scan keeps its corners."""
    keep = np.asarray(np.isfinite(values).any(axis=1), dtype=np.bool_)
    for flag in flags:
        keep[flag.index] = True
    return np.ones_like(keep) if kind is Kind.AREA_SCAN else keep


def unreached(
    seconds: Sequence[float | None], values: Floats, flags: Iterable[Flag]
) -> NDArray[np.bool_]:
    """Points of an unfinished run that hold `?????` alone: their clock stands at zero again.

    Gen5 leaves the cells of a measured table empty there; what it calculates has no result.
    """
    clocks = np.array([np.nan if second is None else second for second in seconds])
    gone = (clocks == 0) & (np.fmax.accumulate(clocks) > 0) & ~np.isfinite(values).any(axis=0)
    for flag in flags:
        gone[flag.index] &= not flag.text.strip("?")
    return np.asarray(gone, dtype=np.bool_)


def _renumber(flags: list[Flag], keep: NDArray[np.bool_]) -> tuple[Flag, ...]:
    position = np.cumsum(keep) - 1
    return tuple(replace(flag, index=int(position[flag.index])) for flag in flags)


def label_from_header(between: list[str]) -> str:
    """The label after the degree sign, which arrives as many things: `T° 600`, `T∞ 600`."""
    if not between:
        return ""
    return ",".join(between).partition(" ")[2].strip()


def _times(grid: Grid, cells: Sequence[Cell], intervals_s: tuple[float, ...]) -> Floats:
    """Elapsed seconds. Bare numbers have no unit: the planned interval proves which one it is."""
    seconds = [seconds_of(cell) for cell in cells]
    if cells and all(second is not None for second in seconds):
        times = np.array(seconds, dtype=np.float64)
        two_parts = all(isinstance(c, str) and c.count(":") == 1 and "." not in c for c in cells)
        return times * _factor(times, intervals_s, (1.0, 60.0)) if two_parts else times
    numbers = grid.numerals.many(cells).values
    known = np.array([np.nan if s is None else s for s in seconds], dtype=np.float64)
    scaled = numbers * _factor(numbers, intervals_s, (1.0, 60.0, 3600.0, 86400.0))
    return np.where(np.isfinite(known), known, scaled)


def _lack_unit(cells: Sequence[Cell], axis: Floats, intervals_s: tuple[float, ...]) -> bool:
    """Whether times are bare numbers that no planned interval fits."""
    if len(axis) < _ENOUGH_FOR_INTERVAL or any(seconds_of(cell) is not None for cell in cells[:2]):
        return False
    step = float(np.median(np.diff(axis)))
    return not any(abs(step - interval) <= 0.02 * interval for interval in intervals_s)


def _factor(times: Floats, intervals_s: tuple[float, ...], factors: tuple[float, ...]) -> float:
    steps = np.diff(times)
    if len(times) < _ENOUGH_FOR_INTERVAL or not intervals_s:
        return factors[0]
    step = float(np.median(steps))
    for factor in factors:
        if any(abs(step * factor - interval) <= 0.02 * interval for interval in intervals_s):
            return factor
    return factors[0]


def join_blocks(tables: list[Table]) -> list[Table]:
    """Tables that are one read: same label and axis, other wells (384 wells in four blocks)."""
    joined: list[Table] = []
    for table in tables:
        last = next((i for i, other in enumerate(joined) if _continues(other, table)), None)
        if last is None:
            joined.append(table)
            continue
        first = joined[last]
        joined[last] = replace(
            first,
            wells=first.wells + table.wells,
            values=np.vstack((first.values, table.values)),
            flags=first.flags + table.flags,
        )
    return joined


def _continues(first: Table, table: Table) -> bool:
    if first.label != table.label:
        return False
    return has_axis_of(first, table) and not set(first.wells) & set(table.wells)


def has_axis_of(first: Table, table: Table) -> bool:
    """Whether a table has the times, wavelengths or points of another."""
    if first.kind is not table.kind or first.points != table.points:
        return False
    if first.values.shape[1:] != table.values.shape[1:]:
        return False
    return (first.axis is None and table.axis is None) or (
        first.axis is not None
        and table.axis is not None
        and np.array_equal(first.axis, table.axis, equal_nan=True)
    )
