"""What a signature looks like before it is given, and after; each drawn on a page of its own."""

from dataclasses import dataclass

from reportlab.lib.colors import white
from reportlab.lib.units import mm

from lims.certificates.content import ExpectedSigner
from lims.certificates.page.pen import Pen
from lims.certificates.page.typeset import (
    BOLD,
    INK,
    INK_3,
    MEDIUM,
    PASS,
    REGULAR,
    Style,
    fitted,
)

_CAPTION = Style(MEDIUM, 6.6, 9.2, INK_3, capitals=True, tracking=0.36)
_NAME = Style(BOLD, 10.5, 14.4, INK)
_PLAIN = Style(REGULAR, 7.5, 10.2, INK)
_SIGNED = Style(MEDIUM, 7, 9.8, PASS)
_PENDING = Style(REGULAR, 7.5, 10.2, INK_3)


@dataclass(frozen=True)
class BlockText:
    """The lines of a signature block from top to bottom."""

    caption: str
    name: str
    role: str
    local_time: str
    utc_time: str
    closing: str


def caption(signer: ExpectedSigner) -> str:
    """Meaning and role as printed over the signature, e.g. "Approved, Quality Control"."""
    return f"{signer.meaning}, {signer.role}"


def draw_signed(pen: Pen, text: BlockText, size: tuple[float, float]) -> None:
    """The block of a given signature; every line is made as small as it must be, none is cut."""
    width = _background(pen, size)
    y = size[1] - 1.8 * mm
    for said, style, field, before in (
        (text.caption, _CAPTION, "meaning", 0.4),
        (text.name, _NAME, "printed name", 0.8),
        (text.role, _PLAIN, "login and role", 0),
        (text.local_time, _PLAIN, "local time", 1.2),
        (text.utc_time, _PLAIN, "time", 0),
        (text.closing, _SIGNED, "closing", 0.4),
    ):
        set_, fits = fitted(said, style, width, field, smallest=3.6)
        y = pen.text(None, set_, fits, (3 * mm, y - before * mm))


def draw_pending(pen: Pen, signer: ExpectedSigner, size: tuple[float, float], said: str) -> None:
    width = _background(pen, size)
    set_, fits = fitted(caption(signer), _CAPTION, width, f"signers.{signer.field}", smallest=3.6)
    y = pen.text(None, set_, fits, (3 * mm, size[1] - 2.2 * mm))
    set_, fits = fitted(said, _PENDING, width, "pending")
    pen.text(None, set_, fits, (3 * mm, y - 1 * mm))


def _background(pen: Pen, size: tuple[float, float]) -> float:
    """White, so that nothing shows through; returns the width for text."""
    pen.fill(white, size)
    return size[0] - 5 * mm
