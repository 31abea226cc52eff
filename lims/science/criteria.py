"""Applies an acceptance criterion to a result: one verdict, one sentence, the number compared.

A censored result passes or fails only when every value it may stand for would; otherwise the
verdict is indeterminate, never a pass. Source: USP General Notices 7.20.

The forms of criteria are those of `lims.science.acceptance`, offered here too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from lims.science.acceptance import (
    Absence,
    AllOf,
    Bounds,
    Criterion,
    Equivalence,
    ForInformation,
    OneOf,
    PowerOfTen,
    Stage,
    Staged,
    band,
)
from lims.science.limits import Limit, Side, meets, printed_like, rounded_like
from lims.science.outcome import Interval, Qualifier
from lims.science.rounding import CONTEXT, exact, plain_text
from lims.science.trace import Step, Tracing, operation, tracing

__all__ = [
    "Absence",
    "AllOf",
    "Bounds",
    "Criterion",
    "Equivalence",
    "ForInformation",
    "Judgement",
    "Measured",
    "OneOf",
    "PowerOfTen",
    "Stage",
    "Staged",
    "Verdict",
    "band",
    "judge",
]

DETECTED = "detected"
NOT_DETECTED = "not detected"


class Verdict(StrEnum):
    CONFORMS = "conforms"
    FAILS = "does not conform"
    INDETERMINATE = "indeterminate"
    NOT_COMPARABLE = "not comparable"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Measured:
    """A reportable result as the criterion sees it.

    Attributes:
        value: unrounded number; or a category; or the members found; or the units of a
            staged test in the order they were tested. `None` when there is none.
        qualifier: `<`, `>`, `≤`, `≥` make a number a bound.
        unit: must be the criterion's own; it is never converted.
        tested_quantity: for absence tests, in `unit`.
        interval: for criteria on the whole confidence interval.
        valid: false when the run was invalid: then there is nothing to compare.
    """

    value: Decimal | str | tuple[str, ...] | tuple[Decimal, ...] | None
    unit: str = ""
    qualifier: Qualifier = Qualifier.EQUAL
    tested_quantity: Decimal | None = None
    interval: Interval | None = None
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with its reason.

    `compared` is the number as printed and compared; empty where no number was compared.
    """

    verdict: Verdict
    reason: str
    compared: str = ""
    trace: tuple[Step, ...] = ()


def judge(criterion: Criterion, measured: Measured, *, trace: bool = True) -> Judgement:
    """Whether a result meets its acceptance criterion.

    An invalid or missing result, a wrong unit or a wrong kind of value is *not comparable*.

    Source: USP General Notices 7.20 (rounding before comparison).
    """
    steps = tracing(trace)
    found = _judged(criterion, measured, steps)
    return Judgement(found.verdict, found.reason, found.compared, steps.steps)


def _judged(criterion: Criterion, measured: Measured, steps: Tracing) -> Judgement:
    if isinstance(criterion, ForInformation):
        return Judgement(Verdict.REPORT, "No limit: the result is reported for information.")
    if not measured.valid:
        return _not_comparable("The run is invalid: there is no result to compare.")
    if measured.value is None:
        return _not_comparable("There is no value to compare.")
    return _of_words(criterion, measured, steps)


def _of_words(
    criterion: Bounds | PowerOfTen | Equivalence | Staged | Absence | OneOf | AllOf,
    measured: Measured,
    steps: Tracing,
) -> Judgement:
    match criterion:
        case Absence():
            return _absence(criterion, measured)
        case OneOf():
            return _one_of(criterion, measured.value)
        case AllOf():
            return _all_of(criterion, measured.value)
    return _of_numbers(criterion, measured, steps)


def _of_numbers(
    criterion: Bounds | PowerOfTen | Equivalence | Staged, measured: Measured, steps: Tracing
) -> Judgement:
    match criterion:
        case Bounds():
            return _numeric(criterion, measured, steps)
        case PowerOfTen():
            return _power_of_ten(criterion, measured, steps)
        case Equivalence():
            return _equivalence(criterion, measured, steps)
        case Staged():
            return _staged(criterion, measured, steps)


# --- numbers ---------------------------------------------------------------------------------


def _numeric(bounds: Bounds, measured: Measured, steps: Tracing) -> Judgement:
    value = measured.value
    if not isinstance(value, Decimal) or not value.is_finite():
        return _not_comparable(f"A number is needed, not “{value}”.")
    if measured.unit != bounds.unit:
        return _not_comparable(_units(measured.unit, bounds.unit))
    if measured.qualifier in _CENSORED:
        return _all(
            _censored(value, measured.qualifier, side, limit) for side, limit in bounds.sides
        )
    return _all(_point(value, side, limit, steps) for side, limit in bounds.sides)


_CENSORED = {Qualifier.LESS, Qualifier.AT_MOST, Qualifier.GREATER, Qualifier.AT_LEAST}
_BELOW = {Qualifier.LESS, Qualifier.AT_MOST}


def _point(value: Decimal, side: Side, limit: str, steps: Tracing) -> Judgement:
    rounded = steps.step("rounded as the limit", "", rounded_like, value=value, limit=limit)
    inside = steps.step(
        f"compared with {side} {limit}", "", meets, value=rounded, side=side, limit=limit
    )
    printed = printed_like(rounded, Limit(limit))
    verdict = Verdict.CONFORMS if inside else Verdict.FAILS
    word = "meets" if inside else "does not meet"
    return Judgement(verdict, f"{printed} {word} {side} {limit}.", printed)


def _censored(bound: Decimal, qualifier: Qualifier, side: Side, limit: str) -> Judgement:
    # The bound is compared as written: rounding it could turn "not sensitive enough" to a pass.
    written = f"{qualifier} {plain_text(bound)}"
    verdict = _censored_verdict(bound, qualifier, side, Limit(limit).value)
    words = {
        Verdict.CONFORMS: "meets",
        Verdict.FAILS: "does not meet",
        Verdict.INDETERMINATE: "does not say on which side it lies of",
    }
    return Judgement(verdict, f"{written} {words[verdict]} {side} {limit}.", written)


def _censored_verdict(bound: Decimal, qualifier: Qualifier, side: Side, limit: Decimal) -> Verdict:
    below = qualifier in _BELOW
    includes_bound = qualifier in {Qualifier.AT_MOST, Qualifier.AT_LEAST}
    reaches = bound <= limit if below else bound >= limit
    touches = bound == limit and includes_bound
    if below == side.is_upper:
        inside = reaches and not (touches and side.is_strict)
        return Verdict.CONFORMS if inside else Verdict.INDETERMINATE
    outside = reaches and not (touches and not side.is_strict)
    return Verdict.FAILS if outside else Verdict.INDETERMINATE


def _power_of_ten(criterion: PowerOfTen, measured: Measured, steps: Tracing) -> Judgement:
    return _numeric(Bounds(criterion.unit, upper=criterion.maximum_text), measured, steps)


# --- categories and sets ---------------------------------------------------------------------


def _absence(criterion: Absence, measured: Measured) -> Judgement:
    if measured.value == DETECTED:
        return Judgement(Verdict.FAILS, "Detected.")
    if measured.value != NOT_DETECTED:
        return _not_comparable(f"“{measured.value}” is neither detected nor not detected.")
    if measured.tested_quantity is None:
        return Judgement(Verdict.INDETERMINATE, "The tested quantity is not known.")
    if measured.unit != criterion.unit:
        return _not_comparable(_units(measured.unit, criterion.unit))
    tested = _with_unit(measured.tested_quantity, measured.unit)
    if measured.tested_quantity < criterion.required:
        required = _with_unit(criterion.required, criterion.unit)
        reason = f"Not detected, but only {tested} of the required {required} was tested."
        return Judgement(Verdict.INDETERMINATE, reason)
    return Judgement(Verdict.CONFORMS, f"Not detected in {tested}.")


def _one_of(criterion: OneOf, value: object) -> Judgement:
    if not isinstance(value, str):
        return _not_comparable(f"A category is needed, not “{value}”.")
    if value in criterion.allowed:
        return Judgement(Verdict.CONFORMS, f"“{value}” is allowed.")
    return Judgement(Verdict.FAILS, f"“{value}” is not {criterion}.")


def _all_of(criterion: AllOf, value: object) -> Judgement:
    if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
        return _not_comparable("The members found are needed, as a list of names.")
    missing = [member for member in criterion.members if member not in value]
    extra = sorted({str(found) for found in value} - set(criterion.members))
    if not missing and not extra:
        return Judgement(Verdict.CONFORMS, "Every member was found and no other.")
    parts = [f"Missing: {', '.join(missing)}."] if missing else []
    parts += [f"Not on the list: {', '.join(extra)}."] if extra else []
    return Judgement(Verdict.FAILS, " ".join(parts))


# --- relative values and stages --------------------------------------------------------------


def _equivalence(criterion: Equivalence, measured: Measured, steps: Tracing) -> Judgement:
    if not criterion.whole_interval and criterion.max_width_ratio is None:
        return _numeric(criterion.bounds, measured, steps)
    found = [] if criterion.whole_interval else [_numeric(criterion.bounds, measured, steps)]
    interval = measured.interval
    if interval is None or interval.lower is None or interval.upper is None:
        return _not_comparable("The criterion is on the confidence interval, which is missing.")
    lower, upper = exact(interval.lower), exact(interval.upper)
    if not (lower.is_finite() and upper.is_finite()):
        return Judgement(Verdict.FAILS, "The confidence interval has no finite limits.")
    if criterion.whole_interval:
        ends = (Measured(end, measured.unit) for end in (lower, upper))
        found += [_numeric(criterion.bounds, end, steps) for end in ends]
    if criterion.max_width_ratio is not None:
        found.append(_width(lower, upper, criterion.max_width_ratio, steps))
    return _all(found)


@operation("upper / lower")
def width_ratio(lower: Decimal, upper: Decimal) -> Decimal:
    return CONTEXT.divide(upper, lower)


def _width(lower: Decimal, upper: Decimal, maximum: str, steps: Tracing) -> Judgement:
    if lower <= 0:
        return Judgement(Verdict.FAILS, "The confidence interval reaches down to zero.")
    ratio = steps.step("width of the interval", "", width_ratio, lower=lower, upper=upper)
    return _point(ratio, Side.NMT, maximum, steps)


def _staged(criterion: Staged, measured: Measured, steps: Tracing) -> Judgement:
    if measured.qualifier in _CENSORED:
        return _not_comparable("Censored results are not averaged over stages.")
    units = _decimals(measured.value)
    if not units:
        return _not_comparable("The values of the units are needed, as a list of numbers.")
    return _stages(criterion, units, measured.unit, steps)


def _stages(criterion: Staged, units: Sequence[Decimal], unit: str, steps: Tracing) -> Judgement:
    used = 0
    found = _not_comparable("There is no stage.")
    for at, stage in enumerate(criterion.stages, start=1):
        used += stage.units
        if len(units) < used:
            reason = f"Stage {at} needs {used} units; {len(units)} were tested."
            return Judgement(Verdict.INDETERMINATE, reason)
        found = _stage(stage, units[:used], unit, steps)
        found = Judgement(found.verdict, f"Stage {at}: {found.reason}", found.compared)
        if found.verdict is not Verdict.FAILS:
            break
    if len(units) > used:
        return _not_comparable(f"The stages foresee {used} units here, not {len(units)}.")
    return found


def _stage(stage: Stage, units: Sequence[Decimal], unit: str, steps: Tracing) -> Judgement:
    found: list[Judgement] = []
    if stage.each is not None:
        found += [_numeric(stage.each, Measured(value, unit), steps) for value in units]
    if stage.mean is not None:
        mean = steps.step("mean of the units", unit, decimal_mean, values=tuple(units))
        found.append(_numeric(stage.mean, Measured(mean, unit), steps))
    return _all(found)


@operation("Σx / n")
def decimal_mean(values: Sequence[Decimal]) -> Decimal:
    return CONTEXT.divide(sum(values, Decimal(0)), Decimal(len(values)))


def _decimals(value: object) -> tuple[Decimal, ...]:
    if isinstance(value, Decimal):
        return (value,)
    found = value if isinstance(value, tuple) else ()
    kept = tuple(each for each in found if isinstance(each, Decimal))
    return kept if len(kept) == len(found) else ()


# --- putting together ------------------------------------------------------------------------

_WORST_FIRST = (
    Verdict.NOT_COMPARABLE,
    Verdict.FAILS,
    Verdict.INDETERMINATE,
    Verdict.CONFORMS,
)


def _all(judgements: Iterable[Judgement]) -> Judgement:
    """The worst verdict; all its reasons, and every number that was compared."""
    found = tuple(judgements)
    worst = min((each.verdict for each in found), key=_WORST_FIRST.index)
    reasons = dict.fromkeys(each.reason for each in found if each.verdict is worst)
    compared = dict.fromkeys(each.compared for each in found if each.compared)
    return Judgement(worst, " ".join(reasons), "; ".join(compared))


def _not_comparable(reason: str) -> Judgement:
    return Judgement(Verdict.NOT_COMPARABLE, reason)


def _units(got: str, wanted: str) -> str:
    return f"The result is in “{got}”, the limit in “{wanted}”; units are never converted here."


def _with_unit(quantity: Decimal, unit: str) -> str:
    return f"{plain_text(quantity)} {unit}".rstrip()
