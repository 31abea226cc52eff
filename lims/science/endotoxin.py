"""Kinetic photometric endotoxin test: curve, spike recovery and reportable value."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log10

from lims.science.digits import shown
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome, Qualifier
from lims.science.standard_curve import Curve, amount, fit_curve
from lims.science.summary import mean, sd
from lims.science.trace import Tracing, operation, tracing

#: Seconds to the threshold; `None` when a well never reached it.
Onset = float | None


@dataclass(frozen=True, slots=True)
class Level:
    eu_per_ml: float
    onset_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SpikedSample:
    """A sample at one dilution, alone and spiked.

    Attributes:
        onset_s: seconds, per well.
        spiked_onset_s: seconds, per well of the positive product control.
        spike: EU/mL added to it.
        dilution: how many times the sample was diluted.
    """

    onset_s: tuple[Onset, ...]
    spiked_onset_s: tuple[Onset, ...]
    spike: float
    dilution: float


@dataclass(frozen=True, slots=True)
class KineticLimits:
    """Validity of a run and of a dilution; inclusive, recovery and CV of onsets in percent."""

    least_r: float = 0.980
    most_cv: float = 10.0
    lowest_recovery: float = 50.0
    highest_recovery: float = 200.0
    fewest_levels: int = 3


PHARMACOPOEIA = KineticLimits()


def kinetic_lal(
    standards: Sequence[Level],
    sample: SpikedSample,
    limits: KineticLimits = PHARMACOPOEIA,
    *,
    blank: Sequence[Onset] = (),
    trace: bool = True,
) -> Outcome:
    """Endotoxin of a sample by the kinetic chromogenic or turbidimetric method.

    `log10(onset) = a + b · log10(EU/mL)` over all wells of the standards. The sample is the
    mean of its wells' concentrations, times the dilution. Recovery of the spike is
    `100 (spiked − sample) / added`, the sample counting as 0 below the lowest standard. Below
    the lowest standard λ the result is `< λ × dilution`, above the highest one it is
    `> highest × dilution`.

    Args:
        standards: concentration and onset times, falling; at least two levels.
        sample: its onset times and its spike.
        limits: of |r|, recovery, CV of the standards' onsets and number of levels.
        blank: onset times of the water blank, later than those of the lowest standard.
        trace: keep the steps.

    Returns:
        EU/mL of the undiluted sample; `details`: slope, intercept, r, abs_r_ok,
        sample_eu_per_ml_in_well, sample_eu_per_ml, ppc_recovery_percent, ppc_valid,
        below_lowest_standard, above_highest_standard, reported (text when censored). A recovery
        outside its limits makes the dilution invalid, not the product fail.

    Raises:
        BadInputs: missing wells, or a time, concentration, spike or dilution not above zero.
        NoAnswer: onset does not fall with the concentration, or some wells of a sample reached
            the threshold and others never did.

    Source: USP <85>, Ph. Eur. 2.6.14, photometric quantitative techniques.
    """
    _check(standards, sample)
    steps = tracing(trace)
    curve = _curve(standards, steps)
    in_well = _concentration("sample", sample.onset_s, curve, steps)
    spiked = _concentration("spiked sample", sample.spiked_onset_s, curve, steps)
    below = in_well is None or in_well < curve.lowest
    recovery = None
    if spiked is not None:
        recovery = steps.step(
            "recovery",
            "%",
            spike_recovery,
            spiked=spiked,
            sample=0.0 if below or in_well is None else in_well,
            added=sample.spike,
        )
    total = None
    if in_well is not None:
        total = steps.step(
            "undiluted", "EU/mL", undiluted, in_well=in_well, dilution=sample.dilution
        )
    return _reported(
        curve,
        sample,
        limits,
        in_well,
        total,
        recovery,
        _run_faults(standards, blank, limits),
        steps,
    )


def _curve(standards: Sequence[Level], steps: Tracing) -> Curve:
    amounts = [level.eu_per_ml for level in standards for _ in level.onset_s]
    logs = [log10(onset) for level in standards for onset in level.onset_s]
    curve = fit_curve(amounts, logs, steps=steps)
    if curve.line.slope > 0:
        raise NoAnswer("Onset times rise with the concentration: this is no standard curve.")
    return curve


def _concentration(
    name: str, onsets: Sequence[Onset], curve: Curve, steps: Tracing
) -> float | None:
    """Mean concentration of the wells, nothing when no well reached the threshold."""
    reached = [onset for onset in onsets if onset is not None]
    if not reached:
        return None
    if len(reached) < len(onsets):
        raise NoAnswer(
            f"Some wells of the {name} reached the threshold and others never did, "
            "so they have no mean."
        )
    each = [
        steps.step(
            f"{name}, well {at}",
            "EU/mL",
            amount,
            response=log10(onset),
            slope=curve.line.slope,
            intercept=curve.line.intercept,
        )
        for at, onset in enumerate(reached, start=1)
    ]
    return steps.step(f"{name}, mean", "EU/mL", mean, data=each)


@operation("recovery % = 100 (spiked − sample) / added")
def spike_recovery(*, spiked: float, sample: float, added: float) -> float:
    return 100 * (spiked - sample) / added


@operation("concentration × dilution")
def undiluted(*, in_well: float, dilution: float) -> float:
    return in_well * dilution


def _reported(
    curve: Curve,
    sample: SpikedSample,
    limits: KineticLimits,
    in_well: float | None,
    total: float | None,
    recovery: float | None,
    faults: tuple[str, ...],
    steps: Tracing,
) -> Outcome:
    below = in_well is None or in_well < curve.lowest
    above = in_well is not None and in_well > curve.highest
    bound = _exact(curve.lowest if below else curve.highest) * _exact(sample.dilution)
    qualifier = Qualifier.LESS if below else Qualifier.GREATER if above else Qualifier.EQUAL
    censored = below or above
    linear = curve.line.r is not None and abs(curve.line.r) >= limits.least_r
    recovered = (
        recovery is not None and limits.lowest_recovery <= recovery <= limits.highest_recovery
    )
    return Outcome(
        value=float(bound) if censored else total,
        qualifier=qualifier,
        unit="EU/mL",
        invalid=faults + _invalid(linear, recovered, recovery, limits),
        trace=steps.steps,
        details={
            "slope": curve.line.slope,
            "intercept": curve.line.intercept,
            "r": curve.line.r,
            "abs_r_ok": linear,
            "sample_eu_per_ml_in_well": in_well,
            "sample_eu_per_ml": total,
            "ppc_recovery_percent": recovery,
            "ppc_valid": recovered,
            "below_lowest_standard": below,
            "above_highest_standard": above,
            "reported": f"{qualifier.value}{shown(bound)} EU/mL" if censored else None,
        },
    )


def _run_faults(
    standards: Sequence[Level], blank: Sequence[Onset], limits: KineticLimits
) -> tuple[str, ...]:
    found = []
    if len(standards) < limits.fewest_levels:
        found.append(
            f"The curve has {len(standards)} levels; at least {limits.fewest_levels} are needed."
        )
    found += [
        f"The onset times of {level.eu_per_ml:g} EU/mL vary by more than {limits.most_cv:g} %."
        for level in standards
        if len(level.onset_s) > 1 and _cv(level.onset_s) > limits.most_cv
    ]
    latest = max(min(standards, key=lambda level: level.eu_per_ml).onset_s)
    if any(onset is not None and onset <= latest for onset in blank):
        found.append("The water blank reached the threshold no later than the lowest standard.")
    return tuple(found)


def _cv(onsets: Sequence[float]) -> float:
    return 100 * sd(data=onsets) / mean(data=onsets)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _invalid(
    linear: bool,  # noqa: FBT001
    recovered: bool,  # noqa: FBT001
    recovery: float | None,
    limits: KineticLimits,
) -> tuple[str, ...]:
    found = []
    if not linear:
        found.append(f"|r| of the standard curve is below {limits.least_r:.3f}.")
    if not recovered:
        shown = "is missing" if recovery is None else f"is {recovery:.0f} %"
        found.append(
            f"The recovery of the spike {shown}, outside {limits.lowest_recovery:g} to "
            f"{limits.highest_recovery:g} %: this dilution is not valid."
        )
    return tuple(found)


def _check(standards: Sequence[Level], sample: SpikedSample) -> None:
    if not standards or any(not level.onset_s for level in standards):
        raise BadInputs("Every standard needs at least one onset time.")
    if not sample.onset_s or not sample.spiked_onset_s:
        raise BadInputs("The sample and the spiked sample need at least one well each.")
    times = [onset for level in standards for onset in level.onset_s]
    times += [onset for onset in (*sample.onset_s, *sample.spiked_onset_s) if onset is not None]
    if min(times) <= 0:
        raise BadInputs("Onset times must be above zero.")
    if sample.spike <= 0 or sample.dilution <= 0:
        raise BadInputs("The spike and the dilution must be above zero.")
