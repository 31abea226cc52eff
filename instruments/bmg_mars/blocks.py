"""The values in a report of BMG's control software: a grid or a list of wells, one block each."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from instruments.accounting import Use
from instruments.flags import meaning
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.readings import Flag, FlagKind, Floats
from instruments.wells import shape_of, standard_name, well_name

_CHROMATIC = re.compile(r"Chromatic:\s*(\d{1,4})")
_CYCLE = re.compile(r"Cycle:\s*(\d{1,6})")
_WAVELENGTH = re.compile(r"Wavelength:\s*(\d{3,4}(?:\.\d+)?)\s*nm")
_TIME = re.compile(r"Time\s*\[s\]:\s*(.*)")
_TEMPERATURE = re.compile(r"T\s*\[.{0,3}C\]:\s*(.*)")
_WELL = re.compile(r"([A-Z]{1,2}\d{2})(?:\s*:\s*(.*))?")
_LEAST_GRID = 3  # columns of the smallest plate
_NOT_READ = "-"
_MOST_ROWS = 32


@dataclass(frozen=True, slots=True)
class State:
    """What the lines above a block say of it."""

    chromatic: int | None = None
    cycle: int | None = None
    wavelength_nm: float | None = None
    time_s: Floats | None = None
    temperature_c: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Values of some wells; `values` are wells by the numbers of a line.

    Attributes:
        row: row of the grid where they start.
        shape: rows and columns of a plate drawn whole, None for a list of wells.
        warmth: temperatures that stand at the ends of the lines.
    """

    state: State
    row: int
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...] = ()
    shape: tuple[int, int] | None = None
    warmth: tuple[float, ...] = ()


def first_data(grid: Grid) -> int:
    """The row where the head ends."""
    for row in range(len(grid)):
        text = grid.text(row, 0)
        marks = (_CHROMATIC, _CYCLE, _WAVELENGTH, _TIME)
        if any(mark.fullmatch(text) for mark in marks):
            return row
        if _list_line(grid, row) is not None or _is_grid(grid, row):
            return row
    return len(grid)


def read_blocks(grid: Grid, row: int) -> list[Block]:
    """Every block from a row on, each under what the lines above it say.

    Raises:
        Malformed: a line of neither kind, a grid of no whole plate, lines of different lengths.
    """
    blocks: list[Block] = []
    state = State()
    while row < len(grid):
        if grid.is_blank(row):
            row += 1
        elif _list_line(grid, row) is not None:
            block, row = _read_list(grid, row, state)
            blocks.append(block)
        elif _is_grid(grid, row):
            block, row = _read_grid(grid, row, state)
            blocks.append(block)
        else:
            state, row = _read_state(grid, row, state)
    return blocks


def _read_state(grid: Grid, row: int, state: State) -> tuple[State, int]:
    text, start = grid.text(row, 0), row
    if match := _CHROMATIC.fullmatch(text):
        # A new chromatic has cycles and times of its own.
        state = State(chromatic=int(match[1]))
    elif match := _CYCLE.fullmatch(text):
        state = replace(state, cycle=int(match[1]), time_s=None, temperature_c=None)
    elif match := _WAVELENGTH.fullmatch(text):
        state = replace(state, wavelength_nm=float(match[1]))
    elif match := _TIME.fullmatch(text):
        times, row = _read_axis(grid, row, match[1])
        state = replace(state, time_s=times)
    elif match := _TEMPERATURE.fullmatch(text):
        temperatures, row = _read_axis(grid, row, match[1])
        state = replace(state, temperature_c=temperatures)
    else:
        raise grid.malformed(row, 0, "a chromatic, a cycle, a time or values of wells")
    grid.ledger.mark(Use.HEADER, start, row + 1)
    return state, row + 1


def _read_axis(grid: Grid, row: int, first: str) -> tuple[Floats | None, int]:
    """The numbers behind a title, or in the line below it; with the row where they stand."""
    cells: list[Cell] = [first, *grid.rows[row][1:]]
    if not _without_end(cells):
        row += 1
        cells = list(grid.rows[row]) if row < len(grid) else []
    numbers = grid.numerals.many(_without_end(cells))
    if not len(numbers.values):
        return None, row
    if not np.isfinite(numbers.values).all():
        raise grid.malformed(row, 0, "numbers")
    return numbers.values, row


def _without_end(cells: list[Cell]) -> list[Cell]:
    while cells and str(cells[-1]).strip() == "":
        cells = cells[:-1]
    return cells


def _list_line(grid: Grid, row: int) -> re.Match[str] | None:
    """The well and the first value of a line such as `A01: 0.5, 0.6` or `A01; 0.5; 0.6`."""
    match = _WELL.fullmatch(grid.text(row, 0))
    return match if match is not None and (match[2] or grid.width(row) > 1) else None


def _is_grid(grid: Grid, row: int) -> bool:
    width = grid.width(row)
    if width < _LEAST_GRID:
        return False
    return grid.number(row, 0) is not None or meaning(grid.text(row, 0)) is not FlagKind.TEXT


def _read_list(grid: Grid, top: int, state: State) -> tuple[Block, int]:
    lines: dict[str, Floats] = {}
    flags: list[Flag] = []
    warmth: list[float] = []
    row = top
    while row < len(grid) and (match := _list_line(grid, row)) is not None:
        well = standard_name(match[1])
        if well is None or well in lines:
            raise grid.malformed(row, 0, "each well once")
        shift = 0 if match[2] else 1
        cells = _without_end([*([match[2]] if match[2] else []), *grid.rows[row][1:]])
        last = _TEMPERATURE.fullmatch(str(cells[-1]).strip())
        if last is not None:
            degrees = grid.numerals.one(last[1])
            warmth += [] if degrees is None else [degrees]
            cells = cells[:-1]
        numbers = grid.numerals.many(cells)
        lines[well] = numbers.values
        flags += [grid.flag(well, at, text, row, at + shift) for at, text in numbers.odd]
        row += 1
    grid.ledger.mark(Use.MEASURED, top, row)
    if len({len(line) for line in lines.values()}) != 1:
        raise grid.malformed(top, 0, "as many values for each well")
    values = np.array(list(lines.values()))
    return _block(state, top, tuple(lines), values, flags, warmth=tuple(warmth)), row


def _read_grid(grid: Grid, top: int, state: State) -> tuple[Block, int]:
    width, row = grid.width(top), top
    lines: list[Floats] = []
    flags: list[Flag] = []
    while row < len(grid) and _is_grid(grid, row) and row - top <= _MOST_ROWS:
        if grid.width(row) != width:
            raise grid.malformed(row, 0, f"{width} values as in the line above")
        numbers = grid.numbers(row, 0, width)
        lines.append(numbers.values)
        flags += [
            grid.flag(well_name(row - top, column), 0, text, row, column)
            for column, text in numbers.odd
        ]
        row += 1
    shape = (row - top, width)
    if shape_of(shape[0] * shape[1]) != shape:
        raise grid.malformed(top, 0, f"a whole plate, and not {shape[0]} lines of {width} values")
    grid.ledger.mark(Use.MEASURED, top, row)
    return _block(state, top, _wells_of(shape), np.array(lines).reshape(-1, 1), flags, shape), row


@lru_cache(maxsize=8)
def _wells_of(shape: tuple[int, int]) -> tuple[str, ...]:
    rows, columns = shape
    return tuple(well_name(row, column) for row in range(rows) for column in range(columns))


def _block(
    state: State,
    row: int,
    wells: tuple[str, ...],
    values: Floats,
    flags: list[Flag],
    shape: tuple[int, int] | None = None,
    warmth: tuple[float, ...] = (),
) -> Block:
    """A block without the wells that hold nothing but dashes: they were not read."""
    if np.isfinite(values).all():
        return Block(state, row, wells, values, (), shape, warmth)
    told = {flag.well for flag in flags if flag.text != _NOT_READ}
    kept = np.isfinite(values).any(axis=1) | np.array([well in told for well in wells])
    wells = tuple(well for well, is_kept in zip(wells, kept, strict=True) if is_kept)
    names = set(wells)
    return Block(
        state,
        row,
        wells,
        values[kept],
        tuple(flag for flag in flags if flag.well in names),
        shape,
        warmth,
    )
