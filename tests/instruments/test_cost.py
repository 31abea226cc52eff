"""What the readers cost before they read, and how much memory they need."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.instruments.expectation import SHARED

ROOT = Path(__file__).parents[2]
IMPORT_S = 0.15
MEMORY_MB = 64

IMPORT = """
import sys, time
start = time.process_time()
import instruments
print(time.process_time() - start, "numpy" in sys.modules)
"""
# The peak of the process before and after, so that nothing else counts.
MEMORY = """
import resource, sys
from pathlib import Path
from instruments import catalogue
catalogue.readers()
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
for name in sys.argv[1:]:
    catalogue.read(Path(name).read_bytes(), name)
print(peak() - before)
"""


def run(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_importing_the_package_loads_no_numpy_and_takes_no_time():
    seconds, has_numpy = run(IMPORT)

    assert has_numpy == "False"
    assert float(seconds) < IMPORT_S


@pytest.mark.skipif(not SHARED.exists(), reason="the shared instrument files are not here")
def test_reading_the_largest_files_stays_within_the_memory():
    paths = [path for path in SHARED.glob("**/*") if path.is_file() and path.suffix != ".md"]
    data = [path for path in paths if path.suffix != ".json"]
    largest = sorted(data, key=lambda path: path.stat().st_size)[-4:]

    (used,) = run(MEMORY, *map(str, largest))

    assert float(used) <= MEMORY_MB
