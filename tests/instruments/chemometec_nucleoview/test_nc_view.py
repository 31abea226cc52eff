"""Lists of NC-View: a row for each sample."""

import pytest
from hypothesis import given

from instruments import read
from instruments.errors import Malformed, NoMeasurement
from tests.instruments.neighbours.mutations import PATIENT, check, damaged

HEAD = (
    "NAME,SAMPLE ID,TAGS,PROTOCOL,MEDIA,USER,OPERATOR,SIGNED BY,INSTRUMENT,STATUS,TOTAL (cells/ml),"
    "LIVE (cells/ml),DEAD (cells/ml),VIABILITY (%),DIAMETER (µm),AGGREGATES (%),DEBRIS INDEX,"
    "DILUTION FACTOR\n"
)
FIRST = (
    "20310219-00019,12,,Count & Viability,,lab,lab,,S/N: 900210,OK,274 000,1.07E+06,8\u00a0210,"
    "96.9,13.2,1.0,3,1.00\n"
)
SECOND = (
    "20310219-00020,13,,Count & Viability,,lab,lab,,S/N: 900210,Warning: few cells,1 274 000,"
    "99 000,820,<8,13.2,-,3,1.00\n"
)


def test_numbers_grouped_by_blanks_are_whole():
    reading = read((HEAD + FIRST).encode(), "list.csv")

    (record,) = reading.records
    assert reading.reader == "chemometec_nucleoview"
    assert (reading.instrument.software, reading.instrument.serial) == ("NC-View", "900210")
    assert record["TOTAL (cells/ml)"] == 274000
    assert record["LIVE (cells/ml)"] == 1070000
    assert record["DEAD (cells/ml)"] == 8210
    assert (record["SAMPLE ID"], record["VIABILITY (%)"]) == ("12", 96.9)
    assert not reading.messages


def test_texts_in_place_of_numbers_are_flags_and_warnings_are_said():
    reading = read((HEAD + FIRST + SECOND).encode(), "list.csv")

    record = reading.records[1]
    assert record["TOTAL (cells/ml)"] == 1274000
    assert (record["VIABILITY (%)"], record["VIABILITY (%) flag"]) == (None, "<8")
    assert any(
        "status other than OK in 1 of 2 samples: Warning: few cells" in message.text
        for message in reading.messages
    )


def test_list_with_semicolons_and_decimal_commas():
    text = (HEAD + FIRST).replace(",", ";").replace("96.9", "96,9").replace("13.2", "13,2")
    text = text.replace("1.07E+06", "1,07E+06").replace(";1.0;", ";1,0;").replace("1.00", "1,00")

    (record,) = read(text.encode(), "list.csv").records

    assert (record["VIABILITY (%)"], record["DIAMETER (µm)"]) == (96.9, 13.2)
    assert (record["TOTAL (cells/ml)"], record["LIVE (cells/ml)"]) == (274000, 1070000)


def test_list_from_two_instruments_names_none():
    other = FIRST.replace("900210", "900211")

    assert read((HEAD + FIRST + other).encode(), "list.csv").instrument.serial is None


def test_head_without_samples_is_refused():
    with pytest.raises(NoMeasurement):
        read(HEAD.encode(), "list.csv")


def test_row_with_more_cells_than_the_head_is_refused():
    with pytest.raises(Malformed, match="line 2"):
        read((HEAD + FIRST.replace("1.00\n", "1.00,77\n")).encode(), "list.csv")


@given(damaged((HEAD + FIRST + SECOND).encode()))
@PATIENT
def test_damaged_list_is_read_or_refused(content):
    check(content, "list.csv")
