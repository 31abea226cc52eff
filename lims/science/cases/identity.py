"""Identity: sequence identity, similarity calls, qPCR curves."""

import re
from collections.abc import Mapping
from decimal import Decimal

from lims.science.catalogue import Calculation
from lims.science.errors import BadInputs
from lims.science.identity import (
    Convention,
    Scoring,
    SimilarityRule,
    Strands,
    sequence_identity,
    similarity_calls,
)
from lims.science.inputs import Inputs
from lims.science.qpcr import Cq, Standard, standard_curve
from lims.science.sequences import read_fasta

_NUMBER = r"\s*(?:=|:)?\s*([+-]?\d+(?:\.\d+)?)"
_DEFAULT_ALIGNMENT = "global, match 1, mismatch -1, gap open -2, extend -1"
_DEFAULT_RULE = "species NLT 98.7 % over NLT 1400 bp"


def _identity(inputs: Inputs) -> Mapping[str, object]:
    convention = inputs.text("alignment", _DEFAULT_ALIGNMENT)
    both = "both strands" in convention.lower()
    outcome = sequence_identity(
        read_fasta(inputs.text("query"), "query"),
        read_fasta(inputs.text("reference"), "reference"),
        Convention(scoring=_scoring(convention), strands=Strands.BOTH if both else Strands.FORWARD),
    )
    return {key: outcome.details[key] for key in _IDENTITY_UNITS}


def _scoring(convention: str) -> Scoring:
    text = convention.lower().replace("−", "-")
    if "global" not in text:
        raise BadInputs(f"Only global alignments are made, not “{convention}”.")
    gap = _named(text, r"gap(?:\s+(?:open|score|penalty))?", -2.0)
    return Scoring(
        match=_named(text, r"(?<!mis)match", 1.0),
        mismatch=_named(text, "mismatch", -1.0),
        gap_open=gap,
        gap_extend=_named(text, r"extend|extension", gap),
    )


def _named(text: str, name: str, default: float) -> float:
    found = re.search(rf"(?:{name}){_NUMBER}", text)
    return float(found[1]) if found else default


def _similarity(inputs: Inputs) -> Mapping[str, object]:
    rows = [(row.decimal("identity"), row.count("length")) for row in inputs.rows("rows")]
    return {"calls": list(similarity_calls(rows, _rule(inputs.text("rule", _DEFAULT_RULE))))}


def _rule(text: str) -> SimilarityRule:
    identity = re.search(r"(\d+(?:\.\d+)?)\s*%", text)
    length = re.search(rf"{_WHOLE}\s*(?:bp|bases|nt)", text)
    if identity is None or length is None:
        raise BadInputs(f"The rule “{text}” needs a least identity in % and a length in bp.")
    return SimilarityRule(Decimal(identity[1]), int(re.sub(r"\D", "", length[1])))


_WHOLE = r"(?<![\d.,])(\d{1,3}(?:[, ]\d{3})+|\d+)"  # 1400, or 1,400, which is not 400


def _qpcr(inputs: Inputs) -> Mapping[str, object]:
    standards = [
        Standard(row.number("copies"), _cqs(row, "cq")) for row in inputs.rows("standards")
    ]
    sample = _cqs(inputs, "sample_cq") if "sample_cq" in inputs else ()
    outcome = standard_curve(standards, sample, cutoff=inputs.number("cutoff_cq", 35.0))
    return {key: outcome.details[key] for key in _QPCR_UNITS}


def _cqs(inputs: Inputs, key: str) -> tuple[Cq, ...]:
    values = inputs.raw(key)
    if isinstance(values, str) or not isinstance(values, list | tuple):
        raise BadInputs(f"{key} must be a list.")
    return tuple(_cq(value, key) for value in values)


def _cq(value: object, key: str) -> Cq:
    if value is None or (isinstance(value, str) and value.strip().lower() in _UNDETERMINED):
        return None
    return Inputs({key: value}).number(key)


_UNDETERMINED = ("undetermined", "undet", "nd", "n/a", "no cq", "")

_IDENTITY_UNITS = {
    "matches": "columns",
    "mismatches": "columns",
    "gap_columns": "columns",
    "alignment_length": "columns",
    "edit_distance": "edits",
    "identity_including_gaps": "%",
    "identity_excluding_gaps": "%",
    "strand": "",
}
_QPCR_UNITS = {
    "slope": "Cq per log10 copies",
    "intercept": "Cq",
    "r2": "",
    "efficiency_percent": "%",
    "sample_log10_copies": "log10 copies",
    "detected": "",
}

CALCULATIONS = (
    Calculation(
        name="sequence_identity",
        function=sequence_identity,
        answer=_identity,
        inputs={
            "reference": "nucleotides, or FASTA text with one record",
            "query": "likewise",
            "alignment": f"scores; default “{_DEFAULT_ALIGNMENT}”; add “both strands” to try both",
        },
        units=_IDENTITY_UNITS,
        source="Needleman & Wunsch 1970; Stackebrandt & Ebers 2006",
        example={"reference": "ACGTACGTAC", "query": "ACGAACGTC"},
    ),
    Calculation(
        name="similarity_call",
        function=similarity_calls,
        answer=_similarity,
        inputs={
            "rows": "list of {identity: %, length: compared columns}",
            "rule": f"least identity and length; default “{_DEFAULT_RULE}”",
        },
        units={"calls": ""},
        source="Stackebrandt & Ebers 2006; Chun et al. 2018; USP General Notices 7.20",
        example={"rows": [{"identity": 99.86, "length": 1480}, {"identity": 99.9, "length": 420}]},
    ),
    Calculation(
        name="qpcr_standard_curve",
        function=standard_curve,
        answer=_qpcr,
        inputs={
            "standards": "list of {copies: per reaction, cq: list of cycles}",
            "sample_cq": "cycles of the sample's wells; null or “Undetermined” where none",
            "cutoff_cq": "highest cycle of a detection; default 35",
        },
        units=_QPCR_UNITS,
        source="Bustin et al. 2009 (MIQE)",
        example={
            "standards": [
                {"copies": 1e6, "cq": [17.02, 17.1]},
                {"copies": 1e4, "cq": [23.75, 23.81]},
                {"copies": 100, "cq": [30.55, 30.68]},
            ],
            "sample_cq": [22.1, 22.2],
            "cutoff_cq": 35,
        },
    ),
)
