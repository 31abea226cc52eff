"""Figures that a person read in the raw bytes of real SoftMax Pro exports."""

import numpy as np
import pytest

from instruments import read
from tests.instruments.expectation import SHARED

FOLDER = SHARED / "moldev" / "softmax-txt"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the real files are not at hand")


def of(name):
    return read((FOLDER / name).read_bytes(), name)


def value(reading, well, point=0, plate=0, number=0):
    measured = [r for r in reading.plates[plate].reads if not r.calculated]
    chosen = measured[number]
    return chosen.values[chosen.wells.index(well), point]


def test_time_format_keeps_every_curve():
    reading = of("spectramax190_kinetic_timeformat.txt")

    assert value(reading, "A2", 5) == 0.0613
    assert value(reading, "A5", 6) == 0.0813
    assert reading.plates[0].reads[0].temperature_c[5:7].tolist() == [21.6, 21.5]


def test_columns_of_a_partial_plate_are_not_shifted():
    reading = of("spectramax340_kinetic_partial_plate.txt")

    assert value(reading, "B2", 1) == 0.1036
    assert value(reading, "A10", 2) == 0.0558
    assert "A1" not in reading.plates[0].reads[0].wells


def test_third_wavelength_of_the_first_plate():
    reading = of("MD_SMP_fluorescence_endpoint_example06.txt")

    assert value(reading, "A2", number=2) == 613510
    assert value(reading, "B12", number=1) == -142387.375
    assert value(reading, "H1") == 769035.25


def test_spectrum_of_the_last_line():
    reading = of("partial_plate.txt")

    assert value(reading, "B2", 1) == 0.0412
    assert np.isnan(reading.plates[0].reads[0].values).sum() == 0


def test_decimal_commas_in_a_file_of_points_are_flags():
    reading = of("abs_endpoint_plates.txt")

    flags = {flag.well: flag.text for flag in reading.plates[0].reads[0].flags}
    assert flags == {
        "B1": "Path?", "A2": "0,02", "B2": "0,14", "C3": "0,27", "D2": "0,38",
        "E2": "0,5", "F2": "0,62", "G2": "0,74", "H2": "0,86",
    }  # fmt: skip


def test_group_table_is_records_with_the_wells_of_its_lines():
    reading = of("group_table_only_pico_spectramax.txt")

    by_well = {record.get("Wells"): record for record in reading.records}
    assert by_well["G2"]["RFU_Values"] == 9722103
    assert by_well["G2"]["Sample"] == "100"
    assert by_well["C4"]["Concentration"] == 0.601
    assert len(reading.records) == 384
