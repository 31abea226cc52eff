"""Cases of identity calls."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.identity_calls import maldi_call
from lims.science.inputs import Inputs


def _maldi(inputs: Inputs) -> Mapping[str, object]:
    scores, allowed = inputs.decimals("scores"), inputs.flags("species_ok")
    if len(scores) != len(allowed):
        raise BadInputs("scores and species_ok must have the same length.")
    found = [maldi_call(*spot, trace=False) for spot in zip(scores, allowed, strict=True)]
    return {
        "level": [each.value for each in found],
        "conforms_at_2_00": [each.details["conforms"] for each in found],
    }


CALCULATIONS = (
    Calculation(
        name="maldi_call",
        function=maldi_call,
        answer=_maldi,
        inputs={
            "scores": "log scores, 0 to 3",
            "species_ok": "whether each matched organism is allowed",
        },
        units={
            "level": "high, low or none",
            "conforms_at_2_00": "true or false",
        },
        source="bands as printed by the identification software; USP General Notices 7.20",
        example={"scores": [2.31, 1.85, 1.69], "species_ok": [True, True, True]},
    ),
)
