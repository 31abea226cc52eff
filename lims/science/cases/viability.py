"""Cases of proportions and flow counts."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.count_uncertainty import CONFIDENCE
from lims.science.inputs import Inputs
from lims.science.rounding import exact
from lims.science.viability import bead_count, flow_count, proportion


def _proportion(inputs: Inputs) -> Mapping[str, object]:
    confidence = inputs.fraction("confidence", CONFIDENCE)
    found = proportion(inputs.count("live"), inputs.count("total"), confidence, trace=False)
    return {"percent": found.value, **found.details}


def _flow(inputs: Inputs) -> Mapping[str, object]:
    events = inputs.count("live_gate_events")
    dilution = exact(inputs.positive("dilution_factor", 1))
    blank = inputs.count("background_events", 0)
    volume = exact(inputs.positive("acquired_volume_ul"))
    found = flow_count(events, blank, volume, dilution, trace=False)
    answer: dict[str, object] = {
        "cells_per_ml": found.value,
        "log10": found.details["log10"],
        "bead_based_cells_per_ml": None,
    }
    with_beads = inputs.has("bead_events"), inputs.has("beads_per_ml_in_tube")
    if all(with_beads):
        beads = inputs.count("bead_events"), exact(inputs.positive("beads_per_ml_in_tube"))
        answer["bead_based_cells_per_ml"] = bead_count(events, *beads, dilution, trace=False).value
    return answer


CALCULATIONS = (
    Calculation(
        name="proportion_ci",
        function=proportion,
        answer=_proportion,
        inputs={
            "live": "cells, or units with the property",
            "total": "all cells counted",
            "confidence": "two-sided; default 0.95",
        },
        units={
            "percent": "%",
            "wilson": "fractions, lower and upper",
            "clopper_pearson": "fractions, lower and upper",
        },
        source="Wilson 1927; Clopper & Pearson 1934; Newcombe 1998, Stat Med 17:857",
        example={"live": 81, "total": 263},
    ),
    Calculation(
        name="flow_viable_count",
        function=flow_count,
        answer=_flow,
        inputs={
            "live_gate_events": "events in the live gate",
            "background_events": "events of the filtered-buffer blank; default 0",
            "acquired_volume_ul": "µL",
            "dilution_factor": "factor; default 1",
            "bead_events": "events of counting beads; may be left out",
            "beads_per_ml_in_tube": "beads/mL; may be left out",
        },
        units={
            "cells_per_ml": "AFU/mL",
            "log10": "log10 AFU/mL",
            "bead_based_cells_per_ml": "AFU/mL, or null",
        },
        source="ISO 19344:2015",
        example={
            "live_gate_events": 18452,
            "background_events": 35,
            "acquired_volume_ul": 50,
            "dilution_factor": 1000,
        },
    ),
)
