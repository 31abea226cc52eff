"""Lysis kinetics: does a sample lyse the strain in a plate reader's OD600 curves?

Source: Storms et al. 2020, PHAGE 1:27 for area ratio and local virulence. The thresholds are
defaults; the method sets its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from lims.science import lysis_curves as curve
from lims.science.errors import BadInputs, NoAnswer
from lims.science.lysis_curves import DUST, NEVER, Flags, Floats, Indices
from lims.science.outcome import Outcome
from lims.science.trace import SILENT, Tracing, tracing


class Call(StrEnum):
    LYSIS = "lysis"
    EQUIVOCAL = "equivocal"
    NO_LYSIS = "no lysis"


@dataclass(frozen=True, slots=True)
class LysisRule:
    """When lysis is called and when a plate is valid; every figure is a default.

    Attributes:
        max_area_ratio: lysis at this ratio of areas or below.
        least_drop: lysis at this relative drop from the running peak or above.
        equivocal_ratio: above the lysis ratio and up to this one the call is equivocal.
        deviation_ratio: the curve has left the control below this ratio ...
        deviation_reads: ... at so many consecutive reads.
        regrowth: OD above the lowest point that counts as regrowth.
        share_of_wells: share of replicate wells that must lyse (two of three).
        control_growth: least rise of the mean control curve, OD.
        control_cv: most variation of the control areas, %.
        least_wells: control wells, and wells of each sample, that a plate needs.
        least_peak: drops from a corrected OD not above this are noise; 0 looks at all.
    """

    max_area_ratio: float = 0.80
    least_drop: float = 0.30
    equivocal_ratio: float = 0.90
    deviation_ratio: float = 0.80
    deviation_reads: int = 2
    regrowth: float = 0.1
    share_of_wells: float = 2 / 3
    control_growth: float = 0.3
    control_cv: float = 15.0
    least_wells: int = 3
    least_peak: float = 0.0

    def __post_init__(self) -> None:
        if self.deviation_reads < 1 or not 0 < self.share_of_wells <= 1:
            raise BadInputs("A lysis rule needs at least one read and a share of wells in 0 to 1.")


DEFAULT = LysisRule()

# On a plate many wells start at the blank, where a relative drop is noise. A well that never
# rises above this floor is still called by its area, since the control must grow.
PLATE_DEFAULT = LysisRule(least_peak=0.05)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of many curves against one control; arrays have one entry per curve.

    `*_at` are read numbers from 0; `deviates_at` is −1 where a curve never leaves the control.
    """

    area: Floats
    area_ratio: Floats
    drop: Floats
    drop_at: Indices
    peak_at: Indices
    deviates_at: Indices
    top_at: Indices
    regrowth: Flags
    lysed: Flags

    def of(self, rows: Sequence[int]) -> "Figures":
        picked = list(rows)
        return Figures(*(getattr(self, each.name)[picked] for each in fields(self)))


def figures(
    time: Floats, curves: Floats, control: Floats, control_area: float, rule: LysisRule
) -> Figures:
    """All figures of corrected curves (rows) against a corrected control, untraced.

    Raises:
        NoAnswer: the control has no area to compare with.
    """
    if not control_area > 0:
        raise NoAnswer("The control curve has no area above the blank: there is no ratio.")
    area = curve.areas(time, curves)
    ratio = curve.area_ratios(area, control_area)
    found = curve.largest_drops(curves, rule.least_peak)
    drop, at = found["drop"], found["at"]
    return Figures(
        area,
        ratio,
        drop,
        at,
        found["peak_at"],
        curve.first_deviations(curves, control, rule.deviation_ratio, rule.deviation_reads),
        curve.tops(curves),
        curve.regrowths(curves, drop, at, rule.least_drop, rule.regrowth),
        curve.lysed(ratio, drop, rule.max_area_ratio, rule.least_drop),
    )


def kinetic_lysis(
    time_h: Sequence[float],
    control_od: Sequence[float],
    treated_od: Sequence[float],
    blank_od: float,
    rule: LysisRule = DEFAULT,
    *,
    trace: bool = True,
) -> Outcome:
    """One treated curve against one control curve, read at the same times.

    Args:
        time_h: hours, strictly increasing, at least two reads.
        control_od: OD600 of the uninfected control, not blank-corrected.
        treated_od: OD600 of the treated well, not blank-corrected.
        blank_od: OD600 of the medium.
        rule: thresholds.
        trace: keep the steps.

    Returns:
        The `Call` ("equivocal" between the lysis and the equivocal ratio). `details`: auc_control,
        auc_treated, auc_ratio, local_virulence, max_relative_drop, time_of_max_drop,
        peak_before_drop_time, first_deviation_time (h or null), time_of_max_od, regrowth,
        lysis_called.

    Raises:
        BadInputs: reads that do not fit together or are not numbers.
        NoAnswer: the control has no area above the blank.

    Source: Storms et al. 2020, PHAGE 1:27.
    """
    if not abs(blank_od) <= _BEYOND_ANY_READER:
        raise BadInputs(f"A blank of {blank_od:g} cannot be.")
    time = checked_time(time_h)
    treated, control = checked_curves([treated_od], time), checked_curves([control_od], time)
    steps = tracing(trace)
    y = steps.step("treated, corrected", "OD", curve.corrected, od=treated, blank=blank_od)
    y0 = steps.step("control, corrected", "OD", curve.corrected, od=control, blank=blank_od)
    area = steps.step("control area", "OD·h", curve.areas, time=time, curves=y0)
    found = figures(time, y, y0[0], float(area[0]), rule)
    record(steps, time, y, y0[0], float(area[0]), found, rule)
    call = _call_of_one(float(found.area_ratio[0]), bool(found.lysed[0]), rule)
    details = {"auc_control": float(area[0]), **well_details(time, found, 0)}
    return Outcome(call.value, trace=steps.steps, details=details)


def _call_of_one(ratio: float, lysed: bool, rule: LysisRule) -> Call:  # noqa: FBT001
    if lysed:
        return Call.LYSIS
    return Call.EQUIVOCAL if ratio <= rule.equivocal_ratio + DUST else Call.NO_LYSIS


def well_details(time: Floats, found: Figures, row: int) -> dict[str, object]:
    """The figures of one curve by name; times in hours."""
    deviates = int(found.deviates_at[row])
    return {
        "auc_treated": float(found.area[row]),
        "auc_ratio": float(found.area_ratio[row]),
        "local_virulence": 1 - float(found.area_ratio[row]),
        "max_relative_drop": float(found.drop[row]),
        "time_of_max_drop": float(time[found.drop_at[row]]),
        "peak_before_drop_time": float(time[found.peak_at[row]]),
        "first_deviation_time": None if deviates == NEVER else float(time[deviates]),
        "time_of_max_od": float(time[found.top_at[row]]),
        "regrowth": bool(found.regrowth[row]),
        "lysis_called": bool(found.lysed[row]),
    }


def record(
    steps: Tracing,
    time: Floats,
    curves: Floats,
    control: Floats,
    control_area: float,
    found: Figures,
    rule: LysisRule,
) -> None:
    """Keep the steps behind the figures of some curves; nothing is computed again."""
    if steps is SILENT:
        return
    ratio, drop = found.area_ratio, found.drop
    deepest: curve.Drops = {"drop": drop, "at": found.drop_at, "peak_at": found.peak_at}
    keep = steps.keep
    keep("areas", "OD·h", curve.areas, found.area, {"time": time, "curves": curves})
    keep(
        "area ratios",
        "",
        curve.area_ratios,
        ratio,
        {"treated": found.area, "control": control_area},
    )
    keep(
        "largest drops",
        "",
        curve.largest_drops,
        deepest,
        {"curves": curves, "least_peak": rule.least_peak},
    )
    keep(
        "first deviations",
        "read",
        curve.first_deviations,
        found.deviates_at,
        {
            "curves": curves,
            "control": control,
            "limit": rule.deviation_ratio,
            "consecutive": rule.deviation_reads,
        },
    )
    keep("highest reads", "read", curve.tops, found.top_at, {"curves": curves})
    keep(
        "regrowth",
        "",
        curve.regrowths,
        found.regrowth,
        {
            "curves": curves,
            "drop": drop,
            "at": found.drop_at,
            "least_drop": rule.least_drop,
            "limit": rule.regrowth,
        },
    )
    keep(
        "lysis",
        "",
        curve.lysed,
        found.lysed,
        {
            "ratios": ratio,
            "drop": drop,
            "max_ratio": rule.max_area_ratio,
            "least_drop": rule.least_drop,
        },
    )


_BEYOND_ANY_READER = 1e9  # keeps areas within what a float holds


def checked_time(time_h: ArrayLike) -> Floats:
    """Times as an array of its own, at least two, finite and strictly increasing."""
    time: Floats = np.array(time_h, dtype=float)
    if time.ndim != 1 or len(time) < 2 or not np.isfinite(time).all():  # noqa: PLR2004
        raise BadInputs("At least two times are needed, all of them numbers.")
    if not (np.diff(time) > 0).all() or np.abs(time).max() > _BEYOND_ANY_READER:
        raise BadInputs("The times must increase from read to read, none beyond 1e9.")
    time.flags.writeable = False
    return time


def checked_curves(od: ArrayLike, time: Floats) -> Floats:
    """Curves as an array of their own, one row each, with a number for every time."""
    try:
        curves: Floats = np.array(od, dtype=float)
    except ValueError as error:
        raise BadInputs("Every curve needs one number for each time.") from error
    if curves.ndim != 2 or not len(curves) or curves.shape[1] != len(time):  # noqa: PLR2004
        raise BadInputs("Every curve needs one number for each time.")
    if not (np.abs(curves) <= _BEYOND_ANY_READER).all():
        raise BadInputs(
            "A read is missing or above range; leave out the well or shorten the window."
        )
    curves.flags.writeable = False
    return curves
