"""Gen5 writes one run in many layouts; all of them say the same."""

import numpy as np
import pytest

from instruments import read

HEAD = (
    "Software Version\t3.02.1\n\nPlate Number\tPlate 1\nDate\t7/24/2031\nTime\t3:27:56 PM\n"
    "Reader Type:\tSynergy H1\nReader Serial Number:\t1\n\nProcedure Details\n\nfoo\tbar\n\n"
)
COLUMNS = (
    "OD:600\n\nTime\tT° OD:600\tA1\tA2\tB1\tB2\n0:01:48\t30.0\t0.1\t0.2\t0.3\t0.4\n"
    "0:06:48\t30.1\t0.5\t0.6\tOVRFLW\t0.8\n0:00:00\t\t\t\t\t\n\n"
)
ROWS = (
    "OD:600\n\nTime\t0:01:48\t0:06:48\t0:00:00\nT° OD:600\t30.0\t30.1\t\nA1\t0.1\t0.5\t\n"
    "A2\t0.2\t0.6\t\nB1\t0.3\tOVRFLW\t\nB2\t0.4\t0.8\t\n\n"
)
PLATES = (
    "Min Temperature:\t30.0\nMax Temperature:\t30.1\n\n"
    "OD:600 - Time  1 (0:01:48)\nTime 1 (0:01:48)\n\t1\t2\n"
    "A\t0.1\t0.2\tOD:600 Read#1\nB\t0.3\t0.4\tOD:600 Read#1\n\n"
    "OD:600 - Time  2 (0:06:48)\nTime 2 (0:06:48)\n\t1\t2\n"
    "A\t0.5\t0.6\tOD:600 Read#2\nB\tOVRFLW\t0.8\tOD:600 Read#2\n\n"
    "OD:600 - Time  3 (0:00:00)\nTime 3 (0:00:00)\n\t1\t2\n"
    "A\t\t\tOD:600 Read#3\nB\t\t\tOD:600 Read#3\n\n"
)
RESULTS_MATRIX = (
    "Results\n\t1\t2\nA\t5\t6\tMax V [OD:600]\n\t0:03:00\t0:04:00\tLagtime [OD:600]\n"
    "B\t7\t8\tMax V [OD:600]\n\t0:05:00\t?????\tLagtime [OD:600]\n"
)
RESULTS_COLUMN = (
    "Results\n\nWell\tA1\tA2\tB1\tB2\nMax V [OD:600]\t5\t6\t7\t8\n"
    "Lagtime [OD:600]\t0:03:00\t0:04:00\t0:05:00\t?????\n"
)
RESULTS_ROWS = (
    "Results\n\nWell\tMax V [OD:600]\tLagtime [OD:600]\nA1\t5\t0:03:00\nA2\t6\t0:04:00\n"
    "B1\t7\t0:05:00\nB2\t8\t?????\n"
)


@pytest.mark.parametrize("results", [RESULTS_MATRIX, RESULTS_COLUMN, RESULTS_ROWS])
@pytest.mark.parametrize("run", [COLUMNS, ROWS, PLATES])
def test_a_run_is_the_same_run_in_every_layout(run, results):
    reading = read((HEAD + run + results).encode(), "gen5.txt")

    measured, speed, lag = reading.plates[0].reads
    assert (measured.label, measured.kind, measured.calculated) == ("OD:600", "kinetic", False)
    assert measured.wells == ("A1", "A2", "B1", "B2")
    assert measured.time_s.tolist() == [108, 408]
    np.testing.assert_array_equal(
        measured.values, [[0.1, 0.5], [0.2, 0.6], [0.3, np.nan], [0.4, 0.8]]
    )
    assert [(f.well, f.index, f.flag, f.text) for f in measured.flags] == [
        ("B1", 1, "saturated", "OVRFLW")
    ]
    assert (speed.calculated, speed.mode, speed.values[:, 0].tolist()) == (
        True,
        "absorbance",
        [5, 6, 7, 8],
    )
    assert (lag.unit, lag.values[:3, 0].tolist()) == ("s", [180, 240, 300])
    assert [(flag.well, flag.text) for flag in lag.flags] == [("B2", "?????")]
    assert [m.text for m in reading.messages] == [
        "OD:600: 1 planned reads without values were dropped"
    ]


def test_wells_across_with_identifiers_and_statistics():
    text = (
        "Layout\n\t1\t2\nA\tBLK\tSPL1\tWell ID\n\t\t2.5\tConc/Dil\n\nResults\n\n"
        "Well ID\tBLK\tSPL1\nWell\tA1\tA2\nConc/Dil\t\t2.5\n450\t0.102\t1.2\n"
        "Blank 450\t0\t1.1\nCount\t1\t\n"
    )

    reading = read((HEAD + text).encode(), "gen5.txt")

    raw, blanked, count = reading.plates[0].reads
    assert (raw.label, raw.calculated, raw.values[:, 0].tolist()) == ("450", False, [0.102, 1.2])
    assert blanked.calculated
    assert (count.calculated, count.wells) == (True, ("A1",))
    assert reading.plates[0].layout["A2"].dilution == 2.5
    assert not [m for m in reading.messages if m.severity == "warning"]


def test_calculated_value_has_the_mode_of_what_it_was_calculated_from():
    text = "Results\n\t1\nA\t5\tod:600\n\t7\tRead 2:433,475\n\t9\tMax V [Read 2:433,475]\n"

    reads = read((HEAD + text).encode(), "gen5.txt").plates[0].reads

    assert [(r.mode, r.calculated) for r in reads] == [
        ("absorbance", False),
        ("fluorescence", False),
        ("fluorescence", True),
    ]


def test_kinetic_read_of_gen5_1_has_no_temperature():
    text = (
        "Procedure Summary\n\nPlate Type\t96 with lid\n"
        'Start Kinetic\t"Start Kinetic [Run 0:45:00, Interval 0:05:00]"\nRead\tRead:  (A) 590\n'
        'Read\t"Read:  (F) 485/20,528/20"\n\nRead 1:590\n\nKinetic read\tA1\tB1\n'
        "0:00:00\t0.1\t0.2\n0:05:03\t0.3\t0.4\n\nRead 2:485/20,528/20\n\n"
        "Kinetic read\tA1\tB1\n0:00:00\t100\t200\n0:05:03\t300\t400\n"
    )

    plate = read(text.encode(), "gen5.txt").plates[0]

    assert [(r.label, r.mode, r.calculated) for r in plate.reads] == [
        ("Read 1:590", "absorbance", False),
        ("Read 2:485/20,528/20", "fluorescence", False),
    ]
    assert plate.reads[1].time_s.tolist() == [0, 303]
    assert plate.reads[1].values.tolist() == [[100, 300], [200, 400]]


def test_plates_one_for_each_point_without_header_keep_the_size_that_is_drawn():
    columns = "\t" + "\t".join(map(str, range(1, 13)))
    lines = "".join(
        f"{row}\t\t{value}{chr(9) * 10}\tRFP:584,619 Read#{{n}}\n"
        for row, value in zip("ABCDEFGH", ["", "7", "8", *[""] * 5], strict=True)
    )
    points = "".join(
        f"RFP:584,619\nKinetic read {n} ({at})\n{columns}\n{lines.format(n=n)}\n"
        for n, at in ((1, "0:00:48"), (2, "0:05:48"))
    )

    plate = read(points.encode(), "gen5.txt").plates[0]

    assert plate.size == 96
    assert plate.reads[0].label == "RFP:584,619"
    assert plate.reads[0].wells == ("B2", "C2")
    assert plate.reads[0].time_s.tolist() == [48, 348]


def test_reader_without_a_sensor_has_no_temperature():
    text = "Actual Temperature:\t0.0\n\nResults\n\t1\nA\t0.1\tod:600\n"

    assert read((HEAD + text).encode(), "gen5.txt").plates[0].reads[0].temperature_c is None


def test_images_give_calculated_counts_and_a_warning():
    text = HEAD.replace("foo\tbar", "Read\tImage Montage\n\tFull Plate") + (
        "Cell Count\n\t1\t2\nA\t12087\t13478\tCell Count\n\nObject Sum Area\n\t1\t2\n"
        "A\t3.45E+06\t?????\tObject Sum Area\n"
    )

    reading = read(text.encode(), "gen5.txt")

    count, area = reading.plates[0].reads
    assert (count.mode, count.calculated, count.values[:, 0].tolist()) == (
        "count",
        True,
        [12087, 13478],
    )
    assert area.flags[0].text == "?????"
    assert any("calculated from them" in m.text for m in reading.messages)
