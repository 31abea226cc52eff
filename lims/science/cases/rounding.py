"""Cases of rounding and of comparing with limits."""

from collections.abc import Mapping
from decimal import Decimal

from lims.science.acceptance import PowerOfTen
from lims.science.catalogue import Calculation
from lims.science.censoring import read_result
from lims.science.criteria import Measured, Verdict, judge
from lims.science.inputs import Inputs
from lims.science.limits import (
    Limit,
    Side,
    max_acceptable,
    meets,
    printed_like,
    rounded_like,
)
from lims.science.rounding import RoundingRule, to_figures

Row = dict[str, object]

_SIDES = tuple(side.value for side in Side)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _bam_round(inputs: Inputs) -> Mapping[str, object]:
    rounded = (to_figures(value, 2, RoundingRule.BAM) for value in inputs.decimals("values"))
    return {"rounded": [_number(value) for value in rounded]}


def _usp_compare(inputs: Inputs) -> Mapping[str, object]:
    return {"rows": [_compared(row) for row in inputs.rows("rows")]}


def _scientific_compare(inputs: Inputs) -> Mapping[str, object]:
    inputs.optional_text("rule")
    rows = [_compared(row) for row in inputs.rows("rows")]
    return {key: [row[key] for row in rows] for key in ("rounded", "conforms")}


def _compared(row: Inputs) -> Row:
    limit = Limit(row.written("limit"))
    side = row.choice("op", _SIDES)
    rounded = rounded_like(row.decimal("unrounded"), limit.text)
    return {
        "rounded": printed_like(rounded, limit),
        "conforms": meets(rounded, side, limit.text),
    }


def _max_acceptable(inputs: Inputs) -> Mapping[str, object]:
    found = [
        max_acceptable(row.integer("limit_exp"), row.decimal("factor"))
        for row in inputs.rows("rows")
    ]
    return {"max_acceptable": [_number(value) for value in found]}


def _microbial_verdict(inputs: Inputs) -> Mapping[str, object]:
    return {"conforms": [_verdict(row) for row in inputs.rows("rows")]}


_WORDS: Mapping[Verdict, bool] = {Verdict.CONFORMS: True, Verdict.FAILS: False}


def _verdict(row: Inputs) -> bool | str:
    criterion = PowerOfTen(row.integer("limit_exp"), "CFU", row.decimal("factor"))
    qualifier, count = read_result(row.raw("count"), "count")
    verdict = judge(criterion, Measured(count, "CFU", qualifier), trace=False).verdict
    return _WORDS.get(verdict, verdict.value)


_ROWS = "list of {op: NLT or NMT, limit: text, unrounded: text}, in any one unit"

CALCULATIONS = (
    Calculation(
        name="bam_round",
        function=to_figures.function,
        answer=_bam_round,
        inputs={"values": "counts, CFU per unit of sample"},
        units={"rounded": "as the values"},
        source="FDA BAM chapter 3",
        example={"values": [12700, 12400, 15500, 14500]},
    ),
    Calculation(
        name="usp_7_20_compare",
        function=rounded_like.function,
        answer=_usp_compare,
        inputs={"rows": _ROWS},
        units={"rows": "list of {rounded: as the limit, conforms: true or false}"},
        source="USP General Notices 7.20",
        example={"rows": [{"op": "NLT", "limit": "98.0", "unrounded": "97.95"}]},
    ),
    Calculation(
        name="microbial_limit_max_acceptable",
        function=max_acceptable.function,
        answer=_max_acceptable,
        inputs={"rows": "list of {limit_exp: n of 10^n CFU/g or CFU/mL, factor: pure number}"},
        units={"max_acceptable": "CFU/g or CFU/mL, as the limit"},
        source="USP <61>/<1111>, Ph. Eur. 5.1.4 (factor 2); Ph. Eur. 5.1.8 (factor 5)",
        example={"rows": [{"limit_exp": 2, "factor": 2}]},
    ),
    Calculation(
        name="microbial_limit_verdict",
        function=judge,
        answer=_microbial_verdict,
        inputs={
            "rows": "list of {limit_exp: n of 10^n, factor: pure number, count: number or "
            "censored text such as <10, same unit as the limit}"
        },
        units={"conforms": "true, false or “indeterminate”"},
        source="USP <61>/<1111>, Ph. Eur. 5.1.4; USP General Notices 7.20",
        example={"rows": [{"limit_exp": 2, "factor": 2, "count": "<10"}]},
    ),
    Calculation(
        name="scientific_limit_compare",
        function=rounded_like.function,
        answer=_scientific_compare,
        inputs={"rows": _ROWS, "rule": "text of the rounding rule, for the reader"},
        units={"rounded": "as the limit", "conforms": "true or false"},
        source="USP General Notices 7.20",
        example={"rows": [{"op": "NLT", "limit": "1.0e9", "unrounded": "9.96e8"}]},
    ),
)
