"""Repeatability and intermediate precision of a method from a balanced or unbalanced design."""

from collections.abc import Sequence
from math import fsum, sqrt

from lims.science.errors import BadInputs
from lims.science.outcome import Outcome
from lims.science.trace import operation, tracing


def intermediate_precision(groups: Sequence[Sequence[float]], *, trace: bool = True) -> Outcome:
    """Repeatability and intermediate precision SD by one-way analysis of variance.

    Args:
        groups: the values of each run or day; at least two groups, one of them with replicates.
        trace: keep the steps.

    Returns:
        The intermediate precision SD in the unit of the data; `details`: mean,
        repeatability_sd, between_sd (0 where its estimate is negative), ms_between, ms_within.

    Raises:
        BadInputs: fewer than two groups, an empty group, or no replicates at all.

    Source: ISO 5725-2; ICH Q2(R2).
    """
    _check(groups)
    steps = tracing(trace)
    found = steps.step("components", "", components, groups=groups)
    spread = steps.step(
        "intermediate precision",
        "",
        total_sd,
        repeatability_variance=found["repeatability_variance"],
        between_variance=found["between_variance"],
    )
    values = [value for group in groups for value in group]
    return Outcome(
        value=spread,
        trace=steps.steps,
        details={
            "mean": fsum(values) / len(values),
            "intermediate_precision_sd": spread,
            "repeatability_sd": sqrt(found["repeatability_variance"]),
            "between_sd": sqrt(found["between_variance"]),
            **found,
        },
    )


def _check(groups: Sequence[Sequence[float]]) -> None:
    if len(groups) < 2 or any(not group for group in groups):  # noqa: PLR2004
        raise BadInputs("Precision needs at least two groups, none of them empty.")
    if all(len(group) == 1 for group in groups):
        raise BadInputs("Repeatability needs replicates in at least one group.")


@operation("s²_r = MS_within; s²_between = max(0, (MS_between − MS_within) / n0)")
def components(*, groups: Sequence[Sequence[float]]) -> dict[str, float]:
    n, k = sum(map(len, groups)), len(groups)
    grand = fsum(value for group in groups for value in group) / n
    means = [fsum(group) / len(group) for group in groups]
    within = fsum(
        (value - centre) ** 2
        for group, centre in zip(groups, means, strict=True)
        for value in group
    )
    between = fsum(
        len(group) * (centre - grand) ** 2 for group, centre in zip(groups, means, strict=True)
    )
    n0 = (n - sum(len(group) ** 2 for group in groups) / n) / (k - 1)
    ms_between, ms_within = between / (k - 1), within / (n - k)
    return {
        "ms_between": ms_between,
        "ms_within": ms_within,
        "n0": n0,
        "repeatability_variance": ms_within,
        "between_variance": max(0.0, (ms_between - ms_within) / n0),
    }


@operation("s_IP = √(s²_r + s²_between)")
def total_sd(*, repeatability_variance: float, between_variance: float) -> float:
    return sqrt(repeatability_variance + between_variance)
