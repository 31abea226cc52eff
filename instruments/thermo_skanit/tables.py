"""Tables of a SkanIt report: one column per well, one line per reading or wavelength."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Flag, Floats
from instruments.thermo_skanit import words
from instruments.thermo_skanit.report import Context
from instruments.wells import standard_name

_WELL_IN_BRACKETS = re.compile(r"\(\s*([A-Za-z]{1,2}\s?0*\d{1,2})\s*\)\s*$")
TIME = re.compile(r"time|temps|zeit|tiempo|tempo|время|时间|時間", re.IGNORECASE)
_TEMPERATURE = re.compile(r"temp[eé]rat|°C|温度|溫度", re.IGNORECASE)
WAVE = re.compile(r"wave|onde|wellen|onda|волны|波长|波長|\[nm\]", re.IGNORECASE)
_SCALES = (
    (re.compile(r"\[\s*ms\b"), 0.001),
    (re.compile(r"\[\s*min", re.IGNORECASE), 60.0),
    (re.compile(r"\[\s*h", re.IGNORECASE), 3600.0),
)
_FEWEST_WELLS = 1


@dataclass(frozen=True, slots=True)
class Curves:
    """One quantity of several wells over time or wavelength.

    Attributes:
        head: the unit word, where the table has one.
        time_s, spectrum_nm, temperature_c: of each point; None where the table does not tell.
        samples: name of each well, where the head of its column has one.
    """

    context: Context
    head: str
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...]
    time_s: Floats | None
    spectrum_nm: Floats | None
    samples: dict[str, str]
    temperature_c: Floats | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a wide table: which column is which."""

    wells: dict[int, str]
    samples: dict[str, str]
    time: int | None
    wave: int | None
    temperature: int | None
    others: tuple[int, ...]


def wide_head(grid: Grid, row: int) -> _Head | None:
    """The head of a table with one column per well: `Reading | avg. time [s] | Un0001 (A01)`."""
    wells, samples = {}, {}
    time = wave = temperature = None
    others = []
    for column in range(grid.width(row)):
        text = grid.text(row, column)
        name, sample = _well(text)
        if name is not None:
            wells[column] = name
            if sample:
                samples[name] = sample
        elif text and _TEMPERATURE.search(text):
            temperature = column
        elif text and TIME.search(text) and time is None:
            time = column
        elif text and WAVE.search(text) and wave is None:
            wave = column
        elif text:
            others.append(column)
    if len(wells) < _FEWEST_WELLS or (time is None and wave is None and not others):
        return None
    first = min(wells)
    if first == 0 or any(column > first for column in (time, wave) if column is not None):
        return None
    below = [grid.number(row + 1, column) for column in range(first)]
    has_axis = time is not None or wave is not None or any(n is not None for n in below)
    return _Head(wells, samples, time, wave, temperature, tuple(others)) if has_axis else None


def _well(text: str) -> tuple[str | None, str]:
    match = _WELL_IN_BRACKETS.search(text)
    if match is not None:
        return standard_name(match[1].replace(" ", "")), text[: match.start()].strip()
    return standard_name(text), ""


def read_wide(grid: Grid, row: int, head: _Head, context: Context) -> tuple[Curves, int]:
    """A table with one column per well and one line per point; also the row below it.

    Raises:
        Malformed: a well has two columns.
    """
    names = list(head.wells.values())
    if len(set(names)) != len(names):
        twice = next(c for c, name in head.wells.items() if names.count(name) > 1)
        raise grid.malformed(row, twice, "each well in one column only")
    bottom = row + 1
    while bottom < len(grid) and not grid.is_blank(bottom) and _is_line(grid, bottom, head):
        bottom += 1
    values = np.full((len(names), bottom - row - 1), np.nan)
    flags = []
    columns = list(head.wells)
    left, right = columns[0], columns[-1] + 1
    at = np.array(columns) - left
    for point, line in enumerate(range(row + 1, bottom)):
        numbers = grid.numbers(line, left, right)
        values[:, point] = numbers.values[at]
        flags += [
            grid.flag(head.wells[left + index], point, text, line, left + index)
            for index, text in numbers.odd
            if left + index in head.wells
        ]
    grid.ledger.mark(Use.HEADER, row, row + 1)
    grid.ledger.mark(Use.MEASURED, row + 1, bottom, 0, right)
    # A run that was stopped lists the times of readings that were never made.
    last = max((flag.index for flag in flags), default=-1)
    held = np.flatnonzero(np.isfinite(values).any(axis=0))
    bottom_read = row + 2 + max(last, int(held[-1]) if len(held) else -1)
    values = values[:, : bottom_read - row - 1]
    time = None
    if head.time is not None:
        scale = time_scale(grid.text(row, head.time))
        time = _axis(grid, row + 1, bottom_read, head.time, scale)
    wave = None if head.wave is None else _axis(grid, row + 1, bottom_read, head.wave)
    curves = Curves(
        context,
        _unit_in(grid, row, head.others),
        tuple(names),
        values,
        tuple(flags),
        time,
        wave,
        head.samples,
        _temperatures(grid, row + 1, bottom_read, head.temperature),
    )
    return curves, bottom


def _temperatures(grid: Grid, top: int, bottom: int, column: int | None) -> Floats | None:
    if column is None:
        return None
    grid.ledger.mark(Use.HEADER, top, bottom, column, column + 1)
    return _axis(grid, top, bottom, column)


def _is_line(grid: Grid, row: int, head: _Head) -> bool:
    axis = head.time if head.time is not None else head.wave
    if axis is None:
        return grid.number(row, 0) is not None
    return grid.text(row, axis) != ""


def time_scale(head: str) -> float:
    """Seconds of a bare number below a head such as `avg. time [min]`."""
    return next((scale for unit, scale in _SCALES if unit.search(head)), 1.0)


def _axis(grid: Grid, top: int, bottom: int, column: int, scale: float = 1.0) -> Floats | None:
    found = []
    for row in range(top, bottom):
        cell = grid.cell(row, column)
        number = grid.numerals.one(cell)
        seconds = number * scale if number is not None else seconds_of(cell)
        if seconds is None:
            return None
        found.append(seconds)
    return np.array(found, np.float64)


def _unit_in(grid: Grid, row: int, columns: Sequence[int]) -> str:
    texts = (grid.text(row, column) for column in columns)
    return next((text for text in texts if words.unit_of(text) is not None), "")
