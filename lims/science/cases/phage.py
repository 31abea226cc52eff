"""Cases of phage: plaques, efficiency of plating, induction, lysis kinetics."""

import re
from collections.abc import Mapping
from decimal import Decimal
from math import inf

from lims.science.catalogue import Calculation
from lims.science.censoring import read_result
from lims.science.count_uncertainty import CONFIDENCE
from lims.science.errors import BadInputs
from lims.science.induction import THRESHOLD_LOG10, Induction, Titres, induction_ratio
from lims.science.inputs import Inputs, as_count
from lims.science.lysis import DEFAULT, LysisRule, kinetic_lysis
from lims.science.outcome import Qualifier
from lims.science.phage import (
    detection_limit,
    efficiency_of_plating,
    plaque_titre,
    titre_text,
)
from lims.science.plates import Code, Plate
from lims.science.rounding import CONTEXT, exact

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


def _titre(inputs: Inputs) -> Mapping[str, object]:
    dilution, volume = exact(inputs.positive("dilution", 1)), exact(inputs.positive("volume_ml"))
    plates = [Plate(dilution, volume, reading) for reading in _plaques(inputs)]
    found = plaque_titre(plates, inputs.fraction("confidence", CONFIDENCE), trace=False)
    assert found.interval is not None  # noqa: S101 -- plaque_titre gives an interval
    return {
        "pfu_per_ml": found.value if found.qualifier is Qualifier.EQUAL else 0,
        "log10": found.details["log10"],
        "lower": found.interval.lower,
        "upper": found.interval.upper,
    }


def _plaques(inputs: Inputs) -> list[int | Code]:
    readings: list[int | Code] = []
    for value in inputs.items("plaques"):
        confluent = isinstance(value, str) and value in _CONFLUENT
        readings.append(Code.TNTC if confluent else as_count(value, "plaques"))
    return readings


_CONFLUENT = {"confluent lysis", "confluent", "TNTC"}


def _lod(inputs: Inputs) -> Mapping[str, object]:
    dilution, volume = exact(inputs.positive("dilution", 1)), exact(inputs.positive("volume_ml"))
    tested = inputs.count("plates", 1) * dilution * volume
    found = detection_limit(tested, inputs.count("plaques", 0), trace=False)
    return {
        "lod_pfu_per_ml": found.details["lod"],
        "upper95_one_sided": found.details["upper_one_sided"],
        "upper95_two_sided": found.details["upper_two_sided"],
        "reported": titre_text(found),
    }


def _efficiency(inputs: Inputs) -> Mapping[str, object]:
    limit = inputs.optional_number("test_lod_pfu_per_ml")
    qualifier, test = read_result(inputs.raw("test_pfu_per_ml"), "test_pfu_per_ml")
    bound = test if qualifier is Qualifier.LESS else None if limit is None else exact(limit)
    if qualifier not in {Qualifier.EQUAL, Qualifier.LESS}:
        raise BadInputs("test_pfu_per_ml must be a number or a bound such as <33.")
    found = efficiency_of_plating(
        Decimal(0) if qualifier is Qualifier.LESS else test,
        exact(inputs.number("reference_pfu_per_ml")),
        detection_limit=bound,
        trace=False,
    )
    assert isinstance(found.value, Decimal)  # noqa: S101 -- a ratio of decimals
    bounded = found.qualifier is Qualifier.LESS
    answer: dict[str, object] = {
        "eop": found.value,
        "log10": CONTEXT.log10(found.value) if found.value else None,
        "category": found.details["category"],
    }
    return {**answer, "qualifier": found.qualifier.value} if bounded else answer


def _induction(inputs: Inputs) -> Mapping[str, object]:
    uninduced = _titres(inputs, "uninduced_pfu_per_ml")
    induced = _titres(inputs, "induced_pfu_per_ml")
    threshold = inputs.decimal("threshold_log10", str(THRESHOLD_LOG10))
    if uninduced is None or induced is None:
        rises = uninduced is None and induced is not None
        ratio = inf if rises else -inf
        return {"log10_ratio": None if uninduced is induced else ratio, "induced": rises}
    found = induction_ratio(uninduced, induced, threshold, trace=False)
    return {
        "log10_ratio": found.details["log10_ratio"],
        "induced": _INDUCED.get(str(found.value), found.value),
    }


_INDUCED = {Induction.INDUCIBLE.value: True, Induction.NOT_INDUCIBLE.value: False}


def _titres(inputs: Inputs, key: str) -> Titres | None:
    """One titre, a list of replicates, or a bound such as <33; `None` for a titre of zero."""
    given = inputs.raw(key)
    values = given if isinstance(given, list | tuple) else [given]
    read = [read_result(value, key) for value in values]
    bounds = {qualifier for qualifier, _ in read}
    if len(bounds) != 1:
        raise BadInputs(f"{key} must not mix bounds and numbers, and needs at least one titre.")
    numbers = tuple(number for _, number in read)
    if min(numbers) < 0 or (min(numbers) == 0 and max(numbers) > 0):
        raise BadInputs(f"{key} must not be negative, nor zero in one replicate only.")
    return Titres(numbers, bounds.pop()) if max(numbers) else None


CALCULATIONS = (
    Calculation(
        name="plaque_titre",
        function=plaque_titre,
        answer=_titre,
        inputs={
            "plaques": "plaques on each plate; “confluent lysis” where they run together",
            "volume_ml": "mL plated",
            "dilution": "total dilution as a fraction; default 1",
            "confidence": "two-sided; default 0.95",
        },
        units={
            "pfu_per_ml": "PFU/mL",
            "log10": "log10 PFU/mL; null without plaques",
            "lower": "PFU/mL",
            "upper": "PFU/mL",
        },
        source="definition; Garwood 1936, Biometrika 28:437",
        example={"plaques": [48, 53, 44], "volume_ml": 0.1, "dilution": 1e-06},
    ),
    Calculation(
        name="phage_lod",
        function=detection_limit,
        answer=_lod,
        inputs={
            "volume_ml": "mL per plate",
            "plates": "number of plates; default 1",
            "dilution": "total dilution as a fraction; default 1",
            "plaques": "plaques in total; default 0",
        },
        units={
            "lod_pfu_per_ml": "PFU/mL",
            "upper95_one_sided": "PFU/mL",
            "upper95_two_sided": "PFU/mL",
            "reported": "PFU/mL as text",
        },
        source="Poisson, P(0) = e^(−c m)",
        example={"volume_ml": 0.1, "plates": 3, "dilution": 0.1, "plaques": 0},
    ),
    Calculation(
        name="efficiency_of_plating",
        function=efficiency_of_plating,
        answer=_efficiency,
        inputs={
            "test_pfu_per_ml": "PFU/mL on the test host; 0 for no plaques, or a bound as <33",
            "reference_pfu_per_ml": "PFU/mL on the reference host",
            "test_lod_pfu_per_ml": "PFU/mL, detection limit on the test host; may be left out",
        },
        units={"eop": "", "log10": "null for 0", "category": "band with its bounds"},
        source="definition; bands are defaults of the method",
        example={"test_pfu_per_ml": 3200000, "reference_pfu_per_ml": 490000000},
    ),
    Calculation(
        name="induction_call",
        function=induction_ratio,
        answer=_induction,
        inputs={
            "uninduced_pfu_per_ml": "PFU/mL: a number, a list of replicates, or a bound as <33",
            "induced_pfu_per_ml": "PFU/mL, likewise",
            "threshold_log10": "least log10 ratio of an induction; default 1",
        },
        units={"log10_ratio": "log10", "induced": "true, false or “undetermined”"},
        source="ratio of geometric means; threshold is a default of the method",
        example={
            "uninduced_pfu_per_ml": 400,
            "induced_pfu_per_ml": 2600000,
            "threshold_log10": 1,
        },
    ),
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
            "time_of_max_od": "h",
            "regrowth": "true or false",
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
