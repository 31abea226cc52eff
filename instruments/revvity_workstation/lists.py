"""Results as a list: one line per well, or per well and wavelength.

The head names each quantity with its measurement: `MeasB:WavelengthExc`, `MeasB:Result`. The order
of the columns is a choice of the person who set up the export, and so is whether the sample stands
in it. Measurements of different length share the lines; the shorter one leaves cells empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.readings import Flag, Floats
from instruments.revvity_workstation.sections import Section
from instruments.wells import standard_name

_RESULT, _EXCITATION, _EMISSION = "Result", "WavelengthExc", "WavelengthEms"
_LAYOUT = frozenset({"Sample", "Group", "Type"})
_HEADERS = frozenset({"Plate", "PlateNumber", "Repeat", "Well", "Barcode"})


@dataclass(frozen=True, slots=True)
class Curve:
    """One measurement of a list.

    Attributes:
        label: of the measurement ("MeasB").
        values: wells by points.
        spectrum_nm: wavelength of each point, None for an endpoint.
        excitation_nm, emission_nm: the fixed wavelengths.
    """

    label: str
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...]
    spectrum_nm: Floats | None
    excitation_nm: float | None
    emission_nm: float | None


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of a list: where they are and the well of each."""

    top: int
    bottom: int
    wells: list[str]

    def column(self, grid: Grid, column: int) -> list[Cell]:
        return [
            cells[column] if column < len(cells) else ""
            for cells in grid.rows[self.top : self.bottom]
        ]


def read_list(grid: Grid, section: Section) -> tuple[list[Curve], dict[str, str], list[str]]:
    """The curves of a list, the sample of each well, and the columns nobody knows.

    Raises:
        Malformed: a line without a well, a well twice at one wavelength.
    """
    head = {grid.text(section.top, c): c for c in range(grid.width(section.top))}
    lines = _lines(grid, section, head["Well"])
    grid.ledger.mark(Use.HEADER, section.top, section.top + 1)
    measurements: dict[str, dict[str, int]] = {}
    unknown = []
    for name, column in head.items():
        label, _, what = name.rpartition(":")
        if what in {_RESULT, _EXCITATION, _EMISSION}:
            measurements.setdefault(label, {})[what] = column
        elif name in _HEADERS or name in _LAYOUT:
            use = Use.LAYOUT if name in _LAYOUT else Use.HEADER
            grid.ledger.mark(use, lines.top, lines.bottom, column, column + 1)
        elif name:
            unknown.append(name)
    if all(name in _HEADERS or name in _LAYOUT or ":" in name or not name for name in head):
        # Every column is known: whole lines are the cheaper entry of the ledger.
        width = len(head)
        if max(map(len, grid.rows[lines.top : lines.bottom]), default=0) <= width + 1:
            grid.ledger.mark(Use.MEASURED, lines.top, lines.bottom)
    curves = [
        curve
        for label, columns in measurements.items()
        if _RESULT in columns
        for curve in _curves(grid, lines, label, columns)
    ]
    return curves, _samples(grid, lines, head), unknown


def _lines(grid: Grid, section: Section, column: int) -> _Lines:
    wells = []
    known: dict[Cell, str] = {}
    bottom = section.top + 1
    for row in range(section.top + 1, section.bottom):
        cells = grid.rows[row]
        text = cells[column] if column < len(cells) else ""
        name = known.get(text)
        if name is None:
            if grid.is_blank(row):
                break
            name = standard_name(str(text))
            if name is None:
                raise grid.malformed(row, column, "the name of a well")
            known[text] = name
        wells.append(name)
        bottom = row + 1
    return _Lines(section.top + 1, bottom, wells)


def _samples(grid: Grid, lines: _Lines, head: dict[str, int]) -> dict[str, str]:
    if "Sample" not in head:
        return {}
    texts = (str(cell).strip() for cell in lines.column(grid, head["Sample"]))
    return {
        well: text
        for well, text in dict(zip(lines.wells, texts, strict=True)).items()
        if text and text != "-"
    }


def _curves(grid: Grid, lines: _Lines, label: str, columns: dict[str, int]) -> list[Curve]:
    column = columns[_RESULT]
    results, odd = _numbers(grid, lines, column)
    used = np.flatnonzero(np.isfinite(results)).tolist()
    if odd:
        used = sorted({*used, *odd})
    excitation, emission = (
        _numbers(grid, lines, columns[name])[0] if name in columns else None
        for name in (_EXCITATION, _EMISSION)
    )
    curves = []
    for fixed, chosen in _split(used, excitation, emission):
        if not chosen:
            continue
        axis = _axis(chosen, excitation, emission)
        curve = _place(lines, results, chosen, axis)
        _check_once(grid, lines, chosen, curve.point)
        points = {chosen[i]: i for i in range(len(chosen))}
        flags = tuple(
            grid.flag(
                lines.wells[index],
                curve.point[points[index]],
                odd[index],
                lines.top + index,
                column,
            )
            for index in chosen
            if index in odd
        )
        curves.append(
            Curve(
                label,
                curve.wells,
                curve.values,
                flags,
                curve.axis,
                _constant(excitation, chosen) if fixed is None else fixed,
                _constant(emission, chosen),
            )
        )
    return curves


def _numbers(grid: Grid, lines: _Lines, column: int) -> tuple[Floats, dict[int, str]]:
    """A column as numbers, and the texts in it; empty cells are passed over at no cost."""
    cells = lines.column(grid, column)
    filled = [index for index, cell in enumerate(cells) if cell != ""]
    found = grid.numerals.many([cells[index] for index in filled])
    values = np.full(len(cells), np.nan)
    values[filled] = found.values
    return values, {filled[index]: text for index, text in found.odd}


def _split(
    used: Sequence[int], excitation: Floats | None, emission: Floats | None
) -> list[tuple[float | None, Sequence[int]]]:
    """One part for each excitation where both wavelengths vary, else one part."""
    if excitation is None or emission is None or not used:
        return [(None, used)]
    rows = np.asarray(used)
    wavelengths = np.unique(excitation[rows])
    if len(wavelengths) == 1 or len(np.unique(emission[rows])) == 1:
        return [(None, used)]
    return [(float(nm), [i for i in used if excitation[i] == nm]) for nm in wavelengths]


def _axis(used: Sequence[int], excitation: Floats | None, emission: Floats | None) -> Floats | None:
    for wavelengths in (emission, excitation):
        if wavelengths is not None and used and _constant(wavelengths, used) is None:
            return wavelengths
    return None


def _constant(wavelengths: Floats | None, used: Sequence[int]) -> float | None:
    if wavelengths is None or not used:
        return None
    first = float(wavelengths[used[0]])
    return first if bool((wavelengths[np.asarray(used)] == first).all()) else None


@dataclass(frozen=True, slots=True)
class _Placed:
    wells: tuple[str, ...]
    values: Floats
    axis: Floats | None
    point: list[int]  # of each used line


def _place(lines: _Lines, results: Floats, used: Sequence[int], axis: Floats | None) -> _Placed:
    """Lines to wells by points, whatever the order of the lines."""
    wells = list(dict.fromkeys(lines.wells[index] for index in used))
    rows = {well: row for row, well in enumerate(wells)}
    if axis is None:
        return _repeats(lines, results, used, rows)
    points = np.unique(axis[np.asarray(used)])
    at = np.searchsorted(points, axis[np.asarray(used)])
    values = np.full((len(wells), len(points)), np.nan)
    values[[rows[lines.wells[index]] for index in used], at] = results[np.asarray(used)]
    return _Placed(tuple(wells), values, points, at.tolist())


def _check_once(grid: Grid, lines: _Lines, used: Sequence[int], point: Sequence[int]) -> None:
    """Two lines for one well at one wavelength would overwrite each other."""
    seen: set[tuple[str, int]] = set()
    for index, at in zip(used, point, strict=True):
        key = (lines.wells[index], at)
        if key in seen:
            raise grid.malformed(lines.top + index, 0, "each well once at each wavelength")
        seen.add(key)


def _repeats(lines: _Lines, results: Floats, used: Sequence[int], rows: dict[str, int]) -> _Placed:
    """Without wavelengths each line of a well is a further point."""
    seen = dict.fromkeys(rows, 0)
    point = []
    for index in used:
        well = lines.wells[index]
        point.append(seen[well])
        seen[well] += 1
    values = np.full((len(rows), max(seen.values(), default=0)), np.nan)
    for index, at in zip(used, point, strict=True):
        values[rows[lines.wells[index]], at] = results[index]
    return _Placed(tuple(rows), values, None, point)
