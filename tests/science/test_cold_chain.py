"""Mean kinetic temperature by high-precision arithmetic, losses, excursions, budgets."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.science.errors import BadInputs
from lims.science.excursions import (
    Allowance,
    Budget,
    LabelRange,
    find_excursions,
    find_gaps,
    judge_budget,
)
from lims.science.kinetic_temperature import (
    LossModel,
    loss_along_record,
    mean_kinetic_temperature,
)

_TEMPERATURES = st.lists(st.integers(-80, 60).map(float), min_size=1, max_size=20)


def _by_forty_digits(temperatures: list[float], weights: list[float]) -> float:
    """The printed formula, without tricks, in forty-digit decimals."""
    with localcontext() as context:
        context.prec = 40
        ratio = Decimal("83.144") / Decimal("0.0083144")
        kelvin = [Decimal(str(t)) + Decimal("273.15") for t in temperatures]
        shares = [Decimal(str(w)) for w in weights]
        summed = sum(w * (-ratio / t).exp() for w, t in zip(shares, kelvin, strict=True))
        return float(ratio / -(summed / sum(shares)).ln() - Decimal("273.15"))


@given(_TEMPERATURES, st.data())
@settings(max_examples=60, deadline=None)
def test_mkt_agrees_with_forty_digits(temperatures, data):
    size = len(temperatures)
    weights = data.draw(st.lists(st.integers(1, 500), min_size=size, max_size=size))

    outcome = mean_kinetic_temperature(temperatures, weights)

    assert outcome.value == pytest.approx(_by_forty_digits(temperatures, weights), abs=1e-9)
    assert outcome.recompute() == ()


@given(_TEMPERATURES)
@settings(max_examples=60, deadline=None)
def test_mkt_lies_between_the_mean_and_the_warmest(temperatures):
    found = mean_kinetic_temperature(temperatures).details

    assert found["mkt_C"] >= found["arithmetic_mean_C"] - 1e-9
    assert found["mkt_C"] <= max(temperatures) + 1e-9


@given(_TEMPERATURES, st.sampled_from([0.001, 7, 1e6]))
@settings(max_examples=30, deadline=None)
def test_the_unit_of_the_durations_does_not_matter(temperatures, unit):
    hours = list(range(1, len(temperatures) + 1))

    one = mean_kinetic_temperature(temperatures, hours).value
    other = mean_kinetic_temperature(temperatures, [hour * unit for hour in hours]).value

    assert one == pytest.approx(other, abs=1e-9)


def test_a_record_near_absolute_zero_does_not_underflow():
    assert mean_kinetic_temperature([-272.0, -272.0]).value == pytest.approx(-272.0, abs=1e-6)


def test_a_frozen_record_is_warned_about():
    assert mean_kinetic_temperature([-20.0, 5.0]).warnings


@pytest.mark.parametrize(
    ("temperatures", "durations"),
    [([], None), ([5.0], [1.0, 2.0]), ([5.0], [0.0]), ([5.0, 6.0], [1.0, -1.0]), ([-274.0], None)],
)
def test_an_impossible_record_is_refused(temperatures, durations):
    with pytest.raises(BadInputs):
        mean_kinetic_temperature(temperatures, durations)


def test_constants_must_be_above_zero():
    with pytest.raises(BadInputs):
        mean_kinetic_temperature([5.0], delta_h=0)


_MODEL = LossModel(rate=0.02, activation_energy=90.0, reference_c=5.0)


def test_a_month_at_the_reference_loses_the_rate():
    outcome = loss_along_record([5.0, 5.0], [365.25, 365.25], _MODEL)

    assert outcome.value == pytest.approx(0.02)
    assert outcome.recompute() == ()


def test_warmth_costs_more_than_proportionally():
    cool = loss_along_record([5.0], [24.0], _MODEL).value
    warm = loss_along_record([25.0], [24.0], _MODEL).value

    assert warm / cool == pytest.approx(13.6, abs=0.2)


@pytest.mark.parametrize(
    "model", [LossModel(-1, 90, 5), LossModel(1, -90, 5), LossModel(1, 90, -300)]
)
def test_an_impossible_loss_model_is_refused(model):
    with pytest.raises(BadInputs):
        loss_along_record([5.0], [1.0], model)


def test_an_excursion_has_its_times_peak_and_degree_hours():
    hours, record = [0, 1, 2, 3, 4, 5], [5, 9, 12, 10, 6, 5]

    (found,) = find_excursions(hours, record)

    assert (found.start_h, found.end_h, found.hours) == (1, 4, 3)
    assert found.peak_c == 12
    assert found.degree_hours == pytest.approx(1 + 4 + 2)
    assert found.counts
    assert not found.freeze


def test_an_excursion_within_the_grace_is_kept_but_does_not_count():
    (found,) = find_excursions([0, 0.1, 0.2, 0.3], [5, 8.5, 7, 5])

    assert not found.counts


def test_a_freeze_counts_however_short():
    (found,) = find_excursions([0, 0.1, 0.2], [5, -0.1, 5])

    assert found.freeze
    assert found.counts
    assert found.peak_c == -0.1


def test_an_excursion_that_runs_to_the_end_of_the_record_is_found():
    (found,) = find_excursions([0, 1, 2], [5, 9, 9])

    assert (found.start_h, found.end_h) == (1, 2)


def test_warm_and_cold_side_by_side_are_two_excursions():
    assert len(find_excursions([0, 1, 2, 3], [9, 1, 9, 5])) == 3


@pytest.mark.parametrize(("hours", "record"), [([0], [5]), ([0, 1], [5]), ([0, 0], [5, 5])])
def test_a_broken_record_is_refused(hours, record):
    with pytest.raises(BadInputs):
        find_excursions(hours, record)


def test_gaps_are_longer_than_two_intervals():
    assert find_gaps([0, 1, 2, 4, 7], 1.0) == ((4, 7),)


_TABLE = (Allowance(8, 15, 24), Allowance(15, 25, 4))


@pytest.mark.parametrize(
    ("record", "used", "verdict"),
    [
        ([5, 5, 5], None, Budget.ACCEPTABLE),
        ([5, 12, 5], None, Budget.REMAINING),
        ([5, 12, 5], [23.5, 0], Budget.HOLD),
        ([5, 20, 5], [0, 3.5], Budget.HOLD),
        ([5, 30, 5], None, Budget.HOLD),
        ([5, 1, 5], None, Budget.HOLD),
        ([5, -1, 5], None, Budget.HOLD),
    ],
)
def test_a_budget_is_drawn_on_by_the_band_of_the_temperature(record, used, verdict):
    outcome = judge_budget([0, 1, 2], record, _TABLE, already_used=used)

    assert outcome.value == verdict.value
    assert outcome.recompute() == ()


def test_remaining_hours_are_told_per_band():
    found = judge_budget([0, 2, 3], [12, 5, 5], _TABLE, already_used=[10, 1]).details

    assert found["remaining_h"] == [12, 3]


def test_a_frozen_product_has_no_freeze_event():
    label = LabelRange(-90, -60, freeze_c=None)

    found = judge_budget([0, 1, 2], [-80, -70, -65], (), label=label)

    assert found.value == Budget.ACCEPTABLE.value


def test_hours_used_before_are_needed_for_each_allowance():
    with pytest.raises(BadInputs):
        judge_budget([0, 1], [5, 5], _TABLE, already_used=[1])
