"""Quantiles and tails, by the few special functions they need.

scipy is imported on the first call, so that importing the science stays quick.
"""

from collections.abc import Callable
from math import inf

from lims.science.errors import NoAnswer

# ruff: noqa: PLC0415

Scalar = Callable[[float], float]


def gamma_quantile(shape: float, p: float) -> float:
    """X with P(Gamma(shape, 1) ≤ x) = p."""
    from scipy.special import gammaincinv

    return float(gammaincinv(shape, p))


def gamma_upper_quantile(shape: float, p: float) -> float:
    """X with P(Gamma(shape, 1) > x) = p; exact where 1 − p would lose digits."""
    from scipy.special import gammainccinv

    return float(gammainccinv(shape, p))


def chi2_tail(x: float, df: float) -> float:
    """P(χ² > x) with `df` degrees of freedom."""
    from scipy.special import chdtrc

    return float(chdtrc(df, x))


def chi2_quantile(p: float, df: float) -> float:
    """X with P(χ² ≤ x) = p."""
    return 2 * gamma_quantile(df / 2, p)


def normal_quantile(p: float) -> float:
    """X with P(Z ≤ x) = p."""
    from scipy.special import ndtri

    return float(ndtri(p))


def normal_within(confidence: float) -> float:
    """Value that |Z| stays below with the stated confidence; finite for every one below 1."""
    return -normal_quantile((1 - confidence) / 2)


def beta_quantile(p: float, a: float, b: float) -> float:
    """X with P(Beta(a, b) ≤ x) = p."""
    from scipy.special import betaincinv

    return float(betaincinv(a, b, p))


def digamma(x: float) -> float:
    """ψ(x), the derivative of ln Γ."""
    from scipy.special import psi

    return float(psi(x))


def root(function: Scalar, low: float, high: float) -> float:
    """A sign change of `function` between `low` and `high`, to the last digits of a float.

    Raises:
        NoAnswer: the function is too steep or too flat to be followed.
    """
    from scipy.optimize import brentq

    try:
        return float(brentq(function, low, high, xtol=1e-300, rtol=8.9e-16, maxiter=500))
    except RuntimeError as error:
        raise NoAnswer("No number fits these values: the search for it does not end.") from error


def gamma_share(shape: float, x: float) -> float:
    """P(Gamma(shape, 1) ≤ x), which is P(X ≥ shape) for X Poisson with mean x."""
    from scipy.special import gammainc

    return float(gammainc(shape, x))


def log_factorial(x: float) -> float:
    """Ln x!"""
    from math import lgamma

    return lgamma(x + 1)


def zero_of_falling(function: Scalar, start: float) -> float:
    """Where a falling function of a positive number passes zero, from a start on either side.

    Raises:
        NoAnswer: it does not pass zero among the numbers a float can hold.
    """
    low = _stepped(function, start, 0.5, sign=-1)
    high = _stepped(function, start, 2, sign=1)
    return root(function, low, high) if low < high else start


def _stepped(function: Scalar, start: float, factor: float, sign: int) -> float:
    """The first of start, start × factor, ... at which sign × function is no longer positive."""
    at = start
    while sign * function(at) > 0:
        at *= factor
        if not 0 < at < inf:
            raise NoAnswer("No number fits these values: they are too small or too large.")
    return at
