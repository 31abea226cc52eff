"""Parallel-line assays: common slope, analysis of variance, potency with Fieller's limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, log, log10, sqrt

from lims.science.errors import BadInputs
from lims.science.intervals import student_t_within
from lims.science.outcome import Outcome
from lims.science.parallel_line_arithmetic import anova, f_test, fieller
from lims.science.trace import Tracing, tracing

Cells = Mapping[str, Sequence[Sequence[float | None]]]


class Design(StrEnum):
    COMPLETELY_RANDOMISED = "completely_randomised"
    RANDOMISED_BLOCK = "randomised_block"


class Transform(StrEnum):
    NONE = "none"
    LN = "ln"
    LOG10 = "log10"
    SQRT = "sqrt"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class ParallelLineAssay:
    """What was done and read.

    Attributes:
        log_doses: ln of the doses all preparations share, two or more.
        responses: preparation: rows (replicates or blocks) of one response per dose; the
            standard first, or called S. `None` is a lost well (not in blocks).
        design: blocks run across all preparations, row by row.
        transform: applied to every response.
    """

    log_doses: tuple[float, ...]
    responses: Cells
    design: Design = Design.COMPLETELY_RANDOMISED
    transform: Transform = Transform.NONE

    @property
    def standard(self) -> str:
        return "S" if "S" in self.responses else next(iter(self.responses))


@dataclass(frozen=True, slots=True)
class Validity:
    """Significance of each test, and of the confidence interval."""

    regression: float = 0.05
    parallelism: float = 0.05
    linearity: float = 0.05
    confidence: float = 0.95


PH_EUR = Validity()


def parallel_line_assay(
    assay: ParallelLineAssay,
    *,
    factor: float = 1.0,
    assigned: float | None = None,
    validity: Validity = PH_EUR,
    trace: bool = True,
) -> Outcome:
    """Potency of each test preparation against the standard.

    Common slope b over all preparations; `ln RP = (ȳ_T − ȳ_S)/b − (x̄_T − x̄_S)`; limits by
    Fieller's theorem on the residual of the design (blocks removed). Regression must be
    significant, non-parallelism and non-linearity must not be; otherwise there is no valid
    potency, though the arithmetic is shown. When g reaches 1 the interval has no finite limits.

    Args:
        assay: design, doses, responses.
        factor: assigned potency and pre-dilutions; potency = RP × factor.
        assigned: potency of which `relative_percent` is a share; left out without it.
        validity: significance levels and confidence.
        trace: keep the steps.

    Returns:
        The potency when there is one test preparation; `details`: common_slope_ln_dose,
        residual_ms, residual_df, F_regression, F_nonparallelism, F_nonlinearity with their p
        (`None` for non-linearity with two doses), g, and for each test preparation its
        potency, lower, upper (`None` when g ≥ 1), relative_percent.

    Raises:
        BadInputs: rows that do not fit the doses, too few replicates, or responses that the
            transformation does not allow.
        NoAnswer: no variation at all, or no slope.

    Source: Ph. Eur. 5.3, 3.2; USP <1034>; Finney 1978, Statistical Method in Biological Assay.
    """
    _check(assay, validity)
    steps = tracing(trace)
    cells = _transformed(assay)
    blocked = assay.design is Design.RANDOMISED_BLOCK
    table = steps.step(
        "analysis of variance", "", anova, log_doses=assay.log_doses, cells=cells, blocked=blocked
    )
    tests = _tests(table, len(cells), len(assay.log_doses), steps)
    found = _potencies(assay, table, factor, assigned, validity.confidence, steps)
    g = float(table["g_unit"]) * student_t_within(validity.confidence, table["residual_df"]) ** 2
    only = next(iter(found.values()))["potency"] if len(found) == 1 else None
    return Outcome(
        value=only,  # type: ignore[arg-type]
        invalid=_invalid(tests, g, validity),
        trace=steps.steps,
        details={
            "common_slope_ln_dose": table["slope"],
            "residual_ms": table["residual_ms"],
            "residual_df": int(table["residual_df"]),
            **tests,
            "g": g,
            **found,
        },
    )


_FEWEST = 2


def _check(assay: ParallelLineAssay, validity: Validity) -> None:
    doses = assay.log_doses
    if len(set(doses)) != len(doses) or len(doses) < _FEWEST:
        raise BadInputs("A parallel-line assay needs two or more different doses.")
    if len(assay.responses) < _FEWEST:
        raise BadInputs("A parallel-line assay needs a standard and a test preparation.")
    if not 0 < validity.confidence < 1:
        raise BadInputs("The confidence must lie between 0 and 1.")
    for name, rows in assay.responses.items():
        if not rows or any(len(row) != len(doses) for row in rows):
            raise BadInputs(f"Every row of {name} needs one response per dose ({len(doses)}).")
    if assay.design is Design.RANDOMISED_BLOCK:
        _check_blocks(assay.responses)


def _check_blocks(responses: Cells) -> None:
    sizes = {len(rows) for rows in responses.values()}
    if len(sizes) != 1 or sizes < {_FEWEST}:
        raise BadInputs("Blocks need every preparation in each of them.")
    if min(sizes) < _FEWEST:
        raise BadInputs("A block design needs two or more blocks.")
    if any(value is None for rows in responses.values() for row in rows for value in row):
        raise BadInputs("A block with a lost response cannot be analysed.")


def _transformed(assay: ParallelLineAssay) -> dict[str, list[list[float]]]:
    """Per preparation, the list of responses of each dose."""
    return {
        name: [
            [_apply(value, assay.transform) for row in rows if (value := row[at]) is not None]
            for at in range(len(assay.log_doses))
        ]
        for name, rows in assay.responses.items()
    }


def _apply(value: float, transform: Transform) -> float:
    if transform in {Transform.NONE, Transform.SQUARE}:
        return value if transform is Transform.NONE else value * value
    if value < 0 or (value == 0 and transform is not Transform.SQRT):
        raise BadInputs(f"The response {value:g} cannot be transformed by {transform.value}.")
    return {Transform.LN: log, Transform.LOG10: log10, Transform.SQRT: sqrt}[transform](value)


def _tests(
    table: Mapping[str, float], preparations: int, doses: int, steps: Tracing
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, df in (
        ("regression", 1),
        ("nonparallelism", preparations - 1),
        ("nonlinearity", preparations * (doses - 2)),
    ):
        found[f"F_{name}"] = found[f"p_{name}"] = None
        if df == 0:
            continue
        test = steps.step(
            name,
            "",
            f_test,
            ss=table[f"{name}_ss"],
            df=df,
            residual_ms=table["residual_ms"],
            residual_df=table["residual_df"],
        )
        found[f"F_{name}"], found[f"p_{name}"] = test["F"], test["p"]
    return found


def _potencies(
    assay: ParallelLineAssay,
    table: Mapping[str, float],
    factor: float,
    assigned: float | None,
    confidence: float,
    steps: Tracing,
) -> dict[str, dict[str, object]]:
    cells = _transformed(assay)
    centres = {name: _centre(assay.log_doses, doses) for name, doses in cells.items()}
    n_s, x_s, y_s = centres.pop(assay.standard)
    found = {}
    for name, (n_t, x_t, y_t) in centres.items():
        ratio = steps.step(
            f"relative potency of {name}",
            "",
            fieller,
            difference=y_t - y_s,
            shift=x_t - x_s,
            n_test=n_t,
            n_standard=n_s,
            slope=table["slope"],
            sxx=table["sxx"],
            residual_ms=table["residual_ms"],
            t=student_t_within(confidence, table["residual_df"]),
        )
        found[name] = _reported(ratio, factor, assigned)
    return found


def _centre(x: Sequence[float], doses: Sequence[Sequence[float]]) -> tuple[int, float, float]:
    n = sum(map(len, doses))
    mean_x = fsum(len(cell) * v for v, cell in zip(x, doses, strict=True)) / n
    return n, mean_x, fsum(y for cell in doses for y in cell) / n


def _reported(
    ratio: Mapping[str, float | None], factor: float, assigned: float | None
) -> dict[str, object]:
    scaled = {
        name: None if ratio[key] is None else ratio[key] * factor  # type: ignore[operator]
        for name, key in (("lower", "lower"), ("potency", "estimate"), ("upper", "upper"))
    }
    shares = None
    if assigned is not None:
        shares = [None if each is None else 100 * each / assigned for each in scaled.values()]
    return {**scaled, "relative_percent": shares}


def _invalid(tests: Mapping[str, float | None], g: float, validity: Validity) -> tuple[str, ...]:
    found = []
    regression, parallel = tests["p_regression"], tests["p_nonparallelism"]
    linear = tests["p_nonlinearity"]
    if regression is not None and regression >= validity.regression:
        found.append(f"The regression is not significant (p {regression:.3f}).")
    if parallel is not None and parallel < validity.parallelism:
        found.append(f"The lines are not parallel (p {parallel:.3f}): there is no potency.")
    if linear is not None and linear < validity.linearity:
        found.append(f"The responses are not linear in the log dose (p {linear:.3f}).")
    if g >= 1:
        found.append(f"g is {g:.3g}, so the confidence interval has no finite limits.")
    return tuple(found)
