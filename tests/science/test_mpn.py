"""Most probable numbers against enumeration, a grid and simulation."""

from itertools import product
from math import comb, exp, inf, log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lims.science.errors import BadInputs
from lims.science.mpn import Level, most_probable_number, mpn_text
from lims.science.outcome import Interval, Outcome, Qualifier

AMOUNTS = (0.1, 0.01, 0.001)


def levels(*positive: int, tubes: int = 3) -> list[Level]:
    return [Level(x, tubes, v) for x, v in zip(positive, AMOUNTS, strict=False)]


def likelihood(positive, density: float, tubes: int = 3) -> float:
    chances = [1 - exp(-density * v) for v in AMOUNTS]
    return prod(
        comb(tubes, x) * p**x * (1 - p) ** (tubes - x)
        for x, p in zip(positive, chances, strict=True)
    )


patterns = st.tuples(*[st.integers(0, 3)] * 3).filter(lambda x: 0 < sum(x) < 9)


@given(patterns)
def test_no_other_density_is_more_likely(positive: tuple[int, ...]):
    found = most_probable_number(levels(*positive)).value
    grid = np.exp(np.linspace(log(0.1), log(1e5), 4001))

    assert likelihood(positive, found) >= max(likelihood(positive, d) for d in grid[::40])
    nearest = grid[np.argmax([likelihood(positive, d) for d in grid])]
    assert found == pytest.approx(nearest, rel=0.01)


@given(patterns)
def test_rarity_against_all_patterns(positive: tuple[int, ...]):
    found = most_probable_number(levels(*positive))
    most = max(likelihood(each, found.value) for each in product(range(4), repeat=3))

    expected = likelihood(positive, found.value) / most
    assert found.details["rarity_index"] == pytest.approx(expected, rel=1e-9)


@given(patterns)
def test_profile_limits_drop_the_likelihood_as_promised(positive: tuple[int, ...]):
    found = most_probable_number(levels(*positive))
    best = log(likelihood(positive, found.value))

    for end in (found.interval.lower, found.interval.upper):
        assert 2 * (best - log(likelihood(positive, end))) == pytest.approx(3.841458820694124)
    assert found.interval.lower < found.value < found.interval.upper
    assert found.details["wald_lower"] < found.value < found.details["wald_upper"]


@given(patterns)
def test_wald_limits_use_the_curvature(positive: tuple[int, ...]):
    found = most_probable_number(levels(*positive))
    mpn, h = found.value, found.value * 1e-4
    curvature = (
        log(likelihood(positive, mpn + h))
        + log(likelihood(positive, mpn - h))
        - 2 * log(likelihood(positive, mpn))
    ) / h**2
    se = (-1 / curvature) ** 0.5 / mpn

    assert found.details["wald_upper"] == pytest.approx(mpn * exp(1.959963984540054 * se), rel=1e-3)


@given(patterns, st.randoms(use_true_random=False))
def test_the_order_of_levels_does_not_matter(positive, random):
    given_levels = levels(*positive)
    shuffled = list(given_levels)
    random.shuffle(shuffled)

    assert most_probable_number(shuffled).value == pytest.approx(
        most_probable_number(given_levels).value, rel=1e-12
    )


@given(patterns, st.floats(0.001, 1000))
def test_the_unit_of_the_amount_scales_the_answer(positive, factor: float):
    scaled = [Level(x.positive, 3, x.amount * factor) for x in levels(*positive)]

    assert most_probable_number(scaled).value == pytest.approx(
        most_probable_number(levels(*positive)).value / factor, rel=1e-9
    )


@given(patterns, st.integers(0, 2))
def test_one_more_positive_tube_never_lowers_the_number(positive, at: int):
    more = list(positive)
    more[at] = min(3, more[at] + 1)
    if sum(more) < 9:
        assert most_probable_number(levels(*more)).value >= (
            most_probable_number(levels(*positive)).value * (1 - 1e-12)
        )


def test_all_negative_is_below_one_positive_tube():
    found = most_probable_number(levels(0, 0, 0))

    assert mpn_text(found) == "<3.0"
    assert found.value == most_probable_number(levels(0, 0, 1)).value
    assert found.details["mpn"] == 0
    assert found.details["upper_one_sided_95"] == pytest.approx(-log(0.05) / 0.333)
    assert found.interval == Interval(0.0, found.details["upper_one_sided_95"], 0.95, "one-sided")
    assert found.recompute() == ()


def test_all_positive_is_above_one_less():
    found = most_probable_number(levels(3, 3, 3))

    assert mpn_text(found) == ">1100"
    assert found.value == most_probable_number(levels(3, 3, 2)).value
    assert found.details["mpn"] == inf
    lower = found.details["lower_one_sided_95"]
    assert likelihood((3, 3, 3), lower) == pytest.approx(0.05)
    assert found.interval == Interval(lower, None, 0.95, "one-sided")
    assert found.recompute() == ()


def test_the_smallest_amount_decides_whatever_the_order():
    assert mpn_text(most_probable_number(list(reversed(levels(0, 0, 0))))) == "<3.0"


def test_a_single_tube_has_the_bound_of_even_odds():
    assert most_probable_number([Level(0, 1, 2.0)]).value == pytest.approx(log(2) / 2)
    assert most_probable_number([Level(1, 1, 2.0)]).qualifier is Qualifier.GREATER


def test_one_level_has_a_closed_form():
    found = most_probable_number([Level(3, 5, 10.0)])

    assert found.value == pytest.approx(-log(2 / 5) / 10)


@pytest.mark.parametrize(
    ("positive", "word"),
    [((3, 1, 0), None), ((2, 0, 0), None), ((0, 0, 1), "Improbable"), ((1, 0, 1), "caution")],
)
def test_rare_patterns_warn(positive, word: str | None):
    warnings = most_probable_number(levels(*positive)).warnings

    assert bool(warnings) is (word is not None)
    if word is not None:
        assert word in warnings[0]


@given(patterns)
def test_the_trace_recomputes(positive):
    found = most_probable_number(levels(*positive))

    assert found.recompute() == ()
    assert Outcome.from_canonical(found.canonical()).recompute() == ()


@pytest.mark.parametrize(
    ("positive", "tubes", "amount"), [(4, 3, 1.0), (-1, 3, 1.0), (0, 0, 1.0), (1, 3, 0.0)]
)
def test_levels_that_cannot_be_are_refused(positive: int, tubes: int, amount: float):
    with pytest.raises(BadInputs):
        Level(positive, tubes, amount)


def test_no_levels_are_refused():
    with pytest.raises(BadInputs):
        most_probable_number([])
