"""Control charts of individual values: limits, run rules, capability."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import sqrt
from typing import Literal

from lims.science.errors import BadInputs, NoAnswer
from lims.science.intervals import normal_quantile
from lims.science.outcome import Interval, Outcome
from lims.science.summary import mean, sd
from lims.science.trace import operation, tracing

#: Mean and upper limit of the range of two normal values, as printed in ASTM E2587 and the
#: NIST handbook; charts are compared by these digits, so they are not refined.
D2 = 1.128
D4 = 3.267
#: Below this number of points, limits are only provisional.
FEWEST_POINTS = 20
#: Rules a chart uses unless its owner chooses others.
USUAL_RULES = (1, 2, 3, 5)
ALL_RULES = (1, 2, 3, 4, 5, 6, 7, 8)


@operation("MR̄ = Σ|x[i] − x[i−1]| / (n − 1)")
def mean_moving_range(*, data: Sequence[float]) -> float:
    return mean.function(data=[_gap(one, other) for one, other in pairwise(data)])


def _gap(one: float, other: float) -> float:
    return float(abs(Decimal(str(other)) - Decimal(str(one))))


@operation("σ̂ = MR̄ / d2")
def within_sigma(*, mr_bar: float, d2: float) -> float:
    return mr_bar / d2


@operation("limit = x̄ + sigmas · σ̂")
def control_limit(*, centre: float, sigma: float, sigmas: float) -> float:
    return centre + sigmas * sigma


@operation("MR UCL = D4 · MR̄")
def range_limit(*, mr_bar: float, d4: float) -> float:
    return d4 * mr_bar


def imr_limits(
    data: Sequence[float], *, d2: float = D2, d4: float = D4, trace: bool = True
) -> Outcome:
    """Limits of an individuals and moving range chart, in the unit of the data.

    Args:
        data: at least two values in the order of time; log10 values for counts.
        d2: expected range of two values in σ.
        d4: factor of the range chart's upper limit.
        trace: keep the steps.

    Returns:
        The centre; `details`: centre, mr_bar, sigma_within, ucl, lcl, mr_ucl. Fewer than
        `FEWEST_POINTS` values, or values that never change, give a warning.

    Raises:
        BadInputs: fewer than two values, or a factor not above zero.

    Source: NIST/SEMATECH e-Handbook 6.3.2.2; ASTM E2587.
    """
    if len(data) < 2 or d2 <= 0 or d4 <= 0:  # noqa: PLR2004
        raise BadInputs("A chart needs at least two values, and d2 and D4 above zero.")
    steps = tracing(trace)
    centre = steps.step("centre", "", mean, data=data)
    mr_bar = steps.step("mean moving range", "", mean_moving_range, data=data)
    sigma = steps.step("sigma within", "", within_sigma, mr_bar=mr_bar, d2=d2)
    upper = steps.step("UCL", "", control_limit, centre=centre, sigma=sigma, sigmas=3)
    lower = steps.step("LCL", "", control_limit, centre=centre, sigma=sigma, sigmas=-3)
    range_upper = steps.step("MR UCL", "", range_limit, mr_bar=mr_bar, d4=d4)
    return Outcome(
        value=centre,
        warnings=_limit_warnings(len(data), sigma),
        trace=steps.steps,
        details={
            "centre": centre,
            "mr_bar": mr_bar,
            "sigma_within": sigma,
            "ucl": upper,
            "lcl": lower,
            "mr_ucl": range_upper,
        },
    )


def _limit_warnings(n: int, sigma: float) -> tuple[str, ...]:
    found = []
    if n < FEWEST_POINTS:
        found.append(f"{n} points set these limits; {FEWEST_POINTS} or more should.")
    if sigma == 0:
        found.append("The values never change, so the limits have no width.")
    return tuple(found)


def nelson_rules(
    data: Sequence[float],
    mean: float,
    sigma: float,
    *,
    rules: Sequence[int] = ALL_RULES,
    trace: bool = True,
) -> Outcome:
    """Nelson's eight run rules: the index of the point that completes each pattern.

    1 one beyond 3σ; 2 nine on one side; 3 six steadily rising or falling; 4 fourteen
    alternating; 5 two of three beyond 2σ on one side; 6 four of five beyond 1σ on one side;
    7 fifteen within 1σ; 8 eight beyond 1σ on either side. In rules 5 and 6 the completing
    point must itself qualify. *Beyond* is outside the line, *within* inside it; a point on a
    line is neither, judged on the decimals as written.

    Args:
        data: values in the order of time.
        mean: centre line.
        sigma: above zero.
        rules: numbers of the rules to apply.
        trace: keep the steps.

    Returns:
        The number of violations; `details`: violations, rule number (as text) to the list of
        0-based indices, rules without one left out.

    Raises:
        BadInputs: sigma not above zero, or a rule that does not exist.

    Source: Nelson 1984, J Qual Technol 16:237.
    """
    if sigma <= 0:
        raise BadInputs(f"Sigma must be above zero, not {sigma:g}.")
    unknown = sorted(set(rules) - set(ALL_RULES))
    if unknown:
        raise BadInputs(f"There is no Nelson rule {unknown[0]}; they are numbered 1 to 8.")
    steps = tracing(trace)
    zones = steps.step("zones", "σ", zone_numbers, data=data, mean=mean, sigma=sigma)
    moves = steps.step("moves", "", directions, data=data)
    found = {
        str(rule): list(flagged)
        for rule in sorted(set(rules))
        if (flagged := _flagged(_RULES[rule], zones, moves))
    }
    return Outcome(
        value=sum(map(len, found.values())), trace=steps.steps, details={"violations": found}
    )


@operation("signed half zones: sign(x − μ) · (2 · lines passed + 1), a point on a line is even")
def zone_numbers(*, data: Sequence[float], mean: float, sigma: float) -> tuple[int, ...]:
    """0 on the centre, ±1 inside 1σ, ±2 on 1σ, ±3 between 1σ and 2σ ... ±7 beyond 3σ."""
    centre, width = Decimal(str(mean)), Decimal(str(sigma))
    return tuple(_zone(Decimal(str(value)) - centre, width) for value in data)


def _zone(distance: Decimal, sigma: Decimal) -> int:
    size = abs(distance)
    if size == 0:
        return 0
    lines = (sigma, 2 * sigma, 3 * sigma)
    number = 1 + sum(size >= one for one in lines) + sum(size > one for one in lines)
    return number if distance > 0 else -number


@operation("sign(x[i] − x[i−1])")
def directions(*, data: Sequence[float]) -> tuple[int, ...]:
    """1 up, −1 down, 0 unchanged; one fewer than the data."""
    return tuple((after > before) - (after < before) for before, after in pairwise(data))


_INSIDE_1, _BEYOND_1, _BEYOND_2, _BEYOND_3 = 1, 3, 5, 7
Pattern = tuple[int, Callable[[Sequence[int]], bool], Literal["zones", "moves"]]


def _flagged(pattern: Pattern, zones: Sequence[int], moves: Sequence[int]) -> tuple[int, ...]:
    length, holds, on = pattern
    series, shift = (zones, 0) if on == "zones" else (moves, 1)
    return tuple(
        end + shift
        for end in range(length - 1, len(series))
        if holds(series[end - length + 1 : end + 1])
    )


def _one_side(zones: Sequence[int]) -> bool:
    return all(zone > 0 for zone in zones) or all(zone < 0 for zone in zones)


def _alternating(moves: Sequence[int]) -> bool:
    return all(one * other == -1 for one, other in pairwise(moves))


def _most_beyond(zones: Sequence[int], least: int, line: int) -> bool:
    sign = 1 if zones[-1] > 0 else -1
    beyond = [zone * sign >= line for zone in zones]
    return beyond[-1] and sum(beyond) >= least


_RULES: Mapping[int, Pattern] = {
    1: (1, lambda zones: abs(zones[0]) >= _BEYOND_3, "zones"),
    2: (9, _one_side, "zones"),
    3: (5, _one_side, "moves"),
    4: (13, _alternating, "moves"),
    5: (3, lambda zones: _most_beyond(zones, 2, _BEYOND_2), "zones"),
    6: (5, lambda zones: _most_beyond(zones, 4, _BEYOND_1), "zones"),
    7: (15, lambda zones: all(abs(zone) <= _INSIDE_1 for zone in zones), "zones"),
    8: (8, lambda zones: all(abs(zone) >= _BEYOND_1 for zone in zones), "zones"),
}


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
    reach = normal_quantile((1 + confidence) / 2) * error
    interval = Interval(ppk - reach, ppk + reach, confidence, "Bissell")
    return Outcome(
        value=ppk,
        interval=interval,
        warnings=_limit_warnings(len(data), within),
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
