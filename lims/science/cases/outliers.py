"""Outliers: Grubbs, Dixon, generalized ESD."""

from collections.abc import Mapping
from typing import Literal

from lims.science.catalogue import Calculation
from lims.science.inputs import Inputs
from lims.science.outliers import Side, dixon, generalized_esd, grubbs


def _grubbs(inputs: Inputs, *, two_sided: bool) -> Mapping[str, object]:
    side = inputs.choice("side", tuple(_SIDES), "either")
    return grubbs(
        inputs.numbers("data"),
        inputs.fraction("alpha", 0.05),
        two_sided=two_sided,
        side=_SIDES[side],
        trace=False,
    ).details


_SIDES: Mapping[str, Side] = {
    "either": "either",
    "upper": "upper",
    "lower": "lower",
    "max": "upper",
    "min": "lower",
}


def _one_sided(inputs: Inputs) -> Mapping[str, object]:
    return _grubbs(inputs, two_sided=False)


def _two_sided(inputs: Inputs) -> Mapping[str, object]:
    return _grubbs(inputs, two_sided=True)


def _r10(inputs: Inputs) -> Mapping[str, object]:
    ratio: Literal["r10"] = "r10"
    return dixon(inputs.numbers("data"), ratio, trace=False).details


def _esd(inputs: Inputs) -> Mapping[str, object]:
    return generalized_esd(
        inputs.numbers("data"),
        inputs.fraction("alpha", 0.05),
        inputs.count("max_outliers"),
        trace=False,
    ).details


_DATA = "values; log10 values for counts"
_GRUBBS_INPUTS = {
    "data": _DATA,
    "alpha": "chance of a false alarm; default 0.05",
    "side": "either (default), upper or max, lower or min",
}
_GRUBBS_UNITS = {
    "G": "",
    "critical": "",
    "index": "0-based",
    "value": "unit of data",
    "outlier": "",
}
_GRUBBS_SOURCE = "Grubbs 1969; NIST/SEMATECH e-Handbook 1.3.5.17.1"
_EXAMPLE = {"data": [9.82, 9.91, 9.88, 9.85, 9.42, 9.9], "alpha": 0.05}

CALCULATIONS = (
    Calculation(
        name="grubbs_one_sided",
        function=grubbs,
        answer=_one_sided,
        inputs=_GRUBBS_INPUTS,
        units=_GRUBBS_UNITS,
        source=_GRUBBS_SOURCE,
        example=_EXAMPLE,
    ),
    Calculation(
        name="grubbs_two_sided",
        function=grubbs,
        answer=_two_sided,
        inputs=_GRUBBS_INPUTS,
        units=_GRUBBS_UNITS,
        source=_GRUBBS_SOURCE,
        example=_EXAMPLE,
    ),
    Calculation(
        name="dixon_r10",
        function=dixon,
        answer=_r10,
        inputs={"data": f"3 to 30 {_DATA}"},
        units={
            "Q": "",
            "suspect": "unit of data",
            "critical_two_sided_90": "",
            "critical_two_sided_95": "",
            "reject_95": "",
        },
        source="Dixon 1951; Rorabacher 1991, Anal Chem 63:139",
        example={"data": [4.11, 4.12, 4.15, 4.16, 4.17, 4.18, 4.45]},
    ),
    Calculation(
        name="generalized_esd",
        function=generalized_esd,
        answer=_esd,
        inputs={
            "data": _DATA,
            "alpha": "chance of a false alarm; default 0.05",
            "max_outliers": "most outliers looked for",
        },
        units={
            "R": "list, one per outlier looked for",
            "critical": "list",
            "outliers": "their number",
            "removed": "the values set aside, in order; the first so many are the outliers",
        },
        source="Rosner 1983; NIST/SEMATECH e-Handbook 1.3.5.17.3",
        example={"data": [9.82, 9.91, 9.88, 9.85, 9.42, 9.9, 9.87, 9.2], "max_outliers": 2},
    ),
)
