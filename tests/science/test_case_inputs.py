"""The words and forms a case may use for the same calculation, and those it may not."""

import pytest

from lims.science.catalogue import calculate
from lims.science.errors import ScienceError


def _answer(name: str, **inputs: object) -> dict[str, object]:
    return dict(calculate(name, inputs).keys)


_WELLS = {
    "x": [0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16],
    "y": [7.9, 8.1, 7.6, 7.4, 6.2, 6.5, 3.1, 2.8, 1.1, 0.9, 0.5, 0.6],
}


@pytest.mark.parametrize("words", ["1/y^2", "1/y**2", "1/y²", "1 / y2"])
def test_weights_may_be_named_in_several_ways(words):
    named = _answer("fit_4pl", **_WELLS, weights=words)
    listed = _answer("fit_4pl", **_WELLS, weights=[1 / y**2 for y in _WELLS["y"]])

    assert named["C"] == pytest.approx(listed["C"], rel=1e-9)
    assert named["C"] != pytest.approx(_answer("fit_4pl", **_WELLS)["C"], rel=1e-6)


def test_equal_weights_may_be_named():
    assert _answer("fit_4pl", **_WELLS, weights="1") == _answer("fit_4pl", **_WELLS)


def test_unknown_weights_are_refused():
    with pytest.raises(ScienceError, match="weights must be"):
        _answer("fit_4pl", **_WELLS, weights="1/x")


def test_back_calculated_doses_are_named_by_their_response():
    found = _answer("fit_4pl_and_back_calculate", **_WELLS, back_calculate_y=[3, 5.5, 9, 0.1])

    assert list(found["back_calculated"]) == ["3", "5.5", "9", "0.1"]
    assert found["back_calculated"]["9"] == "<1"
    assert found["back_calculated"]["0.1"] == ">16"


_LOTS = [
    {"batch": lot, "month": month, "value": value}
    for lot, values in ((1, (10.05, 10.03, 9.96, 9.89)), ("L2", (10.13, 9.98, 9.94, 9.97)))
    for month, value in zip((0, 3, 6, 9), values, strict=True)
]


@pytest.mark.parametrize(
    "limits",
    [
        {"limit": [9.5, 10.5]},
        {"limits": [10.5, 9.5]},
        {"limit": {"lower": 9.5, "upper": 10.5}},
        {"lower_limit": 9.5, "upper_limit": 10.5},
    ],
)
@pytest.mark.parametrize("side", ["both", "two-sided"])
def test_two_limits_may_be_given_in_several_forms(limits, side):
    found = _answer("ich_q1e_shelf_life", data=_LOTS, side=side, **limits)

    lower = _answer("ich_q1e_shelf_life", data=_LOTS, limit=9.5, confidence="two-sided 95%")
    assert found["shelf_life_crossing_months"] == lower["shelf_life_crossing_months"]
    assert list(found["crossing_individual_fits"]) == ["1", "L2"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"confidence": "high"},
        {"confidence": "one-sided 100%"},
        {"side": "both", "limit": [1, 2, 3]},
        {"side": "left"},
        {"data": [{"batch": 1.5, "month": 0, "value": 1}]},
    ],
)
def test_other_words_of_a_shelf_life_are_refused(wrong):
    with pytest.raises(ScienceError):
        _answer("ich_q1e_shelf_life", **{"data": _LOTS, "limit": 9.5, **wrong})


def test_an_upper_limit_is_told_by_its_side():
    found = _answer("ich_q1e_shelf_life", data=_LOTS, limit=10.5, side="upper")

    assert found["shelf_life_crossing_months"] == "no crossing before 500"


_ROWS = {"S": [[0.16, 0.28], [0.15, 0.3]], "T": [[0.2, 0.36], [0.21, 0.35]]}
_ASSAY = {
    "design": "completely_randomised",
    "dose_ratio": 2,
    "doses_rank": [0, 1],
    "response": _ROWS,
}


def test_a_factor_may_be_a_number_a_calculation_or_left_out():
    plain = _answer("parallel_line_assay", **_ASSAY, assigned_potency=20)["T"]["potency"]
    number = _answer("parallel_line_assay", **_ASSAY, pre_factor=20)["T"]["potency"]
    text = _answer("parallel_line_assay", **_ASSAY, pre_factor="4*10/2")["T"]["potency"]

    assert plain == number == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"dose_ratio": 1},
        {"pre_factor": "-1"},
        {"pre_factor": "x"},
        {"response": {"S": 1, "T": [[1, 2]]}},
        {"design": "latin_square"},
    ],
)
def test_other_words_of_a_parallel_line_assay_are_refused(wrong):
    with pytest.raises(ScienceError):
        _answer("parallel_line_assay", **{**_ASSAY, **wrong})


@pytest.mark.parametrize("words", ["Undetermined", "undet", "ND", "", None])
def test_a_well_without_a_cycle_may_be_written_in_several_ways(words):
    standards = [{"copies": 10**n, "cq": [40 - 3.4 * n, words]} for n in (2, 4, 6)]

    found = _answer("qpcr_standard_curve", standards=standards, sample_cq=[words])

    assert found["detected"] is False
    assert found["slope"] == pytest.approx(-3.4)


@pytest.mark.parametrize("cq", ["late", 7, [True]])
def test_other_cycles_are_refused(cq):
    with pytest.raises(ScienceError):
        _answer("qpcr_standard_curve", standards=[{"copies": 10, "cq": cq}])


def test_an_alignment_reads_its_scores_and_strands():
    forward = _answer("sequence_identity", query="ACGTTC", reference="ACGTTTC")
    other = _answer(
        "sequence_identity",
        query="GAACGT",
        reference="ACGTTTC",
        alignment="global, match 2, mismatch -3, gap open -5, extend -2, both strands",
    )

    assert (forward["gap_columns"], other["strand"]) == (1, "reverse")


@pytest.mark.parametrize("alignment", ["local, match 1", "global, match -1, mismatch 1"])
def test_other_alignments_are_refused(alignment):
    with pytest.raises(ScienceError):
        _answer("sequence_identity", query="ACGT", reference="ACGT", alignment=alignment)


def test_a_similarity_rule_needs_a_share_and_a_length():
    rows = [{"identity": 99, "length": 300}]

    calls = _answer("similarity_call", rows=rows, rule="NLT 99.0 % over NLT 300 bp")["calls"]
    assert calls == ["conforms"]
    with pytest.raises(ScienceError):
        _answer("similarity_call", rows=rows, rule="close enough")


@pytest.mark.parametrize("words", [{"within": "sd"}, {"within": "MRbar/0"}])
def test_other_short_term_sigmas_are_refused(words):
    with pytest.raises(ScienceError):
        _answer("capability", data=[1, 2, 3], lsl=0, **words)


def test_only_the_completing_point_is_flagged():
    with pytest.raises(ScienceError, match="completes"):
        _answer("nelson_rules", data=[1], mean=0, sigma=1, flag="the first point")


def test_a_line_through_the_origin_may_be_asked_for_in_two_ways():
    points = {"x": [1, 2, 3], "y": [2, 4.1, 5.9]}

    one = _answer("linear_regression", **points, through_origin=True)
    other = _answer("linear_regression", **points, intercept=False)

    assert one == other
    assert one["intercept"] == 0


def test_onsets_must_be_a_list():
    with pytest.raises(ScienceError, match="list"):
        _answer(
            "kinetic_lal",
            standards=[{"eu_per_ml": 5, "onset_s": [700]}, {"eu_per_ml": 1, "onset_s": [900]}],
            sample_onset_s=5,
            ppc_onset_s=[5],
            spike_eu_per_ml=1,
        )


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("efficiency_of_plating", {"test_pfu_per_ml": "1e999999", "reference_pfu_per_ml": 1}),
        ("weighted_mean_count", {"plates": [{"dilution": 1, "counts": ["1e999999"]}]}),
        ("bam_report", {"rows": [{"dilutions": [1], "counts": [["1e999999"]]}]}),
        ("one_sided_tolerance_factor", {"n": 1e308, "coverage": 0.9, "confidence": 0.9}),
    ],
)
def test_a_number_beyond_all_measure_is_refused_at_once(name, inputs):
    with pytest.raises(ScienceError, match=r"1e308|at most"):
        _answer(name, **inputs)


@pytest.mark.parametrize(("word", "side"), [("max", "upper"), ("min", "lower")])
def test_the_tail_of_an_outlier_test_may_be_named_in_two_ways(word, side):
    data = {"data": [9.1, 9.8, 9.75, 9.82, 9.79, 10.6]}

    assert _answer("grubbs_one_sided", **data, side=word) == _answer(
        "grubbs_one_sided", **data, side=side
    )


def test_a_titre_on_the_test_host_may_not_be_a_lower_bound():
    with pytest.raises(ScienceError, match="such as <33"):
        _answer("efficiency_of_plating", test_pfu_per_ml=">100", reference_pfu_per_ml=1e6)


def test_a_cut_off_may_be_said_not_to_be_required():
    rows = [{"mic": "8", "cutoff": "not required"}, {"mic": "8", "cutoff": None}]

    assert _answer("mic_vs_cutoff", rows=rows) == {"resistant": ["not required"] * 2}


@pytest.mark.parametrize("length", ["1400 bp", "1,400 bp", "1 400 bp"])
def test_a_length_with_a_separator_is_read_whole(length):
    rows = [{"identity": 99.9, "length": 1399}, {"identity": 99.9, "length": 1400}]
    found = _answer("similarity_call", rows=rows, rule=f"species NLT 98.7 % over NLT {length}")

    assert found["calls"] == ["invalid: alignment too short", "conforms"]


def test_a_confidence_may_be_a_fraction():
    data = [
        {"batch": "A", "month": month, "value": value}
        for month, value in ((0, 10.0), (3, 9.98), (6, 9.97), (9, 9.9), (12, 9.9))
    ]
    words = _answer("ich_q1e_shelf_life", data=data, limit=9.5, confidence="one-sided 90%")

    assert _answer("ich_q1e_shelf_life", data=data, limit=9.5, confidence=0.9) == words
