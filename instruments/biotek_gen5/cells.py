"""Cells of a Gen5 export that are no plain number: texts in wells, times, and labels."""

import re
from dataclasses import replace

from instruments.grids import Grid
from instruments.readings import Flag, FlagKind

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


def well_flag(grid: Grid, well: str, index: int, text: str, row: int, column: int) -> Flag:
    flag = grid.flag(well, index, text, row, column)
    # Stars around a number: the user masked the well; it was read, but not to be used.
    masked = len(text) > 2 and text[0] == text[-1] == "*" and text.strip("*")  # noqa: PLR2004
    return replace(flag, flag=FlagKind.TEXT) if masked else flag
