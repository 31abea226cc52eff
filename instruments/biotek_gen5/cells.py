"""What stands in a Gen5 well in place of a number."""

from dataclasses import replace

from instruments.grids import Grid
from instruments.readings import Flag, FlagKind


def well_flag(grid: Grid, well: str, index: int, text: str, row: int, column: int) -> Flag:
    flag = grid.flag(well, index, text, row, column)
    # Stars around a number: the user masked the well; it was read, but not to be used.
    masked = len(text) > 2 and text[0] == text[-1] == "*" and text.strip("*")  # noqa: PLR2004
    return replace(flag, flag=FlagKind.TEXT) if masked else flag
