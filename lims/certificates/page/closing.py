"""The foot of the last results page: conclusion, places of the signatures, code."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import segno
from reportlab.lib.units import mm

from lims.certificates.content import CertificateContent
from lims.certificates.page.flow import LEFT, MEASURE, RIGHT, Block
from lims.certificates.page.frame import CAPTION
from lims.certificates.page.pen import Node, Pen
from lims.certificates.page.typeset import (
    BOLD,
    INK,
    LINE_2,
    REGULAR,
    Style,
    fitted,
    lines,
)

_HEADING = Style(BOLD, 10, 13.6, INK)
_TEXT = Style(REGULAR, 8.6, 11.9, INK)
_CODE = Style(BOLD, 9, 12.4, INK)
_WHERE = Style(REGULAR, 6.7, 9.2, INK)
_INDENT = 34 * mm
_CODE_BOX = 49 * mm
_GAP = 4 * mm
BOX_HEIGHT = 30.5 * mm
_PER_ROW = 2
_QR = 19 * mm


@dataclass(frozen=True)
class SignaturePlace:
    """Where a signature appears: page from 0, and the corners (left, bottom, right, top)."""

    field: str
    page: int
    rectangle: tuple[float, float, float, float]


def box_size() -> tuple[float, float]:
    """Width and height inside a signature's box, the same however many sign."""
    width = (MEASURE - _CODE_BOX - _GAP * _PER_ROW) / _PER_ROW
    return width - 2, BOX_HEIGHT - 2


def block(content: CertificateContent, tree: Node, places: list[SignaturePlace]) -> Block:
    """Also notes the places of the signatures in `places` when it is drawn."""
    said = lines(content.conclusion_sentence, _TEXT, MEASURE - _INDENT, "lot.number")
    conclusion = 2.6 * mm + len(said) * _TEXT.leading + 3 * mm
    rows = -(-len(content.signers) // _PER_ROW)
    height = conclusion + rows * BOX_HEIGHT + (rows - 1) * _GAP

    def draw(pen: Pen, top: float) -> None:
        pen.rule((LEFT, top), (RIGHT, top), 0.9, INK)
        heading = lines("Conclusion", _HEADING, _INDENT, "conclusion")
        pen.text(tree.add("H2"), heading, _HEADING, (LEFT, top - 2.6 * mm))
        pen.text(tree.add("P"), said, _TEXT, (LEFT + _INDENT, top - 2.6 * mm))
        for signer, (x, y) in zip(
            content.signers, _corners(content, top - conclusion), strict=True
        ):
            places.append(_place(pen, signer.field, (x, y)))
        _code(pen, tree, content, top - conclusion - BOX_HEIGHT)

    return Block("signers", height, draw, at_foot=True)


def _corners(content: CertificateContent, top: float) -> Iterator[tuple[float, float]]:
    """Lower left corners of the boxes, in the order of signing."""
    width = (MEASURE - _CODE_BOX - _GAP * _PER_ROW) / _PER_ROW
    for at in range(len(content.signers)):
        row, column = divmod(at, _PER_ROW)
        yield LEFT + column * (width + _GAP), top - BOX_HEIGHT - row * (BOX_HEIGHT + _GAP)


def _place(pen: Pen, field: str, corner: tuple[float, float]) -> SignaturePlace:
    width, high = (size + 2 for size in box_size())
    pen.box(corner, (width, high), 1.5 * mm, 0.5, LINE_2)
    x, y = corner
    inside = (x + 1, y + 1, x + width - 1, y + high - 1)
    return SignaturePlace(field, pen.page, inside)


def _code(pen: Pen, tree: Node, content: CertificateContent, bottom: float) -> None:
    left = RIGHT - _CODE_BOX
    pen.box((left, bottom), (_CODE_BOX, BOX_HEIGHT), 1.5 * mm, 0.5, LINE_2)
    url = content.lookup.url
    figure = tree.add("Figure", alternative=f"Code that leads to {url}")
    with pen.marked(figure):
        _modules(pen, url, (left + 3 * mm, bottom + (BOX_HEIGHT - _QR) / 2))
    x, width = left + _QR + 6 * mm, _CODE_BOX - _QR - 8 * mm
    code, style = fitted(content.lookup.code, _CODE, width, "lookup.code")
    bare = url.removeprefix("https://").removeprefix("http://")
    where = lines(bare, _WHERE, width, "lookup.url")
    y = (
        bottom
        + BOX_HEIGHT / 2
        + (CAPTION.leading + style.leading + len(where) * _WHERE.leading) / 2
    )
    node = tree.add("P")
    y = pen.text(node, lines("Verify", CAPTION, width, "verify"), CAPTION, (x, y))
    y = pen.text(node, code, style, (x, y))
    pen.text(node, where, _WHERE, (x, y))


def _modules(pen: Pen, url: str, corner: tuple[float, float]) -> None:
    """The code's dark modules, written in one path on a grid of whole numbers."""
    matrix = segno.make(url, error="m", micro=False, boost_error=False).matrix
    rows = "\n".join(
        f"{start} {len(matrix) - row - 1} {length} 1 re"
        for row, modules in enumerate(matrix)
        for start, length in _dark(modules)
    )
    pen.canvas.saveState()
    pen.canvas.setFillColor(INK)
    pen.canvas.translate(*corner)
    pen.canvas.scale(_QR / len(matrix), _QR / len(matrix))
    pen.canvas.addLiteral(f"{rows}\nf")
    pen.canvas.restoreState()


def _dark(modules: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and length of each dark run of a row."""
    start = 0
    for dark, run in groupby(modules):
        length = len(list(run))
        if dark:
            yield start, length
        start += length
