"""Figures that a person read in the raw bytes of real i-control exports."""

import pytest

from instruments import read
from tests.instruments.expectation import SHARED

FOLDER = SHARED / "tecan"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the real files are not at hand")


def of(name):
    return read((FOLDER / name).read_bytes(), name)


def value(measured, well, point=0):
    return measured.values[measured.wells.index(well), point]


def test_csv_with_cycles_in_rows():
    absorbance, luminescence = of("icontrol-csv/tecanON1.csv").plates[0].reads

    assert value(absorbance, "A12", 5) == 0.047499999
    assert absorbance.time_s[24] == 7279.6
    assert value(luminescence, "A7", 25) == 2113
    assert value(luminescence, "A1", 50) == 6


def test_four_labels_on_their_own_columns():
    reading = of("icontrol-txt/20140109_0042_MUF_AMC_substrates.txt")

    third = reading.plates[0].reads[2]
    assert set(third.wells) == {f"{row}{column}" for row in "ABCDEFGH" for column in (7, 8, 9)}
    assert value(third, "G8") == 602
    assert third.temperature_c.tolist() == [23.3]


def test_means_of_several_reads_and_their_positions():
    reading = of("icontrol-xlsx/tread_time_series_multiple_reads.xlsx")

    mean, spread = reading.plates[0].reads
    assert value(mean, "A6", 3) == 0.10350000113248825
    assert value(spread, "A2", 1) == 0.01600000075995922
    position = next(r for r in reading.records if (r["well"], r["position"]) == ("A6", "0;1"))
    assert position["values"][6] == 0.11490000039339066


def test_rows_below_the_last_well_are_named():
    reading = of("icontrol-xlsx/icontrol2_endpoint_plus_kinetic.xlsx")

    assert value(reading.plates[0].reads[1], "A4", 6) == 0.08560000360012054
    assert any("cell B166 (4)" in message.text for message in reading.messages)


def test_workbook_named_xls():
    measured = of("icontrol-xls/infinite_fluorescence_290212_100.xls").plates[0].reads[0]

    assert value(measured, "G6") == 8207
    assert (measured.excitation_nm, measured.emission_nm) == (485.0, 535.0)
