"""Every number of a reading stands in the file, and each cell feeds one well at one point.

First: all finite values of every file are found among the numbers of its text or its cells. Second:
a cell is given a number that stands nowhere else; exactly the point that had the cell's old number
takes the new one, and nothing else moves.
"""

import random
import re

import pytest

from instruments import read
from instruments.decoding import decode
from instruments.errors import InstrumentFileError
from instruments.source import Source
from instruments.workbooks import open_workbook
from tests.instruments.cell_text import MARK, opened_as_cells, written
from tests.instruments.expectation import files
from tests.instruments.harm import Known, places
from tests.instruments.origin import invented
from tests.instruments.test_lines import numbers

_BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NEW = "7.654321"
_LARGEST = 150_000
_TRIES = 12
FILES = [path for path in files() if not path.read_bytes().startswith(b"FCS")]
IDS = [f"{path.parent.name}/{path.name}" for path in FILES]


def cells_of(path):
    """The bytes of a text, or a workbook's cells as text."""
    content = path.read_bytes()
    return written(open_workbook(content, path.name)) if content.startswith(_BOOKS) else content


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_every_number_stands_in_the_file(path):
    try:
        content = cells_of(path)
        with opened_as_cells():
            reading = read(content, path.name)
    except InstrumentFileError:
        pytest.skip("refused as it stands")

    assert invented(reading, content, calculated=not has_clocks(reading)) == set()


def has_clocks(reading):
    """Gen5 calculates lag times and writes them as clocks, which are read as seconds."""
    return reading.reader == "biotek_gen5"


@pytest.mark.parametrize("path", [p for p in FILES if p.stat().st_size < _LARGEST])
def test_a_cell_feeds_one_point_and_no_other(path):
    content = cells_of(path)
    with opened_as_cells():
        try:
            before = read(content, path.name)
        except InstrumentFileError:
            pytest.skip("refused as it stands")
        if not before.plates:
            pytest.skip("holds no plate")
        known = Known(before)
        for start, old, line, damaged in exchanged(content, random.Random(path.name)):
            try:
                after = read(damaged, path.name)
            except InstrumentFileError:
                continue  # a number of the frame: a plate's column, a count that must agree
            # A wavelength that becomes another one makes its line a read of its own.
            beside = numbers(line) if reads(after) != reads(before) else set()
            assert known.harm(after, {old, float(_NEW)} | beside) is None, f"{old} at {start}"
            assert fed(after) <= 1


def exchanged(content, chance):
    """Single numeric cells, each given a number of its own."""
    if content.startswith(MARK):
        text, encode, edge, sign = content.decode(), str.encode, "\t", "."
    else:
        text, encode = opened(content)
        source = Source(content, "")
        edge, sign = source.delimiter, source.table.numerals.decimal
    number = rf"-?\d+(?:{re.escape(sign)}\d+)?"
    kind = "n" if content.startswith(MARK) else ""
    cells = list(re.finditer(rf"(?<={edge}){kind}({number})(?=[{edge}\r\n])", text))
    for match in chance.sample(cells, min(_TRIES, len(cells))):
        bent = text[: match.start(1)] + _NEW.replace(".", sign) + text[match.end(1) :]
        line = text[text.rfind("\n", 0, match.start()) + 1 : text.find("\n", match.end())]
        yield match.start(1), float(match[1].replace(sign, ".")), line, encode(bent)


def reads(reading):
    return [len(plate.reads) for plate in reading.plates]


def opened(content):
    decoded = decode(content)
    encoding = decoded.encoding
    mark = content[: len(content) - len(decoded.text.encode(encoding, "replace"))]
    return decoded.text, lambda text: mark + text.encode(encoding, "replace")


def fed(reading):
    """How many measured points took the new number."""
    return sum(float(_NEW) in values for values in places(reading, calculated=False).values())
