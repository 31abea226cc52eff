"""Figures read off lysis curves, for all wells of a plate at once.

Curves are rows: shape (wells, reads). The operations also take nested lists, as a kept trace
holds them. Source: Storms et al. 2020, PHAGE 1:27 (areas, local virulence).
"""

from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lims.science.trace import operation

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]

# Blank subtraction leaves binary dust: 0.65 − 0.09 over 0.79 − 0.09 is 0.8000000000000002.
# A figure this close to its threshold is taken to be at it.
DUST = 1e-9

NEVER = -1


class Drops(TypedDict):
    """The deepest fall of each curve; one entry per curve."""

    drop: Floats
    at: Indices
    peak_at: Indices


@operation("mean of the wells at each read")
def mean_curve(od: ArrayLike) -> Floats:
    curves: Floats = np.asarray(od, dtype=float)
    result: Floats = curves.sum(axis=0) / curves.shape[0]
    return result


@operation("y = OD − blank")
def corrected(od: ArrayLike, blank: ArrayLike) -> Floats:
    result: Floats = np.asarray(od, dtype=float) - np.asarray(blank, dtype=float)
    return result


@operation("A = Σ (y_i + y_{i+1})/2 · (t_{i+1} − t_i)")
def areas(time: ArrayLike, curves: ArrayLike) -> Floats:
    """Area under each curve by the trapezoid rule."""
    # In row order: numpy adds in another order along a strided axis, and the last digit with it.
    y: Floats = np.ascontiguousarray(curves, dtype=float)
    t: Floats = np.asarray(time, dtype=float)
    result: Floats = ((y[:, 1:] + y[:, :-1]) * (np.diff(t) / 2)).sum(axis=1)
    return result


@operation("A_treated / A_control")
def area_ratios(treated: ArrayLike, control: float) -> Floats:
    return np.asarray(treated, dtype=float) / control


@operation("max over t of (running peak − y)/running peak")
def largest_drops(curves: ArrayLike, least_peak: float) -> Drops:
    """The deepest fall of each curve from the highest point before it.

    Args:
        curves: blank-corrected.
        least_peak: falls from a peak not above this are noise near the blank and do not count.

    Returns:
        `drop` (fraction), `at` and `peak_at` (read numbers, from 0); 0 where nothing falls.
    """
    y: Floats = np.asarray(curves, dtype=float)
    peaks = np.maximum.accumulate(y, axis=1)
    counts = peaks > least_peak
    drops = np.divide(peaks - y, peaks, out=np.zeros_like(y), where=counts)
    at = drops.argmax(axis=1)
    rows = np.arange(len(y))
    peak_at = (y >= peaks[rows, at][:, None]).argmax(axis=1)
    return {"drop": drops[rows, at], "at": at, "peak_at": peak_at}


@operation("first of n consecutive reads with y_treated / y_control < limit")
def first_deviations(
    curves: ArrayLike, control: ArrayLike, limit: float, consecutive: int
) -> Indices:
    """Read number where each curve leaves the control; −1 where it never does.

    A control at or below zero gives no ratio, so that read does not deviate.
    """
    y: Floats = np.asarray(curves, dtype=float)
    reference: Floats = np.asarray(control, dtype=float)
    below = (reference > 0) & (y < (limit - DUST) * reference)
    starts = y.shape[1] - consecutive + 1
    if starts < 1:
        return np.full(len(y), NEVER)
    runs = below[:, :starts].copy()
    for later in range(1, consecutive):
        runs &= below[:, later : later + starts]
    result: Indices = np.where(runs.any(axis=1), runs.argmax(axis=1), NEVER)
    return result


@operation("read of the highest y")
def tops(curves: ArrayLike) -> Indices:
    result: Indices = np.asarray(curves, dtype=float).argmax(axis=1)
    return result


@operation("highest y after the deepest fall − y at it ≥ limit")
def regrowths(
    curves: ArrayLike, drop: ArrayLike, at: ArrayLike, least_drop: float, limit: float
) -> Flags:
    """Whether each curve rises again after a fall of at least `least_drop`."""
    y: Floats = np.asarray(curves, dtype=float)
    lowest_at: Indices = np.asarray(at, dtype=np.intp)
    after = np.where(np.arange(y.shape[1]) >= lowest_at[:, None], y, -np.inf).max(axis=1)
    rise = after - y[np.arange(len(y)), lowest_at]
    fell = np.asarray(drop, dtype=float) >= least_drop - DUST
    result: Flags = fell & (rise >= limit - DUST)
    return result


@operation("area ratio ≤ limit or largest drop ≥ limit")
def lysed(ratios: ArrayLike, drop: ArrayLike, max_ratio: float, least_drop: float) -> Flags:
    """Whether each curve meets the lysis criterion."""
    by_area = np.asarray(ratios, dtype=float) <= max_ratio + DUST
    result: Flags = by_area | (np.asarray(drop, dtype=float) >= least_drop - DUST)
    return result


@operation("highest y − first y")
def growths(curves: ArrayLike) -> Floats:
    y: Floats = np.asarray(curves, dtype=float)
    result: Floats = y.max(axis=1) - y[:, 0]
    return result


@operation("100 s/mean")
def cv_of(values: ArrayLike) -> float:
    """Coefficient of variation of replicate areas, %; infinite when their mean is not positive."""
    x: Floats = np.asarray(values, dtype=float)
    mean = float(x.mean())
    return 100 * float(x.std(ddof=1)) / mean if mean > 0 else float("inf")
