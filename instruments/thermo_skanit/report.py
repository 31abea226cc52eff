"""A SkanIt report taken apart: steps, plates, matrices, tables.

A report is a column of one-line texts (step, wavelength, plate) between matrices and tables. Which
text is what follows from its words and its place; names of steps and plates are the user's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.readings import Flag, Floats, LayoutEntry, Message, Severity
from instruments.thermo_skanit import words
from instruments.wells import row_index, size_for, well_name

_SMALLEST_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines above a matrix or table say."""

    step: str = ""
    plate: str = ""
    wavelength_nm: float | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None
    reading: int | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """A matrix of values.

    Attributes:
        head: the word in its corner (Abs, RFU, RLU).
        size: of the smallest plate that holds it.
        values: one per well.
    """

    context: Context
    head: str
    wells: tuple[str, ...]
    values: Floats
    flags: tuple[Flag, ...]
    size: int | None


@dataclass(slots=True)
class Report:
    """All that a file holds."""

    matrices: list[Matrix] = field(default_factory=list)
    layouts: dict[str, dict[str, LayoutEntry]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    start_lines: list[tuple[Grid, int]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def corner(grid: Grid, row: int) -> int | None:
    """Number of columns when the row is the head of a matrix: a word (or nothing), then 1, 2, 3."""
    cells = grid.rows[row]
    if len(cells) <= _SMALLEST_COLUMNS or cells[1] not in (1, "1", "01", 1.0):
        return None
    columns = 0
    for column in range(1, grid.width(row)):
        if grid.text(row, column).lstrip("0") != str(column):
            break
        columns = column
    if columns < _SMALLEST_COLUMNS or columns != grid.width(row) - 1:
        return None
    return columns if row_index(grid.text(row + 1, 0)) is not None else None


def read_values(grid: Grid, head: int, columns: int, context: Context) -> Matrix:
    """A matrix of numbers and flags; wells without any are left out."""
    names, bottom = _letters(grid, head)
    cells = [
        (well_name(index, column - 1), row, column, cell)
        for index, row in names
        for column in range(1, columns + 1)
        if (cell := grid.cell(row, column)) != "" and str(cell).strip()
    ]
    numbers = grid.numerals.many([cell for *_, cell in cells])
    grid.ledger.mark(Use.HEADER, head, head + 1)
    _mark(grid, Use.MEASURED, head + 1, bottom, columns)
    flags = tuple(
        grid.flag(cells[i][0], 0, text, cells[i][1], cells[i][2]) for i, text in numbers.odd
    )
    rows = max((index for index, _ in names), default=0) + 1
    return Matrix(
        context,
        grid.text(head, 0),
        tuple(cell[0] for cell in cells),
        np.asarray(numbers.values, np.float64),
        flags,
        size_for(rows, columns),
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
    names, bottom = _letters(grid, head)
    layout = report.layouts.setdefault(plate, {})
    for index, row in names:
        for column in range(1, columns + 1):
            sample = grid.text(row, column)
            if sample:
                well = well_name(index, column - 1)
                known = layout.get(well, LayoutEntry())
                layout[well] = replace(known, sample=sample, role=words.role_of(sample))
    grid.ledger.mark(Use.LAYOUT, head, bottom)
    return bottom


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
    for column in range(1, columns + 1):
        text = grid.text(row, column)
        if not text:
            continue
        well = well_name(index, column - 1)
        entry = layout.get(well, LayoutEntry())
        if is_first:
            layout[well] = replace(entry, sample=text, role=words.role_of(text))
        elif ":" in text and text.replace(":", "").replace(".", "").isdigit():
            layout[well] = replace(entry, dilution=text)
        elif (number := grid.number(row, column)) is not None or text[0].isdigit():
            layout[well] = replace(entry, concentration=text if number is None else number)
        else:
            layout[well] = replace(entry, group=text)


def warn(report: Report, grid: Grid, row: int, text: str) -> None:
    report.messages.append(Message(Severity.WARNING, text, grid.place(row)))


def facts_of(grid: Grid, rows: Sequence[int], report: Report) -> None:
    """Lines of the information sheets: nothing, a name, and a value in a later column."""
    for row in rows:
        cells = [text for c in range(grid.width(row)) if (text := grid.text(row, c))]
        if len(cells) == 2 and not grid.text(row, 0):  # noqa: PLR2004
            report.facts.setdefault(cells[0].rstrip(":"), cells[1])
