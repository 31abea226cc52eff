"""Shelf life by ICH Q1E: which lots may be pooled, where the limit is met, and how far to go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor

from lims.science.errors import BadInputs, NoAnswer
from lims.science.extrapolation import REAL_TIME_ONLY, Extrapolation
from lims.science.intervals import student_t_beyond
from lims.science.outcome import Outcome, Qualifier
from lims.science.stability_lines import (
    ModelFit,
    StabilityLine,
    as_data,
    crossing,
    fit_common_line,
    fit_common_slope,
    fit_separate,
    lot_residual_ms,
    model,
    poolability,
)
from lims.science.trace import Tracing, tracing


class Mse(StrEnum):
    """Error of lots with different slopes: pooled over them (Q1E), or each lot's own."""

    POOLED = "pooled"
    INDIVIDUAL = "individual"


@dataclass(frozen=True, slots=True)
class Point:
    """A result at its actual age (days / 30.4375), never censored."""

    lot: str
    month: float
    value: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """The shelf-life limits; both limits make the confidence two-sided."""

    lower: float | None = None
    upper: float | None = None
    confidence: float = 0.95
    two_sided: bool = False

    @property
    def tail(self) -> float:
        both = self.lower is not None and self.upper is not None
        return (1 - self.confidence) / (2 if self.two_sided or both else 1)

    @property
    def sides(self) -> tuple[tuple[str, float], ...]:
        pairs = (("lower", self.lower), ("upper", self.upper))
        return tuple((side, limit) for side, limit in pairs if limit is not None)


@dataclass(frozen=True, slots=True)
class Rules:
    """Choices a protocol makes beforehand.

    Attributes:
        alpha: significance of both poolability tests.
        mse: error used for lots with different slopes.
        horizon: months beyond which a crossing is not looked for.
        extrapolation: how far beyond the data a shelf life may go.
    """

    alpha: float = 0.25
    mse: Mse = Mse.POOLED
    horizon: float = 500.0
    extrapolation: Extrapolation = REAL_TIME_ONLY


Q1E = Rules()
Crossings = Mapping[str, float | str]


def shelf_life(
    points: Sequence[Point], criterion: Criterion, rules: Rules = Q1E, *, trace: bool = True
) -> Outcome:
    """Shelf life of a drug product from several lots, by ICH Q1E.

    Lines are fitted per lot (dids), with one slope (dics) and as one line (cics). Slopes that
    differ (p at most alpha) leave the lots apart; else intercepts that differ leave one slope;
    else all is pooled. The shelf life is where the confidence limit of the mean of the worst
    lot first meets the limit, no farther than the extrapolation rule allows, in whole months.

    Args:
        points: at least three ages of each lot; log10 values for counts.
        criterion: limits and confidence.
        rules: alpha, error, horizon, extrapolation.
        trace: keep the steps.

    Returns:
        Whole months (`None` when a result is outside the limits); `details`: F_batch_time,
        p_batch_time, F_batch, p_batch (`None` for one lot), model, model_fits,
        crossing_by_batch per model, crossing_individual_fits, shelf_life_crossing_months
        (never to be shown as a shelf life), longest_month, cap_months, shelf_life_months.
        A crossing beyond the horizon is the text `no crossing before 500`.

    Raises:
        BadInputs: no limit, limits the wrong way round, or a lot with fewer than three ages.
        NoAnswer: every point lies on its line, so there is no error to judge by.

    Source: ICH Q1E, Appendix B; LeBlond et al. 2011, J Valid Technol 17(3):47.
    """
    _check(criterion, rules)
    lots = _lots(points)
    months = tuple(tuple(p.month for p in lot) for lot in lots.values())
    values = tuple(tuple(p.value for p in lot) for lot in lots.values())
    fits = _fits(months, values)
    steps = tracing(trace)
    for name in fits:
        steps.step(f"model {name}", "", model, name=name, months=months, values=values)
    tests = _tests(fits, len(lots), steps)
    chosen = _chosen(tests, rules.alpha)
    crossings = {
        name: _crossings(
            name, fit, ("all",) if name == "cics" else tuple(lots), criterion, rules, steps
        )
        for name, fit in fits.items()
    }
    own = _own_crossings(fits["dids"], lots, months, values, criterion, rules, steps)
    judged = own if chosen == "dids" and rules.mse is Mse.INDIVIDUAL else crossings[chosen]
    return _reported(
        points,
        criterion,
        rules,
        steps,
        judged,
        {
            **tests,
            "model": chosen,
            "model_fits": {name: as_data(fits[name]) for name in ("cics", "dics", "dids")},
            "crossing_by_batch": {name: crossings[name] for name in ("cics", "dics", "dids")},
            "crossing_individual_fits": own,
        },
    )


def _check(criterion: Criterion, rules: Rules) -> None:
    if not criterion.sides:
        raise BadInputs("A shelf life needs a lower or an upper limit.")
    low, high = criterion.lower, criterion.upper
    if low is not None and high is not None and low >= high:
        raise BadInputs(f"The lower limit {low:g} is not below the upper limit {high:g}.")
    if not 0 < criterion.confidence < 1 or not 0 < rules.alpha < 1:
        raise BadInputs("Confidence and alpha must lie between 0 and 1.")
    if rules.horizon <= 0:
        raise BadInputs("The horizon must be above zero.")


_FEWEST_AGES = 3


def _lots(points: Sequence[Point]) -> Mapping[str, list[Point]]:
    lots: dict[str, list[Point]] = {}
    for point in points:
        if point.month < 0:
            raise BadInputs(f"Lot {point.lot} has a result at a negative age.")
        lots.setdefault(point.lot, []).append(point)
    if not lots:
        raise BadInputs("No results were given.")
    for name, own in lots.items():
        if len({point.month for point in own}) < _FEWEST_AGES:
            raise BadInputs(f"Lot {name} needs results at three or more ages.")
    return lots


def _fits(
    months: Sequence[Sequence[float]], values: Sequence[Sequence[float]]
) -> dict[str, ModelFit]:
    fits = {
        "dids": fit_separate(months, values),
        "dics": fit_common_slope(months, values),
        "cics": fit_common_line(months, values),
    }
    largest = max(abs(value) for lot in values for value in lot)
    count = sum(map(len, values))
    # Points on a line leave residuals of a few units in the last place, which are no error.
    if fits["dids"].rss <= count * (4e-16 * largest) ** 2:
        raise NoAnswer("Every result lies on its lot's line, so there is no error to judge by.")
    return fits


def _tests(fits: Mapping[str, ModelFit], lots: int, steps: Tracing) -> dict[str, float | None]:
    names = ("F_batch_time", "p_batch_time", "F_batch", "p_batch")
    if lots == 1:
        return dict.fromkeys(names)
    full, slope, line = fits["dids"], fits["dics"], fits["cics"]
    found = []
    for title, reduced, larger in (("slopes", slope, full), ("intercepts", line, slope)):
        test = steps.step(
            f"equal {title}",
            "",
            poolability,
            rss_reduced=reduced.rss,
            rss_full=larger.rss,
            lots=lots,
            ms_separate=full.residual_ms,
            df_separate=full.df,
        )
        found += [test["F"], test["p"]]
    return dict(zip(names, found, strict=True))


def _chosen(tests: Mapping[str, float | None], alpha: float) -> str:
    slopes, intercepts = tests["p_batch_time"], tests["p_batch"]
    if slopes is not None and slopes <= alpha:
        return "dids"
    return "dics" if intercepts is not None and intercepts <= alpha else "cics"


def _crossings(
    name: str,
    fit: ModelFit,
    lots: Sequence[str],
    criterion: Criterion,
    rules: Rules,
    steps: Tracing,
) -> dict[str, float | str]:
    return {
        lot: _crossing(f"{name} {lot}", line, fit.residual_ms, fit.df, criterion, rules, steps)
        for lot, line in zip(lots, fit.lines, strict=True)
    }


def _own_crossings(
    fit: ModelFit,
    lots: Mapping[str, list[Point]],
    months: Sequence[Sequence[float]],
    values: Sequence[Sequence[float]],
    criterion: Criterion,
    rules: Rules,
    steps: Tracing,
) -> dict[str, float | str]:
    return {
        name: _crossing(
            f"{name} alone", line, lot_residual_ms(line, t, y), line.n - 2, criterion, rules, steps
        )
        for name, line, t, y in zip(lots, fit.lines, months, values, strict=True)
    }


def _crossing(
    name: str,
    line: StabilityLine,
    error: float,
    df: int,
    criterion: Criterion,
    rules: Rules,
    steps: Tracing,
) -> float | str:
    quantile = student_t_beyond(criterion.tail, df)
    times = [
        steps.step(
            f"crossing {name}, {side} limit",
            "months",
            crossing,
            intercept=line.intercept,
            slope=line.slope,
            mean_t=line.mean_t,
            n=line.n,
            stt=line.stt,
            residual_ms=error,
            quantile=quantile,
            limit=limit,
            side=side,
        )
        for side, limit in criterion.sides
    ]
    known = [time for time in times if time is not None and time <= rules.horizon]
    return min(known) if known else f"no crossing before {rules.horizon:g}"


def _reported(
    points: Sequence[Point],
    criterion: Criterion,
    rules: Rules,
    steps: Tracing,
    judged: Crossings,
    details: Mapping[str, object],
) -> Outcome:
    known = [time for time in judged.values() if not isinstance(time, str)]
    first = min(known) if known else next(iter(judged.values()))
    longest = max(point.month for point in points)
    cap = rules.extrapolation.cap(longest)
    reach = cap if isinstance(first, str) else min(first, cap)
    outside = _outside(points, criterion) + _none_at_all(first)
    whole = None if outside else floor(reach + _A_MOMENT)
    return Outcome(
        value=whole,
        qualifier=Qualifier.EQUAL,
        unit="months",
        invalid=outside,
        warnings=_warnings(first, cap, details["p_batch"] is None),
        trace=steps.steps,
        details={
            **details,
            "shelf_life_crossing_months": first,
            "longest_month": longest,
            "cap_months": cap,
            "shelf_life_months": whole,
        },
    )


#: Ages come from days; a crossing one rounding error short of a month is that month.
_A_MOMENT = 1e-9


def _outside(points: Sequence[Point], criterion: Criterion) -> tuple[str, ...]:
    low, high = criterion.lower, criterion.upper
    return tuple(
        f"Lot {p.lot} is outside the limit at {p.month:g} months ({p.value:g}): "
        "an out-of-specification result, so there is no shelf life."
        for p in points
        if (low is not None and p.value < low) or (high is not None and p.value > high)
    )


def _none_at_all(first: float | str) -> tuple[str, ...]:
    if first != 0:
        return ()
    return ("The confidence limit is outside the limit from the start: there is no shelf life.",)


def _warnings(first: float | str, cap: float, single: bool) -> tuple[str, ...]:  # noqa: FBT001
    found = []
    if single:
        found.append("One lot alone: poolability was not tested; ICH Q1E asks for three.")
    if isinstance(first, str) or first > cap:
        found.append(f"The data carry the shelf life no farther than {cap:g} months.")
    return tuple(found)
