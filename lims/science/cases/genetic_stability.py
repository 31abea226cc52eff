"""Cases of genetic stability."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.censoring import read_result
from lims.science.genetic_stability import Mic, Passage, Resistance, generations, mic_call
from lims.science.inputs import Inputs


def _generations(inputs: Inputs) -> Mapping[str, object]:
    if "passages" not in inputs:
        return {"generations": generations([_passage(inputs)], trace=False).value}
    found = generations([_passage(row) for row in inputs.rows("passages")], trace=False)
    return {"generations": found.value, "passages": found.details["passages"]}


def _passage(row: Inputs) -> Passage:
    return Passage(row.positive("N0"), row.positive("Nt"))


def _mic(inputs: Inputs) -> Mapping[str, object]:
    return {"resistant": [_resistant(row) for row in inputs.rows("rows")]}


def _resistant(row: Inputs) -> object:
    qualifier, value = read_result(row.raw("mic"), "mic")
    required = row.has("cutoff") and row.raw("cutoff") != Resistance.NOT_REQUIRED.value
    cutoff = row.decimal("cutoff") if required else None
    word = str(mic_call(Mic(value, qualifier), cutoff, trace=False).value)
    return _RESISTANT.get(word, word)


_RESISTANT = {Resistance.RESISTANT.value: True, Resistance.NOT_RESISTANT.value: False}

CALCULATIONS = (
    Calculation(
        name="generations",
        function=generations,
        answer=_generations,
        inputs={
            "N0": "CFU or cells at the start",
            "Nt": "CFU or cells at the end",
            "passages": "list of {N0, Nt} instead of one: they are added up",
        },
        units={"generations": "generations", "passages": "generations of each"},
        source="n = log2(N_t/N_0)",
        example={"N0": 1000000, "Nt": 2000000000},
    ),
    Calculation(
        name="mic_vs_cutoff",
        function=mic_call,
        answer=_mic,
        inputs={
            "rows": "list of {mic: mg/L, number or text such as <=0.25 or >256, cutoff: mg/L, "
            "null where not required}"
        },
        units={"resistant": "true, false, “undetermined” or “not required”"},
        source="EFSA FEEDAP 2018, EFSA Journal 16:5206; ISO 10932",
        example={"rows": [{"mic": "4", "cutoff": 2}, {"mic": "<=0.25", "cutoff": 2}]},
    ),
)
