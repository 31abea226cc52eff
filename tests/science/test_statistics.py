"""Summaries, lines, tolerance factors and precision against numpy, scipy and statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.anova import anova_lm

from lims.science.errors import BadInputs, NoAnswer
from lims.science.intervals import (
    mean_interval,
    one_sided_tolerance_factor,
    prediction_interval,
    two_sided_tolerance_factor,
)
from lims.science.precision import intermediate_precision
from lims.science.regression import fit_line
from lims.science.summary import cv_percent, summary

_VALUES = st.lists(
    st.integers(-10_000, 10_000).map(lambda whole: whole / 100), min_size=3, max_size=20
)
_SCALE = st.sampled_from([0.001, 0.5, 3.0, 1e6])


@given(_VALUES)
def test_mean_and_sd_agree_with_numpy(data):
    found = summary(data).details

    assert found["mean"] == pytest.approx(np.mean(data), rel=1e-12, abs=1e-12)
    assert found["sd"] == pytest.approx(np.std(data, ddof=1), rel=1e-12, abs=1e-12)


def test_a_great_offset_costs_no_digit():
    data = [10000000.2] + [10000000.1, 10000000.3] * 500

    found = summary(data).details

    assert found["mean"] == 10000000.2
    assert found["sd"] == pytest.approx(0.1, rel=1e-15)
    assert found["lag1_autocorrelation"] == pytest.approx(-0.999, abs=1e-12)


def test_autocorrelation_of_values_that_never_change_is_nothing():
    assert summary([5, 5, 5]).details["lag1_autocorrelation"] is None


@given(_VALUES, _SCALE)
@settings(max_examples=30)
def test_the_coefficient_of_variation_ignores_the_unit(data, scale):
    data = [abs(value) + 1 for value in data]

    one = cv_percent(data).details
    other = cv_percent([value * scale for value in data]).details

    for key in ("cv_percent", "gcv_percent"):
        assert one[key] == pytest.approx(other[key], rel=1e-9, abs=1e-9)
    assert one["geometric_mean"] * scale == pytest.approx(other["geometric_mean"], rel=1e-9)
    assert one["geometric_mean"] == pytest.approx(stats.gmean(data), rel=1e-12)
    spread = np.std(np.log(data), ddof=1)
    assert one["gcv_percent"] == pytest.approx(100 * np.expm1(spread), rel=1e-9, abs=1e-9)


def test_data_with_a_zero_have_no_geometric_mean():
    outcome = cv_percent([0, 1, 2])

    assert outcome.details["geometric_mean"] is None
    assert outcome.warnings


def test_a_mean_of_zero_has_no_coefficient_of_variation():
    with pytest.raises(NoAnswer):
        cv_percent([-1, 0, 1])


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=4, max_size=20))
@settings(max_examples=50, deadline=None)
def test_the_line_agrees_with_statsmodels(points):
    x, y = zip(*points, strict=True)
    if len(set(x)) < 2:
        return

    line = fit_line(x, y)

    fitted = sm.OLS(np.array(y, float), sm.add_constant(np.array(x, float))).fit()
    assert [line.intercept, line.slope] == pytest.approx(fitted.params, rel=1e-8, abs=1e-8)
    assert [line.se_intercept, line.se_slope] == pytest.approx(fitted.bse, rel=1e-6, abs=1e-6)
    assert line.residual_sd == pytest.approx(np.sqrt(fitted.mse_resid), rel=1e-6, abs=1e-6)


def test_a_line_through_the_origin_gives_the_certified_values_of_noint1():
    line = fit_line(range(60, 71), range(130, 141), through_origin=True)

    assert line.slope == pytest.approx(2.07438016528926, rel=1e-14)
    assert line.se_slope == pytest.approx(0.165289256198347e-01, rel=1e-13)
    assert line.residual_sd == pytest.approx(3.56753034006338, rel=1e-14)


def test_two_points_give_a_line_without_errors():
    line = fit_line([0, 2], [1, 5])

    assert (line.slope, line.intercept, line.se_slope, line.residual_sd) == (2, 1, None, None)


def test_a_flat_line_has_no_r_squared_and_no_inverse():
    line = fit_line([0, 1, 2], [3, 3, 3])

    assert line.r_squared is None
    with pytest.raises(NoAnswer):
        line.inverse(3)


@pytest.mark.parametrize(("x", "y"), [([1, 1], [1, 2]), ([1], [1]), ([1, 2], [1])])
def test_no_line_is_drawn_through_one_x(x, y):
    with pytest.raises((BadInputs, NoAnswer)):
        fit_line(x, y)


@pytest.mark.parametrize(
    ("n", "coverage", "confidence", "printed"),
    [
        (10, 0.90, 0.95, 2.355),
        (20, 0.95, 0.95, 2.396),
        (5, 0.99, 0.95, 5.741),
        (43, 0.9, 0.99, 1.874),
    ],
)
def test_one_sided_factors_are_those_of_the_printed_tables(n, coverage, confidence, printed):
    k = one_sided_tolerance_factor(n, coverage, confidence).value

    assert k == pytest.approx(printed, abs=0.001)


@pytest.mark.parametrize(
    ("n", "coverage", "confidence", "printed"),
    [
        (10, 0.90, 0.95, 2.856),
        (10, 0.95, 0.95, 3.393),
        (30, 0.95, 0.99, 2.851),
        (2, 0.9, 0.95, 31.092),
    ],
)
def test_two_sided_factors_are_those_of_the_printed_tables(n, coverage, confidence, printed):
    k = two_sided_tolerance_factor(n, coverage, confidence).value

    assert k == pytest.approx(printed, abs=0.002)


def test_a_two_sided_tolerance_interval_holds_its_share_as_often_as_promised():
    k = two_sided_tolerance_factor(8, 0.9, 0.95).value
    samples = np.random.default_rng(11).standard_normal((40_000, 8))
    centre, spread = samples.mean(axis=1), samples.std(axis=1, ddof=1)

    share = stats.norm.cdf(centre + k * spread) - stats.norm.cdf(centre - k * spread)

    assert np.mean(share >= 0.9) == pytest.approx(0.95, abs=0.004)


def test_intervals_of_mean_and_prediction_cover_as_promised():
    samples = np.random.default_rng(3).normal(10, 2, (4_000, 6))
    hits = np.zeros(2)
    for row in samples:
        data = row[:5].tolist()
        mean, next_one = mean_interval(data, trace=False), prediction_interval(data, trace=False)
        hits += [
            mean.interval.lower <= 10 <= mean.interval.upper,
            next_one.interval.lower <= row[5] <= next_one.interval.upper,
        ]

    assert hits / len(samples) == pytest.approx([0.95, 0.95], abs=0.011)


@pytest.mark.parametrize(("n", "coverage"), [(1, 0.9), (5, 0), (5, 1)])
def test_impossible_tolerance_requests_are_refused(n, coverage):
    with pytest.raises(BadInputs):
        one_sided_tolerance_factor(n, coverage, 0.95)


def test_precision_agrees_with_the_analysis_of_variance_of_statsmodels():
    groups = [[9.81, 9.85, 9.79], [9.92, 9.95], [9.7, 9.74, 9.71, 9.76]]
    frame = pd.DataFrame(
        {
            "y": [value for group in groups for value in group],
            "g": [at for at, group in enumerate(groups) for _ in group],
        }
    )

    found = intermediate_precision(groups)

    table = anova_lm(sm.formula.ols("y ~ C(g)", frame).fit())
    assert found.details["ms_between"] == pytest.approx(table["mean_sq"].iloc[0], rel=1e-9)
    assert found.details["ms_within"] == pytest.approx(table["mean_sq"].iloc[1], rel=1e-9)
    assert found.recompute() == ()


def test_a_negative_variance_between_runs_counts_as_none():
    found = intermediate_precision([[1, 5], [2, 4], [3, 3]]).details

    assert found["between_sd"] == 0
    assert found["intermediate_precision_sd"] == pytest.approx(found["repeatability_sd"])


@pytest.mark.parametrize("groups", [[[1, 2]], [[1], [2]], [[1, 2], []]])
def test_precision_needs_groups_and_replicates(groups):
    with pytest.raises(BadInputs):
        intermediate_precision(groups)
