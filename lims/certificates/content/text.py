"""Text with italics, superscripts and subscripts, as parts and never as markup."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Script(StrEnum):
    PLAIN = "plain"
    ITALIC = "italic"
    SUPERSCRIPT = "superscript"
    SUBSCRIPT = "subscript"


@dataclass(frozen=True)
class Span:
    """A piece of text set in one way."""

    text: str
    script: Script = Script.PLAIN


RichText = tuple[Span, ...]

_POWER = re.compile(r"(?<![\w.])10\^([−-]?\d{1,3})(?!\w)")


def rich(text: str) -> RichText:
    """Plain text as rich text; `10^9` gets its exponent raised, the rest stays as written."""
    spans: list[Span] = []
    end = 0
    for power in _POWER.finditer(text):
        exponent = power[1].replace("-", "−")
        spans += [Span(text[end : power.start()] + "10"), Span(exponent, Script.SUPERSCRIPT)]
        end = power.end()
    return tuple(span for span in (*spans, Span(text[end:])) if span.text)


def italic(text: str) -> RichText:
    """A genus or species name."""
    return (Span(text, Script.ITALIC),)


def plain(text: RichText) -> str:
    """The characters alone, as a reader of the PDF's text finds them."""
    return "".join(span.text for span in text)
