"""A SkanIt report taken apart: steps, plates, matrices, tables.

A report is a column of one-line texts (step, wavelength, plate) between matrices and tables. Which
text is what follows from its words and its place; names of steps and plates are the user's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.readings import Flag, Floats, LayoutEntry, Message, Severity
from instruments.thermo_skanit import words
from instruments.wells import row_index, size_for, well_name

_SMALLEST_COLUMNS = 2
_DILUTION = re.compile(r"\d+(?:[.,]\d+)?:\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines above a matrix or table say.

    Attributes:
        no_filter: the line of the wavelength says 0 nm, as luminescence without a filter has it.
    """

    step: str = ""
    plate: str = ""
    wavelength_nm: float | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None
    no_filter: bool = False
    reading: int | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix of values.

    Attributes:
        head: the word in its corner (Abs, RFU, RLU).
        size: of the smallest plate that holds it.
        values: one per well.
        is_further: it stands right below another matrix, without a text between them.
    """

    context: Context
    head: str
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...]
    size: int | None
    is_further: bool = False


@dataclass(slots=True)
class Report:
    """All that a file holds."""

    matrices: list[Matrix] = field(default_factory=list)
    layouts: dict[str, dict[str, LayoutEntry]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    start_lines: list[tuple[Grid, int]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def corner(grid: Grid, row: int) -> int | None:
    """Number of columns when the row is the head of a matrix: a word (or nothing), then 1, 2, 3.

    After an empty column another table may stand in the same lines.
    """
    cells = grid.rows[row]
    if len(cells) <= _SMALLEST_COLUMNS or cells[1] not in (1, "1", "01", 1.0):
        return None
    columns = 1
    while columns + 1 < len(cells):
        text = _written(cells[columns + 1])
        if text.lstrip("0") != str(columns + 1):
            if text:
                return None
            break
        columns += 1
    if columns < _SMALLEST_COLUMNS:
        return None
    return columns if row_index(grid.text(row + 1, 0)) is not None else None


def has_numbers_only(grid: Grid, head: int, columns: int) -> bool:
    """Whether every filled cell of a matrix is a number; False when all are empty."""
    lines, _ = _letters(grid, head)
    cells = [cell for _, row in lines for cell in grid.rows[row][1 : columns + 1] if cell != ""]
    numbers = grid.numerals.many(cells)
    return bool(cells) and not numbers.odd and bool(np.isfinite(numbers.values).any())


def read_values(
    grid: Grid, head: int, columns: int, context: Context, *, is_further: bool = False
) -> Matrix:
    """A matrix of numbers and flags; wells without any are left out."""
    lines, bottom = _letters(grid, head)
    rows_of_plate = tuple(index for index, _ in lines)
    names = _names(rows_of_plate, columns)
    cells: list[Cell] = []
    for _, row in lines:
        line = grid.rows[row][1 : columns + 1]
        cells += line if len(line) == columns else line + [""] * (columns - len(line))
    filled = [i for i, cell in enumerate(cells) if cell != "" and str(cell).strip()]
    numbers = grid.numerals.many([cells[i] for i in filled])
    _mark(grid, Use.HEADER, head, head + 1, columns)
    _mark(grid, Use.MEASURED, head + 1, bottom, columns)
    flags = tuple(
        grid.flag(
            names[filled[i]], 0, text, lines[filled[i] // columns][1], filled[i] % columns + 1
        )
        for i, text in numbers.odd
    )
    rows = max(rows_of_plate, default=0) + 1
    return Matrix(
        context,
        grid.text(head, 0),
        tuple(names[i] for i in filled) if len(filled) < len(names) else names,
        np.asarray(numbers.values, np.float64),
        flags,
        size_for(rows, columns),
        is_further,
    )


def _mark(grid: Grid, use: Use, top: int, bottom: int, columns: int) -> None:
    for row in range(top, bottom):
        beyond = grid.width(row) > columns + 1
        grid.ledger.mark(use, row, row + 1, 0, columns + 1 if beyond else None)


def _letters(grid: Grid, head: int) -> tuple[list[tuple[int, int]], int]:
    """Row of the plate and row of the grid of each line below the head.

    Raises:
        Malformed: the letters are out of order.
    """
    names: list[tuple[int, int]] = []
    row = head + 1
    while row < len(grid) and (index := row_index(grid.text(row, 0))) is not None:
        if names and index <= names[-1][0]:
            raise grid.malformed(row, 0, "the next row letter of the plate")
        names.append((index, row))
        row += 1
    return names, row


def read_samples(grid: Grid, head: int, columns: int, report: Report, plate: str) -> int:
    """A matrix of sample names below a plate; returns the row below it."""
    lines, bottom = _letters(grid, head)
    names = _names(tuple(index for index, _ in lines), columns)
    layout = report.layouts.setdefault(plate, {})
    for at, (_, row) in enumerate(lines):
        for column, cell in enumerate(grid.rows[row][1 : columns + 1]):
            if cell == "" or not (sample := _written(cell)):
                continue
            well = names[at * columns + column]
            known = layout.get(well)
            role = words.role_of(sample)
            if known is None:
                layout[well] = LayoutEntry(role, sample)
            elif known.sample != sample:
                layout[well] = replace(known, sample=sample, role=role)
    _mark(grid, Use.LAYOUT, head, bottom, columns)
    return bottom


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


@lru_cache(maxsize=64)
def _names(rows: tuple[int, ...], columns: int) -> tuple[str, ...]:
    return tuple(well_name(row, column) for row in rows for column in range(columns))


def read_definitions(grid: Grid, report: Report) -> None:
    """The sheet of layout definitions: per well the sample, and below it group and dilution."""
    plate, columns, index = "", 0, None
    for row in range(len(grid)):
        found = corner(grid, row)
        key = grid.text(row, 0)
        if found is not None:
            columns, index = found, None
        elif columns == 0 or len(key) > 2:  # noqa: PLR2004
            columns = 0
            if grid.width(row) == 2 and not plate_is_known(report, plate, grid.text(row, 1)):  # noqa: PLR2004
                plate = grid.text(row, 1)
        else:
            index = row_index(key) if key else index
            if index is not None:
                _define(
                    grid,
                    row,
                    index,
                    columns,
                    report.layouts.setdefault(plate, {}),
                    is_first=bool(key),
                )
    grid.ledger.mark(Use.LAYOUT, 0, len(grid))


def plate_is_known(report: Report, plate: str, text: str) -> bool:
    """The line after the name of a plate names its template, which is no plate of its own."""
    return plate in report.layouts and text not in report.layouts


def _define(
    grid: Grid,
    row: int,
    index: int,
    columns: int,
    layout: dict[str, LayoutEntry],
    *,
    is_first: bool,
) -> None:
    names = _names((index,), columns)
    for column, cell in enumerate(grid.rows[row][1 : columns + 1]):
        if cell == "" or not (text := _written(cell)):
            continue
        entry = layout.get(names[column])
        if is_first:
            if entry is None or entry.sample != text:
                layout[names[column]] = LayoutEntry(words.role_of(text), text)
        elif entry is not None:
            layout[names[column]] = _described(entry, text, grid.numerals.one(cell))


def _described(entry: LayoutEntry, text: str, number: float | None) -> LayoutEntry:
    """A further line of a well: 1:10 is a dilution, a number a concentration, a text a group."""
    if _DILUTION.fullmatch(text):
        return LayoutEntry(entry.role, entry.sample, entry.group, entry.concentration, text)
    if number is not None or text[0].isdigit():
        amount = text if number is None else number
        return LayoutEntry(entry.role, entry.sample, entry.group, amount, entry.dilution)
    return LayoutEntry(entry.role, entry.sample, text, entry.concentration, entry.dilution)


def is_layout(grid: Grid) -> bool:
    """A sheet of layout definitions in any language: matrices without a word, of texts."""
    for row, cells in enumerate(grid.rows):
        columns = corner(grid, row) if cells else None
        if columns is not None and not grid.text(row, 0):
            return not has_numbers_only(grid, row, columns)
    return False


def warn(report: Report, grid: Grid, row: int, text: str) -> None:
    report.messages.append(Message(Severity.WARNING, text, grid.place(row)))


def facts_of(grid: Grid, rows: Sequence[int], report: Report) -> None:
    """Lines of the information sheets: nothing, a name, and a value in a later column."""
    for row in rows:
        cells = [text for c in range(grid.width(row)) if (text := grid.text(row, c))]
        if len(cells) == 2 and not grid.text(row, 0):  # noqa: PLR2004
            report.facts.setdefault(cells[0].rstrip(":"), cells[1])
