"""Quantitative PCR: the standard curve, its efficiency, and what a sample's wells say."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome
from lims.science.regression import Line, fit_line
from lims.science.regression import line as line_step
from lims.science.summary import mean
from lims.science.trace import operation, tracing

#: A well whose fluorescence never crossed the threshold. A category, not a late Cq.
UNDETERMINED = None
Cq = float | None


@dataclass(frozen=True, slots=True)
class Standard:
    copies: float
    cq: tuple[Cq, ...]


@dataclass(frozen=True, slots=True)
class CurveLimits:
    """When a standard curve is valid; defaults after MIQE practice, set per method."""

    lowest_efficiency: float = 90.0
    highest_efficiency: float = 110.0
    least_r_squared: float = 0.98
    fewest_levels: int = 3


MIQE = CurveLimits()


def standard_curve(
    standards: Sequence[Standard],
    sample: Sequence[Cq] = (),
    *,
    cutoff: float = 35.0,
    limits: CurveLimits = MIQE,
    trace: bool = True,
) -> Outcome:
    """Line of Cq on log10 copies over all wells, its efficiency, and the sample's copies.

    `E % = 100 (10^(−1/slope) − 1)`; sample = (mean Cq − intercept) / slope. A sample is
    detected when the mean of its wells is at most the cut-off. Wells without a Cq are not
    numbers: all undetermined is *not detected*; some undetermined is the method's repeat rule
    (`detected` is then the text `repeat`, and no copies are given).

    Args:
        standards: copies per reaction (> 0) and the Cq of each well.
        sample: Cq of the sample's wells; `None` for undetermined.
        cutoff: validated highest Cq of a detection.
        limits: efficiency in percent, r², number of levels; a breach makes the curve invalid.
        trace: keep the steps.

    Returns:
        log10 copies per reaction; `details`: slope, intercept, r2, efficiency_percent,
        mean_cq, sample_log10_copies, detected.

    Raises:
        BadInputs: fewer than two levels or copies not above zero.
        NoAnswer: the curve does not fall, so it has no efficiency.
    Source: Bustin et al. 2009 (MIQE), Clin Chem 55:611.
    """
    x, y = _wells(standards)
    steps = tracing(trace)
    steps.step("standard curve", "Cq", line_step, x=x, y=y)
    curve = fit_line(x, y)
    if curve.slope >= 0:
        raise NoAnswer("The standard curve does not fall with the copies, so it has no efficiency.")
    percent = steps.step("efficiency", "%", efficiency, slope=curve.slope)
    detected, mean = call(sample, cutoff)
    copies = None
    if mean is not None:
        copies = steps.step(
            "sample",
            "log10 copies",
            log_copies,
            mean_cq=mean,
            slope=curve.slope,
            intercept=curve.intercept,
        )
    return Outcome(
        value=copies,
        unit="log10 copies",
        invalid=_invalid(curve, percent, len(set(x)), limits),
        warnings=_range_warning(copies, x),
        trace=steps.steps,
        details={
            "slope": curve.slope,
            "intercept": curve.intercept,
            "r2": curve.r_squared,
            "efficiency_percent": percent,
            "mean_cq": mean,
            "sample_log10_copies": copies,
            "detected": detected,
        },
    )


def _wells(standards: Sequence[Standard]) -> tuple[list[float], list[float]]:
    x, y = [], []
    for standard in standards:
        if standard.copies <= 0:
            raise BadInputs(f"A standard must hold more than 0 copies, not {standard.copies:g}.")
        for cq in standard.cq:
            if cq is not None:
                x.append(log10(standard.copies))
                y.append(cq)
    if len(set(x)) < 2:  # noqa: PLR2004 -- a line
        raise BadInputs("A standard curve needs wells with a Cq at two or more levels.")
    return x, y


def call(sample: Sequence[Cq], cutoff: float) -> tuple[bool | str | None, float | None]:
    """Detection and mean Cq of a sample's wells: true, false, `repeat`, or nothing measured."""
    if not sample:
        return None, None
    known = [cq for cq in sample if cq is not None]
    if not known:
        return False, None
    if len(known) < len(sample):
        return "repeat", None
    centre = mean.function(data=known)
    return centre <= cutoff, centre


@operation("E = 100 (10^(−1/slope) − 1)")
def efficiency(*, slope: float) -> float:
    """Amplification efficiency in percent; 100 is a doubling each cycle.

    Raises:
        NoAnswer: the slope is so flat that the efficiency is beyond any number.
    """
    try:
        return float(100 * (10 ** (-1 / slope) - 1))
    except OverflowError as error:
        raise NoAnswer("The standard curve is too flat to have an efficiency.") from error


@operation("log10 copies = (mean Cq − intercept) / slope")
def log_copies(*, mean_cq: float, slope: float, intercept: float) -> float:
    return (mean_cq - intercept) / slope


def _invalid(curve: Line, percent: float, levels: int, limits: CurveLimits) -> tuple[str, ...]:
    found = []
    if levels < limits.fewest_levels:
        found.append(f"The curve has {levels} levels; at least {limits.fewest_levels} are needed.")
    if curve.r_squared is None or curve.r_squared < limits.least_r_squared:
        found.append(f"r² of the curve is below {limits.least_r_squared:g}.")
    if not limits.lowest_efficiency <= percent <= limits.highest_efficiency:
        found.append(
            f"The efficiency {percent:.1f} % lies outside "
            f"{limits.lowest_efficiency:g} to {limits.highest_efficiency:g} %."
        )
    return tuple(found)


def _range_warning(copies: float | None, x: Sequence[float]) -> tuple[str, ...]:
    if copies is None or min(x) <= copies <= max(x):
        return ()
    return ("The sample lies outside the standards; its copies are extrapolated.",)


def blank_is_clean(blank: Sequence[Cq], weakest_accepted: float, *, gap: float = 5.0) -> bool:
    """Whether a no-template control shows nothing, or nothing close to a real sample.

    Args:
        blank: Cq of its wells.
        weakest_accepted: the latest Cq of an accepted sample.
        gap: least distance in cycles.
    """
    return all(cq is None or cq - weakest_accepted >= gap for cq in blank)


def melt_agrees(peaks: Sequence[float], expected: float, *, tolerance: float = 1.0) -> bool:
    """Whether every well melts where the right product does; without it a late Cq proves nothing.

    Args:
        peaks: melting peak of each well with a Cq, °C; no peak at all does not agree.
        expected: of the product, °C.
        tolerance: °C.
    """
    return bool(peaks) and all(abs(peak - expected) <= tolerance for peak in peaks)
