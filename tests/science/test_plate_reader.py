"""Threshold times, rates and areas; standard curves read backwards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.science.errors import BadInputs, NoAnswer
from lims.science.growth import time_to_threshold
from lims.science.outcome import Qualifier
from lims.science.standard_curve import back_calculate

_CURVES = st.lists(st.integers(1, 300).map(lambda v: v / 100), min_size=2, max_size=30)


@given(_CURVES, st.integers(5, 250).map(lambda v: v / 100))
@settings(max_examples=100, deadline=None)
def test_the_curve_agrees_with_numpy(signal, threshold):
    times = np.linspace(0.5, 12, len(signal)).tolist()

    outcome = time_to_threshold(times, signal, threshold)

    rates = np.diff(np.log(signal)) / np.diff(times)
    assert outcome.details["auc"] == pytest.approx(np.trapezoid(signal, times), rel=1e-12)
    assert outcome.details["max_specific_rate"] == pytest.approx(rates.max(), rel=1e-9, abs=1e-9)
    if outcome.qualifier is Qualifier.EQUAL:
        assert np.interp(outcome.value, times, signal) == pytest.approx(threshold, abs=1e-9)
    assert outcome.recompute() == ()


@given(_CURVES, st.sampled_from([0.01, 60.0, 3600.0]))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_time_scales_the_answer(signal, unit):
    times = [float(at) for at in range(len(signal))]

    one = time_to_threshold(times, signal, 1.0).value
    other = time_to_threshold([at * unit for at in times], signal, 1.0).value

    assert other == pytest.approx(one * unit, rel=1e-9, abs=1e-9)


def test_an_exponential_curve_has_its_own_rate():
    times = [0.0, 0.5, 1.0, 1.5]

    found = time_to_threshold(times, [np.exp(0.7 * at) for at in times], 2.0).details

    assert found["max_specific_rate"] == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("signal", "shown", "qualifier"),
    [
        ([0.1, 0.1, 0.1], ">2", Qualifier.GREATER),
        ([0.1, 0.5, 0.1], ">2", Qualifier.GREATER),
        ([0.1, 0.1, 0.5], ">2", Qualifier.GREATER),
        ([0.5, 0.5, 0.5], "<0", Qualifier.LESS),
        ([0.5, 0.1, 0.1], ">2", Qualifier.GREATER),
    ],
)
def test_without_a_confirmed_crossing_the_time_is_censored(signal, shown, qualifier):
    outcome = time_to_threshold([0, 1, 2], signal, 0.3)

    assert outcome.details["time_to_threshold"] == shown
    assert outcome.qualifier is qualifier


def test_a_read_exactly_on_the_threshold_crosses_there():
    assert time_to_threshold([0, 1, 2], [0.1, 0.3, 0.3], 0.3).value == 1.0


def test_unconfirmed_touches_and_early_starts_are_warned_about():
    assert "confirms" in time_to_threshold([0, 1, 2], [0.1, 0.5, 0.1], 0.3).warnings[0]
    assert "first read" in time_to_threshold([0, 1, 2], [0.5, 0.5, 0.5], 0.3).warnings[0]


def test_reads_at_or_below_the_floor_have_no_rate():
    some = time_to_threshold([0, 1, 2], [0.0, 0.1, 0.2], 0.3).details
    none = time_to_threshold([0, 1, 2], [0.1, 0.1, 0.2], 0.3, floor=0.5).details

    assert some["max_rate_interval_index"] == 1
    assert none["max_specific_rate"] is None
    assert none["max_rate_interval_index"] is None


@pytest.mark.parametrize(
    ("times", "signal", "floor"),
    [([0], [1], 0), ([0, 1], [1], 0), ([0, 0], [1, 1], 0), ([0, 1], [1, 1], -1)],
)
def test_a_broken_curve_is_refused(times, signal, floor):
    with pytest.raises(BadInputs):
        time_to_threshold(times, signal, 0.3, floor=floor)


_AMOUNTS = [1e8, 1e7, 1e6, 1e5]
_TTT = [2.0, 4.1, 6.0, 8.1]


def test_a_curve_gives_back_what_polyfit_gives():
    outcome = back_calculate(_AMOUNTS, _TTT, 5.0, unit="CFU/mL")

    slope, intercept = np.polyfit(np.log10(_AMOUNTS), _TTT, 1)
    assert outcome.value == pytest.approx(10 ** ((5.0 - intercept) / slope), rel=1e-9)
    assert outcome.recompute() == ()


def test_outside_the_standards_the_answer_is_a_bound():
    late, early = back_calculate(_AMOUNTS, _TTT, 9.5), back_calculate(_AMOUNTS, _TTT, 0.5)

    assert (late.qualifier, late.value) == (Qualifier.LESS, 1e5)
    assert (early.qualifier, early.value) == (Qualifier.GREATER, 1e8)


@pytest.mark.parametrize(
    ("amounts", "responses", "response"),
    [
        ([1, 10], [2.0, 2.0], 2.0),
        ([0, 10], [1.0, 2.0], 1.0),
        ([5, 5], [1.0, 2.0], 1.0),
        ([1, 10], [0.0, 1e-9], 5.0),
    ],
)
def test_a_curve_that_cannot_be_read_is_refused(amounts, responses, response):
    with pytest.raises((BadInputs, NoAnswer)):
        back_calculate(amounts, responses, response)
