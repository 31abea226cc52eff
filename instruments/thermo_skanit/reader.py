"""Thermo SkanIt: xlsx, csv and txt; steps, several plates on a sheet, kinetics, spectra."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from instruments.accounting import Use
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.moments import started_at
from instruments.readings import (
    Flag,
    Floats,
    Instrument,
    Kind,
    LayoutEntry,
    Mode,
    Plate,
    Read,
    Reading,
    StartedAt,
)
from instruments.source import Source
from instruments.thermo_skanit import words
from instruments.thermo_skanit.report import (
    Context,
    Matrix,
    Report,
    corner,
    facts_of,
    read_definitions,
    read_samples,
    read_values,
    warn,
)
from instruments.thermo_skanit.tables import Curves, long_head, read_long, read_wide, wide_head

NAME = "thermo_skanit"
VERSION = "1"

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


def claims(source: Source) -> bool:
    head = source.head[:4096] if source.is_text else source.head
    start = head.lstrip("\ufeff \t\r\n;,")
    if start.startswith(words.TITLES):
        return True
    if source.is_workbook:
        is_sky = all(mark in head for mark in words.RAW_HEADS)
        return is_sky or "SkanIt Software" in head or any(f"\n{t}" in head for t in words.TITLES)
    return words.SESSION.search(head[:1024]) is not None


def read(source: Source) -> Reading:
    report = Report()
    curves: list[Curves] = []
    for grid in source.grids:
        curves += _read_grid(grid, report)
    if not report.matrices and not curves:
        raise NoMeasurement(
            source.filename, found="no matrix and no table of values", expected="at least one"
        )
    return Reading(
        instrument=_instrument(report),
        plates=_plates(report, curves),
        messages=tuple(report.messages),
        started_at=_start(report),
        details=_details(report),
    )


def _read_grid(grid: Grid, report: Report) -> list[Curves]:
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


def _instrument(report: Report) -> Instrument:
    facts = report.facts
    version = facts.get("Report generated with SW version") or facts.get("Executed with") or ""
    number = version.rpartition("ver")[2].strip(" .") if "ver" in version else ""
    return Instrument(
        vendor="Thermo Fisher Scientific",
        software="SkanIt Software",
        software_version=number or None,
        model=facts.get("Name"),
        serial=facts.get("Serial number"),
    )


def _start(report: Report) -> StartedAt | None:
    for grid, row in report.start_lines:
        found = started_at(grid.cell(row, 0))
        if found is not None:
            return found
    text = report.facts.get("Execution time", "")
    return started_at(text) if text else None


def _details(report: Report) -> dict[str, str]:
    names = {"Session name": "session", "Executed with": "executed_with"}
    return {name: report.facts[key] for key, name in names.items() if key in report.facts}


def _plates(report: Report, curves: Sequence[Curves]) -> tuple[Plate, ...]:
    plates: dict[str, list[Matrix | Curves]] = {}
    every: list[Matrix | Curves] = [*report.matrices, *curves]
    for part in every:
        plates.setdefault(part.context.plate, []).append(part)
    _name_the_only_plate(report, plates)
    return tuple(
        _plate(report, index, name, parts)
        for index, (name, parts) in enumerate(plates.items(), start=1)
    )


def _name_the_only_plate(report: Report, plates: dict[str, list[Matrix | Curves]]) -> None:
    """Sheets without a plate name belong to the one plate that the others name."""
    named = [name for name in plates if name]
    if len(named) == 1 and "" in plates:
        plates[named[0]] += plates.pop("")
    if len(plates) == 1 and "" in report.layouts:
        layout = report.layouts.setdefault(next(iter(plates)), {})
        for well, entry in report.layouts[""].items():
            layout.setdefault(well, entry)


def _plate(report: Report, index: int, name: str, parts: Sequence[Matrix | Curves]) -> Plate:
    sizes = [part.size for part in parts if isinstance(part, Matrix) and part.size]
    layout = dict(report.layouts.get(name, {}))
    for part in parts:
        if isinstance(part, Curves):
            for well, sample in part.samples.items():
                layout.setdefault(well, LayoutEntry(words.role_of(sample), sample))
    return Plate(
        index=index,
        reads=tuple(_reads(parts)),
        name=name or None,
        size=max(sizes, default=None),
        layout=layout,
    )


def _reads(parts: Sequence[Matrix | Curves]) -> Iterator[Read]:
    done: set[Context] = set()
    matrices = [part for part in parts if isinstance(part, Matrix)]
    for part in parts:
        if isinstance(part, Curves):
            yield _curve(part)
            continue
        key = _series(part.context)
        points = [m for m in matrices if _series(m.context) == key]
        if part.context.reading is None or len(points) == 1:
            yield _read(part, part.values.reshape(-1, 1), part.wells, part.flags)
        elif key not in done:
            done.add(key)
            yield _kinetic(points)


def _series(context: Context) -> Context:
    """What the readings of one kinetic run share."""
    return Context(
        context.step,
        context.plate,
        context.wavelength_nm,
        context.excitation_nm,
        context.emission_nm,
    )


def _kinetic(points: Sequence[Matrix]) -> Read:
    wells = tuple(dict.fromkeys(well for point in points for well in point.wells))
    rows = {well: row for row, well in enumerate(wells)}
    values = np.full((len(wells), len(points)), np.nan)
    flags: list[Flag] = []
    for index, point in enumerate(points):
        values[[rows[well] for well in point.wells], index] = point.values
        flags += [Flag(f.well, index, f.flag, f.text, f.place) for f in point.flags]
    times = [point.context.time_s for point in points]
    known = [time for time in times if time is not None]
    time_s = np.array(known) if len(known) == len(points) else None
    return _read(points[0], values, wells, tuple(flags), Kind.KINETIC, time_s=time_s)


def _curve(part: Curves) -> Read:
    kind = Kind.ENDPOINT
    if part.spectrum_nm is not None and part.time_s is None:
        kind = Kind.SPECTRUM
    elif part.values.shape[1] > 1:
        kind = Kind.KINETIC
    return _read(
        part,
        part.values,
        part.wells,
        part.flags,
        kind,
        time_s=part.time_s if kind is Kind.KINETIC else None,
        temperature_c=part.temperature_c,
        spectrum_nm=part.spectrum_nm if kind is Kind.SPECTRUM else None,
    )


def _read(
    part: Matrix | Curves,
    values: Floats,
    wells: tuple[str, ...],
    flags: tuple[Flag, ...],
    kind: Kind = Kind.ENDPOINT,
    *,
    time_s: Floats | None = None,
    spectrum_nm: Floats | None = None,
    temperature_c: Floats | None = None,
) -> Read:
    context = part.context
    mode, unit, calculated = _meaning(part.head, context)
    is_absorbance = mode is Mode.ABSORBANCE
    return Read(
        label=context.step or part.head,
        mode=mode,
        kind=kind,
        wells=wells,
        values=values,
        calculated=calculated,
        unit=unit,
        wavelength_nm=context.wavelength_nm if is_absorbance else None,
        excitation_nm=context.excitation_nm,
        emission_nm=context.emission_nm or (None if is_absorbance else context.wavelength_nm),
        time_s=time_s,
        spectrum_nm=spectrum_nm,
        temperature_c=temperature_c,
        flags=flags,
    )


def _meaning(head: str, context: Context) -> tuple[Mode, str | None, bool]:
    """Mode, unit, and whether it was calculated: the step tells, then the unit."""
    unit = words.unit_of(head)
    mode = words.mode_of_step(context.step)
    if words.is_calculation(context.step):
        source = unit[0] if unit is not None else Mode.ABSORBANCE
        return source, None if unit is None else unit[1], True
    if mode is not None:
        return mode, unit[1] if unit is not None else mode.unit, False
    if unit is not None:
        return unit[0], unit[1], False
    # Neither a known step nor a known unit: nothing shows that it was measured.
    return Mode.ABSORBANCE, None, context.wavelength_nm is None
