"""Damaged files are read or refused, soon, and no measured number is invented."""

import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from instruments import read
from instruments.errors import InstrumentFileError
from tests.instruments.damage import STEPS, damaged
from tests.instruments.expectation import files
from tests.instruments.origin import invented

SMALL = [path for path in files() if path.stat().st_size < 40_000]
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
