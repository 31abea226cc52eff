"""Out of specification: which values are reportable, and the decision."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.inputs import Inputs
from lims.science.oos import REPLICATES, SEPARATE, Values, oos_decision


def _decide(inputs: Inputs) -> Mapping[str, object]:
    found = [oos_decision(_values(row), trace=False).details for row in inputs.rows("rows")]
    return {
        "reportable": [each["reportable"] for each in found],
        "oos": [each["oos"] for each in found],
    }


def _values(row: Inputs) -> Values:
    return Values(
        kind=row.text("kind"),
        values=row.numbers("values"),
        lower=row.optional_number("lower"),
        upper=row.optional_number("upper"),
        pre_defined_average=row.flag("pre_defined_average", False),  # noqa: FBT003
        most_sd=row.optional_number("most_sd"),
    )


CALCULATIONS = (
    Calculation(
        name="oos_decision",
        function=oos_decision,
        answer=_decide,
        inputs={
            "rows": "list of {kind, values, lower, upper, pre_defined_average, most_sd}; kind "
            f"“{REPLICATES}” may be averaged, others such as “{SEPARATE}” never"
        },
        units={"reportable": "unit of the values", "oos": ""},
        source="FDA, Investigating Out-of-Specification Test Results, 2022",
        example={"rows": [{"kind": SEPARATE, "values": [9.46, 9.58, 9.6], "lower": 9.5}]},
    ),
)
