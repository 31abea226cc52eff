"""Where the numbers of a reading come from: each measured one stands in the file."""

import re

from instruments.decoding import NotText, decode
from tests.instruments.cell_text import MARK, sheets_of

# A comma is decimal in one file and parts the fields in another: both readings are written.
_NUMBERS = tuple(
    re.compile(rf"[+-]?(?:\d+{sign}?\d*|{sign}\d+)(?:[eE][+-]?\d+)?") for sign in (r"\.", ",")
)


def invented(reading, content, *, calculated=False):
    """Measured numbers that stand nowhere in the text; real workbooks are not looked at."""
    if content.startswith(MARK):
        cells = [cell for s in sheets_of(content) for row in s.rows for cell in row]
        known = {float(cell) for cell in cells if isinstance(cell, int | float)}
        text = "\n".join(cell for cell in cells if isinstance(cell, str))
    else:
        known, text = set(), _text(content)
        if not text:
            return set()
    known |= {_number(match[0]) for number in _NUMBERS for match in number.finditer(text)}
    return values(reading, calculated=calculated) - known


def values(reading, *, calculated):
    """The finite values of every measured read, and of what the vendor's software calculated."""
    return {
        value
        for plate in reading.plates
        for each in plate.reads
        if calculated or not each.calculated
        for value in each.values.ravel().tolist()
        if value == value  # noqa: PLR0124
    }


def _text(content):
    try:
        return "" if content.startswith((b"PK", b"\xd0\xcf")) else decode(content).text
    except NotText:
        return ""


def _number(text):
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
