"""Sequence identity, its call, and qPCR curves; second routes are edit distances and polyfit."""

import random
from decimal import Decimal
from math import log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.science.errors import BadInputs, NoAnswer, ScienceError
from lims.science.identity import (
    Convention,
    Ends,
    Gaps,
    Scoring,
    SimilarityRule,
    Strands,
    sequence_identity,
    similarity_call,
)
from lims.science.outcome import Outcome
from lims.science.qpcr import Standard, blank_is_clean, melt_agrees, standard_curve
from lims.science.sequences import MAX_BASES, read_fasta, sequence

_BASES = st.text(alphabet="ACGT", min_size=1, max_size=40)
_CODES = st.text(alphabet="ACGTRYSWKMBDHVN", min_size=1, max_size=30)


def _compare(query: str, reference: str, **convention: object) -> Outcome:
    return sequence_identity(
        sequence(query, "query"), sequence(reference, "reference"), Convention(**convention)
    )


def _distance(one: str, other: str) -> int:
    """Levenshtein by the table of Wagner & Fischer, written apart."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        above, row = row, [at]
        for column, base in enumerate(other, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != base)))
    return row[-1]


def _random_bases(length: int, seed: int = 5) -> str:
    return "".join(random.Random(seed).choices("ACGT", k=length))


@given(_BASES, _BASES)
@settings(max_examples=60, deadline=None)
def test_edit_distance_equals_the_textbook_table(one, other):
    try:
        outcome = _compare(one, other, strands=Strands.FORWARD)
    except NoAnswer:
        return

    assert outcome.details["edit_distance"] == _distance(one, other)
    columns = outcome.details["mismatches"] + outcome.details["gap_columns"]
    assert columns >= outcome.details["edit_distance"]


@given(_CODES)
@settings(max_examples=40, deadline=None)
def test_a_sequence_is_identical_to_itself_on_either_strand(letters):
    own = sequence(letters, "own")

    assert _compare(letters, letters).value == 100
    assert _compare(own.reverse_complement, letters).value == 100


@given(_BASES, _BASES)
@settings(max_examples=40, deadline=None)
def test_columns_add_up_and_the_trace_recomputes(query, reference):
    try:
        outcome = _compare(query, reference)
    except NoAnswer:
        return

    found = outcome.details
    assert (
        found["matches"] + found["mismatches"] + found["gap_columns"] == found["alignment_length"]
    )
    assert found["query_row"].replace("-", "") in (query, sequence(query, "q").reverse_complement)
    assert found["reference_row"].replace("-", "") == reference
    assert outcome.recompute() == ()
    assert Outcome.from_canonical(outcome.canonical()) == outcome


def test_known_substitutions_and_one_deletion_are_found_where_they_were_placed():
    reference = _random_bases(1500)
    swap = {"A": "C", "C": "G", "G": "T", "T": "A"}
    changed = [100, 500, 900, 1300]
    query = "".join(swap[b] if at in changed else b for at, b in enumerate(reference))
    query = query[:700] + query[701:]

    found = _compare(query, reference).details

    assert (found["matches"], found["mismatches"], found["gap_columns"]) == (1495, 4, 1)
    assert found["identity_including_gaps"] == pytest.approx(100 * 1495 / 1500)
    assert found["identity_excluding_gaps"] == pytest.approx(100 * 1495 / 1499)


def test_a_partial_read_compares_only_its_own_window():
    reference = _random_bases(1500)

    inside = _compare(reference[50:1450], reference, ends=Ends.OUTSIDE)
    counted = _compare(reference[50:1450], reference)

    assert inside.value == 100
    assert inside.details["alignment_length"] == 1400
    assert (inside.details["reference_start"], inside.details["reference_end"]) == (51, 1450)
    assert inside.details["coverage_percent"] == pytest.approx(100 * 1400 / 1500)
    assert counted.value == pytest.approx(100 * 1400 / 1500)


def test_the_gap_convention_decides_the_value():
    included = _compare("ACGTACGT", "ACGTTACGT", gaps=Gaps.INCLUDED)
    excluded = _compare("ACGTACGT", "ACGTTACGT", gaps=Gaps.EXCLUDED)

    assert included.value == pytest.approx(100 * 8 / 9)
    assert excluded.value == 100


def test_the_reverse_strand_is_taken_and_said():
    letters = _random_bases(200)
    query = sequence(letters, "q").reverse_complement

    both = _compare(query, letters)
    forward = _compare(query, letters, strands=Strands.FORWARD)

    assert both.value == 100
    assert both.details["strand"] == "reverse"
    assert "reverse complement" in both.warnings[0]
    assert forward.value < 80
    assert forward.details["strand"] == "forward"


def test_a_compatible_code_matches_with_a_warning_and_an_incompatible_one_does_not():
    compatible = _compare("ACGTRCGT", "ACGTACGT", strands=Strands.FORWARD)
    other = _compare("ACGTYCGT", "ACGTACGT", strands=Strands.FORWARD)

    assert compatible.value == 100
    assert "ambiguity" in compatible.warnings[0]
    assert other.details["mismatches"] == 1


def test_a_fasta_file_is_read_with_its_name_and_without_its_line_ends():
    read = read_fasta(">lot-7 consensus\r\nacgu\r\nACGT\r\n", "query")

    assert (read.name, read.letters) == ("lot-7", "ACGTACGT")
    assert read_fasta("ACG T\n", "query").letters == "ACGT"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty"),
        (">only a name\n", "is empty"),
        (">a\nACGT\n>b\nACGT\n", "2 sequences"),
        ("ACGT\n>a\nACGT", "before its header"),
        ("ACGT-ACGT", "position 5"),
        ("MKVLQE", "no nucleotide code"),
        ("A" * (MAX_BASES + 1), "at most"),
    ],
)
def test_what_is_no_single_nucleotide_sequence_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(BadInputs, match=sentence):
        read_fasta(text, "query")


@pytest.mark.parametrize("scoring", [Scoring(match=-1), Scoring(gap_open=1), Scoring(gap_extend=1)])
def test_scores_that_reward_differences_are_refused(scoring):
    with pytest.raises(BadInputs):
        _compare("ACGT", "ACGT", scoring=scoring)


def test_identity_is_rounded_to_its_limit_before_it_is_compared():
    rule = SimilarityRule(Decimal("98.7"), 1400)

    assert similarity_call(Decimal("98.65"), 1400, rule) == "conforms"
    assert similarity_call(Decimal("98.649"), 1400, rule) == "does not conform"
    assert similarity_call(Decimal(100), 1399, rule) == "invalid: alignment too short"


@pytest.mark.parametrize(("identity", "length"), [("100.1", 1500), ("-1", 1500), ("99", -1)])
def test_an_impossible_identity_is_refused(identity, length):
    with pytest.raises(BadInputs):
        similarity_call(Decimal(identity), length)


_LEVELS = [(1e6, (17.0, 17.1)), (1e4, (23.8, 23.7)), (1e2, (30.4, 30.5))]
_STANDARDS = [Standard(copies, cq) for copies, cq in _LEVELS]


def test_the_curve_agrees_with_polyfit():
    outcome = standard_curve(_STANDARDS, [22.0, 22.2])

    x = [log10(copies) for copies, cq in _LEVELS for _ in cq]
    slope, intercept = np.polyfit(x, [cq for _, wells in _LEVELS for cq in wells], 1)
    assert outcome.details["slope"] == pytest.approx(slope, rel=1e-12)
    assert outcome.value == pytest.approx((22.1 - intercept) / slope, rel=1e-12)
    assert outcome.recompute() == ()


def test_a_perfect_doubling_has_an_efficiency_of_one_hundred_percent():
    wells = [Standard(10.0**n, (40 - n / log10(2),)) for n in range(2, 7)]

    assert standard_curve(wells).details["efficiency_percent"] == pytest.approx(100)


def test_undetermined_wells_are_a_category_and_not_a_number():
    none = standard_curve(_STANDARDS, [None, None, None])
    some = standard_curve(_STANDARDS, [34.0, None, 34.2])
    late = standard_curve(_STANDARDS, [36.0, 36.2])

    assert (none.details["detected"], none.value) == (False, None)
    assert (some.details["detected"], some.value) == ("repeat", None)
    assert late.details["detected"] is False
    assert late.warnings


def test_a_curve_outside_its_limits_is_invalid_but_keeps_its_figures():
    wells = [Standard(10.0**n, (40 - 5.0 * n,)) for n in (2, 4, 6)]

    outcome = standard_curve(wells, [20.0])

    assert "efficiency" in outcome.invalid[0]
    assert outcome.value == pytest.approx(4)


@pytest.mark.parametrize(
    "standards",
    [
        [],
        [Standard(1e4, (20.0, 20.1))],
        [Standard(0, (20.0,)), Standard(10, (30.0,))],
        [Standard(1e2, (20.0,)), Standard(1e4, (30.0,))],
        [Standard(1e2, (20.0,)), Standard(1e4, (20.0,))],
    ],
)
def test_a_curve_that_is_none_is_refused(standards):
    with pytest.raises(ScienceError):
        standard_curve(standards)


def test_a_blank_may_be_five_cycles_later_than_the_weakest_sample():
    assert blank_is_clean([None, 39.0], 33.0)
    assert not blank_is_clean([37.9], 33.0)


def test_a_product_melts_where_it_should_in_every_well():
    assert melt_agrees([84.2, 84.9], 84.5)
    assert not melt_agrees([84.2, 86.0], 84.5)
    assert not melt_agrees([], 84.5)


def test_two_levels_and_scattered_wells_are_said():
    two = standard_curve([_STANDARDS[0], _STANDARDS[2]])
    loose = standard_curve(
        [Standard(1e6, (15.0, 25.0)), Standard(1e4, (24.0,)), Standard(1e2, (30.0,))]
    )

    assert "2 levels" in two.invalid[0]
    assert any("r²" in sentence for sentence in loose.invalid)


def test_a_curve_too_flat_for_an_efficiency_is_refused():
    with pytest.raises(NoAnswer, match="flat"):
        standard_curve([Standard(10, (30.0,)), Standard(1e4, (29.999,))])


def test_sequences_that_never_meet_have_no_identity():
    with pytest.raises(NoAnswer):
        _compare("A", "C", ends=Ends.OUTSIDE, strands=Strands.FORWARD)
