"""Inputs of the right shape end in a result without NaN, or in a sentence; never elsewhere."""

from collections.abc import Mapping
from math import isnan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.science import catalogue
from lims.science.errors import ScienceError

_EDGES = st.sampled_from([0, 0.0, 1, -1, 1e-300, 1e300, -1e300, 5e-324, 1e16, 0.1, 100, 1.5, 3])
_PLAIN = st.integers(-5, 50) | st.floats(-100, 100).map(lambda value: round(value, 3))
_NUMBER = _PLAIN | _EDGES
_MOSTLY = st.floats(0.01, 100).map(lambda value: round(value, 2))
_NUMBERS = st.lists(_NUMBER, max_size=12) | st.lists(_MOSTLY, min_size=3, max_size=12)
_SAME = st.tuples(_MOSTLY, st.integers(2, 8)).map(lambda pair: [pair[0]] * pair[1])
_DATA = _NUMBERS | _SAME
_MAYBE = _NUMBER | st.none()
_SHARE = st.floats(0, 1) | _EDGES


def _rows(fields: Mapping[str, st.SearchStrategy[object]]) -> st.SearchStrategy[object]:
    return st.lists(st.fixed_dictionaries(dict(fields)), max_size=8)


def _pairs(**more: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """x and y of one length, and more."""
    pairs = st.lists(st.tuples(_NUMBER | _MOSTLY, _NUMBER | _MOSTLY), max_size=16)
    return st.builds(
        lambda points, extra: {"x": [p[0] for p in points], "y": [p[1] for p in points], **extra},
        pairs,
        st.fixed_dictionaries(dict(more)),
    )


def _sound_curve(**more: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Wells of a falling or rising curve, so that most fits come to an end."""
    doses = [0, 0.5, 1, 2, 4, 8, 16, 32]
    return st.builds(
        lambda noise, range_, steep, extra: {
            "x": doses,
            "y": [
                round(range_ / (1 + (dose / 4) ** steep) + error, 4)
                for dose, error in zip(doses, noise, strict=True)
            ],
            **extra,
        },
        st.lists(st.floats(-0.5, 0.5), min_size=8, max_size=8),
        st.sampled_from([2, -2, 10, 0.1]),
        st.floats(0.2, 6),
        st.fixed_dictionaries(dict(more)),
    )


_PREPARATION = _pairs() | _sound_curve()
_RESPONSES = st.integers(2, 3).flatmap(
    lambda doses: st.dictionaries(
        st.sampled_from("STU"),
        st.lists(
            st.lists(_MAYBE | _MOSTLY, min_size=doses, max_size=doses), min_size=1, max_size=4
        ),
        min_size=1,
    ).map(lambda rows: {"doses_rank": list(range(doses)), "response": rows})
)
_LOTS = st.lists(
    st.fixed_dictionaries(
        {
            "batch": st.sampled_from(["L1", "L2", "L3"]),
            "month": st.sampled_from([0, 3, 6, 9, 12, 24]) | _NUMBER,
            "value": st.floats(9, 10).map(lambda v: round(v, 2)) | _NUMBER,
        }
    ),
    max_size=24,
)
_SOUND_LOTS = st.builds(
    lambda values: [
        {"batch": f"L{at % 3}", "month": 3 * (at // 3), "value": round(value, 2)}
        for at, value in enumerate(values)
    ],
    st.lists(st.floats(9.4, 10.2), min_size=12, max_size=18) | st.just([10.0] * 12),
)
_SOUND_LEVELS = st.lists(st.integers(-300, 300), min_size=6, max_size=6).map(
    lambda noise: [
        {"eu_per_ml": amount, "onset_s": [onset + noise[2 * at], onset + noise[2 * at + 1]]}
        for at, (amount, onset) in enumerate(((5, 800), (0.5, 1600), (0.05, 3200)))
    ]
)
_ONSETS = st.lists(_MAYBE | st.integers(300, 7000), max_size=3)
_BASES = st.text("ACGTNRYacgu-X >\n", max_size=30)

_SHAPES: dict[str, st.SearchStrategy[dict[str, object]]] = {
    "summary": st.fixed_dictionaries({"data": _DATA}),
    "cv_percent": st.fixed_dictionaries({"data": _DATA}),
    "linear_regression": _pairs(through_origin=st.booleans()),
    "one_sided_tolerance_factor": st.fixed_dictionaries(
        {"n": st.integers(-1, 200), "coverage": _SHARE, "confidence": _SHARE}
    ),
    "grubbs_one_sided": st.fixed_dictionaries({"data": _DATA, "alpha": _SHARE}),
    "grubbs_two_sided": st.fixed_dictionaries({"data": _DATA, "alpha": _SHARE}),
    "dixon_r10": st.fixed_dictionaries({"data": _DATA}),
    "generalized_esd": st.fixed_dictionaries(
        {"data": _DATA, "alpha": _SHARE, "max_outliers": st.integers(-1, 8)}
    ),
    "imr_limits": st.fixed_dictionaries({"data": _DATA, "d2": _MAYBE, "D4": _MAYBE}),
    "nelson_rules": st.fixed_dictionaries({"data": _DATA, "mean": _NUMBER, "sigma": _NUMBER}),
    "capability": st.fixed_dictionaries({"data": _DATA, "lsl": _MAYBE, "usl": _MAYBE}),
    "oos_decision": st.fixed_dictionaries(
        {
            "rows": _rows(
                {
                    "kind": st.sampled_from(["replicates", "separate_tests"]),
                    "values": _DATA,
                    "lower": _MAYBE,
                    "upper": _MAYBE,
                    "pre_defined_average": st.booleans(),
                }
            )
        }
    ),
    "mean_kinetic_temperature": st.fixed_dictionaries(
        {"temperatures_C": _DATA}, optional={"durations_h": _DATA, "delta_H_kJ_per_mol": _NUMBER}
    ),
    "time_to_threshold": _pairs(threshold=_NUMBER).map(
        lambda made: {
            "time": sorted(set(made["x"])),
            "signal": made["y"][: len(set(made["x"]))],
            "threshold": made["threshold"],
        }
    ),
    "kinetic_lal": st.fixed_dictionaries(
        {
            "standards": _SOUND_LEVELS
            | _rows({"eu_per_ml": _NUMBER, "onset_s": st.lists(_NUMBER, max_size=3)}),
            "sample_onset_s": _ONSETS,
            "ppc_onset_s": _ONSETS,
            "spike_eu_per_ml": _MOSTLY | _NUMBER,
            "dilution_factor": _MOSTLY | _NUMBER,
        }
    ),
    "endotoxin_limit_and_mvd": st.fixed_dictionaries(
        {
            "rows": _rows(
                {
                    "limit_EU_per_ml": _MAYBE,
                    "K_EU_per_kg_h": _NUMBER,
                    "M_dose_per_kg_h": _NUMBER,
                    "M_unit": st.sampled_from(["mg", "mL"]),
                    "conc_mg_per_ml": _NUMBER,
                    "lambda_EU_per_ml": _NUMBER,
                }
            )
        }
    ),
    "ich_q1e_shelf_life": st.fixed_dictionaries(
        {
            "data": _LOTS | _SOUND_LOTS,
            "limit": _NUMBER | st.just(9.5),
            "side": st.sampled_from(["lower", "upper"]),
        }
    ),
    "release_limit_lower": st.fixed_dictionaries(
        {
            "expiry_limit": _NUMBER,
            "slope_per_month": _NUMBER,
            "se_slope": _NUMBER,
            "shelf_life_months": _NUMBER,
            "assay_sd": _NUMBER,
            "replicates": st.integers(-1, 5),
        }
    ),
    "parallel_line_assay": st.builds(
        lambda made, rest: {**made, **rest},
        _RESPONSES,
        st.fixed_dictionaries(
            {
                "design": st.sampled_from(["completely_randomised", "randomised_block"]),
                "dose_ratio": st.just(2) | _NUMBER,
                "transform": st.sampled_from(["none", "ln", "log10", "sqrt"]),
                "pre_factor": st.sampled_from(["1", "2*(3/4)", "10"])
                | st.sampled_from(["1/0", "x", "9**9**9", "("]),
            }
        ),
    ),
    "fit_4pl": _pairs() | _sound_curve(),
    "fit_4pl_and_back_calculate": _pairs(back_calculate_y=_DATA)
    | _sound_curve(back_calculate_y=_DATA),
    "nls_fit": _pairs(
        model=st.sampled_from(
            [
                "b1*(1-exp(-b2*x))",
                "b1*x^b2",
                "b1/(1+exp(b2-b3*x))",
                "log(b1+x)",
                "x",
                "b1*y",
                "b1**",
            ]
        ),
        starts=st.lists(st.lists(_NUMBER, min_size=2, max_size=2), max_size=2),
    ),
    "relative_potency_4pl": st.fixed_dictionaries(
        {"reference": _PREPARATION, "test": _PREPARATION}
    ),
    "combine_log_potencies": st.fixed_dictionaries(
        {"relative_potencies": _DATA, "confidence": _SHARE}
    ),
    "sequence_identity": st.fixed_dictionaries({"query": _BASES, "reference": _BASES}),
    "similarity_call": st.fixed_dictionaries(
        {"rows": _rows({"identity": _NUMBER, "length": st.integers(-1, 2000)})}
    ),
    "qpcr_standard_curve": st.fixed_dictionaries(
        {
            "standards": _rows(
                {"copies": _MOSTLY | _NUMBER, "cq": st.lists(_MOSTLY | _MAYBE, max_size=3)}
            ),
            "sample_cq": st.lists(_MAYBE, max_size=3),
            "cutoff_cq": _NUMBER,
        }
    ),
}


def _nowhere_nan(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(map(_nowhere_nan, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_nowhere_nan, value))
    return not (isinstance(value, float) and isnan(value))


@pytest.mark.parametrize("name", _SHAPES)
@given(data=st.data())
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_input_of_the_right_shape_ends_in_a_result_or_a_sentence(name, data):
    ended = _ended(name, data.draw(_SHAPES[name]))

    assert _nowhere_nan(ended), ended
    assert not isinstance(ended, str) or ended.endswith((".", "”")), ended


def _ended(name: str, inputs: object) -> object:
    try:
        return catalogue.calculate(name, inputs).keys
    except ScienceError as refusal:
        return str(refusal)
