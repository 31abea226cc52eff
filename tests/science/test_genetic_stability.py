"""Generations, MICs, plasmids, variants; MALDI and consortium calls."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science.errors import BadInputs, NoAnswer
from lims.science.genetic_stability import (
    Mic,
    Passage,
    Variant,
    VariantRule,
    generations,
    median_mic,
    mic_call,
    plasmid_copy_number,
    plasmid_retention,
    variants_against_bank,
)
from lims.science.identity_calls import (
    ConsortiumRule,
    Member,
    Spot,
    consortium_call,
    maldi_call,
    maldi_spots,
)
from lims.science.outcome import Qualifier

D = Decimal


@given(st.floats(1, 1e6), st.integers(0, 40))
def test_doublings_count_as_generations(start: float, doublings: int):
    found = generations([Passage(start, start * 2**doublings)])

    assert found.value == pytest.approx(doublings, abs=1e-9)


def test_generations_add_up_over_passages():
    found = generations([Passage(1, 8), Passage(1, 4)], limit=5)

    assert found.value == 5
    assert found.details["passages"] == (3, 2)
    assert found.warnings == ()
    assert "exceed" in generations([Passage(1, 8), Passage(1, 4)], limit=4.9).warnings[0]
    assert found.recompute() == ()


def test_a_falling_population_is_flagged():
    assert "fell" in generations([Passage(4, 1)]).warnings[0]


@pytest.mark.parametrize("bad", [[], [Passage(0, 1)], [Passage(1, 0)], [Passage(-1, 1)]])
def test_passages_that_cannot_be_are_refused(bad: list[Passage]):
    with pytest.raises(BadInputs):
        generations(bad)


@pytest.mark.parametrize(
    ("mic", "qualifier", "cutoff", "call"),
    [
        ("2", "=", "2", "not resistant"),
        ("4", "=", "2", "resistant"),
        ("2", "≤", "2", "not resistant"),
        ("4", "≤", "2", "undetermined"),
        ("2", "<", "2", "not resistant"),
        ("4", "<", "2", "undetermined"),
        ("2", ">", "2", "resistant"),
        ("1", ">", "2", "undetermined"),
        ("2", "≥", "2", "undetermined"),
        ("4", "≥", "2", "resistant"),
    ],
)
def test_mic_against_the_cutoff(mic: str, qualifier: str, cutoff: str, call: str):
    found = mic_call(Mic(D(mic), Qualifier(qualifier)), D(cutoff))

    assert found.value == call
    assert found.recompute() == ()


def test_one_step_above_the_cutoff_is_repeated():
    assert mic_call(Mic(D(4)), D(2)).warnings
    assert not mic_call(Mic(D(8)), D(2)).warnings
    assert not mic_call(Mic(D(2)), D(2)).warnings


def test_a_cutoff_may_not_be_required():
    assert mic_call(Mic(D(4)), None).value == "not required"


def test_mics_and_cutoffs_are_above_zero():
    with pytest.raises(BadInputs):
        Mic(D(0))
    with pytest.raises(BadInputs):
        mic_call(Mic(D(1)), D(0))


def test_replicate_mics_have_a_median():
    assert median_mic([D(2), D(8), D(4)]).value == 4
    assert median_mic([D(4), D(4)]).warnings == ()
    assert median_mic([D(2), D(4)]).value == 2
    assert "between 2 and 4" in median_mic([D(4), D(2)]).warnings[0]
    with pytest.raises(NoAnswer):
        median_mic([D(1), D(4)])
    for bad in ([], [D(0)]):
        with pytest.raises(BadInputs):
            median_mic(bad)


def test_plasmid_copies_are_a_ratio_of_depths():
    assert plasmid_copy_number(D(120), D(40)).value == 3
    for bad in ((D(-1), D(1)), (D(1), D(0))):
        with pytest.raises(BadInputs):
            plasmid_copy_number(*bad)


def test_plasmid_retention():
    assert plasmid_retention(95, 100).details["meets"] is True
    assert plasmid_retention(94, 100).details["meets"] is False
    assert plasmid_retention(94, 100).interval.upper > 94


def bank(*variants: Variant, coverage: str = "50", share: str = "95", **rule):
    return variants_against_bank(list(variants), D(coverage), D(share), VariantRule(**rule))


def test_variants_against_the_cell_bank():
    silent, changed = Variant("gyrA", "synonymous"), Variant("gyrA", "nonsynonymous")
    mixed = Variant("x", "intergenic", D("0.5"))

    assert bank().value == "conforms"
    assert bank(silent, critical_genes=("gyrA",)).value == "conforms"
    assert bank(changed, critical_genes=("gyrA",)).value == "does not conform"
    assert bank(changed, critical_genes=("gyrA",)).details["critical"] == ("gyrA",)
    assert bank(changed).value == "conforms"
    assert bank(*[silent] * 4).value == "does not conform"
    assert bank(*[silent] * 3).value == "conforms"
    assert bank(*[mixed] * 5).value == "conforms"
    assert bank(mixed).warnings
    assert bank(mixed).details == {"fixed": 0, "mixed": 1, "critical": ()}
    assert bank(coverage="49").invalid
    assert bank(share="94").invalid


# --- MALDI -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "allowed", "level", "conforms"),
    [
        ("2.00", True, "high", True),
        ("2.00", False, "high", False),
        ("1.995", True, "high", True),
        ("1.994", True, "low", False),
        ("1.70", True, "low", False),
        ("1.69", True, "none", False),
        ("3", True, "high", True),
        ("-1", True, "none", False),
    ],
)
def test_maldi_levels(score: str, allowed: bool, level: str, conforms: bool):
    found = maldi_call(D(score), allowed)

    assert (found.value, found.details["conforms"]) == (level, conforms)


def test_a_score_above_the_scale_is_refused():
    with pytest.raises(BadInputs):
        maldi_call(D("3.01"), True)


def test_replicate_spots_take_the_best_or_must_all_agree():
    spots = [Spot(D("1.9"), "A"), Spot(D("2.2"), "A")]

    assert maldi_spots(spots, ["A"]).details["conforms"] is True
    assert maldi_spots(spots, ["B"]).details["conforms"] is False
    assert maldi_spots(spots, ["A"], all_must_agree=True).details["conforms"] is False
    assert maldi_spots(spots, ["A"]).details["organism"] == "A"
    assert maldi_spots(spots, ["A"], calibrant_passed=False).invalid
    assert maldi_spots(spots, ["A"], negative_spot_identified=True).invalid
    with pytest.raises(BadInputs):
        maldi_spots([], ["A"])


# --- consortia -------------------------------------------------------------------------------

RULE = ConsortiumRule((Member("A"), Member("B", D("10"), D("30"))), ignored=("Ralstonia",))


def consortium(**changes):
    arguments = {
        "detected": {"A": True, "B": True},
        "amounts": {"B": D(20)},
        "unlisted": {"C": D("0.1")},
    }
    return consortium_call(RULE, **{**arguments, **changes})


def test_a_consortium_is_complete_in_range_and_pure():
    assert consortium().value == "conforms"
    assert consortium(amounts={"B": D(10)}).value == "conforms"
    assert consortium(amounts={"B": D(30)}).value == "conforms"
    assert consortium(unlisted=None).value == "conforms"


@pytest.mark.parametrize(
    ("changes", "key", "names"),
    [
        ({"detected": {"B": True}}, "missing", ("A",)),
        ({"detected": {"A": True, "B": False}}, "missing", ("B",)),
        ({"amounts": {"B": D("9.9")}}, "out_of_range", ("B",)),
        ({"amounts": {"B": D("30.1")}}, "out_of_range", ("B",)),
        ({"unlisted": {"C": D("0.11")}}, "others", ("C",)),
    ],
)
def test_a_consortium_that_is_not_the_registered_one(changes, key, names):
    found = consortium(**changes)

    assert found.value == "does not conform"
    assert found.details[key] == names


def test_taxa_of_the_reagent_blank_are_ignored():
    assert consortium(unlisted={"Ralstonia": D(5)}).value == "conforms"


def test_a_range_that_was_not_measured_makes_the_result_invalid():
    found = consortium(amounts=None)

    assert found.invalid == ("No amount was measured for B.",)


@pytest.mark.parametrize("members", [(), (Member("A"), Member("A"))])
def test_a_consortium_names_its_members_once(members):
    with pytest.raises(BadInputs):
        ConsortiumRule(members)
