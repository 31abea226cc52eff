"""Parallel-line assays."""

from collections.abc import Mapping
from math import log

from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.formula import arithmetic
from lims.science.inputs import Inputs
from lims.science.parallel_line import (
    Design,
    ParallelLineAssay,
    Transform,
    Validity,
    parallel_line_assay,
)


def _assay(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("rows", "-")
    inputs.text("columns", "-")
    ratio = inputs.positive("dose_ratio")
    if ratio == 1:
        raise BadInputs("dose_ratio must not be 1: the doses would all be the same.")
    assay = ParallelLineAssay(
        log_doses=tuple(rank * log(ratio) for rank in inputs.numbers("doses_rank")),
        responses=_responses(inputs.child("response")),
        design=Design(inputs.choice("design", [each.value for each in Design])),
        transform=Transform(
            inputs.choice("transform", [each.value for each in Transform], Transform.NONE.value)
        ),
    )
    assigned = inputs.positive("assigned_potency", 1.0)
    return parallel_line_assay(
        assay,
        factor=_factor(inputs, assigned),
        assigned=assigned,
        validity=Validity(confidence=inputs.fraction("confidence", 0.95)),
        trace=False,
    ).details


def _responses(preparations: Inputs) -> dict[str, list[list[float | None]]]:
    names = preparations.keys()
    return {name: _rows(preparations.raw(name), name) for name in names}


def _rows(rows: object, name: str) -> list[list[float | None]]:
    if not isinstance(rows, list | tuple) or any(not isinstance(row, list | tuple) for row in rows):
        raise BadInputs(f"response.{name} must be a list of rows.")
    return [[_response(value, name) for value in row] for row in rows]


def _response(value: object, name: str) -> float | None:
    return None if value is None else Inputs({name: value}).number(name)


def _factor(inputs: Inputs, assigned: float) -> float:
    if "pre_factor" not in inputs:
        return assigned
    given = inputs.raw("pre_factor")
    value = arithmetic(given) if isinstance(given, str) else inputs.number("pre_factor")
    if value <= 0:
        raise BadInputs(f"pre_factor must be above zero, not {value:g}.")
    return value


CALCULATIONS = (
    Calculation(
        name="parallel_line_assay",
        function=parallel_line_assay,
        answer=_assay,
        inputs={
            "design": "completely_randomised or randomised_block",
            "dose_ratio": "between neighbouring ranks",
            "doses_rank": "dose = ratio to the power of rank",
            "response": "preparation: rows of one response per dose; S is the standard",
            "assigned_potency": "of the standard; default 1",
            "pre_factor": "number or calculation; potency = RP × factor; default assigned_potency",
            "transform": "none (default), ln, log10, sqrt or square",
            "confidence": "default 0.95",
            "rows": "words only",
            "columns": "words only",
        },
        units={
            "common_slope_ln_dose": "response per ln dose",
            "residual_ms": "response²",
            "residual_df": "",
            "F_regression": "",
            "F_nonparallelism": "",
            "p_nonparallelism": "",
            "F_nonlinearity": "",
            "p_nonlinearity": "",
            "<preparation>": "potency, lower, upper; relative_percent of the assigned potency",
        },
        source="Ph. Eur. 5.3; USP <1034>",
        example={
            "design": "completely_randomised",
            "dose_ratio": 2,
            "doses_rank": [0, 1, 2],
            "response": {
                "S": [[0.16, 0.28, 0.51], [0.15, 0.3, 0.53]],
                "T": [[0.2, 0.36, 0.66], [0.21, 0.35, 0.62]],
            },
            "transform": "ln",
        },
    ),
)
