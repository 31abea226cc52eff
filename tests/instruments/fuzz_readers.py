"""A coverage-guided fuzzer over every reader; not part of the ordinary tests.

    python tests/instruments/fuzz_readers.py CORPUS -max_total_time=600 -timeout=20

CORPUS is a folder; it is filled with the small files of the tests when it is empty. A reading or a
refusal is right; any other exception, and any measured number that stands nowhere in the text, is
a finding. Its input is written beside the corpus; what it taught becomes a test.
"""

import hashlib
import sys
from contextlib import suppress
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[2]))

with atheris.instrument_imports(include=["instruments"]):
    import instruments
    from instruments import catalogue
    from instruments.errors import InstrumentFileError

    catalogue.readers()

from tests.instruments.expectation import files
from tests.instruments.test_damage import invented

_SMALL = 30_000


def one(content):
    with suppress(InstrumentFileError):
        reading = instruments.read(content, "fuzz")
        reading.to_json()
        assert invented(reading, content) == set()


def fill(corpus):
    for path in files():
        content = path.read_bytes()
        if len(content) < _SMALL:
            (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    if not any(folder.iterdir()):
        fill(folder)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
