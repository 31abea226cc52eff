"""Tecan Magellan exports: lists, time courses, matrices, spectra, and what they measured."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from instruments.readings import FlagKind, Kind, Mode
from tests.instruments.damage import STEPS, check, damaged
from tests.instruments.expectation import SHARED
from tests.instruments.workbook_bytes import spreadsheet

DATE = "Date of measurement: 2019-02-15/Time of measurement: 18:37:05"
ABSORBANCE = "Measurement mode: Absorbance\nMeasurement wavelength: 600 nm\nUnit: OD\n"
FOOTER = (
    f"{DATE}\nassay.mth\nNovel user\ninfinite M200\nInstrument serial number: 12901\n"
    f"{ABSORBANCE}Plate definition file: GRE96ft.pdf\nMeas. temperature: Raw data: 23.4 °C\n"
)
WELLS = [f"{row}{column}" for row in "ABCDEFGH" for column in range(1, 13)]


def of(text):
    return read(text.encode(), "assay.txt")


def first(reading):
    return reading.plates[0].reads[0]


def wells(measured):
    return dict(zip(measured.wells, measured.values.tolist(), strict=True))


def test_list_takes_wells_from_their_column():
    reading = of("Raw data\tWell positions\tPlate\n0.1\tB1\tP7\n0.2\tA1\tP7\n0.3\tC1\t\n" + FOOTER)

    measured = first(reading)
    assert wells(measured) == {"B1": [0.1], "A1": [0.2], "C1": [0.3]}
    assert (measured.mode, measured.wavelength_nm, measured.unit) == (Mode.ABSORBANCE, 600.0, "OD")
    assert measured.temperature_c.tolist() == [23.4]
    assert reading.plates[0].name == "P7"
    assert reading.plates[0].size == 96
    assert reading.instrument.serial == "12901"
    assert reading.instrument.model == "infinite M200"
    assert reading.details["user"] == "Novel user"
    assert reading.started_at.value == datetime(2019, 2, 15, 18, 37, 5)  # noqa: DTZ001


def test_two_plates_in_one_list_stay_apart():
    reading = of("Raw data\tWell positions\tPlate\n1\tA1\tX\n2\tA2\t\n3\tA1\tY\n" + FOOTER)

    assert [plate.name for plate in reading.plates] == ["X", "Y"]
    assert wells(reading.plates[1].reads[0]) == {"A1": [3.0]}


def test_labels_take_their_measurements_in_order():
    footer = (
        f"{DATE}\nMeasurement 1:\nMeasurement mode: Absorbance\nMeasurement wavelength: 485 nm\n"
        "Measurement 2:\nMeasurement mode: Absorbance\nMeasurement wavelength: 560 nm\n"
        "Meas. temperature: Label1: 24.8 °C\nMeas. temperature: Label2: 25.1 °C\n"
    )

    reading = of(
        "Well positions\tLabel1\tLabel2\n\t0s\t0s\n\t24.8 °C\t25.1 °C\nA1\t1\t2\nA2\t3\tOVER\n"
        + footer
    )

    one, two = reading.plates[0].reads
    assert (one.wavelength_nm, two.wavelength_nm) == (485.0, 560.0)
    assert two.temperature_c.tolist() == [25.1]
    assert two.flags[0].flag is FlagKind.SATURATED
    assert one.kind is Kind.ENDPOINT


def test_list_with_a_column_for_each_time_is_kinetic():
    reading = of("Well positions\tRaw data\t\n\t0s\t60s\nA1\t1\t2\nA2\t3\t4\n" + FOOTER)

    measured = first(reading)
    assert measured.kind is Kind.KINETIC
    assert measured.time_s.tolist() == [0.0, 60.0]
    assert wells(measured)["A2"] == [3.0, 4.0]


def test_texts_beside_the_values_are_layout():
    reading = of("Well positions\tLayout\tRaw data\nA1\tSM1_1\t1\nA2\tBL1\t2\n" + FOOTER)

    assert reading.plates[0].layout["A2"].role == "blank"
    assert reading.plates[0].layout["A1"].sample == "SM1_1"


def test_columns_that_were_computed_are_calculated():
    reading = of("Well positions\tRaw data\tBlank reduced\nA1\t1\t0.5\nA2\t2\t1.5\n" + FOOTER)

    raw, reduced = reading.plates[0].reads
    assert (raw.calculated, reduced.calculated) == (False, True)


def test_list_without_a_title():
    text = (
        "A1\tSM1_1\t15\nA2\tBL1\t999\nB1\tSM1_2\t1.5E+02\nP24\tSM1_384\t9\r\n"
        f"{DATE}\ntest.mth\n\ninfinite M1000 PRO\nInstrument serial number: 1205\n"
        "    Demo\n    Attenuation: NONE\n    Label: Label1\n"
    )

    reading = of(text)

    assert wells(first(reading))["B1"] == [150.0]
    assert first(reading).mode is Mode.LUMINESCENCE
    assert reading.plates[0].size == 384
    assert reading.plates[0].layout["A2"].role == "blank"


def course(*labels, times=(0, 599), names=True):
    lines = ["Well positions", *labels]
    if names:
        lines.append(",," + ",".join(WELLS))
    for number, _ in enumerate(labels or [""]):
        for time in times:
            values = ",".join(str(number * 1000 + time + i) for i in range(96))
            lines.append(f"{time}s,30.2 °C,{values}")
    return "\n".join(lines) + "\n"


COURSE = (
    course("OD600", "blue")
    + f"{DATE}\n    Absorbance\n    Name: OD600\n    Mode: Absorbance\n"
    + "    Measurement wavelength: 600 [nm]\n    Fluorescence Intensity\n    Name: blue\n"
    + "    Mode: Fluorescence Top Reading\n    Excitation wavelength: 400 [nm]\n"
    + "    Emission wavelength: 465 [nm]\nName: COS96ft\n"
)


def test_time_course_has_labels_below_each_other():
    one, two = of(COURSE).plates[0].reads

    assert (one.label, one.wavelength_nm) == ("OD600", 600.0)
    assert (two.label, two.excitation_nm, two.emission_nm) == ("blue", 400.0, 465.0)
    assert one.time_s.tolist() == [0.0, 599.0]
    assert one.temperature_c.tolist() == [30.2, 30.2]
    assert wells(two)["A2"] == [1001.0, 1600.0]


def test_lost_line_of_a_time_course_is_refused():
    lines = COURSE.split("\n")
    del lines[5]

    with pytest.raises(Malformed, match="as many lines for each of 2 labels"):
        of("\n".join(lines))


def test_wells_without_names_are_assumed_row_by_row_with_a_warning():
    values = ",".join(str(i) for i in range(96))

    reading = of(f"Raw data\n0s,{values}\n{FOOTER}")

    assert wells(first(reading))["B1"] == [12.0]
    assert any("row by row" in message.text for message in reading.messages)


def test_wells_without_names_and_no_whole_plate_are_refused():
    with pytest.raises(Malformed, match="values for a whole plate"):
        of("Raw data\n0s,1,2,3,4,5\n" + FOOTER)


def test_spectrum_has_a_line_for_each_well():
    reading = of(f"Spectrum data\n[nm],200,201\nA1,3.2,Overflow\nB1,1,2\n{DATE}\n    Absorbance\n")

    measured = first(reading)
    assert measured.kind is Kind.SPECTRUM
    assert measured.spectrum_nm.tolist() == [200.0, 201.0]
    assert measured.flags[0].flag is FlagKind.SATURATED
    assert measured.wavelength_nm is None


def test_matrix_with_letters_and_numbers():
    matrix = "Label1\n<>\t1\t2\nA\t0,10\t0,25\nB\t0,5\tOVER\n"

    measured = first(of(matrix + FOOTER))

    assert wells(measured)["A2"] == [0.25]
    assert [(f.well, f.text) for f in measured.flags] == [("B2", "OVER")]


def test_workbook_gives_what_its_text_gives():
    rows = [["Well positions", "Raw data"], ["A1", 0.5], ["A2", "OVER"]]
    rows += [[line] for line in FOOTER.splitlines()]

    measured = first(read(spreadsheet({"Sheet": rows}), "x.xlsx"))

    assert wells(measured)["A1"] == [0.5]
    assert np.isnan(measured.values[1, 0])


def test_lines_without_names_of_wells_are_assumed_row_by_row():
    lines = "\n".join(f"{i}\t{i + 0.5}" for i in range(96))

    reading = of(f"0s\t600s\n{lines}\n{FOOTER}")

    measured = first(reading)
    assert measured.time_s.tolist() == [0.0, 600.0]
    assert wells(measured)["B1"] == [12.0, 12.5]
    assert any("row by row" in message.text for message in reading.messages)


def test_mode_that_only_a_name_tells_is_a_warning():
    reading = of(f"Well positions\tabs600nm\tabs480nm\nA1\t0.1\t0.2\n{DATE}\n")

    assert [r.wavelength_nm for r in reading.plates[0].reads] == [600.0, 480.0]
    assert any("names the measurement mode" in message.text for message in reading.messages)


def test_list_may_name_what_a_well_holds_first():
    rows = "ST1_1\tA1\t900\nBL1\tH1\t37\nSM1\tA3\t65\t\n"

    reading = of(
        rows + f"{DATE}\nInstrument serial number: 1\n    Excitation Wavelength: 490 nm\n"
        "    Emission Wavelength: 530 nm\n    Label: test\n"
        "Meas. temperature: Raw data: 20.5 °C\n"
    )

    assert wells(first(reading)) == {"A1": [900.0], "H1": [37.0], "A3": [65.0]}
    assert (first(reading).excitation_nm, first(reading).emission_nm) == (490.0, 530.0)
    assert first(reading).temperature_c.tolist() == [20.5]
    assert reading.plates[0].layout["H1"].role == "blank"


def test_list_with_a_layout_and_without_wells_is_assumed_row_by_row():
    rows = "\n".join(f"0.{i:04}\tSM1_{i}" for i in range(96))

    reading = of(f"Raw data\tLayout\n29.9 °C\t\n{rows}\n{FOOTER}")

    assert wells(first(reading))["B1"] == [0.0012]
    assert first(reading).temperature_c.tolist() == [29.9]
    assert reading.plates[0].layout["B1"].sample == "SM1_12"
    assert any("row by row" in message.text for message in reading.messages)


def test_spectrum_may_have_a_line_for_each_wavelength():
    reading = of(f"Spectrum data\n[nm],A1,A2\n500,7,Overflow\n502,8,9\n{DATE}\n    Absorbance\n")

    measured = first(reading)
    assert measured.spectrum_nm.tolist() == [500.0, 502.0]
    assert measured.values[0].tolist() == [7.0, 8.0]
    assert [(f.well, f.index, f.text) for f in measured.flags] == [("A2", 0, "Overflow")]


GAINS = (
    f"{DATE}\nName: COS96ft\nPlate area: B1-C12\n"
    "    Name: low\n    Mode: Fluorescence Bottom Reading\n    Excitation wavelength: 400 [nm]\n"
    "    Name: high\n    Mode: Fluorescence Bottom Reading\n    Excitation wavelength: 405 [nm]\n"
)


def test_labels_above_lines_without_wells_share_the_columns():
    rows = "\n".join(f"{i},{'Overflow' if not i else i + 0.5}" for i in range(24))

    low, high = of(f"low,\nhigh,\n0s,21s\n{rows}\n{GAINS}").plates[0].reads

    assert (low.label, low.kind, low.excitation_nm) == ("low", Kind.ENDPOINT, 400.0)
    assert wells(low)["C1"] == [12.0]
    assert wells(high)["B2"] == [1.5]
    assert [(f.well, f.text) for f in high.flags] == [("B1", "Overflow")]


def test_lines_that_fit_neither_the_plate_nor_its_part_are_refused():
    rows = "\n".join(f"{i},{i}" for i in range(25))

    with pytest.raises(Malformed, match="one line for each well"):
        of(f"low,\nhigh,\n0s,21s\n{rows}\n{GAINS}")


def test_empty_lines_of_unread_wells_keep_their_places():
    rows = "\n".join("," if i < 12 or i > 35 else f"{i},{i}" for i in range(96))

    low, high = of(f"low,\nhigh,\n0s,21s\n{rows}\n{GAINS}").plates[0].reads

    assert low.wells[0] == high.wells[0] == "B1"
    assert wells(low)["C12"] == [35.0]


def test_matrices_without_letters_follow_their_times():
    plates = "".join(
        f"{time}s\n"
        + "".join(
            ",".join(str(at + row * 12 + c) if row in (1, 2) else "" for c in range(12)) + "\n"
            for row in range(8)
        )
        for time, at in ((0, 100), (30, 200), (1, 300), (31, 400))
    )

    low, high = of(f"low\nhigh\n{plates}{GAINS}").plates[0].reads

    assert low.time_s.tolist() == [0.0, 30.0]
    assert high.time_s.tolist() == [1.0, 31.0]
    assert wells(low)["B1"] == [112.0, 212.0]
    assert wells(high)["C12"] == [335.0, 435.0]


def test_separator_at_the_end_of_a_course_is_no_well():
    values = "\t".join(str(i) for i in range(96))

    reading = of(f"Raw data\n0s\t{values}\t\n600s\t{values}\t\n{FOOTER}")

    assert len(first(reading).wells) == 96
    assert first(reading).time_s.tolist() == [0.0, 600.0]


@pytest.mark.parametrize(
    ("text", "refusal", "words"),
    [
        ("Well positions\tRaw data\nA1\t1\nA1\t2\n" + FOOTER, Malformed, "every well"),
        ("Well positions\tRaw data\nA1\t1\nZZ\t2\n" + FOOTER, Malformed, "a well name"),
        ("Well positions\tRaw data\nA1\t1\n" + DATE, Malformed, "measurement mode"),
        ("nothing\n" + FOOTER, Malformed, "a list of wells"),
        ("Well positions\tRaw data\nA1\t\n" + FOOTER, NoMeasurement, "values of wells"),
        (f"[nm],200,x\nA1,1,2\n{FOOTER}", Malformed, "wavelengths"),
    ],
)
def test_broken_files_are_refused(text, refusal, words):
    with pytest.raises(refusal, match=words):
        of(text)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from(
        [
            COURSE,
            "Well positions\tLabel1\n\t0s\nA1\t1\nA2\tOVER\n" + FOOTER,
            "Label1\n<>\t1\t2\nA\t0,10\t0,25\nB\t0,5\tOVER\n" + FOOTER,
            f"Spectrum data\n[nm],200,201\nA1,3.2,Overflow\nB1,1,2\n{FOOTER}",
        ]
    ),
    STEPS,
)
def test_damaged_file_is_read_or_refused(text, steps):
    check(damaged(text.encode(), steps), "assay.txt")


@pytest.mark.skipif(not SHARED.exists(), reason="the real files are not at hand")
def test_real_list_column_by_column():
    path = SHARED / "tecan" / "magellan-xlsx" / "SLA01P01_OD.xlsx"

    measured = first(read(path.read_bytes(), path.name))

    assert wells(measured)["D11"] == [0.0459]
    assert wells(measured)["H8"] == [0.1537]


@pytest.mark.skipif(not SHARED.exists(), reason="the real files are not at hand")
def test_real_list_with_two_labels():
    path = SHARED / "tecan" / "magellan-xlsx" / "SLA01P01_ELISA.xlsx"

    one, two = read(path.read_bytes(), path.name).plates[0].reads

    assert wells(one)["B13"] == [0.6458]
    assert wells(two)["B16"] == [0.0643]
