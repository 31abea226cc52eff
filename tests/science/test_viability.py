"""Proportions against statsmodels, flow counts by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from lims.science.errors import BadInputs, NoAnswer
from lims.science.viability import (
    bead_count,
    culturability,
    flow_count,
    flow_viability,
    log10_loss,
    proportion,
)

D = Decimal


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_equal_statsmodels(pair: tuple[int, int]):
    found = proportion(*pair)

    for key, method in (("wilson", "wilson"), ("clopper_pearson", "beta")):
        expected = proportion_confint(*pair, method=method)
        assert found.details[key] == pytest.approx(expected, abs=1e-12)
    assert found.interval.lower == pytest.approx(100 * found.details["wilson"][0])
    assert found.recompute() == ()


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_dead_mirror_the_living(pair: tuple[int, int]):
    live, total = pair
    lower, upper = proportion(live, total).details["wilson"]

    assert proportion(total - live, total).details["wilson"] == pytest.approx(
        (1 - upper, 1 - lower), abs=1e-12
    )


def test_viability_counts_three_gates():
    assert flow_viability(80, 15, 5).value == 80


def test_nothing_counted_gives_no_proportion():
    with pytest.raises(NoAnswer):
        proportion(0, 0)
    with pytest.raises(BadInputs):
        proportion(5, 4)
    with pytest.raises(BadInputs):
        proportion(-1, 4)


def test_cells_by_volume():
    found = flow_count(18452, 35, D(50), D(1000))

    assert found.value == 368340000
    assert float(found.details["log10"]) == pytest.approx(8.56624888376)
    assert found.valid
    assert found.recompute() == ()


def test_flow_validity():
    assert flow_count(9999, 0, D(50), D(1)).invalid
    assert flow_count(10000, 0, D(50), D(1)).valid
    assert flow_count(10000, 200, D(50), D(1)).valid
    assert "2.0 %" in flow_count(10000, 201, D(50), D(1)).invalid[0]
    assert flow_count(50, 2, D(50), D(1), min_events=50, max_blank_percent=D(4)).valid


def test_no_more_cells_than_the_blank_is_none():
    found = flow_count(30, 40, D(50), D(1))

    assert found.value == 0
    assert found.details["log10"] is None
    assert not found.valid
    assert flow_count(0, 0, D(50), D(1)).value == 0


def test_cells_by_beads():
    found = bead_count(18452, 9800, D(1000000), D(1000))

    assert float(found.value) == pytest.approx(1882857142.86)
    with pytest.raises(NoAnswer):
        bead_count(100, 0, D(1), D(1))


@pytest.mark.parametrize(
    "bad", [(-1, 0, "1", "1"), (1, -1, "1", "1"), (1, 0, "0", "1"), (1, 0, "1", "0")]
)
def test_flow_inputs_that_cannot_be_are_refused(bad):
    with pytest.raises(BadInputs):
        flow_count(bad[0], bad[1], D(bad[2]), D(bad[3]))


def test_more_colonies_than_cells_is_kept_and_flagged():
    assert culturability(D(120), D(100)).warnings
    assert culturability(D(120), D(100)).value == 120
    assert not culturability(D(100), D(100)).warnings
    with pytest.raises(NoAnswer):
        culturability(D(1), D(0))


def test_loss_is_a_difference_of_logarithms():
    assert float(log10_loss(D("1e10"), D("2e9")).value) == pytest.approx(0.69897000433)
    assert log10_loss(D("1e10"), D("1e9")).value == 1
    for before, after in ((0, 1), (1, 0)):
        with pytest.raises(NoAnswer):
            log10_loss(D(before), D(after))


def test_a_confidence_beside_one_gives_limits_and_no_gap():
    answer = proportion(0, 1, confidence=1 - 2**-53)

    low, high = answer.details["wilson"]

    assert low == 0
    assert 0.98 < high <= 1
