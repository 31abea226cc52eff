"""Weighted least squares of the four- and five-parameter logistic curve.

`y = D + (A − D) / (1 + (x/C)^B)^G`, B > 0, G = 1 with four parameters. The fit runs on
(A, D, ln B, ln C, ln G, ln RP): steepness and mid-point stay positive, and all are of a size.
Given B and C the asymptotes are a linear regression, so that a small grid finds a start from
which the optimiser needs a few steps; its derivatives are exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, sqrt
from typing import TYPE_CHECKING

from lims.science.errors import BadInputs, NoAnswer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wells:
    """Doses (≥ 0), responses, weights, and 1 for wells whose mid-point is C / RP."""

    x: "Array"
    y: "Array"
    root_weight: "Array"
    test: "Array"


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """The optimum on the working scale.

    Attributes:
        theta: A, D, ln B, ln C, then ln G and ln RP where they are fitted.
        rss: weighted residual sum of squares.
        unscaled: (JᵀJ)⁻¹, to be multiplied by s²; `None` where the wells do not determine
            every parameter.
    """

    theta: tuple[float, ...]
    rss: float
    n: int
    unscaled: tuple[tuple[float, ...], ...] | None

    @property
    def df(self) -> int:
        return self.n - len(self.theta)

    @property
    def s(self) -> float:
        """Residual standard deviation (of unit weight)."""
        return sqrt(self.rss / self.df)

    def se(self, at: int) -> float:
        """Standard error of a working parameter."""
        if self.unscaled is None:
            raise NoAnswer(UNDETERMINED)
        return self.s * sqrt(self.unscaled[at][at])


UNDETERMINED = (
    "The responses do not determine the curve: it needs both plateaus, or doses that bend "
    "towards them."
)
ASYMPTOTE_A, ASYMPTOTE_D, LN_B, LN_C = range(4)


def wells(
    x: Sequence[float],
    y: Sequence[float],
    weights: Sequence[float] | None = None,
    test: Sequence[bool] | None = None,
) -> Wells:
    """Arrays of the wells, checked.

    Raises:
        BadInputs: lengths differ, a dose is negative, or a weight is not above zero.
    """
    import numpy as np  # noqa: PLC0415

    if len(x) != len(y) or (weights is not None and len(weights) != len(x)):
        raise BadInputs("Every well needs a dose, a response and, if used, a weight.")
    if any(dose < 0 for dose in x):
        raise BadInputs("Doses must not be negative.")
    if weights is not None and any(weight <= 0 for weight in weights):
        raise BadInputs("Weights must be above zero.")
    ones = np.ones(len(x))
    return Wells(
        np.asarray(x, dtype=float),
        np.asarray(y, dtype=float),
        ones if weights is None else np.sqrt(np.asarray(weights, dtype=float)),
        0 * ones if test is None else np.asarray(test, dtype=float),
    )


def fit(data: Wells, *, asymmetric: bool = False, ratio: float | None = None) -> LogisticFit:
    """Least squares from the best starts.

    Args:
        data: the wells.
        asymmetric: fit G as well.
        ratio: start of RP, when the wells hold a test preparation too.

    Raises:
        BadInputs: too few doses or wells.
        NoAnswer: the responses do not vary, or the optimiser does not come to rest.
    """
    import numpy as np  # noqa: PLC0415

    with np.errstate(all="ignore"):
        best = _best(_Problem(data, asymmetric=asymmetric, paired=ratio is not None), ratio)
    if best is None:
        raise NoAnswer("The curve fit did not come to rest; the responses follow no such curve.")
    return best


def _best(problem: "_Problem", ratio: float | None) -> LogisticFit | None:
    """The first start if it ends well, else the lowest end of all: no higher one is preferred."""
    problem.check()
    ends: list[LogisticFit] = []
    for start in problem.starts(ratio):
        found = problem.solve(start)
        if found is None or not isfinite(found.rss):
            continue
        ends.append(found)
        if len(ends) == 1 and found.unscaled is not None:
            break
    return min(ends, key=lambda end: end.rss, default=None)


class _Problem:
    """Residuals and derivatives of one data set, doses prepared once."""

    def __init__(self, data: Wells, *, asymmetric: bool, paired: bool) -> None:
        import numpy as np  # noqa: PLC0415

        self._data, self._asymmetric, self._paired = data, asymmetric, paired
        self._zero = data.x == 0
        self._log_x = np.log(np.where(self._zero, 1.0, data.x))
        self._size = 4 + asymmetric + paired
        self._with_zero = bool(self._zero.any())

    def check(self) -> None:
        import numpy as np  # noqa: PLC0415

        doses, n = len(np.unique(self._data.x)), len(self._data.x)
        needed = 4 + self._asymmetric
        if doses < needed or n <= self._size:
            raise BadInputs(
                f"A curve of {self._size} parameters needs {needed} doses and {self._size + 1} "
                f"wells or more; there are {doses} and {n}."
            )
        spread = float(np.ptp(self._data.y))
        if spread <= 1e-12 * float(np.max(np.abs(self._data.y))):
            raise NoAnswer("The responses do not change with the dose, so there is no curve.")

    def starts(self, ratio: float | None) -> "list[Array]":
        """The three best of a grid over B and C with their regressed asymptotes."""
        import numpy as np  # noqa: PLC0415
        from scipy.special import expit  # noqa: PLC0415

        shift = 0.0 if ratio is None else log(ratio)
        log_x = self._log_x + shift * self._data.test
        seen = np.unique(log_x[~self._zero])
        width = max(float(seen[-1] - seen[0]), 1e-3)
        steep = np.array([1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0]) / width
        middle = _middles(seen)
        b, c = (grid.ravel()[:, None] for grid in np.meshgrid(steep, middle))
        share = np.where(self._zero, 1.0, expit(-b * (log_x - c)))
        level, slope, rss = _regressed(share, self._data)
        order = np.argsort(rss)[:3]
        return [
            np.array(
                [level[at] + slope[at], level[at], log(b[at, 0]), float(c[at, 0])]
                + [0.0] * self._asymmetric
                + [shift] * self._paired
            )
            for at in order
        ]

    def _shape(self, theta: "Array") -> "tuple[Array, Array, Array, float]":
        """Values z = B (ln x − ln C), share = 1/(1 + e^z), share^G, and G."""
        from scipy.special import expit  # noqa: PLC0415

        steep = exp(min(theta[LN_B], 50.0))
        shift = theta[-1] * self._data.test if self._paired else 0.0
        # Bounds on single numbers: cheaper than on arrays, and they keep 0 × ∞ away.
        z = steep * (self._log_x - min(max(theta[LN_C], -1e3), 1e3) + shift)
        if self._with_zero:
            z[self._zero] = -800.0
        share = expit(-z)
        g = exp(min(theta[4], 50.0)) if self._asymmetric else 1.0
        return z, share, share**g if self._asymmetric else share, g

    def residuals(self, theta: "Array") -> "Array":
        _, _, power, _ = self._shape(theta)
        fitted = theta[1] + (theta[0] - theta[1]) * power
        residuals: Array = self._data.root_weight * (fitted - self._data.y)
        return residuals

    def jacobian(self, theta: "Array") -> "Array":
        import numpy as np  # noqa: PLC0415

        z, share, power, g = self._shape(theta)
        range_ = theta[0] - theta[1]
        by_z = -range_ * g * power * (1.0 - share)
        steep = exp(min(theta[LN_B], 50.0))
        table = np.empty((len(z), self._size))
        table[:, 0], table[:, 1], table[:, 2] = power, 1.0 - power, by_z * z
        table[:, 3] = -steep * by_z
        if self._asymmetric:
            table[:, 4] = range_ * g * power * np.log(np.where(share > 0, share, 1.0))
        if self._paired:
            table[:, -1] = steep * by_z * self._data.test
        table *= self._data.root_weight[:, None]
        return table

    def solve(self, start: "Array") -> LogisticFit | None:
        import numpy as np  # noqa: PLC0415
        from scipy.optimize import leastsq  # noqa: PLC0415

        # leastsq is the bare MINPACK call: least_squares around it takes three times as long.
        end, _, _, _, state = leastsq(
            self.residuals,
            start,
            Dfun=self.jacobian,
            full_output=True,
            ftol=1e-14,
            xtol=1e-12,
            maxfev=500,
        )
        if not np.all(np.isfinite(end)):
            return None
        settled = state in _SETTLED
        theta = self._polished(end) if settled else end
        residuals = self.residuals(theta)
        return LogisticFit(
            tuple(float(each) for each in theta),
            float(residuals @ residuals),
            len(self._data.x),
            _inverse(self.jacobian(theta), self._data) if settled else None,
        )

    def _polished(self, theta: "Array") -> "Array":
        """Gauss-Newton steps to the rounding limit: the optimiser stops at half the digits."""
        import numpy as np  # noqa: PLC0415

        before, rest = (
            np.inf,
            _AT_REST * float(np.linalg.norm(self._data.root_weight * self._data.y)),
        )
        for _ in range(40):
            jacobian = self.jacobian(theta)
            normal = jacobian.T @ jacobian
            size = np.sqrt(normal.diagonal())
            if not np.all(size > 0):
                return theta
            try:
                gradient = jacobian.T @ self.residuals(theta) / size
                step = np.linalg.solve(normal / np.outer(size, size), gradient)
            except np.linalg.LinAlgError:
                return theta
            # How far the fitted responses move: comparable whatever the unit of a parameter.
            length = float(np.max(np.abs(step)))
            if not length < _SHRINKING * before:
                return theta
            theta, before = theta - step / size, length
            if length < rest:
                return theta
        return theta


def _middles(seen: "Array") -> "Array":
    """Mid-points worth a try: each dose and the middle of each gap, or a grid if they are many."""
    import numpy as np  # noqa: PLC0415

    if len(seen) > _MANY:
        return np.linspace(seen[0], seen[-1], 2 * _MANY)
    return np.concatenate([seen, (seen[1:] + seen[:-1]) / 2])


def _regressed(share: "Array", data: Wells) -> "tuple[Array, Array, Array]":
    """Per row of `share`, the line of y on it: level, slope, weighted residual sum of squares."""
    import numpy as np  # noqa: PLC0415

    weight = data.root_weight**2
    total = weight.sum()
    mean_s, mean_y = share @ weight / total, float(data.y @ weight / total)
    centred, y = share - mean_s[:, None], data.y - mean_y
    s_ss = np.maximum(centred**2 @ weight, 1e-300)
    s_sy = centred @ (weight * y)
    slope = s_sy / s_ss
    return mean_y - slope * mean_s, slope, y**2 @ weight - slope * s_sy


def _inverse(jacobian: "Array", data: Wells) -> tuple[tuple[float, ...], ...] | None:
    """(JᵀJ)⁻¹, or nothing where the columns do not span all parameters."""
    import numpy as np  # noqa: PLC0415

    size = np.linalg.norm(jacobian, axis=0)
    scale = float(np.linalg.norm(data.root_weight * (data.y - data.y.mean())))
    if not np.all(np.isfinite(size)) or np.any(size[2:] < _FLAT * scale) or np.any(size[:2] == 0):
        return None
    _, root = np.linalg.qr(jacobian / size)
    if np.min(np.abs(root.diagonal())) < _FLAT:
        return None
    half = np.linalg.inv(root) / size[:, None]
    inverse = half @ half.T
    return tuple(tuple(float(each) for each in row) for row in inverse)


_MANY = 12
#: A last step below which further ones only move rounding errors.
_AT_REST = 1e-14
#: Steps must shrink by this factor; far residuals make them shrink slowly, but they do.
_SHRINKING = 0.9
#: MINPACK's words for a minimum found; the others mean that it gave up.
_SETTLED = (1, 2, 3, 4)
#: Relative size at which a direction of the parameters no longer moves the curve.
_FLAT = 1e-9
