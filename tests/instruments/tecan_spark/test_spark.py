"""Tecan SparkControl exports: endpoint, list, kinetic, scan, reference, layout."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings

from instruments import read
from instruments.readings import FlagKind, Kind, Mode, Severity
from tests.instruments.damage import STEPS, check, damaged
from tests.instruments.expectation import SHARED

HEAD = """\ufeffMethod name: Method 1,,,,,,
Application: SparkControl,,,,V2.3,,
Device: Spark,,,,Serial number: 1806012423,,
Date:,,,,19/12/2019,,
Time:,,,,3:20 PM,,
Plate,,,,[GRE96ft] - Greiner 96 Flat Transparent,,
List of actions in this measurement script:,,,,,,
Name,,,,GRE96ft,,
Plate layout,,,,,,
"""
LAYOUT = "<>,1,2,3,,,\nA,SM1_1,BL1,ST1,,,\n\n"
ABSORBANCE = """Mode,Absorbance,,,,,
Name,OD600,,,,,
Measurement wavelength,,,,600,nm,
Reference wavelength,,,,900,nm,
Part of Plate,,,,A1-A3,,
Start Time,,,,19/12/2019 15:07,,
Temperature,,,,28.5,°C,
,,,,,,
OD600
<>,1,2,3
A,0.1,0.2,OVER

Reference
<>,1,2,3
A,0.01,0.02,0.03

Difference
<>,1,2,3
A,0.09,0.18,
End Time,,,,19/12/2019 15:08,,
"""
LIST = """Mode,Fluorescence Top Reading,,,,,
Name,Gain 40,,,,,
Excitation wavelength,,,,485,nm,
Emission wavelength,,,,535,nm,
Gain,,,,40,Manual,
Start Time,,,,19/12/2019 15:09,,

<>,Value,Time [ms],,,,
A1,120,0,,,,
A2,INVALID,204,,,,
End Time,,,,19/12/2019 15:10,,
"""
SCAN = """Mode,Absorbance
Name,scan
Wavelength start [nm],,,,300
Wavelength end [nm],,,,302
Wavelength step size [nm],,,,1
Start Time,,,,19/12/2019 15:11,,

Wavel.,A1,A2
300,0.1,0.2
301,0.2,0.3
302,OVER,0.4

"""
KINETIC = """Mode,Kinetic
Kinetic duration,,,,01:00:00
Mode,Luminescence
Name,lum
Attenuation,,,,None
Output,,,,Counts/s
Start Time,,,,19/12/2019 15:12,,

lum
Cycle Nr.,Time [s],Temp. [°C],A1,A2
1,0,30,5,6
2,10,30,7,OVER
3,,,,

End Time,,,,19/12/2019 16:10,,
"""
ALL = HEAD + LAYOUT + ABSORBANCE + LIST + SCAN + KINETIC


def of(*parts):
    return read("".join([HEAD, *parts]).encode(), "spark.csv")


def wells(measured):
    return dict(zip(measured.wells, measured.values.tolist(), strict=True))


def test_start_is_the_first_start_time_not_the_time_of_writing():
    reading = of(LAYOUT, ABSORBANCE)

    assert reading.started_at.value == datetime(2019, 12, 19, 15, 7)  # noqa: DTZ001
    assert reading.instrument.software_version == "2.3"
    assert reading.instrument.serial == "1806012423"
    assert reading.details["method"] == "Method 1"


def test_layout_is_kept_apart_from_the_values():
    plate = of(LAYOUT, ABSORBANCE).plates[0]

    assert plate.layout["A2"].sample == "BL1"
    assert len(plate.reads) == 3


def test_names_below_the_values_are_the_plan_of_the_plate():
    plate = of(ABSORBANCE, "y = 2x + 1\n\n<>,1,2,3\nA,YFP 100,Sample 1,0\n").plates[0]

    assert len(plate.reads) == 3
    assert {well: entry.sample for well, entry in plate.layout.items()} == {
        "A1": "YFP 100",
        "A2": "Sample 1",
        "A3": "0",
    }


def test_flags_below_the_values_are_no_plan():
    plate = of(ABSORBANCE, "\n<>,1,2,3\nA,OVER,OVER,OVER\n").plates[0]

    assert len(plate.reads) == 4
    assert plate.layout == {}


def test_reference_is_measured_and_difference_is_calculated():
    measured, reference, difference = of(LAYOUT, ABSORBANCE).plates[0].reads

    assert (measured.label, measured.wavelength_nm) == ("OD600", 600.0)
    assert (reference.label, reference.wavelength_nm) == ("Reference", 900.0)
    assert (reference.calculated, difference.calculated) == (False, True)
    assert measured.flags[0].flag is FlagKind.SATURATED
    assert wells(difference) == {"A1": [0.09], "A2": [0.18]}


def test_list_of_wells_with_an_invalid_one():
    measured = of(LIST).plates[0].reads[0]

    assert (measured.excitation_nm, measured.emission_nm) == (485.0, 535.0)
    assert wells(measured)["A1"] == [120.0]
    assert [(f.well, f.flag, f.text) for f in measured.flags] == [
        ("A2", FlagKind.FAILED, "INVALID")
    ]


def test_scan_keeps_its_axis_and_flags():
    measured = of(SCAN).plates[0].reads[0]

    assert measured.kind is Kind.SPECTRUM
    assert measured.spectrum_nm.tolist() == [300.0, 301.0, 302.0]
    assert (measured.flags[0].well, measured.flags[0].index) == ("A1", 2)


def test_kinetic_has_its_unit_and_no_unread_cycle():
    measured = of(KINETIC).plates[0].reads[0]

    assert (measured.mode, measured.kind) == (Mode.LUMINESCENCE, Kind.KINETIC)
    assert measured.unit == "Counts/s"
    assert measured.time_s.tolist() == [0.0, 10.0]
    assert wells(measured)["A1"] == [5.0, 7.0]
    assert np.isnan(measured.values[1, 1])


def test_kinetic_with_cycles_in_columns():
    table = "lum\nCycle Nr.,1,2\nTime [s],0,10\nTemp. [°C],30,30\nA1,5,7\nA2,6,8\n"

    measured = of(KINETIC.split("lum\nCycle", maxsplit=1)[0], table).plates[0].reads[0]

    assert wells(measured) == {"A1": [5.0, 7.0], "A2": [6.0, 8.0]}


def test_part_of_the_plate_may_go_on_in_the_next_line():
    longer = ABSORBANCE.replace("A1-A3,,", "A1;,,\n,,,,A2-A4,,")

    reading = of(longer)

    warned = [m.text for m in reading.messages if "have no value" in m.text]
    assert "1 of 4 wells of A1;A2-A4 have no value: A4" in warned[0]


def test_every_number_of_a_whole_file_is_accounted_for():
    reading = read(ALL.encode(), "spark.csv")

    assert [r.label for r in reading.plates[0].reads] == [
        "OD600", "Reference", "Difference", "Gain 40", "scan", "lum",
    ]  # fmt: skip
    warned = [m.text for m in reading.messages if m.severity is Severity.WARNING]
    assert warned == []


def test_second_table_without_a_title_is_a_warning():
    reading = of(ABSORBANCE.replace("\nReference\n", "\n\n"))

    assert any("has no title of its own" in message.text for message in reading.messages)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(STEPS)
def test_damaged_file_is_read_or_refused(steps):
    check(damaged(ALL.encode(), steps), "spark.csv")


@pytest.mark.skipif(not SHARED.exists(), reason="the real files are not at hand")
def test_real_endpoint():
    path = SHARED / "tecan" / "sparkcontrol-xlsx" / "spark_t470_od540_endpoint.xlsx"

    measured = read(path.read_bytes(), path.name).plates[0].reads[0]

    assert measured.values[measured.wells.index("C7"), 0] == 0.2131
    assert measured.values[measured.wells.index("G6"), 0] == 0.0708
    assert measured.temperature_c.tolist() == [25.6]
