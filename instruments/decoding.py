"""From bytes to text and lines: which encoding, and where a line ends.

Order: byte-order mark, UTF-8 without error, UTF-16 by its pattern of zero bytes, Windows-1252.
"""

import codecs
from dataclasses import dataclass

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read with, and what was odd about it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


class NotText(ValueError):
    """The bytes are not a text in any encoding that instruments write."""


def decode(content: bytes) -> Decoded:
    """The text of a file.

    Raises:
        NotText: zero bytes without the pattern of UTF-16, or a broken UTF-16 file.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _with_mark(content[len(mark) :], encoding)
    wide = _utf16_by_pattern(content)
    if wide is not None:
        return Decoded(_strict(content, wide), wide, ("UTF-16 without a mark",))
    if b"\0" in content:
        raise NotText("zero bytes")
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        note = "not UTF-8; read as Windows-1252"
        return Decoded(content.decode("cp1252", _AS_WINDOWS), "cp1252", (note,))


def lines_of(text: str) -> list[str]:
    """Lines ended by CRLF, LF or a bare CR, and by nothing else (a form feed ends no line)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines


def _with_mark(body: bytes, encoding: str) -> Decoded:
    if encoding != "utf-8":
        return Decoded(_strict(body, encoding), encoding)
    if b"\0" in body:
        raise NotText("zero bytes")
    try:
        return Decoded(body.decode("utf-8"), encoding)
    except UnicodeDecodeError:
        # Seen in real exports: a UTF-8 mark, then a degree sign as one Windows-1252 byte.
        note = "marked as UTF-8 but holds Windows-1252 bytes, which were read as such"
        return Decoded(body.decode("utf-8", _AS_WINDOWS), encoding, (note,))


def _strict(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotText(f"broken {encoding.upper()}") from error


def _utf16_by_pattern(content: bytes) -> str | None:
    """UTF-16 shows as a zero in every second byte, since instruments write mostly ASCII."""
    sample = content[:_SAMPLE]
    half = len(sample) // 2
    even, odd = sample[0 : 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
    if half == 0 or len(content) % 2:
        return None
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _windows_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    # Five bytes mean nothing in Windows-1252: they become the replacement character.
    byte = error.object[error.start : error.start + 1]
    text = "�" if error.encoding == "charmap" else byte.decode("cp1252", "replace")
    return text, error.start + 1


_AS_WINDOWS = "livelot-windows-1252"
codecs.register_error(_AS_WINDOWS, _windows_byte)
