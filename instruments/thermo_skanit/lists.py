"""Lists of a SkanIt report: one line per well and point."""

import re
from dataclasses import dataclass, replace

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Floats
from instruments.thermo_skanit import words
from instruments.thermo_skanit.report import Context
from instruments.thermo_skanit.tables import TIME, WAVE, Curves, time_scale
from instruments.wells import standard_name

_WELL_HEADS = frozenset(
    {"well", "well id", "wells", "puits", "pozo", "poço", "pozzetto", "well position", "position"}
    | {"ウェル", "孔", "孔位"}
)
_VALUE_HEADS = frozenset(
    {"value", "result", "meas. value", "measured value", "valeur", "wert", "valor", "valore"}
    | {"数值", "値"}
)
_SAMPLE_HEADS = frozenset({"sample name", "name", "description"})
_PLATE_HEADS = frozenset({"plate", "plate id", "plate name", "barcode", "plaque", "platte", "板"})
_OTHER_HEADS = frozenset({"type", "group", "reading", "read", "sampleno", "replicate"})
# Lines below the wells of a sample that summarise them.
_SUMMARY = re.compile(r"average|mean|sd\b|std|cv\b|moyenne|mittelwert|平均", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LongHead:
    """The head of a table with one line per well and point."""

    well: int
    value: int
    unit: str
    time: int | None
    wave: int | None
    sample: int | None
    plate: int | None
    scale: float
    unknown: tuple[int, ...]


def long_head(grid: Grid, row: int) -> LongHead | None:
    """The head of a list: `Well | Wavelength(s) [nm] | Raw absorbance | Measurement time(s)`."""
    found: dict[str, int] = {}
    unit, scale, unknown = "", 1.0, []
    for column in range(grid.width(row)):
        text = grid.text(row, column)
        kind = _kind(text)
        if kind is not None and kind not in found:
            found[kind] = column
            unit = text if kind == "value" and words.unit_of(text) is not None else unit
            scale = time_scale(text) if kind == "time" else scale
        elif text and text.lower() not in _OTHER_HEADS and kind != "plate":
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
        found.get("plate"),
        scale,
        tuple(unknown),
    )


def _kind(text: str) -> str | None:
    lower = text.lower()
    if lower in _WELL_HEADS:
        return "well"
    if words.unit_of(text) is not None or lower in _VALUE_HEADS:
        return "value"
    if TIME.search(lower):
        return "time"
    if WAVE.search(lower):
        return "wave"
    if lower in _SAMPLE_HEADS or words.is_sample_word(text):
        return "sample"
    return "plate" if lower in _PLATE_HEADS else None


@dataclass(slots=True)
class _Series:
    wells: dict[str, int]
    points: list[tuple[str, int, float, float | None, int]]  # well, point, value, time, row


def read_long(
    grid: Grid, row: int, head: LongHead, context: Context
) -> tuple[list[Curves], int, list[int]]:
    """The curves of a list, one per plate and wavelength, the row below it, and lines not read.

    Raises:
        Malformed: a line without a well that is no summary.
    """
    series: dict[tuple[str, float | None], _Series] = {}
    samples: dict[tuple[str, str], str] = {}
    odd: dict[int, str] = {}
    others: list[int] = []
    line = row
    while (line := line + 1) < len(grid) and not grid.is_blank(line):
        well = standard_name(grid.text(line, head.well).replace(" ", ""))
        if well is None:
            if not _is_summary(grid, line, head, context):
                raise grid.malformed(line, head.well, "the name of a well")
            others.append(line)
            continue
        plate = "" if head.plate is None else grid.text(line, head.plate)
        wave = None if head.wave is None else grid.number(line, head.wave)
        _add(grid, line, head, well, series.setdefault((plate, wave), _Series({}, [])))
        if grid.number(line, head.value) is None and grid.text(line, head.value):
            odd[line] = grid.text(line, head.value)
        if head.sample is not None and grid.text(line, head.sample):
            samples[plate, well] = grid.text(line, head.sample)
    grid.ledger.mark(Use.HEADER, row, row + 1)
    grid.ledger.mark(Use.MEASURED, row + 1, line)
    curves = [
        _curves(grid, head, _at(context, plate, wave), one, odd, _of(samples, plate))
        for (plate, wave), one in series.items()
    ]
    return curves, line, others


def _is_summary(grid: Grid, line: int, head: LongHead, context: Context) -> bool:
    """A mean below the wells of a sample, or a line of a calculation."""
    text = grid.text(line, head.well)
    return words.is_calculation(context.step) or _SUMMARY.match(text) is not None


def _of(samples: dict[tuple[str, str], str], plate: str) -> dict[str, str]:
    return {well: sample for (name, well), sample in samples.items() if name == plate}


def _at(context: Context, plate: str, wave: float | None) -> Context:
    if wave is not None:
        context = replace(context, wavelength_nm=wave)
    return replace(context, plate=plate) if plate else context


def _add(grid: Grid, line: int, head: LongHead, well: str, series: _Series) -> None:
    point = series.wells.get(well, 0)
    series.wells[well] = point + 1
    value = grid.number(line, head.value)
    time = None
    if head.time is not None:
        cell = grid.cell(line, head.time)
        number = grid.numerals.one(cell)
        time = number * head.scale if number is not None else seconds_of(cell)
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
