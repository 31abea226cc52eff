"""The tables of a Gen5 export: wells in columns over an axis, plates as matrices, wells in rows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from instruments.accounting import Use
from instruments.biotek_gen5.procedure import split_label
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Cell
from instruments.readings import Flag, FlagKind, Floats, Kind
from instruments.wells import row_index, standard_name, well_name

LAYOUT_LABELS = ("Well ID", "Conc/Dil", "Name", "Sample ID")
_AXES = {
    "Time": Kind.KINETIC,
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


@dataclass(frozen=True, slots=True)
class Matrix:
    """A plate drawn as a matrix: where its column numbers stand.

    Attributes:
        header: row with the column numbers.
        left: column of the first number.
        columns: plate columns, from 0.
    """

    header: int
    left: int
    columns: tuple[int, ...]

    @property
    def right(self) -> int:
        """Column after the last number, where the label of each line stands."""
        return self.left + len(self.columns)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a matrix: plate row, label, and the row of the grid."""

    plate_row: int
    label: str
    row: int


def find_matrix(grid: Grid, row: int) -> Matrix | None:
    """The matrix whose column numbers stand in this row: 1 2 3 ..., after an empty corner."""
    cells = grid.rows[row]
    left = next((i for i, cell in enumerate(cells) if cell not in {"", " "}), None)
    if left is None or left == 0 or left > _LONGEST_AXIS_OFFSET:
        return None
    columns: list[int] = []
    for column in range(left, len(cells)):
        number = grid.number(row, column)
        if number is None or number != (columns[-1] + 2 if columns else round(number)):
            break
        columns.append(int(number) - 1)
    below = grid.text(row + 1, left - 1)
    if not columns or not 0 <= columns[0] <= columns[-1] < 48 or row_index(below) is None:  # noqa: PLR2004
        return None
    return Matrix(row, left, tuple(columns))


def lines_of_matrix(grid: Grid, matrix: Matrix, title: str) -> list[Line]:
    """The lines below the column numbers; the row letter stands on the first of its lines only."""
    lines: list[Line] = []
    plate_row: int | None = None
    for row in range(matrix.header + 1, len(grid)):
        letter = grid.text(row, matrix.left - 1)
        if grid.is_blank(row) or any(grid.text(row, c) for c in range(matrix.left - 1)):
            break
        if letter:
            plate_row = row_index(letter)
        if plate_row is None:
            break
        lines.append(Line(plate_row, grid.text(row, matrix.right) or title, row))
    return lines


def matrix_tables(grid: Grid, matrix: Matrix, lines: list[Line]) -> Iterator[Table]:
    """One endpoint table for each label of the matrix."""
    for label in dict.fromkeys(line.label for line in lines):
        wells: list[str] = []
        values: list[float] = []
        flags: list[Flag] = []
        times = 0
        # A lag time is written as a clock; what was measured never is.
        may_hold_times = split_label(label)[1] is None
        for line in lines:
            if line.label != label:
                continue
            numbers = grid.numbers(line.row, matrix.left, matrix.right)
            odd = dict(numbers.odd)
            for index, column in enumerate(matrix.columns):
                well, value = well_name(line.plate_row, column), float(numbers.values[index])
                if index in odd:
                    cell = grid.cell(line.row, matrix.left + index)
                    seconds = _clock(cell) if may_hold_times else None
                    if seconds is None:
                        flags.append(
                            _flag(grid, well, 0, odd[index], line.row, matrix.left + index)
                        )
                    else:
                        value, times = seconds, times + 1
                elif value != value:  # noqa: PLR0124 - an empty cell: the well was not read
                    continue
                wells.append(well)
                values.append(value)
        array = np.array(values, dtype=np.float64).reshape(-1, 1)
        yield Table(
            label,
            Kind.ENDPOINT,
            matrix.header,
            tuple(wells),
            array,
            tuple(flags),
            are_times=times > 0 and times == int(np.isfinite(array).sum()),
        )


def _clock(cell: Cell) -> float | None:
    return seconds_of(cell) if not isinstance(cell, str) or ":" in cell else None


def axis_column(grid: Grid, row: int) -> int | None:
    """The column of `Time`, `Wavelength` or `X Read #` when this row heads a table of wells."""
    for column in range(min(_LONGEST_AXIS_OFFSET, len(grid.rows[row]))):
        text = grid.text(row, column)
        if text in _AXES:
            has_well = _first_well(grid, row, column) is not None
            return column if has_well else None
        if text:
            return None
    return None


def axis_table(
    grid: Grid, row: int, column: int, title: str, intervals_s: tuple[float, ...]
) -> tuple[Table, int]:
    """The table headed by this row, and the row after it."""
    kind = _AXES[grid.text(row, column)]
    first = _first_well(grid, row, column) or column + 1
    wells = _wells(grid, row, first)
    between = [grid.text(row, c) for c in range(column + 1, first)]
    has_temperature = kind is Kind.KINETIC and bool(between)
    # A label with a comma is not quoted by Gen5: the header has more fields than the data.
    left = column + (1 if not between else 2)
    right = left + len(wells)
    bottom = _bottom(grid, row + 1, column)
    grid.ledger.mark(Use.HEADER, row, row + 1)
    grid.ledger.mark(Use.MEASURED, row + 1, bottom, 0, right)
    block = _Block(grid, row + 1, bottom, left, right)
    values, flags = block.values(wells)
    axis_cells = [grid.cell(r, column) for r in range(row + 1, bottom)]
    keep = _rows_to_keep(values, flags, kind)
    label = title or _label_from_header(between)
    table = Table(label, kind, row, wells, values[keep].T.copy(), _renumber(flags, keep))
    dropped = int((~keep).sum())
    if kind is Kind.AREA_SCAN:
        points = tuple(
            (int(grid.number(r, column) or 0), int(grid.number(r, column + 1) or 0))
            for r in range(row + 1, bottom)
        )
        return replace(table, points=points), bottom
    if kind is Kind.SPECTRUM:
        axis = grid.numerals.many(axis_cells).values[keep]
        return replace(table, axis=axis, dropped=dropped), bottom
    temperature = None
    if has_temperature:
        cells = [grid.cell(r, column + 1) for r in range(row + 1, bottom)]
        measured = grid.numerals.many(cells).values[keep]
        temperature = measured if np.isfinite(measured).any() else None
    axis = _times(grid, [axis_cells[i] for i in np.flatnonzero(keep)], intervals_s)
    return replace(
        table,
        axis=axis,
        temperature_c=temperature,
        has_temperature=has_temperature,
        dropped=dropped,
    ), bottom


def _flag(grid: Grid, well: str, index: int, text: str, row: int, column: int) -> Flag:
    flag = grid.flag(well, index, text, row, column)
    # Stars around a number: the user masked the well; it was read, but not to be used.
    masked = len(text) > 2 and text[0] == text[-1] == "*" and text.strip("*")  # noqa: PLR2004
    return replace(flag, flag=FlagKind.TEXT) if masked else flag


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
    row = top
    while row < len(grid) and grid.cell(row, column) != "" and not _is_text(grid, row, column):
        row += 1
    return row


def _is_text(grid: Grid, row: int, column: int) -> bool:
    cell = grid.cell(row, column)
    if not isinstance(cell, str):
        return False
    return seconds_of(cell) is None and grid.numerals.one(cell) is None


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
                flags.append(_flag(self.grid, wells[column], index, text, row, place))
        return rows, flags


def _rows_to_keep(values: Floats, flags: list[Flag], kind: Kind) -> NDArray[np.bool_]:
    """Rows of an unfinished run go: planned, but without any value. A scan keeps its corners."""
    keep = np.asarray(np.isfinite(values).any(axis=1), dtype=np.bool_)
    for flag in flags:
        keep[flag.index] = True
    return np.ones_like(keep) if kind is Kind.AREA_SCAN else keep


def _renumber(flags: list[Flag], keep: NDArray[np.bool_]) -> tuple[Flag, ...]:
    position = np.cumsum(keep) - 1
    return tuple(replace(flag, index=int(position[flag.index])) for flag in flags)


def _label_from_header(between: list[str]) -> str:
    """The label after the degree sign, which arrives as many things: `T° 600`, `T∞ 600`."""
    if not between:
        return ""
    return ",".join(between).partition(" ")[2].strip()


def _times(grid: Grid, cells: list[object], intervals_s: tuple[float, ...]) -> Floats:
    """Elapsed seconds. Bare numbers have no unit: the planned interval proves which one it is."""
    seconds = [seconds_of(cell) for cell in cells]  # type: ignore[arg-type]
    if cells and all(second is not None for second in seconds):
        times = np.array(seconds, dtype=np.float64)
        two_parts = all(isinstance(c, str) and c.count(":") == 1 and "." not in c for c in cells)
        return times * _factor(times, intervals_s, (1.0, 60.0)) if two_parts else times
    numbers = grid.numerals.many(cells).values  # type: ignore[arg-type]
    known = np.array([np.nan if s is None else s for s in seconds], dtype=np.float64)
    scaled = numbers * _factor(numbers, intervals_s, (1.0, 60.0, 3600.0, 86400.0))
    return np.where(np.isfinite(known), known, scaled)


def _factor(times: Floats, intervals_s: tuple[float, ...], factors: tuple[float, ...]) -> float:
    steps = np.diff(times)
    if len(times) < _ENOUGH_FOR_INTERVAL or not intervals_s:
        return factors[0]
    step = float(np.median(steps))
    for factor in factors:
        if any(abs(step * factor - interval) <= 0.02 * interval for interval in intervals_s):
            return factor
    return factors[0]
