"""Relative potency of curves by another optimiser and simulation; combination of assays."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import curve_fit

from lims.science.combination import Assay, combine_log_potencies, combine_weighted
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome
from lims.science.relative_potency import (
    Preparation,
    Similarity,
    SimilarityRule,
    relative_potency_4pl,
)

_DOSES = np.repeat(np.geomspace(0.5, 64, 8), 2)


def _preparation(seed: int, *, ratio=1.0, b=1.4, d=2.1, noise=0.03, unit=1.0) -> Preparation:
    rng = np.random.default_rng(seed)
    y = d + (0.1 - d) / (1 + (_DOSES * ratio / 6) ** b) + noise * rng.standard_normal(len(_DOSES))
    return Preparation(tuple((_DOSES * unit).tolist()), tuple((y).tolist()))


@pytest.mark.parametrize("seed", range(0, 12, 2))
def test_potency_and_its_error_are_those_of_another_optimiser(seed):
    reference, test = _preparation(seed), _preparation(seed + 1, ratio=0.8)

    outcome = relative_potency_4pl(reference, test)

    x = np.array([reference.x + test.x, (0.0,) * 16 + (1.0,) * 16])
    y = np.array(reference.y + test.y)

    def common(points, a, b, c, d, ln_rp):
        return d + (a - d) / (1 + (points[0] * np.exp(points[1] * ln_rp) / c) ** b)

    best, covariance = curve_fit(common, x, y, p0=[0.1, 1.4, 6, 2, -0.2], xtol=1e-13, ftol=1e-13)
    found = outcome.details
    assert found["relative_potency"] == pytest.approx(exp(best[4]), rel=1e-6)
    assert found["se_ln_rp"] == pytest.approx(np.sqrt(covariance[4, 4]), rel=1e-4)
    reach = stats.t.ppf(0.975, 27) * np.sqrt(covariance[4, 4])
    assert found["upper95"] == pytest.approx(exp(best[4] + reach), rel=1e-4)
    assert outcome.recompute() == ()
    assert Outcome.from_canonical(outcome.canonical()) == outcome


@given(st.integers(0, 300))
@settings(max_examples=20, deadline=None)
def test_exchanging_the_preparations_inverts_the_potency(seed):
    one, other = _preparation(seed), _preparation(seed + 1, ratio=1.6)

    forward = relative_potency_4pl(one, other).details
    backward = relative_potency_4pl(other, one).details

    assert backward["relative_potency"] == pytest.approx(1 / forward["relative_potency"], rel=1e-6)
    assert backward["lower95"] == pytest.approx(1 / forward["upper95"], rel=1e-5)
    assert backward["F_parallelism"] == pytest.approx(forward["F_parallelism"], rel=1e-4, abs=1e-6)


@given(st.integers(0, 300), st.sampled_from([1e-4, 1e3]))
@settings(max_examples=20, deadline=None)
def test_the_unit_of_the_dose_does_not_matter(seed, unit):
    pairs = [(_preparation(seed, unit=u), _preparation(seed + 1, unit=u)) for u in (1.0, unit)]

    plain, scaled = (relative_potency_4pl(*pair).value for pair in pairs)

    assert scaled == pytest.approx(plain, rel=1e-7)


def test_the_interval_covers_and_the_difference_test_rejects_as_often_as_promised():
    covered = rejected = 0
    for seed in range(0, 600, 2):
        outcome = relative_potency_4pl(
            _preparation(seed), _preparation(seed + 1, ratio=0.8), trace=False
        )
        covered += outcome.interval.lower <= 0.8 <= outcome.interval.upper
        rejected += not outcome.valid

    assert covered / 300 == pytest.approx(0.95, abs=0.04)
    assert rejected / 300 == pytest.approx(0.05, abs=0.04)


def test_curves_of_other_shape_have_no_potency_by_either_approach():
    reference, test = _preparation(1), _preparation(2, b=0.7, d=1.5)

    by_difference = relative_potency_4pl(reference, test)
    by_equivalence = relative_potency_4pl(
        reference, test, rule=SimilarityRule(Similarity.EQUIVALENCE)
    )

    assert "not parallel" in by_difference.invalid[0]
    assert any("Similarity in B" in sentence for sentence in by_equivalence.invalid)


def test_precise_curves_that_differ_little_pass_equivalence_but_not_the_difference_test():
    reference, test = _preparation(1, noise=0.0005), _preparation(2, b=1.42, noise=0.0005)

    by_difference = relative_potency_4pl(reference, test)
    by_equivalence = relative_potency_4pl(
        reference, test, rule=SimilarityRule(Similarity.EQUIVALENCE)
    )

    assert not by_difference.valid
    assert by_equivalence.valid


def test_weights_are_all_or_none():
    reference, test = _preparation(1), _preparation(2)
    weighted = Preparation(reference.x, reference.y, (1.0,) * 16)

    with pytest.raises(BadInputs):
        relative_potency_4pl(weighted, test)


def test_equal_weights_change_nothing():
    reference, test = _preparation(1), _preparation(2)
    weighted = [Preparation(p.x, p.y, (2.0,) * 16) for p in (reference, test)]

    assert relative_potency_4pl(*weighted).value == pytest.approx(
        relative_potency_4pl(reference, test).value, rel=1e-9
    )


@pytest.mark.parametrize("confidence", [0, 1])
def test_a_confidence_outside_zero_to_one_is_refused(confidence):
    with pytest.raises(BadInputs):
        relative_potency_4pl(_preparation(1), _preparation(2), confidence=confidence)


def test_responses_without_any_error_cannot_be_tested():
    with pytest.raises(NoAnswer):
        relative_potency_4pl(_preparation(1, noise=0), _preparation(2, noise=0))


def test_a_flat_sample_is_refused():
    flat = Preparation(_preparation(1).x, (1.0,) * 16)

    with pytest.raises(NoAnswer):
        relative_potency_4pl(_preparation(1), flat)


def test_potencies_combine_to_the_t_interval_of_their_logs():
    potencies = [0.92, 1.05, 0.98, 1.1]

    outcome = combine_log_potencies(potencies)

    logs = np.log(potencies)
    low, high = stats.t.interval(0.95, 3, logs.mean(), stats.sem(logs))
    assert outcome.value == pytest.approx(stats.gmean(potencies), rel=1e-12)
    assert outcome.interval.lower == pytest.approx(exp(low), rel=1e-10)
    assert outcome.interval.upper == pytest.approx(exp(high), rel=1e-10)
    assert outcome.recompute() == ()


@given(
    st.lists(st.integers(50, 200).map(lambda v: v / 100), min_size=2, max_size=8),
    st.sampled_from([0.01, 1e4]),
)
def test_the_unit_of_the_potencies_only_scales_them(potencies, unit):
    one = combine_log_potencies(potencies).details
    other = combine_log_potencies([value * unit for value in potencies]).details

    assert other["lower"] == pytest.approx(one["lower"] * unit, rel=1e-9)
    assert other["gcv_percent"] == pytest.approx(one["gcv_percent"], rel=1e-6, abs=1e-9)


def test_equal_potencies_have_an_interval_without_width():
    found = combine_log_potencies([1.2, 1.2, 1.2]).details

    assert found["lower"] == pytest.approx(1.2)
    assert found["gcv_percent"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("potencies", [[], [1.0], [1.0, 0.0], [1.0, -1.0]])
def test_one_potency_or_none_above_zero_cannot_be_combined(potencies):
    with pytest.raises(BadInputs):
        combine_log_potencies(potencies)


_ASSAYS = [Assay(1.0, 0.9, 1.11, 20), Assay(1.05, 0.95, 1.16, 24), Assay(0.97, 0.85, 1.1, 18)]


def test_weights_are_the_inverse_variances_of_the_assays():
    outcome = combine_weighted(_ASSAYS)

    variances = [
        ((log(a.upper) - log(a.lower)) / 2 / stats.t.ppf(0.975, a.df)) ** 2 for a in _ASSAYS
    ]
    mean = np.average([log(a.potency) for a in _ASSAYS], weights=1 / np.array(variances))
    assert outcome.value == pytest.approx(exp(mean))
    assert outcome.valid
    assert outcome.interval.lower < outcome.value < outcome.interval.upper
    assert outcome.recompute() == ()


def test_assays_that_disagree_are_not_combined_with_weights():
    outcome = combine_weighted([Assay(1.0, 0.95, 1.05, 20), Assay(2.0, 1.9, 2.1, 20)])

    assert "not homogeneous" in outcome.invalid[0]


@pytest.mark.parametrize(
    "assay", [Assay(1, 0, 1.1, 20), Assay(1, 1.1, 0.9, 20), Assay(1, 0.9, 1.1, 0)]
)
def test_an_assay_without_sound_limits_is_refused(assay):
    with pytest.raises(BadInputs):
        combine_weighted([assay, _ASSAYS[0]])
