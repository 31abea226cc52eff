"""Damaged files are read or refused, soon, and no measured number is invented."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from instruments import read
from instruments.decoding import NotText, decode
from instruments.errors import InstrumentFileError
from tests.instruments.damage import STEPS, damaged
from tests.instruments.expectation import files

SMALL = [path for path in files() if path.stat().st_size < 40_000]
# A comma is decimal in one file and parts the fields in another: both readings are written.
NUMBERS = tuple(
    re.compile(rf"[+-]?(?:\d+{sign}?\d*|{sign}\d+)(?:[eE][+-]?\d+)?") for sign in (r"\.", ",")
)
SECONDS = 5.0
EXAMPLES = settings(
    max_examples=12,
    phases=(Phase.generate, Phase.shrink),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("path", SMALL, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_damaged_file_is_read_or_refused(path):
    content = path.read_bytes()

    @EXAMPLES
    @given(STEPS)
    def hold(steps):
        bad = damaged(content, steps)
        start = time.perf_counter()
        reading = None
        with suppress(InstrumentFileError):
            reading = read(bad, path.name)
        assert time.perf_counter() - start < SECONDS
        if reading is not None:
            reading.to_json()
            assert invented(reading, bad) == set()

    hold()


def invented(reading, content):
    """Measured numbers that stand nowhere in the text; workbooks are not looked at."""
    try:
        text = "" if content.startswith((b"PK", b"\xd0\xcf")) else decode(content).text
    except NotText:
        return set()
    if not text:
        return set()
    written = {_number(match[0]) for number in NUMBERS for match in number.finditer(text)}
    return {
        value
        for plate in reading.plates
        for each in plate.reads
        if not each.calculated
        for value in each.values.ravel().tolist()
        if value == value and value not in written  # noqa: PLR0124
    }


def _number(text):
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
