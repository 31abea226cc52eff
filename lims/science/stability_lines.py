"""Straight lines of stability lots in the three models of ICH Q1E, and where they cross a limit.

Written on centred sums instead of a design matrix: the models differ only in which sums they
pool, and the confidence limit of a line then crosses a limit at the root of a quadratic.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from lims.science.intervals import f_survival
from lims.science.trace import operation

Months = Sequence[Sequence[float]]
Values = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Centred:
    """Means and centred sums of one lot (or of all lots together)."""

    n: int
    mean_t: float
    mean_y: float
    stt: float
    sty: float


def centred(t: Sequence[float], y: Sequence[float]) -> Centred:
    n = len(t)
    mean_t, mean_y = fsum(t) / n, fsum(y) / n
    return Centred(
        n,
        mean_t,
        mean_y,
        fsum((v - mean_t) ** 2 for v in t),
        fsum((v - mean_t) * (w - mean_y) for v, w in zip(t, y, strict=True)),
    )


@dataclass(frozen=True, slots=True)
class StabilityLine:
    """A fitted line with the precision of its mean: `var(ŷ(t)) = MS · (1/n + (t − t̄)²/Stt)`."""

    intercept: float
    slope: float
    mean_t: float
    n: int
    stt: float


@dataclass(frozen=True, slots=True)
class ModelFit:
    """One of the models; `lines` has one line per lot, or one for all lots (cics)."""

    lines: tuple[StabilityLine, ...]
    rss: float
    df: int
    one_slope: bool

    @property
    def residual_ms(self) -> float:
        return self.rss / self.df


def fit_separate(months: Months, values: Values) -> ModelFit:
    """Different intercepts, different slopes (dids)."""
    sums = [centred(t, y) for t, y in zip(months, values, strict=True)]
    lines = tuple(_line(one, one.sty / one.stt, one.stt) for one in sums)
    return _fit(lines, months, values, one_slope=False)


def fit_common_slope(months: Months, values: Values) -> ModelFit:
    """Different intercepts, one slope (dics)."""
    sums = [centred(t, y) for t, y in zip(months, values, strict=True)]
    stt = fsum(one.stt for one in sums)
    slope = fsum(one.sty for one in sums) / stt
    lines = tuple(_line(one, slope, stt) for one in sums)
    return _fit(lines, months, values, one_slope=True)


def fit_common_line(months: Months, values: Values) -> ModelFit:
    """One intercept, one slope (cics)."""
    whole = centred([t for lot in months for t in lot], [y for lot in values for y in lot])
    line = _line(whole, whole.sty / whole.stt, whole.stt)
    rss = _rss((line,) * len(months), months, values)
    return ModelFit((line,), rss, whole.n - 2, one_slope=True)


def _line(sums: Centred, slope: float, stt: float) -> StabilityLine:
    return StabilityLine(sums.mean_y - slope * sums.mean_t, slope, sums.mean_t, sums.n, stt)


def _fit(
    lines: tuple[StabilityLine, ...], months: Months, values: Values, *, one_slope: bool
) -> ModelFit:
    parameters = len(lines) + (1 if one_slope else len(lines))
    df = sum(map(len, months)) - parameters
    return ModelFit(lines, _rss(lines, months, values), df, one_slope)


def _rss(lines: Sequence[StabilityLine], months: Months, values: Values) -> float:
    return fsum(
        (w - line.intercept - line.slope * v) ** 2
        for line, t, y in zip(lines, months, values, strict=True)
        for v, w in zip(t, y, strict=True)
    )


def lot_residual_ms(line: StabilityLine, t: Sequence[float], y: Sequence[float]) -> float:
    """Residual mean square of one lot about its own line."""
    return _rss((line,), (t,), (y,)) / (line.n - 2)


_FITS = {"dids": fit_separate, "dics": fit_common_slope, "cics": fit_common_line}


@operation("least squares: dids own lines, dics one slope, cics one line")
def model(*, name: str, months: Months, values: Values) -> dict[str, object]:
    """Coefficients (intercepts, then slopes), residual sum of squares and its df."""
    return as_data(_FITS[name](months, values))


def as_data(fit: ModelFit) -> dict[str, object]:
    slopes = [line.slope for line in fit.lines]
    return {
        "coefficients": [line.intercept for line in fit.lines]
        + (slopes[:1] if fit.one_slope else slopes),
        "residual_ms": fit.residual_ms,
        "rss": fit.rss,
        "df": fit.df,
    }


@operation("F = ((RSS_reduced − RSS_full) / (lots − 1)) / MS_separate; p from F(lots − 1, df)")
def poolability(
    *, rss_reduced: float, rss_full: float, lots: int, ms_separate: float, df_separate: int
) -> dict[str, float]:
    """F test of ICH Q1E against the residual mean square of separate lines."""
    statistic = max(0.0, rss_reduced - rss_full) / (lots - 1) / ms_separate
    return {"F": statistic, "p": f_survival(statistic, lots - 1, df_separate)}


@operation("least t ≥ 0 where ŷ(t) ∓ q √(MS (1/n + (t − t̄)²/Stt)) meets the limit")
def crossing(
    *,
    intercept: float,
    slope: float,
    mean_t: float,
    n: int,
    stt: float,
    residual_ms: float,
    quantile: float,
    limit: float,
    side: str,
) -> float | None:
    """Months until the confidence limit of the mean leaves the acceptable side.

    0 when it is outside from the start; `None` when it never leaves.
    """
    sign = 1.0 if side == "lower" else -1.0
    centre = sign * (intercept + slope * mean_t - limit)
    rise = sign * slope
    spread = quantile**2 * residual_ms
    start = centre - rise * mean_t - sqrt(spread * (1 / n + mean_t**2 / stt))
    if start <= 0:
        return 0.0
    return _root(
        rise**2 - spread / stt, rise * centre, centre**2 - spread / n, mean_t, centre, rise
    )


def _root(
    a: float, half_b: float, c: float, mean_t: float, centre: float, rise: float
) -> float | None:
    """Root of a u² + 2 half_b u + c beyond u = −mean_t at which the line is still inside."""
    inside = half_b * half_b - a * c
    if inside < 0:
        return None
    # The form that adds numbers of equal sign: no digits cancel.
    w = -(half_b + sqrt(inside)) if half_b >= 0 else -half_b + sqrt(inside)
    roots = ([w / a] if a else []) + ([c / w] if w else [])
    later = [u + mean_t for u in roots if u + mean_t > 0 and centre + rise * u >= 0]
    return min(later, default=None)
