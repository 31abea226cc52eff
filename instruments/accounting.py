"""Every number of a file is accounted for: used, layout, calculated, or named as not read.

A reader marks ranges while it reads; afterwards the frame looks at what no range covers and says
so in a message. So a reader cannot leave a number out in silence, not even by a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from instruments.limits import COLUMNS
from instruments.readings import Message, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from instruments.grids import Grid

_NAMED = 8  # places named in the message; their number is always given in full


class Use(StrEnum):
    """What became of a range of cells."""

    MEASURED = "measured"  # values of a measured read, with its axis
    HEADER = "header"  # column numbers, wavelengths, times, settings, run facts
    LAYOUT = "layout"
    CALCULATED = "calculated"
    NOT_READ = "not read"  # and a message of the reader says so


class Range(NamedTuple):
    """Rows `top` to `bottom` and columns `left` to `right`, the ends exclusive; None: no end."""

    use: Use
    top: int
    bottom: int
    left: int = 0
    right: int | None = None


@dataclass(slots=True)
class Ledger:
    """The ranges of one grid that a reader has dealt with."""

    ranges: list[Range] = field(default_factory=list)

    def mark(
        self, use: Use, top: int, bottom: int, left: int = 0, right: int | None = None
    ) -> None:
        """Rows `top` to `bottom` (exclusive), columns `left` to `right` (exclusive, None: all)."""
        self.ranges.append(Range(use, top, bottom, left, right))


def leftovers(grids: Iterable[Grid]) -> list[Message]:
    """One warning for each grid that holds numbers no range covers."""
    messages = []
    for grid in grids:
        open_cells = list(_uncovered_numbers(grid))
        if not open_cells:
            continue
        named = ", ".join(
            f"{grid.place(row, column)} ({grid.text(row, column)})"
            for row, column in open_cells[:_NAMED]
        )
        more = " and more" if len(open_cells) > _NAMED else ""
        many = "1 number was" if len(open_cells) == 1 else f"{len(open_cells)} numbers were"
        text = f"{many} not read: {named}{more}"
        messages.append(Message(Severity.WARNING, text, grid.place(*open_cells[0])))
    return messages


def _uncovered_numbers(grid: Grid) -> Iterator[tuple[int, int]]:
    whole = bytearray(len(grid))
    partial: dict[int, list[tuple[int, int]]] = {}
    for marked in grid.ledger.ranges:
        top, bottom = max(0, marked.top), min(len(grid), marked.bottom)
        if marked.left <= 0 and marked.right is None:
            whole[top:bottom] = b"\1" * max(0, bottom - top)
            continue
        span = (max(0, marked.left), COLUMNS if marked.right is None else marked.right)
        for row in range(top, bottom):
            partial.setdefault(row, []).append(span)
    one = grid.numerals.one
    for row, cells in enumerate(grid.rows):
        if whole[row]:
            continue
        spans = partial.get(row)
        for left, right in [(0, len(cells))] if spans is None else _gaps(spans, len(cells)):
            for column in range(left, right):
                cell = cells[column]
                if cell != "" and one(cell) is not None:
                    yield row, column


def _gaps(spans: list[tuple[int, int]], width: int) -> list[tuple[int, int]]:
    """The columns of a row that no span covers, as spans: few, where a check by cell is dear."""
    gaps, at = [], 0
    for left, right in sorted(spans):
        if left > at:
            gaps.append((at, min(left, width)))
        at = max(at, right)
    if at < width:
        gaps.append((at, width))
    return gaps
