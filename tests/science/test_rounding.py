"""Rounding against worked examples, and against exact rational arithmetic."""

from decimal import Decimal
from fractions import Fraction
from math import floor
from math import log10 as binary_log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science import rounding
from lims.science.errors import BadInputs
from lims.science.limits import Limit, NotALimit, max_acceptable, meets, printed_like, rounded_like
from lims.science.rounding import (
    NotRoundable,
    RoundingRule,
    exact,
    log10,
    plain_text,
    scientific,
    times_ten,
    to_figures,
    to_places,
)

D = Decimal
decimals = st.decimals(min_value=0, max_value=D("1e12"), allow_nan=False, places=7)


def half_up(value: Decimal, places: int) -> Fraction:
    """Second route: floor(x·10^p + 1/2) on fractions."""
    scale = Fraction(10) ** places
    return Fraction(floor(Fraction(value) * scale + Fraction(1, 2))) / scale


@pytest.mark.req("DI-07")
@given(decimals, st.integers(-3, 6))
def test_half_up_equals_rational_arithmetic(value: Decimal, places: int):
    assert Fraction(to_places(value, places)) == half_up(value, places)


@given(decimals.filter(bool), st.integers(1, 6))
def test_figures_half_up_equal_rational_arithmetic(value: Decimal, figures: int):
    assert Fraction(to_figures(value, figures)) == half_up(value, figures - 1 - value.adjusted())


@given(decimals, st.integers(0, 6))
def test_rounding_twice_changes_nothing(value: Decimal, places: int):
    once = to_places(value, places)

    assert to_places(once, places) == once


@given(decimals, decimals, st.integers(0, 6))
def test_rounding_keeps_the_order(left: Decimal, right: Decimal, places: int):
    low, high = sorted((left, right))

    assert to_places(low, places) <= to_places(high, places)


@pytest.mark.req("DI-07")
@given(decimals, st.integers(0, 6))
def test_a_negative_value_rounds_like_its_magnitude(value: Decimal, places: int):
    assert to_places(-value, places) == -to_places(value, places)


def test_zero_never_shows_a_minus_sign():
    assert plain_text(to_places(D("-0.04"), 1)) == "0.0"


def test_rounding_keeps_exactly_the_places_asked_for():
    assert plain_text(to_places(D(3), 2)) == "3.00"
    assert plain_text(to_places(D(1250), -2)) == "1300"


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (12700, 13000),  # published
        (12400, 12000),  # published
        (15500, 16000),  # published
        (14500, 14000),  # published
        (15501, 16000),  # only the third digit is looked at
        (14501, 14000),
        (14599, 14000),
        (14600, 15000),
        (9950, 10000),
        (9850, 9800),
        (9949, 9900),
        (995, 1000),
        (96, 96),
        (7, 7),
        (0, 0),
    ],
)
def test_bam_looks_at_the_third_digit_only(value: int, rounded: int):
    assert to_figures(D(value), 2, RoundingRule.BAM) == rounded


@given(st.integers(100, 10**9))
def test_bam_equals_its_rule_in_words(count: int):
    digits = str(count)
    second, third = int(digits[1]), int(digits[2])
    up = third > 5 or (third == 5 and second % 2 == 1)
    expected = (int(digits[:2]) + up) * 10 ** (len(digits) - 2)

    assert to_figures(D(count), 2, RoundingRule.BAM) == expected


def test_default_is_two_figures_half_up():
    assert to_figures(D(24500)) == 25000
    assert to_figures(D(24409)) == 24000


def test_no_figures_are_refused():
    with pytest.raises(NotRoundable, match="0 significant figures"):
        to_figures(D(1), 0)


def test_one_figure_is_allowed():
    assert to_figures(D(25), 1) == 30


def test_a_number_too_large_to_round_is_refused():
    with pytest.raises(NotRoundable, match=r"10\^-2"):
        to_places(D("1e40"), 2)


def test_a_float_is_taken_with_the_digits_a_person_reads():
    assert exact(97.95) == D("97.95")
    assert exact("0.10") == D("0.10")
    assert exact(D("1.50")).as_tuple() == D("1.50").as_tuple()
    assert exact(3) == 3


@given(st.floats(1e-9, 1e15))
def test_logarithm_equals_the_binary_one(value: float):
    assert float(log10(exact(value))) == pytest.approx(binary_log10(value), abs=1e-13)


@pytest.mark.parametrize("value", ["0", "-1"])
def test_no_logarithm_below_or_at_zero(value: str):
    with pytest.raises(BadInputs, match="does not exist"):
        log10(D(value))


def test_texts():
    assert scientific(D("9.5e8")) == "9.5e8"
    assert scientific(D("1.00E+3")) == "1.0e3"
    assert scientific(D("0.0025"), 3) == "2.50e-3"
    assert scientific(D(0)) == "0"
    assert times_ten(D("2.4e8")) == "2.4 × 10^8"
    assert plain_text(D("2.4E+4")) == "24000"


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "is_scientific", "places", "figures"),
    [
        ("98.0", "98.0", False, 1, 3),
        ("0.02", "0.02", False, 2, 1),
        ("0.020", "0.020", False, 3, 2),
        ("3", "3", False, 0, 1),
        ("-20", "-20", False, 0, 2),
        ("1.0e9", "1e9", True, 1, 2),
        ("1.0E9", "1e9", True, 1, 2),
        ("1.0 × 10^9", "1e9", True, 1, 2),
        ("1.0 x 10^9", "1e9", True, 1, 2),
        ("2.50 × 10^-3", "0.0025", True, 2, 3),
        ("10^3", "1000", True, 0, 1),
        ("25e3", "25000", True, 0, 2),
        (" 5.0 ", "5.0", False, 1, 2),
        ("1.0\u00a0×\u00a010^9", "1e9", True, 1, 2),
    ],
)
def test_a_limit_keeps_what_its_text_shows(text, value, is_scientific, places, figures):
    limit = Limit(text)

    assert limit.value == D(value)
    assert limit.is_scientific is is_scientific
    assert limit.places == places
    assert limit.figures == figures
    assert str(limit) == text


@pytest.mark.parametrize("text", ["", "NMT 5", "5,0", "1.0e", "0.0e9", "five", "1 2", "0 × 10^3"])
def test_what_is_not_a_limit_is_refused(text: str):
    with pytest.raises(NotALimit, match="is not a limit"):
        Limit(text)


@pytest.mark.parametrize(
    ("value", "limit", "shown"),
    [
        ("97.95", "98.0", "98.0"),
        ("101.55", "101.5", "101.6"),
        ("0.025", "0.02", "0.03"),
        ("9.5e8", "1.0e9", "9.5e8"),
        ("9.96e8", "1.0e9", "1.0e9"),
        ("9.5e8", "1e9", "1e9"),
        ("1.049e11", "1.0e11", "1.0e11"),
        ("0", "1.0e9", "0"),
    ],
)
def test_a_result_is_shown_like_its_limit(value: str, limit: str, shown: str):
    rounded = rounded_like(D(value), limit)

    assert printed_like(rounded, Limit(limit)) == shown


@pytest.mark.parametrize(
    ("side", "below", "at", "above"),
    [
        ("NMT", True, True, False),
        ("NLT", False, True, True),
        ("LT", True, False, False),
        ("MT", False, False, True),
    ],
)
def test_sides_of_a_limit(side: str, below: bool, at: bool, above: bool):
    assert meets(D("4.9"), side, "5.0") is below
    assert meets(D("5.0"), side, "5.0") is at
    assert meets(D("5.1"), side, "5.0") is above


def test_compendial_limits_accept_their_factor():
    assert max_acceptable(2, D(2)) == 200
    assert max_acceptable(4, D(5)) == 50000
    assert max_acceptable(0, D(1)) == 1


@pytest.mark.parametrize("factor", ["0", "-1"])
def test_a_factor_is_above_zero(factor: str):
    with pytest.raises(BadInputs, match="above zero"):
        max_acceptable(2, D(factor))


def test_named_defaults():
    assert (rounding.COUNT_FIGURES, rounding.LOG10_PLACES, rounding.PERCENT_PLACES) == (2, 2, 1)
    assert (rounding.P_VALUE_PLACES, rounding.CQ_PLACES) == (3, 2)
    assert (rounding.ANI_PLACES, rounding.SCORE_PLACES) == (2, 2)


def test_unrounded_values_keep_thirty_four_digits():
    assert rounding.CONTEXT.divide(D(1), D(3)) == D("0." + 34 * "3")


def test_a_logarithm_has_the_digits_of_a_double_and_is_exact_for_powers_of_ten():
    assert log10(D(2)) == D("0.30102999566398120")
    assert log10(D("1e9")) == 9
    assert log10(D("0.001")) == -3
