"""Damaged files are read or refused, soon, and no measured number is invented."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.instruments.damage import STEPS, check, damaged
from tests.instruments.expectation import files

SMALL = [path for path in files() if path.stat().st_size < 40_000]
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
        check(damaged(content, steps), path.name)

    hold()
