"""Whether a standard curve may be used, and whether a sample's dilutions agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from lims.science.dose_response import LogisticCurve
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome
from lims.science.summary import cv, mean, sd
from lims.science.trace import operation, tracing


@dataclass(frozen=True, slots=True)
class CurveRule:
    """Acceptance of standards and dilutions in percent; defaults, set per method.

    Attributes:
        lowest, highest: recovery of a level.
        lowest_at_lloq, highest_at_lloq: recovery of the lowest level above zero.
        least_share: share of levels that must recover.
        most_replicate_cv: between the wells of a level.
        most_dilution_cv: between the dilution-corrected results of a sample.
    """

    lowest: float = 80.0
    highest: float = 120.0
    lowest_at_lloq: float = 75.0
    highest_at_lloq: float = 125.0
    least_share: float = 75.0
    most_replicate_cv: float = 20.0
    most_dilution_cv: float = 30.0


ELISA = CurveRule()


@operation("recovery % = 100 × back-calculated / nominal; 0 when it cannot be read off")
def recovery(
    *, nominal: float, y: float, a: float, b: float, c: float, d: float, g: float
) -> float:
    return 100 * (LogisticCurve(a, b, c, d, g).back_calculate(y) or 0.0) / nominal


def accept_curve(
    curve: LogisticCurve,
    levels: Sequence[tuple[float, Sequence[float]]],
    rule: CurveRule = ELISA,
    *,
    trace: bool = True,
) -> Outcome:
    """Whether the standards read their own nominal amounts back.

    Args:
        curve: the fitted curve.
        levels: nominal amount and responses of each level; the blank (0) is passed over.
        rule: limits.
        trace: keep the steps.

    Returns:
        Share of levels that recover, in percent; `details`: recoveries by level (percent).
        Too few of them, or wells of a level that vary too much, make the run invalid.

    Raises:
        BadInputs: no level above zero, or one without responses.

    Source: ICH M10, ligand binding assays.
    """
    known = [(amount, tuple(wells)) for amount, wells in levels if amount > 0]
    if not known or any(not wells for _, wells in known):
        raise BadInputs("A curve needs standards above zero, each with a response.")
    steps = tracing(trace)
    lowest = min(amount for amount, _ in known)
    found = {
        amount: steps.step(
            f"recovery of {amount:g}",
            "%",
            recovery,
            nominal=amount,
            y=mean(data=wells),
            a=curve.a,
            b=curve.b,
            c=curve.c,
            d=curve.d,
            g=curve.g,
        )
        for amount, wells in known
    }
    good = sum(_recovers(value, rule, lloq=amount == lowest) for amount, value in found.items())
    share = 100 * good / len(found)
    return Outcome(
        value=share,
        unit="%",
        invalid=_faults(share, known, rule),
        trace=steps.steps,
        details={"recoveries": {f"{amount:g}": value for amount, value in found.items()}},
    )


def _recovers(value: float, rule: CurveRule, *, lloq: bool) -> bool:
    if lloq:
        return rule.lowest_at_lloq <= value <= rule.highest_at_lloq
    return rule.lowest <= value <= rule.highest


def _faults(
    share: float, levels: Sequence[tuple[float, tuple[float, ...]]], rule: CurveRule
) -> tuple[str, ...]:
    found = []
    if share < rule.least_share:
        found.append(
            f"{share:.0f} % of the standards recover; at least {rule.least_share:g} % must."
        )
    found += [
        f"The wells of the standard {amount:g} vary by more than {rule.most_replicate_cv:g} %."
        for amount, wells in levels
        if len(wells) > 1 and 100 * sd(data=wells) > rule.most_replicate_cv * abs(mean(data=wells))
    ]
    return tuple(found)


@operation("concentration × dilution")
def corrected(*, concentration: float, dilution: float) -> float:
    return concentration * dilution


def sample_of_dilutions(
    read: Sequence[tuple[float, float | None]], rule: CurveRule = ELISA, *, trace: bool = True
) -> Outcome:
    """Mean of the dilution-corrected results of a sample.

    Args:
        read: dilution factor and concentration read off the curve; `None` where a dilution lay
            outside the standards, which leaves it out.
        rule: largest CV between dilutions (parallelism).
        trace: keep the steps.

    Returns:
        The mean in the unit of the concentrations; `details`: corrected (list), cv_percent
        (`None` with one dilution). Dilutions that disagree make the result invalid.

    Raises:
        BadInputs: a dilution or concentration not above zero.
        NoAnswer: no dilution lies within the standards.

    Source: ICH M10, parallelism of ligand binding assays.
    """
    inside = [(dilution, value) for dilution, value in read if value is not None]
    if any(dilution <= 0 or value <= 0 for dilution, value in inside):
        raise BadInputs("Dilutions and concentrations must be above zero.")
    if not inside:
        raise NoAnswer("No dilution of the sample lies within the standards; dilute again.")
    steps = tracing(trace)
    each = [
        steps.step(f"1:{dilution:g}", "", corrected, concentration=value, dilution=dilution)
        for dilution, value in inside
    ]
    centre = steps.step("mean of dilutions", "", mean, data=each)
    spread = None
    if len(each) > 1:
        s = steps.step("standard deviation", "", sd, data=each)
        spread = steps.step("CV of dilutions", "%", cv, mean=centre, sd=s)
    apart = spread is not None and spread > rule.most_dilution_cv
    return Outcome(
        value=centre,
        invalid=(_APART,) if apart else (),
        trace=steps.steps,
        details={"corrected": each, "cv_percent": spread},
    )


_APART = "The dilutions disagree: the sample is not parallel to the standards."
