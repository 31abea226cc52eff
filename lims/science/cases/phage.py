"""Cases of phage: lysis kinetics."""

import re
from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs
from lims.science.lysis import DEFAULT, LysisRule, kinetic_lysis

_NUMBER = r"(\d*\.?\d+)"
_CRITERIA = {
    "max_area_ratio": rf"AUC ratio\s*(?:<=|≤)\s*{_NUMBER}",
    "least_drop": rf"drop[\w\s]*(?:>=|≥)\s*{_NUMBER}",
    "deviation_ratio": rf"treated/control\s*<\s*{_NUMBER}",
}
_READS = {"two": 2, "three": 3, "four": 4}


def _kinetic_lysis(inputs: Inputs) -> Mapping[str, object]:
    found = kinetic_lysis(
        inputs.numbers("time_h"),
        inputs.numbers("control_od"),
        inputs.numbers("treated_od"),
        inputs.number("blank_od"),
        _rule(inputs.optional_text("criteria")),
        trace=False,
    )
    return found.details


def _rule(text: str | None) -> LysisRule:
    """The thresholds a criteria text names; what it does not name keeps its default."""
    if text is None:
        return DEFAULT
    found = {
        name: float(match[1])
        for name, pattern in _CRITERIA.items()
        if (match := re.search(pattern, text, re.IGNORECASE))
    }
    if not found:
        raise BadInputs(f"criteria must name the lysis thresholds, not “{text}”.")
    reads = re.search(r"first of (\w+) consecutive", text)
    consecutive = DEFAULT.deviation_reads if reads is None else _READS.get(reads[1], 0)
    if not consecutive:
        consecutive = int(reads[1]) if reads is not None and reads[1].isdigit() else 0
    return LysisRule(
        max_area_ratio=found.get("max_area_ratio", DEFAULT.max_area_ratio),
        least_drop=found.get("least_drop", DEFAULT.least_drop),
        deviation_ratio=found.get("deviation_ratio", DEFAULT.deviation_ratio),
        deviation_reads=consecutive,
    )


CALCULATIONS = (
    Calculation(
        name="kinetic_lysis",
        function=kinetic_lysis,
        answer=_kinetic_lysis,
        inputs={
            "time_h": "h, increasing",
            "control_od": "OD600 of the uninfected control, not corrected",
            "treated_od": "OD600 of the treated well, not corrected",
            "blank_od": "OD600 of the medium",
            "criteria": "text naming the thresholds; default AUC ratio <= 0.80, drop >= 0.30, "
            "first of two consecutive reads with treated/control < 0.80",
        },
        units={
            "auc_control": "OD·h",
            "auc_treated": "OD·h",
            "auc_ratio": "",
            "local_virulence": "",
            "max_relative_drop": "fraction",
            "time_of_max_drop": "h",
            "peak_before_drop_time": "h",
            "first_deviation_time": "h, or null",
            "lysis_called": "true or false",
        },
        source="Storms et al. 2020, PHAGE 1:27",
        example={
            "time_h": [0, 1, 2, 3, 4],
            "control_od": [0.14, 0.27, 0.52, 0.82, 1.01],
            "treated_od": [0.14, 0.26, 0.30, 0.15, 0.14],
            "blank_od": 0.09,
        },
    ),
)
