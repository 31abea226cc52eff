"""Damage done to real files: flipped bytes, cut lines, swapped rows, absurd numbers."""

import time
from contextlib import suppress

from hypothesis import strategies as st

from instruments import read
from instruments.errors import InstrumentFileError
from tests.instruments.origin import invented

SECONDS = 5.0

ABSURD = (
    b"4294967296",
    b"1e999",
    b"-1",
    b"nan",
    b"99999999999999999999999",
    b"A1",
    b"OVRFLW",
    b"1,234",
    b"0,5",
    b"\xff\xfe",
    b'"',
    b"\r",
    b"24:61:61",
    b"31/02/2024",
    b"Plate Number\tPlate 2\r\n",
    b"Time\tT 600\tA1\r\n",
    b"\t1\t2\t3\r\n",
    b"",
)
_STEP = st.tuples(
    st.sampled_from(["flip", "cut", "swap", "insert", "double", "end"]),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 255),
)
STEPS = st.lists(_STEP, min_size=1, max_size=6)


def check(bad, name):
    """Read or refused, soon; what is read can be written down and holds no invented number."""
    start, reading = time.perf_counter(), None
    with suppress(InstrumentFileError):
        reading = read(bad, name)
    assert time.perf_counter() - start < SECONDS
    if reading is not None:
        assert reading.to_json()
        assert invented(reading, bad) == set()


def damaged(content, steps):
    """The content after the steps; places are shares of its length, so they fit any file."""
    for what, first, second, number in steps:
        content = _STEPS[what](content, first, second, number)
    return content


def _flip(content, first, second, number):
    at = int(first * len(content))
    return content[:at] + bytes([number]) + content[at + 1 :]


def _cut(content, first, second, number):
    start = int(first * len(content))
    return content[:start] + content[start + int(second * min(len(content) - start, 4096)) :]


def _swap(content, first, second, number):
    lines = content.split(b"\n")
    one, other = int(first * len(lines)), int(second * len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _insert(content, first, second, number):
    at = int(first * len(content))
    return content[:at] + ABSURD[number % len(ABSURD)] + content[at:]


def _double(content, first, second, number):
    lines = content.split(b"\n")
    at = int(first * len(lines))
    return b"\n".join([*lines[:at], *lines[at : at + 1 + number % 8], *lines[at:]])


def _end(content, first, second, number):
    return content[: int(first * len(content))]


_STEPS = {
    "flip": _flip,
    "cut": _cut,
    "swap": _swap,
    "insert": _insert,
    "double": _double,
    "end": _end,
}
