"""Damage to a file, and what every reader must keep to whatever the damage."""

import json
import math
import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instruments import read
from instruments.errors import InstrumentFileError
from tests.instruments.expectation import SHARED

PATIENT = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
_ABSURD = (
    b"4294967296",
    b"1e999",
    b"NaN",
    b"OVRFLW",
    b"",
    b"-",
    b'"',
    b"\xff\xfe",
    b"1,234",
    b"A1",
    b"0x1F",
)
_NUMBERS = tuple(
    re.compile(rf"[+-]?(?:\d+[{sign}]?\d*|[{sign}]\d+)(?:[eE][+-]?\d+)?") for sign in (".", ",")
)


def shared(pattern):
    """Real files of a kind; none when the papers are not at hand."""
    return sorted(p for p in SHARED.glob(pattern) if p.suffix != ".json")


@st.composite
def damaged(draw, content):
    """A file with up to four injuries: bytes, lines or cells changed, cut, swapped or doubled."""
    for _ in range(draw(st.integers(1, 4))):
        content = draw(st.sampled_from(_INJURIES))(draw, content)
    return content


def _flip(draw, content):
    at = draw(st.integers(0, max(len(content) - 1, 0)))
    return content[:at] + bytes([draw(st.integers(0, 255))]) + content[at + 1 :]


def _cut(draw, content):
    return content[: draw(st.integers(0, len(content)))]


def _lines(draw, content):
    lines = content.split(b"\n")
    i, j = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    how = draw(st.sampled_from(["swap", "drop", "double"]))
    if how == "swap":
        lines[i], lines[j] = lines[j], lines[i]
    elif how == "drop":
        del lines[i]
    else:
        lines.insert(j, lines[i])
    return b"\n".join(lines)


def _cell(draw, content):
    mark = draw(st.sampled_from([b",", b"\t", b";", b" "]))
    cells = content.split(mark)
    cells[draw(st.integers(0, len(cells) - 1))] = draw(st.sampled_from(_ABSURD))
    return mark.join(cells)


_INJURIES = [_flip, _cut, _lines, _cell]


def check(content, name):
    """Read it or refuse it; and never a number that does not stand in the file."""
    try:
        document = read(content, name).to_json()
    except InstrumentFileError:
        return
    json.dumps(document, allow_nan=False)
    text = _text(content)
    standing = {
        float(found.replace(",", "."))
        for pattern in _NUMBERS
        for found in pattern.findall(text)
        if _is_number(found)
    }
    for plate in document["plates"]:
        for one in plate["reads"]:
            for values in one["wells"].values():
                for value in values:
                    assert value is None or value in standing, value


def _is_number(text):
    try:
        return math.isfinite(float(text.replace(",", ".")))
    except ValueError:
        return False


def _text(content):
    """The text by another way than the product's: zero bytes and marks stripped, then Latin-1."""
    return content.replace(b"\0", b"").decode("latin-1")


def withstands(content, name):
    """Whatever is done to a file, it is read or refused."""

    @given(damaged(content))
    @PATIENT
    def hold(bad):
        check(bad, name)

    hold()
