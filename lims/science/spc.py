"""Control charts of individual values: limits and run rules."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.summary import mean
from lims.science.trace import operation, tracing

#: Mean and upper limit of the range of two normal values, as printed in ASTM E2587 and the
#: NIST handbook; charts are compared by these digits, so they are not refined.
D2 = 1.128
D4 = 3.267
#: Below this number of points, limits are only provisional.
FEWEST_POINTS = 20
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
        warnings=limit_warnings(len(data), sigma),
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


def limit_warnings(n: int, sigma: float) -> tuple[str, ...]:
    """What a reader of limits must know about the points that set them."""
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
