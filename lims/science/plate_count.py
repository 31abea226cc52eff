"""Colony counts: from plates to colony-forming units per unit of sample.

Source: FDA BAM chapter 3; ISO 7218:2007 clause 10.3; USP <61>.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from math import log
from typing import TypedDict

from lims.science.count_uncertainty import (
    CONFIDENCE,
    POISSON,
    chi2_p,
    dispersion,
    poisson_limits,
)
from lims.science.errors import NoAnswer
from lims.science.outcome import Interval, Outcome, Qualifier
from lims.science.plate_choice import Choice, Reading, choose
from lims.science.plates import (
    BAM,
    ISO_7218,
    USP_BACTERIA,
    USP_FUNGI,
    Code,
    Method,
    Plate,
    Profile,
    density,
    total_amount,
    total_count,
)
from lims.science.rounding import (
    COUNT_FIGURES,
    RoundingRule,
    log10,
    plain_text,
    times_ten,
    to_figures,
)
from lims.science.trace import Tracing, operation, tracing

__all__ = [
    "BAM",
    "ISO_7218",
    "USP_BACTERIA",
    "USP_FUNGI",
    "Code",
    "Method",
    "Plate",
    "Profile",
    "count_text",
    "estimate",
    "weighted_mean",
]

ONE = Decimal(1)
_PLAIN_BELOW = 100  # two figures show a smaller count whole, without an exponent

_QUALIFIERS = {
    Reading.COUNTED: Qualifier.EQUAL,
    Reading.ESTIMATED: Qualifier.ESTIMATED,
    Reading.BELOW: Qualifier.LESS,
    Reading.ABOVE: Qualifier.GREATER,
}


def estimate(
    plates: Sequence[Plate],
    profile: Profile,
    *,
    per_ml: Decimal = ONE,
    unit: str = "CFU/mL",
    confidence: float = CONFIDENCE,
    trace: bool = True,
) -> Outcome:
    """Colony-forming units per unit of sample, under a named counting rule.

    Args:
        plates: all plates of one preparation, in any order, with counts or codes.
        profile: which plates count, such as `BAM` or `ISO_7218`.
        per_ml: sample per mL at the zero dilution (0.1 g/mL for 1 g in 10 mL total); 1 when
            the first step is already part of the dilutions. Never both.
        unit: of the result.
        confidence: of the exact Poisson interval.
        trace: keep the steps.

    Returns:
        The unrounded estimate. `<` and `>` make it a bound, `~` marks counts outside the
        countable range; without any readable plate the outcome is invalid. Linearity and
        dispersion tests add warnings and `details`. `details["because"]` says which plates count.

    Source: FDA BAM chapter 3; ISO 7218:2007 clause 10.3; USP <61>.
    """
    choice = choose(plates, profile)
    if choice.reading is Reading.NOTHING:
        return Outcome(None, unit=unit, invalid=(choice.because,), details=_about(choice))
    steps = tracing(trace)
    if choice.reading in {Reading.BELOW, Reading.ABOVE}:
        return _bound(choice, per_ml, unit, steps)
    return _counted(choice, profile, per_ml, unit, confidence, steps)


def weighted_mean(
    plates: Sequence[Plate],
    *,
    per_ml: Decimal = ONE,
    unit: str = "CFU/mL",
    confidence: float = CONFIDENCE,
    trace: bool = True,
) -> Outcome:
    """The estimate over plates that were already accepted: N = ΣC / Σm.

    With equal volumes and two successive tenfold dilutions this is ΣC / [V (n1 + 0.1 n2) d1].

    Args:
        plates: accepted plates; spreaders, accidents and TNTC plates are left out.
        per_ml: sample per mL at the zero dilution, as for `estimate`.
        unit: of the result.
        confidence: of the exact Poisson interval on ΣC, divided by Σm.
        trace: keep the steps.

    Returns:
        N; without any colony the bound `< 1/Σm` with the interval from 0.

    Raises:
        NoAnswer: no plate bears a count.

    Source: ISO 7218:2007 clause 10.3.2; FDA BAM chapter 3; Garwood 1936, Biometrika 28:437.
    """
    counted = tuple(plate for plate in plates if plate.count is not None)
    if not counted:
        raise NoAnswer("No plate bears a count.")
    steps = tracing(trace)
    value, interval, details = _mean(counted, per_ml, unit, confidence, steps)
    if details["sum_counts"] == 0:
        bound = steps.step("detection limit", unit, density, count=1, amount=details["amount"])
        return Outcome(bound, Qualifier.LESS, unit, interval, trace=steps.steps, details=details)
    return Outcome(value, unit=unit, interval=interval, trace=steps.steps, details=details)


def _counted(
    choice: Choice,
    profile: Profile,
    per_ml: Decimal,
    unit: str,
    confidence: float,
    steps: Tracing,
) -> Outcome:
    value, interval, details = _mean(choice.plates, per_ml, unit, confidence, steps)
    tests, warnings = _checks(choice.plates, profile.review_p, steps)
    if choice.reading is Reading.ESTIMATED:
        warnings = (f"Estimated: {choice.because}.", *warnings)
    return Outcome(
        value,
        _QUALIFIERS[choice.reading],
        unit,
        interval,
        warnings=warnings,
        trace=steps.steps,
        details={**_about(choice), **details, **tests},
    )


def _bound(choice: Choice, per_ml: Decimal, unit: str, steps: Tracing) -> Outcome:
    amount = _amount(choice.plates, per_ml, unit, steps)
    value = steps.step("bound", unit, density, count=choice.colonies, amount=amount)
    return Outcome(
        value,
        _QUALIFIERS[choice.reading],
        unit,
        warnings=(f"{choice.because[0].upper()}{choice.because[1:]}.",),
        trace=steps.steps,
        details={**_about(choice), "amount": amount},
    )


Details = dict[str, object]


class _Sum(TypedDict):
    sum_counts: int
    amount: Decimal
    log10: Decimal | None


def _mean(
    plates: Sequence[Plate], per_ml: Decimal, unit: str, confidence: float, steps: Tracing
) -> tuple[Decimal, Interval, _Sum]:
    counts = tuple(plate.count or 0 for plate in plates)
    total = steps.step("sum of counts", "colonies", total_count, counts=counts)
    amount = _amount(plates, per_ml, unit, steps)
    value = steps.step("estimate", unit, density, count=total, amount=amount)
    low, high = poisson_limits(total, confidence, steps)
    lower = steps.step("lower limit", unit, per_amount, colonies=low, amount=amount)
    upper = steps.step("upper limit", unit, per_amount, colonies=high, amount=amount)
    logarithm = steps.step("log10", f"log10 {unit}", log10, value=value) if total else None
    details: _Sum = {"sum_counts": total, "amount": amount, "log10": logarithm}
    return value, Interval(lower, upper, confidence, POISSON), details


@operation("limit = colonies / m")
def per_amount(colonies: float, amount: Decimal) -> float:
    return colonies / float(amount)


def _amount(plates: Sequence[Plate], per_ml: Decimal, unit: str, steps: Tracing) -> Decimal:
    return steps.step(
        "sample on the plates",
        unit.partition("/")[2],
        total_amount,
        dilutions=tuple(plate.dilution for plate in plates),
        volumes_ml=tuple(plate.volume_ml for plate in plates),
        per_ml=per_ml,
    )


def _about(choice: Choice) -> Details:
    return {"because": choice.because, "plates": tuple(str(plate) for plate in choice.plates)}


# --- checks ----------------------------------------------------------------------------------


@operation("G² = 2 Σ C ln(C/E), E = ΣC m/Σm")
def linearity(counts: Sequence[int], amounts: Sequence[Decimal]) -> float:
    """Deviance of the counts from proportionality to the sample on each plate.

    χ² with (plates − 1) degrees of freedom when dilution and counting are sound.
    """
    total, sample = sum(counts), float(sum(amounts))
    expected = (total * float(amount) / sample for amount in amounts)
    terms = (c * log(c / e) for c, e in zip(counts, expected, strict=True) if c)
    return max(0.0, 2 * sum(terms))


def _checks(
    plates: Sequence[Plate], review_p: float, steps: Tracing
) -> tuple[Details, tuple[str, ...]]:
    if len(plates) < 2:  # noqa: PLR2004 -- one plate can disagree with nothing
        return {}, ()
    linear, p_linear = _linearity(plates, steps)
    found = _dispersions(plates, steps)
    warnings = [_LINEARITY] if p_linear < review_p else []
    warnings += [_DISPERSION.format(dilution) for dilution, p in found if p < review_p]
    details: Details = {"linearity_G2": linear, "linearity_p": p_linear}
    if found:
        details["dispersion_p"] = min(p for _, p in found)
    return details, tuple(warnings)


_LINEARITY = "Review: the counts do not follow the dilutions (linearity test)."
_DISPERSION = "Review: the replicates at {:E} vary more than chance allows (dispersion test)."


def _linearity(plates: Sequence[Plate], steps: Tracing) -> tuple[float, float]:
    counts = tuple(plate.count or 0 for plate in plates)
    amounts = tuple(plate.amount for plate in plates)
    g2 = steps.step("linearity G²", "", linearity, counts=counts, amounts=amounts)
    return g2, steps.step("linearity p", "", chi2_p, x=g2, df=len(plates) - 1)


def _dispersions(plates: Sequence[Plate], steps: Tracing) -> list[tuple[Decimal, float]]:
    found: list[tuple[Decimal, float]] = []
    ordered = sorted(plates, key=_level)
    for (dilution, _), group in groupby(ordered, key=_level):
        counts = tuple(plate.count or 0 for plate in group)
        if len(counts) > 1:
            d2 = steps.step(f"dispersion D² at {dilution:E}", "", dispersion, counts=counts)
            p = steps.step(f"dispersion p at {dilution:E}", "", chi2_p, x=d2, df=len(counts) - 1)
            found.append((dilution, p))
    return found


def _level(plate: Plate) -> tuple[Decimal, Decimal]:
    return plate.dilution, plate.volume_ml


# --- reporting -------------------------------------------------------------------------------


def count_text(
    value: Decimal,
    qualifier: Qualifier = Qualifier.EQUAL,
    *,
    figures: int = COUNT_FIGURES,
    rule: RoundingRule = RoundingRule.HALF_UP,
) -> str:
    """A count as it is reported: `2.4 × 10^8`, `< 10`, `~ 3.1 × 10^4`.

    Rounded once, here; bounds are rounded like counts. Source: FDA BAM chapter 3; ISO 7218.
    """
    rounded = to_figures(value, figures, rule)
    plain = rounded < _PLAIN_BELOW
    text = plain_text(_trimmed(rounded)) if plain else times_ten(rounded, figures)
    return text if qualifier is Qualifier.EQUAL else f"{qualifier} {text}"


def _trimmed(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if whole == value else value
