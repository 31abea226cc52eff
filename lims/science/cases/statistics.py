"""Statistics: summaries, the straight line, coefficients of variation, tolerance factors."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.inputs import Inputs
from lims.science.intervals import one_sided_tolerance_factor
from lims.science.regression import fit_line
from lims.science.summary import cv_percent, summary


def _summary(inputs: Inputs) -> Mapping[str, object]:
    return summary(inputs.numbers("data"), trace=False).details


def _cv(inputs: Inputs) -> Mapping[str, object]:
    return cv_percent(inputs.numbers("data"), trace=False).details


def _line(inputs: Inputs) -> Mapping[str, object]:
    fitted = fit_line(
        inputs.numbers("x"),
        inputs.numbers("y"),
        through_origin=_through_origin(inputs),
    )
    return {
        "intercept": fitted.intercept,
        "slope": fitted.slope,
        "se_intercept": fitted.se_intercept,
        "se_slope": fitted.se_slope,
        "r_squared": fitted.r_squared,
        "residual_sd": fitted.residual_sd,
    }


def _through_origin(inputs: Inputs) -> bool:
    asked = inputs.flag("through_origin", False)  # noqa: FBT003
    return asked or not inputs.flag("intercept", True)  # noqa: FBT003


def _tolerance(inputs: Inputs) -> Mapping[str, object]:
    return one_sided_tolerance_factor(
        inputs.count("n"), inputs.fraction("coverage"), inputs.fraction("confidence")
    ).details


_DATA = {"data": "list of values in one unit"}

CALCULATIONS = (
    Calculation(
        name="summary",
        function=summary,
        answer=_summary,
        inputs=_DATA,
        units={"mean": "unit of data", "sd": "unit of data", "lag1_autocorrelation": ""},
        source="NIST StRD univariate summary statistics",
        example={"data": [9.82, 9.91, 9.88, 9.85]},
    ),
    Calculation(
        name="linear_regression",
        function=fit_line,
        answer=_line,
        inputs={
            "x": "list",
            "y": "list of the same length",
            "through_origin": "true fixes the intercept at 0; default false",
            "intercept": "false likewise; default true",
        },
        units={
            "intercept": "unit of y",
            "slope": "unit of y per unit of x",
            "se_intercept": "unit of y",
            "se_slope": "unit of y per unit of x",
            "r_squared": "",
            "residual_sd": "unit of y",
        },
        source="NIST StRD linear regression",
        example={"x": [0, 3, 6, 9], "y": [10.05, 10.03, 9.96, 9.89]},
    ),
    Calculation(
        name="cv_percent",
        function=cv_percent,
        answer=_cv,
        inputs=_DATA,
        units={
            "mean": "unit of data",
            "sd": "unit of data",
            "cv_percent": "%",
            "geometric_mean": "unit of data",
            "gcv_percent": "%",
        },
        source="definition; USP <1033> for the geometric form",
        example={"data": [87, 94, 101]},
    ),
    Calculation(
        name="one_sided_tolerance_factor",
        function=one_sided_tolerance_factor,
        answer=_tolerance,
        inputs={
            "n": "size of the sample",
            "coverage": "share of the population, 0 to 1",
            "confidence": "0 to 1",
        },
        units={"k": ""},
        source="Natrella 1963, NBS Handbook 91; noncentral t",
        example={"n": 10, "coverage": 0.95, "confidence": 0.95},
    ),
)
