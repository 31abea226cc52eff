"""An export is a list of blocks; each starts with its kind and ends with ~End."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from instruments.errors import Truncated
from instruments.grids import Grid
from instruments.readings import Message, Severity

_OPENING = frozenset('~PG "')  # what a line starts with that ends a block


class BlockKind(StrEnum):
    """What a block holds, by the word it starts with."""

    PLATE = "Plate:"
    GROUP = "Group:"
    NOTE = "Note:"
    CUVETTES = "Cuvette Set:"
    GRAPH = "Graph:"


@dataclass(frozen=True, slots=True)
class Block:
    """Rows `top` (the one with the kind) to `bottom` (the one with ~End), from 0."""

    kind: BlockKind
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Export:
    """The blocks of a file and the lines after them.

    Attributes:
        saved: the line "Original Filename: ...; Date Last Saved: ...", or "".
        instrument: the line "Instrument type: ... Instrument serial number: ...", or "".
    """

    blocks: tuple[Block, ...]
    saved: str
    instrument: str
    messages: tuple[Message, ...]


def split(grid: Grid) -> Export:
    """The blocks of an export.

    Raises:
        Truncated: a block without an end, or fewer blocks than announced and no last line.
    """
    blocks, saved, instrument, planned = [], "", "", 0
    first = next(row for row in range(len(grid)) if not grid.is_blank(row))
    row, counted = first, is_count(grid, first)
    while row < len(grid):
        kind = kind_of(grid, row)
        if kind is not None:
            bottom = _end_of(grid, row)
            blocks.append(Block(kind, row, bottom))
            row = bottom
        elif grid.text(row, 0).startswith("Original Filename:"):
            saved = grid.text(row, 0)
        elif is_count(grid, row):
            # Readings appended to one file, each an export of its own.
            planned += announced(grid, row)
        elif grid.text(row, 0).startswith("Instrument type:"):
            instrument = " ".join(grid.texts(row, 0, grid.width(row)))
        row += 1
    messages = tuple(_count(grid, first, planned, len(blocks), saved)) if counted else ()
    return Export(tuple(blocks), saved, instrument, messages)


def kind_of(grid: Grid, row: int) -> BlockKind | None:
    """The kind of the block that starts in this row; the name may stand in the same field."""
    text = grid.text(row, 0)
    return next((kind for kind in BlockKind if text.startswith(kind.value)), None)


def is_count(grid: Grid, row: int) -> bool:
    """A line "##BLOCKS= 4"; who takes # for a comment strips the marks."""
    return grid.text(row, 0).lstrip("#").startswith("BLOCKS=")


def announced(grid: Grid, row: int) -> int:
    """The number in "##BLOCKS= 4"."""
    digits = grid.text(row, 0).lstrip("#").removeprefix("BLOCKS=").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 8):  # noqa: PLR2004
        raise grid.malformed(row, 0, "##BLOCKS= and the number of blocks")
    return int(digits)


def _end_of(grid: Grid, top: int) -> int:
    for row in range(top + 1, len(grid)):
        cells = grid.rows[row]
        text = cells[0] if cells else ""
        if not isinstance(text, str) or text[:1] not in _OPENING:
            continue
        text = text.strip()
        if text.startswith("~End"):
            return row
        if text.startswith(("Plate:", "Group:")) and kind_of(grid, top) is not BlockKind.NOTE:
            break
    raise Truncated(
        grid.file,
        place=grid.place(top),
        found=grid.text(top, 0),
        expected="the end of this block, ~End, before the next block or the end of the file",
    )


def _count(grid: Grid, first: int, planned: int, found: int, saved: str) -> Iterator[Message]:
    if found == planned:
        return
    if found < planned and not saved:
        raise Truncated(
            grid.file,
            place=grid.place(first),
            found=f"{found} blocks",
            expected=f"{planned} blocks as announced",
        )
    text = f"the file announces {planned} blocks and holds {found}"
    yield Message(Severity.WARNING, text, grid.place(first))
