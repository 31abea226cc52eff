"""Nonlinear least squares of a formula given as text, from several starts."""

from collections.abc import Sequence
from math import isfinite, sqrt
from typing import TYPE_CHECKING

from lims.science.errors import BadInputs, NoAnswer
from lims.science.formula import Formula
from lims.science.outcome import Outcome
from lims.science.trace import operation, tracing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MAX_STARTS = 20


def nls_fit(
    model: str,
    parameters: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    starts: Sequence[Sequence[float]],
    *,
    trace: bool = True,
) -> Outcome:
    """Least squares of `y = model(x; parameters)`, the best of all starts.

    Derivatives are exact. A start from which the fit runs away, or comes to rest where the
    parameters are not determined, is passed over.

    Args:
        model: right-hand side with the variable x, as `Formula` reads it.
        parameters: names in the order of the starts.
        x: one per point.
        y: more points than parameters.
        starts: one or more lists of first values.
        trace: keep the steps.

    Returns:
        The residual sum of squares; `details`: each parameter by its name, rss, se (list in the
        order of the parameters), residual_sd, df.

    Raises:
        BadInputs: a model that cannot be read, or lists of wrong length.
        NoAnswer: no start leads to a minimum that determines the parameters.

    Source: Moré 1978 (MINPACK); checked against NIST StRD nonlinear regression.
    """
    _check(model, parameters, x, y, starts)
    steps = tracing(trace)
    found = steps.step(
        "fit",
        "",
        fitted,
        model=model,
        parameters=tuple(parameters),
        x=tuple(x),
        y=tuple(y),
        starts=tuple(tuple(start) for start in starts),
    )
    values, errors, rss = found["values"], found["se"], found["rss"]
    assert isinstance(values, list)  # noqa: S101 -- fitted wrote it
    assert isinstance(rss, float)  # noqa: S101
    df = len(x) - len(parameters)
    return Outcome(
        value=rss,
        trace=steps.steps,
        details={
            **dict(zip(parameters, values, strict=True)),
            "rss": rss,
            "se": errors,
            "residual_sd": sqrt(rss / df),
            "df": df,
        },
    )


def _check(
    model: str,
    parameters: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    starts: Sequence[Sequence[float]],
) -> None:
    missing = set(parameters) - Formula(model, parameters).used
    if missing or not parameters:
        raise BadInputs(f"The model “{model}” must name its parameters {', '.join(parameters)}.")
    if len(x) != len(y) or len(x) <= len(parameters):
        raise BadInputs("There must be as many x as y, and more of them than parameters.")
    if not 1 <= len(starts) <= MAX_STARTS or any(len(s) != len(parameters) for s in starts):
        raise BadInputs(f"1 to {MAX_STARTS} starts are needed, each with one value per parameter.")


@operation("min Σ (y − model)²; se = s √diag (JᵀJ)⁻¹, s² = RSS/(n − p)")
def fitted(
    *,
    model: str,
    parameters: Sequence[str],
    x: Sequence[float],
    y: Sequence[float],
    starts: Sequence[Sequence[float]],
) -> dict[str, object]:
    """Values and standard errors in the order of the parameters, and the RSS.

    Raises:
        NoAnswer: no start leads to a minimum that determines the parameters.
    """
    import numpy as np  # noqa: PLC0415

    problem = _Problem(Formula(model, parameters), tuple(parameters), x, y)
    with np.errstate(all="ignore"):
        tried = [problem.solve(np.asarray(start, float)) for start in starts]
    ends = [end for end in tried if end is not None and isfinite(end[1])]
    if not ends:
        raise NoAnswer("From none of the starts did the fit come to rest at a clear minimum.")
    theta, rss, unscaled = min(ends, key=lambda end: end[1])
    variance = rss / (len(x) - len(parameters))
    return {
        "values": [float(each) for each in theta],
        "se": [sqrt(variance * float(each)) for each in unscaled],
        "rss": rss,
    }


class _Problem:
    def __init__(
        self, formula: Formula, names: tuple[str, ...], x: Sequence[float], y: Sequence[float]
    ) -> None:
        import numpy as np  # noqa: PLC0415

        self._formula, self._names, self._x = formula, names, x
        self._y = np.asarray(y, dtype=float)

    def residuals(self, theta: "Array") -> "Array":
        import numpy as np  # noqa: PLC0415

        found = self._formula.evaluate(dict(zip(self._names, theta, strict=True)), self._x)
        # Where the formula has no value, a wall keeps the optimiser out.
        gap: Array = np.nan_to_num(found.value - self._y, nan=_WALL, posinf=_WALL, neginf=-_WALL)
        return gap

    def jacobian(self, theta: "Array") -> "Array":
        import numpy as np  # noqa: PLC0415

        found = self._formula.evaluate(dict(zip(self._names, theta, strict=True)), self._x)
        table = np.stack([found.by[name] for name in self._names], axis=1)
        finite: Array = np.nan_to_num(table, nan=0.0, posinf=_WALL, neginf=-_WALL)
        return finite

    def solve(self, start: "Array") -> "tuple[Array, float, Array] | None":
        """Parameters, RSS and diagonal of (JᵀJ)⁻¹, or nothing."""
        import numpy as np  # noqa: PLC0415
        from scipy.optimize import least_squares  # noqa: PLC0415

        found = least_squares(
            self.residuals,
            start,
            jac=self.jacobian,
            method="lm",
            x_scale="jac",
            ftol=1e-15,
            xtol=1e-15,
            gtol=1e-15,
            max_nfev=5000,
        )
        if found.status <= 0 or not np.all(np.isfinite(found.x)):
            return None
        return self._finished(np.asarray(found.x))

    def _finished(self, theta: "Array") -> "tuple[Array, float, Array] | None":
        """Gauss-Newton steps to the rounding limit, then the curvature at the end."""
        import numpy as np  # noqa: PLC0415

        before = np.inf
        while True:
            jacobian, residuals = self.jacobian(theta), self.residuals(theta)
            size = np.linalg.norm(jacobian, axis=0)
            if not np.all(np.isfinite(size)) or not np.all(size > 0):
                return None
            q, r = np.linalg.qr(jacobian / size)
            if np.min(np.abs(np.diagonal(r))) < _FLAT:
                return None
            step = -np.linalg.solve(r, q.T @ residuals) / size
            length = float(np.max(np.abs(step * size)))
            if not length < before / 2:
                inverse = np.linalg.inv(r)
                return theta, float(residuals @ residuals), np.sum(inverse**2, axis=1) / size**2
            theta, before = theta + step, length


_WALL = 1e100
#: Relative size of the smallest pivot below which a direction is not determined.
_FLAT = 1e-12
