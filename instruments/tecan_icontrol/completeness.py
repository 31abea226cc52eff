"""Whether a table holds all the wells that were to be read.

A table that lost a line still looks like a table; the part of the plate in the settings tells.
"""

import re
from collections.abc import Iterable, Iterator

from instruments.wells import parse_well, well_name

_RANGE = re.compile(r"([A-Z]{1,2}\d{1,2})\s*(?:[-:]\s*([A-Z]{1,2}\d{1,2}))?")
_NAMED = 6
_MOST_COLUMNS = 48


def missing_wells(part: str | None, wells: Iterable[str]) -> str | None:
    """A sentence about wells of the part that have no value, or about a row that is left out."""
    found = set(wells)
    if part is not None:
        planned = wells_of_part(part)
        missing = [well for well in planned if well not in found]
        if not missing:
            return None
        named = ", ".join(missing[:_NAMED]) + (" ..." if len(missing) > _NAMED else "")
        return f"{len(missing)} of {len(planned)} wells of {part} have no value: {named}"
    rows = sorted({position[0] for well in found if (position := parse_well(well)) is not None})
    if rows and rows != list(range(rows[0], rows[-1] + 1)):
        return "the rows of the plate do not follow each other; a line may be lost"
    return None


def wells_of_part(part: str) -> list[str]:
    """The wells of a part of the plate ("A1-D6;F1-F6"), row by row in each of its pieces."""
    return [well for piece in part.split(";") for well in _wells_of(piece.strip())]


def _wells_of(piece: str) -> Iterator[str]:
    match = _RANGE.fullmatch(piece)
    if match is None:
        return
    first, last = parse_well(match[1]), parse_well(match[2] or match[1])
    if first is None or last is None or last[1] >= _MOST_COLUMNS:
        return
    for row in range(first[0], last[0] + 1):
        for column in range(first[1], last[1] + 1):
            yield well_name(row, column)
