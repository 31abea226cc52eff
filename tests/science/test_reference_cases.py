"""Every reference case, one test each, within the tolerances its file states."""

from pathlib import Path

import pytest

from lims.science.checking import Case, check, read_cases

_SHARED = Path(__file__).parents[3] / "shared" / "reference-cases"
_OWN = Path(__file__).parent / "cases"


def _cases(folder: Path) -> list[Case]:
    return [case for path in sorted(folder.glob("*.json")) for case in read_cases(path)]


_CASES = [*_cases(_SHARED), *_cases(_OWN)]

_beside = pytest.mark.skipif(
    not _SHARED.is_dir(), reason="the reference cases lie beside the project"
)


@_beside
def test_shared_cases_are_found():
    assert len(_cases(_SHARED)) >= 90


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.id)
def test_answer_is_within_tolerance(case: Case):
    mismatches = check(case)

    assert not mismatches, "\n".join(str(each) for each in mismatches)


def test_case_ids_are_unique():
    ids = [case.id for case in _CASES]

    assert len(ids) == len(set(ids))
