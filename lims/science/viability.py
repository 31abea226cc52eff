"""Viable cells by flow cytometry, proportions with their limits, survival of drying.

AFU and CFU are different measurands: their ratio is trended, not interchanged.
"""

from decimal import Decimal
from math import sqrt

from lims.science.count_uncertainty import CONFIDENCE
from lims.science.distributions import beta_quantile, normal_within
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Interval, Outcome
from lims.science.rounding import CONTEXT, log10
from lims.science.trace import operation, tracing

MAX_BLANK_PERCENT = Decimal(2)  # default: blank events against sample events
MIN_GATE_EVENTS = 10_000  # default: events in the cell gate


@operation("100 × x/n")
def percentage(part: int, whole: int) -> float:
    return 100 * part / whole


@operation("Wilson: (p + z²/2n ± z √[p(1 − p)/n + z²/4n²])/(1 + z²/n)")
def wilson(part: int, whole: int, confidence: float) -> tuple[float, float]:
    """Score limits of a proportion, as fractions.

    Source: Wilson 1927, J Am Stat Assoc 22:209.
    """
    z, p = normal_within(confidence), part / whole
    centre = p + z**2 / (2 * whole)
    half = z * sqrt(p * (1 - p) / whole + z**2 / (4 * whole**2))
    scale = 1 + z**2 / whole
    lower = 0.0 if part == 0 else (centre - half) / scale
    return lower, 1.0 if part == whole else (centre + half) / scale


@operation("Clopper-Pearson: Beta(α/2; x, n − x + 1) and Beta(1 − α/2; x + 1, n − x)")
def clopper_pearson(part: int, whole: int, confidence: float) -> tuple[float, float]:
    """Exact limits of a proportion, as fractions.

    Source: Clopper & Pearson 1934, Biometrika 26:404.
    """
    tail = (1 - confidence) / 2
    lower = 0.0 if part == 0 else beta_quantile(tail, part, whole - part + 1)
    upper = 1.0 if part == whole else beta_quantile(1 - tail, part + 1, whole - part)
    return lower, upper


def proportion(
    part: int, whole: int, confidence: float = CONFIDENCE, *, trace: bool = True
) -> Outcome:
    """A proportion such as viability, in percent.

    Args:
        part: live cells, or units that have the property.
        whole: all cells counted.
        confidence: two-sided.
        trace: keep the steps.

    Returns:
        Percent, with the Wilson interval in percent; `details`: wilson and clopper_pearson as
        fractions.

    Raises:
        NoAnswer: nothing was counted.

    Source: Wilson 1927; Clopper & Pearson 1934; Newcombe 1998, Stat Med 17:857.
    """
    if whole == 0:
        raise NoAnswer("Nothing was counted: there is no proportion.")
    if not 0 <= part <= whole:
        raise BadInputs(f"{part} of {whole} is not a proportion.")
    steps = tracing(trace)
    value = steps.step("percent", "%", percentage, part=part, whole=whole)
    score = steps.step("Wilson", "", wilson, part=part, whole=whole, confidence=confidence)
    exact = steps.step(
        "Clopper-Pearson", "", clopper_pearson, part=part, whole=whole, confidence=confidence
    )
    return Outcome(
        value,
        unit="%",
        interval=Interval(100 * score[0], 100 * score[1], confidence, "Wilson"),
        trace=steps.steps,
        details={"wilson": score, "clopper_pearson": exact},
    )


def flow_viability(
    live: int, damaged: int, dead: int, confidence: float = CONFIDENCE, *, trace: bool = True
) -> Outcome:
    """Live share of the events in the live, damaged and dead gates, in percent.

    Source: ISO 19344:2015 (active fluorescent units); Wilson 1927.
    """
    return proportion(live, live + damaged + dead, confidence, trace=trace)


@operation("cells/mL = (events − blank)/volume_µL × 1000 × dilution")
def by_volume(events: int, blank: int, volume_ul: Decimal, dilution: Decimal) -> Decimal:
    return CONTEXT.divide((events - blank) * 1000 * dilution, volume_ul)


@operation("cells/mL = events/beads × beads per mL × dilution")
def by_beads(events: int, beads: int, beads_per_ml: Decimal, dilution: Decimal) -> Decimal:
    return CONTEXT.divide(events * beads_per_ml * dilution, Decimal(beads))


@operation("100 × blank/events")
def blank_share(events: int, blank: int) -> Decimal:
    return CONTEXT.divide(Decimal(100 * blank), Decimal(events))


def flow_count(
    events: int,
    blank: int,
    volume_ul: Decimal,
    dilution: Decimal,
    *,
    max_blank_percent: Decimal = MAX_BLANK_PERCENT,
    min_events: int = MIN_GATE_EVENTS,
    trace: bool = True,
) -> Outcome:
    """Cells per mL from the volume that the cytometer drew.

    Args:
        events: in the live gate.
        blank: in the same gate, from the filtered buffer, same acquired volume.
        volume_ul: acquired, µL.
        dilution: factor, such as 1000.
        max_blank_percent: more blank events make the result invalid.
        min_events: fewer events in the gate make it invalid.
        trace: keep the steps.

    Returns:
        AFU/mL with `details["log10"]`; never below 0.

    Source: ISO 19344:2015.
    """
    _check_flow(events, blank, volume_ul, dilution)
    steps = tracing(trace)
    found = steps.step(
        "cells",
        "AFU/mL",
        by_volume,
        events=events,
        blank=blank,
        volume_ul=volume_ul,
        dilution=dilution,
    )
    value = max(found, Decimal(0))
    details: dict[str, object] = {"log10": None}
    if value > 0:
        details["log10"] = steps.step("log10", "log10 AFU/mL", log10, value=value)
    invalid: list[str] = []
    if events < min_events:
        invalid.append(f"Only {events} events in the gate; {min_events} are needed.")
    if events:
        share = steps.step("blank", "%", blank_share, events=events, blank=blank)
        details["blank_percent"] = share
        if share > max_blank_percent:
            invalid.append(f"The blank has {share:.1f} % of the events; NMT {max_blank_percent} %.")
    return Outcome(value, unit="AFU/mL", invalid=tuple(invalid), trace=steps.steps, details=details)


def bead_count(
    events: int, beads: int, beads_per_ml: Decimal, dilution: Decimal, *, trace: bool = True
) -> Outcome:
    """Cells per mL from counting beads in the same tube; no volume is needed.

    Source: ISO 19344:2015.
    """
    if beads < 1:
        raise NoAnswer("Without bead events there is no count by beads.")
    _check_flow(events, 0, beads_per_ml, dilution)
    steps = tracing(trace)
    value = steps.step(
        "cells",
        "AFU/mL",
        by_beads,
        events=events,
        beads=beads,
        beads_per_ml=beads_per_ml,
        dilution=dilution,
    )
    return Outcome(value, unit="AFU/mL", trace=steps.steps)


@operation("100 × CFU/TFU")
def culturable_share(cfu: Decimal, total: Decimal) -> Decimal:
    return CONTEXT.divide(100 * cfu, total)


def culturability(cfu: Decimal, total: Decimal, *, trace: bool = True) -> Outcome:
    """CFU as percent of total fluorescent units; more than 100 is kept and flagged."""
    if not total > 0:
        raise NoAnswer("Without fluorescent units there is no ratio to them.")
    steps = tracing(trace)
    value = steps.step("CFU/TFU", "%", culturable_share, cfu=cfu, total=total)
    over = ("More colonies than cells: check clumps, gates and dilutions.",) if value > 100 else ()  # noqa: PLR2004
    return Outcome(value, unit="%", warnings=over, trace=steps.steps)


@operation("log10 loss = log10 N_before − log10 N_after")
def log10_difference(before: Decimal, after: Decimal) -> Decimal:
    return CONTEXT.log10(before) - CONTEXT.log10(after)


def log10_loss(before: Decimal, after: Decimal, *, trace: bool = True) -> Outcome:
    """Loss over freeze-drying or storage, log10; both counts on one basis (dose or dry gram).

    Raises:
        NoAnswer: a count is zero; report the loss as a bound from the detection limit.
    """
    if before <= 0 or after <= 0:
        raise NoAnswer("A count of zero has no log10; use its detection limit and report a bound.")
    steps = tracing(trace)
    value = steps.step("log10 loss", "log10", log10_difference, before=before, after=after)
    return Outcome(value, unit="log10", trace=steps.steps)


def _check_flow(events: int, blank: int, volume: Decimal, dilution: Decimal) -> None:
    if events < 0 or blank < 0:
        raise BadInputs("Events must not be negative.")
    if not (volume > 0 and dilution > 0):
        raise BadInputs("Volume, bead concentration and dilution must be above zero.")
