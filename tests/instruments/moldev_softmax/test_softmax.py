"""SoftMax Pro exports: every layout, the odd cells, and what must be refused."""

import numpy as np
import pytest
from hypothesis import given, settings

from instruments import read
from instruments.errors import (
    AmbiguousNumbers,
    Malformed,
    NoMeasurement,
    Truncated,
)
from instruments.readings import FlagKind, Kind, Mode
from tests.instruments.damage import STEPS, check, damaged

FOOTER = "Original Filename: assay; Date Last Saved: 1/9/2023 2:23:07 PM"
HEAD = "Plate:\t{name}\t1.3\t{form}\t{kind}\tAbsorbance\tRaw\tFALSE\t{points}\t{time}\t{step}\t\t\t\t{n}\t{nm} \t1\t{columns}\t{size}\t1\t{rows}\t\t"
COLUMNS = "\tTemperature(¡C)\t1\t2\t3"


def export(*blocks, announced=None, footer=FOOTER):
    count = len(blocks) if announced is None else announced
    return "\r\n".join([f"##BLOCKS= {count}", *blocks, footer]) + "\r\n"


def plate(*lines, **fields):
    usual = {
        "name": "Plate1",
        "form": "PlateFormat",
        "kind": "Endpoint",
        "points": 1,
        "time": "",
        "step": "",
        "n": 1,
        "nm": "450",
        "columns": 3,
        "size": 6,
        "rows": 2,
    }
    return "\r\n".join([HEAD.format(**usual | fields), *lines, "~End"])


def of(*blocks, **kwargs):
    return read(export(*blocks, **kwargs).encode(), "assay.txt")


def values(reading, label="Raw"):
    chosen = next(r for r in reading.plates[0].reads if r.label == label)
    return dict(zip(chosen.wells, chosen.values.tolist(), strict=True))


ENDPOINT = plate(COLUMNS, "\t37\t0.1\t0.2\t0.3", "\t\t0.4\t0.5\t0.6", "")


def test_endpoint_matrix_has_rows_by_position():
    reading = of(ENDPOINT)

    assert values(reading) == {
        "A1": [0.1], "A2": [0.2], "A3": [0.3], "B1": [0.4], "B2": [0.5], "B3": [0.6],
    }  # fmt: skip
    assert reading.plates[0].size == 6
    assert reading.plates[0].reads[0].mode is Mode.ABSORBANCE
    assert reading.plates[0].reads[0].unit == "AU"
    assert reading.plates[0].reads[0].temperature_c.tolist() == [37.0]


def test_time_of_saving_is_no_start():
    reading = of(ENDPOINT)

    assert reading.started_at is None
    assert reading.details["last saved"] == "1/9/2023 2:23:07 PM"


def test_reader_suitability_in_a_note_is_not_the_model():
    reading = of("Note:\r\nREADER SUITABILITY:\r\nSpectraMax 190\r\n~End", ENDPOINT)

    assert reading.instrument.model is None
    assert "SpectraMax 190" in reading.details["note 1"]


def test_reduced_values_are_calculated_and_fill_no_gap():
    reading = of(
        plate(COLUMNS, "\t37\tPath?\t0.2\t0.3", "\t\t0.4\t0.5\t0.6", "",
              "\t\t1\t2\t3", "\t\t0.11\t0.2\t0.3", "\t\t0.4\t0.5\t0.6")
    )  # fmt: skip

    raw, reduced = reading.plates[0].reads
    assert (raw.calculated, reduced.calculated) == (False, True)
    assert np.isnan(values(reading)["A1"][0])
    assert values(reading, "Reduced")["A1"] == [0.11]
    flag = raw.flags[0]
    assert (flag.well, flag.flag, flag.text) == ("A1", FlagKind.FAILED, "Path?")
    assert str(flag.place) == "line 4, field 3"


def test_wavelengths_stand_side_by_side():
    reading = of(
        plate(
            COLUMNS + "\t\t1\t2\t3",
            "\t37\t1\t2\t3\t\t10\t20\t30",
            "\t\t4\t5\t6\t\t40\t50\t60",
            "",
            n=2,
            nm="450 620",
        )
    )

    first, second = reading.plates[0].reads
    assert (first.label, first.wavelength_nm) == ("450", 450.0)
    assert (second.label, second.wavelength_nm) == ("620", 620.0)
    assert values(reading, "620")["B3"] == [60.0]


def test_number_between_two_wavelengths_is_refused():
    with pytest.raises(Malformed, match=r"line 4, field 6.*empty field between"):
        of(
            plate(
                COLUMNS + "\t\t1\t2\t3",
                "\t37\t1\t2\t3\t9\t10\t20\t30",
                "\t\t4\t5\t6\t\t40\t50\t60",
                "",
                n=2,
                nm="450 620",
            )
        )


def test_kinetic_matrices_have_times_and_drop_unread_ones():
    reading = of(
        plate(
            COLUMNS,
            "0:00\t37\t1\t2\t3", "\t\t4\t5\t6", "",
            "1:30\t37\t1.5\t2.5\t3.5", "\t\t4.5\t5.5\t6.5", "",
            "3:00\t37\t\t\t", "\t\t\t\t", "",
            kind="Kinetic", points=3, time=180, step=90,
        )
    )  # fmt: skip

    measured = reading.plates[0].reads[0]
    assert measured.kind is Kind.KINETIC
    assert measured.time_s.tolist() == [0.0, 90.0]
    assert values(reading)["B3"] == [6.0, 6.5]
    assert any("3 points are announced, 2 hold values" in m.text for m in reading.messages)


def test_time_format_has_one_line_a_time():
    wells = "\t".join(f"{row}{column}" for row in "AB" for column in (1, 2, 3))
    reading = of(
        plate(
            f"Time\tTemperature(¡C)\t{wells}",
            "00:00:00\t21.6\t1\t2\t3\t4\t5\t6",
            "00:00:15\t21.5\t1.5\t2.5\t3.5\t4.5\t5.5\t6.5",
            "",
            f"\t\t{wells}",
            "\t\t-1\t-2\t-3\t-4\t-5\t-6",
            form="TimeFormat",
            kind="Kinetic",
            points=2,
        )
    )

    measured, reduced = reading.plates[0].reads
    assert measured.time_s.tolist() == [0.0, 15.0]
    assert measured.temperature_c.tolist() == [21.6, 21.5]
    assert values(reading)["B3"] == [6.0, 6.5]
    assert reduced.calculated
    assert values(reading, "Reduced")["B3"] == [-6.0]


def test_wavelengths_below_each_other_in_time_format():
    wells = "\t".join(f"{row}{column}" for row in "AB" for column in (1, 2, 3))
    reading = of(
        plate(
            f"\tTemperature(¡C)\t{wells}",
            "\t25\t1\t2\t3\t4\t5\t6",
            "",
            "\t25\t10\t20\t30\t40\t50\t60",
            "",
            form="TimeFormat",
            n=2,
            nm="450 620",
        )
    )

    assert values(reading, "450")["A1"] == [1.0]
    assert values(reading, "620")["A1"] == [10.0]


def test_spectrum_has_its_wavelengths():
    reading = of(
        plate(
            COLUMNS, "525\t25\t1\t2\t3", "\t\t4\t5\t6", "",
            "527\t25\t1.5\t2\t3", "\t\t4\t5\t6", "", kind="Spectrum", points=2, n="", nm="",
        )
    )  # fmt: skip

    measured = reading.plates[0].reads[0]
    assert measured.kind is Kind.SPECTRUM
    assert measured.spectrum_nm.tolist() == [525.0, 527.0]
    assert measured.wavelength_nm is None


def test_well_scan_is_an_area_scan():
    reading = of(
        plate(
            COLUMNS, "1\t25\t1\t2\t3", "\t\t4\t5\t6", "",
            "2\t25\t1.5\t2\t3", "\t\t4\t5\t6", "", kind="Well Scan", points=2, time="X", step="3",
        )
    )  # fmt: skip

    assert reading.plates[0].reads[0].kind is Kind.AREA_SCAN
    assert values(reading)["A1"] == [1.0, 1.5]


FLUORESCENCE = (
    "Plate:\tP\t1.3\tPlateFormat\tEndpoint\t{mode}\t{lead}Raw\tFALSE\t1\t\t\t\t\t\t1\t{nm}\t1\t3\t6"
    "\t{excitation}\tManual\t515\t\t\t6\t\t\t\t1\t2\r\n" + COLUMNS + "\r\n"
    "\t0\t1\t2\t#Sat\r\n\t\t4\t5\t6\r\n\r\n~End"
)


def test_fluorescence_has_both_wavelengths_and_no_temperature_of_zero():
    block = FLUORESCENCE.format(mode="Fluorescence", lead="FALSE\t", nm="535", excitation="485")

    reading = of(block)

    measured = reading.plates[0].reads[0]
    assert (measured.excitation_nm, measured.emission_nm) == (485.0, 535.0)
    assert measured.temperature_c is None
    assert measured.flags[0].flag is FlagKind.SATURATED
    assert any("incubator was off" in message.text for message in reading.messages)


def test_luminescence_without_filter_has_no_wavelength():
    block = FLUORESCENCE.format(mode="Luminescence", lead="", nm="0", excitation="")

    measured = of(block).plates[0].reads[0]

    assert measured.mode is Mode.LUMINESCENCE
    assert measured.wavelength_nm is measured.emission_nm is measured.excitation_nm is None


def test_decimal_comma_is_decided_for_each_plate():
    comma = plate(COLUMNS, "\t37\t0,1\t0,25\t3", "\t\t-4,5E-05\t5\t6", "", name="comma")

    reading = of(ENDPOINT, comma)

    first, second = reading.plates
    assert first.reads[0].values[0, 0] == 0.1
    assert second.reads[0].values[:4, 0].tolist() == [0.1, 0.25, 3.0, -4.5e-05]


def test_comma_in_a_plate_of_points_is_a_flag():
    reading = of(plate(COLUMNS, "\t37\t0.1\t0,2\t0.3", "\t\t0.4\t0.5\t0.6", ""))

    assert np.isnan(values(reading)["A2"][0])
    assert [(f.well, f.text) for f in reading.plates[0].reads[0].flags] == [("A2", "0,2")]


def test_comma_before_three_digits_alone_is_a_question():
    with pytest.raises(AmbiguousNumbers, match="1,234"):
        of(plate(COLUMNS, "\t37\t1,234\t2\t3", "\t\t4\t5\t6", ""))


def test_rows_above_the_first_that_was_read_keep_their_place():
    above = "\t\t\t\t"
    block = plate(
        COLUMNS, above, "0:00\t37\t4\t5\t6", "", above, "1:30\t37\t7\t8\t9", "",
        kind="Kinetic", points=2,
    )  # fmt: skip

    assert values(of(block)) == {"B1": [4.0, 7.0], "B2": [5.0, 8.0], "B3": [6.0, 9.0]}


def test_only_the_rows_that_were_read_may_be_written():
    block = ENDPOINT.replace("\t6\t1\t2\t", "\t12\t2\t2\t").replace("\t3\r\n\t37", "\t3\t4\r\n\t37")

    assert list(values(of(block))) == ["B1", "B2", "B3", "C1", "C2", "C3"]


@pytest.mark.parametrize("version", ["1,1", "1,3", "1.1"])
def test_older_and_localised_formats_are_read(version):
    block = ENDPOINT.replace("\t1.3\t", f"\t{version}\t").replace("\t1\t3\t6\t1\t2\t\t", "")

    reading = of(block)

    assert values(reading)["B3"] == [0.6]
    assert reading.plates[0].size == 6


def test_values_that_are_only_reduced_are_calculated():
    reading = of(plate(COLUMNS, "\t\t1\t2\t3", "\t\t4\t5\t6", "").replace("\tRaw\t", "\tReduced\t"))

    assert [r.calculated for r in reading.plates[0].reads] == [True]
    assert any("holds no measured value" in message.text for message in reading.messages)


def test_partial_plate_leaves_wells_out():
    reading = of(plate(COLUMNS, "\t37\t\t0.2\t0.3", "\t\t\t0.5\t0.6", ""))

    assert reading.plates[0].reads[0].wells == ("A2", "A3", "B2", "B3")


GROUP = (
    "Group: Standards\r\n"
    "Sample\tConcentration ng/mL\tWells\tOD\tMean\tPlateName\r\n"
    "01\t320.000\tA1\t3.418\t3.4\tPlate1\r\n"
    " \t \tA2\tMasked\t \tPlate1\r\n"
    "\r\n"
    "Group Column\tFormula Name\tFormula\tPrecision\tNotation\r\n"
    "1\tSample\t!SampleNames\t2 decimal places\tNumeric\r\n"
    '2\tConcentration\t!SampleDescriptor\t"3 decimal places"\tNumeric\r\n'
    "3\tWells\t!WellIDs\t2 decimal places\tNumeric\r\n"
    "4\tOD\t!WellValues\t3 decimal places\tNumeric\r\n"
    "5\tMean\tAverage(OD)\t3 decimal places\tNumeric\r\n"
    "6\tPlateName\t!WellPlateName\t3 decimal places\tNumeric\r\n"
    "\r\n"
    "Group Summaries\r\n"
    "Slope\t\t1.25\tSlope(OD)\t3 decimal places\tNumeric Notation\r\n"
    "~End "
)


def test_group_gives_layout_and_records():
    reading = of(ENDPOINT, GROUP)

    entry = reading.plates[0].layout["A2"]
    assert (entry.role, entry.sample, entry.group) == ("standard", "01", "Standards")
    assert reading.plates[0].layout["A1"].concentration == 320.0
    assert reading.records[0]["OD"] == 3.418
    assert reading.records[1]["Sample"] == "01"
    assert reading.records[1]["OD"] == "Masked"
    assert reading.records[-1]["summary"] == "Slope"


def test_group_alone_is_records_and_no_plate():
    reading = of(GROUP)

    assert reading.plates == ()
    assert reading.records[0]["Wells"] == "A1"


def test_every_number_is_accounted_for():
    reading = of(ENDPOINT.replace("0.3\r\n", "0.3\t77\r\n"), "stray\t12.5", announced=1)

    warning = next(m for m in reading.messages if "not read" in m.text)
    assert "(77)" in warning.text
    assert "(12.5)" in warning.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_encodings_and_line_ends_give_the_same_values(encoding, end):
    content = export(ENDPOINT, GROUP).replace("\r\n", end).encode(encoding)

    assert values(read(content, "x.txt")) == values(of(ENDPOINT, GROUP))


@pytest.mark.parametrize(
    ("block", "refusal", "words"),
    [
        (ENDPOINT.replace("~End", ""), Truncated, "~End"),
        (ENDPOINT.replace("\t\t0.4\t0.5\t0.6\r\n", ""), Truncated, "a matrix of 2 lines"),
        (ENDPOINT.replace("\t6\t1\t2", "\t4294967296\t1\t2"), Malformed, "whole number"),
        (ENDPOINT.replace("\t6\t1\t2", "\t7\t1\t2"), Malformed, "number of wells"),
        (ENDPOINT.replace("Absorbance", "Smell"), Malformed, "absorbance"),
        (ENDPOINT.replace("Endpoint", "Novel"), Malformed, "endpoint"),
        (ENDPOINT.replace("PlateFormat", "Other"), Malformed, "plateformat"),
        (ENDPOINT.replace("\tRaw\t", "\tOdd\t"), Malformed, "Raw, Reduced or Both"),
        (ENDPOINT.replace("450 ", "450 a"), Malformed, "nm"),
        (ENDPOINT.replace("\t1.3\t", "\t9.9\t"), Malformed, "format 1.3"),
        (ENDPOINT.replace("\t1\t2\t3\r\n\t37", "\t1\t3\t2\r\n\t37"), Malformed, "column numbers"),
        (ENDPOINT.replace("\t1\t2\t3\r\n\t37", "\t11\t12\t13\r\n\t37"), Malformed, "1 to 3"),
    ],
)
def test_broken_blocks_are_refused_with_what_was_expected(block, refusal, words):
    with pytest.raises(refusal, match=words):
        of(block)


def test_file_without_values_is_refused():
    with pytest.raises(NoMeasurement):
        of("Note:\r\nnothing\r\n~End")


def test_missing_blocks_without_a_last_line_are_a_cut_file():
    with pytest.raises(Truncated, match="2 blocks as announced"):
        of(ENDPOINT, announced=2, footer="")


def test_missing_blocks_with_a_last_line_are_a_warning():
    reading = of(ENDPOINT, announced=2)

    assert any("announces 2 blocks and holds 1" in m.text for m in reading.messages)


def test_times_that_go_back_are_refused():
    with pytest.raises(Malformed, match="a later time"):
        of(
            plate(
                COLUMNS, "1:30\t37\t1\t2\t3", "\t\t4\t5\t6", "",
                "0:00\t37\t1\t2\t3", "\t\t4\t5\t6", "", kind="Kinetic", points=2,
            )
        )  # fmt: skip


def test_uneven_line_is_a_warning():
    reading = of(plate(COLUMNS, "\t37\t0.1\t0.2\t0.3\t", "\t\t0.4\t0.5", ""))

    assert any("has 4 fields, the others" in m.text for m in reading.messages)


def test_cuvettes_are_named_as_not_read():
    reading = of("Cuvette Set:\tC1\r\n1\t2.5\r\n~End", ENDPOINT)

    assert any("Cuvette Set was not read" in m.text for m in reading.messages)


def test_spectra_of_another_format_that_counts_blocks_are_not_claimed():
    content = b"##TITLE= x\n##BLOCKS= 2\n##END="

    with pytest.raises(Exception, match="expected a file of one of these kinds"):
        read(content, "x.jdx")


WHOLE = export(
    "Note:\r\nfree text\r\n~End",
    ENDPOINT,
    plate(
        COLUMNS, "0:00\t37\t1\t2\t3", "\t\t4\t5\t6", "",
        "1:30\t37\t1.5\t2.5\t3.5", "\t\t4.5\t5.5\t6.5", "",
        "\t\t1\t2\t3", "\t\t1\t2\t3", "\t\t4\t5\t6", kind="Kinetic", points=2,
    ),
    FLUORESCENCE.format(mode="Fluorescence", lead="FALSE\t", nm="535", excitation="485"),
    GROUP,
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(STEPS)
def test_damaged_file_is_read_or_refused(steps):
    check(damaged(WHOLE.encode(), steps), "assay.txt")


def test_counts_of_blocks_lose_their_marks_or_stand_for_each_reading_appended():
    marked = export(ENDPOINT)

    bare = read(marked.replace("##BLOCKS", "BLOCKS").encode(), "softmax.txt")
    without = read(marked.split("\r\n", 1)[1].encode(), "softmax.txt")
    twice = read((marked + "\r\n" + marked).encode(), "softmax.txt")

    assert values(bare) == values(without) == values(of(ENDPOINT))
    assert len(twice.plates) == 2
    assert not [m for m in twice.messages if m.severity == "warning"]


def test_export_saved_with_commas_is_the_same_export():
    commas = export(ENDPOINT).replace("\t", ",").replace("##BLOCKS= 1", "##BLOCKS= 1,,,")
    with_day = commas.replace("Saved: 1/9", "Saved: 01/9")

    reading = read(with_day.encode(), "softmax.csv")

    assert values(reading) == values(of(ENDPOINT))
    assert reading.details["last saved"].startswith("01/9/2023")


OLD = "Original Filename: assay.pda   Date Last Saved: 3/21/2022"


def test_line_of_older_versions_is_parted_by_blanks():
    reading = of(ENDPOINT, footer=OLD)

    assert reading.details["original file"] == "assay.pda"
    assert reading.details["last saved"] == "3/21/2022"


def test_last_line_may_name_the_reader():
    footer = "Instrument type: SpectraMax M5 Instrument serial number: M5 01234"
    reading = of(ENDPOINT, footer=footer)
    empty = of(ENDPOINT, footer="Instrument type: Instrument serial number:")

    assert (reading.instrument.model, reading.instrument.serial) == ("SpectraMax M5", "M5 01234")
    assert (empty.instrument.model, empty.instrument.serial) == (None, None)


def group(*rows, summary="0,5"):
    return "\r\n".join(
        [
            "Group:\tResults\t1",
            "Sample\tWells\tRate\tDilution",
            *rows,
            "",
            "Group Column\tFormula Name\tFormula",
            "4\tDilution\t!Factor",
            "",
            "Group Summaries",
            f"Low\tAU\t{summary}\tMin(Rate)",
            "~End",
        ]
    )


@pytest.mark.parametrize(
    ("version", "rate", "value"),
    [
        ("1,3", "43,605", 43.605),
        ("1,3", "43.605", 43.605),
        ("1.3", "1231,785", 1231.785),
        ("1.3", "43,605", "43,605"),  # nothing tells what the comma means
    ],
)
def test_group_has_a_decimal_sign_of_its_own(version, rate, value):
    summary = "9" if "." in rate or value == "43,605" else "0,5"
    first = ENDPOINT.replace("\t1.3\t", f"\t{version}\t")

    reading = of(first, group(f"S1\tA1\t{rate}\t10", " \tA2\tNoFit\t", summary=summary))

    assert reading.records[0]["Rate"] == value
    assert reading.records[1]["Rate"] == "NoFit"
    assert reading.plates[0].layout["A1"].dilution == 10


def test_stopped_run_may_end_without_an_empty_line():
    reading = of(
        plate(
            "Time(hh:mm:ss)" + COLUMNS,
            *("0:00\t27\t1\t2\t3", "\t\t4\t5\t6", "\t\t"),
            *("0:05\t0.00\t\t\t", "\t\t\t\t"),
            kind="Kinetic",
            points=2,
            time=5,
            step=5,
        )
    )

    one = reading.plates[0].reads[0]
    assert (one.time_s.tolist(), one.values.shape) == ([0.0], (6, 1))
    texts = [message.text for message in reading.messages]
    assert "2 points are announced, 1 hold values" in texts
    assert not any("incubator" in text for text in texts)


def test_hours_that_a_spreadsheet_made_of_minutes_are_minutes():
    table = ["0:00:00\t27\t1\t2\t3", "\t\t4\t5\t6", "", "0:10:00\t27\t2\t2\t3", "\t\t4\t5\t6", ""]
    usual = {"kind": "Kinetic", "points": 2, "time": 10}

    mended = of(plate("Time" + COLUMNS, *table, step=10, **usual))
    plain = of(plate("Time" + COLUMNS, *table, step=600, **usual))

    assert mended.plates[0].reads[0].time_s.tolist() == [0.0, 10.0]
    assert any("made hours of minutes" in message.text for message in mended.messages)
    assert plain.plates[0].reads[0].time_s.tolist() == [0.0, 600.0]
