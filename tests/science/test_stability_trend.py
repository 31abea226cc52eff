"""Out-of-trend calls against statsmodels' prediction intervals, and by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from lims.science.errors import BadInputs
from lims.science.stability_trend import Trend, out_of_trend

_MONTHS, _VALUES = [0, 3, 6, 9, 12], [10.05, 10.03, 9.96, 9.93, 9.9]


def test_the_interval_is_that_of_statsmodels():
    outcome = out_of_trend(_MONTHS, _VALUES, 18, 9.8)

    fit = sm.OLS(_VALUES, sm.add_constant(np.array(_MONTHS, float))).fit()
    for confidence, key in ((0.95, "alert"), (0.99, "action")):
        frame = fit.get_prediction([[1.0, 18.0]]).summary_frame(alpha=1 - confidence)
        assert outcome.details[key]["lower"] == pytest.approx(frame["obs_ci_lower"].iloc[0])
        assert outcome.details[key]["upper"] == pytest.approx(frame["obs_ci_upper"].iloc[0])
    assert outcome.recompute() == ()


@pytest.mark.parametrize(
    ("value", "trend"),
    [
        (9.82, Trend.IN_TREND),
        (9.73, Trend.ALERT),
        (9.6, Trend.OUT_OF_TREND),
        (10.4, Trend.OUT_OF_TREND),
    ],
)
def test_the_call_follows_the_intervals(value, trend):
    assert out_of_trend(_MONTHS, _VALUES, 18, value).value == trend.value


def test_a_fall_by_half_a_log_is_out_of_trend_however_wide_the_interval():
    wild = [10.4, 9.6, 10.5, 9.5, 10.3]

    assert out_of_trend(_MONTHS, wild, 18, 9.8).value == Trend.OUT_OF_TREND.value
    assert out_of_trend(_MONTHS, wild, 18, 9.9).value == Trend.IN_TREND.value


def test_a_lot_on_its_line_is_called_as_rarely_as_promised():
    rng = np.random.default_rng(5)
    calls = []
    for noise in rng.normal(0, 0.03, (1500, 6)):
        values = (10 - 0.01 * np.array([*_MONTHS, 18]) + noise).tolist()
        calls.append(out_of_trend(_MONTHS, values[:-1], 18, values[-1], trace=False).value)

    assert calls.count("in trend") / 1500 == pytest.approx(0.95, abs=0.018)


@pytest.mark.parametrize(("months", "alert"), [([0, 3], 0.95), ([0, 3, 6], 0.995)])
def test_too_little_history_or_crossed_limits_are_refused(months, alert):
    with pytest.raises(BadInputs):
        out_of_trend(months, [10.0] * len(months), 9, 9.9, alert=alert)
