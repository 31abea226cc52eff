"""Tecan i-control exports: every table, both languages, odd cells, lost lines."""

from datetime import datetime, time

import numpy as np
import pytest
from hypothesis import given, settings

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from instruments.readings import DayMonthOrder, FlagKind, Kind, Mode, Severity
from tests.instruments.damage import STEPS, check, damaged
from tests.instruments.workbook_bytes import spreadsheet

HEAD = [
    ["Application: Tecan i-control", "", "", "", "Tecan i-control , 2.0.10.0"],
    ["Device: infinite 200Pro", "", "", "", "Serial number: 77", "", "", "",
     "Serial number of connected stacker:"],
    ["Firmware: V_3.40 (Dec 23 2014/12.45.11)"],
    [],
    ["Date:", "20.02.2024"],
    ["Time:", "18:19:42"],
    ["System", "", "", "", "PC"],
    ["User", "", "", "", "PC\\Lab"],
    ["Plate", "", "", "", "Greiner 96 Flat Bottom [GRE96ft.pdfx]"],
    ["Plate-ID (Stacker)", "", "", "", "BC-1"],
    [],
]  # fmt: skip


def label(name="OD", mode="Absorbance", **settings):
    rows = [[f"Label: {name}"], ["Mode", "", "", "", mode]]
    rows += [[key.replace("_", " "), "", "", "", *value] for key, value in settings.items()]
    return [*rows, ["Start Time:", "20.02.2024 18:20:00"], []]


ABSORBANCE = label(Measurement_Wavelength=["600", "nm"], Number_of_Flashes=["10"])
MATRIX = [
    ["", "Temperature: 36.9 °C"],
    ["<>", "1", "2", "3"],
    ["A", "0.1", "0.2", "OVER"],
    ["B", "0.4", "", "0.6"],
    [],
]
END = [["End Time:", "20.02.2024 18:25:00"]]
KINETIC = [
    ["Cycle Nr.", "1", "2", "3", "4"],
    ["Time [s]", "0", "60", "120.5", ""],
    ["Temp. [°C]", "37.3", "37.2", "37.1", ""],
    ["A1", "0.1", "0.2", "0.3", ""],
    ["B12", "0.4", "INVALID", "0.6", ""],
    [],
]


def text(*parts, delimiter="\t"):
    rows = [row for part in parts for row in part]
    return "\r\n".join(delimiter.join(row) for row in rows).encode()


def of(*parts):
    return read(text(HEAD, *parts, END), "run.txt")


def wells(measured):
    return dict(zip(measured.wells, measured.values.tolist(), strict=True))


def workbook(**sheets):
    return spreadsheet(sheets)


def warnings(reading):
    return [m.text for m in reading.messages if m.severity is Severity.WARNING]


def test_endpoint_matrix_with_its_head():
    reading = of(ABSORBANCE, MATRIX)

    measured = reading.plates[0].reads[0]
    assert (measured.label, measured.mode, measured.kind) == ("OD", Mode.ABSORBANCE, Kind.ENDPOINT)
    assert (measured.wavelength_nm, measured.unit) == (600.0, "AU")
    assert measured.temperature_c.tolist() == [36.9]
    assert wells(measured)["A2"] == [0.2]
    assert reading.instrument.model == "infinite 200Pro"
    assert reading.instrument.serial == "77"
    assert reading.instrument.software_version == "2.0.10.0"
    assert reading.plates[0].barcode == "BC-1"
    assert reading.plates[0].size == 96
    assert reading.started_at.value == datetime(2024, 2, 20, 18, 19, 42)  # noqa: DTZ001
    assert reading.started_at.day_month_order is DayMonthOrder.PROVED
    assert warnings(reading) == []


def test_saturated_well_is_a_flag_and_empty_well_is_not_there():
    measured = of(ABSORBANCE, MATRIX).plates[0].reads[0]

    flag = measured.flags[0]
    assert (flag.well, flag.flag, flag.text) == ("A3", FlagKind.SATURATED, "OVER")
    assert np.isnan(measured.values[measured.wells.index("A3")]).all()
    assert "B2" not in measured.wells


def test_kinetic_with_cycles_in_columns_drops_unread_cycles():
    reading = of(ABSORBANCE, KINETIC)

    measured = reading.plates[0].reads[0]
    assert measured.kind is Kind.KINETIC
    assert measured.time_s.tolist() == [0.0, 60.0, 120.5]
    assert measured.temperature_c.tolist() == [37.3, 37.2, 37.1]
    assert wells(measured)["A1"] == [0.1, 0.2, 0.3]
    assert [(f.well, f.index, f.text) for f in measured.flags] == [("B12", 1, "INVALID")]
    assert any("4 points are planned, 3 hold values" in m.text for m in reading.messages)


def test_endpoint_before_a_kinetic_is_not_lost():
    reading = of(ABSORBANCE, MATRIX, END, label("Growth", Wavelength=["595", "nm"]), KINETIC)

    assert [r.label for r in reading.plates[0].reads] == ["OD", "Growth"]
    assert reading.plates[0].reads[1].wavelength_nm == 595.0


def test_two_labels_of_one_kinetic_with_cycles_in_rows():
    settings = [
        ["2 Labels"],
        ["Kinetic Measurement"],
        ["Mode", "", "", "", "Absorbance"],
        ["Wavelength", "", "", "", "595", "nm"],
        ["Mode", "", "", "", "Luminescence"],
        ["Attenuation", "", "", "", "NONE"],
        ["Start Time:", "20.02.2024 18:20:00"],
        [],
        ["Warning:", "Unable to meet given kinetic interval time for cycle:"],
        ["", "26, 27"],
        [],
    ]
    first = [
        ["OD600:600"],
        ["Cycle Nr.", "Time [s]", "Temp. [°C]", "A1", "A2"],
        ["1", "0", "37", "0.1", "0.2"],
        ["2", "300", "37", "0.3", "OVER"],
        [],
    ]
    second = [["LUMI:Lum"], *[list(row) for row in first[1:]]]
    second[3] = ["2", "12.8", "37", "-4", "7"]

    reading = of(settings, first, second)

    absorbance, luminescence = reading.plates[0].reads
    assert (absorbance.label, absorbance.wavelength_nm) == ("OD600:600", 595.0)
    assert (luminescence.label, luminescence.mode) == ("LUMI:Lum", Mode.LUMINESCENCE)
    assert wells(luminescence)["A1"] == [0.1, -4.0]
    assert any("26, 27" in warning for warning in warnings(reading))
    assert any("one of the two time columns is wrong" in warning for warning in warnings(reading))


MULTIPLE = [
    ["Cycles / Well"],
    ["A1", "1", "2"],
    ["Time [s]", "0", "600"],
    ["Temp. [°C]", "30.6", "30.3"],
    ["Mean", "0.0959", "0.1082"],
    ["StDev", "0.0106", "0.0207"],
    ["1;2", "0.0897", "0.0925"],
    ["2;1", "0.1131", "0.1442"],
    [],
    ["Cycles / Well"],
    ["A2", "1", "2"],
    ["Time [s]", "0", "600"],
    ["Temp. [°C]", "30.6", "30.3"],
    ["Mean", "0.0981", "OVER"],
    ["StDev", "0.0139", ""],
    ["1;2", "0.0956", "0.1001"],
    ["2;1", "0.1223", "0.1359"],
    [],
]


def test_several_reads_a_well_give_mean_deviation_and_positions():
    reading = of(ABSORBANCE, MULTIPLE)

    mean, spread = reading.plates[0].reads
    assert wells(mean)["A1"] == [0.0959, 0.1082]
    assert mean.time_s.tolist() == [0.0, 600.0]
    assert mean.flags[0].well == "A2"
    assert (spread.calculated, mean.calculated) == (True, False)
    assert wells(spread)["A1"] == [0.0106, 0.0207]
    assert reading.records[1] == {
        "read": "OD", "well": "A1", "position": "2;1", "values": [0.1131, 0.1442],
    }  # fmt: skip
    assert warnings(reading) == []


def test_list_of_wells_with_several_reads():
    table = [
        ["Well", "Mean", "StDev", "0;1", "1;0"],
        ["A1", "0.5", "0.1", "0.4", "0.6"],
        ["A2", "0.7", "0.1", "0.6", "0.8"],
    ]

    reading = of(ABSORBANCE, table)

    assert wells(reading.plates[0].reads[0]) == {"A1": [0.5], "A2": [0.7]}
    assert reading.plates[0].reads[1].calculated
    assert len(reading.records) == 4


@pytest.mark.parametrize("turned", [False, True])
def test_wavelength_scan_in_both_directions(turned):
    table = [["Wavel.", "A1", "A2"], ["500", "1", "2"], ["510", "3", "4"]]
    if turned:
        table = [list(row) for row in zip(*table, strict=True)]
    settings = label("scan", "Fluorescence Top Reading", Excitation_Wavelength=["480", "nm"])

    measured = of(settings, table).plates[0].reads[0]

    assert measured.kind is Kind.SPECTRUM
    assert measured.spectrum_nm.tolist() == [500.0, 510.0]
    assert measured.excitation_nm == 480.0
    assert wells(measured) == {"A1": [1.0, 3.0], "A2": [2.0, 4.0]}


def test_german_words_decimal_commas_and_semicolons():
    head = [
        ["Programm: Tecan i-control", "", "", "", "Tecan i-control , 1.12.4.0"],
        ["Gerät: infinite 200Pro", "", "", "", "Seriennummer: 1307"],
        ["Datum:", "04.04.2019"],
        ["Zeit:", "10:11:12"],
        ["Platte", "", "", "", "Greiner 96 Flat"],
        ["Platten-ID (Stapler)", "", "", "", "P77"],
        ["Label: Label1"],
        ["Kinetik - Messung"],
        ["Modus", "", "", "", "Absorption"],
        ["Wellenlänge", "", "", "", "600", "nm"],
        ["Startzeit:", "04.04.2019 10:11:20"],
        [],
        ["Zyklus Nr.", "1", "2"],
        ["Zeit [s]", "0", "60,5"],
        ["Temp. [°C]", "30,1", "30"],
        ["A1", "0,1001", "0,25"],
        [],
        ["Endzeit:", "14.04.2019 10:13:20"],
    ]

    reading = read(text(head, delimiter=";"), "lauf.csv")

    measured = reading.plates[0].reads[0]
    assert wells(measured) == {"A1": [0.1001, 0.25]}
    assert measured.time_s.tolist() == [0.0, 60.5]
    assert reading.plates[0].barcode == "P77"
    assert reading.instrument.serial == "1307"
    # 04.04. reads the same in both orders.
    assert reading.started_at.value == datetime(2019, 4, 4, 10, 11, 12)  # noqa: DTZ001


GERMAN_CYCLES = [
    ["Programm: Tecan i-control", "", "", "", "Tecan i-control , 1.12.4.0"],
    ["Gerät: infinite 200Pro", "", "", "", "Seriennummer: 77"],
    ["Datum:", "04.04.2019"],
    ["Label: OD"],
    ["Kinetik - Messung"],
    ["Modus", "", "", "", "Absorption"],
    ["Wellenlänge", "", "", "", "600", "nm"],
    ["Startzeit:", "04.04.2019 10:11:20"],
    [],
    ["Zyklen Nr.", "1", "2"],
    ["Zeit [s]", "0", "600,5"],
    ["Temp. [°C]", "37,1", "37"],
    ["A1", "0,1", "0,2"],
    ["A2", "0,11", "0,21"],
    [],
    ["Endzeit:", "04.04.2019 11:11:20"],
]
FRENCH = [
    ["Application : Tecan i-control", "", "", "", "Tecan i-control , 1.12.4.0"],
    ["Appareil: infinite 200Pro", "", "", "", "Numéro de série: 77"],
    ["Date:", "04.04.2019"],
    ["Heure:", "10:11:12"],
    ["Plaque", "", "", "", "Greiner 96 Flat Bottom"],
    ["Label: OD"],
    ["Mesure cinétique"],
    ["Mode", "", "", "", "Absorbance"],
    ["Longueur d’onde de mesure", "", "", "", "600", "nm"],
    ["Partie de plaque", "", "", "", "A1-A2"],
    ["Heure de début:", "04.04.2019 10:11:20"],
    [],
    ["Cycle N°", "1", "2"],
    ["Temps [s]", "0", "600,5"],
    ["Temp. [°C]", "37,1", "37"],
    ["A1", "0,1", "0,2"],
    ["A2", "0,11", "0,21"],
    [],
    ["Heure de fin:", "04.04.2019 11:11:20"],
]


@pytest.mark.parametrize("rows", [GERMAN_CYCLES, FRENCH], ids=["german", "french"])
def test_kinetic_in_other_words(rows):
    reading = read(text(rows, delimiter=";"), "run.csv")
    (measured,) = reading.plates[0].reads
    assert (measured.mode, measured.kind) == (Mode.ABSORBANCE, Kind.KINETIC)
    assert measured.wavelength_nm == 600.0
    assert measured.time_s.tolist() == [0, 600.5]
    assert measured.temperature_c.tolist() == [37.1, 37]
    assert measured.values.tolist() == [[0.1, 0.2], [0.11, 0.21]]
    assert reading.instrument.serial == "77"
    assert warnings(reading) == []


def test_another_date_of_the_file_proves_the_order():
    rows = [list(row) for row in HEAD]
    rows[4] = ["Date:", "1/9/2014"]
    rows[5] = ["Time:", "'3:42:12 AM"]

    assumed = read(text(rows, ABSORBANCE, MATRIX), "x.txt").started_at
    proved = read(text(rows, ABSORBANCE, MATRIX, [["End Time:", "1/13/2014 3:44:15 AM"]]), "x.txt")

    assert assumed.day_month_order is DayMonthOrder.ASSUMED
    assert proved.started_at.day_month_order is DayMonthOrder.PROVED
    assert proved.started_at.value == datetime(2014, 1, 9, 3, 42, 12)  # noqa: DTZ001


def test_each_sheet_of_a_workbook_is_a_plate():
    def sheet(day):
        rows = [list(row) for row in HEAD]
        rows[4], rows[5] = ["Date:", day], ["Time:", time(10, 0)]
        body = [["Label: OD"], ["Mode", "", "", "", "Absorbance"],
                ["Measurement Wavelength", "", "", "", 600, "nm"]]  # fmt: skip
        return [*rows, *body, ["<>", 1, 2], ["A", 0.1, "OVER"], ["B", 0.3, 0.4]]

    content = workbook(
        One=sheet(datetime(2024, 2, 20)),  # noqa: DTZ001
        Two=sheet(datetime(2024, 2, 21)),  # noqa: DTZ001
        Tabelle1=[],
        Own=[["my own", 5]],
    )

    reading = read(content, "run.xls")

    assert [plate.name for plate in reading.plates] == ["One", "Two"]
    assert reading.plates[1].started_at.value == datetime(2024, 2, 21, 10)  # noqa: DTZ001
    assert reading.plates[0].reads[0].flags[0].text == "OVER"
    assert any("cell B1 (5)" in warning for warning in warnings(reading))


def test_lower_case_rows_below_the_wells_are_no_wells():
    table = [*KINETIC[:-1], ["a", "1"], ["b", "2"]]

    reading = of(ABSORBANCE, table)

    assert reading.plates[0].reads[0].wells == ("A1", "B12")
    assert any("2 numbers were not read" in warning for warning in warnings(reading))


def test_lost_line_is_told_by_the_part_of_the_plate():
    settings = label(Measurement_Wavelength=["600"], Part_of_Plate=["A1-B3"])

    whole = of(settings, [["<>", "1", "2", "3"], ["A", "1", "2", "3"], ["B", "4", "5", "6"]])
    lost = of(settings, [["<>", "1", "2", "3"], ["A", "1", "2", "3"]])

    assert warnings(whole) == []
    assert "3 of 6 wells of A1-B3 have no value: B1, B2, B3" in warnings(lost)[0]


def test_lost_line_is_told_by_the_letters_of_the_rows():
    reading = of(ABSORBANCE, [["<>", "1"], ["A", "1"], ["C", "2"], ["D", "3"]])

    assert "do not follow each other" in warnings(reading)[0]


def test_label_without_a_table_is_a_warning():
    reading = of(label("lost", Wavelength=["405"]), END, ABSORBANCE, MATRIX)

    assert reading.plates[0].reads[0].label == "OD"
    assert any("lost is described but has no table" in warning for warning in warnings(reading))


def test_columns_of_a_matrix_count_by_their_numbers():
    reading = of(ABSORBANCE, [["<>", "10", "11"], ["A", "1", "2"], ["B", "3", "4"]])

    assert set(reading.plates[0].reads[0].wells) == {"A10", "A11", "B10", "B11"}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([["<>", "1", "99999"], ["A", "1", "2"]], "column numbers"),
        ([["<>", "1", "1"], ["A", "1", "2"]], "column numbers"),
        ([["<>", "1", "2"], ["?", "1", "2"]], "letter of a plate row"),
        ([["<>", "1"], ["A", "1"], ["A", "2"]], "every well once"),
        ([["Cycle Nr.", "1"], ["Time [s]", "soon"], ["A1", "1"]], "a time"),
        ([["Cycles / Well"], ["A1", "1"], ["Time [s]", "0"]], "Mean"),
    ],
)
def test_broken_tables_are_refused(table, words):
    with pytest.raises(Malformed, match=words):
        of(ABSORBANCE, table)


def test_table_without_a_label_is_refused():
    with pytest.raises(Malformed, match="a label or a mode"):
        of([["<>", "1"], ["A", "1"]])


def test_export_without_values_is_refused():
    with pytest.raises(NoMeasurement):
        of(ABSORBANCE)


WHOLE = text(HEAD, ABSORBANCE, MATRIX, END, label("Growth"), KINETIC, label("many"), MULTIPLE, END)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(STEPS)
def test_damaged_file_is_read_or_refused(steps):
    check(damaged(WHOLE, steps), "run.txt")
