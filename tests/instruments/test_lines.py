"""A line lost, doubled or exchanged: refused, told, or no harm to the wells of other lines.

A real text file is damaged line by line. Whatever is still read must put each number into the well
and at the time or wavelength where the whole file has it, unless the number stands on a damaged
line; and a measured number of another line may be gone only with a warning.
"""

import random
import re
from contextlib import suppress

import pytest

from instruments import read
from instruments.errors import InstrumentFileError
from tests.instruments.expectation import files
from tests.instruments.harm import Known

_NUMBERS = (
    re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"),
    re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"),
)
_SMALL = 60_000
_EACH = 5
_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"FCS")
TEXTS = [
    path
    for path in files()
    if path.stat().st_size < _SMALL and not path.read_bytes().startswith(_MARKS)
]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_damaged_line_moves_no_number_of_another_line(path):
    assert survivors(path, _EACH) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_damaged_line_moves_a_number_of_another_line(path):
    assert survivors(path, 400) == []


def survivors(path, each):
    """What damage to a line changed elsewhere without refusal and without a word."""
    content = path.read_bytes()
    try:
        whole = Known(read(content, path.name))
    except InstrumentFileError:
        return []
    lines, join = split(content)
    found = []
    for what, one, other, damaged in damages(lines, each, random.Random(path.name)):
        with suppress(InstrumentFileError):
            harm = whole.harm(read(join(damaged), path.name), numbers(lines[one], lines[other]))
            if harm:
                found.append((what, one + 1, other + 1, harm))
    return found


def split(content):
    """Lines, and the way back; UTF-16 has zero bytes on both sides of a line feed."""
    if b"\0" not in content[:200]:
        return content.split(b"\n"), b"\n".join
    encoding = "utf-16-be" if content.startswith((b"\xfe\xff", b"\0")) else "utf-16-le"
    return content.decode(encoding).split("\n"), lambda lines: "\n".join(lines).encode(encoding)


def damages(lines, each, chance):
    last = len(lines) - 1
    chosen = range(len(lines)) if last < each else chance.sample(range(len(lines)), each)
    for one in chosen:
        yield "dropped", one, one, [*lines[:one], *lines[one + 1 :]]
        yield "doubled", one, one, [*lines[: one + 1], *lines[one:]]
        other = chance.choice((min(one + 1, last), chance.randrange(len(lines))))
        swapped = list(lines)
        swapped[one], swapped[other] = lines[other], lines[one]
        yield "exchanged", one, other, swapped


def numbers(*lines):
    texts = [line if isinstance(line, str) else line.decode("latin-1") for line in lines]
    return {
        float(match[0].replace(",", "."))
        for text in texts
        for pattern in _NUMBERS
        for match in pattern.finditer(text)
    }
