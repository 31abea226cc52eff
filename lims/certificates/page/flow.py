"""Blocks poured onto pages. Measures are points; y grows upwards, a block is drawn from its top."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from lims.certificates.errors import TextDoesNotFit
from lims.certificates.page.pen import Pen

PAGE_WIDTH, PAGE_HEIGHT = A4
LEFT, RIGHT = 16 * mm, PAGE_WIDTH - 16 * mm
MEASURE = RIGHT - LEFT
BOTTOM = 16 * mm
"""Above the footer."""

Draw = Callable[[Pen, float], None]


@dataclass(frozen=True)
class Block:
    """What cannot be divided between pages.

    Attributes:
        field: named when the block is higher than a page.
        with_next: stays on the page of the block after it (a heading).
        at_foot: stands at the bottom of its page, unless it is alone there.
        repeats: drawn again on top of the pages that continue this table; None outside a table.
    """

    field: str
    height: float
    draw: Draw
    with_next: bool = False
    at_foot: bool = False
    repeats: "Block | None" = None


@dataclass
class Sheet:
    """One page: its blocks with the height of their tops."""

    placed: list[tuple[Block, float]] = field(default_factory=list)


def pour(parts: Sequence[Sequence[Block]], top: float) -> list[Sheet]:
    """Blocks on as few pages as they need; every part starts a page.

    Raises:
        TextDoesNotFit: a block is higher than a page.
    """
    sheets: list[Sheet] = []
    for part in parts:
        sheets += _part(part, top)
    return sheets


def _part(blocks: Sequence[Block], top: float) -> list[Sheet]:
    sheets, y = [Sheet()], top
    for at, block in enumerate(blocks):
        needed = _needed(blocks, at)
        if y - needed < BOTTOM and sheets[-1].placed:
            sheets.append(Sheet())
            y = top
            if block.repeats:
                sheets[-1].placed.append((block.repeats, y))
                y -= block.repeats.height
        if y - block.height < BOTTOM:
            raise TextDoesNotFit(block.field, "the text is higher than a page")
        place = BOTTOM + block.height if block.at_foot and sheets[-1].placed else y
        sheets[-1].placed.append((block, place))
        y = place - block.height
    return sheets


def _needed(blocks: Sequence[Block], at: int) -> float:
    """The height of a block and of those that must stand on its page."""
    height = blocks[at].height
    while blocks[at].with_next and at + 1 < len(blocks):
        at += 1
        height += blocks[at].height
    return height


def columns(natural: Sequence[float], least: Sequence[float], width: float) -> list[float]:
    """Column widths: room for the widest text where possible, else only the widest give way.

    Args:
        natural: width of the widest text of each column, unbroken.
        least: width that each column needs for its widest word.
        width: of all columns together.
    """
    if sum(natural) <= width:
        spare = (width - sum(natural)) / len(natural)
        return [wide + spare for wide in natural]
    if sum(least) >= width:
        return [width * narrow / sum(least) for narrow in least]
    low, high = 0.0, max(natural)
    for _ in range(40):
        middle = (low + high) / 2
        fits = sum(_capped(natural, least, middle)) <= width
        low, high = (middle, high) if fits else (low, middle)
    return _capped(natural, least, low)


def _capped(natural: Sequence[float], least: Sequence[float], most: float) -> list[float]:
    return [max(low, min(wide, most)) for wide, low in zip(natural, least, strict=True)]
