"""Which values are reported, and what that decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science.errors import BadInputs
from lims.science.oos import REPLICATES, SEPARATE, Values, oos_decision

_VALUES = st.lists(st.integers(900, 1000).map(lambda v: v / 100), min_size=1, max_size=6)


def test_pre_defined_replicates_are_one_value():
    outcome = oos_decision(
        Values(REPLICATES, [9.46, 9.55, 9.58], lower=9.5, pre_defined_average=True)
    )

    assert outcome.details["reportable"] == [9.53]
    assert outcome.value is False
    assert outcome.recompute() == ()


@given(_VALUES)
def test_separate_tests_are_never_averaged_whatever_is_asked(values):
    outcome = oos_decision(Values(SEPARATE, values, lower=9.5, pre_defined_average=True))

    assert outcome.details["reportable"] == values
    assert outcome.value == (min(values) < 9.5)


@pytest.mark.parametrize("kind", ["original_and_retests", "Retest", "resample"])
def test_retests_are_listed_one_by_one(kind):
    outcome = oos_decision(Values(kind, [9.4, 9.8], lower=9.5, pre_defined_average=True))

    assert outcome.value is True


def test_replicates_that_the_method_does_not_average_stand_alone():
    assert oos_decision(Values(REPLICATES, [9.4, 9.8], lower=9.5)).value is True


def test_replicates_that_spread_too_far_have_no_mean():
    outcome = oos_decision(
        Values(REPLICATES, [9.3, 9.9], lower=9.5, pre_defined_average=True, most_sd=0.15)
    )

    assert not outcome.valid
    assert outcome.details["reportable"] == [9.3, 9.9]


@pytest.mark.parametrize(
    ("value", "oos"), [(9.5, False), (10.5, False), (9.49, True), (10.51, True)]
)
def test_limits_are_inclusive_on_both_sides(value, oos):
    assert oos_decision(Values(SEPARATE, [value], lower=9.5, upper=10.5)).value is oos


@pytest.mark.parametrize(
    "measured",
    [
        Values(SEPARATE, [], lower=1),
        Values(SEPARATE, [1.0]),
        Values(SEPARATE, [1.0], lower=2, upper=1),
    ],
)
def test_a_decision_needs_values_and_sound_limits(measured):
    with pytest.raises(BadInputs):
        oos_decision(measured)
