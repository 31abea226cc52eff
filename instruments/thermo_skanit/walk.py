"""Down the sheets of a report, line by line."""

import re

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.thermo_skanit import words
from instruments.thermo_skanit.lists import long_head, read_long
from instruments.thermo_skanit.report import (
    Context,
    Report,
    corner,
    facts_of,
    read_definitions,
    read_samples,
    read_values,
    warn,
)
from instruments.thermo_skanit.tables import Curves, read_wide, wide_head

_INFORMATION = frozenset(
    {
        "General information",
        "Session information",
        "Instrument information",
        "Protocol parameters",
        "Run log",
    }
)
_DEFINITIONS = "Layout definitions"
_MOMENT = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ T]+\d{1,2}:\d{2}")


def read_grid(grid: Grid, report: Report) -> list[Curves]:
    title = grid.text(0, 0) or (grid.sheet or "")
    if grid.sheet == _DEFINITIONS:
        read_definitions(grid, report)
        return []
    if title in _INFORMATION or grid.sheet in _INFORMATION:
        facts_of(grid, range(len(grid)), report)
        grid.ledger.mark(Use.HEADER, 0, len(grid))
        return []
    return _Walk(grid, report).all()


class _Walk:
    """Down a sheet, line by line, with the context that the lines build up."""

    def __init__(self, grid: Grid, report: Report) -> None:
        self.grid = grid
        self.report = report
        self.context = Context()
        self.names: list[str] = []
        self.is_fresh = True  # a matrix may follow; False right below one
        self.curves: list[Curves] = []

    def all(self) -> list[Curves]:
        row = self._header()
        while row < len(self.grid):
            row = self._step(row)
        return self.curves

    def _header(self) -> int:
        """Title, session and date; the lines where a report begins, also further down a text."""
        for row in range(min(6, len(self.grid))):
            if words.SESSION.search(self.grid.text(row, 0)):
                self.report.facts.setdefault("Session name", self.grid.text(row, 0))
                self.report.start_lines.append((self.grid, row + 1))
                self.grid.ledger.mark(Use.HEADER, 0, row + 2)
                return row + 2
        if self.grid.text(0, 0) in words.TITLES:
            self.report.start_lines.append((self.grid, 1))
            self.grid.ledger.mark(Use.HEADER, 0, 2)
            return 2
        return 0

    def _step(self, row: int) -> int:
        grid = self.grid
        if grid.is_blank(row):
            return row + 1
        columns = corner(grid, row)
        if columns is not None:
            return self._matrix(row, columns)
        if grid.width(row) > 1:
            below = self._table(row)
            if below is not None:
                return below
        self._line(row)
        return row + 1

    def _matrix(self, row: int, columns: int) -> int:
        grid, head = self.grid, self.grid.text(row, 0)
        if words.unit_of(head) is None and not self.is_fresh:
            return read_samples(grid, row, columns, self.report, self.context.plate)
        self._settle()
        matrix = read_values(grid, row, columns, self.context)
        if words.unit_of(head) is None and not np.isfinite(matrix.values).any():
            return read_samples(grid, row, columns, self.report, self.context.plate)
        self.report.matrices.append(matrix)
        self.is_fresh = False
        below = row + 1
        while below < len(grid) and len(grid.text(below, 0)) in {1, 2} and not grid.is_blank(below):
            below += 1
        return below

    def _table(self, row: int) -> int | None:
        listed = long_head(self.grid, row)
        if listed is not None:
            self._settle()
            if listed.unknown:
                named = ", ".join(self.grid.text(row, column) for column in listed.unknown)
                warn(self.report, self.grid, row, f"columns that are not known: {named}")
            curves, below = read_long(self.grid, row, listed, self.context)
            self.curves += curves
            return below
        wide = wide_head(self.grid, row)
        if wide is None:
            return None
        self._settle()
        curve, below = read_wide(self.grid, row, wide, self.context)
        self.curves.append(curve)
        self.is_fresh = False
        return below

    def _line(self, row: int) -> None:
        """A text between the matrices."""
        grid, text = self.grid, self.grid.text(row, 0)
        if not text or grid.width(row) > 1:
            facts_of(grid, [row], self.report)
            if text in _INFORMATION or not text:
                grid.ledger.mark(Use.HEADER, row, row + 1)
            return
        if words.RANGE.search(text) or text in words.TITLES or words.SESSION.search(text):
            return
        if _MOMENT.match(text):
            # The instrument's own workbook dates each sheet below its title.
            self.report.start_lines.append((grid, row))
            grid.ledger.mark(Use.HEADER, row, row + 1)
            return
        self.is_fresh = True
        wavelength, (excitation, emission) = words.wavelength_of(text), words.pair_of(text)
        reading = words.reading_of(text)
        if excitation is not None and emission is not None:
            self._optics(None, excitation, emission)
        elif wavelength is not None:
            self._optics(wavelength, None, None)
        elif reading is not None:
            self._set(reading=reading[0], time_s=reading[1])
        else:
            self.names.append(text)
        grid.ledger.mark(Use.HEADER, row, row + 1)

    def _optics(
        self, wavelength: float | None, excitation: float | None, emission: float | None
    ) -> None:
        self._set(wavelength_nm=wavelength or None, excitation_nm=excitation, emission_nm=emission)

    def _set(self, **changes: object) -> None:
        facts = {name: getattr(self.context, name) for name in Context.__dataclass_fields__}
        self.context = Context(**(facts | changes))

    def _settle(self) -> None:
        """Names above a matrix: the step, then the plate; one alone is told by its words."""
        names, self.names = self.names, []
        if not names:
            return
        if len(names) == 1 and not self._is_step(names[0]):
            self._set(plate=names[0])
        elif len(names) == 1:
            self._set(step=names[0])
        else:
            self._set(step=names[-2], plate=names[-1])

    def _is_step(self, name: str) -> bool:
        sheet = self.grid.sheet or ""
        return words.mode_of_step(name) is not None or sheet.startswith(name)
