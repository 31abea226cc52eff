"""The arithmetic of a parallel-line assay: sums of squares, F tests, Fieller's limits."""

from collections.abc import Mapping, Sequence
from math import exp, fsum, inf, sqrt

from lims.science.errors import BadInputs, NoAnswer
from lims.science.intervals import f_survival
from lims.science.trace import operation


@operation("sums of squares: preparations, common regression, non-parallelism, non-linearity, rest")
def anova(
    *,
    log_doses: Sequence[float],
    cells: Mapping[str, Sequence[Sequence[float]]],
    blocked: bool,
) -> dict[str, float]:
    """Common slope, residual mean square and the sums of squares of each test.

    Raises:
        BadInputs: no residual degrees of freedom, or an empty dose.
        NoAnswer: nothing varies.
    """
    if any(not cell for doses in cells.values() for cell in doses):
        raise BadInputs("Every dose of every preparation needs a response.")
    own = [_preparation(log_doses, doses) for doses in cells.values()]
    sxx, sxy = fsum(p["sxx"] for p in own), fsum(p["sxy"] for p in own)
    regression = sxy * sxy / sxx
    separate = fsum(p["sxy"] ** 2 / p["sxx"] for p in own)
    within = fsum(p["within"] for p in own)
    df = sum(len(cell) - 1 for doses in cells.values() for cell in doses)
    if blocked:
        within, df = _without_blocks(cells, within)
    if df < 1:
        raise BadInputs("Without replicates there is no residual error to test against.")
    largest = max(abs(y) for doses in cells.values() for cell in doses for y in cell)
    if within <= df * (1e-15 * largest) ** 2:
        raise NoAnswer("The replicates do not vary at all, so there is no error to test against.")
    if sxy == 0:
        raise NoAnswer("The responses do not change with the dose, so there is no potency.")
    slope = sxy / sxx
    return {
        "slope": slope,
        "sxx": sxx,
        "residual_ms": within / df,
        "residual_df": df,
        "regression_ss": regression,
        "nonparallelism_ss": max(0.0, separate - regression),
        "nonlinearity_ss": max(0.0, fsum(p["between"] for p in own) - separate),
        "g_unit": within / df / (slope * slope * sxx),
    }


def _preparation(x: Sequence[float], doses: Sequence[Sequence[float]]) -> dict[str, float]:
    """Sums of one preparation: about its mean, within and between its doses."""
    sizes = [len(cell) for cell in doses]
    means = [fsum(cell) / len(cell) for cell in doses]
    n = sum(sizes)
    mean_x = fsum(k * v for k, v in zip(sizes, x, strict=True)) / n
    mean_y = fsum(k * m for k, m in zip(sizes, means, strict=True)) / n
    triples = list(zip(sizes, x, means, strict=True))
    return {
        "sxx": fsum(k * (v - mean_x) ** 2 for k, v, _ in triples),
        "sxy": fsum(k * (v - mean_x) * (m - mean_y) for k, v, m in triples),
        "between": fsum(k * (m - mean_y) ** 2 for k, _, m in triples),
        "within": fsum((y - m) ** 2 for cell, m in zip(doses, means, strict=True) for y in cell),
    }


def _without_blocks(
    cells: Mapping[str, Sequence[Sequence[float]]], within: float
) -> tuple[float, int]:
    columns = [cell for doses in cells.values() for cell in doses]
    blocks = [fsum(row) / len(columns) for row in zip(*columns, strict=True)]
    grand = fsum(blocks) / len(blocks)
    between = len(columns) * fsum((block - grand) ** 2 for block in blocks)
    return max(0.0, within - between), (len(columns) - 1) * (len(blocks) - 1)


@operation("F = (SS / df) / residual MS; p from F(df, residual df)")
def f_test(*, ss: float, df: int, residual_ms: float, residual_df: float) -> dict[str, float]:
    statistic = ss / df / residual_ms
    return {"F": statistic, "p": f_survival(statistic, df, residual_df)}


@operation(
    "RP = exp(a/b − Δx̄); limits: (a/b ± (t s/|b|) √((1 − g)(1/n_T + 1/n_S) + (a/b)²/Sxx)) / (1 − g)"
)
def fieller(
    *,
    difference: float,
    shift: float,
    n_test: int,
    n_standard: int,
    slope: float,
    sxx: float,
    residual_ms: float,
    t: float,
) -> dict[str, float | None]:
    """Relative potency with Fieller limits; no limits when g ≥ 1."""
    ratio = difference / slope
    g = t * t * residual_ms / (slope * slope * sxx)
    if g >= 1:
        return {"estimate": _exp(ratio - shift), "lower": None, "upper": None, "g": g}
    spread = (1 - g) * (1 / n_test + 1 / n_standard) + ratio * ratio / sxx
    half = t * sqrt(residual_ms) / abs(slope) * sqrt(spread)
    return {
        "estimate": _exp(ratio - shift),
        "lower": _exp((ratio - half) / (1 - g) - shift),
        "upper": _exp((ratio + half) / (1 - g) - shift),
        "g": g,
    }


def _exp(value: float) -> float:
    try:
        return exp(value)
    except OverflowError:
        return inf
