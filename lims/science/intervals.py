"""Tolerance factors, and confidence and prediction intervals of a normal mean."""

from collections.abc import Sequence
from math import isfinite, sqrt

from lims.science.distributions import normal_quantile
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Interval, Outcome
from lims.science.summary import mean, sd
from lims.science.trace import operation, tracing


def student_t(probability: float, df: float) -> float:
    """Quantile of Student's t."""
    # scipy.special instead of scipy.stats: a tenth of the loading time and of each call.
    from scipy.special import stdtrit  # noqa: PLC0415

    return float(stdtrit(df, probability))


def student_t_beyond(tail: float, df: float) -> float:
    """Value that Student's t exceeds with the probability `tail`; keeps the digits of small tails.

    Raises:
        NoAnswer: the tail is too small for a number.

    """
    found = -student_t(tail, df)
    if not isfinite(found):
        raise NoAnswer(f"A tail probability of {tail:g} is too small to be computed with.")
    return found


def student_t_within(confidence: float, df: float) -> float:
    """Value that |t| stays below with the stated confidence.

    Raises:
        NoAnswer: the confidence is too close to 1.

    """
    return student_t_beyond((1 - confidence) / 2, df)


def f_survival(statistic: float, dfn: float, dfd: float) -> float:
    """Probability that F exceeds the statistic."""
    from scipy.special import fdtrc  # noqa: PLC0415

    return float(fdtrc(dfn, dfd, statistic))


def one_sided_tolerance_factor(
    n: int, coverage: float, confidence: float, *, trace: bool = True
) -> Outcome:
    """Factor k such that x̄ − k s lies below the stated share of a normal population.

    Args:
        n: size of the sample, at least 2.
        coverage: share of the population, between 0 and 1.
        confidence: between 0 and 1.
        trace: keep the steps.

    Raises:
        BadInputs: n below 2 or beyond 1e9, or a share outside 0 to 1.
        NoAnswer: the factor cannot be computed for so extreme a request.

    Source: Natrella 1963, NBS Handbook 91, 2-15; NIST/SEMATECH e-Handbook 7.2.6.3.
    """
    _check(n, coverage, confidence)
    steps = tracing(trace)
    k = steps.step("factor", "", noncentral_factor, n=n, coverage=coverage, confidence=confidence)
    return Outcome(value=k, trace=steps.steps, details={"k": k})


def _check(n: int, *shares: float) -> None:
    if n < 2:  # noqa: PLR2004
        raise BadInputs(f"A tolerance factor needs a sample of at least 2, not {n}.")
    if n > _LARGEST_SAMPLE:
        raise BadInputs(f"A tolerance factor is for samples of at most {_LARGEST_SAMPLE} values.")
    if any(not 0 < share < 1 for share in shares):
        raise BadInputs("Coverage and confidence must lie between 0 and 1.")


_LARGEST_SAMPLE = 10**9  # beyond it the factor is the normal quantile itself


@operation("k = t(confidence; n − 1, δ = z·√n) / √n, t noncentral, z the normal quantile")
def noncentral_factor(*, n: int, coverage: float, confidence: float) -> float:
    from scipy.stats import nct  # noqa: PLC0415 -- slow to load, used here only

    delta = normal_quantile(coverage) * sqrt(n)
    k = float(nct.ppf(confidence, n - 1, delta)) / sqrt(n)
    if not isfinite(k):
        raise NoAnswer("The tolerance factor cannot be computed for so extreme a request.")
    return k


def two_sided_tolerance_factor(
    n: int, coverage: float, confidence: float, *, trace: bool = True
) -> Outcome:
    """Factor k such that x̄ ± k s holds the stated share of a normal population.

    Exact, by integration over the distribution of the mean.

    Args:
        n: size of the sample, at least 2.
        coverage: share of the population, between 0 and 1.
        confidence: between 0 and 1.
        trace: keep the steps.

    Raises:
        BadInputs: n below 2, or a share outside 0 to 1.
        NoAnswer: the factor cannot be computed for so extreme a request.

    Source: ISO 16269-6; Krishnamoorthy & Mathew 2009, Statistical Tolerance Regions.
    """
    _check(n, coverage, confidence)
    steps = tracing(trace)
    k = steps.step("factor", "", central_factor, n=n, coverage=coverage, confidence=confidence)
    return Outcome(value=k, trace=steps.steps, details={"k": k})


@operation("k solves ∫ P(χ²(n−1) > (n−1) χ²(coverage; 1, z²) / k²) φ(z√n) √n dz = confidence")
def central_factor(*, n: int, coverage: float, confidence: float) -> float:
    import numpy as np  # noqa: PLC0415
    from scipy.optimize import brentq  # noqa: PLC0415
    from scipy.special import chdtrc, chndtrix  # noqa: PLC0415

    # Gauss-Legendre over eight standard errors of the mean, by symmetry on one side.
    nodes, weights = np.polynomial.legendre.leggauss(120)
    u = 4.0 * (nodes + 1.0)
    density = 4.0 * weights * 2.0 * np.exp(-(u**2) / 2.0) / sqrt(2.0 * np.pi)
    needed = chndtrix(coverage, 1, u**2 / n) * (n - 1)

    def excess(k: float) -> float:
        return float(np.dot(density, chdtrc(n - 1, needed / k**2))) - confidence

    high = 1.0
    while excess(high) < 0:
        high *= 2
        if high > 1e9:  # noqa: PLR2004
            raise NoAnswer("The tolerance factor cannot be computed for so extreme a request.")
    return float(brentq(excess, 1e-9, high, xtol=1e-13, rtol=1e-13))


def mean_interval(
    data: Sequence[float], confidence: float = 0.95, *, trace: bool = True
) -> Outcome:
    """Mean with its two-sided t interval, in the unit of the data.

    Args:
        data: at least two values.
        confidence: between 0 and 1.
        trace: keep the steps.

    Raises:
        BadInputs: fewer than two values, or a confidence outside 0 to 1.

    Source: NIST/SEMATECH e-Handbook 1.3.5.2.
    """
    return _around_mean(data, confidence, 1 / max(len(data), 1), "t interval of the mean", trace)


def prediction_interval(
    data: Sequence[float], confidence: float = 0.95, *, trace: bool = True
) -> Outcome:
    """Mean with the two-sided interval that holds the next single value.

    Args:
        data: at least two values.
        confidence: between 0 and 1.
        trace: keep the steps.

    Raises:
        BadInputs: fewer than two values, or a confidence outside 0 to 1.

    Source: Hahn & Meeker 1991, Statistical Intervals.
    """
    share = 1 + 1 / max(len(data), 1)
    return _around_mean(data, confidence, share, "prediction interval", trace)


def _around_mean(
    data: Sequence[float],
    confidence: float,
    share: float,
    kind: str,
    trace: bool,  # noqa: FBT001 -- the callers' own flag, passed through
) -> Outcome:
    if not 0 < confidence < 1:
        raise BadInputs("The confidence must lie between 0 and 1.")
    steps = tracing(trace)
    centre = steps.step("mean", "", mean, data=data)
    spread = steps.step("standard deviation", "", sd, data=data)
    half = steps.step(
        "half width", "", half_width, sd=spread, n=len(data), confidence=confidence, share=share
    )
    return Outcome(
        value=centre,
        interval=Interval(centre - half, centre + half, confidence, kind),
        trace=steps.steps,
        details={"mean": centre, "sd": spread, "lower": centre - half, "upper": centre + half},
    )


@operation("half width = t((1 + confidence)/2; n − 1) · s · √share")
def half_width(*, sd: float, n: int, confidence: float, share: float) -> float:
    return student_t_within(confidence, n - 1) * sd * sqrt(share)
