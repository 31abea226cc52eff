"""Plaques, efficiency of plating, induction."""

from decimal import Decimal
from math import exp, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lims.science.catalogue import calculate
from lims.science.errors import BadInputs, NoAnswer
from lims.science.induction import (
    Induction,
    InductionRun,
    Titres,
    induction_ratio,
    judge_induction,
)
from lims.science.outcome import Outcome, Qualifier
from lims.science.phage import (
    CONFLUENT,
    detection_limit,
    efficiency_of_plating,
    plaque_assay,
    plaque_titre,
    titre_text,
)
from lims.science.plates import Plate

D = Decimal


def plates(*readings: object, dilution: str = "1", volume: str = "0.1") -> list[Plate]:
    return [Plate(D(dilution), D(volume), reading) for reading in readings]


def test_titre_is_plaques_over_volume():
    found = plaque_titre(plates(48, 53, 44, dilution="1e-6"))

    assert float(found.value) == pytest.approx(145 / 3e-7)
    assert found.unit == "PFU/mL"
    assert found.interval.upper == pytest.approx(stats.chi2.ppf(0.975, 292) / 2 / 3e-7)
    assert found.recompute() == ()


def test_an_assay_without_plaques_is_below_one_in_the_volume_tested():
    found = plaque_assay(plates(0, 0, volume="0.5"))

    assert (found.qualifier, found.value) == (Qualifier.LESS, 1)
    assert found.details["amount"] == D("1.0")


def test_a_few_plaques_are_an_estimate_not_an_absence():
    found = plaque_assay(plates(1, 0, volume="0.5"))

    assert (found.qualifier, found.value) == (Qualifier.ESTIMATED, 1)


def test_countable_plates_give_the_titre():
    found = plaque_assay(
        plates(CONFLUENT, dilution="1e-4")
        + plates(280, dilution="1e-5")
        + plates(31, dilution="1e-6")
    )

    assert found.qualifier is Qualifier.EQUAL
    assert float(found.value) == pytest.approx(311 / 1.1e-6)


def test_confluent_lysis_everywhere_is_a_bound_below():
    found = plaque_assay(plates(CONFLUENT, dilution="1e-4"))

    assert (found.qualifier, found.value) == (Qualifier.GREATER, 30000000)


def test_detection_limit_of_nothing_seen():
    found = detection_limit(D("0.03"))

    assert titre_text(found) == "<33 PFU/mL"
    assert found.details["upper_one_sided"] == pytest.approx(99.8577424518)
    assert exp(-found.details["upper_one_sided"] * 0.03) == pytest.approx(0.05)
    assert exp(-found.details["upper_two_sided"] * 0.03) == pytest.approx(0.025)
    assert found.recompute() == ()


@pytest.mark.parametrize(
    ("tested", "text"), [("1", "<1 PFU/mL"), ("3", "<0.33 PFU/mL"), ("0.01", "<100 PFU/mL")]
)
def test_detection_limit_text(tested: str, text: str):
    assert titre_text(detection_limit(D(tested))) == text


@given(st.integers(1, 200))
def test_limits_with_plaques_are_those_of_poisson(plaques: int):
    found = detection_limit(D("0.5"), plaques)

    assert found.value == D(plaques) / D("0.5")
    assert stats.poisson.cdf(plaques, 0.5 * found.details["upper_one_sided"]) == pytest.approx(0.05)


@pytest.mark.parametrize(("tested", "plaques"), [("0", 0), ("1", -1)])
def test_a_limit_needs_a_volume(tested: str, plaques: int):
    with pytest.raises(BadInputs):
        detection_limit(D(tested), plaques)


# --- efficiency of plating -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("test", "category"),
    [
        ("500", "EOP >= 0.5: high"),
        ("499", "0.1 <= EOP < 0.5: medium"),
        ("100", "0.1 <= EOP < 0.5: medium"),
        ("99", "0.001 <= EOP < 0.1: low"),
        ("1", "0.001 <= EOP < 0.1: low"),
        ("0.99", "EOP < 0.001: inefficient"),
        ("0", "EOP < 0.001: inefficient"),
        ("1500", "EOP >= 0.5: high"),
    ],
)
def test_bands_include_their_lower_end(test: str, category: str):
    assert efficiency_of_plating(D(test), D(1000)).details["category"] == category


def test_no_plaques_give_a_bound():
    found = efficiency_of_plating(D(0), D("1e8"), detection_limit=D(10))

    assert (found.qualifier, found.value) == (Qualifier.LESS, D("1e-7"))
    assert found.details["band"] == "inefficient"
    assert efficiency_of_plating(D(5), D(10), detection_limit=D(10)).qualifier is Qualifier.EQUAL


def test_efficiency_needs_a_reference():
    with pytest.raises(NoAnswer):
        efficiency_of_plating(D(5), D(0))
    with pytest.raises(BadInputs):
        efficiency_of_plating(D(-1), D(1))
    with pytest.raises(BadInputs):
        efficiency_of_plating(D(0), D(1), detection_limit=D(0))


# --- induction -------------------------------------------------------------------------------


def titres(*texts: str, bound: str = "=") -> Titres:
    return Titres(tuple(D(text) for text in texts), Qualifier(bound))


@pytest.mark.parametrize(
    ("uninduced", "induced", "call"),
    [
        (titres("100"), titres("1000"), "inducible"),
        (titres("100"), titres("999"), "not inducible"),
        (titres("100", "400"), titres("1000", "4000"), "inducible"),
        (titres("33", bound="<"), titres("1000"), "inducible"),
        (titres("33", bound="<"), titres("100"), "undetermined"),
        (titres("1000"), titres("33", bound="<"), "not inducible"),
        (titres("10"), titres("1000", bound="<"), "undetermined"),
        (titres("10"), titres("100", bound="<"), "not inducible"),
        (titres("10"), titres("100", bound="≤"), "undetermined"),
        (titres("10"), titres("1000", bound=">"), "inducible"),
        (titres("10"), titres("50", bound=">"), "undetermined"),
        (titres("10", bound="<"), titres("1000", bound=">"), "inducible"),
        (titres("10", bound=">"), titres("1000"), "undetermined"),
    ],
)
def test_induction_by_the_ratio_of_titres(uninduced: Titres, induced: Titres, call: str):
    found = induction_ratio(uninduced, induced)

    assert found.value == call
    assert found.recompute() == ()


def test_the_ratio_is_that_of_geometric_means():
    found = induction_ratio(titres("100", "400"), titres("2000", "8000"))

    assert float(found.details["log10_ratio"]) == pytest.approx(1.30102999566)


def test_the_threshold_is_a_parameter():
    assert induction_ratio(titres("1"), titres("100"), D(2)).value == "inducible"
    assert induction_ratio(titres("1"), titres("99"), D(2)).value == "not inducible"


def test_two_bounds_of_one_kind_have_no_ratio():
    with pytest.raises(NoAnswer):
        induction_ratio(titres("1", bound="<"), titres("5", bound="<"))


@pytest.mark.parametrize("bad", [(), ("0",), ("-1",)])
def test_titres_are_above_zero(bad: tuple[str, ...]):
    with pytest.raises(BadInputs):
        titres(*bad)


@pytest.mark.parametrize(
    ("uninduced", "induced", "ratio", "call"),
    [
        (400, 2600000, 3.812913357, True),
        (0, 1000, inf, True),
        (1000, 0, -inf, False),
        (0, 0, None, False),
        ("<33", 100, 0.481486060, "undetermined"),
        ([100, 100], [1000, 1000], 1.0, True),
    ],
)
def test_the_case_of_an_induction(uninduced, induced, ratio, call):
    inputs = {"uninduced_pfu_per_ml": uninduced, "induced_pfu_per_ml": induced}
    keys = calculate("induction_call", {**inputs, "threshold_log10": 1}).keys

    assert keys["induced"] == call
    found = keys["log10_ratio"]
    assert found is None if ratio is None else float(found) == pytest.approx(ratio)


INDUCED = induction_ratio(titres("1"), titres("100"))
NOT_INDUCED = induction_ratio(titres("1"), titres("2"))


@pytest.mark.parametrize(
    ("ratio", "od_lysis", "confirmed", "call"),
    [
        (INDUCED, False, False, Induction.INDUCIBLE),
        (NOT_INDUCED, True, True, Induction.INDUCIBLE),
        (None, True, True, Induction.INDUCIBLE),
        (None, True, False, Induction.UNDETERMINED),
        (NOT_INDUCED, True, False, Induction.UNDETERMINED),
        (NOT_INDUCED, False, False, Induction.NOT_INDUCIBLE),
        (None, False, False, Induction.UNDETERMINED),
    ],
)
def test_a_falling_od_counts_only_with_plaques(
    ratio: Outcome | None, od_lysis: bool, confirmed: bool, call: Induction
):
    run = InductionRun(ratio, od_lysis, confirmed, False, True)
    found = judge_induction(run)

    assert found.value == call.value
    assert found.valid
    assert bool(found.warnings) is (od_lysis and not confirmed)


def test_controls_of_an_induction_decide_its_validity():
    found = judge_induction(InductionRun(INDUCED, False, False, True, False))

    assert len(found.invalid) == 2
