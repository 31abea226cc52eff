"""Straight standard curves on log10 amount: fit, read off, and refuse to extrapolate."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log10

from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome, Qualifier
from lims.science.regression import Line, fit_line
from lims.science.regression import line as line_step
from lims.science.trace import Tracing, operation, tracing


@dataclass(frozen=True, slots=True)
class Curve:
    """`response = intercept + slope · log10(amount)` between its lowest and highest standard."""

    line: Line
    lowest: float
    highest: float


@operation("amount = 10^((response − intercept) / slope)")
def amount(*, response: float, slope: float, intercept: float) -> float:
    """Amount in the unit of the standards.

    Raises:
        NoAnswer: the response is so far off the curve that no number holds the amount.
    """
    try:
        return float(10 ** ((response - intercept) / slope))
    except (OverflowError, ZeroDivisionError) as error:
        raise NoAnswer("The response is too far off the standard curve to be read.") from error


def fit_curve(
    amounts: Sequence[float], responses: Sequence[float], *, steps: Tracing | None = None
) -> Curve:
    """Standard curve over all wells.

    Args:
        amounts: above zero; CFU/mL, EU/mL or copies.
        responses: already transformed as the method says (time to threshold, log10 signal,
            log10 onset time), one per amount.
        steps: where to record the fit.

    Raises:
        BadInputs: fewer than two amounts, or one not above zero.
        NoAnswer: every response is the same.
    """
    if any(each <= 0 for each in amounts):
        raise BadInputs("A standard must hold an amount above zero.")
    if len(set(amounts)) < 2:  # noqa: PLR2004 -- a line
        raise BadInputs("A standard curve needs two or more different amounts.")
    x = tuple(log10(each) for each in amounts)
    (steps or tracing(False)).step("standard curve", "", line_step, x=x, y=tuple(responses))  # noqa: FBT003
    fitted = fit_line(x, responses)
    if fitted.slope == 0:
        raise NoAnswer("The standard curve is flat: nothing can be read off it.")
    return Curve(fitted, min(amounts), max(amounts))


def back_calculate(
    amounts: Sequence[float],
    responses: Sequence[float],
    response: float,
    *,
    unit: str = "",
    trace: bool = True,
) -> Outcome:
    """Amount of a sample from its response; never outside the standards.

    Args:
        amounts: of the standards, above zero.
        responses: of the standards, transformed as the method says.
        response: of the sample, likewise.
        unit: of the amounts.
        trace: keep the steps.

    Returns:
        The amount, or `<` the lowest or `>` the highest standard; `details`: the line, and
        amount as computed.

    Raises:
        BadInputs: as `fit_curve`.
        NoAnswer: the curve is flat, or the response far off it.

    Source: USP <1032>; definition.
    """
    steps = tracing(trace)
    curve = fit_curve(amounts, responses, steps=steps)
    found = steps.step(
        "amount",
        unit,
        amount,
        response=response,
        slope=curve.line.slope,
        intercept=curve.line.intercept,
    )
    value, qualifier = _within(found, curve)
    return Outcome(
        value=value,
        qualifier=qualifier,
        unit=unit,
        trace=steps.steps,
        details={"computed": found, "curve": asdict(curve.line)},
    )


def _within(found: float, curve: Curve) -> tuple[float, Qualifier]:
    if found < curve.lowest:
        return curve.lowest, Qualifier.LESS
    if found > curve.highest:
        return curve.highest, Qualifier.GREATER
    return found, Qualifier.EQUAL
