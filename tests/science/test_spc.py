"""Control charts: a second, slow reading of the rules, invariances, limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lims.science.capability import capability
from lims.science.errors import BadInputs, NoAnswer
from lims.science.spc import imr_limits, nelson_rules

_SERIES = st.lists(st.integers(-40, 40).map(lambda tenth: tenth / 10), min_size=1, max_size=40)


def _slow(data: list[float]) -> dict[str, list[int]]:
    """Nelson's rules by numpy windows on z values; no point of the tests lies on a line."""
    z = np.array(data)
    found: dict[str, list[int]] = {}

    def windows(rule: int, length: int, holds) -> None:
        flagged = [e for e in range(length - 1, len(z)) if holds(z[e - length + 1 : e + 1])]
        if flagged:
            found[str(rule)] = flagged

    windows(1, 1, lambda w: abs(w[0]) > 3)
    windows(2, 9, lambda w: (w > 0).all() or (w < 0).all())
    windows(3, 6, lambda w: (np.diff(w) > 0).all() or (np.diff(w) < 0).all())
    windows(4, 14, lambda w: (np.diff(w)[:-1] * np.diff(w)[1:] < 0).all())
    windows(5, 3, lambda w: any(s * w[-1] > 2 and (s * w > 2).sum() >= 2 for s in (1, -1)))
    windows(6, 5, lambda w: any(s * w[-1] > 1 and (s * w > 1).sum() >= 4 for s in (1, -1)))
    windows(7, 15, lambda w: (abs(w) < 1).all())
    windows(8, 8, lambda w: (abs(w) > 1).all())
    return found


@given(_SERIES)
@settings(max_examples=300, deadline=None)
def test_the_rules_agree_with_a_second_reading(data):
    data = [value + 0.05 for value in data]

    assert nelson_rules(data, 0, 1).details["violations"] == _slow(data)


@pytest.mark.parametrize("scale", [0.3, 1.0, 1.5])
def test_long_walks_agree_with_the_second_reading(scale):
    rng = np.random.default_rng(8)
    data = [round(float(v), 2) + 0.005 for v in rng.normal(0, scale, 400)]

    assert nelson_rules(data, 0, 1).details["violations"] == _slow(data)


@given(_SERIES, st.sampled_from([0.1, 2, 1000]), st.sampled_from([-7, 0, 9.8]))
@settings(max_examples=60, deadline=None)
def test_the_rules_do_not_depend_on_unit_or_centre(data, scale, centre):
    plain = nelson_rules(data, 0, 1).details
    moved = [round(value * scale + centre, 6) for value in data]

    assert nelson_rules(moved, centre, scale).details == plain


@given(_SERIES)
@settings(max_examples=60, deadline=None)
def test_a_mirrored_chart_has_the_same_violations(data):
    mirrored = [-value for value in data]

    assert nelson_rules(mirrored, 0, 1).details == nelson_rules(data, 0, 1).details


def test_a_point_on_a_line_is_neither_beyond_nor_within():
    on_three_sigma = nelson_rules([10.3], 10, 0.1)
    on_one_sigma = nelson_rules([0.3] * 14 + [1.0], 0, 1, rules=[7])

    assert on_three_sigma.value == 0
    assert on_one_sigma.value == 0
    assert nelson_rules([10.3001], 10, 0.1).details["violations"] == {"1": [0]}


def test_a_point_on_the_centre_breaks_the_run_of_nine():
    data = [0.5] * 8 + [0] + [0.5] * 8

    assert "2" not in nelson_rules(data, 0, 1).details["violations"]


def test_only_the_chosen_rules_are_applied():
    data = [4] * 9

    assert set(nelson_rules(data, 0, 1, rules=[1, 2]).details["violations"]) == {"1", "2"}


@pytest.mark.parametrize(("sigma", "rules"), [(0, [1]), (-1, [1]), (1, [9])])
def test_impossible_charts_are_refused(sigma, rules):
    with pytest.raises(BadInputs):
        nelson_rules([1, 2], 0, sigma, rules=rules)


@given(st.lists(st.integers(-500, 500).map(lambda v: v / 10), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_limits_agree_with_numpy_and_shift_with_the_data(data):
    outcome = imr_limits(data)
    found = outcome.details
    ranges = np.abs(np.diff(data))

    assert found["centre"] == pytest.approx(np.mean(data), abs=1e-9)
    assert found["ucl"] - found["lcl"] == pytest.approx(6 * ranges.mean() / 1.128, abs=1e-9)
    assert found["mr_ucl"] == pytest.approx(3.267 * ranges.mean(), abs=1e-9)
    moved = imr_limits([value + 1000 for value in data]).details
    assert moved["ucl"] == pytest.approx(found["ucl"] + 1000, abs=1e-6)
    assert outcome.recompute() == ()


def test_few_points_and_constant_points_are_said():
    assert "20 or more" in imr_limits([1, 2, 3]).warnings[0]
    assert "no width" in imr_limits([2.0] * 25).warnings[0]


def test_one_sided_capability_has_no_cp():
    data = [9.8, 9.9, 10.0, 10.1, 9.95]

    found = capability(data, lsl=9.5).details

    sd = np.std(data, ddof=1)
    assert found["Ppk"] == pytest.approx((np.mean(data) - 9.5) / (3 * sd), rel=1e-12)
    assert found["Pp"] is None
    assert found["Cp"] is None


def test_a_mean_outside_its_limit_has_a_negative_index():
    assert capability([9.1, 9.2, 9.3], lsl=9.5).value < 0


def test_the_interval_of_ppk_covers_about_as_promised():
    rng = np.random.default_rng(2)
    true, hits = 0.5 / (3 * 0.1), 0
    for row in rng.normal(10, 0.1, (1500, 60)):
        interval = capability(row.tolist(), lsl=9.5, usl=10.5, trace=False).interval
        hits += interval.lower <= true <= interval.upper

    assert hits / 1500 == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(
    ("limits", "error"),
    [({}, BadInputs), ({"lsl": 2, "usl": 1}, BadInputs), ({"lsl": 0, "confidence": 1}, BadInputs)],
)
def test_capability_without_sound_limits_is_refused(limits, error):
    with pytest.raises(error):
        capability([1, 2, 3], **limits)


def test_capability_of_values_that_never_change_is_refused():
    with pytest.raises(NoAnswer):
        capability([1, 1, 1], lsl=0)
