"""The straight line by least squares, exact to the last digit of its inputs.

Sums are taken in decimal arithmetic on the digits the data show, so that offsets of any size
cost no accuracy; only the finished figures become binary floating point.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Context, Decimal, localcontext
from math import isinf

from lims.science.errors import BadInputs, NoAnswer
from lims.science.trace import operation

# Products of two 17-digit numbers over a million points, with room for their cancellation.
_EXACT = Context(prec=80)
_NIL = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """`y = intercept + slope · x` with what its uncertainty needs.

    `se_*` and `residual_sd` are `None` without residual degrees of freedom; `r_squared` and `r`
    are `None` when y does not vary.
    """

    intercept: float
    slope: float
    se_intercept: float | None
    se_slope: float | None
    r_squared: float | None
    r: float | None
    residual_sd: float | None
    rss: float
    n: int
    df: int
    mean_x: float
    mean_y: float
    sxx: float

    def at(self, x: float) -> float:
        return self.intercept + self.slope * x

    def inverse(self, y: float) -> float:
        """The x at which the line has the value y.

        Raises:
            NoAnswer: the line is flat.
        """
        if self.slope == 0:
            raise NoAnswer("A flat line has no inverse: no value can be read off it.")
        return (y - self.intercept) / self.slope


def fit_line(x: Sequence[float], y: Sequence[float], *, through_origin: bool = False) -> Line:
    """Ordinary least squares of y on x.

    Args:
        x: at least two different values (one other than 0 through the origin).
        y: as many values.
        through_origin: the intercept is fixed at 0; r² is then about 0, as in NIST's NoInt sets.

    Raises:
        BadInputs: lengths differ, or too few points.
        NoAnswer: x does not vary.
    Source: NIST/SEMATECH e-Handbook 4.4.3.1; checked against NIST StRD linear regression.
    """
    if len(x) != len(y):
        raise BadInputs(f"x has {len(x)} values and y has {len(y)}; each point needs both.")
    if len(x) < (1 if through_origin else 2):
        raise BadInputs("A line needs at least two points.")
    with localcontext(_EXACT):
        return _fit([_exact(v) for v in x], [_exact(v) for v in y], through_origin)


def _exact(value: float) -> Decimal:
    return Decimal(str(value))


def _fit(x: list[Decimal], y: list[Decimal], origin: bool) -> Line:  # noqa: FBT001
    n = len(x)
    mean_x, mean_y = (_NIL, _NIL) if origin else (sum(x, _NIL) / n, sum(y, _NIL) / n)
    sxx = sum(((v - mean_x) ** 2 for v in x), _NIL)
    syy = sum(((v - mean_y) ** 2 for v in y), _NIL)
    pairs = list(zip(x, y, strict=True))
    sxy = sum(((v - mean_x) * (w - mean_y) for v, w in pairs), _NIL)
    if sxx == 0:
        raise NoAnswer("Every x is the same, so no line can be drawn.")
    slope = sxy / sxx
    intercept = mean_y - slope * mean_x
    rss = sum(((w - intercept - slope * v) ** 2 for v, w in pairs), _NIL)
    df = n - (1 if origin else 2)
    variance = rss / df if df > 0 else None
    share = None if syy == 0 else max(_NIL, 1 - rss / syy)
    squared_lever = mean_x**2 / sxx + (_NIL if origin else 1 / Decimal(n))
    return Line(
        intercept=_finite(intercept),
        slope=_finite(slope),
        se_intercept=None if variance is None else float((variance * squared_lever).sqrt()),
        se_slope=None if variance is None else float((variance / sxx).sqrt()),
        r_squared=None if share is None else float(share),
        r=None if share is None else float(share.sqrt().copy_sign(slope)),
        residual_sd=None if variance is None else float(variance.sqrt()),
        rss=_finite(rss),
        n=n,
        df=df,
        mean_x=float(mean_x),
        mean_y=float(mean_y),
        sxx=_finite(sxx),
    )


def _finite(value: Decimal) -> float:
    number = float(value)
    if isinf(number):
        raise NoAnswer("The values are too large for a line through them to be computed.")
    return number


@operation("slope = Sxy / Sxx; intercept = ȳ − slope · x̄; s² = RSS / (n − 2)")
def line(
    *, x: Sequence[float], y: Sequence[float], through_origin: bool = False
) -> dict[str, float | None]:
    """`fit_line` as a step of a trace."""
    return asdict(fit_line(x, y, through_origin=through_origin))
