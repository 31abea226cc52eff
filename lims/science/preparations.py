"""From preparations to the one reportable result: mean of log10, per dose, percent of label."""

from collections.abc import Sequence
from decimal import Decimal

from lims.science.count_uncertainty import CONFIDENCE
from lims.science.errors import BadInputs, NoAnswer
from lims.science.intervals import student_t_within
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.rounding import CONTEXT, exact, log10
from lims.science.trace import Step, Tracing, operation, tracing

MAX_LOG10_SD = Decimal("0.15")  # default: the method sets its own


@operation("mean log10 = Σ log10 N / n")
def mean_log10(values: Sequence[Decimal]) -> Decimal:
    total = sum((CONTEXT.log10(value) for value in values), Decimal(0))
    return CONTEXT.divide(total, Decimal(len(values)))


@operation("s = √[Σ(log10 N − mean)²/(n − 1)]")
def log10_sd(values: Sequence[Decimal]) -> Decimal:
    logs = [CONTEXT.log10(value) for value in values]
    mean = CONTEXT.divide(sum(logs, Decimal(0)), Decimal(len(logs)))
    squares = sum(((each - mean) ** 2 for each in logs), Decimal(0))
    return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(logs) - 1)))


@operation("10^x")
def power_of_ten(x: Decimal) -> Decimal:
    return CONTEXT.power(Decimal(10), x)


@operation("10^(mean ± t s/√n)")
def log10_limit(mean: Decimal, sd: Decimal, n: int, t: float) -> float:
    """One limit of the geometric mean; `t` carries the sign of the side."""
    return float(10 ** (float(mean) + t * float(sd) / n**0.5))


def combine(
    preparations: Sequence[Outcome],
    max_log10_sd: Decimal | None = MAX_LOG10_SD,
    confidence: float = CONFIDENCE,
    *,
    trace: bool = True,
) -> Outcome:
    """One reportable result from independent preparations: the mean of their log10.

    Args:
        preparations: valid outcomes of `estimate`, all in the same unit.
        max_log10_sd: the method's limit on the standard deviation of log10; `None` for none.
        confidence: of the t interval on log10.
        trace: keep the steps.

    Returns:
        The geometric mean; `details`: log10, log10_sd, n. A wider spread than allowed makes the
        outcome invalid. Bounds are never averaged with numbers: when some preparations are
        bounds, the median is reported if it is a number, else the outcome is invalid; bounds of
        one kind alone give their most cautious one.

    Raises:
        BadInputs: no preparations, or different units.
        NoAnswer: a preparation is invalid.
    """
    _check(preparations)
    steps = tracing(trace)
    unit = preparations[0].unit
    if any(_is_bound(each) for each in preparations):
        return _with_bounds(preparations, unit, steps)
    values = tuple(_number(each) for each in preparations)
    if min(values) <= 0:
        raise NoAnswer("A preparation of zero has no log10; report it as a bound.")
    found = _geometric(values, unit, confidence, steps)
    estimated = any(each.qualifier is Qualifier.ESTIMATED for each in preparations)
    sd = found.details.get("log10_sd")
    return Outcome(
        found.value,
        Qualifier.ESTIMATED if estimated else Qualifier.EQUAL,
        unit,
        found.interval,
        invalid=_too_wide(sd if isinstance(sd, Decimal) else None, max_log10_sd),
        warnings=tuple(w for each in preparations for w in each.warnings),
        trace=_inner(preparations) + steps.steps,
        details=found.details,
    )


def _geometric(
    values: tuple[Decimal, ...], unit: str, confidence: float, steps: Tracing
) -> Outcome:
    mean = steps.step("mean of log10", f"log10 {unit}", mean_log10, values=values)
    value = steps.step("geometric mean", unit, power_of_ten, x=mean)
    if len(values) == 1:
        # 10^log10(x) only nearly gives x back.
        return Outcome(values[0], unit=unit, details={"log10": mean, "n": 1})
    sd = steps.step("standard deviation of log10", "log10", log10_sd, values=values)
    t = student_t_within(confidence, len(values) - 1)
    n = len(values)
    lower = steps.step("lower limit", unit, log10_limit, mean=mean, sd=sd, n=n, t=-t)
    upper = steps.step("upper limit", unit, log10_limit, mean=mean, sd=sd, n=n, t=t)
    interval = Interval(lower, upper, confidence, "t on log10 of preparations")
    details = {"log10": mean, "log10_sd": sd, "n": n}
    return Outcome(value, unit=unit, interval=interval, details=details)


def _too_wide(sd: Decimal | None, allowed: Decimal | None) -> tuple[str, ...]:
    if sd is None or allowed is None or sd <= allowed:
        return ()
    return (f"The preparations spread by {sd:.3f} log10 (SD); NMT {allowed} is allowed.",)


def _with_bounds(preparations: Sequence[Outcome], unit: str, steps: Tracing) -> Outcome:
    trace = _inner(preparations) + steps.steps
    kinds = {each.qualifier for each in preparations}
    values = [_number(each) for each in preparations]
    if len(kinds) == 1:
        (kind,) = kinds
        bound = max(values) if kind in _BELOW else min(values)
        return Outcome(bound, kind, unit, warnings=(_ALL_BOUNDS,), trace=trace)
    median = _median(preparations)
    if median is None:
        return Outcome(None, unit=unit, invalid=(_NO_MEDIAN,), trace=trace)
    return Outcome(median, unit=unit, warnings=(_MEDIAN,), trace=trace)


_BELOW = {Qualifier.LESS, Qualifier.AT_MOST}
_ABOVE = {Qualifier.GREATER, Qualifier.AT_LEAST}
_ALL_BOUNDS = "All preparations are bounds; the most cautious one is reported."
_MEDIAN = "Some preparations are bounds: the median is reported, nothing was averaged."
_NO_MEDIAN = "Some preparations are bounds and their median is not a number: no result."


def _median(preparations: Sequence[Outcome]) -> Decimal | None:
    """The middle preparation if it is a number whose rank no bound leaves in doubt."""
    if len(preparations) % 2 == 0:
        return None
    ordered = sorted(preparations, key=_rank)
    middle = ordered[len(ordered) // 2]
    value = _number(middle)
    if _is_bound(middle) or any(_doubtful(each, value) for each in preparations):
        return None
    return value


def _rank(outcome: Outcome) -> tuple[int, Decimal]:
    value = _number(outcome)
    if outcome.qualifier in _BELOW:
        return -1, value
    return (1, value) if outcome.qualifier in _ABOVE else (0, value)


def _doubtful(outcome: Outcome, middle: Decimal) -> bool:
    value = _number(outcome)
    above_it = outcome.qualifier in _BELOW and value > middle
    return above_it or (outcome.qualifier in _ABOVE and value < middle)


def _is_bound(outcome: Outcome) -> bool:
    return outcome.qualifier in _BELOW | _ABOVE


def _number(outcome: Outcome) -> Decimal:
    value = outcome.value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise NoAnswer(f"A preparation has no number but “{value}”.")
    return exact(value)


def _inner(preparations: Sequence[Outcome]) -> tuple[Step, ...]:
    return tuple(step for each in preparations for step in each.trace)


def _check(preparations: Sequence[Outcome]) -> None:
    if not preparations:
        raise BadInputs("At least one preparation is needed.")
    if len({each.unit for each in preparations}) > 1:
        raise BadInputs("All preparations must have the same unit.")
    for each in preparations:
        if not each.valid:
            raise NoAnswer(f"A preparation has no valid result: {' '.join(each.invalid)}")


# --- per dose --------------------------------------------------------------------------------


@operation("per dose = N × fill")
def times_fill(value: Decimal, fill: Decimal) -> Decimal:
    return CONTEXT.multiply(value, fill)


@operation("percent of label = 100 × per dose / label")
def percent(value: Decimal, label: Decimal) -> Decimal:
    return CONTEXT.divide(100 * value, label)


def per_dose(
    result: Outcome, fill: Decimal, label_claim: Decimal | None = None, *, trace: bool = True
) -> Outcome:
    """CFU per dose from CFU per gram (or millilitre) and the fill of one dose.

    Args:
        result: CFU per g or per mL; its qualifier and interval carry over.
        fill: g or mL in one dose, matching the unit of the result.
        label_claim: CFU per dose; gives `details["percent_of_label"]`.
        trace: keep the steps.

    Returns:
        CFU/dose; `details`: log10 of the per-dose value, percent_of_label.
    """
    if fill <= 0 or (label_claim is not None and label_claim <= 0):
        raise BadInputs("Fill and label claim must be above zero.")
    steps = tracing(trace)
    unit = f"{result.unit.partition('/')[0]}/dose"
    value = steps.step("per dose", unit, times_fill, value=_number(result), fill=fill)
    details: dict[str, object] = {}
    if value > 0:
        details["log10"] = steps.step("log10", f"log10 {unit}", log10, value=value)
    if label_claim is not None:
        share = steps.step("percent of label", "%", percent, value=value, label=label_claim)
        details["percent_of_label"] = share
    return Outcome(
        value,
        result.qualifier,
        unit,
        _scaled(result.interval, float(fill)),
        result.invalid,
        result.warnings,
        result.trace + steps.steps,
        details,
    )


def _scaled(interval: Interval | None, factor: float) -> Interval | None:
    if interval is None:
        return None
    lower = None if interval.lower is None else interval.lower * factor
    upper = None if interval.upper is None else interval.upper * factor
    return Interval(lower, upper, interval.confidence, interval.kind)
