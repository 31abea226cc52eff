"""Control charts: I-MR limits, Nelson rules, capability."""

import re
from collections.abc import Mapping

from lims.science.capability import capability
from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs
from lims.science.spc import ALL_RULES, D2, D4, imr_limits, nelson_rules


def _limits(inputs: Inputs) -> Mapping[str, object]:
    return imr_limits(
        inputs.numbers("data"),
        d2=inputs.positive("d2", D2),
        d4=inputs.positive("D4", D4),
        trace=False,
    ).details


def _nelson(inputs: Inputs) -> Mapping[str, object]:
    _completing(inputs.text("flag", "completes"))
    return nelson_rules(
        inputs.numbers("data"),
        inputs.number("mean"),
        inputs.positive("sigma"),
        rules=inputs.integers("rules") if "rules" in inputs else ALL_RULES,
        trace=False,
    ).details


def _completing(flag: str) -> None:
    if "complete" not in flag:
        raise BadInputs(f"Only the point that completes a pattern is flagged, not “{flag}”.")


def _capability(inputs: Inputs) -> Mapping[str, object]:
    return capability(
        inputs.numbers("data"),
        lsl=inputs.optional_number("lsl"),
        usl=inputs.optional_number("usl"),
        d2=_d2(inputs.text("within", f"MRbar/{D2}")),
        trace=False,
    ).details


def _d2(within: str) -> float:
    found = re.fullmatch(r"MRbar\s*/\s*(\d+(?:\.\d+)?)", within.strip(), re.IGNORECASE)
    if found is None or float(found[1]) == 0:
        raise BadInputs(f"within must read “MRbar/{D2}” or another divisor, not “{within}”.")
    return float(found[1])


_DATA = "values in the order of time"

CALCULATIONS = (
    Calculation(
        name="imr_limits",
        function=imr_limits,
        answer=_limits,
        inputs={
            "data": _DATA,
            "d2": f"range factor; default {D2}",
            "D4": f"range limit; default {D4}",
        },
        units=dict.fromkeys(
            ("centre", "mr_bar", "sigma_within", "ucl", "lcl", "mr_ucl"), "unit of data"
        ),
        source="NIST/SEMATECH e-Handbook 6.3.2.2; ASTM E2587",
        example={"data": [49.6, 47.6, 49.9, 51.3, 47.8], "d2": 1.128, "D4": 3.267},
    ),
    Calculation(
        name="nelson_rules",
        function=nelson_rules,
        answer=_nelson,
        inputs={
            "data": _DATA,
            "mean": "centre line",
            "sigma": "above zero",
            "rules": "numbers 1 to 8; default all",
            "flag": "which point is flagged: the one that completes the pattern",
        },
        units={"violations": "rule number: 0-based indices"},
        source="Nelson 1984, J Qual Technol 16:237",
        example={"data": [0.2, -0.4, 3.2, 0.1], "mean": 0, "sigma": 1},
    ),
    Calculation(
        name="capability",
        function=capability,
        answer=_capability,
        inputs={
            "data": _DATA,
            "lsl": "lower specification limit; may be left out",
            "usl": "upper specification limit; may be left out",
            "within": f"short-term sigma; default MRbar/{D2}",
        },
        units={
            "mean": "unit of data",
            "sd_overall": "unit of data",
            "sigma_within": "unit of data",
            **dict.fromkeys(("Ppk", "Cpk", "Pp", "Cp"), ""),
        },
        source="AIAG SPC 2005; Bissell 1990, Appl Stat 39:331",
        example={"data": [10.02, 9.97, 10.05, 9.91, 9.99], "lsl": 9.5, "usl": 10.5},
    ),
)
