"""ICH Q1E by statsmodels and root finding, its branches, caps, release limits, coverage."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.anova import anova_lm

from lims.science.errors import BadInputs, NoAnswer
from lims.science.extrapolation import (
    Accelerated,
    Extrapolation,
    Storage,
    extrapolation,
)
from lims.science.outcome import Outcome
from lims.science.release_limit import Change, release_limit_lower, release_limit_upper
from lims.science.shelf_life import Criterion, Mse, Point, Rules, shelf_life

_AGES = (0, 3, 6, 9, 12, 18)
_FAR = Rules(extrapolation=Extrapolation(100, 1000))


def _points(
    lots: int, seed: int, *, slope: float = -0.02, spread: float = 0.0, noise: float = 0.03
) -> list[Point]:
    rng = np.random.default_rng(seed)
    return [
        Point(f"L{lot}", age, round(10 + spread * lot + slope * age + noise * rng.normal(), 3))
        for lot in range(lots)
        for age in _AGES
    ]


def _judge(points: Sequence[Point], rules: Rules = _FAR, **criterion: float) -> Outcome:
    return shelf_life(points, Criterion(**(criterion or {"lower": 9.5})), rules)


def _frame(points: Sequence[Point]) -> pd.DataFrame:
    return pd.DataFrame([{"lot": p.lot, "t": float(p.month), "y": p.value} for p in points])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("lots", [2, 3, 5])
def test_poolability_is_the_analysis_of_covariance_of_statsmodels(lots, seed):
    points = _points(lots, seed, spread=0.01)

    found = _judge(points).details

    fits = [smf.ols(f, _frame(points)).fit() for f in ("y ~ t", "y ~ t + C(lot)", "y ~ t * C(lot)")]
    table = anova_lm(*fits)
    assert found["F_batch"] == pytest.approx(table["F"].iloc[1], rel=1e-7)
    assert found["F_batch_time"] == pytest.approx(table["F"].iloc[2], rel=1e-7)
    # statsmodels takes p on the df of the smaller model; Q1E on those of separate lines.
    for at, key in ((1, "batch"), (2, "batch_time")):
        p = stats.f.sf(table["F"].iloc[at], lots - 1, fits[-1].df_resid)
        assert found[f"p_{key}"] == pytest.approx(p, rel=1e-6)
    for name, fit in zip(("cics", "dics", "dids"), fits, strict=True):
        assert found["model_fits"][name]["residual_ms"] == pytest.approx(fit.mse_resid, rel=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("slope", [-0.03, -0.004, 0.0, 0.02])
def test_each_crossing_is_the_root_of_the_confidence_limit(slope, seed):
    points = _points(3, seed, slope=slope, noise=0.06)

    found = _judge(points).details

    formulas = {"cics": "y ~ t", "dics": "y ~ t + C(lot)", "dids": "y ~ t * C(lot)"}
    for name, formula in formulas.items():
        fit = smf.ols(formula, _frame(points)).fit()
        for lot, crossing in found["crossing_by_batch"][name].items():
            assert crossing == _root(fit, "L0" if lot == "all" else lot)


def _root(fit: object, lot: str) -> object:
    """First time at which the lower one-sided 95 % limit is below 9.5, by bisection."""

    def margin(month: float) -> float:
        row = pd.DataFrame([{"lot": lot, "t": month}])
        return fit.get_prediction(row).conf_int(alpha=0.10)[0, 0] - 9.5

    if margin(0) <= 0:
        return 0.0
    steps = np.linspace(0, 500, 26)
    below = next((t for t in steps if margin(t) < 0), None)
    if below is None:
        return "no crossing before 500"
    return pytest.approx(brentq(margin, 0, below), abs=1e-6)


@given(st.integers(0, 1000), st.sampled_from([0.5, 1.0, 30.4375]))
@settings(max_examples=20, deadline=None)
def test_the_unit_of_time_scales_the_crossing(seed, unit):
    points = _points(3, seed)
    scaled = [Point(p.lot, p.month * unit, p.value) for p in points]
    rules = Rules(horizon=1e9)

    one = shelf_life(points, Criterion(lower=9.5), rules).details
    other = shelf_life(scaled, Criterion(lower=9.5), rules).details

    assert other["model"] == one["model"]
    assert other["shelf_life_crossing_months"] == pytest.approx(
        one["shelf_life_crossing_months"] * unit, rel=1e-6
    )


@given(st.integers(0, 1000), st.randoms())
@settings(max_examples=20, deadline=None)
def test_the_order_of_results_and_a_shift_of_the_scale_do_not_matter(seed, random):
    points = _points(3, seed)
    shuffled = [Point(p.lot, p.month, round(p.value + 5, 3)) for p in points]
    random.shuffle(shuffled)

    one = _judge(points).details["shelf_life_crossing_months"]
    other = _judge(shuffled, lower=14.5).details["shelf_life_crossing_months"]

    assert other == pytest.approx(one, rel=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_an_upper_limit_mirrors_a_lower_one(seed):
    points = _points(3, seed)
    mirrored = [Point(p.lot, p.month, -p.value) for p in points]

    one = _judge(points).details["crossing_by_batch"]
    other = _judge(mirrored, upper=-9.5).details["crossing_by_batch"]

    for name, lots in one.items():
        assert other[name] == pytest.approx(lots, rel=1e-9)


def test_slopes_that_differ_keep_the_lots_apart():
    points = _points(2, 1, slope=-0.01) + [
        Point("fast", age, 10 - 0.05 * age + 0.001 * (age % 2)) for age in _AGES
    ]

    pooled = _judge(points)
    own = _judge(points, Rules(mse=Mse.INDIVIDUAL, extrapolation=_FAR.extrapolation))

    assert pooled.details["model"] == "dids"
    first = pooled.details["crossing_by_batch"]["dids"]["fast"]
    alone = own.details["crossing_individual_fits"]["fast"]
    assert pooled.details["shelf_life_crossing_months"] == first
    assert own.details["shelf_life_crossing_months"] == alone
    assert alone != pytest.approx(first, abs=1e-3)


def test_levels_that_differ_keep_their_intercepts():
    assert _judge(_points(3, 2, spread=0.2)).details["model"] == "dics"


def test_lots_alike_are_pooled():
    assert _judge(_points(3, 4)).details["model"] == "cics"


def test_two_limits_use_the_two_sided_quantile_and_the_earlier_crossing():
    points = _points(3, 3)

    both = _judge(points, lower=9.5, upper=10.5).details["shelf_life_crossing_months"]
    one = _judge(points, lower=9.5, confidence=0.975).details["shelf_life_crossing_months"]

    assert both == pytest.approx(one, rel=1e-12)


def test_a_shelf_life_stops_at_its_real_time_data_unless_the_rule_goes_on():
    points = _points(3, 3, slope=-0.01)

    real_time = shelf_life(points, Criterion(lower=9.5))
    refrigerated = shelf_life(
        points, Criterion(lower=9.5), Rules(extrapolation=extrapolation(Storage.REFRIGERATED))
    )

    assert real_time.details["shelf_life_crossing_months"] > 18
    assert (real_time.value, real_time.unit) == (18, "months")
    assert real_time.warnings
    assert refrigerated.value == 24


def test_a_shelf_life_is_rounded_down_to_whole_months():
    outcome = _judge(_points(3, 3, slope=-0.04), lower=9.1)

    crossing = outcome.details["shelf_life_crossing_months"]
    assert outcome.value == int(crossing)
    assert outcome.value < crossing


def test_a_result_outside_the_limit_leaves_no_shelf_life():
    outcome = _judge([*_points(3, 3), Point("L0", 18, 9.4)])

    assert outcome.value is None
    assert "out-of-specification" in outcome.invalid[0]


def test_a_confidence_limit_outside_from_the_start_leaves_no_shelf_life():
    points = _points(3, 1, noise=0.4)
    lowest = min(point.value for point in points)

    outcome = _judge(points, lower=lowest - 0.01, confidence=0.99999999)

    assert outcome.details["shelf_life_crossing_months"] == 0
    assert not outcome.valid


def test_rising_results_never_meet_the_lower_limit():
    outcome = shelf_life(_points(3, 3, slope=0.02, noise=0.01), Criterion(lower=9.5))

    assert outcome.details["shelf_life_crossing_months"] == "no crossing before 500"
    assert outcome.value == 18


def test_one_lot_is_judged_alone_and_said():
    outcome = _judge(_points(1, 3))

    assert outcome.details["p_batch"] is None
    assert outcome.details["model"] == "cics"
    assert "One lot" in outcome.warnings[0]


def test_the_trace_recomputes_and_survives_storage():
    outcome = _judge(_points(3, 3))

    assert outcome.recompute() == ()
    assert Outcome.from_canonical(outcome.canonical()) == outcome


@pytest.mark.parametrize(
    "points",
    [
        [],
        [Point("L", 0, 10), Point("L", 3, 9.9)],
        [Point("L", 0, 10), Point("L", 3, 9.9), Point("L", 3, 9.8)],
        [Point("L", -1, 10), Point("L", 3, 9.9), Point("L", 6, 9.8)],
    ],
)
def test_too_few_ages_are_refused(points):
    with pytest.raises(BadInputs):
        _judge(points)


@pytest.mark.parametrize("slope", [0.0, -0.1])
def test_results_without_any_error_are_refused(slope):
    points = [Point(lot, age, 10 + slope * age) for lot in "AB" for age in _AGES]

    with pytest.raises(NoAnswer):
        _judge(points)


@pytest.mark.parametrize(
    "criterion",
    [Criterion(), Criterion(lower=2, upper=1), Criterion(lower=1, confidence=1)],
)
def test_an_impossible_criterion_is_refused(criterion):
    with pytest.raises(BadInputs):
        shelf_life(_points(3, 3), criterion)


@pytest.mark.parametrize(
    ("storage", "accelerated", "supported", "longest", "cap"),
    [
        (Storage.ROOM, Accelerated.NONE, True, 12, 24),
        (Storage.ROOM, Accelerated.NONE, True, 9, 18),
        (Storage.ROOM, Accelerated.NONE, False, 12, 18),
        (Storage.ROOM, Accelerated.INTERMEDIATE_HOLDS, True, 12, 18),
        (Storage.ROOM, Accelerated.INTERMEDIATE_HOLDS, False, 12, 15),
        (Storage.ROOM, Accelerated.CHANGES, True, 12, 12),
        (Storage.REFRIGERATED, Accelerated.NONE, True, 24, 30),
        (Storage.REFRIGERATED, Accelerated.NONE, False, 24, 27),
        (Storage.REFRIGERATED, Accelerated.CHANGES, True, 24, 24),
        (Storage.FREEZER, Accelerated.NONE, True, 24, 24),
        (Storage.BIOLOGICAL, Accelerated.NONE, True, 24, 24),
    ],
)
def test_the_extrapolation_rule_of_each_storage(storage, accelerated, supported, longest, cap):
    assert extrapolation(storage, accelerated, supported=supported).cap(longest) == cap


def test_the_confidence_limit_covers_the_true_line_as_promised():
    """The crossing lies before the true one in 95 % of studies of one lot."""
    rng = np.random.default_rng(12)
    early = 0
    for _ in range(1000):
        points = [Point("L", t, 10 - 0.02 * t + 0.05 * rng.normal()) for t in _AGES]
        crossing = shelf_life(points, Criterion(lower=9.7), trace=False).details[
            "shelf_life_crossing_months"
        ]
        early += not isinstance(crossing, str) and crossing <= 15

    assert early / 1000 == pytest.approx(0.95, abs=0.021)


_CHANGE = Change(-0.012, 0.0015, 24, 0.08, 3)


def test_a_release_limit_is_the_expiry_limit_plus_loss_plus_margin():
    outcome = release_limit_lower(9.5, _CHANGE)

    margin = stats.norm.ppf(0.95) * np.hypot(0.0015 * 24, 0.08 / np.sqrt(3))
    assert outcome.value == pytest.approx(9.5 + 0.288 + margin, rel=1e-12)
    assert outcome.recompute() == ()


def test_an_upper_release_limit_mirrors_the_lower_one():
    lower = release_limit_lower(9.5, _CHANGE).value
    upper = release_limit_upper(-9.5, Change(0.012, 0.0015, 24, 0.08, 3)).value

    assert upper == pytest.approx(-lower)


def test_a_slope_away_from_the_limit_is_warned_about():
    assert release_limit_lower(9.5, Change(0.01, 0, 24, 0)).warnings
    assert not release_limit_upper(9.5, Change(0.01, 0, 24, 0)).warnings


@pytest.mark.parametrize(
    "change", [Change(0, -1, 1, 1), Change(0, 1, -1, 1), Change(0, 1, 1, 1, 0)]
)
def test_an_impossible_change_is_refused(change):
    with pytest.raises(BadInputs):
        release_limit_lower(9.5, change)
