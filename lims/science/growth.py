"""What a growth or signal curve of a plate reader says: threshold time, rate, area."""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum, log

from lims.science.digits import shown
from lims.science.errors import BadInputs
from lims.science.outcome import Outcome, Qualifier
from lims.science.trace import operation, tracing


@operation("first i with y[i−1] < threshold ≤ y[i] and y[i+1] ≥ threshold")
def crossing(*, signal: Sequence[float], threshold: float) -> int | None:
    """Index of the first read at or above the threshold in a confirmed upward crossing."""
    for at in range(1, len(signal) - 1):
        if signal[at - 1] < threshold <= min(signal[at], signal[at + 1]):
            return at
    return None


@operation("t[i−1] + (threshold − y[i−1]) / (y[i] − y[i−1]) · (t[i] − t[i−1])")
def interpolate(*, times: Sequence[float], signal: Sequence[float], threshold: float) -> float:
    """Time at which the straight line between two reads has the threshold."""
    share = (threshold - signal[0]) / (signal[1] - signal[0])
    return times[0] + share * (times[1] - times[0])


@operation("AUC = Σ (y[i] + y[i+1]) / 2 · (t[i+1] − t[i])")
def area(*, times: Sequence[float], signal: Sequence[float]) -> float:
    """Trapezoid rule."""
    points = list(zip(times, signal, strict=True))
    return fsum((y0 + y1) / 2 * (t1 - t0) for (t0, y0), (t1, y1) in pairwise(points))


@operation("max Δln(y) / Δt over intervals with both y above the floor; the first of equals")
def steepest(
    *, times: Sequence[float], signal: Sequence[float], floor: float
) -> dict[str, float | int] | None:
    """Rate per unit of time and the index of the interval's first read."""
    rates = [
        {"rate": (log(signal[at + 1]) - log(signal[at])) / (times[at + 1] - times[at]), "index": at}
        for at in range(len(times) - 1)
        if min(signal[at], signal[at + 1]) > floor
    ]
    return max(rates, key=lambda each: each["rate"], default=None)


def time_to_threshold(
    times: Sequence[float],
    signal: Sequence[float],
    threshold: float,
    *,
    floor: float = 0.0,
    trace: bool = True,
) -> Outcome:
    """When a curve crosses a threshold upwards to stay, with its fastest growth and its area.

    The crossing counts when the next read is still at or above the threshold, so the last read
    alone can confirm none. Between reads the signal is taken as straight.

    Args:
        times: strictly increasing, in one unit; two or more.
        signal: blank-corrected, one per time.
        threshold: in the unit of the signal.
        floor: growth rates use reads above this only; not below 0.
        trace: keep the steps.

    Returns:
        The time, in the unit of `times`. Without a crossing it is censored: `> last time`, or
        `< first time` when the curve is at or above the threshold in its first two reads.
        `details`: time_to_threshold (text when censored), auc, max_specific_rate (per unit of
        time; `None` when no interval lies above the floor), max_rate_interval_index.

    Raises:
        BadInputs: fewer than two reads, lengths that differ, time that does not increase, or a
            floor below 0.

    Source: definition; crossing rule of the method, as growth-based potency assays use it.
    """
    _check(times, signal, floor)
    steps = tracing(trace)
    at = steps.step("crossing", "", crossing, signal=signal, threshold=threshold)
    value, qualifier = _censored(times, signal, threshold)
    if at is not None:
        value, qualifier = (
            steps.step(
                "time to threshold",
                "",
                interpolate,
                times=tuple(times[at - 1 : at + 1]),
                signal=tuple(signal[at - 1 : at + 1]),
                threshold=threshold,
            ),
            Qualifier.EQUAL,
        )
    whole = steps.step("area under the curve", "", area, times=times, signal=signal)
    fastest = steps.step("fastest growth", "", steepest, times=times, signal=signal, floor=floor)
    answer = value if qualifier is Qualifier.EQUAL else f"{qualifier.value}{shown(value)}"
    return Outcome(
        value=value,
        qualifier=qualifier,
        warnings=_warnings(at, signal, threshold),
        trace=steps.steps,
        details={
            "time_to_threshold": answer,
            "auc": whole,
            "max_specific_rate": None if fastest is None else fastest["rate"],
            "max_rate_interval_index": None if fastest is None else fastest["index"],
        },
    )


def _check(times: Sequence[float], signal: Sequence[float], floor: float) -> None:
    if len(times) < 2 or len(times) != len(signal):  # noqa: PLR2004
        raise BadInputs("A curve needs two reads or more, each with a time and a signal.")
    if any(after <= before for before, after in pairwise(times)):
        raise BadInputs("The times of a curve must increase from read to read.")
    if floor < 0:
        raise BadInputs("Growth rates need a floor of 0 or above.")


def _censored(
    times: Sequence[float], signal: Sequence[float], threshold: float
) -> tuple[float, Qualifier]:
    if min(signal[:2]) >= threshold:
        return times[0], Qualifier.LESS
    return times[-1], Qualifier.GREATER


def _warnings(at: int | None, signal: Sequence[float], threshold: float) -> tuple[str, ...]:
    if signal[0] >= threshold:
        return ("The first read is already at or above the threshold.",)
    if at is None and max(signal) >= threshold:
        return ("The curve touches the threshold, but no next read confirms it.",)
    return ()
