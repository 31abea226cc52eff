"""Lists of a SkanIt report: one line per well and point."""

from dataclasses import dataclass, replace

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Floats
from instruments.thermo_skanit import words
from instruments.thermo_skanit.report import Context
from instruments.thermo_skanit.tables import TIME, WAVE, Curves
from instruments.wells import standard_name

_WELL_HEADS = frozenset({"well", "well id", "wells", "puits", "well position", "position"})
_VALUE_HEADS = frozenset({"value", "result", "meas. value", "measured value", "valeur", "wert"})
_SAMPLE_HEADS = frozenset({"sample", "sample name", "name", "description", "échantillon", "probe"})
_OTHER_HEADS = frozenset(
    {"plate", "plate id", "barcode", "type", "group", "reading", "read", "sampleno", "replicate"}
)


@dataclass(frozen=True, slots=True)
class LongHead:
    """The head of a table with one line per well and point."""

    well: int
    value: int
    unit: str
    time: int | None
    wave: int | None
    sample: int | None
    unknown: tuple[int, ...]


def long_head(grid: Grid, row: int) -> LongHead | None:
    """The head of a list: `Well | Wavelength(s) [nm] | Raw absorbance | Measurement time(s)`."""
    found: dict[str, int] = {}
    unit, unknown = "", []
    for column in range(grid.width(row)):
        text = grid.text(row, column)
        lower = text.lower()
        if lower in _WELL_HEADS:
            found.setdefault("well", column)
        elif words.unit_of(text) is not None or lower in _VALUE_HEADS:
            found.setdefault("value", column)
            unit = unit or text
        elif TIME.search(lower):
            found.setdefault("time", column)
        elif WAVE.search(lower):
            found.setdefault("wave", column)
        elif lower in _SAMPLE_HEADS:
            found.setdefault("sample", column)
        elif text and lower not in _OTHER_HEADS:
            unknown.append(column)
    if "well" not in found or "value" not in found:
        return None
    return LongHead(
        found["well"],
        found["value"],
        unit,
        found.get("time"),
        found.get("wave"),
        found.get("sample"),
        tuple(unknown),
    )


@dataclass(slots=True)
class _Series:
    wells: dict[str, int]
    points: list[tuple[str, int, float, float | None, int]]  # well, point, value, time, row


def read_long(grid: Grid, row: int, head: LongHead, context: Context) -> tuple[list[Curves], int]:
    """The curves of a list, one per wavelength, and the row below it.

    Raises:
        Malformed: a line without a well.
    """
    series: dict[float | None, _Series] = {}
    samples: dict[str, str] = {}
    odd: dict[int, str] = {}
    line = row + 1
    while line < len(grid) and not grid.is_blank(line):
        well = standard_name(grid.text(line, head.well).replace(" ", ""))
        if well is None:
            raise grid.malformed(line, head.well, "the name of a well")
        wave = None if head.wave is None else grid.number(line, head.wave)
        _add(grid, line, head, well, series.setdefault(wave, _Series({}, [])))
        if grid.number(line, head.value) is None and grid.text(line, head.value):
            odd[line] = grid.text(line, head.value)
        if head.sample is not None and grid.text(line, head.sample):
            samples[well] = grid.text(line, head.sample)
        line += 1
    grid.ledger.mark(Use.HEADER, row, row + 1)
    grid.ledger.mark(Use.MEASURED, row + 1, line)
    curves = [
        _curves(grid, head, _at(context, wave), one, odd, samples) for wave, one in series.items()
    ]
    return curves, line


def _at(context: Context, wave: float | None) -> Context:
    if wave is None:
        return context
    return replace(context, wavelength_nm=wave)


def _add(grid: Grid, line: int, head: LongHead, well: str, series: _Series) -> None:
    point = series.wells.get(well, 0)
    series.wells[well] = point + 1
    value = grid.number(line, head.value)
    time = None
    if head.time is not None:
        cell = grid.cell(line, head.time)
        number = grid.numerals.one(cell)
        time = number if number is not None else seconds_of(cell)
    series.points.append((well, point, np.nan if value is None else value, time, line))


def _curves(
    grid: Grid,
    head: LongHead,
    context: Context,
    series: _Series,
    odd: dict[int, str],
    samples: dict[str, str],
) -> Curves:
    rows = {well: row for row, well in enumerate(series.wells)}
    points = max(series.wells.values())
    values = np.full((len(rows), points), np.nan)
    times = np.full((len(rows), points), np.nan)
    flags = []
    for well, point, value, time, line in series.points:
        values[rows[well], point] = value
        times[rows[well], point] = np.nan if time is None else time
        if line in odd:
            flags.append(grid.flag(well, point, odd[line], line, head.value))
    return Curves(
        context,
        head.unit,
        tuple(rows),
        values,
        tuple(flags),
        _common(times) if points > 1 else None,
        None,
        {well: sample for well, sample in samples.items() if well in rows},
    )


def _common(times: Floats) -> Floats | None:
    """One time for each point: that of the first well; wells are read one after the other."""
    first = times[0]
    return None if np.isnan(first).any() else first.copy()
