"""Cases of the most probable number."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.count_uncertainty import CONFIDENCE
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs
from lims.science.mpn import Level, most_probable_number, mpn_text
from lims.science.outcome import Qualifier


def _mpn(inputs: Inputs) -> Mapping[str, object]:
    columns = inputs.counts("positive"), inputs.counts("tubes"), inputs.numbers("amount")
    if len({len(column) for column in columns}) > 1:
        raise BadInputs("positive, tubes and amount must have the same length.")
    levels = [Level(*row) for row in zip(*columns, strict=True)]
    confidence = inputs.fraction("confidence", CONFIDENCE)
    found = most_probable_number(levels, confidence, trace=False)
    if found.qualifier is not Qualifier.EQUAL:
        return {**found.details, "reported_as": mpn_text(found)}
    assert found.interval is not None  # noqa: S101 -- a mixed pattern has limits
    limits = {"lr_lower": found.interval.lower, "lr_upper": found.interval.upper}
    return {**found.details, **limits}


CALCULATIONS = (
    Calculation(
        name="mpn_mle",
        function=most_probable_number,
        answer=_mpn,
        inputs={
            "positive": "positive tubes per level",
            "tubes": "tubes per level",
            "amount": "g or mL of sample per tube, per level",
            "confidence": "two-sided; default 0.95",
        },
        units={
            "mpn": "MPN per g or mL; 0 or inf when all tubes agree",
            "lr_lower": "MPN per g or mL",
            "lr_upper": "MPN per g or mL",
            "wald_lower": "MPN per g or mL",
            "wald_upper": "MPN per g or mL",
            "rarity_index": "",
            "upper_one_sided_95": "MPN per g or mL, all tubes negative",
            "lower_one_sided_95": "MPN per g or mL, all tubes positive",
            "reported_as": "MPN per g or mL, two figures",
        },
        source="FDA BAM appendix 2; Blodgett 2005, Food Microbiol 22:39; Ridout 1994",
        example={
            "positive": [3, 1, 0],
            "tubes": [3, 3, 3],
            "amount": [0.1, 0.01, 0.001],
            "confidence": 0.95,
        },
    ),
)
