import pytest
from hypothesis import given

from instruments import read
from instruments.errors import Malformed
from tests.instruments.neighbours.mutations import PATIENT, check, damaged, shared

INFO = (
    "Plate information \r\nPlate\tRepeat\tBarcode\tMeasurement date\tChamber temperature at start\t"
    'Chamber temperature at end\t\r\n1\t1\t=""\t2022-12-21 15:24:10\t19.2\t19.4\t\r\n\r\n'
    "No background information available.\r\n\r\n"
)
FOOT = "\r\nOperations:\r\n  Spectrum scan\r\n    Meas\t\t\t\tA\r\n    Tech\t\t\t\tFluorescence\r\n\r\nExported with EnSpire Workstation version 4.10.3005.1440\r\n"


def listed(head, *lines):
    return read((INFO + "\r\n".join([head, *lines]) + "\r\n" + FOOT).encode(), "x.csv")


def test_spectrum_is_one_line_per_well_and_wavelength():
    reading = listed(
        "Well\tSample\tMeasA:WavelengthExc\tMeasA:WavelengthEms\tMeasA:Result\t",
        *(
            f"{well}\tUNK1\t400\t{nm}\t{nm + at}\t"
            for at, well in enumerate(("A01", "B02"))
            for nm in (500, 510, 520)
        ),
    )

    (one,) = reading.plates[0].reads
    assert one.kind == "spectrum"
    assert one.spectrum_nm.tolist() == [500.0, 510.0, 520.0]
    assert one.values.tolist() == [[500.0, 510.0, 520.0], [501.0, 511.0, 521.0]]
    assert (one.excitation_nm, one.emission_nm) == (400.0, None)
    assert reading.plates[0].layout["B2"].sample == "UNK1"


def test_measurements_of_different_length_leave_no_invented_values():
    reading = listed(
        "Well\tMeasA:WavelengthExc\tMeasA:WavelengthEms\tMeasA:Result\tMeasB:WavelengthExc\tMeasB:WavelengthEms\tMeasB:Result\t",
        "A01\t300\t500\t1\t400\t600\t7\t",
        "A01\t310\t500\t2\t\t\t\t",
    )

    first, second = reading.plates[0].reads
    assert first.spectrum_nm.tolist() == [300.0, 310.0]
    assert second.values.tolist() == [[7.0]]
    assert second.kind == "endpoint"


def test_well_twice_at_one_wavelength_is_refused_with_its_line():
    with pytest.raises(Malformed, match=r"line 10.*each well once"):
        listed(
            "Well\tMeasA:WavelengthExc\tMeasA:WavelengthEms\tMeasA:Result\t",
            "A01\t300\t500\t1\t",
            "A01\t310\t500\t2\t",
            "A01\t310\t500\t3\t",
        )


def test_unknown_column_is_named_and_not_dropped_in_silence():
    reading = listed("Well\tMeasA:Result\tMeasA:Wobble\t", "A01\t5\t9\t")

    assert reading.plates[0].reads[0].values.tolist() == [[5.0]]
    assert any("MeasA:Wobble" in message.text for message in reading.messages)


def test_matrix_of_a_measurement_is_read():
    matrix = "Results for Meas A -  (RFU)\n,01,02,03,\nA,390,329,,\nB,574,0,1,\n\n"
    head = "Plate,Repeat,Barcode,Chamber temperature at start,Meas,ScanX,ScanY,Measinfo,Kinetics,Measurement date,"
    text = f"Plate information \n{head}\n1,1,,36.95,Meas A,0,0,De=1st Ex=Top Em=Top,0,2/13/2025 5:45:08 PM,\n\n{matrix}"

    reading = read(text.encode(), "x.csv")

    (one,) = reading.plates[0].reads
    assert reading.reader == "revvity_enspire"
    assert (one.label, one.unit, one.mode) == ("Meas A", "RFU", "fluorescence")
    assert dict(zip(one.wells, one.values[:, 0].tolist(), strict=True)) == {
        "A1": 390.0,
        "A2": 329.0,
        "B1": 574.0,
        "B2": 0.0,
        "B3": 1.0,
    }


@pytest.mark.skipif(not shared("revvity*/enspire*/*"), reason="the real files are not at hand")
def test_figures_that_a_person_read_in_the_raw_file():
    (path,) = shared("revvity*/enspire*/*")

    (one,) = read(path.read_bytes(), path.name).plates[0].reads

    row = one.values[one.wells.index("A3")].tolist()
    assert (row[0], row[6], row[18]) == (287.0, 441.0, 643.0)


SEED = (
    INFO
    + "Well\tSample\tMeasA:WavelengthExc\tMeasA:WavelengthEms\tMeasA:Result\t\r\n"
    + "".join(
        f"{well}\tUNK{i}\t400\t{nm}\t{nm * 3 + i}\t\r\n"
        for i, well in enumerate(("A01", "A02", "B01"))
        for nm in range(500, 520)
    )
    + FOOT
)


@given(damaged(SEED.encode()))
@PATIENT
def test_damaged_export_is_read_truly_or_refused(content):
    check(content, "x.csv")
