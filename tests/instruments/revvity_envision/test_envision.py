import pytest
from hypothesis import given

from instruments import read
from instruments.errors import InstrumentFileError, Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import PATIENT, check, damaged, shared

HEAD = (
    "Plate,Repeat,Barcode,Measured height,Chamber temperature at start,Chamber temperature at end,"
    "Group,Label,ScanX,ScanY,Measinfo,Kinetics,Measurement date,"
)
FORMULA = (
    "Plate,Repeat,Barcode,Measured height,Chamber temperature at start,Formula,Measurement date,"
)
ASSAY = 'Basic assay information \nAssay ID: ,,,,12\nSerial#: ,,,,="1050001"\n\n'
FOOT = "\n\nExported with EnVision Workstation version 1.13.3009.1409\n"


def block(
    matrix,
    label="OD600(1)",
    *,
    plate="1",
    barcode="",
    kinetics="0",
    date="13/02/2024 10:00:00",
    title="",
):
    info = f"Plate information \n{HEAD}\n{plate},1,{barcode},14.5,22.5,22.6,1,{label},0,0,De=1st Ex=Top Em=N/A Wdw=N/A,{kinetics},{date},\n\n"
    return f"{info}{title}{matrix}\n\n"


def labelled(rows, columns, value=lambda r, c: r * 100 + c):
    names = [*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *(f"A{x}" for x in "ABCDEF")]
    lines = ["," + ",".join(f"{c:02d}" for c in range(1, columns + 1)) + ","]
    lines += [
        f"{names[r]}," + ",".join(str(value(r, c)) for c in range(1, columns + 1)) + ","
        for r in range(rows)
    ]
    return "\n".join(lines)


def bare(rows, columns, value=lambda r, c: r * 100 + c):
    return "\n".join(
        ",".join(str(value(r, c)) for c in range(1, columns + 1)) + "," for r in range(rows)
    )


def envision(*parts):
    return read(("".join(parts) + ASSAY + FOOT).encode(), "x.csv")


def values(one):
    return dict(zip(one.wells, one.values.tolist(), strict=True))


def test_plate_of_1536_wells_reaches_af48():
    reading = envision(block(labelled(32, 48)))

    one = reading.plates[0].reads[0]
    assert reading.plates[0].size == 1536
    assert values(one)["AF48"] == [3148.0]
    assert values(one)["Z1"] == [2501.0]


def test_bare_matrix_takes_its_position_from_lines_and_fields():
    reading = envision(block(bare(8, 12)))

    one = reading.plates[0].reads[0]
    assert values(one)["H12"] == [712.0]
    assert values(one)["A1"] == [1.0]


def test_bare_matrix_that_fits_no_plate_is_refused_with_its_line():
    with pytest.raises(Malformed) as refusal:
        envision(block(bare(7, 11)))

    assert refusal.value.place.line == 5


def test_bare_matrix_padded_by_a_spreadsheet_keeps_its_rows():
    content = block(bare(8, 12)).replace("\n\n", "\n" + "," * 12 + "\n")

    kind = "Plate type:\nNumber of rows,,,,8\nNumber of columns,,,,12\n\n"

    reading = envision(content, kind)

    assert values(reading.plates[0].reads[0])["A1"] == [1.0]
    assert values(reading.plates[0].reads[0])["H12"] == [712.0]


def test_calculated_matrix_is_not_a_measured_one():
    info = f"Plate information \n{FORMULA}\n1,1,,14.5,22.5,Calc 1: Double = 2 * Label : OD600(1),13/02/2024 10:00:00,\n\n"
    calculated = "Calculated results: Calc 1: Double = 2 * Label : OD600(1)\n"
    reading = envision(
        info, calculated, labelled(8, 12, lambda *_: 2), "\n\n", block(labelled(8, 12))
    )

    first, second = reading.plates[0].reads
    assert (first.calculated, second.calculated) == (True, False)
    assert first.mode == second.mode
    assert len(reading.plates) == 1


def test_text_in_a_well_is_a_flag_with_its_place_and_no_zero():
    reading = envision(block(labelled(8, 12, lambda r, c: "OVER" if (r, c) == (1, 2) else 0)))

    one = reading.plates[0].reads[0]
    (flag,) = one.flags
    assert (flag.well, flag.text, flag.flag, flag.place.line) == ("B2", "OVER", "saturated", 7)
    assert reading.to_json()["plates"][0]["reads"][0]["wells"]["B2"] == [None]
    assert values(one)["A1"] == [0.0]


def test_kinetic_points_become_one_read_in_elapsed_seconds():
    blocks = [
        block(
            labelled(8, 12, lambda *_, k=k: k),
            kinetics=str(k),
            date=f"13/02/2024 10:00:{30 * (k - 1):02d}",
        )
        for k in (1, 2)
    ]

    (one,) = envision(*blocks).plates[0].reads

    assert one.kind == "kinetic"
    assert one.time_s.tolist() == [0.0, 30.0]
    assert values(one)["C4"] == [1.0, 2.0]


def test_two_labels_of_one_plate_are_two_reads():
    reading = envision(block(labelled(8, 12), "A(1)"), block(labelled(8, 12, lambda *_: 7), "B(1)"))

    assert [one.label for one in reading.plates[0].reads] == ["A(1)", "B(1)"]


def test_decimal_comma_of_a_german_export_is_read():
    text = block(labelled(8, 12, lambda r, c: f"{r}.{c:02d}5")).replace(",", ";").replace(".", ",")
    foot = FOOT.replace(",", ";")

    reading = read((text + foot).encode(), "x.csv")

    assert values(reading.plates[0].reads[0])["C3"] == [2.035]


def test_day_above_twelve_proves_the_order_and_the_zone_stays_local():
    started = envision(block(labelled(8, 12))).started_at

    assert started.value.isoformat() == "2024-02-13T10:00:00"
    assert (started.zone, started.day_month_order) == ("local", "proved")


def test_real_barcode_names_the_plate_and_a_made_up_one_does_not():
    real = envision(block(labelled(8, 12), barcode="H0001")).plates[0]
    made_up = envision(block(labelled(8, 12), barcode='"=""8/22/2023 10:50:28 AM"""')).plates[0]

    assert (real.name, real.barcode) == ("H0001", "H0001")
    assert (made_up.name, made_up.barcode) == ("1", "8/22/2023 10:50:28 AM")


def test_wrong_column_number_is_refused_with_its_cell():
    with pytest.raises(Malformed, match="column number 3"):
        envision(block(labelled(8, 12).replace(",03,", ",30,")))


def test_missing_row_letter_is_refused():
    with pytest.raises(Malformed, match="next row letter"):
        envision(block(labelled(8, 12).replace("\nD,", "\nX,")))


def test_export_without_any_result_is_refused():
    with pytest.raises(NoMeasurement):
        envision(f"Plate information \n{HEAD}\n1,1,,14.5,22.5,22.6,1,L,0,0,De=1st,0,1/1/2024,\n\n")


def test_number_beyond_the_plate_is_named_as_not_read():
    text = labelled(8, 12).replace("C,201", "C,201", 1)
    lines = [line + "99" if line.startswith("C,") else line for line in text.split("\n")]

    reading = envision(block("\n".join(lines)))

    assert any(
        "1 number was not read" in message.text and "99" in message.text
        for message in reading.messages
    )


@pytest.mark.skipif(not shared("revvity*/envision*/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_file():
    path = next(p for p in shared("revvity*/envision*/*") if "example01" in p.name)

    plates = read(path.read_bytes(), path.name).plates

    assert values(plates[0].reads[0])["B24"] == [2.681]
    assert values(plates[1].reads[1])["P13"] == [12.0]
    assert plates[1].reads[1].temperature_c.tolist() == [24.24]


@given(damaged((block(labelled(8, 12), "OD600(1)") + ASSAY + FOOT).encode()))
@PATIENT
def test_damaged_export_is_read_truly_or_refused(content):
    check(content, "x.csv")


@pytest.mark.parametrize("path", shared("revvity*/envision*/*"), ids=lambda path: path.name)
def test_real_export_cut_anywhere_is_read_truly_or_refused(path):
    content = path.read_bytes()
    for part in range(1, 12):
        check(content[: len(content) * part // 12], path.name)


def test_absurd_plate_type_asks_for_no_memory():
    kind = "Protocol information\nPlate type:\nNumber of rows,,,,4294967296\nNumber of columns,,,,4294967296\n"

    with pytest.raises(InstrumentFileError):
        envision(block(bare(8, 12)), kind)


def test_line_of_blanks_between_sections_once_failed():
    reading = envision(block(labelled(8, 12)) + "      ,\n\n")

    assert len(reading.plates) == 1


def test_two_bare_matrices_below_one_label_are_two_channels():
    both = bare(8, 12) + "\n\n" + bare(8, 12, lambda *_: 5)

    first, second = envision(block(both, "FRET(1)")).plates[0].reads

    assert (first.label, second.label) == ("FRET(1)", "FRET(1) - channel 2")
    assert values(first)["H12"] == [712.0]
    assert values(second)["H12"] == [5.0]


def test_bare_matrix_that_begins_with_an_empty_well_and_a_one_is_no_head():
    matrix = bare(8, 12, lambda _, c: "" if c == 1 else c - 1)

    (one,) = envision(block(matrix)).plates[0].reads

    assert values(one)["A2"] == [1.0]
    assert "A1" not in one.wells


def test_light_paths_give_the_wavelength_where_no_filter_does():
    text = block(labelled(8, 12)).replace("De=1st Ex=Top Em=N/A", "De=Abs Ex=N/A Em=450 nm")

    one = envision(text).plates[0].reads[0]

    assert (one.mode, one.wavelength_nm) == ("absorbance", 450)


def test_second_detector_has_its_own_filter_and_a_ratio_no_unit():
    labels = (
        "Labels:\nHTRF,,,,6\nExc. filter,,,,UV\nEms. filter,,,,APC\n2nd ems. filter,,,,Cy5\n"
        "Delay,,,,50\n\nFilters:\nUV,,,,1\nDescription,,,,X320 CWL=320nm BW=75nm\n\n"
        "APC,,,,2\nDescription,,,,M665 CWL=665nm BW=7nm\n\n"
        "Cy5,,,,3\nDescription,,,,X620 CWL=620nm BW=10nm\n\n"
    )
    ratio = (
        f"Plate information \n{FORMULA}\n1,1,,N/A,N/A,Calc 1: X / Y where X = HTRF(1) channel 1"
        f" Y = HTRF(1) channel 2,13/02/2024 10:00:00,\n\nCalculated results: Calc 1: X / Y where"
        f" X = HTRF(1) channel 1 Y = HTRF(1) channel 2\n{labelled(8, 12)}\n\n"
    )
    first = block(
        labelled(8, 12), "HTRF(1)", title="Results for HTRF(1) - channel 1 window 1 (Counts)\n"
    )
    second = block(
        labelled(8, 12), "HTRF(1)", title="Results for HTRF(1) - channel 2 window 1 (Counts)\n"
    ).replace("De=1st", "De=2nd")

    reads = envision(ratio, first, second, labels).plates[0].reads

    measured = [one for one in reads if not one.calculated]
    assert [(one.mode, one.excitation_nm, one.emission_nm) for one in measured] == [
        ("trf", 320, 665),
        ("trf", 320, 620),
    ]
    assert [one.unit for one in reads if one.calculated] == [None]


def below(matrix, title="", **fields):
    """A plate whose information stands below its results."""
    info = block("", **fields).rstrip("\n")
    return f"{title}{matrix}\n\n{info}\n\nBackground information\nPlate,Label,Result,Signal,\n1,OD600,0,205,\n\n"


def test_information_below_the_results_belongs_to_the_plate_above_it():
    title = "Results for OD600(1) - channel 1 (A)\n"
    reading = envision(
        below(labelled(8, 12), title, plate="1", barcode="P-ONE"),
        below(labelled(8, 12, lambda *_: 7), title, plate="2", barcode="P-TWO"),
    )

    assert [plate.barcode for plate in reading.plates] == ["P-ONE", "P-TWO"]
    assert values(reading.plates[0].reads[0])["H12"] == [712.0]
    assert values(reading.plates[1].reads[0])["H12"] == [7.0]
    assert not reading.messages


def test_bare_matrix_that_opens_the_file_belongs_to_the_information_below_it():
    matrix = bare(32, 48).replace(",\n", "\n").rstrip(",")  # no separator ends a line

    reading = envision(
        below(matrix, plate="1", barcode="P-ONE"),
        below(matrix.replace("1,2,", "9,2,", 1), plate="2", barcode="P-TWO"),
    )

    first, second = reading.plates
    assert (first.barcode, first.size, second.barcode) == ("P-ONE", 1536, "P-TWO")
    assert values(first.reads[0])["AF48"] == [3148.0]
    assert values(second.reads[0])["A1"] == [9.0]


def test_measured_results_stay_measured_between_two_formulas():
    formula = "Calc 1: Crosstalk = Crosstalk correction where Label : LUM(1) channel 1"
    info = f"Plate information \n{FORMULA}\n1,1,,N/A,N/A,{formula},13/02/2024 10:00:00,\n\n"
    reading = envision(
        f"Calculated results: {formula}\n{labelled(8, 12)}\n\n{info}",
        below(labelled(8, 12), "Results for LUM(1) - channel 0 (CPS)\n", label="LUM(1)"),
    )

    (plate,) = reading.plates
    assert [(r.label, r.calculated) for r in plate.reads] == [(formula, True), ("LUM(1)", False)]


def test_results_whose_information_is_missing_get_none_of_another_plate():
    title = "Results for OD600(1) - channel 1 (A)\n"
    setting = "Auto export parameters:\nPlace plate information at,,,,End of plate\n\n"
    reading = envision(
        below(labelled(8, 12), title, barcode="P-ONE"), f"{title}{labelled(8, 12)}\n\n", setting
    )

    assert [plate.barcode for plate in reading.plates] == ["P-ONE", None]


def test_lost_title_of_plate_information_makes_no_measured_result_calculated():
    formula = f"Plate information \n{FORMULA}\n1,1,,N/A,N/A,Calc 1: X,13/02/2024 10:00:00,\n\n"
    lost = block(labelled(8, 12), title="Results for OD600(1) - channel 1 (A)\n")
    reading = envision(
        formula,
        f"Calculated results: Calc 1: X\n{labelled(8, 12)}\n\n",
        lost.removeprefix("Plate information \n"),
    )

    assert [r.calculated for r in reading.plates[0].reads] == [True, False]


def test_another_date_of_the_export_proves_the_order():
    edited = "Labels:\nOD600,,,,200\nLast edited,,,,11/17/2016 7:03:02 AM\n\n"
    reading = envision(block(labelled(8, 12), date="7/2/2015 12:54:41"), edited)

    assert reading.started_at.value.isoformat() == "2015-07-02T12:54:41"
    assert reading.started_at.day_month_order == "proved"


def test_dates_that_disagree_prove_nothing():
    edited = "Labels:\nOD600,,,,200\nLast edited,,,,11/17/2016 7:03:02\nSeen,,,,17/11/2016\n\n"
    reading = envision(block(labelled(8, 12), date="7/2/2015 12:54:41"), edited)

    assert reading.started_at.day_month_order == "assumed"


def test_label_may_be_named_in_a_line_of_its_own():
    labels = (
        "Labels:\nLabel name,,,,Eu 96\n Excitation:\n Exc. filter,,,,UV\n\n Ems. filter,,,,Eu\n"
        " Delay,,,,400\n\nFilters:\nUV,,,,1\nDescription,,,,X340 CWL=340nm\n\n"
        "Eu,,,,2\nDescription,,,,M615 CWL=615nm\n\n"
    )
    one = envision(block(labelled(8, 12), "Eu 96(1)"), labels).plates[0].reads[0]

    assert (one.mode, one.excitation_nm, one.emission_nm) == ("trf", 340, 615)


def test_what_the_reader_noted_is_told():
    height = "WARNING: Measured height is 14.90 mm. The results may be affected."
    reading = envision(
        block(labelled(8, 12)),
        "Normalization:\n\n\n",
        f"Notifications for plate 1  repeat 1:\n{height}\nINFO: Lid was on\n\n",
        f"Notifications for plate 2  repeat 1:\n{height}\n",
        "INFO: Assay aborted at plate 2, repeat 1 and well F07. Results are missing.\n",
    )

    assert [(m.severity, m.text.removeprefix("the reader noted, ")) for m in reading.messages] == [
        ("warning", f"plate 1 repeat 1; plate 2 repeat 1: {height.removeprefix('WARNING: ')}"),
        ("info", "plate 1 repeat 1: Lid was on"),
        (
            "warning",
            "plate 2 repeat 1: Assay aborted at plate 2, repeat 1 and well F07. Results are missing.",
        ),
    ]


def test_line_that_names_a_well_or_a_sample_is_no_note_of_the_reader():
    maps = "Platemap:\nPlate,,,,1\nINFO,,,,about\nWARNING-1,,,,sample\n\n"

    assert not envision(block(labelled(8, 12)), maps).messages


def test_more_notes_than_a_person_reads_are_counted():
    notes = "".join(f"WARNING: note {number}\n" for number in range(60))
    messages = envision(block(labelled(8, 12)), f"Normalization:\n\n{notes}").messages

    assert len(messages) == 51
    assert messages[-1].text == "the reader noted 10 more things"
