"""Type: which faces the certificate uses, and text broken into lines that show every character.

All measures are points. Data is never read as markup; a character without a glyph is refused by
the name of its field, because a blank on a certificate is worse than no certificate.
"""

import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, NamedTuple

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from lims.certificates.content import RichText, Script, Span
from lims.certificates.errors import GlyphMissing, TextDoesNotFit

FONTS = Path(__file__).parent.parent / "fonts"
REGULAR, MEDIUM, BOLD = "LivelotSans-Regular", "LivelotSans-Medium", "LivelotSans-Bold"
ITALIC, MEDIUM_ITALIC, MONO = (
    "LivelotSans-Italic",
    "LivelotSans-MediumItalic",
    "LivelotMono-Regular",
)
_ITALIC_OF = {REGULAR: ITALIC, MEDIUM: MEDIUM_ITALIC, BOLD: MEDIUM_ITALIC, MONO: MONO}

INK, INK_2, INK_3 = HexColor("#14201e"), HexColor("#43504d"), HexColor("#55625f")
ACCENT, DEEP = HexColor("#0b5a63"), HexColor("#0b3f46")
PASS, FAIL, WARN = HexColor("#17633a"), HexColor("#9b1c1c"), HexColor("#7a4a00")
LINE, LINE_2, FAMILY_LINE = HexColor("#dfe5e2"), HexColor("#b9c4bf"), HexColor("#9cc5c9")

# ReportLab keeps its place in a face inside the face, which all documents of the process share:
# two threads that draw at once would read each other's glyphs.
DRAWING = threading.RLock()
"""Held while anything is drawn with ReportLab."""

NO_BREAK = "\u00a0"
# Line ends are set as spaces; spaces that differ in width only, as those the pre-cut fonts hold.
_SPACES = {ord(end): " " for end in "\t\n\r"} | {0x2009: " ", 0x200A: " "}
# Controls, marks of direction, and accents that found no letter to join.
_MARKS = {"Cc", "Cf", "Mn"}
_SPACES |= {0x2007: NO_BREAK, 0x202F: NO_BREAK}


@dataclass(frozen=True)
class Style:
    """How a text is set. Sizes in points."""

    font: str = REGULAR
    size: float = 8.6
    leading: float = 11.9
    color: Color = INK
    capitals: bool = False
    tracking: float = 0.0


class Run(NamedTuple):
    """Characters set together."""

    text: str
    font: str
    size: float
    rise: float
    width: float


class Line(NamedTuple):
    runs: tuple[Run, ...]
    width: float


class Word(NamedTuple):
    """What stands between two spaces."""

    runs: tuple[Run, ...]
    width: float


def canvas(file: BinaryIO, size: tuple[float, float]) -> Canvas:
    """A canvas that gives the same bytes for the same drawing, with embedded faces only."""
    load_fonts()
    # Binary streams: the seven-bit form costs time and a quarter more bytes.
    rl_config.useA85 = 0
    # ReportLab references an unembedded Helvetica on each page unless told another first font.
    return Canvas(
        file,
        pagesize=size,
        invariant=1,
        pageCompression=1,
        initialFontName=REGULAR,  # type: ignore[arg-type]  # the stubs say float
    )


@lru_cache(maxsize=1)
def load_fonts() -> None:
    """Register the pre-cut faces once per process (7 ms)."""
    for path in sorted(FONTS.glob("*.ttf")):
        pdfmetrics.registerFont(TTFont(path.stem, str(path), asciiReadable=0))


@lru_cache(maxsize=16)
def _glyphs(font: str) -> frozenset[int]:
    load_fonts()
    face = pdfmetrics.getFont(font)
    assert isinstance(face, TTFont)  # noqa: S101 - narrows the stubs' type
    shown = {
        code for code in face.face.charToGlyph if unicodedata.category(chr(code)) not in _MARKS
    }
    return frozenset(shown)


@lru_cache(maxsize=4096)
def _width(text: str, font: str, size: float) -> float:
    load_fonts()
    return float(pdfmetrics.stringWidth(text, font, size))


def as_rich(text: str | RichText) -> RichText:
    return (Span(text),) if isinstance(text, str) else text


def shaped(text: str, font: str, field: str) -> str:
    """Composed text of which every character has a glyph.

    Raises:
        GlyphMissing: a character would print as a blank, or changes what others look like.
    """
    composed, missing = _composed(text, font)
    if missing:
        raise GlyphMissing(field, missing)
    return composed


@lru_cache(maxsize=4096)
def _composed(text: str, font: str) -> tuple[str, str]:
    """The text, and its first character that cannot be shown ("" when all can)."""
    composed = unicodedata.normalize("NFC", text.translate(_SPACES))
    glyphs = _glyphs(font)
    for character in composed:
        if ord(character) not in glyphs:
            return composed, character
    return composed, ""


def lines(text: str | RichText, style: Style, width: float, field: str) -> tuple[Line, ...]:
    """Text in as many lines as it needs; a word wider than the line is divided."""
    space = _run(" ", Script.PLAIN, style)
    made: list[Line] = []
    runs: list[Run] = []
    used = 0.0
    for word in _divided(_words(as_rich(text), style, field), width):
        if runs and used + space.width + word.width > width:
            made.append(Line(_joined(runs), used))
            runs, used = [], 0.0
        if runs:
            runs.append(space)
            used += space.width
        runs.extend(word.runs)
        used += word.width
    return (*made, Line(_joined(runs), used))


def fitted(
    text: str | RichText,
    style: Style,
    width: float,
    field: str,
    most: int = 1,
    smallest: float = 5.4,
) -> tuple[tuple[Line, ...], Style]:
    """Text in at most `most` lines of whole words, made smaller where it must be.

    Raises:
        TextDoesNotFit: it is too long even at the smallest size.
    """
    size = style.size
    while size >= smallest:
        smaller = replace(style, size=size, leading=style.leading * size / style.size)
        set_ = lines(text, smaller, width, field)
        if len(set_) <= most and longest_word(text, smaller, field) <= width:
            return set_, smaller
        size -= 0.2
    raise TextDoesNotFit(field, "".join(span.text for span in as_rich(text)))


def natural_width(text: str | RichText, style: Style, field: str) -> float:
    """The width of the text in one line."""
    return lines(text, style, float("inf"), field)[0].width


def longest_word(text: str | RichText, style: Style, field: str) -> float:
    return max((word.width for word in _words(as_rich(text), style, field)), default=0.0)


@lru_cache(maxsize=2048)
def _words(text: RichText, style: Style, field: str) -> tuple[Word, ...]:
    """Kept, because a table measures its cells before it sets them."""
    return tuple(_split(text, style, field))


def _split(text: RichText, style: Style, field: str) -> Iterator[Word]:
    runs: list[Run] = []
    for span in text:
        pieces = shaped(span.text, _font(span.script, style), field).split(" ")
        for at, piece in enumerate(pieces):
            if at and runs:
                yield _word(runs)
                runs = []
            if piece:
                runs.append(_run(piece, span.script, style))
    if runs:
        yield _word(runs)


def _word(runs: Sequence[Run]) -> Word:
    return Word(tuple(runs), sum(run.width for run in runs))


def _divided(words: Iterable[Word], width: float) -> Iterator[Word]:
    for word in words:
        if word.width <= width:
            yield word
        else:
            yield from _pieces(word, width)


def _pieces(word: Word, width: float) -> Iterator[Word]:
    piece: list[Run] = []
    used = 0.0
    for run in word.runs:
        for character in run.text:
            wide = _width(character, run.font, run.size)
            if piece and used + wide > width:
                yield _word(_joined(piece))
                piece, used = [], 0.0
            piece.append(run._replace(text=character, width=wide))
            used += wide
    yield _word(_joined(piece))


def _joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Neighbours set alike as one run, so that readers find words, not letters."""
    return tuple(
        Run("".join(run.text for run in alike), *look, sum(run.width for run in alike))
        for look, alike in ((look, list(found)) for look, found in groupby(runs, _look))
    )


def _look(run: Run) -> tuple[str, float, float]:
    return run.font, run.size, run.rise


def _font(script: Script, style: Style) -> str:
    return _ITALIC_OF[style.font] if script is Script.ITALIC else style.font


def _run(text: str, script: Script, style: Style) -> Run:
    font, size, rise = _font(script, style), style.size, 0.0
    if script is Script.SUPERSCRIPT:
        size, rise = style.size * 0.7, style.size * 0.36
    if script is Script.SUBSCRIPT:
        size, rise = style.size * 0.7, -style.size * 0.14
    shown = text.upper() if style.capitals else text
    width = _width(shown, font, size) + style.tracking * len(shown)
    return Run(shown, font, size, rise, width)
