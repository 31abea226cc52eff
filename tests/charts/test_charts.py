"""Pictures: well-formed, finite, the same twice, answering empty data, saying what they show."""

import re
from decimal import Decimal

import pytest
from defusedxml import ElementTree as ET  # noqa: N817 -- its common name
from hypothesis import given
from hypothesis import strategies as st

from lims import charts
from lims.charts.colour import contrast, mix
from lims.charts.look import LOOK
from lims.charts.scale import HOURS, Axis, Frame, nice_step
from lims.charts.svg import Drawing, heat_mix, number

CURVE = [(0.0, 0.03), (6.0, 0.9), (12.0, 1.2), (24.0, 1.25)]
HOST = [(0.0, 0.03), (6.0, 1.0), (12.0, 1.24), (24.0, 1.26)]
PANEL = charts.Panel("Host <A> & B", CURVE, HOST, drop_at=7.4, words="Lysis", flagged=True)
LINES = charts.ControlLines(10.55, 10.46, 10.64, 10.41, 10.69)
POINTS = [
    charts.ControlPoint("101", 10.5),
    charts.ControlPoint("102", 10.7, beyond=True),
    charts.ControlPoint("103", 10.6, in_run=True),
]
FIT = [charts.FitPoint(m, 10.6 - 0.01 * m, 10.5 - 0.012 * m, 10.7 - 0.008 * m) for m in range(37)]
WELLS = [
    charts.Well("A1", "S", "1.18", 17),
    charts.Well("A2", "B", "0.04", 1, "blank", "reads high"),
    charts.Well("H12", "C", "1.24", 19, "ctl"),
]
LIMIT = charts.Limit(10.0, "Lower limit 10.0")


def drawn(standalone: bool) -> dict[str, str]:
    return {
        "mini": charts.mini(PANEL, charts.axes_for([PANEL]), "It lyses", standalone=standalone),
        "curves": charts.curves([PANEL] * 5, "All", "One of five lyses", standalone=standalone),
        "detail": charts.detail(PANEL, charts.axes_for([PANEL]), "It lyses", standalone=standalone),
        "plate": charts.plate_heat(WELLS, "Plate", "One blank is high", standalone=standalone),
        "control": charts.control(
            POINTS,
            LINES,
            "Count",
            "One beyond",
            runs=[charts.ShadedRun(1, 2, "Rule 3")],
            standalone=standalone,
        ),
        "stability": charts.stability(
            [(0, 10.6), (18, 10.4)],
            FIT,
            LIMIT,
            "Count",
            "Meets at 30",
            crossing=30,
            pulls=[24],
            standalone=standalone,
        ),
        "spark": charts.spark([1, 2, 1.5], "Trend", "Rises", odd=1, standalone=standalone),
        "range": charts.range_bar(10.5, 10, 11, "Count", "Between", standalone=standalone),
    }


EMPTY = {
    "mini": charts.mini(charts.Panel("x"), charts.axes_for([]), ""),
    "curves": charts.curves([], "x", ""),
    "detail": charts.detail(charts.Panel("x"), charts.axes_for([]), ""),
    "plate": charts.plate_heat([], "x", ""),
    "control": charts.control([], LINES, "x", ""),
    "stability": charts.stability([], [], LIMIT, "x", ""),
    "spark": charts.spark([], "x", ""),
    "range": charts.range_bar(1, None, None, "x", ""),
}
NAMES = sorted(EMPTY)


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter() if e.tag.endswith("text")]


@pytest.mark.parametrize("standalone", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_well_formed_and_finite(name, standalone):
    svg = drawn(standalone)[name]

    root = ET.fromstring(svg)

    assert root.get("role") == "img"
    assert not re.search(r"\b(nan|NaN|inf|None)\b", svg)
    assert "-0.0" not in svg


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_its_finding(name):
    root = ET.fromstring(drawn(False)[name])

    assert [c.tag for c in root][:2] == ["title", "desc"]
    assert root[1].text
    assert root.get("aria-label") == f"{root[0].text}. {root[1].text}"


@pytest.mark.parametrize("name", NAMES)
def test_the_same_data_give_the_same_bytes(name):
    assert drawn(True)[name] == drawn(True)[name]


@pytest.mark.parametrize("name", NAMES)
def test_on_screen_a_picture_has_classes_and_no_style(name):
    svg = drawn(False)[name]

    assert "style=" not in svg
    assert "fill=" not in svg
    assert "stroke=" not in svg


@pytest.mark.parametrize("name", NAMES)
def test_on_paper_a_picture_has_attributes_and_no_class(name):
    svg = drawn(True)[name]

    assert "class=" not in svg
    assert "var(" not in svg
    assert 'xmlns="http://www.w3.org/2000/svg"' in svg


@pytest.mark.parametrize("name", NAMES)
def test_empty_data_are_answered(name):
    assert texts(EMPTY[name]) == ["No data yet"]


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_lies_inside_its_picture(name):
    root = ET.fromstring(drawn(False)[name])
    width, height = map(float, root.get("viewBox").split()[2:])

    for e in root.iter():
        for x, y in re.findall(r"([-\d.]+),([-\d.]+)", e.get("d") or ""):
            assert -2 <= float(x) <= width + 2
            assert -2 <= float(y) <= height + 2
        if e.tag == "rect":
            assert float(e.get("width")) >= 0
            assert float(e.get("height")) >= 0


def test_words_are_escaped():
    svg = drawn(False)["curves"]

    assert "Host &lt;A&gt; &amp; B" in svg


def test_a_missing_value_parts_the_line_and_is_said_in_the_table():
    holed = charts.Panel("A", [(0, 0.1), (1, None), (2, float("nan")), (3, 0.4), (4, 0.5)], HOST)

    svg = charts.mini(holed, charts.axes_for([holed]), "")
    table = charts.curves_table([holed], "Values")

    assert svg.count('class="l1"') == 2
    assert [row[1] for row in table.rows if row[0] in ("1.00", "2.00")] == ["missing", "missing"]


def test_the_fall_is_marked_at_its_hour():
    axes = charts.axes_for([PANEL])
    frame = Frame(46, 12, 520, 262, axes.time, axes.density)

    svg = charts.detail(PANEL, axes, "It lyses")

    mark = next(e for e in ET.fromstring(svg).iter("line") if e.get("class") == "mark")
    assert float(mark.get("x1")) == pytest.approx(46 + 7.4 / 24 * (520 - 46), abs=0.05)
    assert float(mark.get("x1")) == pytest.approx(frame.x(7.4), abs=0.05)
    assert "OD falls from 7.4 h" in svg


def test_panels_share_their_axes():
    low = charts.Panel("low", [(0, 0.0), (24, 0.2)])
    high = charts.Panel("high", [(0, 0.0), (24, 1.4)])

    axes = charts.axes_for([low, high])

    assert axes.density.high == Decimal("1.5")
    assert axes.time.ticks == (0, 6, 12, 18, 24)


def test_a_value_is_drawn_where_the_scale_says():
    frame = Frame(0, 0, 100, 50, Axis.over([0, 10]), Axis.over([0, 10]))

    assert frame.x(5) == 50
    assert frame.y(5) == 25
    assert frame.y(0) == 50


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 1.26], ["0.0", "0.5", "1.0", "1.5"]),
        ([9.83, 10.71], ["9.8", "10.0", "10.2", "10.4", "10.6", "10.8"]),
        ([-0.02, 0.1], ["−0.025", "0.000", "0.025", "0.050", "0.075", "0.100"]),
        ([1e10, 4e10], ["10000000000", "20000000000", "30000000000", "40000000000"]),
    ],
)
def test_ticks_are_what_a_person_would_choose(values, ticks):
    axis = Axis.over(values)

    assert [axis.label(t) for t in axis.ticks] == ticks


def test_hours_are_counted_in_hours():
    assert [int(t) for t in Axis.over([0, 24], 4, HOURS).ticks] == [0, 6, 12, 18, 24]
    assert [int(t) for t in Axis.over([0, 47.9], 4, HOURS).ticks] == [0, 12, 24, 36, 48]


FLOATS = st.floats(-1e9, 1e9, allow_nan=False).map(lambda v: round(v, 6))


@given(st.lists(FLOATS, min_size=1, max_size=9))
def test_an_axis_holds_its_values_with_few_ticks(values):
    axis = Axis.over(values)

    assert float(axis.low) <= min(values) + 1e-9
    assert float(axis.high) >= max(values) - 1e-9
    assert 2 <= len(axis.ticks) <= 8


@given(st.floats(1e-6, 1e9), st.integers(2, 12))
def test_a_nice_step_is_one_two_two_and_a_half_or_five(span, count):
    step = nice_step(span, count)

    assert step.as_tuple().digits in ((1,), (2,), (2, 5), (5,))
    assert float(step) * count >= span * (1 - 1e-12)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=6))
def test_a_spark_of_anything_is_well_formed(values):
    assert ET.fromstring(charts.spark(values, "t", "f")).tag.endswith("svg")


def test_the_marked_value_of_a_spark_is_counted_with_the_gaps():
    svg = charts.spark([1, float("nan"), 3], "t", "f", odd=2)

    mark = next(e for e in ET.fromstring(svg).iter("path") if e.get("class") == "odd")
    assert mark.get("d").startswith("M116.0,")


@given(*[st.none() | FLOATS] * 3)
def test_a_range_bar_of_anything_is_well_formed(value, low, high):
    assert ET.fromstring(charts.range_bar(value, low, high, "t", "f")).tag.endswith("svg")


def test_a_result_outside_its_limits_stays_on_the_bar():
    svg = charts.range_bar(99, 10, 11, "t", "f")

    tip = next(e for e in ET.fromstring(svg).iter("path"))
    assert float(tip.get("d")[1:].split(",")[0]) <= 300


def test_a_one_sided_limit_leaves_the_other_side_open():
    svg = charts.range_bar(
        0.02, None, 0.1, "Lysis index", "0.02 is at most 0.10", high_words="0.10"
    )

    assert texts(svg) == ["0.10"]
    tip = next(ET.fromstring(svg).iter("path")).get("d")
    assert 6 < float(tip[1:].split(",")[0]) < 220


def test_an_infinite_coordinate_is_refused():
    with pytest.raises(charts.NotDrawable):
        number(float("inf"))


@pytest.mark.parametrize(
    ("value", "level"), [(None, 0), (float("nan"), 0), (-1, 0), (0, 0), (0.5, 10), (1, 20), (9, 20)]
)
def test_a_shade_follows_its_value(value, level):
    assert charts.heat_level(value, 0, 1) == level


def test_a_ramp_without_length_has_one_shade():
    assert charts.heat_level(3, 1, 1) == 0


def test_a_grid_holds_every_position():
    grid = charts.plate_grid(WELLS)

    assert [letter for letter, _ in grid] == list("ABCDEFGH")
    assert {len(line) for _, line in grid} == {12}
    assert grid[7][1][11].text == "1.24"
    assert grid[3][1][3].role == ""


def test_a_plate_shows_role_value_and_flag_without_colour():
    svg = charts.plate_heat(WELLS, "Plate", "")

    assert {"S", "B", "C", "1.18", "0.04", "1.24"} <= set(texts(svg))
    assert "well-flag" in svg


def test_what_breaks_a_rule_has_another_shape():
    root = ET.fromstring(charts.control(POINTS, LINES, "t", "f"))

    assert sum(e.get("class") == "pt" for e in root.iter("circle")) == 1
    assert sum(e.get("class") == "odd" for e in root.iter("path")) == 1
    assert sum(e.get("class") == "odd" for e in root.iter("rect")) == 1


def test_the_companion_tables_hold_every_value():
    control = charts.control_table(POINTS, "c", "log10")
    plate = charts.plate_table(WELLS, "c")
    stability = charts.stability_table([(0, 10.6), (18, 10.25)], [10.6, 10.3], "c", "log10")
    curves = charts.curves_table([PANEL], "c")

    assert control.rows[1] == ("102", "10.70", "beyond a line")
    assert plate.rows[1] == ("A2", "B", "0.04", "reads high")
    assert stability.rows[1] == ("18", "10.25", "10.30", "−0.050")
    assert curves.rows[-1] == ("24.00", "1.250", "1.260")


def test_the_line_is_dashed_beyond_the_last_measured_month():
    svg = charts.stability([(0, 10.6), (18, 10.4)], FIT, LIMIT, "t", "f")

    def xs(cls: str) -> list[float]:
        path = next(e for e in ET.fromstring(svg).iter("path") if e.get("class") == cls)
        return [float(x) for x in re.findall(r"[ML]([-\d.]+),", path.get("d"))]

    assert max(xs("l1")) == min(xs("ahead"))


def test_an_upper_limit_shades_above():
    upper = charts.Limit(12.0, "Upper limit 12.0", is_lower=False)

    root = ET.fromstring(charts.stability([(0, 10), (9, 11)], [], upper, "t", "f", crossing=8))

    zone = next(e for e in root.iter("rect") if e.get("class") == "zone")
    assert float(zone.get("y")) == 14


def test_mixing_follows_the_published_pairs():
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#ffffff", 0.5) == "#636363"
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_ramp_jumps_over_the_unreadable_middle():
    mixes = [heat_mix(n) for n in range(21)]

    assert mixes == sorted(mixes)
    assert not [m for m in mixes if 0.585 < m < 0.775]


def test_every_look_names_attributes_that_svg_knows():
    known = {
        "fill",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-opacity",
        "font-size",
        "font-weight",
    }

    assert {a for look in LOOK.values() for a in look} <= known


def test_a_drawing_knows_only_classes_with_a_look():
    with pytest.raises(KeyError):
        Drawing(10, 10).circle("sparkle", (1, 1), 1)
