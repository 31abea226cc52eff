"""The views of BMG data: plate matrices, tables with a line for each well, tables on their side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from instruments.accounting import Use
from instruments.bmg_mars.labels import Optics, axis_seconds, is_bare_cycle, timed_label
from instruments.grids import Grid
from instruments.limits import PLATE_COLUMNS
from instruments.matrices import Matrix
from instruments.moments import seconds_of
from instruments.readings import Flag, Floats, Kind
from instruments.wells import row_index, standard_name, well_name

_SCALES = ("time", "wavelength")
_AXES = (*_SCALES, "temp", "cycle", "interval")
_LAYOUT = ("Content", "Group", "Standard Concentration", "Dilution", "Sample ID", "Name", "Volume")


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Values of one label in one view.

    Attributes:
        row: row of the grid where they start.
        axis: seconds or nanometres of each point; None for an endpoint.
        shape: rows and columns of the plate where the view draws it whole.
        optics: where they are known better than from the label.
    """

    label: str
    kind: Kind
    row: int
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...] = ()
    axis: Floats | None = None
    shape: tuple[int, int] | None = None
    temperature_c: Floats | None = None
    optics: Optics | None = None


@dataclass(slots=True)
class Layout:
    """Layout texts by well and by title, as written; numbers apart."""

    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, well: str, title: str, text: str) -> None:
        if text:
            self.texts.setdefault(well, {})[title] = text


def is_layout(title: str) -> bool:
    """Whether a title names what is in the wells and not what was measured."""
    bare = title.strip()
    return bare == "Layout" or bare.startswith(_LAYOUT)


def joined(label: str, kind: Kind, axis: Floats, parts: Sequence[View]) -> View:
    """One view of matrices that each hold a point of the axis; a well may miss some."""
    wells = tuple(dict.fromkeys(well for view in parts for well in view.wells))
    index = {well: i for i, well in enumerate(wells)}
    values = np.full((len(wells), len(parts)), np.nan)
    flags: list[Flag] = []
    for point, view in enumerate(parts):
        values[[index[well] for well in view.wells], point] = view.values[:, 0]
        flags += [replace(flag, index=point) for flag in view.flags]
    first = parts[0]
    return View(label, kind, first.row, wells, values, tuple(flags), axis, shape=first.shape)


def matrix_view(grid: Grid, matrix: Matrix, label: str) -> View:
    """The values of a matrix. An empty cell is a well that was not read: it is left out."""
    wells: list[str] = []
    values: list[float] = []
    flags: list[Flag] = []
    for plate_row, row in matrix.rows:
        numbers = grid.numbers(row, matrix.left, matrix.right)
        odd = dict(numbers.odd)
        for index, column in enumerate(matrix.columns):
            well = well_name(plate_row, column)
            if index in odd:
                flags.append(grid.flag(well, 0, odd[index], row, matrix.left + index))
            elif not np.isfinite(numbers.values[index]):
                continue
            wells.append(well)
            values.append(float(numbers.values[index]))
    array = np.array(values, dtype=np.float64).reshape(-1, 1)
    return View(
        label, Kind.ENDPOINT, matrix.header, tuple(wells), array, tuple(flags), shape=matrix.shape
    )


def matrix_layout(grid: Grid, matrix: Matrix, title: str, layout: Layout) -> None:
    for plate_row, row in matrix.rows:
        for index, column in enumerate(matrix.columns):
            text = grid.text(row, matrix.left + index)
            layout.add(well_name(plate_row, column), title, text)


@dataclass(frozen=True, slots=True)
class Lines:
    """A table with one line for each well.

    Attributes:
        header: row of the column titles.
        names: columns that hold the well: one (A01) or two (A and 1).
        layout: columns of the layout.
        first: first column with values.
    """

    header: int
    names: tuple[int, ...]
    layout: tuple[int, ...]
    first: int


def find_lines(grid: Grid, row: int) -> Lines | None:
    """The table of wells whose titles stand in this row."""
    first = _title(grid, row)
    if first not in {"Well", "Well Row"} or standard_name(grid.text(row, 1)) is not None:
        return None
    names = (0,) if first == "Well" else (0, 1)
    column = len(names)
    layout = []
    while column < len(grid.rows[row]) and (
        is_layout(grid.text(row, column)) or not grid.text(row, column)
    ):
        layout.append(column)
        column += 1
    return Lines(row, names, tuple(layout), column) if column < grid.width(row) else None


def line_views(grid: Grid, lines: Lines, layout: Layout, above: str = "") -> tuple[list[View], int]:
    """The views of a table of wells, one for each title, and the row after the table.

    Args:
        above: the title above the table, which counts where the columns have none.
    """
    titles = _filled_titles(grid, lines)
    if above.strip() and all(map(is_bare_cycle, titles)):
        titles = [above] * len(titles) if len(set(titles)) == 1 else [above + t for t in titles]
    # MARS writes standards, dilutions and the like before the values or after them.
    told = [*lines.layout, *(lines.first + i for i, t in enumerate(titles) if is_layout(t))]
    axes, row = _axis_rows(grid, lines)
    wells: list[str] = []
    rows: list[int] = []
    while row < len(grid):
        well = _well_of(grid, row, lines.names)
        if well is not None:
            wells.append(well)
            rows.append(row)
            for column in told:
                layout.add(well, grid.text(lines.header, column), grid.text(row, column))
        elif not grid.is_blank(row):
            break
        row += 1
    first = rows[0] if rows else row
    _mark_lines(grid, lines, [*axes, *range(first, row)], lines.first + len(titles))
    labelled = [timed_label(title) for title in titles]
    by_label: dict[str, list[int]] = {}
    for column, (label, _) in enumerate(labelled):
        if not is_layout(label):
            by_label.setdefault(label, []).append(column)
    views: list[View] = []
    for label, columns in by_label.items():
        times = [labelled[i][1] for i in columns]
        kind, axis = _axis(grid, axes, [lines.first + i for i in columns], times)
        values, flags = _by_well(grid, rows, wells, lines.first, columns)
        view = View(label, kind, lines.header, tuple(wells), values, tuple(flags), axis)
        if kind is Kind.KINETIC:
            view = replace(view, temperature_c=_temperature(grid, axes, lines.first, columns))
        views += _unstacked(view)
    return views, row


def _mark_lines(grid: Grid, lines: Lines, rows: Sequence[int], right: int) -> None:
    """The title, the axes and the wells; a line above them that is neither stays open."""
    for row in (lines.header, *rows):
        grid.ledger.mark(Use.MEASURED, row, row + 1, 0, right)


def _unstacked(view: View) -> Iterator[View]:
    """Endpoint columns of one title (a repeated read) stay reads of their own."""
    if view.kind is not Kind.ENDPOINT or view.values.shape[1] <= 1:
        yield _without_empty(view)
        return
    for point in range(view.values.shape[1]):
        flags = tuple(
            Flag(f.well, 0, f.flag, f.text, f.place) for f in view.flags if f.index == point
        )
        values = view.values[:, point : point + 1].copy()
        yield _without_empty(View(view.label, view.kind, view.row, view.wells, values, flags))


def _without_empty(view: View) -> View:
    """The view without the wells that hold neither number nor text: they were not read."""
    flagged = {flag.well for flag in view.flags}
    filled = np.asarray(np.isfinite(view.values).any(axis=1))
    keep = [i for i, well in enumerate(view.wells) if filled[i] or well in flagged]
    if len(keep) == len(view.wells):
        return view
    wells = tuple(view.wells[i] for i in keep)
    return replace(view, wells=wells, values=view.values[keep])


def find_columns(grid: Grid, row: int) -> int | None:
    """The first well column of a table on its side: `Well`, then well names to the right.

    Or `Well Row` with letters, and `Well Col` with numbers in the line below.
    """
    if _title(grid, row) not in {"Well", "Well Row"}:
        return None
    return next((c for c in (1, 2, 3) if _well_above(grid, row, c) is not None), None)


def _title(grid: Grid, row: int) -> str:
    """The first cell of a row; MARS may break a title in two."""
    return grid.text(row, 0).replace("\n", " ")


def _well_above(grid: Grid, header: int, column: int) -> str | None:
    """The well of a column in a table on its side."""
    if _title(grid, header) == "Well":
        return standard_name(grid.text(header, column))
    if _title(grid, header + 1) != "Well Col":
        return None
    return _of_letter_and_number(grid.text(header, column), grid.number(header + 1, column))


def column_views(grid: Grid, header: int, first: int, layout: Layout) -> tuple[list[View], int]:
    """The views of a table with wells as columns, and the row after it."""
    wells: list[str] = []
    while (well := _well_above(grid, header, first + len(wells))) is not None:
        wells.append(well)
    right = first + len(wells)
    axis_label, row = "", header + (1 if _title(grid, header) == "Well" else 2)
    groups: dict[str, list[int]] = {}
    while row < len(grid) and not grid.is_blank(row):
        title = str(grid.cell(row, 0))
        axis_label = axis_label or (grid.text(row, first - 1) if first > 1 else "")
        if is_layout(title):
            for index, name in enumerate(wells):
                layout.add(name, title.strip(), grid.text(row, first + index))
        elif title.strip():
            groups.setdefault(title, []).append(row)
        row += 1
    grid.ledger.mark(Use.MEASURED, header, row, 0, right)
    views = []
    for label, rows in groups.items():
        axis_cells = [grid.cell(r, first - 1) for r in rows] if first > 1 else []
        kind, axis = _axis_of_cells(grid, axis_label, axis_cells)
        values, flags = _by_point(grid, rows, wells, first, right)
        views.append(
            _without_empty(View(label, kind, rows[0], tuple(wells), values, tuple(flags), axis))
        )
    return views, row


def _filled_titles(grid: Grid, lines: Lines) -> list[str]:
    """Titles of the value columns; an empty one repeats the one before it (merged cells)."""
    width = grid.width(lines.header)
    titles: list[str] = []
    for column in range(lines.first, width):
        title = str(grid.cell(lines.header, column)).replace("\n", " ")
        titles.append(title if title.strip() or not titles else titles[-1])
    return titles


def _axis_rows(grid: Grid, lines: Lines) -> tuple[dict[int, str], int]:
    """The axes between the titles and the first well, with their labels, and the row below them."""
    axes: dict[int, str] = {}
    row = lines.header + 1
    while row < len(grid) and _well_of(grid, row, lines.names) is None:
        names = [grid.text(row, column) for column in range(lines.first)]
        label = next((name for name in reversed(names) if name), "").lower()
        if label.startswith(_AXES):
            axes[row] = label
        row += 1
    return axes, row


def _axis(
    grid: Grid, axes: Mapping[int, str], columns: list[int], times: Sequence[float | None]
) -> tuple[Kind, Floats | None]:
    if all(time is not None for time in times):
        return Kind.KINETIC, np.array(times, dtype=np.float64)
    row = next((row for row, label in axes.items() if label.startswith(_SCALES)), None)
    if row is None:
        return Kind.ENDPOINT, None
    return _axis_of_cells(grid, axes[row], [grid.cell(row, column) for column in columns])


def _temperature(
    grid: Grid, axes: Mapping[int, str], first: int, columns: list[int]
) -> Floats | None:
    """The temperature of each cycle, where a row between titles and wells gives it."""
    for row, label in axes.items():
        if label.startswith("temp"):
            cells = [grid.cell(row, first + column) for column in columns]
            values = grid.numerals.many(cells).values
            return values if np.isfinite(values).any() else None
    return None


def _axis_of_cells(grid: Grid, label: str, cells: Sequence[object]) -> tuple[Kind, Floats | None]:
    """Time and wavelength axes by their label; an axis without a known label is none."""
    lower = label.strip().lower()
    if not cells or not lower.startswith(_SCALES):
        return Kind.ENDPOINT, None
    numbers = grid.numerals.many(cells).values  # type: ignore[arg-type]
    if lower.startswith("wavelength"):
        return Kind.SPECTRUM, numbers
    unit = axis_seconds(lower)
    if unit is not None and np.isfinite(numbers).all():
        return Kind.KINETIC, numbers * unit
    seconds = [seconds_of(cell) for cell in cells]  # type: ignore[arg-type]
    times = [np.nan if second is None else second for second in seconds]
    return Kind.KINETIC, np.array(times, dtype=np.float64)


def _well_of(grid: Grid, row: int, names: tuple[int, ...]) -> str | None:
    if len(names) == 1:
        return standard_name(grid.text(row, names[0]))
    return _of_letter_and_number(grid.text(row, names[0]), grid.number(row, names[1]))


def _of_letter_and_number(letter: str, number: float | None) -> str | None:
    index = row_index(letter)
    if index is None or number is None or number not in range(1, PLATE_COLUMNS + 1):
        return None
    return well_name(index, round(number) - 1)


def _by_well(
    grid: Grid, rows: list[int], wells: list[str], first: int, columns: list[int]
) -> tuple[Floats, list[Flag]]:
    values = np.full((len(rows), len(columns)), np.nan)
    flags: list[Flag] = []
    low, high = min(columns), max(columns) + 1
    picked = np.array(columns) - low
    point = {column: index for index, column in enumerate(columns)}
    for index, row in enumerate(rows):
        numbers = grid.numbers(row, first + low, first + high)
        values[index] = numbers.values[picked]
        for at, text in numbers.odd:
            if low + at in point:
                place = first + low + at
                flags.append(grid.flag(wells[index], point[low + at], text, row, place))
    return values, flags


def _by_point(
    grid: Grid, rows: list[int], wells: list[str], left: int, right: int
) -> tuple[Floats, list[Flag]]:
    values = np.full((len(rows), right - left), np.nan)
    flags: list[Flag] = []
    for index, row in enumerate(rows):
        numbers = grid.numbers(row, left, right)
        values[index] = numbers.values
        flags += [grid.flag(wells[at], index, text, row, left + at) for at, text in numbers.odd]
    return values.T.copy(), flags
