"""Reports of BMG's control software: grids, lists, cycles, spectra, scans, and what is refused."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings

from instruments import read
from instruments.errors import Malformed, Truncated
from instruments.readings import FlagKind, Kind, Mode, Severity
from tests.instruments.damage import STEPS, check, damaged


def head(mode, *filters, channels=1, cycles=1, title="Used filter settings and gain values:"):
    lines = [
        "Testname: GROWTH",
        "Date: 25/12/2018  Time: 10:44:06",
        "ID1: P7   ID2:    ID3: ",
        f"No. of Channels / Multichromatics: {channels}",
        f"No. of Cycles: {cycles}",
        f"Configuration: {mode}",
        title,
        *(f"  {line}" for line in filters),
        "",
    ]
    return "\n".join(lines) + "\n"


def plate(start, *, rows=8, columns=12, first=None):
    lines = []
    for row in range(rows):
        numbers = [str(start + row * columns + column) for column in range(columns)]
        if row == 0 and first is not None:
            numbers[0] = first
        lines.append(",  ".join(numbers))
    return "\n".join(lines) + "\n\n"


def of(text):
    return read(text.encode(), "report.csv")


def warnings(reading):
    return [m.text for m in reading.messages if m.severity is Severity.WARNING]


TWO = head("Fluorescence", "1: 485-12/520-30    1500", "2: 544/590   auto", "3: -", channels=2)
GRIDS = (
    TWO
    + "Chromatic: 1\nCycle: 1\nTime [s]: 0\nT[°C]: 25.1\n"
    + plate(1000, first="-")
    + "Chromatic: 2\nCycle: 1\nTime [s]: 12\nT[°C]: 25.2\n"
    + plate(2000, first="overflow")
)


def test_grid_for_each_chromatic():
    reading = of(GRIDS)
    first, second = reading.plates[0].reads

    assert (first.mode, first.kind, first.unit) == (Mode.FLUORESCENCE, Kind.ENDPOINT, "RFU")
    assert (first.label, first.excitation_nm, first.emission_nm) == (
        "Raw Data (485-12/520-30)",
        485.0,
        520.0,
    )
    assert (len(first.wells), first.wells[0], first.values[-1, 0]) == (95, "A2", 1095.0)
    assert first.temperature_c.tolist() == [25.1]
    assert (second.excitation_nm, second.emission_nm) == (544.0, 590.0)
    assert second.flags[0].flag is FlagKind.SATURATED
    assert (reading.plates[0].name, reading.plates[0].size) == ("GROWTH", 96)
    assert reading.started_at.value == datetime(2018, 12, 25, 10, 44, 6)  # noqa: DTZ001
    assert reading.details["ID1"] == "P7"
    assert warnings(reading) == []


def test_cycles_make_a_kinetic():
    text = head("Absorbance", "1: 600nm     0/0", cycles=3) + "".join(
        f"Chromatic: 1\nCycle: {cycle}\nTime [s]: {seconds}\n" + "A01: 0.1\nB02: 0.2\n\n"
        for cycle, seconds in ((1, 0), (2, 60), (3, 121.5))
    )
    (measured,) = of(text).plates[0].reads

    assert (measured.kind, measured.wavelength_nm) == (Kind.KINETIC, 600.0)
    assert measured.time_s.tolist() == [0.0, 60.0, 121.5]
    assert measured.wells == ("A1", "B2")
    assert measured.values.tolist() == [[0.1] * 3, [0.2] * 3]


def test_times_and_temperatures_in_lines_of_their_own():
    text = (
        head("Fluorescence", "1: 355/460  900", cycles=3)
        + "Chromatic: 1\nTime [s]:\n0, 30, 60\nT[°C]:\n25.1, 25.2, 25.3\n"
        + "A01, 10, 11, 12\nA02, 20, -, 22\nA03, -, -, -\n"
    )
    reading = of(text)
    (measured,) = reading.plates[0].reads

    assert measured.time_s.tolist() == [0.0, 30.0, 60.0]
    assert measured.temperature_c.tolist() == [25.1, 25.2, 25.3]
    assert measured.wells == ("A1", "A2")
    np.testing.assert_array_equal(measured.values, [[10, 11, 12], [20, np.nan, 22]])
    assert (measured.flags[0].well, measured.flags[0].index) == ("A2", 1)
    assert measured.flags[0].flag is FlagKind.NOT_READ
    assert warnings(reading) == []


def test_value_for_each_wavelength_and_temperature_at_the_end():
    text = (
        head("Absorbance", "1: 260nm 0/0", "2: 280nm 0/0", channels=2)
        + "A01: 0.5, 0.25, T[°C]: 25.0\nA02: 0.6, 0.35, T[°C]: 25.0\n"
    )
    first, second = of(text).plates[0].reads

    assert (first.wavelength_nm, second.wavelength_nm) == (260.0, 280.0)
    assert first.values.tolist() == [[0.5], [0.6]]
    assert second.values.tolist() == [[0.25], [0.35]]
    assert first.temperature_c.tolist() == [25.0]


def test_range_of_wavelengths_is_a_spectrum():
    text = head("Absorbance", "1: 300nm ... 304nm  0/0", channels=3) + "A01; 0.5; 0.6; 0.7\n"
    (measured,) = of(text).plates[0].reads

    assert measured.kind is Kind.SPECTRUM
    assert measured.spectrum_nm.tolist() == [300.0, 302.0, 304.0]
    assert measured.values.tolist() == [[0.5, 0.6, 0.7]]
    assert measured.wavelength_nm is None


def test_grid_for_each_wavelength_is_a_spectrum():
    text = head("Absorbance") + "".join(
        f"Wavelength: {nm} nm\n" + "\n".join([", ".join([str(nm / 1000)] * 12)] * 8) + "\n\n"
        for nm in (350, 360)
    )
    (measured,) = of(text).plates[0].reads

    assert measured.spectrum_nm.tolist() == [350.0, 360.0]
    assert measured.values.shape == (96, 2)
    assert measured.values[0].tolist() == [0.35, 0.36]


def test_scan_of_excitation_and_emission():
    scans = (
        "1: 320-10/460-16 --> 322-10/460-16",
        "1: No. of scan values: 3",
        "2: 360-16/400-10 --> 360-16/402-10",
        "2: No. of scan values: 2",
    )
    text = head("Fluorescence", *scans, channels=2) + "".join(
        f"Chromatic: {number}\nCycle: 1\nTime [s]: 0\nA01: {number * 10}\n\n"
        for number in range(1, 6)
    )
    excitation, emission = of(text).plates[0].reads

    assert excitation.spectrum_nm.tolist() == [320.0, 321.0, 322.0]
    assert (excitation.excitation_nm, excitation.emission_nm) == (None, 460.0)
    assert excitation.values.tolist() == [[10.0, 20.0, 30.0]]
    assert emission.spectrum_nm.tolist() == [400.0, 402.0]
    assert (emission.excitation_nm, emission.emission_nm) == (360.0, None)
    assert emission.values.tolist() == [[40.0, 50.0]]


def test_counts_of_light_are_no_optical_densities():
    title = "Used wavelengths, gain values and path length correction factor"
    text = head("Absorbance", "1: 600nm   0   1.0", title=title) + "Chromatic: 1\n" + plate(30000)
    reading = of(text)

    assert reading.plates[0].reads[0].unit is None
    assert "no optical densities" in warnings(reading)[0]


def test_filters_tell_what_was_measured_where_the_head_does_not():
    reading = of(head("", "1: 600nm   0/0") + "A01: 0.1\n")

    assert reading.plates[0].reads[0].mode is Mode.ABSORBANCE
    assert "taken as absorbance" in warnings(reading)[0]


def test_missing_cycles_are_told():
    text = head("Absorbance", "1: 600nm", cycles=4) + (
        "Chromatic: 1\nTime [s]:\n0, 30\nA01: 0.1, 0.2\n"
    )

    assert "the head counts 4 cycles, 2 hold values" in warnings(of(text))[0]


def test_missing_chromatic_is_refused():
    with pytest.raises(Truncated, match="2 chromatics"):
        of(GRIDS[: GRIDS.index("Chromatic: 2")])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TWO + "A01: 1, 2, 3\n", "a value for each of 2 channels"),
        (TWO + plate(1), "a value for each of 2 channels"),
        (TWO + "Chromatic: 3\nA01: 1\n", "no more chromatics"),
        (GRIDS + "Chromatic: 2\nCycle: 1\nA01: 5\n", "each cycle once"),
        (head("Absorbance", cycles=2) + "A01: 0.1, 0.2\n", "the times of 2 cycles"),
        (head("Absorbance") + "A01: 0.1\nA01: 0.2\n", "each well once"),
        (head("Absorbance") + "A01: 0.1\nA02: 0.2, 0.3\n", "as many values"),
        (head("Absorbance") + plate(1, rows=7), "a whole plate"),
        (head("Absorbance") + plate(1, rows=16, columns=48), "a whole plate"),
        (head("Absorbance") + "A01: 0.1\nInterval: 2\nA01: 0.2\n", "a chromatic, a cycle"),
        (head("Absorbance", "1: 300nm ... 305nm", channels=4) + "A01: 1, 2, 3, 4\n", "even steps"),
        (head("Surprise", "1: 600nm") + "A01: 0.1\n", "what was measured"),
        (head("Absorbance"), "values of wells"),
    ],
)
def test_what_does_not_agree_is_refused(text, words):
    with pytest.raises(Malformed, match=words):
        of(text)


@settings(deadline=None, max_examples=150)
@given(STEPS)
def test_damaged_report_is_read_or_refused(steps):
    check(damaged(GRIDS.encode(), steps), "report.csv")
