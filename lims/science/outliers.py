"""Outlier tests. They find; they never remove: exclusion needs a cause outside the numbers.

Counts are tested as log10 values.
"""

from collections.abc import Sequence
from decimal import Decimal
from math import sqrt
from typing import Literal

from lims.science.dixon_tables import CRITICAL
from lims.science.errors import BadInputs, NoAnswer
from lims.science.intervals import student_t_beyond
from lims.science.outcome import Outcome
from lims.science.summary import mean, sd
from lims.science.trace import Tracing, operation, tracing

Side = Literal["either", "upper", "lower"]
Ratio = Literal["r10", "r11", "r21", "r22"]


@operation("index of the largest |x − x̄|, the first of equals")
def farthest(*, data: Sequence[float], mean: float, side: str) -> int:
    centre = Decimal(str(mean))
    distance = [Decimal(str(value)) - centre for value in data]
    if side == "either":
        distance = [abs(each) for each in distance]
    if side == "lower":
        distance = [-each for each in distance]
    return max(range(len(data)), key=lambda at: distance[at])


@operation("G = |x − x̄| / s")
def grubbs_ratio(*, suspect: float, mean: float, sd: float) -> float:
    return abs(suspect - mean) / sd


@operation("G_crit = ((n − 1)/√n) √(t²/(n − 2 + t²)), t at tail probability, n − 2 df")
def grubbs_critical(*, n: int, tail: float) -> float:
    t = student_t_beyond(tail, n - 2)
    return (n - 1) / sqrt(n) / sqrt((n - 2) / t / t + 1)


def grubbs(
    data: Sequence[float],
    alpha: float = 0.05,
    *,
    two_sided: bool = True,
    side: Side = "either",
    trace: bool = True,
) -> Outcome:
    """Grubbs' test of the value farthest from the mean: one outlier at a time.

    Args:
        data: at least three values.
        alpha: chance of a false alarm, between 0 and 1.
        two_sided: t at alpha/(2n); otherwise at alpha/n, for a side chosen before looking.
        side: the tail that is tested.
        trace: keep the steps.

    Returns:
        Whether the suspect is an outlier; `details`: G, critical, index (0-based), value,
        outlier.

    Raises:
        BadInputs: fewer than three values, or alpha outside 0 to 1.
        NoAnswer: the values do not vary.

    Source: Grubbs 1969, Technometrics 11:1; NIST/SEMATECH e-Handbook 1.3.5.17.1.
    """
    _check(data, alpha)
    steps = tracing(trace)
    centre = steps.step("mean", "", mean, data=data)
    spread = steps.step("standard deviation", "", sd, data=data)
    if spread == 0:
        raise NoAnswer("The values do not vary, so none of them can be an outlier.")
    at = steps.step("suspect", "", farthest, data=data, mean=centre, side=side)
    ratio = steps.step("G", "", grubbs_ratio, suspect=data[at], mean=centre, sd=spread)
    tail = alpha / (2 * len(data)) if two_sided else alpha / len(data)
    critical = steps.step("critical value", "", grubbs_critical, n=len(data), tail=tail)
    return Outcome(
        value=ratio > critical,
        trace=steps.steps,
        details={
            "G": ratio,
            "critical": critical,
            "index": at,
            "value": data[at],
            "outlier": ratio > critical,
        },
    )


def _check(data: Sequence[float], alpha: float) -> None:
    if len(data) < 3:  # noqa: PLR2004
        raise BadInputs(f"An outlier test needs at least three values, not {len(data)}.")
    if not 0 < alpha < 1:
        raise BadInputs(f"alpha must lie between 0 and 1, not {alpha:g}.")


#: What each ratio leaves out: neighbours beside the suspect, values at the other end.
_LEFT_OUT = {"r10": (1, 0), "r11": (1, 1), "r21": (2, 1), "r22": (2, 2)}


def recommended_ratio(n: int) -> Ratio:
    """Dixon's choice by the size of the sample: r10 to 7, r11 to 10, r21 to 13, then r22."""
    sizes: tuple[tuple[int, Ratio], ...] = ((7, "r10"), (10, "r11"), (13, "r21"))
    return next((ratio for last, ratio in sizes if n <= last), "r22")


@operation("(x[1+j] − x[1]) / (x[n−k] − x[1]) at either end; j, k as the ratio's digits say")
def dixon_ratio(*, data: Sequence[float], ratio: str) -> dict[str, float]:
    """The larger ratio of both ends, and its suspect.

    Equal ratios accuse the value farther from the mean, then the lower one.
    """
    ordered = sorted(Decimal(str(value)) for value in data)
    mirrored = [-value for value in reversed(ordered)]
    centre = sum(ordered, Decimal(0)) / len(ordered)
    ends = (
        (_one_end(ordered, ratio), centre - ordered[0], ordered[0]),
        (_one_end(mirrored, ratio), ordered[-1] - centre, ordered[-1]),
    )
    best = max(ends, key=lambda end: end[:2])
    return {"Q": float(best[0]), "suspect": float(best[2])}


def _one_end(ordered: Sequence[Decimal], ratio: str) -> Decimal:
    near, far = _LEFT_OUT[ratio]
    width = ordered[-1 - far] - ordered[0]
    return (ordered[near] - ordered[0]) / width if width else Decimal(0)


@operation("critical value of the table for ratio, confidence and n")
def dixon_critical(*, ratio: str, n: int, confidence: int) -> float:
    return CRITICAL[ratio][confidence][n]


def dixon(data: Sequence[float], ratio: Ratio | None = None, *, trace: bool = True) -> Outcome:
    """Dixon's Q test of the more extreme end, against printed two-sided critical values.

    Args:
        data: 3 to 30 values (r11 8-10, r21 11-13, r22 14-30).
        ratio: which quotient; `None` takes the one recommended for the size.
        trace: keep the steps.

    Returns:
        Whether the suspect is rejected at 95 %; `details`: Q, suspect, index (0-based, the
        first of equals), ratio, critical_two_sided_90, _95 and _99, reject_95.

    Raises:
        BadInputs: the table does not hold this size.
        NoAnswer: the values do not vary.

    Source: Dixon 1951, Ann Math Stat 22:68; Rorabacher 1991, Anal Chem 63:139.
    """
    used = ratio or recommended_ratio(len(data))
    sizes = CRITICAL[used][95]
    if len(data) not in sizes:
        raise BadInputs(
            f"The table of {used} runs from {min(sizes)} to {max(sizes)} values; "
            f"{len(data)} were given."
        )
    if min(data) == max(data):
        raise NoAnswer("The values do not vary, so none of them can be an outlier.")
    steps = tracing(trace)
    found = steps.step(used, "", dixon_ratio, data=data, ratio=used)
    limits = {
        f"critical_two_sided_{confidence}": steps.step(
            f"critical value {confidence} %",
            "",
            dixon_critical,
            ratio=used,
            n=len(data),
            confidence=confidence,
        )
        for confidence in (90, 95, 99)
    }
    rejected = found["Q"] > limits["critical_two_sided_95"]
    return Outcome(
        value=rejected,
        trace=steps.steps,
        details={
            **found,
            "index": list(data).index(found["suspect"]),
            "ratio": used,
            **limits,
            "reject_95": rejected,
        },
    )


@operation(
    "λ = (n − i) t / √((n − i − 1 + t²)(n − i + 1)), t at 1 − α/(2(n − i + 1)), n − i − 1 df"
)
def esd_critical(*, n: int, i: int, alpha: float) -> float:
    t = student_t_beyond(alpha / (2 * (n - i + 1)), n - i - 1)
    return (n - i) / sqrt(((n - i - 1) / t / t + 1) * (n - i + 1))


@operation("R = max|x − x̄| / s of what remains; the farthest value is then set aside")
def esd_step(*, data: Sequence[float]) -> dict[str, float | int]:
    centre, spread = mean.function(data=data), sd.function(data=data)
    at = farthest.function(data=data, mean=centre, side="either")
    ratio = grubbs_ratio.function(suspect=data[at], mean=centre, sd=spread) if spread else 0.0
    return {"R": ratio, "index": at}


def generalized_esd(
    data: Sequence[float], alpha: float = 0.05, max_outliers: int = 1, *, trace: bool = True
) -> Outcome:
    """Rosner's generalized extreme Studentized deviate test for up to `max_outliers` outliers.

    The number of outliers is the largest i whose R exceeds its critical value, so that several
    outliers cannot hide each other.

    Args:
        data: values of one normal population apart from the outliers; 25 or more are advised.
        alpha: chance of a false alarm, between 0 and 1.
        max_outliers: most that are looked for, from 1 to n − 2.
        trace: keep the steps.

    Returns:
        The number of outliers; `details`: R and critical for each i, outliers (their number),
        removed (the value set aside at each i, in order; the first `outliers` of them are the
        outliers), removed_index (0-based, into the data), outlier_values.

    Raises:
        BadInputs: fewer than three values, alpha outside 0 to 1, or `max_outliers` out of range.
        NoAnswer: the values do not vary.

    Source: Rosner 1983, Technometrics 25:165; NIST/SEMATECH e-Handbook 1.3.5.17.3.
    """
    _check(data, alpha)
    if not 1 <= max_outliers <= len(data) - 2:
        raise BadInputs(
            f"max_outliers must lie between 1 and n − 2 = {len(data) - 2}, not {max_outliers}."
        )
    if min(data) == max(data):
        raise NoAnswer("The values do not vary, so none of them can be an outlier.")
    steps = tracing(trace)
    ratios, removed = _set_aside(data, max_outliers, steps)
    limits = [
        steps.step(f"λ{i}", "", esd_critical, n=len(data), i=i, alpha=alpha)
        for i in range(1, max_outliers + 1)
    ]
    beyond = [ratio > limit for ratio, limit in zip(ratios, limits, strict=True)]
    count = max((i for i, flag in enumerate(beyond, 1) if flag), default=0)
    return Outcome(
        value=count,
        warnings=() if len(data) >= _ADVISED else (_SMALL,),
        trace=steps.steps,
        details={
            "R": ratios,
            "critical": limits,
            "outliers": count,
            "removed": [data[at] for at in removed],
            "removed_index": removed,
            "outlier_values": [data[at] for at in removed[:count]],
        },
    )


def _set_aside(data: Sequence[float], most: int, steps: Tracing) -> tuple[list[float], list[int]]:
    """R of each round, and the place in the data of what it set aside."""
    left, places = list(data), list(range(len(data)))
    ratios, removed = [], []
    for i in range(1, most + 1):
        found = steps.step(f"R{i}", "", esd_step, data=tuple(left))
        ratios.append(float(found["R"]))
        left.pop(int(found["index"]))
        removed.append(places.pop(int(found["index"])))
    return ratios, removed


_ADVISED = 15
_SMALL = "Critical values are accurate from 25 values on, fair from 15; fewer were given."
