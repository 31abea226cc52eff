"""Dose response: logistic curves, general nonlinear fits, relative potency, combination."""

import re
from collections.abc import Mapping, Sequence

from lims.science.catalogue import Calculation
from lims.science.combination import combine_log_potencies
from lims.science.dose_response import (
    Weighting,
    fit_and_back_calculate,
    fit_logistic,
    weights_of,
)
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs
from lims.science.nls import nls_fit
from lims.science.relative_potency import Preparation, relative_potency_4pl


def _fit(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("form", "-")
    x, y = inputs.numbers("x"), inputs.numbers("y")
    return fit_logistic(x, y, weights=_weights(inputs, y), trace=False).details


def _back(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("form", "-")
    x, y = inputs.numbers("x"), inputs.numbers("y")
    samples = inputs.numbers("back_calculate_y")
    found = fit_and_back_calculate(x, y, samples, weights=_weights(inputs, y), trace=False).details
    doses = found["back_calculated"]
    assert isinstance(doses, list)  # noqa: S101 -- a list by contract
    named = {str(sample): dose for sample, dose in zip(samples, doses, strict=True)}
    return {**found, "back_calculated": named}


def _weights(inputs: Inputs, y: Sequence[float]) -> tuple[float, ...] | None:
    if "weights" not in inputs:
        return None
    if not isinstance(inputs.raw("weights"), str):
        return inputs.numbers("weights")
    text = inputs.text("weights").replace("²", "^2").replace("**", "^").replace(" ", "")
    known = {each.value: each for each in Weighting} | {"1/y2": Weighting.INVERSE_SQUARE}
    if text not in known:
        raise BadInputs(f"weights must be 1, 1/y, 1/y^2 or a list, not “{text}”.")
    return weights_of(y, known[text])


def _nls(inputs: Inputs) -> Mapping[str, object]:
    model = inputs.text("model")
    names = sorted(set(re.findall(r"\bb\d+\b", model)), key=lambda name: int(name[1:]))
    return nls_fit(
        model,
        names,
        inputs.numbers("x"),
        inputs.numbers("y"),
        inputs.table("starts"),
        trace=False,
    ).details


def _potency(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("model", "-")
    return relative_potency_4pl(
        _preparation(inputs.child("reference")),
        _preparation(inputs.child("test")),
        confidence=inputs.fraction("confidence", 0.95),
        trace=False,
    ).details


def _preparation(inputs: Inputs) -> Preparation:
    y = inputs.numbers("y")
    return Preparation(inputs.numbers("x"), y, _weights(inputs, y))


def _combine(inputs: Inputs) -> Mapping[str, object]:
    return combine_log_potencies(
        inputs.numbers("relative_potencies"), inputs.fraction("confidence", 0.95), trace=False
    ).details


_CURVE_INPUTS = {
    "x": "dose of each well, ≥ 0",
    "y": "response of each well",
    "weights": "list, or 1 (default), 1/y, 1/y^2",
    "form": "words only: y = D + (A-D)/(1+(x/C)^B)",
}
_CURVE_UNITS = {
    "A": "response at dose 0",
    "B": "",
    "C": "unit of x",
    "D": "response at infinite dose",
    "rss": "response²",
    "s": "response",
    "se": "standard error of each parameter",
}
_CURVE_EXAMPLE = {
    "x": [0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16],
    "y": [7.9, 8.1, 7.6, 7.4, 6.2, 6.5, 3.1, 2.8, 1.1, 0.9, 0.5, 0.6],
}
_CURVE_SOURCE = "USP <1032>, <1034>"

CALCULATIONS = (
    Calculation(
        name="fit_4pl",
        function=fit_logistic,
        answer=_fit,
        inputs=_CURVE_INPUTS,
        units=_CURVE_UNITS,
        source=_CURVE_SOURCE,
        example=_CURVE_EXAMPLE,
    ),
    Calculation(
        name="fit_4pl_and_back_calculate",
        function=fit_and_back_calculate,
        answer=_back,
        inputs={**_CURVE_INPUTS, "back_calculate_y": "responses to read off"},
        units={**_CURVE_UNITS, "back_calculated": "response: dose, or censored text"},
        source=_CURVE_SOURCE,
        example={**_CURVE_EXAMPLE, "back_calculate_y": [2.0, 5.0]},
    ),
    Calculation(
        name="nls_fit",
        function=nls_fit,
        answer=_nls,
        inputs={
            "model": "formula in x and b1, b2 ...",
            "x": "list",
            "y": "list of the same length",
            "starts": "lists of first values of b1, b2 ...",
        },
        units={
            "b1 ...": "of the model",
            "rss": "unit of y, squared",
            "se": "list, of each parameter",
        },
        source="NIST StRD nonlinear regression",
        example={
            "model": "b1*(1-exp(-b2*x))",
            "x": [1, 2, 3, 5, 7, 10],
            "y": [109, 149, 149, 191, 213, 224],
            "starts": [[100, 0.75]],
        },
    ),
    Calculation(
        name="relative_potency_4pl",
        function=relative_potency_4pl,
        answer=_potency,
        inputs={
            "reference": "{x, y, weights}",
            "test": "{x, y, weights}",
            "model": "words only: shared A, B, D; C_test = C_ref / RP",
            "confidence": "default 0.95",
        },
        units={
            "A": "response",
            "B": "",
            "C_reference": "unit of x",
            "D": "response",
            "relative_potency": "",
            "lower95": "",
            "upper95": "",
            "se_ln_rp": "",
            "rss_constrained": "response²",
            "rss_free": "response²",
            "F_parallelism": "",
            "p_parallelism": "",
            "df": "of F",
        },
        source="USP <1032>, <1034>; Ph. Eur. 5.3",
        example={
            "reference": {
                "x": [0.5, 1, 2, 4, 8, 16, 32],
                "y": [0.15, 0.26, 0.44, 0.86, 1.3, 1.71, 1.93],
            },
            "test": {
                "x": [0.5, 1, 2, 4, 8, 16, 32],
                "y": [0.14, 0.21, 0.4, 0.72, 1.15, 1.62, 1.85],
            },
        },
    ),
    Calculation(
        name="combine_log_potencies",
        function=combine_log_potencies,
        answer=_combine,
        inputs={
            "relative_potencies": "two or more, above zero",
            "confidence": "default 0.95",
        },
        units={
            "geometric_mean": "unit of the potencies",
            "sd_ln": "",
            "gcv_percent": "%",
            "cv_lognormal_percent": "%",
            "lower": "unit of the potencies",
            "upper": "unit of the potencies",
        },
        source="USP <1033>, <1034>",
        example={"relative_potencies": [0.92, 1.05, 0.98], "confidence": 0.95},
    ),
)
