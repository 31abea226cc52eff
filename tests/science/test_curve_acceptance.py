"""Standards that read themselves back, and dilutions that agree."""

import pytest

from lims.science.curve_acceptance import accept_curve, sample_of_dilutions
from lims.science.dose_response import LogisticCurve
from lims.science.errors import BadInputs, NoAnswer

_CURVE = LogisticCurve(0.1, 1.0, 10.0, 2.1)


def _response(amount: float) -> float:
    return 2.1 - 2.0 / (1 + amount / 10)


def test_standards_on_their_curve_recover_in_full():
    outcome = accept_curve(_CURVE, [(0, [0.1]), *((x, [_response(x)] * 2) for x in (1, 10, 100))])

    assert outcome.value == pytest.approx(100)
    assert list(outcome.details["recoveries"].values()) == pytest.approx([100, 100, 100])
    assert outcome.valid
    assert outcome.recompute() == ()


def test_the_lowest_level_may_stray_farther_than_the_others():
    low = accept_curve(_CURVE, [(1, [_response(1.24)]), (10, [_response(10)])])
    high = accept_curve(_CURVE, [(1, [_response(1)]), (10, [_response(12.4)])])

    assert low.value == 100
    assert high.value == 50
    assert "recover" in high.invalid[0]


def test_wells_that_vary_make_the_run_invalid():
    outcome = accept_curve(_CURVE, [(1, [_response(1)] * 2), (10, [0.8, 1.4])])

    assert "vary" in outcome.invalid[-1]


def test_a_standard_beyond_the_plateau_recovers_nothing():
    outcome = accept_curve(_CURVE, [(1, [_response(1)]), (10, [9.0])])

    assert outcome.details["recoveries"]["10"] == 0


@pytest.mark.parametrize("levels", [[], [(0, [0.1])], [(1, [])]])
def test_a_curve_without_standards_is_refused(levels):
    with pytest.raises(BadInputs):
        accept_curve(_CURVE, levels)


def test_a_sample_is_the_mean_of_its_corrected_dilutions():
    outcome = sample_of_dilutions([(10, 5.0), (20, 2.6), (40, None)])

    assert outcome.value == pytest.approx(51)
    assert outcome.details["corrected"] == [50, 52]
    assert outcome.valid
    assert outcome.recompute() == ()


def test_dilutions_that_disagree_are_not_parallel():
    assert "parallel" in sample_of_dilutions([(10, 5.0), (20, 5.0)]).invalid[0]


def test_one_dilution_has_no_cv():
    assert sample_of_dilutions([(10, 5.0)]).details["cv_percent"] is None


def test_no_dilution_within_the_standards_gives_no_result():
    with pytest.raises(NoAnswer):
        sample_of_dilutions([(10, None)])


@pytest.mark.parametrize("read", [[(0, 5.0)], [(10, 0.0)]])
def test_impossible_dilutions_are_refused(read):
    with pytest.raises(BadInputs):
        sample_of_dilutions(read)
