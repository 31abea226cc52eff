"""Standard curves of four or five parameters: fit, standard errors, back-calculation."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp

from lims.science.digits import shown
from lims.science.errors import BadInputs, NoAnswer
from lims.science.logistic import UNDETERMINED, fit, wells
from lims.science.outcome import Outcome, Qualifier
from lims.science.trace import Tracing, operation, tracing


class Weighting(StrEnum):
    """Weight of a well in the sum of squares."""

    EQUAL = "1"
    INVERSE = "1/y"
    INVERSE_SQUARE = "1/y^2"


def weights_of(y: Sequence[float], weighting: Weighting) -> tuple[float, ...] | None:
    """The weight of each response; `None` for equal weights.

    Raises:
        BadInputs: a response that is not above zero cannot weigh 1/y.
    """
    if weighting is Weighting.EQUAL:
        return None
    if min(y, default=0.0) <= 0:
        raise BadInputs("Weights 1/y need every response above zero.")
    power = 1 if weighting is Weighting.INVERSE else 2
    return tuple(1 / value**power for value in y)


@dataclass(frozen=True, slots=True)
class LogisticCurve:
    """`y = d + (a − d) / (1 + (x/c)^b)^g`: a at dose zero, d at infinite dose."""

    a: float
    b: float
    c: float
    d: float
    g: float = 1.0

    def back_calculate(self, y: float) -> float | None:
        """Dose of a response; `None` on or beyond an asymptote."""
        if not min(self.a, self.d) < y < max(self.a, self.d):
            return None
        ratio = (self.a - self.d) / (y - self.d)
        return float(self.c * (ratio ** (1 / self.g) - 1) ** (1 / self.b))


@operation("min Σ w (y − D − (A − D)/(1 + (x/C)^B)^G)²; se = s √diag (JᵀJ)⁻¹; s² = RSS/(n − p)")
def logistic_curve(
    *,
    x: Sequence[float],
    y: Sequence[float],
    weights: Sequence[float] | None,
    asymmetric: bool,
) -> dict[str, float]:
    """Parameters, their standard errors, RSS, s and df of a fitted curve.

    Raises:
        NoAnswer: the wells do not determine the curve.
    """
    found = fit(wells(x, y, weights), asymmetric=asymmetric)
    if found.unscaled is None:
        raise NoAnswer(UNDETERMINED)
    a, d, ln_b, ln_c, *ln_g = found.theta
    b, c = exp(ln_b), exp(ln_c)
    curve = {"A": a, "B": b, "C": c, "D": d}
    errors = {"A": found.se(0), "B": b * found.se(2), "C": c * found.se(3), "D": found.se(1)}
    if ln_g:
        curve["G"] = exp(ln_g[0])
        errors["G"] = curve["G"] * found.se(4)
    named = {f"se_{key}": value for key, value in errors.items()}
    return {**curve, **named, "rss": found.rss, "s": found.s, "df": found.df}


def fit_logistic(
    x: Sequence[float],
    y: Sequence[float],
    *,
    weights: Sequence[float] | None = None,
    asymmetric: bool = False,
    trace: bool = True,
) -> Outcome:
    """Four-parameter logistic curve (five with `asymmetric`) by weighted least squares.

    Dose zero takes the value A; it is never logarithmised. B is above zero, so A is always the
    response without dose.

    Args:
        x: dose of each well, ≥ 0; at least as many different doses as parameters of shape (4 or 5).
        y: response of each well.
        weights: above zero; equal when left out (see `weights_of`).
        asymmetric: fit the exponent G too.
        trace: keep the steps.

    Returns:
        The mid-point C (EC50 with four parameters) in the unit of x; `details`: A, B, C, D, G
        (five parameters), rss, s, df, se (per parameter).

    Raises:
        BadInputs: too few doses or wells, a negative dose, a weight not above zero.
        NoAnswer: the responses do not change, or do not determine the curve.

    Source: USP <1032>, <1034>; Ratkowsky & Reedy 1986, Biometrics 42:575.
    """
    steps = tracing(trace)
    found = _fitted(x, y, weights, steps, asymmetric=asymmetric)
    return Outcome(
        value=found["C"],
        warnings=_plateaus(x, found),
        trace=steps.steps,
        details=_named(found),
    )


def _fitted(
    x: Sequence[float],
    y: Sequence[float],
    weights: Sequence[float] | None,
    steps: Tracing,
    *,
    asymmetric: bool,
) -> dict[str, float]:
    return steps.step(
        "curve",
        "",
        logistic_curve,
        x=tuple(x),
        y=tuple(y),
        weights=None if weights is None else tuple(weights),
        asymmetric=asymmetric,
    )


def _named(found: dict[str, float]) -> dict[str, object]:
    plain: dict[str, object] = {k: v for k, v in found.items() if not k.startswith("se_")}
    return {**plain, "se": {k[3:]: v for k, v in found.items() if k.startswith("se_")}}


def _plateaus(x: Sequence[float], found: dict[str, float]) -> tuple[str, ...]:
    doses = [dose for dose in x if dose > 0]
    if min(doses) <= found["C"] <= max(doses):
        return ()
    return ("The mid-point lies outside the doses; one plateau was never seen.",)


@operation("x = C ((A − D)/(y − D))^(1/G) − 1)^(1/B)")
def dose_of(*, y: float, a: float, b: float, c: float, d: float, g: float = 1.0) -> float | None:
    """Dose of a response; `None` on or beyond an asymptote."""
    return LogisticCurve(a, b, c, d, g).back_calculate(y)


def fit_and_back_calculate(
    x: Sequence[float],
    y: Sequence[float],
    samples: Sequence[float],
    *,
    weights: Sequence[float] | None = None,
    asymmetric: bool = False,
    trace: bool = True,
) -> Outcome:
    """Curve of the standards, and the dose of each sample response.

    A response on or beyond the asymptote at dose zero is `<` the lowest standard above zero, one
    beyond the other asymptote is `>` the highest. A dose between the asymptotes but outside the
    standards is given with a warning: it is extrapolated.

    Args:
        x: dose of each standard well.
        y: its response.
        samples: responses to read off.
        weights: of the standard wells.
        asymmetric: five parameters.
        trace: keep the steps.

    Returns:
        As `fit_logistic`; the value is the dose of a single sample; `details` also has
        back_calculated, one dose or censored text per sample, in order.

    Raises:
        As `fit_logistic`.

    Source: USP <1032>, <1034>; Findlay & Dillard 2007, AAPS J 9:E260.
    """
    steps = tracing(trace)
    found = _fitted(x, y, weights, steps, asymmetric=asymmetric)
    low, high = min(dose for dose in x if dose > 0), max(x)
    read = [_read(sample, found, steps) for sample in samples]
    bounds = [
        _bound(sample, found, low, high) if dose is None else (dose, Qualifier.EQUAL)
        for sample, dose in zip(samples, read, strict=True)
    ]
    outside = [dose for dose in read if dose is not None and not low <= dose <= high]
    value, qualifier = bounds[0] if len(bounds) == 1 else (None, Qualifier.EQUAL)
    return Outcome(
        value=value,
        qualifier=qualifier,
        warnings=_plateaus(x, found) + (_EXTRAPOLATED,) * bool(outside),
        trace=steps.steps,
        details={**_named(found), "back_calculated": [_text(*bound) for bound in bounds]},
    )


_EXTRAPOLATED = "A sample lies outside the standards; its dose is extrapolated, so dilute again."


def _read(sample: float, found: dict[str, float], steps: Tracing) -> float | None:
    return steps.step(
        f"dose of {sample:g}",
        "",
        dose_of,
        y=sample,
        a=found["A"],
        b=found["B"],
        c=found["C"],
        d=found["D"],
        g=found.get("G", 1.0),
    )


def _bound(
    sample: float, found: dict[str, float], low: float, high: float
) -> tuple[float, Qualifier]:
    nearer_zero_dose = abs(sample - found["A"]) < abs(sample - found["D"])
    return (low, Qualifier.LESS) if nearer_zero_dose else (high, Qualifier.GREATER)


def _text(value: float, qualifier: Qualifier) -> float | str:
    return value if qualifier is Qualifier.EQUAL else f"{qualifier.value}{shown(value)}"
