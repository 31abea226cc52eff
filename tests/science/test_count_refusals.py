"""Counting calculations: any input of the right shape gives plain answers or one sentence."""

import json
from collections.abc import Mapping
from math import isnan

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.cli.calc import _shown
from lims.science import catalogue
from lims.science.cases import (
    count_uncertainty,
    genetic_stability,
    identity_calls,
    mpn,
    phage,
    plate_count,
    rounding,
    viability,
)
from lims.science.errors import ScienceError

_EDGES = st.sampled_from([0, 1, -1, 1e-320, 1e-300, 1e300, 1e16, 0.1, 2**63, 10**400, None, "x"])
_POSITIVE = st.floats(1e-9, 1e9) | st.integers(1, 400)
_NUMBER = _POSITIVE | st.integers(-5, 400) | _EDGES
_COUNT = st.integers(0, 400) | st.integers(0, 10**6) | _EDGES
_READING = st.integers(0, 400) | st.sampled_from(["TNTC", "SPR", "LA", "confluent lysis"]) | _EDGES
_DILUTION = st.sampled_from([1, 0.1, 1e-2, 1e-6]) | _NUMBER
_BOUND = st.sampled_from(["<10", ">300", "<=2", ">=4", "~5", "10", "<", "TNTC", "< 1e5"]) | _NUMBER
_LIMIT = st.sampled_from(["98.0", "3", "1.0e9", "1.0 × 10^9", "10^3", "", "1e999999999", "-1"])


def _many(inner: st.SearchStrategy[object], least: int = 0) -> st.SearchStrategy[list[object]]:
    return st.lists(inner, min_size=least, max_size=8)


def _object(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields)


def _columns(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    """Lists of one length."""
    return st.integers(0, 8).flatmap(
        lambda n: st.fixed_dictionaries(
            {key: st.lists(inner, min_size=n, max_size=n) for key, inner in fields.items()}
        )
    )


def _rows(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.builds(lambda rows: {"rows": rows}, _many(_object(**fields)))


_SHAPES: Mapping[str, st.SearchStrategy[object]] = {
    "bam_round": _object(values=_many(_NUMBER)),
    "usp_7_20_compare": _rows(
        op=st.sampled_from(["NLT", "NMT", "="]), limit=_LIMIT, unrounded=_NUMBER
    ),
    "scientific_limit_compare": _rows(op=st.just("NLT"), limit=_LIMIT, unrounded=_NUMBER),
    "microbial_limit_max_acceptable": _rows(limit_exp=st.integers(-3, 12) | _EDGES, factor=_NUMBER),
    "microbial_limit_verdict": _rows(
        limit_exp=st.integers(-3, 12) | _EDGES, factor=_NUMBER, count=_BOUND
    ),
    "weighted_mean_count": _object(
        plates=_many(_object(dilution=_DILUTION, volume_ml=_NUMBER, counts=_many(_READING)))
    ),
    "bam_report": st.fixed_dictionaries(
        {"rows": _many(_columns(dilutions=_DILUTION, counts=_many(_READING)))},
        optional={"countable": st.just([25, 250]) | _many(_COUNT)},
    ),
    "censored_poisson_mle": st.builds(
        lambda counted, tntc: {**counted, **tntc},
        _columns(counts=_COUNT, volumes=_NUMBER),
        _columns(tntc_limits=_COUNT, tntc_volumes=_NUMBER),
    ),
    "per_dose": _object(
        cfu_per_g=_NUMBER,
        dose_fill_g=_NUMBER,
        label_claim_cfu_per_dose=_NUMBER,
        overage_limit_percent=_NUMBER,
    ),
    "poisson_ci_exact": _object(count=_COUNT, confidence=st.floats(0, 1) | _EDGES),
    "index_of_dispersion": _object(counts=_many(_COUNT)),
    "negative_binomial_mean_ci": _object(counts=_many(_COUNT), confidence=st.floats(0, 1)),
    "expanded_uncertainty_log10": _object(
        sum_counts=_COUNT, sR=_NUMBER, k=_NUMBER, log10_result=_NUMBER
    ),
    "mpn_mle": _columns(
        positive=st.integers(0, 5), tubes=st.integers(1, 5) | _COUNT, amount=_NUMBER
    ),
    "proportion_ci": _object(live=_COUNT, total=_COUNT, confidence=st.floats(0, 1)),
    "flow_viable_count": _object(
        live_gate_events=_COUNT,
        background_events=_COUNT,
        acquired_volume_ul=_NUMBER,
        dilution_factor=_NUMBER,
        bead_events=_COUNT,
        beads_per_ml_in_tube=_NUMBER,
    ),
    "plaque_titre": _object(plaques=_many(_READING), volume_ml=_NUMBER, dilution=_DILUTION),
    "phage_lod": _object(volume_ml=_NUMBER, plates=_COUNT, dilution=_DILUTION, plaques=_COUNT),
    "efficiency_of_plating": _object(
        test_pfu_per_ml=_NUMBER, reference_pfu_per_ml=_NUMBER, test_lod_pfu_per_ml=_NUMBER
    ),
    "induction_call": _object(
        uninduced_pfu_per_ml=_BOUND | _many(_BOUND),
        induced_pfu_per_ml=_BOUND | _many(_BOUND),
        threshold_log10=_NUMBER,
    ),
    "kinetic_lysis": st.builds(
        lambda columns, rest: {**columns, **rest},
        _columns(time_h=_NUMBER, control_od=_NUMBER, treated_od=_NUMBER)
        | st.builds(
            lambda treated: {
                "time_h": list(range(len(treated))),
                "control_od": [0.1 + 0.1 * at for at in range(len(treated))],
                "treated_od": treated,
            },
            st.lists(st.floats(0, 3), min_size=1, max_size=8),
        ),
        st.fixed_dictionaries(
            {"blank_od": st.sampled_from([0, 0.09]) | _NUMBER},
            optional={
                "criteria": st.sampled_from(["AUC ratio <= 0.7", "first of five consecutive", ""])
            },
        ),
    ),
    "generations": _object(N0=_NUMBER, Nt=_NUMBER),
    "mic_vs_cutoff": _rows(mic=_BOUND, cutoff=_NUMBER),
    "maldi_call": _columns(scores=st.floats(-1, 3) | _NUMBER, species_ok=st.booleans()),
}


def _numbers(value: object) -> list[float]:
    if isinstance(value, Mapping):
        return [number for inner in value.values() for number in _numbers(inner)]
    if isinstance(value, list | tuple):
        return [number for inner in value for number in _numbers(inner)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("name", sorted(_SHAPES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_input_ends_in_plain_answers_or_a_sentence(name: str, data: st.DataObject):
    inputs = data.draw(_SHAPES[name])

    try:
        answer = catalogue.calculate(name, inputs)
    except ScienceError as refusal:
        sentence = str(refusal)
        assert sentence.endswith("."), sentence
        assert "\n" not in sentence
        return
    assert not any(isnan(number) for number in _numbers(answer.keys)), answer
    json.dumps(_shown(answer.keys), allow_nan=False)


def test_every_counting_calculation_is_tried():
    families = (count_uncertainty, genetic_stability, identity_calls, mpn, phage, plate_count)
    mine = {
        each.name for family in (*families, rounding, viability) for each in family.CALCULATIONS
    }

    assert mine == set(_SHAPES)
