"""The traceability table is current, and no test claims a requirement that does not exist."""

import pytest

from tests.house import traceability


@pytest.mark.req("SY-04")
def test_the_table_says_what_the_marks_say():
    ids = traceability.requirements() or traceability.known_ids()

    assert traceability.TABLE.read_text(encoding="utf-8") == traceability.written(
        ids, traceability.marks()
    ), "run: python -m tests.house.traceability"


def test_every_mark_names_a_requirement():
    ids = traceability.requirements() or traceability.known_ids()

    assert set(traceability.marks()) - set(ids) == set()


@pytest.mark.skipif(not traceability.PAPER.exists(), reason="the requirements paper is not here")
def test_the_table_has_every_requirement_of_the_paper():
    assert traceability.known_ids() == traceability.requirements()
