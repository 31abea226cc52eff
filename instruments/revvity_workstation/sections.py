"""Where the sections of a workstation export begin and end.

An export is a run of titled blocks: plate information, background information, results, and after
the last plate the settings. Which of them are there, and whether the settings stand first or last,
is a choice of the person who set up the export.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from instruments.grids import Grid


class Part(Enum):
    """What a section is about."""

    PLATE = "plate information"
    BACKGROUND = "background information"
    RESULTS = "results with a title"
    LIST = "results as a list"
    PLATEMAP = "plate map"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Section:
    """Rows `top` to `bottom` (exclusive); the title is in row `top`."""

    part: Part
    title: str
    top: int
    bottom: int


_TITLED = {
    "Plate information": Part.PLATE,
    "Background information": Part.BACKGROUND,
    "No background information available.": Part.BACKGROUND,
    "Platemap:": Part.PLATEMAP,
}
_SETTINGS = frozenset(
    {
        "Basic assay information",
        "Protocol information",
        "Protocol:",
        "Plate type:",
        "Coordinates of corners:",
        "Calculations:",
        "Auto export parameters:",
        "Export parameters:",
        "Operations:",
        "Labels:",
        "Measurements:",
        "Filters:",
        "Mirrors:",
        "Mirror modules:",
        "Aperture:",
        "Instrument:",
        "Normalization:",
        "Errors and warnings:",
        "Error and warning information",
    }
)
_RESULTS = re.compile(r"(?:Calculated r|R)esults?(?: for |:\s|\s*$)")
_LIST_HEADS = frozenset({"Well", "Plate", "PlateNumber", "Barcode"})


def sections(grid: Grid) -> list[Section]:
    """All sections of an export, in order; rows before the first one belong to none."""
    starts = [*_starts(grid), (len(grid), Part.SETTINGS, "")]
    return [
        Section(part, title, top, starts[index + 1][0])
        for index, (top, part, title) in enumerate(starts[:-1])
    ]


def _starts(grid: Grid) -> Iterator[tuple[int, Part, str]]:
    inside = None
    for row, cells in enumerate(grid.rows):
        if not cells or not isinstance(cells[0], str) or len(cells[0]) < 4:  # noqa: PLR2004
            continue
        title = cells[0].strip()
        part = _part(title, grid, row, inside) if title else None
        if part is not None:
            inside = part
            yield row, part, title


def _part(title: str, grid: Grid, row: int, inside: Part | None) -> Part | None:
    part = _TITLED.get(title)
    if part is not None:
        return part
    if title in _SETTINGS:
        return Part.SETTINGS
    if title[0] in "CR" and _RESULTS.match(title):
        return Part.RESULTS
    if title in _LIST_HEADS and inside is not Part.PLATEMAP and inside is not Part.SETTINGS:
        return Part.LIST if _is_list_head(grid, row) else None
    return None


def _is_list_head(grid: Grid, row: int) -> bool:
    """A list names the wells in a column and has results beside them."""
    heads = [grid.text(row, column) for column in range(grid.width(row))]
    return "Well" in heads and len(heads) > 1
