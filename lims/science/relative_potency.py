"""Relative potency of two four-parameter curves: similarity first, then the ratio."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, sqrt

from lims.science.errors import BadInputs, NoAnswer
from lims.science.intervals import f_survival, student_t_within
from lims.science.logistic import UNDETERMINED, LogisticFit, fit, wells
from lims.science.outcome import Interval, Outcome
from lims.science.trace import Tracing, operation, tracing


class Similarity(StrEnum):
    """How curves are found similar; stored with the result."""

    DIFFERENCE = "difference test"
    EQUIVALENCE = "equivalence test"


@dataclass(frozen=True, slots=True)
class Preparation:
    """Dose (≥ 0) and response of each well, and weights where the method weighs."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class SimilarityRule:
    """Attributes: approach; alpha of the difference test; limits and confidence of equivalence."""

    approach: Similarity = Similarity.DIFFERENCE
    alpha: float = 0.05
    lower: float = 0.80
    upper: float = 1.25
    confidence: float = 0.90


SIMILAR = SimilarityRule()


def relative_potency_4pl(
    reference: Preparation,
    test: Preparation,
    *,
    rule: SimilarityRule = SIMILAR,
    confidence: float = 0.95,
    trace: bool = True,
) -> Outcome:
    """Potency of a test preparation relative to a reference, by four-parameter curves.

    Constrained fit: both share A, B and D, and C_test = C_reference / RP. Wald interval of
    ln RP with t on n − 5 df. Free fit: a curve each. The difference test compares the two,
    `F = ((RSS_c − RSS_f)/3) / (RSS_f/(n − 8))`; the equivalence test asks that the intervals of
    the ratios of B, A and D lie within limits. Without similarity there is no potency, though
    the arithmetic is shown.

    Args:
        reference: wells of the standard.
        test: wells of the sample; multiply by its pre-dilution afterwards.
        rule: approach to similarity with its limits.
        confidence: of the interval of RP.
        trace: keep the steps.

    Returns:
        RP with its interval; `details`: A, B, C_reference, D, relative_potency, lower95 and
        upper95 (at `confidence`), se_ln_rp, rss_constrained, rss_free, F_parallelism,
        p_parallelism, df, ratios (estimate, lower, upper of B, A, D; test over reference).

    Raises:
        BadInputs: too few doses or wells, or a negative dose.
        NoAnswer: the responses do not determine the common curve, or fit it without any error.

    Source: USP <1032>, <1034>; Ph. Eur. 5.3; Gottschalk & Dunn 2005, J Biopharm Stat 15:437.
    """
    if not 0 < confidence < 1 or not 0 < rule.confidence < 1:
        raise BadInputs("The confidence must lie between 0 and 1.")
    if (reference.weights is None) != (test.weights is None):
        raise BadInputs("Either both preparations have weights or none.")
    steps = tracing(trace)
    free = _free(reference, test, steps)
    common = _constrained(reference, test, exp(free["ln_ratio"]), steps)
    parallel = _parallelism(common, free, len(reference.x) + len(test.x), steps)
    reach = student_t_within(confidence, common["df"]) * common["se_ln_rp"]
    ratio, lower, upper = (exp(common["ln_rp"] + shift) for shift in (0.0, -reach, reach))
    ratios = _ratios(free, rule.confidence, steps)
    return Outcome(
        value=ratio,
        interval=Interval(lower, upper, confidence, "Wald on ln RP"),
        invalid=_dissimilar(parallel["p"], ratios, rule),
        warnings=() if free["determined"] else (_LOOSE,),
        trace=steps.steps,
        details={
            "A": common["A"],
            "B": common["B"],
            "C_reference": common["C"],
            "D": common["D"],
            "relative_potency": ratio,
            "lower95": lower,
            "upper95": upper,
            "se_ln_rp": common["se_ln_rp"],
            "rss_constrained": common["rss"],
            "rss_free": free["rss"],
            "F_parallelism": parallel["F"],
            "p_parallelism": parallel["p"],
            "df": [3, int(free["df"])],
            "similarity": rule.approach.value,
            "ratios": ratios,
        },
    )


_LOOSE = "A preparation alone does not determine its curve; similarity rests on the fit it has."


def _free(reference: Preparation, test: Preparation, steps: Tracing) -> dict[str, float]:
    return steps.step(
        "free curves",
        "",
        free_curves,
        reference_x=reference.x,
        reference_y=reference.y,
        reference_weights=reference.weights,
        test_x=test.x,
        test_y=test.y,
        test_weights=test.weights,
    )


@operation("a four-parameter curve for each preparation: RSS_free = RSS_reference + RSS_test")
def free_curves(
    *,
    reference_x: Sequence[float],
    reference_y: Sequence[float],
    reference_weights: Sequence[float] | None,
    test_x: Sequence[float],
    test_y: Sequence[float],
    test_weights: Sequence[float] | None,
) -> dict[str, float]:
    """Summed RSS, its df, ln of the ratio of mid-points, and each curve for its ratios."""
    one = fit(wells(reference_x, reference_y, reference_weights))
    other = fit(wells(test_x, test_y, test_weights))
    found = {
        "rss": one.rss + other.rss,
        "df": one.df + other.df,
        "ln_ratio": _bounded(one.theta[3] - other.theta[3]),
        "determined": float(one.unscaled is not None and other.unscaled is not None),
    }
    for name, own in (("reference", one), ("test", other)):
        found |= _curve(name, own)
    return found


def _bounded(shift: float) -> float:
    """A start for ln RP: an undetermined curve may put its mid-point anywhere."""
    return min(max(shift, -20.0), 20.0)


def _curve(name: str, found: LogisticFit) -> dict[str, float]:
    """A, D and ln B with the square roots of their unscaled variances (0 if undetermined)."""
    keys = (("A", 0), ("D", 1), ("lnB", 2))
    own = {f"{name}_{key}": found.theta[at] for key, at in keys}
    if found.unscaled is None:
        return own
    return own | {f"{name}_root_{key}": sqrt(found.unscaled[at][at]) for key, at in keys}


def _constrained(
    reference: Preparation, test: Preparation, ratio: float, steps: Tracing
) -> dict[str, float]:
    weights = None
    if reference.weights is not None and test.weights is not None:
        weights = reference.weights + test.weights
    return steps.step(
        "common curve",
        "",
        common_curve,
        x=reference.x + test.x,
        y=reference.y + test.y,
        weights=weights,
        test=(False,) * len(reference.x) + (True,) * len(test.x),
        start=ratio,
    )


@operation("min Σ w (y − D − (A − D)/(1 + (x/C)^B))², C_test = C / RP; se from s² (JᵀJ)⁻¹")
def common_curve(
    *,
    x: Sequence[float],
    y: Sequence[float],
    weights: Sequence[float] | None,
    test: Sequence[bool],
    start: float,
) -> dict[str, float]:
    """Shared A, B, C, D and ln RP with its standard error.

    Raises:
        NoAnswer: the wells do not determine them.
    """
    found = fit(wells(x, y, weights, test), ratio=start)
    if found.unscaled is None:
        raise NoAnswer(UNDETERMINED)
    a, d, ln_b, ln_c, ln_rp = found.theta
    return {
        "A": a,
        "B": exp(ln_b),
        "C": exp(ln_c),
        "D": d,
        "ln_rp": ln_rp,
        "se_ln_rp": found.se(4),
        "rss": found.rss,
        "df": found.df,
    }


@operation("F = ((RSS_c − RSS_f)/3) / (RSS_f/(n − 8)); p from F(3, n − 8)")
def parallelism_test(*, rss_constrained: float, rss_free: float, df: float) -> dict[str, float]:
    statistic = max(0.0, rss_constrained - rss_free) / 3 / (rss_free / df)
    return {"F": statistic, "p": f_survival(statistic, 3, df)}


def _parallelism(
    common: dict[str, float], free: dict[str, float], n: int, steps: Tracing
) -> dict[str, float]:
    scale = max(abs(free["reference_A"]), abs(free["reference_D"]))
    if free["rss"] <= n * (1e-13 * scale) ** 2:
        raise NoAnswer("The responses lie on their curves without any error to test against.")
    return steps.step(
        "parallelism",
        "",
        parallelism_test,
        rss_constrained=common["rss"],
        rss_free=free["rss"],
        df=free["df"],
    )


@operation("ln ratio ± t √(se²_test + se²_reference), exponentiated; se from the pooled error")
def shape_ratio(
    *, ln_ratio: float, root_test: float, root_reference: float, s: float, t: float
) -> dict[str, float]:
    reach = t * s * sqrt(root_test**2 + root_reference**2)
    return {
        "estimate": exp(ln_ratio),
        "lower": exp(max(ln_ratio - reach, -700.0)),
        "upper": exp(min(ln_ratio + reach, 700.0)),
    }


def _ratios(
    free: dict[str, float], confidence: float, steps: Tracing
) -> dict[str, dict[str, float] | None]:
    """Test over reference for B, A and D; `None` where a curve is loose or not above zero."""
    if not free["determined"]:
        return {"B": None, "A": None, "D": None}
    s = sqrt(free["rss"] / free["df"])
    t = student_t_within(confidence, free["df"])
    found: dict[str, dict[str, float] | None] = {
        "B": steps.step(
            "ratio of B",
            "",
            shape_ratio,
            ln_ratio=free["test_lnB"] - free["reference_lnB"],
            root_test=free["test_root_lnB"],
            root_reference=free["reference_root_lnB"],
            s=s,
            t=t,
        )
    }
    for key in ("A", "D"):
        one, other = free[f"test_{key}"], free[f"reference_{key}"]
        found[key] = None
        if one > 0 and other > 0:
            found[key] = steps.step(
                f"ratio of {key}",
                "",
                shape_ratio,
                ln_ratio=log(one / other),
                root_test=free[f"test_root_{key}"] / one,
                root_reference=free[f"reference_root_{key}"] / other,
                s=s,
                t=t,
            )
    return found


def _dissimilar(
    p: float, ratios: dict[str, dict[str, float] | None], rule: SimilarityRule
) -> tuple[str, ...]:
    if rule.approach is Similarity.DIFFERENCE:
        if p >= rule.alpha:
            return ()
        return (f"The curves are not parallel (p {p:.3f}): there is no relative potency.",)
    return tuple(
        f"Similarity in {key} is not shown within {rule.lower:g} to {rule.upper:g}: "
        "there is no relative potency."
        for key, ratio in ratios.items()
        if ratio is None or ratio["lower"] < rule.lower or ratio["upper"] > rule.upper
    )
