"""Down the rows of one text or sheet: head, titles, cycles, matrices, tables."""

from dataclasses import dataclass, field, replace

import numpy as np

from instruments.accounting import Use
from instruments.bmg_mars.header import Header, read_mode, read_pairs
from instruments.bmg_mars.labels import cycle_time, is_measured, is_temperature, without_number
from instruments.bmg_mars.spectra import with_spectra
from instruments.bmg_mars.views import (
    Layout,
    View,
    column_views,
    find_columns,
    find_lines,
    is_layout,
    joined,
    line_views,
    matrix_layout,
    matrix_view,
)
from instruments.grids import Grid
from instruments.matrices import Matrix, matrices_at
from instruments.readings import Kind, Severity
from instruments.source import Source

_PROTOCOL = "Protocol Information"


@dataclass(slots=True)
class Sections:
    """What one text or sheet holds."""

    source: Source
    grid: Grid
    header: Header = field(default_factory=Header)
    views: list[View] = field(default_factory=list)
    layout: Layout = field(default_factory=Layout)
    plate_type: str = ""

    def add(self, other: "Sections") -> None:
        """Take what another sheet of the same run adds. The same values in another view go."""
        for view in other.views:
            twin = next((mine for mine in self.views if _is_twin(mine, view)), None)
            if twin is None:
                self.views.append(view)
                continue
            sheet = other.grid.sheet
            if _same_values(twin, view):
                text = f"sheet {sheet!r} repeats {view.label.strip()}; it was read once"
                self.source.note(Severity.INFO, text)
            else:
                text = f"sheet {sheet!r} gives other values for {view.label.strip()}"
                self.source.note(Severity.WARNING, text, other.grid.place(view.row))
                self.views.append(view)
        for well, facts in other.layout.texts.items():
            for title, text in facts.items():
                self.layout.texts.setdefault(well, {}).setdefault(title, text)
        self.plate_type = self.plate_type or other.plate_type
        self.header.mode = self.header.mode or other.header.mode


def read_sections(sections: Sections) -> None:
    """Fill in what the grid holds."""
    grid, row, titles = sections.grid, 0, ""
    cycles: list[tuple[float, list[View]]] = []
    while row < len(grid):
        after = _table(sections, row, titles)
        if after is not None:
            row, titles = after, ""
            continue
        matrices = list(matrices_at(grid, row)) if not grid.is_blank(row) else []
        if matrices:
            target = cycles[-1][1] if cycles else sections.views
            for matrix in matrices:
                _matrix(sections, matrix, titles, target)
            row, titles = max(matrix.bottom for matrix in matrices), ""
            continue
        seconds = cycle_time(_first_text(grid, row))
        if seconds is not None:
            cycles.append((seconds, []))
            grid.ledger.mark(Use.HEADER, row, row + 1)
        elif not _is_head(sections, row) and _first_text(grid, row):
            titles = _first_text(grid, row, raw=True)
        row += 1
    sections.views += _stack_cycles(cycles)
    sections.views = with_spectra([view for view in sections.views if view.wells])
    sections.views = _with_temperature(sections.views)
    if grid.sheet == _PROTOCOL:
        grid.ledger.mark(Use.HEADER, 0, len(grid))


def _is_head(sections: Sections, row: int) -> bool:
    grid = sections.grid
    if grid.text(row, 0) == "Microplate name:":
        sections.plate_type = grid.text(row, 1)
    return read_pairs(grid, row, sections.header) or read_mode(grid, row, sections.header)


def _with_temperature(views: list[View]) -> list[View]:
    """The views with the temperature that MARS repeats for each well as if it were measured there.

    Where it differs between wells it stays a view of its own.
    """
    warmth = [view for view in views if is_temperature(view.label) and _is_one_for_all(view)]
    if not warmth or len(warmth) == len(views):
        return views
    for each in warmth:
        alike = [view for view in views if view not in warmth and _is_at_once(view, each)]
        for view in alike:
            views[views.index(view)] = replace(view, temperature_c=each.values[0].copy())
        if alike:
            views.remove(each)
    return views


def _is_one_for_all(view: View) -> bool:
    return bool((view.values == view.values[0]).all())


def _is_at_once(view: View, other: View) -> bool:
    """Whether two views hold as many points at the same times."""
    if view.axis is None or other.axis is None:
        return view.axis is other.axis and view.values.shape[1] == other.values.shape[1]
    return np.array_equal(view.axis, other.axis)


def _table(sections: Sections, row: int, title: str) -> int | None:
    """The row after the table of wells that starts here, or None."""
    grid = sections.grid
    first = find_columns(grid, row)
    if first is not None:
        views, after = column_views(grid, row, first, sections.layout)
        sections.views += views
        return after
    lines = find_lines(grid, row)
    if lines is None:
        return None
    views, after = line_views(grid, lines, sections.layout, title)
    sections.views += views
    return after


def _matrix(sections: Sections, matrix: Matrix, title: str, target: list[View]) -> None:
    grid = sections.grid
    # The title of a matrix that stands beside others is right above its first column.
    above = str(grid.cell(matrix.header - 1, matrix.left)) if matrix.header else ""
    label = without_number(above if above.strip() and matrix.left > 1 else title)
    plain = label.strip()
    use = Use.LAYOUT if is_layout(plain) else Use.MEASURED
    if use is Use.MEASURED and not is_measured(plain):
        use = Use.CALCULATED
    # What stands between the letters and the first column belongs to another matrix, or to none.
    grid.ledger.mark(use, matrix.header, matrix.bottom, matrix.letters, matrix.letters + 1)
    grid.ledger.mark(use, matrix.header, matrix.bottom, matrix.left, matrix.right)
    if is_layout(plain):
        matrix_layout(grid, matrix, plain, sections.layout)
        _plate_type(sections, matrix)
    elif not plain:
        # Without a title nobody can say whether the values were measured.
        text = "a matrix without a title was taken as measured"
        sections.source.note(Severity.WARNING, text, grid.place(matrix.header))
        target.append(matrix_view(grid, matrix, "Raw Data"))
    else:
        target.append(matrix_view(grid, matrix, label))


def _plate_type(sections: Sections, matrix: Matrix) -> None:
    for column in range(matrix.right, sections.grid.width(matrix.header)):
        text = sections.grid.text(matrix.header, column)
        if text.startswith("Plate:"):
            sections.plate_type = text.removeprefix("Plate:").strip()


def _first_text(grid: Grid, row: int, *, raw: bool = False) -> str:
    for column in range(min(3, len(grid.rows[row]))):
        text = grid.text(row, column)
        if text:
            return str(grid.cell(row, column)) if raw else text
    return ""


def _stack_cycles(cycles: list[tuple[float, list[View]]]) -> list[View]:
    """One kinetic view for each label of the matrices that are repeated for every cycle."""
    labels = dict.fromkeys(view.label for _, views in cycles for view in views)
    return [_stacked(label, cycles) for label in labels]


def _stacked(label: str, cycles: list[tuple[float, list[View]]]) -> View:
    parts = [(s, view) for s, views in cycles for view in views if view.label == label]
    axis = np.array([seconds for seconds, _ in parts], dtype=np.float64)
    return joined(label, Kind.KINETIC, axis, [view for _, view in parts])


def _is_twin(mine: View, other: View) -> bool:
    return mine.label.strip() == other.label.strip() and mine.kind is other.kind


def _same_values(mine: View, other: View) -> bool:
    if set(mine.wells) != set(other.wells) or mine.values.shape != other.values.shape:
        return False
    order = [other.wells.index(well) for well in mine.wells]
    return bool(np.array_equal(mine.values, other.values[order], equal_nan=True))
