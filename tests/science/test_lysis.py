"""Lysis kinetics: curves with known answers, whole plates, validity before any call."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import trapezoid

from lims.science import lysis_curves as curve
from lims.science.errors import BadInputs, NoAnswer
from lims.science.lysis import DEFAULT, PLATE_DEFAULT, LysisRule, kinetic_lysis
from lims.science.lysis_plate import Layout, call, plate_lysis
from lims.science.outcome import Outcome

TIME = [0, 1, 2, 3, 4]
CONTROL = [0.2, 0.4, 0.6, 0.8, 1.0]


def details(treated, control=CONTROL, blank=0.0, rule: LysisRule = DEFAULT, time=TIME):
    return kinetic_lysis(time, control, treated, blank, rule).details


# --- one curve -------------------------------------------------------------------------------


def test_areas_equal_the_trapezoid_rule():
    found = details([0.2, 0.3, 0.5, 0.3, 0.1])

    assert found["auc_control"] == pytest.approx(trapezoid(CONTROL, TIME))
    assert found["auc_treated"] == pytest.approx(1.25)
    assert found["auc_ratio"] == pytest.approx(1.25 / 2.4)
    assert found["local_virulence"] == pytest.approx(1 - 1.25 / 2.4)


def test_area_of_an_exponential_converges_to_its_integral():
    time = np.linspace(0, 2, 2001)
    found = kinetic_lysis(time, np.exp(time), np.exp(-time), 0.0).details

    assert found["auc_control"] == pytest.approx(exp(2) - 1, rel=1e-6)
    assert found["auc_treated"] == pytest.approx(1 - exp(-2), rel=1e-6)


def test_unequal_intervals_weigh_the_area():
    assert details([1, 1, 3], [1, 1, 1], time=[0, 1, 4])["auc_treated"] == pytest.approx(7)


def test_blank_is_taken_off_both_curves():
    with_blank = details([0.29, 0.39, 0.59, 0.39, 0.19], [c + 0.09 for c in CONTROL], 0.09)

    assert with_blank["auc_ratio"] == pytest.approx(1.25 / 2.4)
    assert with_blank["max_relative_drop"] == pytest.approx(0.8)


def test_deepest_fall_is_from_the_peak_before_it():
    found = details([0.2, 0.5, 0.3, 0.6, 0.45])

    assert found["max_relative_drop"] == pytest.approx(0.4)
    assert found["time_of_max_drop"] == 2
    assert found["peak_before_drop_time"] == 1


def test_a_later_deeper_fall_wins():
    found = details([0.2, 0.5, 0.4, 0.6, 0.3])

    assert found["max_relative_drop"] == pytest.approx(0.5)
    assert (found["time_of_max_drop"], found["peak_before_drop_time"]) == (4, 3)


def test_a_rising_curve_has_no_fall():
    found = details(CONTROL, time=[2, 3, 4, 5, 6])

    assert found["max_relative_drop"] == 0
    assert found["time_of_max_drop"] == found["peak_before_drop_time"] == 2
    assert found["time_of_max_od"] == 6


def test_falls_from_a_peak_near_the_blank_may_be_left_out():
    noisy = [0.02, 0.01, 0.3, 0.6, 1.0]

    assert details(noisy)["max_relative_drop"] == pytest.approx(0.5)
    assert details(noisy, rule=PLATE_DEFAULT)["max_relative_drop"] == 0
    assert details([-0.01, -0.02, 0.3, 0.6, 0.9])["max_relative_drop"] == 0


def test_deviation_needs_two_reads_in_a_row():
    assert details([0.2, 0.3, 0.6, 0.6, 0.7])["first_deviation_time"] == 3
    assert details([0.2, 0.3, 0.6, 0.6, 1.0])["first_deviation_time"] is None
    assert details([0.1, 0.3, 0.6, 0.8, 1.0])["first_deviation_time"] == 0
    assert details([0.2, 0.4, 0.6, 0.8, 0.1])["first_deviation_time"] is None


def test_the_number_of_reads_in_a_row_is_a_parameter():
    treated = [0.2, 0.3, 0.6, 0.6, 0.7]

    assert details(treated, rule=LysisRule(deviation_reads=1))["first_deviation_time"] == 1
    assert details(treated, rule=LysisRule(deviation_reads=3))["first_deviation_time"] is None
    with pytest.raises(BadInputs):
        LysisRule(deviation_reads=0)


def test_deviation_at_exactly_the_limit_is_none():
    # 0.65 − 0.09 over 0.79 − 0.09 is 0.8 but for binary dust.
    control, treated = [0.19, 0.79, 0.79], [0.19, 0.65, 0.65]

    assert details(treated, control, 0.09, time=[0, 1, 2])["first_deviation_time"] is None
    assert details([0.19, 0.64, 0.64], control, 0.09, time=[0, 1, 2])["first_deviation_time"] == 1


def test_a_control_at_the_blank_gives_no_ratio():
    found = details([-0.1, -0.1, 0.6], [0.0, 0.0, 0.6], time=[0, 1, 2])

    assert found["first_deviation_time"] is None


@pytest.mark.parametrize(
    ("last", "lysis"), [(0.35, True), (0.3501, False), (0.2, True), (0.5, False)]
)
def test_lysis_by_a_fall_includes_its_limit(last: float, lysis: bool):
    # 0.50 to 0.35 is a fall of exactly 0.30.
    treated = [0.5, 0.5, 0.5, 0.5, last]
    control = [0.3, 0.3, 0.4, 0.5, 0.6]

    assert details(treated, control)["lysis_called"] is lysis


@pytest.mark.parametrize(
    ("level", "call"),
    [
        (0.79, "lysis"),
        (0.80, "lysis"),
        (0.801, "equivocal"),
        (0.90, "equivocal"),
        (0.901, "no lysis"),
        (1.1, "no lysis"),
    ],
)
def test_lysis_by_area_and_the_equivocal_band(level: float, call: str):
    outcome = kinetic_lysis(TIME, [1.0] * 5, [level] * 5, 0.0)

    assert outcome.value == call
    assert outcome.details["lysis_called"] is (call == "lysis")


def test_regrowth_after_the_fall():
    assert details([0.2, 0.6, 0.2, 0.3, 0.25])["regrowth"] is True
    assert details([0.2, 0.6, 0.2, 0.25, 0.29])["regrowth"] is False
    assert details([0.2, 0.6, 0.5, 0.9, 1.0])["regrowth"] is False  # no fall worth the name
    assert details(CONTROL)["regrowth"] is False


def test_regrowth_includes_its_limit():
    # 0.3 − 0.2 is 0.09999999999999998 in binary.
    assert details([0.2, 0.7, 0.2, 0.3, 0.3])["regrowth"] is True
    assert details([0.2, 0.7, 0.2, 0.299, 0.299])["regrowth"] is False


def test_regrowth_needs_a_fall_of_at_least_the_lysis_limit():
    # 0.50 to 0.35 is a fall of exactly 0.30.
    assert details([0.2, 0.5, 0.35, 0.5, 0.5])["regrowth"] is True
    assert details([0.2, 0.5, 0.36, 0.5, 0.5])["regrowth"] is False


def test_a_peak_exactly_at_the_floor_is_noise():
    rule = LysisRule(least_peak=0.5)

    assert details([0.2, 0.5, 0.1, 0.2, 0.3], rule=rule)["max_relative_drop"] == 0
    assert details([0.2, 0.51, 0.1, 0.2, 0.3], rule=rule)["max_relative_drop"] > 0.8


def test_two_reads_are_a_curve():
    found = details([1.0, 0.5], [1.0, 1.0], time=[0, 2])

    assert found["auc_treated"] == 1.5
    assert found["first_deviation_time"] is None


def test_fewer_reads_than_a_deviation_needs_show_none():
    rule = LysisRule(deviation_reads=3)

    assert details([0.1, 0.1], [1.0, 1.0], time=[0, 2], rule=rule)["first_deviation_time"] is None
    assert details([0.1] * 3, [1.0] * 3, time=[0, 2, 3], rule=rule)["first_deviation_time"] == 0


def test_the_trace_holds_copies_nobody_can_change():
    trace = kinetic_lysis(TIME, CONTROL, CONTROL, 0.0).trace
    step = next(step for step in trace if step.name == "areas")

    assert not step.inputs["time"].flags.writeable
    assert not trace[0].inputs["od"].flags.writeable


def test_units_and_order_of_the_steps():
    trace = kinetic_lysis(TIME, CONTROL, CONTROL, 0.0).trace

    assert [step.name for step in trace] == [
        "treated, corrected",
        "control, corrected",
        "control area",
        "areas",
        "area ratios",
        "largest drops",
        "first deviations",
        "highest reads",
        "regrowth",
        "lysis",
    ]
    assert trace[3].unit == "OD·h"


def test_trace_recomputes_and_survives_a_database():
    outcome = kinetic_lysis(TIME, CONTROL, [0.2, 0.3, 0.5, 0.3, 0.1], 0.01)
    again = Outcome.from_canonical(outcome.canonical())

    assert outcome.recompute() == ()
    assert again == outcome
    assert again.recompute() == ()
    assert kinetic_lysis(TIME, CONTROL, CONTROL, 0.01, trace=False).trace == ()


@pytest.mark.parametrize(
    ("time", "control", "treated"),
    [
        ([0], [1], [1]),
        ([0, 1], [1, 2], [1]),
        ([0, 1], [1], [1, 2]),
        ([0, 0], [1, 2], [1, 2]),
        ([1, 0], [1, 2], [1, 2]),
        ([0, 1], [1, float("nan")], [1, 2]),
        ([0, 1], [1, 2], [1, float("inf")]),
        ([0, float("nan")], [1, 2], [1, 2]),
        ([0, 1], [[1], [2]], [1, 2]),
        ([[0, 1], [2, 3]], [1, 2], [1, 2]),
        ([0, 1, 1], [1, 2, 3], [1, 2, 3]),
        ([0, 1e300], [1, 2], [1, 2]),
        ([0, 1], [1, 2], [1, 1e300]),
    ],
)
def test_reads_that_do_not_fit_are_refused(time, control, treated):
    with pytest.raises(BadInputs, match=r"\.$"):
        kinetic_lysis(time, control, treated, 0.0)


@pytest.mark.parametrize("blank", [1e300, float("nan"), float("-inf")])
def test_a_blank_that_cannot_be_is_refused(blank: float):
    with pytest.raises(BadInputs, match="blank"):
        kinetic_lysis(TIME, CONTROL, CONTROL, blank)


def test_a_control_without_area_has_no_ratio():
    with pytest.raises(NoAnswer, match="no area"):
        kinetic_lysis(TIME, [0.09] * 5, CONTROL, 0.09)


ods = st.lists(st.floats(0.05, 3), min_size=3, max_size=20)


@given(ods, st.floats(0.1, 10))
def test_stretching_time_changes_areas_but_no_ratio(od: list[float], factor: float):
    time = np.arange(len(od), dtype=float)
    control = np.linspace(0.1, 1, len(od))
    once = details(od, control, time=time)
    stretched = details(od, control, time=time * factor)

    assert stretched["auc_treated"] == pytest.approx(factor * once["auc_treated"])
    assert stretched["auc_ratio"] == pytest.approx(once["auc_ratio"])
    assert stretched["max_relative_drop"] == once["max_relative_drop"]


@given(ods)
def test_deepest_fall_equals_a_plain_loop(od: list[float]):
    peak, deepest = od[0], 0.0
    for value in od:
        peak = max(peak, value)
        deepest = max(deepest, (peak - value) / peak)

    found = details(od, np.ones(len(od)), time=np.arange(len(od)))

    assert found["max_relative_drop"] == pytest.approx(deepest, abs=1e-15)


# --- a plate ---------------------------------------------------------------------------------

HOURS = np.arange(0, 12.01, 0.5)
GROWTH = 0.05 + 0.95 / (1 + np.exp(-(HOURS - 5)))
LYSIS = GROWTH * np.where(HOURS > 5, np.exp(-(HOURS - 5)), 1)
LAYOUT = Layout(
    blanks=(0, 1),
    controls=(2, 3, 4),
    samples={"A": (5, 6, 7), "B": (8, 9, 10)},
    positives=(11, 12, 13),
    negatives=(14, 15, 16),
)


def readings(**rows: np.ndarray) -> np.ndarray:
    """A plate on which A does not lyse and B does; `w7=...` replaces a well."""
    curves = [0 * GROWTH] * 2 + [GROWTH] * 3 + [GROWTH] * 3 + [LYSIS] * 6 + [GROWTH] * 3
    od = 0.09 + np.array(curves)
    od[[2, 3, 4]] *= np.array([[1.0], [1.01], [0.99]])
    for name, row in rows.items():
        od[int(name[1:])] = 0.09 + row
    return od


def test_a_valid_plate_gives_each_sample_its_call():
    plate = plate_lysis(HOURS, readings(), LAYOUT)

    assert plate.valid
    assert {name: outcome.value for name, outcome in plate.samples.items()} == {
        "A": "no lysis",
        "B": "lysis",
    }
    assert plate.samples["B"].details["wells_lysed"] == 3
    assert plate.samples["B"].details["lysis_called"] is True
    assert plate.control["positive"] == "lysis"
    assert plate.control["negative"] == "no lysis"
    assert plate.control["growth"] == pytest.approx(GROWTH.max() - GROWTH[0], rel=1e-6)
    assert plate.control["control_cv_percent"] == pytest.approx(1.1, abs=0.1)


def test_a_plate_gives_what_its_curves_give_alone():
    od = readings(w5=0.9 * GROWTH, w6=0.8 * LYSIS)
    plate = plate_lysis(HOURS, od, LAYOUT, DEFAULT)
    control, blank = od[[2, 3, 4]].mean(axis=0), 0.09

    for row, well in enumerate((5, 6, 7)):
        alone = kinetic_lysis(HOURS, control, od[well], blank).details
        for key, value in plate.samples["A"].details["wells"][row].items():
            expected = alone[key]
            if isinstance(expected, float):
                expected = pytest.approx(expected, rel=1e-9, abs=1e-12)
            assert value == expected, key


def test_figures_of_every_well_are_given_for_a_picture():
    plate = plate_lysis(HOURS, readings(), LAYOUT)

    assert plate.wells.area_ratio.shape == (17,)
    assert plate.wells.area_ratio[2:5] == pytest.approx([1, 1.01, 0.99], abs=0.003)
    assert plate.wells.lysed[8:14].all()
    assert not plate.wells.lysed[2:8].any()


def test_the_mean_curve_carries_the_figure():
    od = readings(w5=GROWTH * 0.8, w6=GROWTH, w7=GROWTH * 1.2)
    plate = plate_lysis(HOURS, od, LAYOUT)

    assert plate.samples["A"].details["auc_ratio"] == pytest.approx(1, abs=0.01)


def test_two_of_three_wells_make_a_lysis():
    assert called(w5=LYSIS, w6=LYSIS) == "lysis"
    assert called(w5=LYSIS) == "equivocal"
    assert called() == "no lysis"


def test_the_share_of_wells_is_a_parameter():
    assert called(PLATE_DEFAULT, w5=LYSIS) == "equivocal"
    assert called(replace(PLATE_DEFAULT, share_of_wells=1 / 3), w5=LYSIS) == "lysis"
    assert called(replace(PLATE_DEFAULT, share_of_wells=1.0), w5=LYSIS, w6=LYSIS) == "equivocal"
    for share in (0, 1.01):
        with pytest.raises(BadInputs):
            LysisRule(share_of_wells=share)


def called(rule: LysisRule = PLATE_DEFAULT, **rows: np.ndarray) -> object:
    return plate_lysis(HOURS, readings(**rows), LAYOUT, rule).samples["A"].value


def test_an_equivocal_mean_curve_asks_for_plaques():
    od = readings(w5=0.87 * GROWTH, w6=0.87 * GROWTH, w7=0.87 * GROWTH)
    outcome = plate_lysis(HOURS, od, LAYOUT).samples["A"]

    assert outcome.value == "equivocal"
    assert outcome.warnings == ("Equivocal: confirm by a plaque assay.",)
    assert outcome.details["lysis_called"] is False


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ({f"w{w}": 0.05 + 0 * GROWTH for w in (2, 3, 4)}, "The control grew by"),
        ({"w2": 1.4 * GROWTH}, "The control areas vary by"),
        ({"w11": GROWTH, "w12": GROWTH}, "The positive control did not lyse."),
        ({"w11": GROWTH}, None),
        ({"w14": LYSIS, "w15": LYSIS}, "The negative control lysed."),
        ({"w14": LYSIS}, None),
    ],
)
def test_controls_decide_before_any_sample(rows: dict[str, np.ndarray], reason: str | None):
    plate = plate_lysis(HOURS, readings(**rows), LAYOUT)

    assert plate.valid is (reason is None)
    if reason is not None:
        assert any(text.startswith(reason) for text in plate.invalid)
        assert all(not outcome.valid for outcome in plate.samples.values())


def test_limits_of_validity_are_included():
    growth = plate_lysis(HOURS, readings(), LAYOUT).control["growth"]
    variation = plate_lysis(HOURS, readings(), LAYOUT).control["control_cv_percent"]
    at = replace(PLATE_DEFAULT, control_growth=growth, control_cv=variation)
    beyond = replace(PLATE_DEFAULT, control_growth=growth + 1e-6, control_cv=variation - 1e-6)

    assert plate_lysis(HOURS, readings(), LAYOUT, at).valid
    assert len(plate_lysis(HOURS, readings(), LAYOUT, beyond).invalid) == 2


def test_a_plate_may_have_no_controls_of_lysis():
    plate = plate_lysis(HOURS, readings(), replace(LAYOUT, positives=(), negatives=()))

    assert plate.valid
    assert plate.control["positive"] is None


def test_a_sample_of_two_wells_gets_no_valid_call():
    plate = plate_lysis(HOURS, readings(), replace(LAYOUT, samples={"A": (5, 6), "B": (8, 9, 10)}))

    assert plate.valid
    assert plate.samples["A"].invalid == ("Only 2 wells; 3 are needed for a call.",)
    assert plate.samples["B"].valid


def test_a_window_cuts_the_reads():
    whole = plate_lysis(HOURS[:9], readings()[:, :9], LAYOUT)
    cut = plate_lysis(HOURS, readings(), LAYOUT, window=(0.0, 4.0))

    assert cut.samples["B"].value == "no lysis"
    assert cut.samples["B"].details == whole.samples["B"].details
    assert cut.time[-1] == 4
    later = plate_lysis(HOURS, readings(), LAYOUT, window=(1.0, 4.0))
    assert (later.time[0], len(later.time)) == (1, 7)


def test_wells_without_a_role_may_hold_anything():
    od = np.vstack([readings(), np.full(len(HOURS), np.nan), np.full(len(HOURS), np.inf)])

    plate = plate_lysis(HOURS, od, LAYOUT)

    assert plate.samples["B"].value == "lysis"


def test_a_plate_without_samples_still_judges_its_controls():
    assert plate_lysis(HOURS, readings(), replace(LAYOUT, samples={})).samples == {}


@pytest.mark.parametrize(
    "change",
    [
        {"blanks": ()},
        {"controls": (2, 3)},
        {"samples": {"A": (5, 6, 5)}},
        {"samples": {"A": (2, 6, 7)}},
        {"samples": {"A": ()}},
        {"samples": {"A": (5, 6, 17)}},
        {"samples": {"A": (5, 6, -1)}},
    ],
)
def test_a_layout_that_cannot_be_is_refused(change):
    with pytest.raises(BadInputs, match=r"\.$"):
        plate_lysis(HOURS, readings(), replace(LAYOUT, **change))


@pytest.mark.parametrize(
    "od", [readings()[:, 1:], readings()[0], np.where(np.arange(25) == 3, np.nan, readings())]
)
def test_readings_that_do_not_fit_are_refused(od):
    with pytest.raises(BadInputs, match=r"\.$"):
        plate_lysis(HOURS, od, LAYOUT)


def test_the_trace_of_a_sample_recomputes_from_the_readings():
    plate = plate_lysis(HOURS, readings(), LAYOUT)

    for outcome in plate.samples.values():
        again = Outcome.from_canonical(outcome.canonical())
        assert outcome.recompute() == ()
        assert again == outcome
        assert again.recompute() == ()
    assert plate.samples["A"].trace[0].name == "blank"
    assert plate.samples["A"].trace[-1].value == "no lysis"


def test_the_answer_is_the_same_without_the_trace():
    with_trace = plate_lysis(HOURS, readings(), LAYOUT)
    without = plate_lysis(HOURS, readings(), LAYOUT, trace=False)

    for name, outcome in without.samples.items():
        assert outcome == replace(with_trace.samples[name], trace=())


def test_what_the_caller_changes_later_does_not_change_the_trace():
    od = readings()
    plate = plate_lysis(HOURS, od, LAYOUT)
    before = plate.samples["A"].canonical()
    od[:] = 0

    assert plate.samples["A"].canonical() == before


def test_a_negative_control_near_the_limit_is_shown_as_equivocal():
    rows = {f"w{well}": 0.87 * GROWTH for well in (14, 15, 16)}
    plate = plate_lysis(HOURS, readings(**rows), LAYOUT)

    assert plate.control["negative"] == "equivocal"
    assert plate.valid


def test_one_lysed_well_is_enough_for_doubt():
    thresholds = {"share_of_wells": 2 / 3, "equivocal_ratio": 0.9}

    assert call(lysed=(True, False, False), area_ratio=1.2, **thresholds) == "equivocal"
    assert call(lysed=(False,) * 3, area_ratio=0.9, **thresholds) == "equivocal"
    assert call(lysed=(False,) * 3, area_ratio=0.91, **thresholds) == "no lysis"
    assert call(lysed=(True, True, False), area_ratio=1.2, **thresholds) == "lysis"


def test_named_defaults():
    assert curve.NEVER == -1
    assert replace(DEFAULT, least_peak=0.05) == PLATE_DEFAULT
    assert LysisRule() == DEFAULT
    assert (DEFAULT.max_area_ratio, DEFAULT.least_drop, DEFAULT.equivocal_ratio) == (0.8, 0.3, 0.9)
    assert (DEFAULT.deviation_ratio, DEFAULT.deviation_reads, DEFAULT.regrowth) == (0.8, 2, 0.1)
    assert (DEFAULT.control_growth, DEFAULT.control_cv, DEFAULT.least_wells) == (0.3, 15, 3)
    assert (DEFAULT.share_of_wells, DEFAULT.least_peak) == (2 / 3, 0)


def test_variation_of_areas():
    assert curve.cv_of([0.45, 0.5, 0.55]) == pytest.approx(10)
    assert curve.cv_of([9.0, 10.0, 11.0]) == pytest.approx(10)
    assert curve.cv_of([-1.0, 1.0]) == float("inf")
