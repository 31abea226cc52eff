"""Process performance and capability of individual values against specification limits."""

from collections.abc import Sequence
from math import sqrt

from lims.science.distributions import normal_within
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Interval, Outcome
from lims.science.spc import D2, limit_warnings, mean_moving_range, within_sigma
from lims.science.summary import mean, sd
from lims.science.trace import operation, tracing


@operation("min(USL − x̄, x̄ − LSL) / (3 σ), over the limits there are")
def performance_index(*, mean: float, sigma: float, lsl: float | None, usl: float | None) -> float:
    rooms = [usl - mean] if usl is not None else []
    if lsl is not None:
        rooms.append(mean - lsl)
    return min(rooms) / (3 * sigma)


@operation("(USL − LSL) / (6 σ)")
def potential_index(*, sigma: float, lsl: float, usl: float) -> float:
    return (usl - lsl) / (6 * sigma)


@operation("SE = √(1/(9n) + index²/(2(n − 1)))")
def index_error(*, index: float, n: int) -> float:
    return sqrt(1 / (9 * n) + index * index / (2 * (n - 1)))


def capability(
    data: Sequence[float],
    *,
    lsl: float | None = None,
    usl: float | None = None,
    d2: float = D2,
    confidence: float = 0.95,
    trace: bool = True,
) -> Outcome:
    """Process performance (Ppk, overall SD) and capability (Cpk, σ̂ = MR̄/d2).

    With one limit the single term is used, and Pp and Cp do not exist. The interval is that of
    Ppk, by its normal approximation.

    Args:
        data: at least two values of a stable process, in the order of time; no censored values.
        lsl: lower specification limit.
        usl: upper specification limit.
        d2: expected range of two values in σ.
        confidence: of the interval, between 0 and 1.
        trace: keep the steps.

    Returns:
        Ppk with its interval; `details`: mean, sd_overall, sigma_within, Ppk, Cpk, Pp, Cp,
        Ppk_lower, Ppk_upper, n.

    Raises:
        BadInputs: fewer than two values, no limit, or limits the wrong way round.
        NoAnswer: the values do not vary.

    Source: AIAG SPC 2005; Bissell 1990, Appl Stat 39:331 (interval).
    """
    _check_limits(lsl, usl, confidence, d2)
    steps = tracing(trace)
    centre = steps.step("mean", "", mean, data=data)
    overall = steps.step("SD overall", "", sd, data=data)
    mr_bar = steps.step("mean moving range", "", mean_moving_range, data=data)
    within = steps.step("sigma within", "", within_sigma, mr_bar=mr_bar, d2=d2)
    if overall == 0 or within == 0:
        raise NoAnswer("The values do not vary, so capability cannot be computed.")
    found: dict[str, float | None] = {"Pp": None, "Cp": None}
    for long, short, sigma in (("Ppk", "Pp", overall), ("Cpk", "Cp", within)):
        found[long] = steps.step(
            long, "", performance_index, mean=centre, sigma=sigma, lsl=lsl, usl=usl
        )
        if lsl is not None and usl is not None:
            found[short] = steps.step(short, "", potential_index, sigma=sigma, lsl=lsl, usl=usl)
    ppk = found["Ppk"] or 0.0
    error = steps.step("standard error of Ppk", "", index_error, index=ppk, n=len(data))
    reach = normal_within(confidence) * error
    interval = Interval(ppk - reach, ppk + reach, confidence, "Bissell")
    return Outcome(
        value=ppk,
        interval=interval,
        warnings=limit_warnings(len(data), within),
        trace=steps.steps,
        details={
            "mean": centre,
            "sd_overall": overall,
            "sigma_within": within,
            **found,
            "Ppk_lower": interval.lower,
            "Ppk_upper": interval.upper,
            "n": len(data),
        },
    )


def _check_limits(lsl: float | None, usl: float | None, confidence: float, d2: float) -> None:
    if lsl is None and usl is None:
        raise BadInputs("Capability needs a lower or an upper specification limit.")
    if lsl is not None and usl is not None and lsl >= usl:
        raise BadInputs(f"The lower limit {lsl:g} is not below the upper limit {usl:g}.")
    if not 0 < confidence < 1 or d2 <= 0:
        raise BadInputs("The confidence must lie between 0 and 1, and d2 above zero.")
