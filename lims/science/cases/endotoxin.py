"""Endotoxin: the kinetic test, limits and maximum valid dilution."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction

from lims.science.catalogue import Calculation
from lims.science.endotoxin import (
    Level,
    Onset,
    SpikedSample,
    kinetic_lal,
)
from lims.science.endotoxin_limits import endotoxin_limit_and_mvd, limit_from_dose
from lims.science.errors import BadInputs
from lims.science.inputs import Inputs


def _kinetic(inputs: Inputs) -> Mapping[str, object]:
    inputs.text("rule", "-")
    standards = [
        Level(row.positive("eu_per_ml"), row.numbers("onset_s")) for row in inputs.rows("standards")
    ]
    sample = SpikedSample(
        onset_s=_onsets(inputs, "sample_onset_s"),
        spiked_onset_s=_onsets(inputs, "ppc_onset_s"),
        spike=inputs.positive("spike_eu_per_ml"),
        dilution=inputs.positive("dilution_factor", 1.0),
    )
    blank = _onsets(inputs, "blank_onset_s") if "blank_onset_s" in inputs else ()
    return kinetic_lal(standards, sample, blank=blank, trace=False).details


def _onsets(inputs: Inputs, key: str) -> tuple[Onset, ...]:
    """Numbers, or null where a well never reached the threshold."""
    values = inputs.raw(key)
    if not isinstance(values, list | tuple):
        raise BadInputs(f"{key} must be a list.")
    return tuple(None if value is None else Inputs({key: value}).number(key) for value in values)


def _limits(inputs: Inputs) -> Mapping[str, object]:
    return {"rows": [_limit(row) for row in inputs.rows("rows")]}


def _limit(row: Inputs) -> Mapping[str, object]:
    sensitivity = row.decimal("lambda_EU_per_ml")
    limit, unit = _per_unit(row)
    found = asdict(
        endotoxin_limit_and_mvd(limit, f"EU/{unit}", sensitivity, _concentration(row, unit))
    )
    return {**found, "limit": _tidy(found["limit"]), "mvd": _tidy(found["mvd"])}


def _per_unit(row: Inputs) -> tuple[Fraction, str]:
    """The limit and the unit of product it is per: given, or K/M."""
    keys = row.keys()
    given = next((key for key in keys if key.startswith(_GIVEN) and key in row), None)
    if given is None:
        limit = limit_from_dose(row.decimal("K_EU_per_kg_h"), row.decimal("M_dose_per_kg_h"))
        return limit, row.text("M_unit", "mL")
    unit = given.removeprefix(_GIVEN)
    return Fraction(row.decimal(given)), "mL" if unit.lower() == "ml" else unit


_GIVEN = "limit_EU_per_"


def _concentration(row: Inputs, unit: str) -> Decimal:
    if unit.lower() == "ml":
        return Decimal(1)
    return row.decimal(f"conc_{unit}_per_ml")


def _tidy(value: float) -> float | int:
    return int(value) if value.is_integer() else value


CALCULATIONS = (
    Calculation(
        name="kinetic_lal",
        function=kinetic_lal,
        answer=_kinetic,
        inputs={
            "standards": "list of {eu_per_ml, onset_s: list of seconds}",
            "sample_onset_s": "seconds; null where a well never reached the threshold",
            "ppc_onset_s": "seconds of the spiked sample",
            "spike_eu_per_ml": "EU/mL added",
            "dilution_factor": "how many times diluted; default 1",
            "blank_onset_s": "seconds of the water blank; may be left out",
            "rule": "words only",
        },
        units={
            "slope": "log10 s per log10 EU/mL",
            "intercept": "log10 s",
            "r": "",
            "abs_r_ok": "",
            "sample_eu_per_ml_in_well": "EU/mL",
            "sample_eu_per_ml": "EU/mL",
            "ppc_recovery_percent": "%",
            "ppc_valid": "",
            "below_lowest_standard": "",
            "reported": "text when censored",
        },
        source="USP <85>; Ph. Eur. 2.6.14",
        example={
            "standards": [
                {"eu_per_ml": 5, "onset_s": [780, 791]},
                {"eu_per_ml": 0.5, "onset_s": [1550, 1571]},
                {"eu_per_ml": 0.05, "onset_s": [3120, 3098]},
            ],
            "sample_onset_s": [2510, 2546],
            "ppc_onset_s": [1400, 1389],
            "spike_eu_per_ml": 0.5,
            "dilution_factor": 100,
        },
    ),
    Calculation(
        name="endotoxin_limit_and_mvd",
        function=endotoxin_limit_and_mvd,
        answer=_limits,
        inputs={
            "rows": "list of {lambda_EU_per_ml} with {limit_EU_per_ml}, {limit_EU_per_<unit>, "
            "conc_<unit>_per_ml} or {K_EU_per_kg_h, M_dose_per_kg_h, M_unit, conc_<M_unit>_per_ml}"
        },
        units={"rows": "list of {limit, unit, mvd: fold}"},
        source="USP <85>",
        example={"rows": [{"limit_EU_per_ml": 100, "lambda_EU_per_ml": 0.05}]},
    ),
)
