"""Names of wells and sizes of plates."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache

_WELL = re.compile(r"([A-Za-z]{1,2})0*([1-9]\d?)")
_SHAPES = ((2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (16, 24), (32, 48))
_LONGEST = 16  # characters of a well name with its blanks
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Rows 27 to 32 of a 1536-well plate: AA to AF, which some software writes a to f.
_ROWS = {
    name: index for index, name in enumerate([*_LETTERS, *(f"A{letter}" for letter in "ABCDEF")])
}


def row_index(name: str) -> int | None:
    """Row of a plate from its letters, from 0; None when it is no row. Rows are capital letters."""
    return _ROWS.get(name)


def row_name(index: int) -> str:
    return _LETTERS[index] if index < len(_LETTERS) else "A" + _LETTERS[index - len(_LETTERS)]


@cache
def well_name(row: int, column: int) -> str:
    """Name of a well from row and column counted from 0: (0, 0) is A1."""
    return f"{row_name(row)}{column + 1}"


def parse_well(text: str) -> tuple[int, int] | None:
    """Row and column from 0 of a well name (A1, A01, AF48), or None when it is none."""
    return _parse(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _parse(text: str) -> tuple[int, int] | None:
    match = _WELL.fullmatch(text.strip())
    if match is None:
        return None
    row = _ROWS.get(match[1].upper())
    return None if row is None else (row, int(match[2]) - 1)


def standard_name(text: str) -> str | None:
    """A well name in A1 form (A01 becomes A1), or None when it is none."""
    return _standard(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _standard(text: str) -> str | None:
    position = _parse(text)
    return None if position is None else well_name(*position)


def plate_size(wells: Iterable[str]) -> int | None:
    """Wells of the smallest usual plate that has all these wells; None for no wells."""
    positions = [position for position in map(parse_well, set(wells)) if position is not None]
    if not positions:
        return None
    return size_for(max(row for row, _ in positions) + 1, max(col for _, col in positions) + 1)


def size_for(rows: int, columns: int) -> int | None:
    """Wells of the smallest usual plate with at least so many rows and columns."""
    for shape in _SHAPES:
        if rows <= shape[0] and columns <= shape[1]:
            return shape[0] * shape[1]
    return None


def shape_of(size: int) -> tuple[int, int] | None:
    """Rows and columns of a usual plate of so many wells."""
    return next((shape for shape in _SHAPES if shape[0] * shape[1] == size), None)
