"""Cells of a Gen5 export that are no plain number: texts in wells, times, and labels."""

import re
from dataclasses import replace
from datetime import datetime

from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.numerals import Cell
from instruments.readings import Flag, FlagKind

# Above a day a spreadsheet holds a date near its epoch; a csv made from it has that date as text.
_SINCE_EPOCH = re.compile(r"(?:1899-12-31|1900-0\d-\d\d) \d\d:\d\d:\d\d(?:\.\d{1,6})?")
_DAYS = re.compile(r"(\d{1,3}) days?,? (\d{1,2}:\d\d:\d\d(?:\.\d{1,9})?)")
_LONGEST = 40
_ENDS_IN_FILTER = re.compile(r"(?<!\d)\d{3,4}(?:\.\d{1,2})?(?:/\d{1,3})?$")
_BEGINS_WITH_FILTER = re.compile(r"\d{3,4}(?:\.\d{1,2})?(?:/\d{1,3})?(?!\d|\.\d)")


def are_filters(first: str, second: str) -> bool:
    """Whether two fields are one label: Gen5 does not quote `GFP:485,528` between commas."""
    return (
        _ENDS_IN_FILTER.search(first[-_LONGEST:]) is not None
        and _BEGINS_WITH_FILTER.match(second) is not None
    )


def line_label(grid: Grid, row: int, column: int, header: int) -> tuple[str, int]:
    """The label at the start of a line, and the column of its first value.

    A line with one field more than its header has a label with a comma, which was split where the
    fields of a text are, and stays split when a spreadsheet program saves the text as a workbook.
    """
    label, left = grid.text(row, column), column + 1
    # By its fields, or by the filled ones where a spreadsheet program made all lines equal.
    is_longer = len(grid.rows[row]) == len(grid.rows[header]) + 1
    is_longer = is_longer or grid.width(row) == grid.width(header) + 1
    if is_longer and are_filters(label, second := grid.text(row, left)):
        return f"{label},{second}", left + 1
    return label, left


def elapsed(cell: Cell) -> float | None:
    """Seconds since the start, also as a spreadsheet or a script writes more than a day."""
    seconds = seconds_of(cell)
    if seconds is not None or not isinstance(cell, str) or len(cell) > _LONGEST:
        return seconds
    text = cell.strip()
    if _SINCE_EPOCH.fullmatch(text) is not None:
        try:
            return seconds_of(datetime.fromisoformat(text))
        except ValueError:
            return None
    match = _DAYS.fullmatch(text)
    rest = None if match is None else seconds_of(match[2])
    return None if match is None or rest is None else int(match[1]) * 86400.0 + rest


def well_flag(grid: Grid, well: str, index: int, text: str, row: int, column: int) -> Flag:
    flag = grid.flag(well, index, text, row, column)
    # Stars around a number: the user masked the well; it was read, but not to be used.
    masked = len(text) > 2 and text[0] == text[-1] == "*" and text.strip("*")  # noqa: PLR2004
    return replace(flag, flag=FlagKind.TEXT) if masked else flag
