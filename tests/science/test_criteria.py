"""Every form of acceptance criterion, with exact and censored results."""

import json
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science.acceptance import BadCriterion
from lims.science.criteria import (
    Absence,
    AllOf,
    Bounds,
    Criterion,
    Equivalence,
    ForInformation,
    Measured,
    OneOf,
    PowerOfTen,
    Stage,
    Staged,
    Verdict,
    band,
    judge,
)
from lims.science.criteria_data import as_data, from_data
from lims.science.errors import BadInputs
from lims.science.outcome import Interval, Qualifier
from lims.science.trace import recompute

D = Decimal
CONFORMS, FAILS = Verdict.CONFORMS, Verdict.FAILS
INDETERMINATE, NOT_COMPARABLE = Verdict.INDETERMINATE, Verdict.NOT_COMPARABLE


def verdict(criterion: Criterion, value: str, unit: str = "", qualifier: str = "=") -> Verdict:
    return judge(criterion, Measured(D(value), unit, Qualifier(qualifier))).verdict


@pytest.mark.parametrize(
    ("value", "expected"), [("97.95", CONFORMS), ("97.94", FAILS), ("98.0", CONFORMS)]
)
def test_lower_limit_after_rounding(value: str, expected: Verdict):
    assert verdict(Bounds("%", lower="98.0"), value, "%") is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("101.55", FAILS), ("101.54", CONFORMS), ("90", CONFORMS)]
)
def test_upper_limit_after_rounding(value: str, expected: Verdict):
    assert verdict(Bounds("%", upper="101.5"), value, "%") is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4.94", FAILS),
        ("4.95", CONFORMS),
        ("7.04", CONFORMS),
        ("7.05", FAILS),
        ("6", CONFORMS),
    ],
)
def test_range_after_rounding(value: str, expected: Verdict):
    assert verdict(Bounds(lower="5.0", upper="7.0"), value) is expected


def test_less_than_excludes_the_limit():
    below = Bounds(upper="5.0", upper_excluded=True)
    above = Bounds(lower="5.0", lower_excluded=True)

    assert verdict(below, "5.0") is FAILS
    assert verdict(below, "4.9") is CONFORMS
    assert verdict(above, "5.0") is FAILS
    assert verdict(above, "5.1") is CONFORMS


def test_scientific_limit_rounds_at_the_results_own_exponent():
    limit = Bounds("CFU/dose", lower="1.0 × 10^9")

    judgement = judge(limit, Measured(D("9.96e8"), "CFU/dose"))

    assert judgement.verdict is CONFORMS
    assert judgement.compared == "1.0e9"
    assert verdict(limit, "9.5e8", "CFU/dose") is FAILS


@pytest.mark.req("DI-07")
def test_the_number_printed_is_the_number_compared():
    judgement = judge(Bounds("%", upper="5.0"), Measured(D("5.049"), "%"))

    assert judgement.compared == "5.0"
    assert judgement.reason == "5.0 meets NMT 5.0."


def test_a_range_prints_one_number():
    judgement = judge(Bounds(lower="5.0", upper="7.0"), Measured(D("6.26")))

    assert judgement.compared == "6.3"


def test_judgement_keeps_a_trace_that_recomputes():
    judgement = judge(Bounds("%", lower="98.0"), Measured(D("97.95"), "%"))

    assert [step.value for step in judgement.trace] == [D("98.0"), True]
    assert recompute(judgement.trace) == ()
    assert judge(Bounds("%", lower="98.0"), Measured(D("97.95"), "%"), trace=False).trace == ()


# --- censored --------------------------------------------------------------------------------


def possible(qualifier: str, bound: int) -> list[Decimal]:
    """Second route: the values a censored result may stand for, on a fine grid."""
    grid = [D(step) / 4 for step in range(-40, 161)]
    tests = {
        "<": lambda x: x < bound,
        "≤": lambda x: x <= bound,
        ">": lambda x: x > bound,
        "≥": lambda x: x >= bound,
    }
    return [x for x in grid if tests[qualifier](x)]


@pytest.mark.req("LR-07")
@pytest.mark.parametrize(
    ("qualifier", "bound", "side", "excluded"),
    list(product("<≤>≥", (9, 10, 11), ("lower", "upper"), (False, True))),
)
def test_a_censored_result_is_judged_by_all_it_may_stand_for(qualifier, bound, side, excluded):
    criterion = Bounds(
        **{side: "10"},
        lower_excluded=excluded and side == "lower",
        upper_excluded=excluded and side == "upper",
    )
    inside = {
        "lower": (lambda x: x > 10) if excluded else (lambda x: x >= 10),
        "upper": (lambda x: x < 10) if excluded else (lambda x: x <= 10),
    }[side]
    met = {inside(x) for x in possible(qualifier, bound)}
    expected = INDETERMINATE if len(met) == 2 else (CONFORMS if met == {True} else FAILS)

    assert verdict(criterion, str(bound), "", qualifier) is expected


def test_a_censored_result_in_a_range_needs_both_sides():
    limits = Bounds(lower="5", upper="10")

    assert verdict(limits, "5", "", "<") is FAILS
    assert verdict(limits, "10", "", ">") is FAILS
    assert verdict(limits, "8", "", "<") is INDETERMINATE
    assert verdict(limits, "8", "", ">") is INDETERMINATE


def test_a_bound_is_compared_as_written():
    judgement = judge(Bounds(upper="2.0"), Measured(D("2.04"), "", Qualifier.LESS))

    assert judgement.verdict is INDETERMINATE
    assert judgement.compared == "< 2.04"
    assert "does not say" in judgement.reason


def test_an_estimated_result_is_compared_as_a_number():
    assert verdict(Bounds(upper="10"), "9", "", "~") is CONFORMS
    assert verdict(Bounds(upper="10"), "11", "", "~") is FAILS


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_smaller_upper_bound_never_turns_a_pass(low: int, more: int):
    limit = Bounds(upper="100")
    if verdict(limit, str(low + more), "", "<") is CONFORMS:
        assert verdict(limit, str(low), "", "<") is CONFORMS


# --- compendial ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "count", "qualifier", "expected"),
    [
        ("2", "200", "=", CONFORMS),
        ("2", "201", "=", FAILS),
        ("2", "200.4", "=", CONFORMS),
        ("2", "200.5", "=", FAILS),
        ("2", "10", "<", CONFORMS),
        ("2", "200", "<", CONFORMS),
        ("2", "201", "<", INDETERMINATE),
        ("2", "200", ">", FAILS),
        ("2", "199", ">", INDETERMINATE),
        ("5", "500", "=", CONFORMS),
        ("1", "101", "=", FAILS),
    ],
)
def test_power_of_ten_accepts_up_to_its_factor(factor, count, qualifier, expected):
    assert verdict(PowerOfTen(2, "CFU/g", D(factor)), count, "CFU/g", qualifier) is expected


def test_power_of_ten_shows_the_limit_and_what_it_accepts():
    assert str(PowerOfTen(2, "CFU/g")) == "NMT 10^2 CFU/g (max. acceptable 200)"
    assert str(PowerOfTen(-1, "CFU/g", D(1))) == "NMT 10^-1 CFU/g (max. acceptable 0.1)"


# --- absence, categories, sets ---------------------------------------------------------------


def absence(value: str | None, quantity: str | None, unit: str = "g") -> Verdict:
    tested = None if quantity is None else D(quantity)
    return judge(Absence(D(10), "g"), Measured(value, unit, tested_quantity=tested)).verdict


def test_absence_needs_the_required_quantity():
    assert absence("not detected", "10") is CONFORMS
    assert absence("not detected", "25") is CONFORMS
    assert absence("not detected", "9.99") is INDETERMINATE
    assert absence("not detected", None) is INDETERMINATE


def test_a_detection_fails_whatever_the_quantity():
    assert absence("detected", "1") is FAILS
    assert absence("detected", None) is FAILS


def test_absence_does_not_compare_other_units_or_words():
    assert absence("not detected", "10", "mL") is NOT_COMPARABLE
    assert absence("presumptive", "10") is NOT_COMPARABLE
    assert absence(None, "10") is NOT_COMPARABLE


def test_category():
    criterion = OneOf(("Gram-positive rod", "conforms"))

    assert judge(criterion, Measured("conforms")).verdict is CONFORMS
    assert judge(criterion, Measured("Gram-negative rod")).verdict is FAILS
    assert judge(criterion, Measured(D(1))).verdict is NOT_COMPARABLE


def test_all_of_a_set_and_no_other():
    criterion = AllOf(("A", "B"))

    assert judge(criterion, Measured(("B", "A"))).verdict is CONFORMS
    missing = judge(criterion, Measured(("A",)))
    assert missing.verdict is FAILS
    assert missing.reason == "Missing: B."
    extra = judge(criterion, Measured(("A", "B", "C")))
    assert extra.verdict is FAILS
    assert extra.reason == "Not on the list: C."
    assert judge(criterion, Measured(("C",))).reason == "Missing: A, B. Not on the list: C."
    assert judge(criterion, Measured("A")).verdict is NOT_COMPARABLE
    assert judge(criterion, Measured((D(1),))).verdict is NOT_COMPARABLE
    assert judge(criterion, Measured(("A", D(1)))).verdict is NOT_COMPARABLE


# --- band, equivalence, stages ---------------------------------------------------------------


def test_a_band_is_a_range_around_its_target():
    criterion = band("10.00", "0.5", "log10 CFU/dose")

    assert criterion == Bounds("log10 CFU/dose", "9.50", "10.50")
    assert verdict(criterion, "9.495", "log10 CFU/dose") is CONFORMS
    assert verdict(criterion, "9.494", "log10 CFU/dose") is FAILS
    assert verdict(criterion, "3.2e9", "CFU/dose") is NOT_COMPARABLE


@pytest.mark.parametrize(("target", "within"), [("1.0e9", "0.5"), ("9", "1e1"), ("9", "-1")])
def test_a_band_needs_plain_numbers(target: str, within: str):
    with pytest.raises(BadCriterion):
        band(target, within, "")


def test_a_band_may_be_a_point():
    assert band("7.0", "0", "") == Bounds("", "7.0", "7.0")


def relative(value: str, lower: float | None, upper: float | None, **options) -> Verdict:
    criterion = Equivalence("0.70", "1.43", **options)
    interval = None if lower is None else Interval(lower, upper, 0.95, "Fieller")
    return judge(criterion, Measured(D(value), interval=interval)).verdict


def test_equivalence_of_the_point():
    assert relative("0.695", None, None) is CONFORMS
    assert relative("0.694", None, None) is FAILS


def test_equivalence_of_the_whole_interval():
    assert relative("1.0", 0.7, 1.43, whole_interval=True) is CONFORMS
    assert relative("1.0", 0.69, 1.2, whole_interval=True) is FAILS
    assert relative("1.0", 0.8, 1.44, whole_interval=True) is FAILS
    assert relative("1.0", None, None, whole_interval=True) is NOT_COMPARABLE
    assert relative("1.0", 0.8, None, whole_interval=True) is NOT_COMPARABLE
    assert relative("1.0", 0.8, float("inf"), whole_interval=True) is FAILS


def test_equivalence_may_limit_the_width():
    assert relative("1.0", 0.8, 1.6, max_width_ratio="2.0") is CONFORMS
    assert relative("1.0", 0.8, 1.7, max_width_ratio="2.0") is FAILS
    assert relative("1.0", 0.0, 1.7, max_width_ratio="2.0") is FAILS
    assert relative("1.5", 1.4, 1.6, max_width_ratio="2.0") is FAILS


STAGED = Staged(
    (Stage(1, each=Bounds(lower="10")), Stage(3, mean=Bounds(lower="10.0"), each=Bounds(lower="8")))
)


def staged(*values: str) -> Verdict:
    return judge(STAGED, Measured(tuple(D(value) for value in values))).verdict


def test_the_first_stage_may_decide():
    assert staged("10") is CONFORMS
    assert judge(STAGED, Measured(D(10))).verdict is CONFORMS


def test_a_failed_first_stage_asks_for_the_second():
    assert staged("9") is INDETERMINATE
    assert staged("9", "10", "11") is INDETERMINATE
    judgement = judge(STAGED, Measured((D(9), D(10))))
    assert judgement.reason == "Stage 2 needs 4 units; 2 were tested."


def test_the_last_stage_decides():
    assert staged("9", "10", "11", "10") is CONFORMS
    assert staged("9", "10", "10", "10") is FAILS
    assert staged("7", "12", "12", "12") is FAILS


def test_stages_are_never_improvised():
    assert staged("10", "10") is NOT_COMPARABLE
    assert staged("9", "9", "9", "9", "20") is NOT_COMPARABLE
    assert judge(STAGED, Measured(("a",))).verdict is NOT_COMPARABLE
    assert judge(STAGED, Measured(D(9), "", Qualifier.LESS)).verdict is NOT_COMPARABLE
    assert judge(STAGED, Measured((D(9),), "mg")).verdict is NOT_COMPARABLE


# --- no verdict ------------------------------------------------------------------------------


def test_for_information_gives_no_verdict():
    assert judge(ForInformation(), Measured(None)).verdict is Verdict.REPORT


@pytest.mark.parametrize(
    "criterion",
    [
        Bounds("%", upper="5"),
        PowerOfTen(2, "%"),
        Absence(D(1), "%"),
        OneOf(("a",)),
        AllOf(("a",)),
        Equivalence("1", "2", "%"),
        STAGED,
    ],
)
def test_an_invalid_run_or_a_missing_value_is_not_compared(criterion: Criterion):
    assert judge(criterion, Measured(D(1), "%", valid=False)).verdict is NOT_COMPARABLE
    assert judge(criterion, Measured(None, "%")).verdict is NOT_COMPARABLE


def test_text_and_infinity_are_not_compared_with_a_limit():
    assert judge(Bounds(upper="5"), Measured("TNTC")).verdict is NOT_COMPARABLE
    assert judge(Bounds(upper="5"), Measured(D("inf"))).verdict is NOT_COMPARABLE


def test_units_are_never_converted():
    judgement = judge(Bounds("CFU/dose", lower="1"), Measured(D(5), "CFU/g"))

    assert judgement.verdict is NOT_COMPARABLE
    assert "CFU/g" in judgement.reason


# --- criteria as data ------------------------------------------------------------------------

EVERY_FORM: list[tuple[Criterion, str]] = [
    (Bounds("%", upper="5.0"), "NMT 5.0 %"),
    (Bounds("", lower="5.0", upper="7.0"), "5.0 to 7.0"),
    (Bounds("%", lower="1", upper="2", upper_excluded=True), "NLT 1 and less than 2 %"),
    (Bounds("%", lower="1", lower_excluded=True), "more than 1 %"),
    (PowerOfTen(3, "CFU/g", D("2")), "NMT 10^3 CFU/g (max. acceptable 2000)"),
    (Absence(D("10"), "g"), "absent in 10 g"),
    (OneOf(("a", "b")), "a or b"),
    (AllOf(("a", "b")), "all of a, b; no other"),
    (Equivalence("0.70", "1.43"), "0.70 to 1.43"),
    (
        Equivalence("0.70", "1.43", "", whole_interval=True, max_width_ratio="2.0"),
        "confidence interval within 0.70 to 1.43; upper/lower NMT 2.0",
    ),
    (STAGED, "S1: n = 1, each NLT 10; S2: n = 3, mean NLT 10.0, each NLT 8"),
    (ForInformation(), "report result"),
]


@pytest.mark.req("LR-07")
@pytest.mark.parametrize(("criterion", "text"), EVERY_FORM)
def test_every_form_survives_a_database_and_has_a_text(criterion: Criterion, text: str):
    data = json.loads(json.dumps(as_data(criterion)))

    assert from_data(data) == criterion
    assert str(criterion) == text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"form": "guess"},
        {"form": "bounds"},
        {"form": "bounds", "upper": "five"},
        {"form": "bounds", "upper": "5", "lower": "6"},
        {"form": "bounds", "upper": "5", "surprise": 1},
        {"form": "absence", "required": "0", "unit": "g"},
        {"form": "absence", "unit": "g"},
        {"form": "power_of_ten", "exponent": 2.5, "unit": ""},
        {"form": "power_of_ten", "exponent": 2, "unit": "", "factor": "0"},
        {"form": "one_of", "allowed": []},
        {"form": "all_of", "members": ["a", "a"]},
        {"form": "all_of", "members": []},
        {"form": "staged", "stages": []},
        {"form": "staged", "stages": [{"units": 0, "each": {"upper": "1"}}]},
        {"form": "staged", "stages": [{"units": 1}]},
        {"form": "equivalence", "lower": "2", "upper": "1"},
    ],
)
def test_a_criterion_that_cannot_be_is_refused_with_a_sentence(data: dict[str, object]):
    with pytest.raises(BadInputs, match=r"\.$"):
        from_data(data)
