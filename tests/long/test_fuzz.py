"""Every reader under a coverage-guided fuzzer, for a bounded time."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.timeout(7200)]

_SECONDS = int(os.environ.get("LIVELOT_FUZZ_SECONDS", "600"))


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no build for this Python")
def test_no_reader_fails_on_an_input_that_the_fuzzer_finds(tmp_path: Path) -> None:
    script = Path(__file__).with_name("fuzz_readers.py")

    done = subprocess.run(
        [sys.executable, script, tmp_path, f"-max_total_time={_SECONDS}"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )

    findings = sorted(path.name for path in (tmp_path / "findings").iterdir())
    assert findings == []
    assert done.returncode == 0, done.stderr[-2000:]
