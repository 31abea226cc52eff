"""Small inputs on which a reader once failed: each is read or refused today, and invents nothing.

The name of a seed says what went wrong. A seed that starts with the mark of `cell_text` stands for
a workbook.
"""

from contextlib import suppress
from pathlib import Path

import pytest

from instruments import read
from instruments.errors import InstrumentFileError
from tests.instruments.cell_text import opened_as_cells
from tests.instruments.origin import invented

SEEDS = sorted((Path(__file__).parent / "seeds").glob("*"))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_seed_that_once_failed_is_read_or_refused(path):
    content = path.read_bytes()

    with opened_as_cells(), suppress(InstrumentFileError):
        reading = read(content, path.name)
        reading.to_json()
        assert invented(reading, content) == set()
