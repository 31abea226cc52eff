"""Kinetic endotoxin tests against polyfit; limits and dilutions by hand."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.science.endotoxin import (
    Level,
    SpikedSample,
    kinetic_lal,
)
from lims.science.endotoxin_limits import (
    endotoxin_limit_and_mvd,
    limit_from_dose,
    maximum_valid_dilution,
)
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Qualifier

_LEVELS = (
    Level(5, (780, 791)),
    Level(0.5, (1550, 1571)),
    Level(0.05, (3120, 3098)),
    Level(0.005, (6210, 6250)),
)
_SAMPLE = SpikedSample((2510, 2546), (1500, 1489), spike=0.5, dilution=100)


def _by_polyfit(onsets: tuple[float, ...]) -> float:
    x = [log10(level.eu_per_ml) for level in _LEVELS for _ in level.onset_s]
    y = [log10(onset) for level in _LEVELS for onset in level.onset_s]
    slope, intercept = np.polyfit(x, y, 1)
    return float(np.mean([10 ** ((log10(onset) - intercept) / slope) for onset in onsets]))


@given(st.lists(st.integers(900, 6000), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_concentration_and_recovery_agree_with_polyfit(onsets):
    sample = replace(_SAMPLE, onset_s=tuple(onsets))

    outcome = kinetic_lal(_LEVELS, sample)

    own, spiked = _by_polyfit(tuple(onsets)), _by_polyfit((1500, 1489))
    found = outcome.details
    assert found["sample_eu_per_ml_in_well"] == pytest.approx(own, rel=1e-9)
    counted = own if own >= 0.005 else 0
    assert found["ppc_recovery_percent"] == pytest.approx(100 * (spiked - counted) / 0.5, rel=1e-8)
    assert outcome.recompute() == ()


def test_a_valid_result_is_the_diluted_back_concentration():
    outcome = kinetic_lal(_LEVELS, _SAMPLE)

    assert outcome.valid
    assert outcome.qualifier is Qualifier.EQUAL
    assert outcome.value == pytest.approx(100 * outcome.details["sample_eu_per_ml_in_well"])
    assert outcome.details["reported"] is None


def test_wells_without_an_onset_are_below_the_lowest_standard():
    outcome = kinetic_lal(_LEVELS, replace(_SAMPLE, onset_s=(None, None), dilution=50))

    assert outcome.details["reported"] == "<0.25 EU/mL"
    assert (outcome.qualifier, outcome.value) == (Qualifier.LESS, 0.25)
    assert outcome.details["sample_eu_per_ml"] is None
    assert outcome.details["ppc_recovery_percent"] is not None


def test_wells_that_disagree_on_an_onset_have_no_mean():
    with pytest.raises(NoAnswer, match="never did"):
        kinetic_lal(_LEVELS, replace(_SAMPLE, onset_s=(2510, None)))


def test_above_the_highest_standard_the_result_is_a_bound():
    outcome = kinetic_lal(_LEVELS, replace(_SAMPLE, onset_s=(300, 310)))

    assert outcome.details["reported"] == ">500 EU/mL"
    assert outcome.qualifier is Qualifier.GREATER


@pytest.mark.parametrize(("spiked", "valid"), [((1100,), False), ((1500,), True), ((2400,), False)])
def test_a_recovery_outside_its_limits_makes_the_dilution_invalid(spiked, valid):
    outcome = kinetic_lal(_LEVELS, replace(_SAMPLE, spiked_onset_s=spiked))

    assert outcome.details["ppc_valid"] is valid
    assert outcome.valid is valid


def test_a_spike_without_onset_has_no_recovery():
    outcome = kinetic_lal(_LEVELS, replace(_SAMPLE, spiked_onset_s=(None,)))

    assert outcome.details["ppc_recovery_percent"] is None
    assert "missing" in outcome.invalid[0]


def test_two_levels_and_a_poor_correlation_make_the_run_invalid():
    short = kinetic_lal(_LEVELS[:2], _SAMPLE)
    poor = (Level(5, (780, 2000)), Level(0.5, (1550, 900)), Level(0.05, (3120, 2900)))

    assert "levels" in short.invalid[0]
    assert kinetic_lal(poor, _SAMPLE).details["abs_r_ok"] is False


@pytest.mark.parametrize(
    "levels",
    [
        (),
        (Level(5, ()),),
        (Level(5, (780,)),),
        (Level(5, (780,)), Level(0.5, (400,))),
        (Level(5, (0,)), Level(0.5, (400,))),
    ],
)
def test_standards_that_make_no_curve_are_refused(levels):
    with pytest.raises((BadInputs, NoAnswer)):
        kinetic_lal(levels, _SAMPLE)


@pytest.mark.parametrize(
    "sample",
    [
        replace(_SAMPLE, onset_s=()),
        replace(_SAMPLE, spike=0),
        replace(_SAMPLE, dilution=0),
        replace(_SAMPLE, onset_s=(-1,)),
    ],
)
def test_an_impossible_sample_is_refused(sample):
    with pytest.raises(BadInputs):
        kinetic_lal(_LEVELS, sample)


def test_the_limit_and_the_dilution_are_exact():
    limit = limit_from_dose(Decimal(5), Decimal(3))

    assert limit == Fraction(5, 3)
    assert maximum_valid_dilution(limit, Decimal("0.005"), Decimal(3)) == 1000
    assert endotoxin_limit_and_mvd(Fraction(100), "EU/mL", Decimal("0.05")).mvd == 2000


@pytest.mark.parametrize(("k", "m"), [(0, 1), (5, 0), (-1, 1)])
def test_a_limit_needs_a_threshold_and_a_dose(k, m):
    with pytest.raises(BadInputs):
        limit_from_dose(Decimal(k), Decimal(m))


def test_a_dilution_needs_a_sensitivity():
    with pytest.raises(BadInputs):
        maximum_valid_dilution(Fraction(1), Decimal(0))


def test_standards_that_vary_and_an_early_blank_make_the_run_invalid():
    loose = (*_LEVELS[:3], Level(0.005, (5200, 6900)))

    assert "vary" in kinetic_lal(loose, _SAMPLE).invalid[0]
    assert "blank" in kinetic_lal(_LEVELS, _SAMPLE, blank=(6000, None)).invalid[0]
    assert kinetic_lal(_LEVELS, _SAMPLE, blank=(7500, None)).valid
