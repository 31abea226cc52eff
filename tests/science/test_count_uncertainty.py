"""Limits of counts against scipy, statsmodels, closed forms and simulation."""

import warnings
from decimal import Decimal
from math import exp, log, log10, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.stats.rates import confint_poisson

from lims.science.count_uncertainty import (
    dispersion_parameter,
    expanded_uncertainty,
    index_of_dispersion,
    negative_binomial_interval,
    poisson_interval,
)
from lims.science.errors import BadInputs, NoAnswer
from lims.science.plates import BAM, Code, Plate
from lims.science.tntc import Counted, Overgrown, censored_estimate, estimate_with_overgrown

counts = st.lists(st.integers(0, 300), min_size=2, max_size=8)


# --- Poisson ---------------------------------------------------------------------------------


@given(st.integers(0, 5000), st.sampled_from([0.9, 0.95, 0.99]))
def test_poisson_limits_equal_statsmodels(count: int, confidence: float):
    found = poisson_interval(count, confidence)
    expected = confint_poisson(count, 1, method="exact-c", alpha=1 - confidence)

    assert (found.lower, found.upper) == pytest.approx(tuple(np.nan_to_num(expected)), rel=1e-9)
    assert found.confidence == confidence
    assert found.kind == "exact Poisson"


@given(st.integers(1, 500))
def test_poisson_limits_leave_the_promised_tails(count: int):
    found = poisson_interval(count)

    assert stats.poisson.sf(count - 1, found.lower) == pytest.approx(0.025)
    assert stats.poisson.cdf(count, found.upper) == pytest.approx(0.025)


def test_no_colonies_have_a_limit_of_zero_below():
    assert poisson_interval(0).lower == 0


def test_a_negative_count_is_refused():
    with pytest.raises(BadInputs, match="negative"):
        poisson_interval(-1)


# --- dispersion ------------------------------------------------------------------------------


@given(counts.filter(any))
def test_dispersion_equals_the_chi_square_of_equal_expectations(given_counts: list[int]):
    found = index_of_dispersion(given_counts)
    expected = stats.chisquare(given_counts)

    assert found.value == pytest.approx(expected.statistic)
    assert found.details["p"] == pytest.approx(expected.pvalue, abs=1e-12)
    assert found.details["df"] == len(given_counts) - 1
    assert found.details["mean"] == pytest.approx(np.mean(given_counts))
    ratio = np.var(given_counts, ddof=1) / np.mean(given_counts)
    assert found.details["variance_to_mean"] == pytest.approx(ratio)
    assert found.recompute() == ()


def test_empty_plates_do_not_disperse():
    found = index_of_dispersion([0, 0, 0])

    assert (found.value, found.details["p"]) == (0, 1)


@pytest.mark.parametrize("bad", [[], [5], [5, -1]])
def test_dispersion_needs_two_counts(bad: list[int]):
    with pytest.raises(BadInputs, match=r"\.$"):
        index_of_dispersion(bad)


# --- negative binomial -----------------------------------------------------------------------


def over_dispersed(values: list[int]) -> bool:
    return np.var(values) > 1.5 * np.mean(values) and np.mean(values) > 5


@given(counts.filter(over_dispersed))
def test_negative_binomial_equals_statsmodels(given_counts: list[int]):
    ours = negative_binomial_interval(given_counts)
    model = NegativeBinomial(np.array(given_counts), np.ones(len(given_counts)))
    start = [log(np.mean(given_counts)), 1 / float(ours.details["k"])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = model.fit(start_params=start, disp=False, maxiter=500)

    # Their optimiser stops early on flat likelihoods: ours must be at least as likely.
    at_ours = model.loglike(np.array(start))
    assert at_ours >= fitted.llf - 1e-6
    assert ours.value == pytest.approx(np.mean(given_counts))


def test_negative_binomial_interval_is_wald_on_the_logarithm():
    found = negative_binomial_interval([62, 105, 88, 140, 71, 96])
    mean, k = found.value, found.details["k"]
    half = 1.959963984540054 * sqrt((1 / mean + 1 / k) / 6)

    assert found.interval.lower == pytest.approx(mean * exp(-half))
    assert found.interval.upper == pytest.approx(mean * exp(half))
    assert "6 plates" in found.warnings[0]
    assert found.recompute() == ()


def test_counts_that_do_not_clump_have_a_poisson_interval_and_say_so():
    found = negative_binomial_interval([10, 10, 10])

    assert found.details["k"] == float("inf")
    assert found.interval.upper == pytest.approx(10 * exp(1.959963984540054 / sqrt(30)))
    assert "not over-dispersed" in found.warnings[0]


def test_many_plates_need_no_warning():
    assert negative_binomial_interval([50, 150] * 5).warnings == ()


def test_wider_counts_give_a_smaller_k():
    assert dispersion_parameter([50, 150]) < dispersion_parameter([70, 130])


def test_barely_over_dispersed_counts_are_poisson():
    assert dispersion_parameter([100, 100, 100, 115, 85]) == float("inf")


def test_k_of_simulated_clumps_comes_back():
    generator = np.random.default_rng(3)
    drawn = generator.negative_binomial(8, 8 / (8 + 100), size=3000)

    assert dispersion_parameter(drawn.tolist()) == pytest.approx(8, rel=0.1)


def test_no_colonies_have_no_negative_binomial():
    with pytest.raises(NoAnswer):
        negative_binomial_interval([0, 0])
    with pytest.raises(BadInputs):
        negative_binomial_interval([4])


# --- ISO 19036 -------------------------------------------------------------------------------


def test_expanded_uncertainty_of_the_published_example():
    found = expanded_uncertainty(110, 0.15, 5)

    assert found.value == pytest.approx(2 * sqrt(0.15**2 + 0.1886 / 110), abs=1e-5)
    assert str(found.details["U_reported"]) == "0.31"
    assert found.interval.lower == pytest.approx(5 - found.value)
    assert found.interval.upper == pytest.approx(5 + found.value)
    assert found.interval.confidence == 0.95
    assert found.recompute() == ()


def test_counting_part_is_the_spread_of_log10_poisson():
    generator = np.random.default_rng(5)
    spread = np.std(np.log10(generator.poisson(400, 200_000)))

    assert expanded_uncertainty(400, 0.0, 0, k=1).value == pytest.approx(spread, rel=0.01)


def test_coverage_factor_scales():
    assert expanded_uncertainty(50, 0.2, 3, k=3).value == pytest.approx(
        1.5 * expanded_uncertainty(50, 0.2, 3).value
    )


@pytest.mark.parametrize(("total", "s_r", "k"), [(-1, 0.1, 2), (5, -0.1, 2), (5, 0.1, 0)])
def test_uncertainty_refuses_what_cannot_be(total: int, s_r: float, k: float):
    with pytest.raises(BadInputs):
        expanded_uncertainty(total, s_r, 5, k)


def test_uncertainty_needs_a_colony():
    with pytest.raises(NoAnswer):
        expanded_uncertainty(0, 0.1, 5)


# --- plates too numerous to count ------------------------------------------------------------


def grid_estimate(counted: list[Counted], overgrown: list[Overgrown]) -> float:
    """Second route: the likelihood on a fine grid, with scipy's Poisson."""
    density = np.exp(np.linspace(log(1), log(1000), 20001))
    total = np.zeros_like(density)
    for plate in counted:
        total += stats.poisson.logpmf(plate.colonies, density * plate.volume)
    for plate in overgrown:
        total += stats.poisson.logsf(plate.limit - 1, density * plate.volume)
    return float(density[total.argmax()])


def test_overgrown_plates_raise_the_estimate():
    counted = [Counted(40, 1.0), Counted(55, 1.0)]
    overgrown = [Overgrown(100, 1.0)]
    found = censored_estimate(counted, overgrown)

    assert found.value > 47.5
    assert found.value == pytest.approx(grid_estimate(counted, overgrown), rel=1e-3)
    assert found.recompute() == ()


def test_without_overgrown_plates_it_is_the_ratio_of_sums():
    found = censored_estimate([Counted(87, 1.0), Counted(8, 0.1)], [])

    assert found.value == pytest.approx(95 / 1.1)


def test_profile_limits_drop_the_likelihood_as_promised():
    found = censored_estimate([Counted(100, 1.0)], [])

    def deviance(density: float) -> float:
        return 2 * (100 * log(100 / density) - 100 + density)

    assert deviance(found.interval.lower) == pytest.approx(3.841458820694124)
    assert deviance(found.interval.upper) == pytest.approx(3.841458820694124)
    assert found.interval.lower < 100 < found.interval.upper


def test_overgrown_plates_alone_give_a_bound_below():
    found = censored_estimate([], [Overgrown(300, 1.0)])

    assert found.qualifier == ">"
    assert found.value == found.interval.upper == float("inf")
    assert stats.poisson.sf(299, found.interval.lower) == pytest.approx(exp(-3.841458820694124 / 2))


def test_empty_plates_give_zero_with_an_upper_limit():
    found = censored_estimate([Counted(0, 2.0), Counted(0, 0.5)], [])

    assert (found.value, found.interval.lower) == (0, 0)
    assert found.interval.upper == pytest.approx(3.841458820694124 / 2 / 2.5)


def test_many_small_plates_without_colonies():
    found = censored_estimate([Counted(0, 1.0)] * 50, [])

    assert found.interval.upper == pytest.approx(3.841458820694124 / 2 / 50)


def test_contradictory_plates_still_give_the_likeliest_density():
    found = censored_estimate([Counted(0, 1.0)], [Overgrown(5, 0.01)])

    assert found.value == pytest.approx(
        grid_estimate([Counted(0, 1.0)], [Overgrown(5, 0.01)]), rel=1e-3
    )


@given(st.integers(0, 80), st.integers(1, 80), st.integers(50, 150))
def test_more_colonies_never_lower_the_censored_estimate(count: int, more: int, limit: int):
    low = censored_estimate([Counted(count, 1.0)], [Overgrown(limit, 1.0)], trace=False)
    high = censored_estimate([Counted(count + more, 1.0)], [Overgrown(limit, 1.0)], trace=False)

    assert high.value >= low.value
    assert high.interval.lower >= low.interval.lower


def test_plates_of_a_preparation_use_their_overgrown_ones():
    rows = [("1e-2", Code.TNTC), ("1e-3", 40), ("1e-3", 30), ("1e-4", Code.SPREADER)]
    plates = [Plate(Decimal(d), Decimal(1), reading) for d, reading in rows]
    found = estimate_with_overgrown(plates, BAM, per_ml=Decimal("0.1"), unit="CFU/g")
    expected = censored_estimate(
        [Counted(40, 1e-4), Counted(30, 1e-4)], [Overgrown(251, 1e-3)], trace=False
    )

    assert found.value == pytest.approx(expected.value)
    assert found.unit == "CFU/g"
    assert found.recompute() == ()
    with pytest.raises(NoAnswer):
        estimate_with_overgrown(plates[3:], BAM)


@pytest.mark.parametrize(
    ("counted", "overgrown"),
    [
        ([Counted(1, 0.0)], []),
        ([Counted(-1, 1.0)], []),
        ([], [Overgrown(0, 1.0)]),
        ([], [Overgrown(5, -1.0)]),
    ],
)
def test_plates_that_cannot_be_are_refused(counted, overgrown):
    with pytest.raises(BadInputs):
        censored_estimate(counted, overgrown)


def test_no_plates_give_no_estimate():
    with pytest.raises(NoAnswer):
        censored_estimate([], [])


def test_simulated_overgrown_plates_are_estimated_without_bias():
    random, generator = Random(11), np.random.default_rng(11)
    estimates = []
    for _ in range(150):
        drawn = generator.poisson(60.0, 4)
        limit = 60 + random.randint(-3, 3)
        counted = [Counted(int(c), 1.0) for c in drawn if c < limit]
        overgrown = [Overgrown(limit, 1.0) for c in drawn if c >= limit]
        if counted:
            estimates.append(log10(censored_estimate(counted, overgrown, trace=False).value))

    assert np.mean(estimates) == pytest.approx(log10(60), abs=0.01)
