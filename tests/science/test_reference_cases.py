"""Every reference case, one test each, within the tolerances its file states."""

from pathlib import Path

import pytest

from lims.science.checking import Case, check, read_cases

_FOLDER = Path(__file__).parents[3] / "shared" / "reference-cases"
_CASES = [case for path in sorted(_FOLDER.glob("*.json")) for case in read_cases(path)]

pytestmark = pytest.mark.skipif(not _CASES, reason="the reference cases lie beside the project")


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.id)
def test_answer_is_within_tolerance(case: Case):
    mismatches = check(case)

    assert not mismatches, "\n".join(str(each) for each in mismatches)


def test_case_ids_are_unique():
    ids = [case.id for case in _CASES]

    assert len(ids) == len(set(ids))
