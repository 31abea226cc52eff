"""Outlier tests against scipy, printed tables, published examples and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lims.science.dixon_tables import CRITICAL
from lims.science.errors import BadInputs, NoAnswer
from lims.science.outliers import dixon, generalized_esd, grubbs, recommended_ratio

_DATA = st.lists(st.integers(0, 400).map(lambda v: v / 100), min_size=4, max_size=20).filter(
    lambda data: len(set(data)) > 1
)
# Rosner 1983, Technometrics 25:165 (NIST/SEMATECH e-Handbook 1.3.5.17.3).
_ROSNER = [
    *(-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56),
    *(1.58, 1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10),
    *(2.14, 2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92),
    *(2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01),
]


def test_generalized_esd_gives_the_published_table():
    outcome = generalized_esd(_ROSNER, 0.05, 10)

    found = outcome.details
    published = [3.118, 2.942, 3.179, 2.810, 2.815, 2.848, 2.279, 2.310, 2.101, 2.067]
    limits = [3.158, 3.151, 3.143, 3.136, 3.128, 3.120, 3.111, 3.103, 3.094, 3.085]
    assert found["R"] == pytest.approx(published, abs=1.1e-3)
    assert found["critical"] == pytest.approx(limits, abs=1.1e-3)
    assert found["outliers"] == 3
    assert found["outlier_values"] == [6.01, 5.42, 5.34]
    assert outcome.recompute() == ()


def test_one_round_of_esd_is_the_two_sided_test_of_grubbs():
    data = [9.82, 9.91, 9.88, 9.85, 9.42, 9.9]

    one, other = grubbs(data), generalized_esd(data, 0.05, 1)

    assert other.details["R"] == pytest.approx([one.details["G"]])
    assert other.details["critical"] == pytest.approx([one.details["critical"]])
    assert other.details["removed_index"] == [one.details["index"]]


def test_two_outliers_do_not_hide_each_other():
    data = [*np.linspace(1, 2, 20).tolist(), 8.0, 8.2]

    assert grubbs(data).value in (True, False)
    assert generalized_esd(data, 0.05, 3).value == 2


@given(_DATA, st.sampled_from([0.01, 3.0, 1000.0]), st.sampled_from([-5.0, 0.0, 12.5]))
@settings(max_examples=60, deadline=None)
def test_statistics_ignore_unit_and_origin(data, scale, shift):
    moved = [round(value * scale + shift, 6) for value in data]

    assert grubbs(moved).details["G"] == pytest.approx(grubbs(data).details["G"], rel=1e-6)
    assert dixon(moved).details["Q"] == pytest.approx(dixon(data).details["Q"], rel=1e-6, abs=1e-9)


@given(_DATA, st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_the_data_does_not_matter(data, random):
    shuffled = list(data)
    random.shuffle(shuffled)

    assert grubbs(shuffled).details["G"] == pytest.approx(grubbs(data).details["G"], rel=1e-12)
    assert dixon(shuffled).details["Q"] == dixon(data).details["Q"]


@given(_DATA)
@settings(max_examples=60, deadline=None)
def test_grubbs_agrees_with_numpy_and_the_t_distribution_of_scipy(data):
    outcome = grubbs(data, 0.05, two_sided=False)

    n = len(data)
    t = stats.t.ppf(1 - 0.05 / n, n - 2)
    distances = np.abs(np.array(data) - np.mean(data))
    assert outcome.details["G"] == pytest.approx(distances.max() / np.std(data, ddof=1))
    assert outcome.details["critical"] == pytest.approx(
        (n - 1) / np.sqrt(n) * np.sqrt(t * t / (n - 2 + t * t))
    )
    assert outcome.recompute() == ()


def test_grubbs_looks_at_the_asked_side_only():
    data = [1.0, 5.0, 5.1, 5.2, 5.3, 6.0]

    assert grubbs(data, side="upper", two_sided=False).details["value"] == 6.0
    assert grubbs(data, side="lower", two_sided=False).details["value"] == 1.0
    assert grubbs(data).details["value"] == 1.0


def test_a_clean_sample_is_accused_as_rarely_as_promised():
    samples = np.random.default_rng(4).standard_normal((1500, 8))
    accused = np.mean([grubbs(row.tolist(), 0.05, trace=False).value for row in samples])
    dixons = np.mean([dixon(row.tolist(), "r10", trace=False).value for row in samples])

    assert accused == pytest.approx(0.05, abs=0.017)
    # The critical value holds for each end; both ends are looked at.
    assert dixons == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("ratio", CRITICAL)
def test_tabled_values_are_those_of_simulated_normal_samples(ratio):
    near, far = {"r10": (1, 0), "r11": (1, 1), "r21": (2, 1), "r22": (2, 2)}[ratio]
    rng = np.random.default_rng(7)
    for n in list(CRITICAL[ratio][95])[::9]:
        x = np.sort(rng.standard_normal((120_000, n)), axis=1)
        upper = (x[:, -1] - x[:, -1 - near]) / (x[:, -1] - x[:, far])
        lower = (x[:, near] - x[:, 0]) / (x[:, -1 - far] - x[:, 0])

        for confidence, tail in ((90, 0.95), (95, 0.975), (99, 0.995)):
            simulated = np.quantile(np.concatenate([upper, lower]), tail)
            assert CRITICAL[ratio][confidence][n] == pytest.approx(simulated, abs=0.01)


def test_dixon_takes_the_wider_gap_of_both_ends():
    low = dixon([1.0, 5.0, 5.1, 5.2, 5.4], "r10").details
    high = dixon([5.0, 5.1, 5.2, 5.3, 9.0], "r10").details

    assert (low["suspect"], low["index"]) == (1.0, 0)
    assert (high["suspect"], high["index"]) == (9.0, 4)


def test_the_recommended_ratio_follows_the_size():
    assert [recommended_ratio(n) for n in (3, 7, 8, 10, 11, 13, 14, 30)] == [
        *("r10", "r10", "r11", "r11", "r21", "r21", "r22", "r22")
    ]


@pytest.mark.parametrize(
    ("test", "data"),
    [(grubbs, [1, 2]), (dixon, [1, 2]), (dixon, list(range(31))), (generalized_esd, [1, 2])],
)
def test_samples_of_the_wrong_size_are_refused(test, data):
    with pytest.raises(BadInputs):
        test(data)


@pytest.mark.parametrize("test", [grubbs, dixon, generalized_esd])
def test_values_that_never_change_hold_no_outlier(test):
    with pytest.raises(NoAnswer):
        test([3.0, 3.0, 3.0, 3.0])


@pytest.mark.parametrize("most", [0, 5])
def test_the_number_of_suspected_outliers_is_bounded(most):
    with pytest.raises(BadInputs):
        generalized_esd([1, 2, 3, 4, 9, 5], 0.05, most)
