"""Down the sheets of a report, line by line."""

import re

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.readings import Message, Severity
from instruments.thermo_skanit import words
from instruments.thermo_skanit.lists import long_head, read_long
from instruments.thermo_skanit.report import (
    Context,
    Report,
    corner,
    facts_of,
    has_numbers_only,
    is_layout,
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
_HEADER_ROWS = 6
_MOMENT = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ T]+\d{1,2}:\d{2}")


def has_session(grid: Grid) -> bool:
    """Whether the sheet begins as results do: with a title and the name of a session."""
    return any(words.SESSION.search(grid.text(row, 0)) for row in range(_HEADER_ROWS))


def read_grid(grid: Grid, report: Report, *, with_sessions: bool) -> list[Curves]:
    """The tables of a text or sheet; matrices, layout and facts go to the report.

    Args:
        with_sessions: the sheets of results begin with a session, so one without is none.
    """
    title = grid.text(0, 0) or (grid.sheet or "")
    is_other = with_sessions and not has_session(grid)
    if grid.sheet == _DEFINITIONS or (is_other and is_layout(grid)):
        read_definitions(grid, report)
        return []
    is_known = title in _INFORMATION or grid.sheet in _INFORMATION
    if is_known or (is_other and not _has_matrix(grid)):
        facts_of(grid, range(len(grid)), report)
        grid.ledger.mark(Use.HEADER, 0, len(grid))
        return []
    return _Walk(grid, report).all()


def _has_matrix(grid: Grid) -> bool:
    return any(cells and corner(grid, row) is not None for row, cells in enumerate(grid.rows))


class _Walk:
    """Down a sheet, line by line, with the context that the lines build up."""

    def __init__(self, grid: Grid, report: Report) -> None:
        self.grid = grid
        self.report = report
        sheet = grid.sheet or ""
        is_named = words.OLD_STEP.match(sheet) is not None or words.is_calculation(sheet)
        self.context = Context(step=sheet if is_named and not has_session(grid) else "")
        self.names: list[str] = []
        self.is_fresh = True  # a matrix may follow; False right below one
        self.has_optics = False  # a line above names wavelengths, below the last matrix
        self.curves: list[Curves] = []

    def all(self) -> list[Curves]:
        row = self._header()
        while row < len(self.grid):
            row = self._step(row)
        return self.curves

    def _header(self) -> int:
        """Title, session and date; the lines where a report begins, also further down a text."""
        for row in range(min(_HEADER_ROWS, len(self.grid))):
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
        is_further = words.unit_of(head) is None and not self.is_fresh
        if words.is_sample_word(head) or (is_further and not has_numbers_only(grid, row, columns)):
            return read_samples(grid, row, columns, self.report, self._plate())
        self._settle()
        matrix = read_values(grid, row, columns, self.context, is_further=is_further)
        if words.unit_of(head) is None and not np.isfinite(matrix.values).any():
            return read_samples(grid, row, columns, self.report, self.context.plate)
        self.report.matrices.append(matrix)
        self.is_fresh = self.has_optics = False
        below = row + 1
        while below < len(grid) and len(grid.text(below, 0)) in {1, 2} and not grid.is_blank(below):
            below += 1
        return below

    def _plate(self) -> str:
        """The plate that a matrix of samples belongs to, which may stand above all values."""
        if self.is_fresh:
            self._settle()
        return self.context.plate

    def _table(self, row: int) -> int | None:
        listed = long_head(self.grid, row)
        if listed is not None:
            self._settle()
            self.has_optics = False
            if listed.unknown:
                named = ", ".join(self.grid.text(row, column) for column in listed.unknown)
                warn(self.report, self.grid, row, f"columns that are not known: {named}")
            curves, below, others = read_long(self.grid, row, listed, self.context)
            if others:
                text = f"{len(others)} lines of a list name no well and were not read"
                warn(self.report, self.grid, others[0], text)
            self.curves += curves
            return below
        wide = wide_head(self.grid, row)
        if wide is None:
            return None
        self._settle()
        curve, below = read_wide(self.grid, row, wide, self.context)
        self.curves.append(curve)
        dropped = below - row - 1 - curve.values.shape[1]
        if dropped:
            text = f"{dropped} lines hold a time or wavelength and no value: they were dropped"
            self.report.messages.append(Message(Severity.INFO, text, self.grid.place(below - 1)))
        self.is_fresh = self.has_optics = False
        return below

    def _line(self, row: int) -> None:
        """A text between the matrices."""
        grid, text = self.grid, self.grid.text(row, 0)
        if not text or grid.text(row, 1):
            facts_of(grid, [row], self.report)
            self._old_wavelength(row)
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
        grid.ledger.mark(Use.HEADER, row, row + 1, 0, 1 if grid.width(row) > 1 else None)

    def _old_wavelength(self, row: int) -> None:
        """SkanIt 2 names the wavelength among the settings; several do not tell whose each is."""
        cells = [text for text in self.grid.texts(row, 0, self.grid.width(row)) if text]
        if len(cells) == 2 and cells[0] == "Wavelength [nm]":  # noqa: PLR2004
            wavelength = self.grid.numerals.one(cells[1])
            self._optics(None if self.has_optics else wavelength, None, None)

    def _optics(
        self, wavelength: float | None, excitation: float | None, emission: float | None
    ) -> None:
        self.has_optics = True
        self._set(
            wavelength_nm=wavelength or None,
            excitation_nm=excitation,
            emission_nm=emission,
            no_filter=wavelength == 0,
        )

    def _set(self, **changes: object) -> None:
        facts = {name: getattr(self.context, name) for name in Context.__dataclass_fields__}
        self.context = Context(**(facts | changes))

    def _settle(self) -> None:
        """Names above a matrix: the step, then the plate; one alone is told by its words."""
        lines, self.names = self.names, []
        last = len(lines) - 1
        names = [n for i, n in enumerate(lines) if not words.is_setting(n, is_last=i == last)]
        step, plate = self._step_and_plate(names)
        if step is not None and step != self.context.step and not self.has_optics:
            self._set(wavelength_nm=None, excitation_nm=None, emission_nm=None, no_filter=False)
        if step is not None:
            self._set(step=step)
        if plate is not None:
            self._set(plate=plate)

    def _step_and_plate(self, names: list[str]) -> tuple[str | None, str | None]:
        if not names:
            return None, None
        if words.OLD_STEP.match(names[-1]):
            return names[-1], None
        if len(names) == 1:
            return (names[0], None) if self._is_step(names[0]) else (None, names[0])
        above = names[:-1]
        return next((name for name in above if self._is_step(name)), above[-1]), names[-1]

    def _is_step(self, name: str) -> bool:
        sheet = self.grid.sheet or ""
        return words.mode_of_step(name) is not None or sheet.startswith(name)
