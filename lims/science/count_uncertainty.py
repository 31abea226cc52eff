"""How sure a colony count is: exact Poisson, negative binomial, ISO 19036, dispersion tests.

Counting error is not the whole uncertainty of a plate count; reports show an interval, a
certificate normally does not.
"""

from collections.abc import Sequence
from math import exp, inf, log1p, log10, sqrt

from lims.science.distributions import (
    chi2_tail,
    digamma,
    gamma_quantile,
    gamma_upper_quantile,
    normal_within,
    root,
)
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Interval, Outcome
from lims.science.rounding import exact, to_places
from lims.science.trace import SILENT, Tracing, operation, tracing

CONFIDENCE = 0.95
COVERAGE_FACTOR = 2.0  # ISO 19036: k = 2 for about 95 %
UNCERTAINTY_PLACES = 2
POISSON = "exact Poisson"
FEW_PLATES = 10  # below it the negative binomial interval holds the mean too rarely

_MANY_K = 1e8  # beyond it the negative binomial cannot be told from Poisson


@operation("lower = χ²(α/2; 2S)/2")
def poisson_lower(count: int, confidence: float) -> float:
    """Exact lower limit of a Poisson mean; 0 for no colonies."""
    return 0.0 if count == 0 else gamma_quantile(count, (1 - confidence) / 2)


@operation("upper = χ²(1 − α/2; 2S + 2)/2")
def poisson_upper(count: int, confidence: float) -> float:
    """Exact upper limit of a Poisson mean."""
    return gamma_upper_quantile(count + 1, (1 - confidence) / 2)


def poisson_interval(
    count: int, confidence: float = CONFIDENCE, steps: Tracing | None = None
) -> Interval:
    """Exact (Garwood) limits of the mean of a Poisson count.

    Args:
        count: colonies, the sum over plates.
        confidence: two-sided, such as 0.95.
        steps: records the two limits.

    Source: Garwood 1936, Biometrika 28:437.
    """
    lower, upper = poisson_limits(count, confidence, steps or SILENT)
    return Interval(lower, upper, confidence, POISSON)


def poisson_limits(count: int, confidence: float, steps: Tracing) -> tuple[float, float]:
    """The two limits of `poisson_interval`, each a step."""
    if count < 0:
        raise BadInputs(f"A count cannot be negative, but is {count}.")
    lower = steps.step(
        "Poisson lower", "colonies", poisson_lower, count=count, confidence=confidence
    )
    upper = steps.step(
        "Poisson upper", "colonies", poisson_upper, count=count, confidence=confidence
    )
    return lower, upper


@operation("mean = ΣC/n")
def mean_count(counts: Sequence[int]) -> float:
    return sum(counts) / len(counts)


@operation("D² = Σ(C − mean)²/mean")
def dispersion(counts: Sequence[int]) -> float:
    """Fisher's index of dispersion; 0 when no plate bears a colony."""
    mean = mean_count(counts)
    return sum((count - mean) ** 2 for count in counts) / mean if mean else 0.0


@operation("p = P(χ² > x; df)")
def chi2_p(x: float, df: int) -> float:
    return chi2_tail(x, df)


def index_of_dispersion(counts: Sequence[int], *, trace: bool = True) -> Outcome:
    """Whether replicate plates of one dilution vary more than Poisson allows.

    Args:
        counts: colonies on replicate plates of one dilution and volume, at least two.
        trace: keep the steps.

    Returns:
        D² with n − 1 degrees of freedom; in `details`: mean, D2, df, p, variance_to_mean. A small
        p means clumps, chains or unequal plating.

    Source: Fisher, Thornton & Mackenzie 1922, Ann Appl Biol 9:325.
    """
    _check_counts(counts, 2)
    steps = tracing(trace)
    mean = steps.step("mean", "colonies", mean_count, counts=tuple(counts))
    d2 = steps.step("index of dispersion", "", dispersion, counts=tuple(counts))
    df = len(counts) - 1
    p = steps.step("p", "", chi2_p, x=d2, df=df)
    ratio = d2 / df
    return Outcome(
        d2,
        trace=steps.steps,
        details={"mean": mean, "D2": d2, "df": df, "p": p, "variance_to_mean": ratio},
    )


# --- negative binomial -----------------------------------------------------------------------


@operation("k solves Σ[ψ(C + k) − ψ(k)] = n ln(1 + mean/k)")
def dispersion_parameter(counts: Sequence[int]) -> float:
    """Maximum likelihood k of Var = μ + μ²/k; infinite when counts are not over-dispersed.

    Small k means strong clumping. A finite maximum exists only when the variance (over n)
    exceeds the mean.
    """
    mean = mean_count(counts)
    if sum((count - mean) ** 2 for count in counts) / len(counts) <= mean:
        return inf
    return _solved_k(counts, mean)


def _solved_k(counts: Sequence[int], mean: float) -> float:
    def score(k: float) -> float:
        gained = sum(digamma(count + k) for count in counts) - len(counts) * digamma(k)
        return gained - len(counts) * log1p(mean / k)

    low, high = mean, mean
    while score(low) <= 0 and low > 1 / _MANY_K:
        low /= 2
    while score(high) >= 0 and high < _MANY_K:
        high *= 2
    return root(score, low, high) if high < _MANY_K else inf


@operation("SE(ln mean) = √((1/mean + 1/k)/n)")
def log_mean_error(mean: float, k: float, n: int) -> float:
    return sqrt((1 / mean + 1 / k) / n)


@operation("mean × e^(z SE)")
def scaled(mean: float, z: float, se: float) -> float:
    return mean * exp(z * se)


def negative_binomial_interval(
    counts: Sequence[int], confidence: float = CONFIDENCE, *, trace: bool = True
) -> Outcome:
    """Mean of over-dispersed replicate counts, with a Wald interval on its logarithm.

    Args:
        counts: colonies on replicate plates, at least two, not all zero.
        confidence: two-sided.
        trace: keep the steps.

    Returns:
        The mean; `details["k"]` is the dispersion parameter, infinite (with a warning) when the
        counts are not over-dispersed, where the interval is that of a Poisson mean. With fewer
        than ten plates a warning says that the interval is too narrow.

    Raises:
        NoAnswer: no colonies at all.

    Source: Lawless 1987, Can J Stat 15:209 (negative binomial regression, NB2).
    """
    _check_counts(counts, 2)
    if not any(counts):
        raise NoAnswer("Without any colony a negative binomial interval does not exist.")
    steps = tracing(trace)
    mean = steps.step("mean", "colonies", mean_count, counts=tuple(counts))
    k = steps.step("dispersion parameter", "", dispersion_parameter, counts=tuple(counts))
    se = steps.step("standard error", "", log_mean_error, mean=mean, k=k, n=len(counts))
    z = normal_within(confidence)
    lower = steps.step("lower limit", "colonies", scaled, mean=mean, z=-z, se=se)
    upper = steps.step("upper limit", "colonies", scaled, mean=mean, z=z, se=se)
    return Outcome(
        mean,
        unit="colonies",
        interval=Interval(lower, upper, confidence, "negative binomial, Wald on ln"),
        warnings=_interval_warnings(k, len(counts)),
        trace=steps.steps,
        details={"k": k},
    )


def _interval_warnings(k: float, n: int) -> tuple[str, ...]:
    if k == inf:
        return (_NOT_OVER_DISPERSED,)
    return (_FEW.format(n),) if n < FEW_PLATES else ()


_FEW = "With {} plates this interval is too narrow: the dispersion rests on them alone."
_NOT_OVER_DISPERSED = "The counts are not over-dispersed: the interval is that of a Poisson mean."


# --- ISO 19036 -------------------------------------------------------------------------------


@operation("U = k √(s_R² + (log10 e)²/ΣC)")
def expanded_u(sum_counts: int, s_r: float, k: float) -> float:
    """(log10 e)² is the 0.1886 of the standard."""
    return k * sqrt(s_r**2 + log10(exp(1)) ** 2 / sum_counts)


def expanded_uncertainty(
    sum_counts: int,
    s_r: float,
    log10_result: float,
    k: float = COVERAGE_FACTOR,
    *,
    trace: bool = True,
) -> Outcome:
    """Expanded uncertainty of a log10 count: the laboratory's reproducibility and the counting.

    Args:
        sum_counts: colonies on all plates used.
        s_r: the laboratory's reproducibility standard deviation, log10.
        log10_result: the result, log10 CFU per unit.
        k: coverage factor.
        trace: keep the steps.

    Returns:
        U in log10; the interval is the result ± U; `details["U_reported"]` has two decimals.

    Raises:
        NoAnswer: no colonies, so that the counting part has no value.

    Source: ISO 19036:2019; ISO/TS 19036:2006/Amd 1:2009.
    """
    if sum_counts < 0 or s_r < 0 or k <= 0:
        raise BadInputs("Counts and s_R must not be negative, and k must be above zero.")
    if sum_counts == 0:
        raise NoAnswer("Without any colony the uncertainty of a log10 count does not exist.")
    steps = tracing(trace)
    u = steps.step("expanded uncertainty", "log10", expanded_u, sum_counts=sum_counts, s_r=s_r, k=k)
    confidence = 0.95
    return Outcome(
        u,
        unit="log10",
        interval=Interval(log10_result - u, log10_result + u, confidence, "ISO 19036"),
        trace=steps.steps,
        details={"U_reported": to_places(exact(u), UNCERTAINTY_PLACES)},
    )


def _check_counts(counts: Sequence[int], least: int) -> None:
    if len(counts) < least:
        raise BadInputs(f"At least {least} counts are needed, not {len(counts)}.")
    if min(counts) < 0:
        raise BadInputs(f"A count cannot be negative, but is {min(counts)}.")
