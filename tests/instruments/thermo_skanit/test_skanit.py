import io

import openpyxl
import pytest
from hypothesis import given

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import PATIENT, check, damaged, shared

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
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Raw data(340)"
    for row in (
        ["Raw data"],
        ["2023-04-05 10:11:12"],
        [],
        ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"],
        ["A 1", 340, 1.5, 0],
        ["A 1", 340, 1.6, 30],
        ["B 2", 340, 0, 1],
        ["B 2", 340, 0.2, 31],
    ):
        sheet.append(row)

    (plate,) = workbook(book).plates

    (one,) = plate.reads
    assert (one.kind, one.wavelength_nm, one.time_s.tolist()) == ("kinetic", 340.0, [0.0, 30.0])
    assert wells(one) == {"A1": [1.5, 1.6], "B2": [0.0, 0.2]}


def test_sky_workbook_with_results_layout_and_facts_is_one_plate():
    book = openpyxl.Workbook()
    raw = book.active
    raw.title = "Raw data"
    for row in (
        ["Raw data"],
        ["12/16/2024 10:11:12"],
        [],
        [],
        ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"],
        ["A 1", 600, 0.5, 0],
        ["B 2", 600, 0.25, 1],
    ):
        raw.append(row)
    facts = book.create_sheet("General information")
    for row in (
        ["General information"],
        [],
        [None, None, "Serial number", "1550-1"],
        [None, None, "Name", "Multiskan SkyHigh"],
    ):
        facts.append(row)
    layout = book.create_sheet("Plate layout")
    for row in ([None, 1, 2], ["A", "Blank1", None], ["B", None, "Un0001"]):
        layout.append(row)

    reading = workbook(book)

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


def workbook(book):
    buffer = io.BytesIO()
    book.save(buffer)
    return read(buffer.getvalue(), "x.xlsx")


def test_steps_on_several_sheets_belong_to_one_plate():
    book = openpyxl.Workbook()
    for name, unit in (("Absorbance 1_01", "Abs"), ("Fluorescence 1_01", "RFU")):
        sheet = book.create_sheet(name)
        for row in (
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
        ):
            sheet.append(row)
    del book["Sheet"]

    (plate,) = workbook(book).plates

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
