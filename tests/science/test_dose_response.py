"""Logistic curves by other optimisers, NIST's certified sets, formulas, back-calculation."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import curve_fit

from lims.science.dose_response import (
    LogisticCurve,
    Weighting,
    fit_and_back_calculate,
    fit_logistic,
    weights_of,
)
from lims.science.errors import BadInputs, NoAnswer, ScienceError
from lims.science.formula import Formula, arithmetic
from lims.science.nls import nls_fit
from lims.science.outcome import Outcome, Qualifier

_DOSES = np.repeat(np.geomspace(0.05, 50, 10), 3)


def _curve(x, a, b, c, d, g=1.0):
    return d + (a - d) / (1 + (x / c) ** b) ** g


def _noisy(seed: int, a=0.1, b=1.2, c=2.0, d=2.0, g=1.0, noise=0.03) -> list[float]:
    rng = np.random.default_rng(seed)
    return (_curve(_DOSES, a, b, c, d, g) + noise * rng.standard_normal(len(_DOSES))).tolist()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("a", "b", "c", "d"),
    [(0.1, 1.2, 2.0, 2.0), (8.0, 3.0, 3.0, 0.5), (1e6, 0.7, 0.5, 1e4), (-1.0, 5.0, 10.0, 1.0)],
)
def test_four_parameters_are_those_of_another_optimiser(a, b, c, d, seed):
    y = _noisy(seed, a, b, c, d, noise=0.02 * abs(d - a))

    outcome = fit_logistic(_DOSES.tolist(), y)

    best, covariance = curve_fit(_curve_of_four, _DOSES, y, p0=[a, b, c, d], xtol=1e-13, ftol=1e-13)
    found = outcome.details
    assert [found[key] for key in "ABCD"] == pytest.approx(best, rel=1e-6, abs=1e-6 * abs(d - a))
    errors = np.sqrt(np.diag(covariance))
    assert [found["se"][key] for key in "ABCD"] == pytest.approx(errors, rel=1e-4)
    assert outcome.recompute() == ()


def _curve_of_four(x, a, b, c, d):
    return _curve(x, a, b, c, d)


@pytest.mark.parametrize("weighting", list(Weighting))
def test_weighted_fits_are_those_of_another_optimiser(weighting):
    y = _noisy(1, 0.3, noise=0.02)
    weights = weights_of(y, weighting)

    found = fit_logistic(_DOSES.tolist(), y, weights=weights).details

    sigma = None if weights is None else 1 / np.sqrt(weights)
    best, _ = curve_fit(_curve_of_four, _DOSES, y, p0=[0.3, 1.2, 2, 2], sigma=sigma, xtol=1e-13)
    assert [found[key] for key in "ABCD"] == pytest.approx(best, rel=1e-5)


def test_five_parameters_are_those_of_another_optimiser():
    y = _noisy(2, g=0.5, noise=0.01)

    found = fit_logistic(_DOSES.tolist(), y, asymmetric=True).details

    best, _ = curve_fit(_curve, _DOSES, y, p0=[0.1, 1.2, 2, 2, 0.5], xtol=1e-13, ftol=1e-13)
    assert [found[key] for key in "ABCDG"] == pytest.approx(best, rel=1e-4)


@given(st.integers(0, 200), st.sampled_from([1e-6, 10.0, 1e9]), st.sampled_from([1e-3, 1.0, 1e5]))
@settings(max_examples=25, deadline=None)
def test_the_units_of_dose_and_response_only_scale_the_curve(seed, dose_unit, unit):
    y = _noisy(seed)

    one = fit_logistic(_DOSES.tolist(), y).details
    other = fit_logistic((_DOSES * dose_unit).tolist(), [v * unit for v in y]).details

    assert other["C"] == pytest.approx(one["C"] * dose_unit, rel=1e-7)
    assert other["B"] == pytest.approx(one["B"], rel=1e-7)
    assert other["A"] == pytest.approx(one["A"] * unit, rel=1e-6)
    assert other["se"]["C"] == pytest.approx(one["se"]["C"] * dose_unit, rel=1e-6)


@given(st.integers(0, 200), st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_wells_does_not_matter(seed, random):
    pairs = list(zip(_DOSES.tolist(), _noisy(seed), strict=True))
    one = fit_logistic(*zip(*pairs, strict=True)).details
    random.shuffle(pairs)

    other = fit_logistic(*zip(*pairs, strict=True)).details

    assert [other[key] for key in "ABCD"] == pytest.approx([one[key] for key in "ABCD"], rel=1e-8)


def test_the_intervals_of_the_mid_point_cover_as_promised():
    hits = 0
    for seed in range(400):
        found = fit_logistic(_DOSES.tolist(), _noisy(seed), trace=False).details
        hits += abs(log(found["C"] / 2.0)) <= 2.056 * found["se"]["C"] / found["C"]  # t, 26 df

    assert hits / 400 == pytest.approx(0.95, abs=0.033)


def test_a_dose_of_zero_takes_the_asymptote():
    x = [0.0] * 3 + _DOSES.tolist()
    y = [0.1, 0.11, 0.09, *_noisy(1)]

    found = fit_logistic(x, y).details

    best, _ = curve_fit(_curve_of_four, np.array(x), y, p0=[0.1, 1.2, 2, 2], xtol=1e-13)
    assert [found[key] for key in "ABCD"] == pytest.approx(best, rel=1e-6)


def test_a_is_the_response_without_dose_whichever_way_the_curve_goes():
    rising = fit_logistic(_DOSES.tolist(), _noisy(1)).details
    falling = fit_logistic(_DOSES.tolist(), [-value for value in _noisy(1)]).details

    assert rising["B"] > 0
    assert falling["B"] == pytest.approx(rising["B"])
    assert falling["A"] == pytest.approx(-rising["A"])


def test_a_plateau_that_was_never_seen_is_warned_about():
    x = _DOSES[_DOSES < 1.5].tolist()
    y = [float(v) for v in _curve(np.array(x), 0.1, 1.2, 2.0, 2.0)]
    y = [value + 1e-4 * (-1) ** at for at, value in enumerate(y)]

    assert "mid-point" in fit_logistic(x, y).warnings[0]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1, 2, 4], [1, 2, 3]),
        ([1, 1, 2, 2, 4, 4], [1, 2, 3, 1, 2, 3]),
        ([1, 2, 4, 8], [1, 2, 3, 4]),
        ([-1, 1, 2, 4, 8], [1, 2, 3, 4, 5]),
        ([1, 2, 4, 8, 16], [1, 2, 3, 4]),
    ],
)
def test_too_few_or_impossible_wells_are_refused(x, y):
    with pytest.raises(BadInputs):
        fit_logistic(x, y)


@pytest.mark.parametrize(
    "y",
    [
        [1.0] * 8,
        [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
    ],
)
def test_responses_that_are_no_curve_are_refused(y):
    with pytest.raises(NoAnswer):
        fit_logistic([1.0, 2, 3, 4, 5, 6, 7, 8], y)


def test_weights_must_fit_the_wells():
    with pytest.raises(BadInputs):
        fit_logistic(_DOSES.tolist(), _noisy(1), weights=[1.0])
    with pytest.raises(BadInputs):
        fit_logistic(_DOSES.tolist(), _noisy(1), weights=[0.0] * len(_DOSES))
    with pytest.raises(BadInputs):
        weights_of([0.0, 1.0], Weighting.INVERSE)


@given(st.floats(0.001, 1000), st.sampled_from([0.4, 1.0, 2.5]))
def test_back_calculation_undoes_the_curve(dose, g):
    curve = LogisticCurve(0.1, 1.3, 4.0, 2.2, g)

    assert curve.back_calculate(_curve(dose, 0.1, 1.3, 4.0, 2.2, g)) == pytest.approx(
        dose, rel=1e-6
    )


@pytest.mark.parametrize(
    ("sample", "qualifier", "shown"),
    [
        (0.0, Qualifier.LESS, "<0.05"),
        (2.5, Qualifier.GREATER, ">50"),
        (-9.0, Qualifier.LESS, "<0.05"),
    ],
)
def test_on_or_beyond_an_asymptote_a_sample_is_censored(sample, qualifier, shown):
    outcome = fit_and_back_calculate(_DOSES.tolist(), _noisy(1), [sample])

    assert outcome.qualifier is qualifier
    assert outcome.details["back_calculated"] == [shown]


def test_a_sample_between_plateau_and_standards_is_extrapolated_with_a_warning():
    x = _DOSES[(_DOSES > 0.2) & (_DOSES < 20)].tolist()
    y = [v + 0.002 * (-1) ** at for at, v in enumerate(_curve(np.array(x), 0.1, 1.2, 2.0, 2.0))]

    outcome = fit_and_back_calculate(x, [float(v) for v in y], [0.13, 1.0])

    low, middle = outcome.details["back_calculated"]
    assert 0 < low < min(x) < middle
    assert "extrapolated" in outcome.warnings[-1]
    assert outcome.recompute() == ()
    assert Outcome.from_canonical(outcome.canonical()) == outcome


# NIST StRD: model, x, y, starts, certified parameters, certified RSS, relative tolerance.
_MISRA_X = [
    77.6,
    114.9,
    141.1,
    190.8,
    239.9,
    289.0,
    332.8,
    378.4,
    434.8,
    477.3,
    536.8,
    593.1,
    689.1,
    760.0,
]
_MISRA_Y = [
    10.07,
    14.73,
    17.94,
    23.93,
    29.61,
    35.18,
    40.02,
    44.82,
    50.76,
    55.05,
    61.01,
    66.40,
    75.47,
    81.78,
]
_MGH09_X = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]
_MGH09_Y = [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246]
_BOXBOD_X, _BOXBOD_Y = [1, 2, 3, 5, 7, 10], [109, 149, 149, 191, 213, 224]
_NIST = [
    (
        "b1*(1-exp(-b2*x))",
        _MISRA_X,
        _MISRA_Y,
        [[500, 1e-4], [250, 5e-4]],
        [2.3894212918e2, 5.5015643181e-4],
        1.2455138894e-1,
    ),
    (
        "b1*(1-(1+2*b2*x)^(-0.5))",
        _MISRA_X,
        _MISRA_Y,
        [[500, 1e-4], [600, 2e-4]],
        [6.3642725809e2, 2.0813627256e-4],
        4.0966836971e-2,
    ),
    (
        "b1*(x**2+x*b2)/(x**2+x*b3+b4)",
        _MGH09_X,
        _MGH09_Y,
        [[25, 39, 41.5, 39], [0.25, 0.39, 0.415, 0.39]],
        [1.9280693458e-1, 1.9128232873e-1, 1.2305650693e-1, 1.3606233068e-1],
        3.0750560385e-4,
    ),
    (
        "b1*(1-exp(-b2*x))",
        _BOXBOD_X,
        _BOXBOD_Y,
        [[1, 1], [100, 0.75]],
        [2.1380940889e2, 5.4723748542e-1],
        1.1680088766e3,
    ),
]


@pytest.mark.parametrize(("model", "x", "y", "starts", "certified", "rss"), _NIST)
def test_certified_values_are_reached(model, x, y, starts, certified, rss):
    names = [f"b{at}" for at in range(1, len(certified) + 1)]

    outcome = nls_fit(model, names, x, y, starts)

    found = [outcome.details[name] for name in names]
    assert found == pytest.approx(certified, rel=1e-8)
    assert outcome.value == pytest.approx(rss, rel=1e-9)
    assert outcome.recompute() == ()


def test_a_start_that_runs_away_is_passed_over():
    outcome = nls_fit(
        "b1*(1-exp(-b2*x))", ["b1", "b2"], _BOXBOD_X, _BOXBOD_Y, [[1, 1e9], [100, 0.75]]
    )

    assert outcome.details["b1"] == pytest.approx(213.80940889)


@pytest.mark.parametrize(
    ("model", "names", "starts"),
    [
        ("b1+b2*x", ["b1"], [[1, 2]]),
        ("b1*x", ["b1", "b2"], [[1, 2]]),
        ("b1*x", [], [[]]),
        ("b1*x", ["b1"], []),
        ("b1*x", ["b1"], [[1, 2]]),
        ("__import__('os')", ["b1"], [[1]]),
    ],
)
def test_a_model_that_does_not_fit_its_starts_is_refused(model, names, starts):
    with pytest.raises(BadInputs):
        nls_fit(model, names, [1, 2, 3], [1, 2, 3], starts)


def test_parameters_that_only_occur_together_are_refused():
    with pytest.raises(NoAnswer):
        nls_fit("(b1+b2)*x", ["b1", "b2"], [1, 2, 3], [1, 2, 3.5], [[1, 1]])


@pytest.mark.parametrize(
    "text",
    [
        "exp(-b1*x)",
        "log(b1+x)*b2",
        "(x+b1)**b2",
        "sqrt(b1*x)/b2",
        "sin(b1*x)-cos(b2*x)",
        "tan(b1/x)",
        "arctan(b1*x)+log10(b2*x)",
        "b1^2-(-b2)*pi",
        "ln(b1)*+x",
    ],
)
def test_derivatives_are_those_of_finite_differences(text):
    formula, x = Formula(text, ["b1", "b2"]), [0.5, 1.5, 2.5]
    at = {"b1": 0.7, "b2": 1.3}

    found = formula.evaluate(at, x)

    for name, derivative in found.by.items():
        up = formula.evaluate({**at, name: at[name] + 1e-6}, x).value
        down = formula.evaluate({**at, name: at[name] - 1e-6}, x).value
        assert derivative == pytest.approx((up - down) / 2e-6, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b1 b2",
        "x.real",
        "[x]",
        "lambda: 1",
        "True",
        "'a'",
        "1j",
        "exp(x, x)",
        "max(x)",
        "y",
        "x if x else x",
        "(" * 300 + "x",
        "x" * 600,
    ],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(BadInputs):
        Formula(text, ["b1"])


def test_arithmetic_reads_the_factors_of_an_assay_protocol():
    assert arithmetic("670*16.7/25/(20000*1/40)*20000") == pytest.approx(17902.4)
    assert arithmetic("-2^2") == -4


@pytest.mark.parametrize("text", ["1/0", "9**9**9**9", "x", "log(-1)", "1e400"])
def test_arithmetic_without_a_finite_value_is_refused(text):
    with pytest.raises(ScienceError):
        arithmetic(text)
