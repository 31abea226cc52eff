"""Cold chain: mean kinetic temperature."""

from collections.abc import Mapping

from lims.science.catalogue import Calculation
from lims.science.inputs import Inputs
from lims.science.kinetic_temperature import (
    DELTA_H,
    GAS_CONSTANT,
    KELVIN,
    mean_kinetic_temperature,
)


def _mkt(inputs: Inputs) -> Mapping[str, object]:
    return mean_kinetic_temperature(
        inputs.numbers("temperatures_C"),
        inputs.numbers("durations_h") if "durations_h" in inputs else None,
        delta_h=inputs.positive("delta_H_kJ_per_mol", DELTA_H),
        gas_constant=inputs.positive("R_kJ_per_mol_K", GAS_CONSTANT),
        kelvin=inputs.positive("kelvin_offset", KELVIN),
        trace=False,
    ).details


CALCULATIONS = (
    Calculation(
        name="mean_kinetic_temperature",
        function=mean_kinetic_temperature,
        answer=_mkt,
        inputs={
            "temperatures_C": "°C",
            "durations_h": "time at each temperature; equal when left out",
            "delta_H_kJ_per_mol": f"activation energy; default {DELTA_H}",
            "R_kJ_per_mol_K": f"gas constant; default {GAS_CONSTANT}",
            "kelvin_offset": f"default {KELVIN}",
        },
        units={"mkt_C": "°C", "arithmetic_mean_C": "°C"},
        source="USP <1079.2>; ICH Q1A(R2)",
        example={"temperatures_C": [5, 15, 25, 5], "durations_h": [700, 10, 2, 8]},
    ),
)
