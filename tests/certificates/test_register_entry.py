import json
from dataclasses import replace

import pytest

from lims.certificates.errors import ContentUnreadable
from lims.certificates.register_entry import (
    NOT_REGISTERED,
    find_entry,
    register_from_json,
    register_to_json,
)


def test_exported_register_is_read_back(entry):
    other = replace(entry, number="COA-26-0483", sha256="0" * 64)

    assert register_from_json(register_to_json([entry, other])) == (entry, other)


def test_entry_is_found_by_hash_then_by_number(entry):
    other = replace(entry, number="COA-26-0483", sha256="0" * 64)

    assert find_entry([entry, other], "0" * 64, "COA-26-0482", 1) is other
    assert find_entry([entry, other], "1" * 64, "COA-26-0482", 1) is entry
    assert find_entry([entry, other], "1" * 64, "COA-26-0482", 2) is NOT_REGISTERED


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "livelot/certificate-register", "schema_version": 1}']
)
def test_text_that_is_no_register_is_refused(text):
    with pytest.raises(ContentUnreadable):
        register_from_json(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [("state", "fine"), ("version", "1"), ("signers", "rc"), ("sha256", None), ("more", 1)],
)
def test_register_with_an_entry_of_another_shape_is_refused(entry, name, value):
    document = json.loads(register_to_json([entry]))
    document["entries"][0][name] = value

    with pytest.raises(ContentUnreadable, match=r"entries\[0\]"):
        register_from_json(json.dumps(document))
