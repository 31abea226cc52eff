"""Plate counts: which plates count, what they give, and what must never change the answer."""

from dataclasses import replace
from decimal import Decimal
from math import comb, erfc, log, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science.count_uncertainty import index_of_dispersion
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outcome import Outcome, Qualifier
from lims.science.plate_choice import Reading, choose
from lims.science.plate_count import (
    BAM,
    ISO_7218,
    USP_BACTERIA,
    USP_FUNGI,
    Code,
    Method,
    Plate,
    Profile,
    count_text,
    estimate,
    weighted_mean,
)
from lims.science.rounding import RoundingRule

D = Decimal
TNTC, SPR, LA = Code.TNTC, Code.SPREADER, Code.ACCIDENT


def plates(*groups: tuple[str, list[int | Code]], volume: str = "1") -> list[Plate]:
    return [Plate(D(d), D(volume), reading) for d, readings in groups for reading in readings]


def found(profile: Profile, *groups: tuple[str, list[int | Code]], **options) -> Outcome:
    return estimate(plates(*groups), profile, **options)


# --- worked examples -------------------------------------------------------------------------


def test_published_example_of_two_dilutions():
    outcome = found(BAM, ("1e-2", [232, 244]), ("1e-3", [33, 28]))

    assert float(outcome.value) == pytest.approx(537 / 0.022)
    assert outcome.qualifier is Qualifier.EQUAL
    assert outcome.unit == "CFU/mL"
    assert count_text(outcome.value) == "2.4 × 10^4"
    assert outcome.details["sum_counts"] == 537
    assert outcome.details["amount"] == D("0.022")
    assert float(outcome.details["log10"]) == pytest.approx(4.38755160488)
    assert (outcome.interval.lower, outcome.interval.upper) == pytest.approx(
        (22387.9858219, 26563.6654911)
    )
    assert outcome.interval.confidence == 0.95
    assert outcome.warnings == ()


def test_sample_per_ml_is_applied_once():
    outcome = found(BAM, ("1e-2", [100]), per_ml=D("0.1"), unit="CFU/g")

    assert outcome.value == 100000
    assert outcome.unit == "CFU/g"


def test_plated_volume_counts():
    assert estimate(plates(("1e-6", [100]), volume="0.1"), BAM).value == D("1e9")


def test_no_binary_dust_reaches_the_rounding():
    outcome = estimate(plates(("1e-6", [94, 95]), volume="0.1"), BAM)

    assert outcome.value == D("9.45e8")
    assert count_text(outcome.value) == "9.5 × 10^8"


# --- BAM -------------------------------------------------------------------------------------


def test_bam_uses_only_plates_inside_the_range():
    outcome = found(BAM, ("1e-2", [250, 251]), ("1e-3", [25, 24]))

    assert outcome.details["sum_counts"] == 275
    assert outcome.details["amount"] == D("0.011")


@pytest.mark.parametrize(
    ("groups", "qualifier", "value"),
    [
        ([("1e-2", [18]), ("1e-3", [2])], "<", 2500),
        ([("1e-2", [0]), ("1e-3", [0])], "<", 2500),
        ([("1e-3", [2]), ("1e-2", [18])], "<", 2500),
        ([("1e-2", [24, 24])], "<", 2500),
        ([("1e-2", [251]), ("1e-3", [640])], "~", 25100),
        ([("1e-2", [TNTC]), ("1e-3", [640])], "~", 640000),
        ([("1e-2", [TNTC]), ("1e-3", [TNTC])], ">", 250000),
        ([("1e-2", [300]), ("1e-3", [20])], "~", 30000),
        ([("1e-2", [TNTC]), ("1e-3", [20])], "~", 20000),
        ([("1e-2", [TNTC]), ("1e-3", [20, 0])], "~", 20000),
        ([("1e-2", [260, 260])], "~", 26000),
        ([("1e-2", [SPR, 100])], "=", 10000),
        ([("1e-2", [LA, 100])], "=", 10000),
        ([("1e-2", [25])], "=", 2500),
        ([("1e-2", [250])], "=", 25000),
    ],
)
def test_bam_reports(groups, qualifier: str, value: int):
    outcome = found(BAM, *groups)

    assert (outcome.qualifier, outcome.value) == (Qualifier(qualifier), value)


@pytest.mark.parametrize("groups", [[("1e-2", [SPR, LA])], [], [("1e-2", [TNTC]), ("1e-3", [0])]])
def test_without_a_usable_plate_there_is_no_result(groups):
    for profile in (BAM, ISO_7218, USP_BACTERIA):
        outcome = found(profile, *groups)

        assert outcome.value is None
        assert not outcome.valid
        assert outcome.invalid[0].endswith(".")


def test_no_result_names_the_codes():
    assert found(BAM, ("1e-2", [SPR, LA])).invalid == ("No plate could be read (LA, SPR).",)


# --- ISO 7218 --------------------------------------------------------------------------------


def test_iso_uses_two_successive_dilutions_with_their_replicates():
    outcome = found(ISO_7218, ("1e-2", [168, 215]), ("1e-3", [14, 25]))

    assert float(outcome.value) == pytest.approx(19181.8181818)

    mixed = found(ISO_7218, ("1e-2", [290, 310]), ("1e-3", [31, 9]), ("1e-4", [10, 10]))
    assert mixed.details["sum_counts"] == 640
    assert mixed.details["amount"] == D("0.022")


def test_iso_stops_at_a_dilution_without_a_countable_plate():
    outcome = found(ISO_7218, ("1e-2", [45, 52]), ("1e-3", [3, 6]), ("1e-4", [20]))

    assert outcome.value == 4850


def test_iso_takes_as_many_successive_dilutions_as_the_profile_says():
    groups = ("1e-1", [250]), ("1e-2", [40]), ("1e-3", [11])

    assert found(ISO_7218, *groups).details["sum_counts"] == 290
    assert found(replace(ISO_7218, successive=3), *groups).details["sum_counts"] == 301
    assert found(replace(ISO_7218, successive=1), *groups).details["sum_counts"] == 250
    gap = ("1e-1", [250]), ("1e-2", [4]), ("1e-3", [11])
    assert found(replace(ISO_7218, successive=3), *gap).details["sum_counts"] == 250


def test_iso_starts_at_the_first_dilution_with_a_countable_plate():
    outcome = found(ISO_7218, ("1e-1", [TNTC]), ("1e-2", [301]), ("1e-3", [30]))

    assert outcome.value == 30000


@pytest.mark.parametrize(
    ("counts", "qualifier", "value"),
    [
        ([0], "<", 10),
        ([0, 0], "<", 5),
        ([1], "<", 40),
        ([3], "<", 40),
        ([1, 2], "<", 20),
        ([4], "~", 40),
        ([9], "~", 90),
        ([2, 2], "~", 20),
        ([10], "=", 100),
        ([300], "=", 3000),
        ([301], "~", 3010),
        ([TNTC], ">", 3000),
    ],
)
def test_iso_low_and_high_counts(counts, qualifier: str, value: int):
    outcome = found(ISO_7218, ("1e-1", counts))

    assert (outcome.qualifier, outcome.value) == (Qualifier(qualifier), value)


def test_iso_low_counts_say_present():
    assert "present" in found(ISO_7218, ("1e-1", [2])).details["because"]
    assert found(ISO_7218, ("1e-1", [2])).warnings[0].startswith("Present, but")


def test_iso_marks_a_retained_dilution_with_an_uncountable_replicate():
    outcome = found(ISO_7218, ("1e-2", [290, TNTC]))

    assert (outcome.qualifier, outcome.value) == (Qualifier.ESTIMATED, 29000)
    assert "too numerous" in outcome.warnings[0]


# --- USP <61> --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "groups", "qualifier", "value"),
    [
        (USP_BACTERIA, [("1e-1", [240, 250]), ("1e-2", [30, 20])], "=", 2450),
        (USP_BACTERIA, [("1e-1", [240, 251]), ("1e-2", [30, 20])], "=", 2500),
        (USP_BACTERIA, [("1e-1", [TNTC, 240]), ("1e-2", [30, 20])], "=", 2500),
        (USP_FUNGI, [("1e-1", [51, 40]), ("1e-2", [5, 4])], "=", 450),
        (USP_FUNGI, [("1e-1", [50, 40])], "=", 450),
        (USP_BACTERIA, [("1e-1", [1, 0])], "=", 5),
        (USP_BACTERIA, [("1e-1", [0, 0])], "<", 10),
        (USP_BACTERIA, [("1e-1", [0, 0]), ("1e-2", [0])], "<", 10),
        (USP_BACTERIA, [("1e-1", [TNTC])], ">", 2500),
        (USP_BACTERIA, [("1e-1", [260])], "~", 2600),
        (USP_BACTERIA, [("1e-1", [SPR, 12])], "=", 120),
        (USP_BACTERIA, [("1e-1", [100]), ("1e-2", [60, 60])], "=", 1000),
    ],
)
def test_usp_takes_the_fullest_dilution_within_the_bound(profile, groups, qualifier, value):
    outcome = found(profile, *groups)

    assert (outcome.qualifier, outcome.value) == (Qualifier(qualifier), value)


# --- invariances -----------------------------------------------------------------------------

readings = st.one_of(st.integers(0, 400), st.sampled_from(list(Code)))
series = st.lists(
    st.tuples(st.sampled_from(["1e-1", "1e-2", "1e-3"]), readings), min_size=1, max_size=8
)
profiles = st.sampled_from([BAM, ISO_7218, USP_BACTERIA, USP_FUNGI])


def as_plates(rows, scale: str = "1") -> list[Plate]:
    return [Plate(D(dilution) * D(scale), D(1), reading) for dilution, reading in rows]


@given(series, profiles, st.randoms(use_true_random=False))
def test_the_order_of_plates_does_not_matter(rows, profile, random: Random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    first, second = (estimate(as_plates(each), profile) for each in (rows, shuffled))

    assert (first.value, first.qualifier) == (second.value, second.qualifier)
    assert first.invalid == second.invalid
    if first.interval is not None:
        assert first.interval == second.interval


@given(series, profiles)
def test_tenfold_dilution_gives_a_tenfold_result(rows, profile):
    once, further = estimate(as_plates(rows), profile), estimate(as_plates(rows, "0.1"), profile)

    assert once.qualifier == further.qualifier
    if once.value is not None:
        assert float(further.value) == pytest.approx(10 * float(once.value), rel=1e-12)


@given(
    st.lists(st.tuples(st.sampled_from(["1e-1", "1e-2"]), st.integers(0, 300)), min_size=1),
    st.data(),
)
def test_more_colonies_never_give_a_lower_estimate(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    more = list(rows)
    more[at] = (rows[at][0], rows[at][1] + data.draw(st.integers(0, 50)))
    low, high = weighted_mean(as_plates(rows)), weighted_mean(as_plates(more))

    assert high.details["sum_counts"] >= low.details["sum_counts"]
    if low.qualifier is Qualifier.EQUAL:
        assert high.value >= low.value
        assert high.interval.lower >= low.interval.lower
        assert high.interval.upper >= low.interval.upper


@given(series, profiles)
def test_the_interval_holds_the_estimate_and_the_trace_recomputes(rows, profile):
    outcome = estimate(as_plates(rows), profile)

    assert outcome.recompute() == ()
    assert Outcome.from_canonical(outcome.canonical()) == outcome
    if outcome.interval is not None:
        assert outcome.interval.lower <= float(outcome.value) <= outcome.interval.upper


@given(series, profiles)
def test_the_answer_is_the_same_without_the_trace(rows, profile):
    with_trace = estimate(as_plates(rows), profile)
    without = estimate(as_plates(rows), profile, trace=False)

    assert without == replace(with_trace, trace=())
    assert without.trace == ()


def test_poisson_maximum_likelihood_is_the_ratio_of_sums():
    counts, amounts = (87, 94, 8), (1e-2, 1e-2, 1e-3)

    def deviance(n: float) -> float:
        return sum(n * m - c * log(n * m) for c, m in zip(counts, amounts, strict=True))

    n = float(weighted_mean(plates(("1e-2", [87, 94]), ("1e-3", [8]))).value)

    assert deviance(n) < min(deviance(n * 1.0001), deviance(n * 0.9999))


# --- checks ----------------------------------------------------------------------------------


def test_linearity_test_against_its_closed_form():
    outcome = found(BAM, ("1e-2", [200]), ("1e-3", [50]))

    expected = (250 / 1.1, 25 / 1.1)
    g2 = 2 * (200 * log(200 / expected[0]) + 50 * log(50 / expected[1]))
    assert outcome.details["linearity_G2"] == pytest.approx(g2)
    assert outcome.details["linearity_p"] == pytest.approx(erfc(sqrt(g2 / 2)))
    assert outcome.warnings == ("Review: the counts do not follow the dilutions (linearity test).",)


def test_linearity_p_is_the_chance_of_a_worse_split():
    # Given the sum, one plate's share is binomial: the exact answer of the same question.
    outcome = found(replace(BAM, minimum=0), ("1e-2", [60]), ("1e-3", [12]))
    q = 1 / 11

    upper = sum(comb(72, k) * q**k * (1 - q) ** (72 - k) for k in range(12, 73))
    assert outcome.details["linearity_p"] == pytest.approx(2 * upper, abs=0.04)


def test_dispersion_test_names_the_dilution():
    outcome = found(BAM, ("1e-2", [30, 120]), ("1e-3", [30]))

    assert "Review: the replicates at 1E-2 vary more" in " ".join(outcome.warnings)
    assert outcome.details["dispersion_p"] == pytest.approx(
        index_of_dispersion([30, 120]).details["p"]
    )


def test_an_empty_plate_counts_as_zero_in_the_tests():
    outcome = found(replace(BAM, minimum=0), ("1e-2", [10, 0]))

    assert outcome.details["sum_counts"] == 10
    assert outcome.details["linearity_G2"] == pytest.approx(20 * log(2))
    assert outcome.details["dispersion_p"] == pytest.approx(erfc(sqrt(10 / 2)))


def test_the_worst_dilution_gives_the_dispersion_p():
    outcome = found(BAM, ("1e-2", [200, 200]), ("1e-3", [30, 60]))

    worst = index_of_dispersion([30, 60]).details["p"]
    assert outcome.details["dispersion_p"] == pytest.approx(worst)


def test_equal_replicates_fit_perfectly():
    details = found(BAM, ("1e-2", [100, 100])).details

    assert (details["linearity_G2"], details["linearity_p"]) == (0, 1)
    assert details["dispersion_p"] == 1


def test_p_at_the_review_level_is_not_flagged():
    groups = ("1e-2", [60, 100]), ("1e-3", [30])
    details = found(BAM, *groups).details

    for key in ("linearity_p", "dispersion_p"):
        p = details[key]
        words = "linearity" if key == "linearity_p" else "dispersion"
        at = found(replace(BAM, review_p=p), *groups).warnings
        beyond = found(replace(BAM, review_p=p * 1.0001), *groups).warnings
        assert not any(words in text for text in at)
        assert any(words in text for text in beyond)


def test_good_plates_raise_no_warning():
    assert found(BAM, ("1e-2", [100, 104, 95])).warnings == ()


def test_a_single_plate_is_not_tested():
    assert "linearity_p" not in found(BAM, ("1e-2", [100])).details


def test_replicates_of_different_volumes_are_not_pooled_for_dispersion():
    rows = [Plate(D("1e-2"), D(1), 200), Plate(D("1e-2"), D("0.1"), 25)]

    outcome = estimate(rows, BAM)

    assert "dispersion_p" not in outcome.details
    assert outcome.warnings == ()


@pytest.mark.parametrize(("p", "flags"), [(0.01, True), (0.0, False)])
def test_the_review_level_is_a_parameter(p: float, flags: bool):
    outcome = found(replace(BAM, review_p=p), ("1e-2", [30, 120]))

    assert bool(outcome.warnings) is flags


def test_chance_alone_flags_about_one_in_a_hundred():
    random = Random(7)
    trials, flagged = 1500, 0
    for _ in range(trials):
        counts = [sum(random.random() < 0.1 for _ in range(800)) for _ in range(3)]
        flagged += bool(found(replace(BAM, minimum=0), ("1e-2", counts), trace=False).warnings)

    # 800 chances of 0.1 vary a little less than Poisson.
    assert 0 < flagged < 0.03 * trials


# --- weighted mean ---------------------------------------------------------------------------


def test_no_colonies_give_the_detection_limit():
    outcome = weighted_mean(plates(("1e-1", [0, 0])))

    assert (outcome.qualifier, outcome.value) == (Qualifier.LESS, 5)
    assert outcome.interval.lower == 0
    assert outcome.interval.upper == pytest.approx(3.68887945411 / 0.2)
    assert outcome.details["log10"] is None


def test_codes_are_left_out_of_the_mean():
    assert weighted_mean(plates(("1e-1", [10, SPR, LA, TNTC]))).value == 100


def test_a_mean_of_no_counts_is_refused():
    with pytest.raises(NoAnswer, match="No plate bears a count"):
        weighted_mean(plates(("1e-1", [SPR])))


# --- reporting and refusals ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "qualifier", "rule", "text"),
    [
        ("24409", "=", "half up", "2.4 × 10^4"),
        ("24500", "=", "half up", "2.5 × 10^4"),
        ("24500", "=", "BAM", "2.4 × 10^4"),
        ("2500", "<", "half up", "< 2.5 × 10^3"),
        ("10", "<", "half up", "< 10"),
        ("99.4", "=", "half up", "99"),
        ("99.5", "=", "half up", "1.0 × 10^2"),
        ("3.33", "<", "half up", "< 3.3"),
        ("100", ">", "half up", "> 1.0 × 10^2"),
    ],
)
def test_report_text(value: str, qualifier: str, rule: str, text: str):
    shown = count_text(D(value), Qualifier(qualifier), rule=RoundingRule(rule))

    assert shown == text


@pytest.mark.parametrize(
    ("dilution", "volume", "count"), [("0", "1", 1), ("1", "0", 1), ("-1", "1", 1), ("1", "1", -1)]
)
def test_a_plate_that_cannot_be_is_refused(dilution: str, volume: str, count: int):
    with pytest.raises(BadInputs, match=r"\.$"):
        Plate(D(dilution), D(volume), count)


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (6, 5)])
def test_a_range_that_cannot_be_is_refused(low: int, high: int):
    with pytest.raises(BadInputs, match="countable range"):
        Profile(Method.BAM, low, high)


def test_a_range_may_be_one_number():
    assert found(Profile(Method.BAM, 5, 5), ("1e-1", [5])).value == 50


def test_named_defaults():
    assert (BAM.minimum, BAM.maximum) == (25, 250)
    assert (ISO_7218.minimum, ISO_7218.maximum) == (10, 300)
    assert (USP_BACTERIA.minimum, USP_BACTERIA.maximum) == (0, 250)
    assert (USP_FUNGI.minimum, USP_FUNGI.maximum) == (0, 50)
    assert (BAM.review_p, BAM.successive, BAM.present_below) == (0.01, 2, 4)


def test_the_choice_says_why():
    choice = choose(plates(("1e-2", [100])), BAM)

    assert choice.reading is Reading.COUNTED
    assert choice.because == "plates with 25 to 250 colonies"
    assert estimate(plates(("1e-2", [100])), BAM).details["plates"] == ("100 at 1E-2 (1 mL)",)


def test_the_trace_is_kept_unless_switched_off():
    assert weighted_mean(plates(("1e-2", [100]))).trace
    assert not weighted_mean(plates(("1e-2", [100])), trace=False).trace
    assert found(BAM, ("1e-2", [100])).trace
    assert found(BAM, ("1e-2", [18])).trace


def test_trace_names_every_step_in_order():
    names = [step.name for step in found(BAM, ("1e-2", [100, 110])).trace]

    assert names[:3] == ["sum of counts", "sample on the plates", "estimate"]
    assert found(BAM, ("1e-2", [100, 110])).trace[2].unit == "CFU/mL"
    assert found(BAM, ("1e-2", [100, 110])).trace[1].unit == "mL"
