"""Gen5 exports of which a part was left out, or which another program saved again."""

import datetime as dt

import pytest

from instruments import read
from instruments.errors import InstrumentFileError
from tests.instruments.workbook_bytes import spreadsheet

HEAD = (
    "Software Version\t2.01.14\n\nPlate Number\tPlate 1\nDate\t7/24/2031\nTime\t3:27:56 PM\n"
    "Reader Type:\tSynergy Mx\nReader Serial Number:\t1\n\n"
)
KINETIC = "Procedure Details\n\nPlate Type\t6 well\nRead\tAbsorbance Endpoint\n\n"
WELLS = ("A1", "A2", "A3", "B1", "B2", "B3")


def plates(text, name="gen5.txt"):
    return read(text.encode(), name).plates


def warnings(reading):
    return [message.text for message in reading.messages if message.severity == "warning"]


def workbook(*sheets):
    return spreadsheet(dict(sheets))


def sheet(*rows, plate="Plate 1"):
    return [
        ["Software Version", "3.11.19"],
        ["Plate Number", plate],
        ["Date", dt.date(2031, 7, 24)],
        ["Time", dt.time(15, 27, 56)],
        ["Reader Type:", "Epoch 2"],
        [],
        ["Procedure Details"],
        [],
        ["Plate Type", "6 well"],
        ["Read", "OD"],
        [None, "Absorbance Endpoint"],
        [],
        *rows,
    ]


RUN = [
    ["OD:600"],
    [],
    [None, "Time", "T° OD:600", *WELLS],
    [None, dt.time(0, 10), 30.1, 1, 2, 3, 4, 5, 6],
    [None, dt.timedelta(days=1, minutes=10), 30.2, 7, 8, 9, 10, 11, 12],
]


@pytest.mark.parametrize(
    "text",
    [
        "Results\n\t1\t2\t3\nA\t1\t2\t3\t450\nB\t4\t5\t6\t450\n",
        "450\n\t1\t2\t3\nA\t1\t2\t3\t450\nB\t4\t5\t6\t450\n",
        "\t1\t2\t3\nA\t1\t2\t3\tOD:450\nB\t4\t5\t6\tOD:450\n",
        "Results,,,,\n,1,2,3,\nA,1,2,3,OD:450\nB,4,5,6,OD:450\n",
        "\n\nActual Temperature:\t25.1\n\nResults\n\t1\t2\t3\nA\t1\t2\t3\t450\nB\t4\t5\t6\t450\n",
    ],
)
def test_matrix_alone_is_known_by_the_labels_of_its_lines(text):
    reading = read(text.encode(), "gen5.txt")

    (raw,) = reading.plates[0].reads
    assert (raw.wells, raw.values[:, 0].tolist()) == (WELLS, [1, 2, 3, 4, 5, 6])
    assert (raw.wavelength_nm, raw.calculated) == (450, False)
    assert "exported without its header: reader and start are unknown" in warnings(reading)


def test_matrix_without_a_label_of_gen5_is_not_known():
    for text in (
        "Plate\n\t1\t2\t3\nA\t1\t2\t3\t450\nB\t4\t5\t6\t450\n",
        "Results\n\t1\t2\t3\nA\t1\t2\t3\nB\t4\t5\t6\n",
        "600 and more\n\nTime\tA1\tA2\n0:00:00\t1\t2\n",
        "Time,A1,A2\n0,1,2\n24,3,4\n",
    ):
        with pytest.raises(InstrumentFileError):
            read(text.encode(), "unknown.txt")


def test_kinetic_table_alone_is_known_by_its_title():
    (raw,) = plates("OD:600\n\nTime\tA1\tA2\n0:00:06\t1\t2\n72:01:10\t3\t4\n")[0].reads

    assert (raw.label, raw.calculated, raw.time_s.tolist()) == ("OD:600", False, [6, 259270])


def test_spectrum_drawn_plate_by_plate():
    text = (
        "Spectrum\nWavelength 1 (300 nm)\n\t2\nA\t0.987\tSpectrum Read#1\n\n"
        "Wavelength 2 (310 nm)\n\t2\nA\t0.97\tSpectrum Read#2\n"
    )

    (raw,) = plates(text)[0].reads

    assert (raw.kind, raw.spectrum_nm.tolist()) == ("spectrum", [300, 310])
    assert (raw.wells, raw.values.tolist()) == (("A2",), [[0.987, 0.97]])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_is_known(end):
    text = HEAD + KINETIC + "600\n\nTime\tT600\tA1\tA2\n0:14:43\t25.6\t1\t2\n24:14:43\t25.5\t3\t4\n"

    reading = read(text.replace("\n", end).encode(), "gen5.txt")

    (raw,) = reading.plates[0].reads
    assert (raw.label, raw.time_s.tolist()) == ("600", [883, 87283])
    assert raw.temperature_c.tolist() == [25.6, 25.5]


def test_procedure_that_stands_again_begins_another_plate_where_there_is_no_header():
    one = (
        "Procedure Summary\n\nPlate Type\t6 well\n\nfirst:734\n\t1\t2\nA\t{}\t2\tfirst:734\n\n"
        "Kinetic read\tA1\tA2\n0:00:00\t3\t4\n0:01:19\t5\t6\n\n"
    )

    reading = read((one.format(1) + one.format(9)).encode(), "gen5.txt")

    assert [plate.reads[0].values[:, 0].tolist() for plate in reading.plates] == [[1, 2], [9, 2]]
    assert "a table without a label was taken as measured" in warnings(reading)
    assert [(r.label, r.calculated) for r in reading.plates[1].reads] == [
        ("first:734", False),
        ("", False),
    ]


def test_blocks_of_one_spectrum_have_one_title():
    text = (
        "SPE:Spectrum\n\nWavelength\tA1\tA2\n300\t1\t2\n310\t3\t4\n\n"
        "Wavelength\tE1\tE2\n300\t5\t6\n310\t7\t8\n"
    )

    (raw,) = plates(HEAD + KINETIC + text)[0].reads

    assert raw.wells == ("A1", "A2", "E1", "E2")
    assert raw.values.tolist() == [[1, 3], [2, 4], [5, 7], [6, 8]]


def test_table_of_the_same_wells_is_no_block_of_the_one_above():
    text = "600\n\nTime\tA1\tA2\n0:00:00\t1\t2\n\nTime\tA1\tA2\n0:00:00\t3\t4\n"

    first, second = plates(HEAD + KINETIC + text)[0].reads

    assert (first.label, second.label) == ("600", "")


def test_points_that_a_stopped_run_never_reached_hold_no_result():
    text = "Mean - Time  {n} ({at})\nTime {n} ({at})\n\t1\t2\nA\t{value}\tMean Read#{n}\n\n"
    points = [("0:00:00", "1\t2"), ("0:29:48", "?????\t4"), ("0:00:00", "?????\t?????")]
    body = "".join(text.format(n=n, at=at, value=v) for n, (at, v) in enumerate(points, 1))
    head = HEAD + "Procedure Details\n\nPlate Type\t6 well\nRead\tImage Single Image\n\n"

    (mean,) = plates(head + body)[0].reads

    assert mean.time_s.tolist() == [0, 1788]
    assert [(flag.well, flag.index) for flag in mean.flags] == [("A1", 1)]


@pytest.mark.parametrize(
    "table",
    [
        "Time\tA1\tA2\n0:10:00\t1\t2\n0:20:00\t?????\t4\n0:00:00\t?????\t?????\n",
        "Time\t0:10:00\t0:20:00\t0:00:00\nA1\t1\t?????\t?????\nA2\t2\t4\t?????\n",
    ],
)
def test_rows_that_a_stopped_run_never_reached_hold_no_result(table):
    measured = "OD:600\n\nTime\tT° OD:600\tA1\tA2\n0:10:00\t30\t1\t2\n0:20:00\t30\t3\t4\n\n"

    _, blanked = plates(HEAD + KINETIC + measured + "Blank OD:600\n\n" + table)[0].reads

    assert blanked.calculated
    assert blanked.time_s.tolist() == [600, 1200]
    assert [(flag.well, flag.index) for flag in blanked.flags] == [("A1", 1)]


def test_overflow_at_a_clock_of_zero_is_kept_as_a_flag():
    text = "OD:600\n\nTime\tT° OD:600\tA1\tA2\n0:10:00\t30\t1\t2\n0:00:00\t30\tOVRFLW\tOVRFLW\n"

    (raw,) = plates(HEAD + KINETIC + text)[0].reads

    assert raw.time_s.tolist() == [600, 0]
    assert len(raw.flags) == 2


def test_more_than_a_day_may_be_a_date_or_days_in_a_csv_made_from_a_workbook():
    rows = ("00:15:22", "1900-01-01 00:15:22", "1 days 00:35:22", '"2 days, 0:15:22"')
    text = (
        "Software Version,3.12.08,\nPlate Number,Plate 1,\nDate,2031-07-24 00:00:00,\n"
        "Time,18:07:46,\nReader Type:,x,\n,,\nRead 2:590,,\n,,\n,Time,T° Read 2:590,A1\n"
    )

    reading = read((text + "".join(f",{row},37,1\n" for row in rows)).encode(), "gen5.csv")

    (raw,) = reading.plates[0].reads
    assert raw.time_s.tolist() == [922, 87322, 88522, 173722]
    assert reading.started_at.value.isoformat() == "2031-07-24T18:07:46"
    assert not warnings(reading)


def test_date_before_the_epoch_is_no_time():
    text = "OD:600\n\nTime\tT° OD:600\tA1\n0:10:00\t30\t1\n1900-02-31 00:10:00\t30\t2\n"

    reading = read((HEAD + KINETIC + text).encode(), "gen5.txt")

    assert "OD:600: some times could not be read" in warnings(reading)


def test_sheet_has_lines_of_wells_one_column_to_the_right():
    rows = [
        ["Results"],
        [None, "Well", *WELLS],
        [None, "OD:600", 1, 2, 3, 4, 5, "OVRFLW"],
        [None, "OD:700", 7, 8, 9, 10, 11, 12],
    ]

    first, second = read(workbook(("Plate 1 - Sheet1", sheet(*rows))), "gen5.xlsx").plates[0].reads

    assert (first.label, first.values[:5, 0].tolist()) == ("OD:600", [1, 2, 3, 4, 5])
    assert first.flags[0].well == "B3"
    assert (second.label, second.wells) == ("OD:700", WELLS)


def test_sheet_has_lines_of_points_one_column_to_the_right():
    rows = [
        ["OD:600"],
        [],
        [None, "Time", dt.time(0, 10), dt.timedelta(days=1, minutes=10)],
        [None, "T° OD:600", 30.1, 30.2],
        [None, "A1", 1, 2],
        [None, "A2", 3, "OVRFLW"],
    ]

    (raw,) = read(workbook(("Plate 1 - Sheet1", sheet(*rows))), "gen5.xlsx").plates[0].reads

    assert (raw.time_s.tolist(), raw.temperature_c.tolist()) == ([600, 87000], [30.1, 30.2])
    assert raw.values[0].tolist() == [1, 2]
    assert (raw.flags[0].well, raw.flags[0].index) == ("A2", 1)


@pytest.mark.parametrize("order", [1, -1])
def test_sheets_beside_a_plate_that_copy_it_by_point_number_are_no_plates(order):
    copied = [["OD:600"], [], ["Time", *WELLS], [1, 1, 2, 3, 4, 5, 6], [2, 7, 8, 9, 10, 11, 12]]
    content = workbook(*[("Plate 1 - Sheet1", sheet(*RUN)), ("OD", copied)][::order])

    reading = read(content, "gen5.xlsx")

    (raw,) = reading.plates[0].reads
    assert len(reading.plates) == 1
    assert raw.time_s.tolist() == [600, 87000]
    (text,) = warnings(reading)
    assert text.startswith("14 numbers were not read: sheet 'OD'")


def test_each_sheet_with_a_header_is_a_plate():
    content = workbook(("1001", sheet(*RUN)), ("1002", sheet(*RUN, plate="Plate 2")))

    assert [plate.name for plate in read(content, "gen5.xlsx").plates] == ["Plate 1", "Plate 2"]


def test_identifier_and_name_hold_for_the_wells_of_their_group():
    text = (
        "Well ID,Name,Well,Conc/Dil,480\nBLK,medium,H1,,1\n,,H2,,2\nSTD1,curve,A1,80,3\n,,A2,40,4\n"
    )

    plate = plates(text, "gen5.csv")[0]

    assert [plate.layout[well].sample for well in ("H1", "H2")] == ["medium", "medium"]
    assert [plate.layout[well].role for well in ("H2", "A2")] == ["blank", "standard"]
    assert [plate.layout[well].concentration for well in ("A1", "A2")] == [80, 40]


def test_layout_of_lines_of_wells():
    text = "Results\n\nWell ID\tBLK\t\tSTD1\nWell\tA1\tA2\tA3\nConc/Dil\t\t\t2.5\n450\t1\t2\t3\n"

    layout = plates(HEAD + KINETIC + text)[0].layout

    assert [layout[well].role for well in ("A1", "A2", "A3")] == ["blank", "blank", "standard"]
    assert layout["A3"].concentration == 2.5


def test_label_with_a_comma_is_not_quoted_between_commas():
    head = (HEAD + KINETIC).replace("\t", ",").replace("Absorbance", "Fluorescence")
    lists = "Well,485,528,Count\nA1,1,2\nA2,3,\n"
    lines = "Well,A1,A2\n485,528,1,3\n"
    points = "485,528\n\nTime,0:00:00,0:05:00\nT° 485,528,30.0,30.1\nA1,1,2\nA2,3,4\n"

    for table in (lists, lines):
        raw = plates(head + "Results\n\n" + table)[0].reads[0]
        assert (raw.label, raw.values[:, 0].tolist()) == ("485,528", [1, 3])
        assert (raw.excitation_nm, raw.emission_nm) == (485, 528)
    raw = plates(head + points)[0].reads[0]
    assert raw.values.tolist() == [[1, 2], [3, 4]]
    assert (raw.label, raw.temperature_c.tolist()) == ("485,528", [30.0, 30.1])


def test_two_wavelengths_between_commas_are_two_labels():
    head = (HEAD + KINETIC).replace("\t", ",")

    first, second = plates(head + "Results\n\nWell,450,620\nA1,1,2\nA2,3,4\n")[0].reads

    assert (first.wavelength_nm, first.values[:, 0].tolist()) == (450, [1, 3])
    assert (second.wavelength_nm, second.values[:, 0].tolist()) == (620, [2, 4])


def test_header_without_the_version_of_the_software():
    text = HEAD.split("\n", 2)[2] + "Results\n\t1\t2\nA\t1\t2\tOD:600\n"

    reading = read(text.encode(), "gen5.txt")

    assert (reading.instrument.model, reading.instrument.software_version) == ("Synergy Mx", None)
    assert reading.started_at.value.isoformat() == "2031-07-24T15:27:56"
    assert not warnings(reading)


def test_blank_that_was_subtracted_is_calculated_also_without_procedure():
    text = "Results\n\t1\t2\nA\t1\t2\tOD:600\n\t3\t4\tBlank GFP:485,528\n"

    raw, blanked = plates(text)[0].reads

    assert (raw.calculated, blanked.calculated) == (False, True)


def test_date_that_nobody_can_read_is_told():
    text = (HEAD + KINETIC).replace("7/24/2031", "Juli") + "600\n\t1\t2\nA\t1\t2\t600\n"

    reading = read(text.encode(), "gen5.txt")

    assert reading.started_at is None
    assert "the start could not be read from 'Juli'" in warnings(reading)


def test_matrix_alone_in_a_sheet():
    rows = [
        ["Results"],
        [None, None, 1, 2, 3],
        [None, "A", 1, 2, 3, 450],
        [None, "B", 4, 5, 6, 450],
    ]

    (raw,) = read(workbook(("Sheet1", rows)), "gen5.xlsx").plates[0].reads

    assert (raw.label, raw.values[:, 0].tolist()) == ("450", [1, 2, 3, 4, 5, 6])


def test_blank_rows_may_be_dropped():
    text = (
        "Software Version\t3.1\n\nPlate Number\tPlate 1\nReader Type:\tx\n\nProcedure Details\n\n"
        "Plate Type\t6 well\nRead\tod\n\tAbsorbance Endpoint\nRead\tF\n\tFluorescence Endpoint\n\n"
        "Layout\n\t1\t2\nA\tBLK\tSPL1\tWell ID\n\nActual Temperature:\t30.0\n\n"
        "od:600\n\nTime\tT° od:600\tA1\tA2\n0:00:00\t30\t1\t2\n0:05:00\t30\t3\t4\n\n"
        "485,528\n\nTime\tA1\tA2\n0:00:00\t5\t6\n0:05:00\t7\t8\n\n"
        "Results\n\nWell ID\tBLK\tSPL1\nWell\tA1\tA2\nod:700\t1\t2\nCount\t1\t\n\n"
        "Well\tA1\tA2\nMax V [od:600]\t1\t2\n\nActual Temperature:\t30.1\n"
    )
    without = "".join(line for line in text.splitlines(keepends=True) if line.strip())

    reads, same = plates(text)[0].reads, plates(without)[0].reads

    assert [read.label for read in reads] == [
        "od:600",
        "485,528",
        "od:700",
        "Count",
        "Max V [od:600]",
    ]
    assert [read.to_json() for read in same] == [read.to_json() for read in reads]


def test_endpoint_beside_a_run_is_measured_also_without_procedure():
    text = (
        "Results\n\t1\t2\nA\t1\t2\tRead 1:450,490\n\nRead 2:450,490\n\n"
        "Time\tT° Read 2:450,490\tA1\tA2\n0:00:00\t30\t3\t4\n"
    )

    assert [each.calculated for each in plates(HEAD + text)[0].reads] == [False, False]


def test_times_without_a_unit_are_told():
    text = "600\n\nTime\tT° 600\tA1\n1\t30\t1\n3\t30\t2\n"

    reading = read((HEAD + KINETIC + text).encode(), "gen5.txt")

    assert "600: the times are numbers without a unit; taken as seconds" in warnings(reading)
