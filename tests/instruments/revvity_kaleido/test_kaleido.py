import pytest
from hypothesis import given

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import PATIENT, check, damaged, shared

HEAD = "Barcode,Repeat,Loop no,Well scan x,Well scan y,Exc wl / filter,Ems wl,TRF Window,Analysis Parameter,Label-free Parameter,"
FOOT = (
    "\n\nMeasurement Information\nMeasurement Started,,2023-05-17 16:21:30\n\nInstrument Serial Number,,77\n"
    "Software Version,,Kaleido 3.0.3067.117\nNumber of Rows,,3\nNumber of Columns,,2\n"
    "\nOperation,,,Luminescence 1\nMeasurement Time [s],,,0.2\n\nExported with Kaleido 3.0.3067.117\n"
)


def result(title, *cells, barcode="P1", loop="", ems="", window="", parameter=""):
    return (
        f"Result for {title}\n{HEAD}\n{barcode},1,{loop},,,,{ems},{window},{parameter},,\n\n"
        f",1,2,3,\nA,{cells[0]},{cells[1]},{cells[2]},\nB,{cells[3]},{cells[4]},{cells[5]},\n\n"
    )


def kaleido(*parts):
    head = "EnSight Results from\nProtocol Name,p\nMeasurement Date,2023-05-17 16:21:30\n\n\n"
    return read((head + "".join(parts) + FOOT).encode(), "x.csv")


def test_rows_and_columns_swapped_in_the_plate_type_change_nothing():
    reading = kaleido(result("Luminescence 1", 1, 2, 3, 4, 5, 6))

    one = reading.plates[0].reads[0]
    assert reading.plates[0].size == 6
    assert dict(zip(one.wells, one.values[:, 0].tolist(), strict=True))["B3"] == 6.0
    assert (one.mode, one.unit) == ("luminescence", "RLU")


def test_results_at_several_wavelengths_are_one_spectrum():
    reading = kaleido(
        *(result("Fluorescence intensity 1", n, n, n, n, n, n, ems=str(n)) for n in (500, 510))
    )

    (one,) = reading.plates[0].reads
    assert one.spectrum_nm.tolist() == [500.0, 510.0]
    assert one.values[0].tolist() == [500.0, 510.0]


def test_loops_are_points_of_one_read_without_invented_times():
    reading = kaleido(*(result("Luminescence 1", n, n, n, n, n, n, loop=str(n)) for n in (1, 2, 3)))

    (one,) = reading.plates[0].reads
    assert (one.kind, one.time_s) == ("kinetic", None)
    assert any("no times" in message.text for message in reading.messages)


def test_analysis_is_calculated_and_its_texts_are_flags():
    reading = kaleido(
        result("Luminescence 1", 1, 2, 3, 4, 5, 6),
        result("Analysis 1", "Good", "Bad", 3, 4, 5, 6, parameter="Quality"),
    )

    measured, analysed = reading.plates[0].reads
    assert (measured.calculated, analysed.calculated) == (False, True)
    assert [(flag.well, flag.text) for flag in analysed.flags] == [("A1", "Good"), ("A2", "Bad")]


def test_unquoted_comma_in_a_text_shifts_no_well():
    reading = kaleido(result("Analysis 1", "One, two", "x", "y", 4, 5, 6, parameter="Quality"))

    (one,) = reading.plates[0].reads
    assert [(flag.well, flag.text) for flag in one.flags] == [
        ("A1", "One, two"),
        ("A2", "x"),
        ("A3", "y"),
    ]


def test_line_with_a_value_too_many_is_refused():
    with pytest.raises(Malformed, match="beyond column 3"):
        kaleido(result("Luminescence 1", "1,9", 2, 3, 4, 5, 6))


def test_export_without_results_is_refused():
    with pytest.raises(NoMeasurement):
        kaleido()


@pytest.mark.skipif(not shared("revvity*/kaleido*/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_file():
    path = next(p for p in shared("revvity*/kaleido*/*") if "v3.5" in p.name)

    reading = read(path.read_bytes(), path.name)

    (one,) = reading.plates[0].reads
    assert one.values[one.wells.index("D4"), 0] == 322290.0
    assert reading.instrument.software_version == "3.5.3082.227"


@given(
    damaged(
        (
            "EnSight Results from\n\n" + result("Luminescence 1", 10, 20, 30, 40, 50, 60) + FOOT
        ).encode()
    )
)
@PATIENT
def test_damaged_export_is_read_truly_or_refused(content):
    check(content, "x.csv")


@pytest.mark.parametrize("path", shared("revvity*/kaleido*/*"), ids=lambda path: path.name)
def test_real_export_cut_anywhere_is_read_truly_or_refused(path):
    content = path.read_bytes()
    for part in range(1, 12):
        check(content[: len(content) * part // 12], path.name)


def test_windows_of_one_measurement_are_reads_of_their_own():
    blocks = [result("HTRF 1", n, n, n, n, n, n, window=str(n)) for n in (1, 2)]

    first, second = kaleido(*blocks).plates[0].reads

    assert (first.label, second.label) == ("HTRF 1 - window 1", "HTRF 1 - window 2")
    assert second.values[0].tolist() == [2.0]


def test_semicolons_and_a_decimal_comma_of_a_german_computer_are_read():
    text = (
        "EnSight Results from\n" + result("ABS 1", "0,5", "1,25", 3, 4, 5, 6).replace(",", ";")
    ).replace("0;5", "0,5").replace("1;25", "1,25") + FOOT.replace(",", ";")

    (one,) = read(text.encode(), "x.csv").plates[0].reads

    assert one.mode == "absorbance"
    assert one.values[:3, 0].tolist() == [0.5, 1.25, 3.0]


def test_another_date_of_the_export_proves_the_order():
    foot = FOOT.replace("2023-05-17 16:21:30", "7/11/2024 16:16").replace(
        "Number of Rows", "Plate Type Date,,8/31/2014 20:00\nNumber of Rows"
    )
    text = "Kaleido Results from\n" + result("ABS 1", 1, 2, 3, 4, 5, 6) + foot

    start = read(text.encode(), "x.csv").started_at

    assert start.value.isoformat() == "2024-07-11T16:16:00"
    assert start.day_month_order == "proved"
