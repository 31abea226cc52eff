"""One plate of a Gen5 export: its header, its sections, its reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from instruments.accounting import Use
from instruments.biotek_gen5.across import (
    find_points,
    find_wells,
    points_table,
    wells_layout,
    wells_tables,
)
from instruments.biotek_gen5.heads import FACTS, key_of
from instruments.biotek_gen5.layout import read_layout
from instruments.biotek_gen5.lists import find_list, list_layout, list_tables
from instruments.biotek_gen5.matrix import (
    LAYOUT_LABELS,
    Matrix,
    find_matrix,
    lines_of_matrix,
    matrix_tables,
)
from instruments.biotek_gen5.procedure import (
    TITLES,
    Procedure,
    mode_by_optics,
    optics_of,
    read_procedure,
    split_label,
)
from instruments.biotek_gen5.slices import Slice, SliceTitle, slice_title, stack
from instruments.biotek_gen5.tables import Table, axis_column, axis_table, has_axis_of, join_blocks
from instruments.moments import started_at
from instruments.readings import Floats, Kind, LayoutEntry, Mode, Plate, Read, Severity, StartedAt
from instruments.wells import plate_size, row_index, shape_of, well_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from instruments.grids import Grid
    from instruments.numerals import Cell
    from instruments.source import Source

_LONGEST_DATE = 40
_BLANKED = "Blank "  # the name that Gen5 gives to what it subtracted the blank from
_CALCULATED_SECTIONS = ("Curve Name", "Curve Fitting Results", "StdCurve Fitting Results")


class PlateReader:
    """Goes once down the rows of a plate and sorts what stands there."""

    def __init__(self, source: Source, grid: Grid, start: int, end: int) -> None:
        self.source = source
        self.grid = grid
        self.start = start
        self.end = end
        self.facts: dict[str, str] = {}
        self.moment: tuple[Cell, Cell] = ("", "")
        self.procedure = Procedure()
        self.layout: dict[str, LayoutEntry] = {}
        self.tables: list[Table] = []
        self.corners: list[str] = []  # the last well that each matrix draws, filled or not
        self.slices: list[Slice] = []
        self.slice_title: SliceTitle | None = None
        self.table_title = ""  # of the last table with an axis; its further blocks have none
        self.temperatures: list[float] = []

    def plate(self, index: int) -> Plate | None:
        """The plate, or None when these rows hold no table at all."""
        self._scan()
        tables = self._filled(join_blocks([*stack(self.slices), *self.tables]))
        measured = self._measured_labels(tables)
        endpoint_labels = [
            t.label for t in tables if t.kind is Kind.ENDPOINT and t.label in measured
        ]
        reads = tuple(self._read(table, measured, endpoint_labels) for table in tables)
        if not reads:
            return None
        wells = [well for read in reads for well in read.wells] + list(self.layout)
        wells += self.corners
        return Plate(
            index=index,
            reads=reads,
            name=self.facts.get("Plate Number") or None,
            barcode=self._barcode(),
            size=self._size(wells),
            layout=self.layout,
            started_at=self._started_at(),
        )

    def _filled(self, tables: list[Table]) -> list[Table]:
        """The tables that hold anything; planned ones without any value are named."""
        for table in tables:
            if not table.values.size:
                text = f"{table.label}: planned, but without any value"
                self.source.note(Severity.INFO, text, self.grid.place(table.top))
        return [table for table in tables if table.values.size]

    def _scan(self) -> None:
        row, title = self.start, ""
        while row < self.end:
            if self.grid.is_blank(row) or self._is_fact(row):
                row += 1
            elif self.grid.text(row, 0) in TITLES:
                self.procedure, after = read_procedure(self.grid, row, self.end)
                self.grid.ledger.mark(Use.HEADER, row, after)
                row = after
            else:
                row, title = self._section(row, title)

    def _is_fact(self, row: int) -> bool:
        key = key_of(self.grid, row)
        if key == "Actual Temperature":
            number = self.grid.number(row, 1)
            # A reader without a sensor writes 0.0.
            self.temperatures += [number] if number else []
        elif key not in FACTS or self._heads_table(row):
            return False
        elif key == "Date":
            self.moment = (self.grid.cell(row, 1), self.moment[1])
        elif key == "Time":
            self.moment = (self.moment[0], self.grid.cell(row, 1))
        self.facts.setdefault(key, self.grid.text(row, 1))
        self.grid.ledger.mark(Use.HEADER, row, row + 1, 0, 2)
        return True

    def _heads_table(self, row: int) -> bool:
        """`Time` is the hour of the run, or the head of a table."""
        return axis_column(self.grid, row) is not None or find_points(self.grid, row) is not None

    def _section(self, row: int, title: str) -> tuple[int, str]:
        """The row after the section, and the title that holds for what follows."""
        column = axis_column(self.grid, row)
        if column is not None:
            table, after = axis_table(self.grid, row, column, title, self.procedure.intervals_s)
            self.tables.append(self._titled(table))
            return after, ""
        matrix = find_matrix(self.grid, row)
        if matrix is not None:
            return self._matrix(matrix, title), ""
        below = self._lines(row, title)
        if below is not None:
            return below, ""
        if self.grid.text(row, 0) in _CALCULATED_SECTIONS:
            return self._calculated_section(row), ""
        if self.grid.width(row) <= 2:  # noqa: PLR2004
            self.grid.ledger.mark(Use.HEADER, row, row + 1, 0, 2)
            # A comma-delimited export splits the title `YFP:510,540` in two.
            parts = (self.grid.text(row, column) for column in range(2))
            found = ",".join(part for part in parts if part)
            self.slice_title = slice_title(found, title, self.slice_title, self.grid.numerals)
            return row + 1, found
        return row + 1, title

    def _titled(self, table: Table) -> Table:
        """A table without title has that of the table before it, when it has other wells of it."""
        if table.label:
            self.table_title = table.label
        elif self.tables and self.table_title:
            titled = replace(table, label=self.table_title)
            same = [other for other in self.tables if other.label == self.table_title]
            seen = {well for other in same for well in other.wells}
            if has_axis_of(same[-1], titled) and seen.isdisjoint(table.wells):
                return titled
        return table

    def _matrix(self, matrix: Matrix, title: str) -> int:
        """The row after a matrix: a layout, one point of a run, or values of their own."""
        lines = lines_of_matrix(self.grid, matrix, title)
        is_layout = title == "Layout" or all(line.label in LAYOUT_LABELS for line in lines)
        use = Use.LAYOUT if is_layout else Use.MEASURED
        self.corners.append(well_name(lines[-1].plate_row, matrix.columns[-1]))
        right = max(line.right for line in lines)
        self.grid.mark_block(use, matrix.header, lines[-1].row + 1, 0, right)
        if is_layout:
            self.layout |= read_layout(self.grid, matrix, lines)
        elif self.slice_title is not None:
            for table in matrix_tables(self.grid, matrix, lines):
                self.slices.append(self.slice_title.slice_of(table, title))
        else:
            self.tables += matrix_tables(self.grid, matrix, lines)
        self.slice_title = None
        return lines[-1].row + 1

    def _lines(self, row: int, title: str) -> int | None:
        """The row after a table that names its wells in lines, or across them."""
        points = find_points(self.grid, row)
        if points is not None:
            self.tables.append(points_table(self.grid, points, title))
            return points.bottom
        across = find_wells(self.grid, row)
        if across is not None:
            self.tables += wells_tables(self.grid, across)
            self.layout = wells_layout(self.grid, across) | self.layout
            return across.bottom
        listed = find_list(self.grid, row)
        if listed is not None:
            self.tables += list_tables(self.grid, listed, title)
            self.layout = list_layout(self.grid, listed) | self.layout
            return listed.bottom
        return None

    def _calculated_section(self, row: int) -> int:
        after = row + 1
        while after < self.end and self.grid.is_blank(after):
            after += 1
        while after < self.end and not self.grid.is_blank(after):
            if self._is_plate_row(after):
                break  # of a matrix that was broken off: the frame names its numbers
            after += 1
        self.grid.ledger.mark(Use.CALCULATED, row, after)
        name = self.grid.text(row, 0)
        self.source.note(
            Severity.INFO, f"{name}: calculated by Gen5, not read", self.grid.place(row)
        )
        return after

    def _is_plate_row(self, row: int) -> bool:
        """A line with a row letter, or with none, and numbers behind it."""
        letter = self.grid.text(row, 0)
        numbers = [self.grid.number(row, column) for column in (1, 2)]
        return (not letter or row_index(letter) is not None) and None not in numbers

    def _measured_labels(self, tables: Sequence[Table]) -> set[str]:
        labels = {table.label for table in tables if not table.hold_times}
        known = {label for label in labels if self.procedure.step_of(label) is not None}
        has_steps = bool(known)
        known |= {table.label for table in tables if table.has_temperature}
        if not has_steps:
            # Without procedure: what names optics, unless it is derived from another label.
            named = {label for label in labels if split_label(label)[1] is not None}
            raw = {x for x in named if not any(x != y and x.endswith(f" {y}") for y in named)}
            known |= {label for label in raw if not label.startswith(_BLANKED)}
        if known:
            return known | self._untitled(tables)
        unnamed = labels & {"", "Results"}
        if unnamed:
            self._note_untitled("matrix", self.start)
        return unnamed

    def _untitled(self, tables: Sequence[Table]) -> set[str]:
        """Tables with an axis and without title: Gen5 1 leaves it out, and calculates few."""
        own = [table for table in tables if not table.label and table.kind is not Kind.ENDPOINT]
        if own:
            self._note_untitled("table", own[0].top)
        return {table.label for table in own}

    def _note_untitled(self, what: str, row: int) -> None:
        text = f"a {what} without a label was taken as measured"
        self.source.note(Severity.WARNING, text, self.grid.place(row))

    def _read(self, table: Table, measured: set[str], endpoint_labels: list[str]) -> Read:
        calculated = table.label not in measured
        mode = self._mode(table, measured)
        optics = optics_of(table.label, mode)
        step = self.procedure.step_of(table.label)
        if table.kind is Kind.SPECTRUM and step is not None:
            optics = replace(optics, excitation_nm=step.excitation_nm, emission_nm=step.emission_nm)
        if not calculated:
            self._note_axis(table)
        unit = ("s" if table.are_times else None) if calculated else mode.unit
        temperature = table.temperature_c
        if not calculated and table.kind is not Kind.KINETIC:
            temperature = self._temperature(table.label, endpoint_labels)
        return Read(
            label=table.label,
            mode=mode,
            kind=table.kind,
            wells=table.wells,
            values=table.values,
            calculated=calculated,
            unit=unit,
            wavelength_nm=optics.wavelength_nm,
            excitation_nm=optics.excitation_nm,
            emission_nm=optics.emission_nm,
            time_s=table.axis if table.kind is Kind.KINETIC else None,
            spectrum_nm=table.axis if table.kind is Kind.SPECTRUM else None,
            temperature_c=temperature,
            points=table.points,
            flags=table.flags,
        )

    def _mode(self, table: Table, measured: set[str]) -> Mode:
        """What was measured, or what a calculated value was calculated from."""
        origin = _origin(table.label, measured)
        mode = self._mode_of(origin or table.label)
        if mode is None and table.label not in measured:
            others = {self._mode_of(label) for label in measured}
            mode = others.pop() if len(others) == 1 else None
        if mode is None:
            mode = Mode.ABSORBANCE
            text = f"{table.label}: the file does not say what was measured; taken as absorbance"
            self.source.note(Severity.WARNING, text, self.grid.place(table.top))
        return mode

    def _mode_of(self, label: str) -> Mode | None:
        return self.procedure.mode_of(label) or mode_by_optics(label)

    def _note_axis(self, table: Table) -> None:
        place = self.grid.place(table.top)
        if table.dropped:
            text = f"{table.label}: {table.dropped} planned reads without values were dropped"
            self.source.note(Severity.INFO, text, place)
        if table.lacks_unit:
            text = f"{table.label}: the times are numbers without a unit; taken as seconds"
            self.source.note(Severity.WARNING, text, place)
        if table.kind is Kind.KINETIC and table.axis is not None:
            if not np.isfinite(table.axis).all():
                text = f"{table.label}: some times could not be read"
                self.source.note(Severity.WARNING, text, place)
            elif (np.diff(table.axis) <= 0).any():
                text = f"{table.label}: the times do not increase"
                self.source.note(Severity.WARNING, text, place)

    def _temperature(self, label: str, endpoint_labels: list[str]) -> Floats | None:
        """Gen5 writes the temperature once for all endpoint reads, or once for each of them."""
        if not self.temperatures:
            return None
        if len(self.temperatures) == len(endpoint_labels) and label in endpoint_labels:
            return np.array([self.temperatures[endpoint_labels.index(label)]])
        return np.array([self.temperatures[0]])

    def _barcode(self) -> str | None:
        keys = ("Barcode", "Plate Barcode", "Plate ID")
        return next((self.facts[key] for key in keys if self.facts.get(key)), None)

    def _size(self, wells: list[str]) -> int | None:
        """The size that the plate type names, if the wells fit; else the smallest that fits."""
        smallest = plate_size(wells)
        words = (self.procedure.plate_type or "").replace("-", " ").split()
        for word in words:
            named = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else 0  # noqa: PLR2004
            if shape_of(named) is not None and (smallest is None or named >= smallest):
                return named
        return smallest

    def _started_at(self) -> StartedAt | None:
        paths = " ".join(
            self.facts.get(f"{kind} File Path", "") for kind in ("Experiment", "Protocol")
        )
        day, clock = self.moment
        started = started_at(day, clock, hints=paths)
        if started is None and day != "":
            text = f"the start could not be read from {str(day)[:_LONGEST_DATE]!r}"
            self.source.note(Severity.WARNING, text, self.grid.place(self.start))
        return started


def _origin(label: str, measured: set[str]) -> str | None:
    """The longest measured label inside a calculated one: Blank OD:600, Max V [OD:600]."""
    inside = [other for other in measured if other and other in label]
    return max(inside, key=len, default=None)
