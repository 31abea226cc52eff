"""Out of trend: a new stability result against the earlier ones of its lot."""

from collections.abc import Sequence
from enum import StrEnum
from math import sqrt

from lims.science.errors import BadInputs
from lims.science.intervals import student_t_within
from lims.science.outcome import Interval, Outcome
from lims.science.regression import fit_line
from lims.science.regression import line as line_step
from lims.science.trace import operation, tracing


class Trend(StrEnum):
    IN_TREND = "in trend"
    ALERT = "alert"
    OUT_OF_TREND = "out of trend"


@operation("ŷ(t) ± t((1 + confidence)/2; n − 2) s √(1 + 1/n + (t − t̄)²/Stt)")
def prediction_limits(
    *,
    month: float,
    intercept: float,
    slope: float,
    residual_sd: float,
    n: int,
    mean_x: float,
    sxx: float,
    confidence: float,
) -> dict[str, float]:
    """Limits for one new result at an age."""
    centre = intercept + slope * month
    spread = residual_sd * sqrt(1 + 1 / n + (month - mean_x) ** 2 / sxx)
    reach = student_t_within(confidence, n - 2) * spread
    return {"lower": centre - reach, "upper": centre + reach}


def out_of_trend(
    months: Sequence[float],
    values: Sequence[float],
    month: float,
    value: float,
    *,
    alert: float = 0.95,
    action: float = 0.99,
    most_drop: float = 0.5,
    trace: bool = True,
) -> Outcome:
    """Whether a new result of a lot follows its earlier ones.

    *Out of trend* outside the prediction interval at `action`, or when it drops by `most_drop`
    or more from the last result; *alert* outside the interval at `alert`. Out of trend is not
    out of specification; it asks for an assessment.

    Args:
        months: ages of the earlier results; three or more, of at least two ages.
        values: the earlier results; log10 values for counts.
        month: age of the new result.
        value: the new result.
        alert: confidence of the inner interval.
        action: confidence of the outer interval.
        most_drop: in the unit of the values.
        trace: keep the steps.

    Returns:
        A `Trend` word with the outer interval; `details`: predicted, lower and upper of both
        intervals, drop.

    Raises:
        BadInputs: too few earlier results, or confidences that are not 0 < alert < action < 1.

    Source: PhRMA CMC Statistics and Stability Expert Teams 2003, Pharm Technol 27(4):38.
    """
    if len(months) < 3 or not 0 < alert < action < 1:  # noqa: PLR2004 -- a line and its error
        raise BadInputs("A trend needs three earlier results, and 0 < alert < action < 1.")
    steps = tracing(trace)
    steps.step("earlier results", "", line_step, x=tuple(months), y=tuple(values))
    line = fit_line(months, values)
    inner, outer = (
        steps.step(
            f"prediction interval {100 * confidence:g} %",
            "",
            prediction_limits,
            month=month,
            intercept=line.intercept,
            slope=line.slope,
            residual_sd=line.residual_sd or 0.0,
            n=line.n,
            mean_x=line.mean_x,
            sxx=line.sxx,
            confidence=confidence,
        )
        for confidence in (alert, action)
    )
    last = max(range(len(months)), key=lambda at: months[at])
    drop = values[last] - value
    return Outcome(
        value=_trend(value, inner, outer, falls=drop >= most_drop).value,
        interval=Interval(outer["lower"], outer["upper"], action, "prediction"),
        trace=steps.steps,
        details={"predicted": line.at(month), "alert": inner, "action": outer, "drop": drop},
    )


def _trend(value: float, inner: dict[str, float], outer: dict[str, float], *, falls: bool) -> Trend:
    if falls or not outer["lower"] <= value <= outer["upper"]:
        return Trend.OUT_OF_TREND
    inside = inner["lower"] <= value <= inner["upper"]
    return Trend.IN_TREND if inside else Trend.ALERT
