"""Every real file says what a person read in its raw bytes."""

import json

import pytest

from instruments import read
from tests.instruments.expectation import SHARED, compare, expectation_of, files

FILES = files()


@pytest.mark.skipif(not SHARED.exists(), reason="the real instrument files are not at hand")
def test_real_files_are_at_hand():
    assert len([path for path in FILES if SHARED in path.parents]) >= 65


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_file_reads_as_a_person_read_it(path):
    expected = expectation_of(path)
    assert expected is not None, f"{path.name} has no .expected.json beside it"

    document = read(path.read_bytes(), path.name).to_json()

    compare(json.loads(json.dumps(document, allow_nan=False)), expected)
