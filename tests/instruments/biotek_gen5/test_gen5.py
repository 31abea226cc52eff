"""What Gen5 files taught, one case each."""

import pytest

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.workbook_bytes import row, workbook

HEAD = (
    "Software Version\t3.11\n\nPlate Number\tPlate 1\nDate\t3/25/2031\nTime\t2:03:04 PM\n"
    "Reader Type:\tSynergy\nReader Serial Number:\t1\n\nProcedure Details\n\n"
    "Plate Type\t96 WELL PLATE\nRead\tod\n\tAbsorbance Endpoint\n\tWavelengths:  600\n\n"
)


def first_read(text):
    return read((HEAD + text).encode(), "gen5.txt").plates[0].reads[0]


def test_damaged_number_is_no_duration():
    od = first_read("Results\n\t1\t2\nA\t0.04m\t0.05\tod:600\n")

    assert od.flags[0].text == "0.04m"
    assert od.values[1, 0] == 0.05


def test_lag_time_of_a_calculated_matrix_is_in_seconds():
    lag = (
        read(
            (
                HEAD + "Results\n\t1\t2\nA\t1\t2\tod:600\n\t0:01:05\t?????\tLagtime [od:600]\n"
            ).encode(),
            "gen5.txt",
        )
        .plates[0]
        .reads[1]
    )

    assert (lag.calculated, lag.unit, lag.values[0, 0]) == (True, "s", 65)
    assert lag.flags[0].text == "?????"


def test_layout_keeps_concentrations_and_dilutions_apart():
    text = (
        "Layout\n\t1\t2\t3\nA\tSTD1\tSPL1\tBLK\tWell ID\n\t1E+07\t20\t\tConc/Dil\n\n"
        "Results\n\t1\t2\t3\nA\t1\t2\t3\tod:600\n"
    )

    layout = read((HEAD + text).encode(), "gen5.txt").plates[0].layout

    assert (layout["A1"].role, layout["A1"].concentration) == ("standard", 1e7)
    assert (layout["A2"].role, layout["A2"].dilution) == ("sample", 20)
    assert (layout["A3"].role, layout["A3"].sample) == ("blank", "BLK")


def test_times_that_run_backwards_are_reported():
    reading = read(
        (HEAD + "od:600\n\nTime\tT° od:600\tA1\n0:10:00\t37\t1\n0:05:00\t37\t2\n").encode(),
        "gen5.txt",
    )

    assert "od:600: the times do not increase" in [m.text for m in reading.messages]


def test_unit_of_bare_times_is_proved_by_the_interval():
    head = HEAD.replace(
        "Read\tod", "Start Kinetic\tRuntime 1:00:00, Interval 0:30:00, 3 Reads\nRead\tod"
    )
    text = "od:600\n\nTime\tT° od:600\tA1\n0\t37\t1\n0.5\t37\t2\n1\t37\t3\n"

    od = read((head + text).encode(), "gen5.txt").plates[0].reads[0]

    assert od.time_s is not None
    assert od.time_s.tolist() == [0, 1800, 3600]


def test_second_loop_with_the_same_label_stays_a_read_of_its_own():
    table = "od:600\n\nTime\tT° od:600\tA1\n0:00:00\t37\t{}\n0:05:00\t37\t{}\n\n"

    reads = (
        read((HEAD + table.format(1, 2) + table.format(3, 4)).encode(), "gen5.txt").plates[0].reads
    )

    assert [each.values[0].tolist() for each in reads] == [[1, 2], [3, 4]]


def test_well_that_stands_twice_is_refused():
    with pytest.raises(Malformed, match="well A1 twice in od:600"):
        first_read("Results\n\t1\t2\nA\t1\t2\tod:600\nA\t3\t4\tod:600\n")


def test_run_without_any_value_is_refused():
    with pytest.raises(NoMeasurement):
        first_read("od:Spectrum\n\nWavelength\tA1\tA2\n300\n310\n\nResults\n\t1\t2\nA\t\t\tMax\n")


def test_matrix_without_label_is_taken_as_measured_with_a_warning():
    reading = read((HEAD + "Results\n\t1\t2\nA\t0.1\t0.2\n").encode(), "gen5.txt")

    assert not reading.plates[0].reads[0].calculated
    assert "a matrix without a label was taken as measured" in [m.text for m in reading.messages]


def test_label_beside_the_degree_sign_wins_over_an_older_title():
    od = first_read("Some note\n\nTime\tT° od:600\tA1\n0:00:00\t37\t1\n")

    assert od.label == "od:600"


def test_list_with_a_column_for_each_label():
    text = "Results\n\nWell ID\tWell\tod:600\tBlank od:600\nSPL1\tA1\t0.5\t0.4\nSPL2\tB01\tOVRFLW\t0.3\n"

    reads = read((HEAD + text).encode(), "gen5.txt").plates[0].reads

    assert [(each.label, each.calculated) for each in reads] == [
        ("od:600", False),
        ("Blank od:600", True),
    ]
    assert reads[0].wells == ("A1", "B1")
    assert reads[0].flags[0].text == "OVRFLW"


def test_list_with_a_column_for_each_time():
    od = first_read("od:600\n\nWell\t0:00:00\t0:05:00\nA1\t1\t2\nA2\t3\t4\n")

    assert od.time_s is not None
    assert od.time_s.tolist() == [0, 300]
    assert od.values.tolist() == [[1, 2], [3, 4]]


def test_sheet_that_somebody_added_is_no_plate():
    rows = [
        ["Software Version", "3.1"],
        ["Plate Number", "Plate 1"],
        ["Reader Type:", "x"],
        [],
        ["Results"],
        [None, None, 1, 2],
        [None, "A", 0.1, 0.2, "600"],
    ]
    first = "".join(row(n, cells) for n, cells in enumerate(rows, 1))
    added = row(1, [None, 1, 2]) + row(2, ["A", "drug", 7])

    reading = read(workbook(first, sheets=(first, added), states=("visible",) * 2), "gen5.xlsx")

    assert [plate.name for plate in reading.plates] == ["Plate 1"]
    assert any("numbers were not read: sheet 'S2'" in m.text for m in reading.messages)
