"""Mean, spread and coefficient of variation, exact on the digits the data show."""

from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from math import exp, expm1, fsum, log, sqrt

from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome
from lims.science.trace import operation, tracing

_EXACT = Context(prec=80)
_NIL = Decimal(0)


def exact(data: Sequence[float]) -> list[Decimal]:
    """Each number as the decimal a person reads: 0.1 is a tenth."""
    return [Decimal(str(value)) for value in data]


@operation("x̄ = Σx / n")
def mean(*, data: Sequence[float]) -> float:
    """Arithmetic mean, correctly rounded.

    Raises:
        BadInputs: no data.
    """
    if not data:
        raise BadInputs("No values were given.")
    with localcontext(_EXACT):
        return float(sum(exact(data), _NIL) / len(data))


@operation("s = √(Σ(x − x̄)² / (n − 1))")
def sd(*, data: Sequence[float]) -> float:
    """Sample standard deviation, correctly rounded.

    Raises:
        BadInputs: fewer than two values.
    """
    if len(data) < 2:  # noqa: PLR2004
        raise BadInputs("A standard deviation needs at least two values.")
    with localcontext(_EXACT):
        values = exact(data)
        centre = sum(values, _NIL) / len(values)
        squares = sum(((value - centre) ** 2 for value in values), _NIL)
        return float((squares / (len(values) - 1)).sqrt())


@operation("r1 = Σ(x[i] − x̄)(x[i+1] − x̄) / Σ(x − x̄)²")
def lag1_autocorrelation(*, data: Sequence[float]) -> float | None:
    """Correlation of each value with the next; `None` when nothing varies."""
    with localcontext(_EXACT):
        values = exact(data)
        centre = sum(values, _NIL) / len(values)
        centred = [value - centre for value in values]
        whole = sum((value * value for value in centred), _NIL)
        if whole == 0:
            return None
        pairs = pairwise(centred)
        return float(sum((one * other for one, other in pairs), _NIL) / whole)


def summary(data: Sequence[float], *, trace: bool = True) -> Outcome:
    """Mean, standard deviation and lag-1 autocorrelation in the data's own unit.

    Args:
        data: at least two values, in the order they were measured.
        trace: keep the steps.

    Returns:
        The mean; `details`: mean, sd, lag1_autocorrelation (`None` when nothing varies).

    Raises:
        BadInputs: fewer than two values.

    Source: NIST StRD univariate summary statistics.
    """
    steps = tracing(trace)
    centre = steps.step("mean", "", mean, data=data)
    spread = steps.step("standard deviation", "", sd, data=data)
    following = steps.step("lag-1 autocorrelation", "", lag1_autocorrelation, data=data)
    return Outcome(
        value=centre,
        trace=steps.steps,
        details={"mean": centre, "sd": spread, "lag1_autocorrelation": following},
    )


@operation("CV % = 100 s / x̄")
def cv(*, mean: float, sd: float) -> float:
    return 100 * sd / mean


@operation("geometric mean = exp(Σ ln x / n)")
def geometric_mean(*, data: Sequence[float]) -> float:
    return exp(fsum(map(log, data)) / len(data))


@operation("GCV % = 100 (e^s − 1), s the standard deviation of ln x")
def gcv(*, data: Sequence[float]) -> float:
    return 100 * expm1(sd_of_logs(data))


def sd_of_logs(data: Sequence[float]) -> float:
    """Standard deviation of the natural logarithms; all data above zero."""
    logs = [log(value) for value in data]
    centre = fsum(logs) / len(logs)
    return sqrt(fsum((value - centre) ** 2 for value in logs) / (len(logs) - 1))


def cv_percent(data: Sequence[float], *, trace: bool = True) -> Outcome:
    """Coefficient of variation in percent, and its geometric form for log-normal data.

    Args:
        data: at least two values.
        trace: keep the steps.

    Returns:
        CV in percent; `details`: mean, sd, cv_percent, geometric_mean, gcv_percent (the last
        two `None` when a value is not above zero).

    Raises:
        BadInputs: fewer than two values.
        NoAnswer: the mean is zero or below, which a coefficient of variation cannot be of.

    Source: USP <1033> (geometric CV); definition.
    """
    steps = tracing(trace)
    centre = steps.step("mean", "", mean, data=data)
    spread = steps.step("standard deviation", "", sd, data=data)
    if centre <= 0:
        raise NoAnswer("The mean is not above zero, so there is no coefficient of variation.")
    percent = steps.step("coefficient of variation", "%", cv, mean=centre, sd=spread)
    logs = min(data) > 0
    middle = steps.step("geometric mean", "", geometric_mean, data=data) if logs else None
    geometric = steps.step("geometric CV", "%", gcv, data=data) if logs else None
    return Outcome(
        value=percent,
        unit="%",
        trace=steps.steps,
        warnings=()
        if logs
        else ("A value is not above zero, so there is no geometric mean and no geometric CV.",),
        details={
            "mean": centre,
            "sd": spread,
            "cv_percent": percent,
            "geometric_mean": middle,
            "gcv_percent": geometric,
        },
    )
