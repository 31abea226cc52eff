"""The header of a Gen5 export: its facts, and where that of each plate begins."""

from itertools import pairwise

from instruments.biotek_gen5.procedure import TITLES
from instruments.grids import Grid

FACTS = (
    "Software Version",
    "User Name",
    "Experiment File Path",
    "Protocol File Path",
    "Plate Number",
    "Date",
    "Time",
    "Reader Type",
    "Reader Serial Number",
    "Reading Type",
    "Barcode",
    "Plate Barcode",
    "Plate ID",
    "Basecode",
    "Gen5 Secure",
    "Min Temperature",
    "Max Temperature",
)
_HEADS = frozenset({"Software Version", "Plate Number", "Reader Type", *TITLES})


def header_rows(grid: Grid) -> list[int]:
    """The row where each plate starts. A plate repeats the header, its number, or its procedure."""
    numbers, versions, procedures = [], [], []
    for row, cells in enumerate(grid.rows):
        first = cells[0] if cells else ""
        if first in {"Plate Number", "Plate Number:"}:
            numbers.append(row)
        elif first in {"Software Version", "Software Version:"}:
            versions.append(row)
        elif first in TITLES:
            procedures.append(row)
    if len(numbers) < 2:  # noqa: PLR2004
        if len(versions) >= 2:  # noqa: PLR2004
            return [0, *versions[1:]]
        # Without header the procedure is the first of each plate.
        is_first = procedures and all(grid.is_blank(row) for row in range(procedures[0]))
        return [0, *procedures[1:]] if is_first else [0]
    starts = [0]
    for before, number in pairwise(numbers):
        own = [version for version in versions if before < version < number]
        starts.append(own[0] if own else number)
    return starts


def has_head(grid: Grid) -> bool:
    """Whether a sheet says of itself which plate it is, or how it was read."""
    return any(key_of(grid, row) in _HEADS for row in range(len(grid)))


def key_of(grid: Grid, row: int) -> str:
    """The first cell of a row as the name of a fact: without its colon."""
    cells = grid.rows[row]
    first = cells[0] if cells else ""
    return first.strip().rstrip(":") if isinstance(first, str) else ""
