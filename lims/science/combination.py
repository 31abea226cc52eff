"""One potency out of several independent assays."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, fsum, log, sqrt

from lims.science.errors import BadInputs
from lims.science.intervals import student_t_within
from lims.science.outcome import Interval, Outcome
from lims.science.summary import geometric_mean, sd_of_logs
from lims.science.trace import operation, tracing


@operation("s = SD of ln potency")
def log_sd(*, potencies: Sequence[float]) -> float:
    return sd_of_logs(potencies)


@operation("GCV % = 100 (e^s − 1)")
def geometric_cv(*, s: float) -> float:
    return 100 * expm1(s)


@operation("CV % of a log-normal = 100 √(e^(s²) − 1)")
def lognormal_cv(*, s: float) -> float:
    return 100 * sqrt(expm1(s * s))


@operation("exp(ln mean ± t s/√n), t on n − 1 df")
def log_limits(*, centre: float, s: float, n: int, confidence: float) -> dict[str, float]:
    reach = student_t_within(confidence, n - 1) * s / sqrt(n)
    return {"lower": exp(log(centre) - reach), "upper": exp(log(centre) + reach)}


def combine_log_potencies(
    potencies: Sequence[float], confidence: float = 0.95, *, trace: bool = True
) -> Outcome:
    """Geometric mean of independent potencies, unweighted, with its t interval.

    Args:
        potencies: two or more, above zero, each from a valid assay.
        confidence: between 0 and 1.
        trace: keep the steps.

    Returns:
        The geometric mean with its interval, in the unit of the potencies; `details`:
        geometric_mean, sd_ln, gcv_percent, cv_lognormal_percent, lower, upper, n.

    Raises:
        BadInputs: fewer than two potencies, one not above zero, or a confidence outside 0 to 1.

    Source: USP <1034>, unweighted combination; USP <1033> for the GCV.
    """
    _check(potencies, confidence)
    steps = tracing(trace)
    centre = steps.step("geometric mean", "", geometric_mean, data=potencies)
    s = steps.step("SD of ln potency", "", log_sd, potencies=potencies)
    gcv = steps.step("geometric CV", "%", geometric_cv, s=s)
    cv = steps.step("log-normal CV", "%", lognormal_cv, s=s)
    limits = steps.step(
        "interval", "", log_limits, centre=centre, s=s, n=len(potencies), confidence=confidence
    )
    return Outcome(
        value=centre,
        interval=Interval(limits["lower"], limits["upper"], confidence, "t on ln potency"),
        trace=steps.steps,
        details={
            "geometric_mean": centre,
            "sd_ln": s,
            "gcv_percent": gcv,
            "cv_lognormal_percent": cv,
            **limits,
            "n": len(potencies),
        },
    )


def _check(potencies: Sequence[float], confidence: float) -> None:
    if len(potencies) < 2:  # noqa: PLR2004
        raise BadInputs("Potencies of two or more assays are needed to combine them.")
    if min(potencies) <= 0:
        raise BadInputs(f"A potency must be above zero, not {min(potencies):g}.")
    if not 0 < confidence < 1:
        raise BadInputs("The confidence must lie between 0 and 1.")


@dataclass(frozen=True, slots=True)
class Assay:
    """A potency with its own confidence limits and the residual df they rest on."""

    potency: float
    lower: float
    upper: float
    df: float
    confidence: float = 0.95

    @property
    def log_variance(self) -> float:
        """Squared half width of the log interval over t²."""
        reach = (log(self.upper) - log(self.lower)) / 2
        return (reach / student_t_within(self.confidence, self.df)) ** 2


@operation("ln mean = Σ w ln R / Σ w, w = 1/variance; χ² = Σ w (ln R − ln mean)²")
def weighted_mean(*, logs: Sequence[float], variances: Sequence[float]) -> dict[str, float]:
    weights = [1 / variance for variance in variances]
    total = fsum(weights)
    centre = fsum(w * value for w, value in zip(weights, logs, strict=True)) / total
    chi2 = fsum(w * (value - centre) ** 2 for w, value in zip(weights, logs, strict=True))
    return {"ln_mean": centre, "variance": 1 / total, "chi2": chi2}


@operation("p = P(χ²(assays − 1) > χ²)")
def homogeneity(*, chi2: float, df: int) -> float:
    from scipy.special import chdtrc  # noqa: PLC0415

    return float(chdtrc(df, chi2))


def combine_weighted(
    assays: Sequence[Assay],
    confidence: float = 0.95,
    *,
    alpha: float = 0.10,
    trace: bool = True,
) -> Outcome:
    """Weighted mean of assays whose limits are their own, if they are homogeneous.

    Args:
        assays: two or more, each with its limits.
        confidence: of the combined interval (t on the summed df).
        alpha: the potencies are heterogeneous when p of the χ² test is below it; the weighted
            mean is then not valid and the unweighted one is to be used.
        trace: keep the steps.

    Returns:
        The weighted mean; `details`: potency, lower, upper, chi2, p_homogeneity.

    Raises:
        BadInputs: fewer than two assays, or limits that do not enclose a positive potency.

    Source: Ph. Eur. 5.3, combination of assay results.
    """
    _check([assay.potency for assay in assays], confidence)
    if any(not 0 < one.lower < one.upper or one.df <= 0 for one in assays):
        raise BadInputs("Each assay needs a lower limit above zero, a higher upper limit, and df.")
    steps = tracing(trace)
    found = steps.step(
        "weighted mean",
        "",
        weighted_mean,
        logs=tuple(log(assay.potency) for assay in assays),
        variances=tuple(assay.log_variance for assay in assays),
    )
    p = steps.step("homogeneity", "", homogeneity, chi2=found["chi2"], df=len(assays) - 1)
    df = fsum(assay.df for assay in assays)
    reach = student_t_within(confidence, df) * sqrt(found["variance"])
    lower, upper = exp(found["ln_mean"] - reach), exp(found["ln_mean"] + reach)
    return Outcome(
        value=exp(found["ln_mean"]),
        interval=Interval(lower, upper, confidence, "weighted, t on summed df"),
        invalid=(_HETEROGENEOUS.format(p),) if p < alpha else (),
        trace=steps.steps,
        details={
            "potency": exp(found["ln_mean"]),
            "lower": lower,
            "upper": upper,
            "chi2": found["chi2"],
            "p_homogeneity": p,
        },
    )


_HETEROGENEOUS = "The potencies are not homogeneous (p {:.3f}); combine them without weights."
