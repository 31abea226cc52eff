"""Plate reader: time to threshold with rate and area."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.growth import time_to_threshold
from lims.science.inputs import Inputs


def _threshold(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("rule", "-")
    return time_to_threshold(
        inputs.numbers("time"),
        inputs.numbers("signal"),
        inputs.number("threshold"),
        floor=inputs.number("floor", 0.0),
        trace=False,
    ).details


CALCULATIONS = (
    Calculation(
        name="time_to_threshold",
        function=time_to_threshold,
        answer=_threshold,
        inputs={
            "time": "strictly increasing, in one unit",
            "signal": "blank-corrected",
            "threshold": "unit of signal",
            "floor": "growth rates use signals above it; default 0",
            "rule": "words only: a crossing is confirmed by the next read, times are interpolated",
        },
        units={
            "time_to_threshold": "unit of time; text such as >6 when censored",
            "auc": "signal × time",
            "max_specific_rate": "1/unit of time",
            "max_rate_interval_index": "0-based",
        },
        source="definition",
        example={
            "time": [0, 1, 2, 3, 4, 5],
            "signal": [0.05, 0.06, 0.09, 0.18, 0.39, 0.71],
            "threshold": 0.3,
        },
    ),
)
