import pytest
from hypothesis import given

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import PATIENT, check, damaged, shared
from tests.instruments.workbook_bytes import spreadsheet

TITLE = "Measurement results\nrun.skax\n13/02/2024 16:22:41\n \n"


def matrix(head, rows, columns=3, value=lambda r, c: r * 10 + c):
    lines = [head + "," + ",".join(str(c) for c in range(1, columns + 1))]
    lines += [
        "ABCDEFGH"[r] + "," + ",".join(str(value(r, c)) for c in range(1, columns + 1))
        for r in range(rows)
    ]
    return "\n".join(lines) + "\n,\n"


def skanit(*parts, title=TITLE):
    return read((title + "".join(parts)).encode(), "x.csv")


def wells(one):
    return dict(zip(one.wells, one.values.tolist(), strict=True))


def test_step_stands_once_and_plates_follow():
    step = "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n"
    reading = skanit(
        step,
        matrix("Abs", 2),
        matrix("Sample", 2, value=lambda r, c: f"Std{r}{c}"),
        "Wavelength: 600 nm\n \nP2\n \n",
        matrix("Abs", 2, value=lambda *_: 7),
        "Autoloading range A1 - M253\n",
    )

    first, second = reading.plates
    assert [plate.name for plate in reading.plates] == ["P1", "P2"]
    assert wells(first.reads[0])["B3"] == [13.0]
    assert wells(second.reads[0])["A1"] == [7.0]
    assert {plate.reads[0].label for plate in reading.plates} == {"Absorbance 1"}
    assert first.reads[0].wavelength_nm == 600.0
    assert (first.layout["A2"].sample, first.layout["A2"].role) == ("Std02", "standard")
    assert second.layout == {}


def test_french_report_with_decimal_commas_is_read():
    text = (
        "Résultats de mesure;;;\nrun (1).skax;;;\n17/11/2025 12:38:43;;;\n ;;;\nAbsorbance 1;;;\n"
        "Longueur d'onde: 450 nm;;;\n ;;;\nPlaque 1;;;\n ;;;\nAbs;1;2;3\nA;0,1451;;4,3451\n"
        "B;0,0579;0,0645;0,1\n;;;\nÉchantillon;1;2;3\nA;Blanc1;;PC0001\nB;NC0001;Échantillon0014;7\n"
        ";;;\nPlage d'autochargement A1 - M28\n"
    )

    reading = read(text.encode("cp1252"), "x.csv")

    (plate,) = reading.plates
    (one,) = plate.reads
    assert wells(one) == {
        "A1": [0.1451],
        "A3": [4.3451],
        "B1": [0.0579],
        "B2": [0.0645],
        "B3": [0.1],
    }
    assert (plate.name, one.wavelength_nm) == ("Plaque 1", 450.0)
    assert [plate.layout[well].role for well in ("A1", "A3", "B1", "B2")] == [
        "blank",
        "control",
        "control",
        "sample",
    ]
    assert plate.layout["B3"].sample == "7"


def test_calculation_step_is_not_measured():
    reading = skanit(
        "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n",
        matrix("Abs", 2),
        "Blank subtraction 1\n \nP1\n \n",
        matrix("Abs", 2, value=lambda *_: 5),
    )

    measured, calculated = reading.plates[0].reads
    assert (measured.label, measured.calculated) == ("Absorbance 1", False)
    assert (calculated.label, calculated.calculated) == ("Blank subtraction 1", True)


def test_wavelength_of_zero_means_no_filter():
    (one,) = (
        skanit("Luminescence 1\nWavelength: 0 nm\n \nP1\n \n", matrix("RLU", 2)).plates[0].reads
    )

    assert (one.mode, one.unit, one.wavelength_nm, one.emission_nm) == (
        "luminescence",
        "RLU",
        None,
        None,
    )


def test_excitation_and_emission_of_a_fluorescence_step():
    lines = "Fluorescence 1\nExcitation: 485 nm; Emission: 535 nm\n \nP1\n \n"
    (one,) = skanit(lines, matrix("RFU", 2)).plates[0].reads

    assert (one.mode, one.excitation_nm, one.emission_nm) == ("fluorescence", 485.0, 535.0)


def test_kinetic_table_with_one_column_per_well():
    reading = skanit(
        "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n",
        "Reading,avg. time [s],Un0001 (A01),Un0002 (B01)\n",
        "1,0,0.1,0.2\n2,30.5,0.3,OVER\n",
    )

    (one,) = reading.plates[0].reads
    assert (one.kind, one.time_s.tolist()) == ("kinetic", [0.0, 30.5])
    assert one.values[0].tolist() == [0.1, 0.3]
    (flag,) = one.flags
    assert (flag.well, flag.index, flag.text, flag.place.line) == ("B1", 1, "OVER", 12)
    assert reading.plates[0].layout["A1"].sample == "Un0001"


def test_spectrum_table_with_one_line_per_wavelength():
    reading = skanit(
        "Absorbance spectrum 1\n \nP1\n \n", "Wavelength [nm],A1,A2\n", "400,0.1,0.2\n410,0.3,0.4\n"
    )

    (one,) = reading.plates[0].reads
    assert (one.kind, one.spectrum_nm.tolist()) == ("spectrum", [400.0, 410.0])


def test_readings_of_a_kinetic_loop_as_matrices():
    parts = [
        f"Absorbance 1\nWavelength: 600 nm\n \nP1\n \nReading {k}, time: {k * 60} s\n"
        + matrix("Abs", 2, value=lambda *_, k=k: k)
        for k in (1, 2)
    ]
    reading = skanit(*[part.replace(", time", " - time") for part in parts])

    (one,) = reading.plates[0].reads
    assert (one.kind, one.time_s.tolist()) == ("kinetic", [60.0, 120.0])
    assert wells(one)["A1"] == [1.0, 2.0]


def test_list_of_wells_as_the_sky_writes_it():
    rows = [
        ["Raw data"],
        ["2023-04-05 10:11:12"],
        [],
        ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"],
        ["A 1", 340, 1.5, 0],
        ["A 1", 340, 1.6, 30],
        ["B 2", 340, 0, 1],
        ["B 2", 340, 0.2, 31],
    ]

    (plate,) = workbook({"Raw data(340)": rows}).plates

    (one,) = plate.reads
    assert (one.kind, one.wavelength_nm, one.time_s.tolist()) == ("kinetic", 340.0, [0.0, 30.0])
    assert wells(one) == {"A1": [1.5, 1.6], "B2": [0.0, 0.2]}


def test_sky_workbook_with_results_layout_and_facts_is_one_plate():
    raw = [
        ["Raw data"],
        ["12/16/2024 10:11:12"],
        [],
        [],
        ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"],
        ["A 1", 600, 0.5, 0],
        ["B 2", 600, 0.25, 1],
    ]
    facts = [
        ["General information"],
        [],
        [None, None, "Serial number", "1550-1"],
        [None, None, "Name", "Multiskan SkyHigh"],
    ]
    layout = [[None, 1, 2], ["A", "Blank1", None], ["B", None, "Un0001"]]

    reading = workbook({"Raw data": raw, "General information": facts, "Plate layout": layout})

    (plate,) = reading.plates
    assert wells(plate.reads[0]) == {"A1": [0.5], "B2": [0.25]}
    assert (plate.layout["A1"].role, plate.layout["B2"].sample) == ("blank", "Un0001")
    assert (reading.instrument.serial, reading.instrument.model) == ("1550-1", "Multiskan SkyHigh")
    assert reading.started_at.value.isoformat() == "2024-12-16T10:11:12"
    assert not any("not read" in message.text for message in reading.messages)


def test_kinetic_table_with_temperatures_behind_the_wells():
    (one,) = (
        skanit(
            "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n",
            "Reading,avg. time [s],Un0001 (A01),Temperature [°C]\n1,0,0.1,36.9\n2,30,0.3,37.1\n",
        )
        .plates[0]
        .reads
    )

    assert one.temperature_c.tolist() == [36.9, 37.1]
    assert one.values.tolist() == [[0.1, 0.3]]


def workbook(sheets):
    return read(spreadsheet(sheets), "x.xlsx")


def test_steps_on_several_sheets_belong_to_one_plate():
    named = {
        name: [
            ["Measurement results"],
            ["run.skax"],
            ["2/28/2024 3:02:30 PM"],
            [" "],
            [name[:-3]],
            [" "],
            ["Plate 1"],
            [" "],
            [unit, 1, 2],
            ["A", 1.5, 2.5],
            ["B", 3.5, None],
        ]
        for name, unit in (("Absorbance 1_01", "Abs"), ("Fluorescence 1_01", "RFU"))
    }

    (plate,) = workbook(named).plates

    assert [(one.label, one.mode) for one in plate.reads] == [
        ("Absorbance 1", "absorbance"),
        ("Fluorescence 1", "fluorescence"),
    ]
    assert wells(plate.reads[0]) == {"A1": [1.5], "A2": [2.5], "B1": [3.5]}


def test_saturated_well_keeps_its_text_and_a_true_zero_stays():
    step = "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n"
    (one,) = (
        skanit(step, matrix("Abs", 2, value=lambda r, c: "Over" if (r, c) == (0, 1) else 0))
        .plates[0]
        .reads
    )

    assert [(flag.well, flag.text, flag.flag) for flag in one.flags] == [
        ("A1", "Over", "saturated")
    ]
    assert wells(one)["B2"] == [0.0]


def sheets(**named):
    return workbook({name.replace("_", " "): rows for name, rows in named.items()})


def block(head, value, *, rows=2, columns=3):
    lines = [[head, *range(1, columns + 1)]]
    return lines + [["ABCDEFGH"[r], *(value(r, c) for c in range(columns))] for r in range(rows)]


SESSION = [["Measurement results"], ["run.skax"], ["2/28/2024 3:02:30 PM"], [" "]]
CHINESE = [["测量结果"], ["会话.skax"], ["2024/3/5 14:22:10"], [" "]]


def test_calculations_below_each_other_are_no_names_of_samples():
    reading = sheets(
        Absorbance_1=[
            *SESSION,
            ["Absorbance 1"],
            ["Wavelength: 450 nm"],
            ["P1"],
            *block("Abs", lambda r, c: r + c / 10),
            [],
            *block("Sample", lambda _r, c: c + 7),
        ],
        Statistics_1=[
            *SESSION,
            ["Replicate statistics 1"],
            ["Source: Absorbance 1"],
            ["P1"],
            *block("Average", lambda *_: 1.5),
            [],
            *block("SD", lambda *_: 0.25),
            [],
            *block("CV%", lambda *_: 16.5),
        ],
    )

    (plate,) = reading.plates
    labels = [(one.label, one.calculated, one.values[0, 0]) for one in plate.reads]
    assert labels == [
        ("Absorbance 1", False, 0.0),
        ("Replicate statistics 1", True, 1.5),
        ("Replicate statistics 1: SD", True, 0.25),
        ("Replicate statistics 1: CV%", True, 16.5),
    ]
    assert [plate.layout[well].sample for well in ("A1", "B3")] == ["7", "9"]


def test_setting_of_a_calculation_is_not_taken_for_its_step():
    reading = sheets(
        Ratio=[
            *SESSION,
            ["My numbers"],
            ["Source A: Luminescence 1"],
            ["Source B: Abs 2"],
            ["P1"],
            *block("Value", lambda *_: 2.5),
        ],
        Curve=[
            *SESSION,
            ["Standard Curve 1"],
            ["Wavelength: 450 nm"],
            ["P1"],
            *block("Concentration [ng/ml]", lambda *_: 5.5),
        ],
    )

    (plate,) = reading.plates
    assert [(one.label, one.calculated) for one in plate.reads] == [
        ("My numbers", True),
        ("Standard Curve 1", True),
    ]
    assert plate.name == "P1"


def test_step_named_by_the_user_is_measured_when_its_unit_says_so():
    rows = [*SESSION, ["Nitrate titration"], ["Wavelength: 543 nm"], ["P1"]]
    (plate,) = sheets(Nitrate_titration_01=rows + block("Abs", lambda *_: 0.5)).plates

    (one,) = plate.reads
    assert (one.label, one.calculated, one.wavelength_nm) == ("Nitrate titration", False, 543.0)


def test_table_beside_a_matrix_leaves_the_matrix_whole():
    rows = [["Firefly"], ["Wavelength: 0 nm"], ["P1"], *block("RLU", lambda r, c: 10 * r + c + 1)]
    rows = [[*row, *[None] * (5 - len(row)), "note", 9.5] for row in rows]
    reading = sheets(Firefly_01=SESSION + rows)

    (one,) = reading.plates[0].reads
    assert (one.label, one.mode, one.calculated) == ("Firefly", "luminescence", False)
    assert wells(one)["B3"] == [13.0]
    assert any("6 numbers were not read" in message.text for message in reading.messages)


def test_workbook_in_chinese_is_read_with_its_layout_and_facts():
    definitions = [["名称", "板 1"], ["板模板", "t"], [], [None, 1, 2]]
    definitions += [["A", "Std0001", "Un0001"], [None, "组 1", "组 1"], [None, "10 ng/ml", "1:10"]]
    reading = sheets(
        吸光度=[
            *CHINESE,
            ["吸光度 1"],
            ["波长: 450 nm"],
            [" "],
            ["板 1"],
            [" "],
            *block("吸光值", lambda r, c: r + c / 10, columns=2),
            [],
            *block("样本", lambda *_: "Un0001", columns=2),
        ],
        空白=[
            *CHINESE,
            ["空白扣除 1"],
            ["数据源: 吸光度 1"],
            ["板 1"],
            *block("减去空白", lambda *_: 0.25, columns=2),
        ],
        发光=[
            *CHINESE,
            ["发光 1"],
            ["波长: 0 nm"],
            ["板 1"],
            ["读数", "平均 时间 [s]", "Un0001 (A01)"],
            [1, 0.5, 10],
            [2, 60.5, 11],
            [3, 120.5, None],
        ],
        仪器信息=[
            ["仪器信息"],
            [None, "名称", None, "Multiskan FC"],
            [None, "序列号", None, "3-1"],
        ],
        基本信息=[["基本信息"], [None, "软件", None, "SkanIt Software 6.1 RE, ver. 6.1.0.51"]],
        布局定义=definitions,
    )

    (plate,) = reading.plates
    assert [(one.mode, one.unit, one.kind, one.calculated) for one in plate.reads] == [
        ("absorbance", "AU", "endpoint", False),
        ("absorbance", None, "endpoint", True),
        ("luminescence", "RLU", "kinetic", False),
    ]
    assert plate.reads[0].wavelength_nm == 450.0
    assert plate.reads[2].time_s.tolist() == [0.5, 60.5]
    assert (plate.layout["A1"].concentration, plate.layout["A2"].dilution) == ("10 ng/ml", "1:10")
    found = reading.instrument
    assert (found.model, found.serial, found.software_version) == (
        "Multiskan FC",
        "3-1",
        "6.1.0.51",
    )
    assert reading.started_at.value.isoformat() == "2024-03-05T14:22:10"
    assert any("they were dropped" in message.text for message in reading.messages)


def test_wells_of_several_plates_in_one_list_stay_apart():
    reading = skanit(
        "Absorbance 1\nWavelength: 600 nm\n",
        "Plate,Well,Sample,Abs\nP1,A01,Un1,0.1\nP1,A02,Un2,0.2\nP2,A01,Un3,0.3\n",
    )

    first, second = reading.plates
    assert (first.name, wells(first.reads[0])) == ("P1", {"A1": [0.1], "A2": [0.2]})
    assert (second.name, wells(second.reads[0])) == ("P2", {"A1": [0.3]})
    assert second.layout["A1"].sample == "Un3"


def test_mean_below_the_wells_of_a_list_is_named_and_a_damaged_well_refused():
    text = "Standard Curve 1\nP1\n\nWell,Sample,Abs,CV%\nA01,Std1,0.1,\nB01,Std1,0.3,\nAverage,Std1,0.2,5\n"
    reading = skanit(text)

    (one,) = reading.plates[0].reads
    assert (wells(one), one.calculated) == ({"A1": [0.1], "B1": [0.3]}, True)
    assert any("1 lines of a list name no well" in message.text for message in reading.messages)
    with pytest.raises(Malformed, match="the name of a well"):
        skanit("Absorbance 1\nWavelength: 600 nm\n\nP1\n\nWell,Abs\nA01,0.1\nB_1,0.3\n")


@pytest.mark.parametrize(("unit", "seconds"), [("s", 1.0), ("min", 60.0), ("h", 3600.0)])
def test_times_are_in_the_unit_of_their_head(unit, seconds):
    table = f"Reading,avg. time [{unit}],Un0001 (A01)\n1,0,0.1\n2,1.5,0.3\n"
    (one,) = skanit("Absorbance 1\nWavelength: 600 nm\n \nP1\n \n", table).plates[0].reads

    assert one.time_s.tolist() == [0.0, 1.5 * seconds]


def test_wavelengths_of_a_step_do_not_pass_to_the_next():
    reading = skanit(
        "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n",
        matrix("Abs", 2),
        "Luminescence 1\n \nP1\n \n",
        matrix("RLU", 2, value=lambda *_: 5),
    )

    _, second = reading.plates[0].reads
    assert (second.mode, second.wavelength_nm, second.emission_nm) == ("luminescence", None, None)


def test_two_wavelengths_in_one_line_are_excitation_and_emission():
    lines = "Fluorescence 1\nWavelengths: 485 nm / 535 nm\n \nP1\n \n"
    (one,) = skanit(lines, matrix("RFU", 2)).plates[0].reads

    assert (one.excitation_nm, one.emission_nm) == (485.0, 535.0)


def test_table_that_nothing_explains_is_given_as_calculated_with_a_warning():
    reading = skanit("Thing one\n \nP1\n \n", matrix("Xyz", 2))

    (one,) = reading.plates[0].reads
    assert one.calculated
    assert any("does not tell what was measured" in message.text for message in reading.messages)


def test_list_of_skanit_2():
    text = (
        "SkanIt 2.4\n\tRun started\t4/21/2015 10:12:33 AM +02:00\n\tInstrument name\tVarioskan\n\n"
        "Photometric1\t\t\n\nPlate\tWell\tType\tSampleNo\tValue\tMeas. time [s]\tWavelength [nm]\tRead\n"
        "7\tA01\tUnkn\t1\t0.1\t1.5\t600\t1\n7\tA01\tUnkn\t1\t0.2\t33.5\t600\t2\n"
    )

    reading = read(text.encode(), "x.txt")

    (one,) = reading.plates[0].reads
    assert (one.label, one.mode, one.wavelength_nm) == ("Photometric1", "absorbance", 600.0)
    assert (one.time_s.tolist(), one.values.tolist()) == ([1.5, 33.5], [[0.1, 0.2]])
    assert reading.started_at.value.isoformat() == "2015-04-21T10:12:33+02:00"
    assert reading.instrument.model == "Varioskan"


@pytest.mark.parametrize(("count", "wavelength"), [(1, 405.0), (2, None)])
def test_matrix_of_skanit_2_has_the_only_wavelength_of_its_step(count, wavelength):
    settings = [[None, "Wavelength [nm]", None, 405 + k] for k in range(count)]
    reading = sheets(
        General_Info=[[None, "Run name", None, "r"]],
        Photometric1=[[], [None, "Photometric1"], *settings, [], *block("", lambda *_: 0.5)],
    )

    (one,) = reading.plates[0].reads
    assert (one.label, one.calculated, one.wavelength_nm) == ("Photometric1", False, wavelength)


def test_letters_out_of_order_are_refused():
    step = "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n"

    with pytest.raises(Malformed, match="next row letter"):
        skanit(step, matrix("Abs", 3).replace("\nC,", "\nA,"))


def test_report_without_values_is_refused():
    with pytest.raises(NoMeasurement):
        skanit("Absorbance 1\n")


@pytest.mark.skipif(not shared("thermo/**/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_file():
    path = next(p for p in shared("thermo/**/*") if p.name == "skanit.csv")

    plates = read(path.read_bytes(), path.name).plates

    assert wells(plates[0].reads[0])["C7"] == [1.5622]
    assert plates[1].layout["H12"].sample == "Std0192"


SEED = (
    TITLE
    + "Absorbance 1\nWavelength: 600 nm\n \nP1\n \n"
    + matrix("Abs", 8, 12)
    + matrix("Sample", 8, 12, lambda r, c: f"Un{r}{c}")
)


@given(damaged(SEED.encode()))
@PATIENT
def test_damaged_report_is_read_truly_or_refused(content):
    check(content, "x.csv")


TABLE = (
    TITLE
    + "Absorbance 1\nWavelength: 600 nm\n \nP1\n \nReading,avg. time [s],Un1 (A01),Un2 (B01)\n1,0,0.1,0.2\n2,30,0.3,0.4\n"
)


@given(damaged(TABLE.encode()))
@PATIENT
def test_damaged_table_is_read_truly_or_refused(content):
    check(content, "x.csv")


@pytest.mark.parametrize("path", shared("thermo/**/*.csv"), ids=lambda path: path.name)
def test_real_report_cut_anywhere_is_read_truly_or_refused(path):
    content = path.read_bytes()
    for part in range(1, 12):
        check(content[: len(content) * part // 12], path.name)
