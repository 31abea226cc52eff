"""One reader for a file, or a refusal that names the candidates; every number accounted for."""

import json
import subprocess
import sys

import numpy as np
import pytest

from instruments import catalogue, limits, read
from instruments.errors import (
    AmbiguousFormat,
    InstrumentFileError,
    Malformed,
    TooLarge,
    UnknownFormat,
)
from instruments.source import Source
from tests.instruments.expectation import files
from tests.instruments.workbook_bytes import mars_rows, workbook

MARS = (
    "User: U,Path: x,Test run no.: 1\nTest name: t\nAbsorbance\n\nRaw Data (600)\n\n"
    ",1,2,3\nA,0.1,0.2,0.3\nB,0.4,0.5,0.6\n"
)


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_exactly_one_reader_claims_a_file(path):
    source = Source(path.read_bytes(), path.name)

    assert len([r.NAME for r in catalogue.readers() if r.claims(source)]) == 1


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_same_bytes_give_the_same_document(path):
    content = path.read_bytes()

    first, second = (json.dumps(read(content, path.name).to_json()) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_name_of_the_file_does_not_decide(path):
    content = path.read_bytes()

    assert read(content, "x.bin").to_json() == read(content, "y.csv").to_json()


@pytest.mark.parametrize("path", files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_wells_are_named_once_and_arrays_fit(path):
    for plate in read(path.read_bytes(), path.name).plates:
        for each in plate.reads:
            assert len(set(each.wells)) == len(each.wells)
            assert each.values.dtype == np.float64
            assert each.values.shape[0] == len(each.wells)
            points = each.values.shape[1]
            for axis in (each.time_s, each.spectrum_nm):
                assert axis is None or len(axis) == points
            for flag in each.flags:
                assert flag.well in each.wells
                assert np.isnan(each.values[each.wells.index(flag.well), flag.index])


def test_unknown_content_names_what_is_known():
    with pytest.raises(UnknownFormat, match="biotek_gen5") as refusal:
        read(b"hello,world\n1,2\n", "notes.csv")

    assert str(refusal.value).startswith("notes.csv: found hello,world, expected")


def test_content_that_two_readers_claim_is_refused_with_both_names():
    gen5 = "Software Version,3.1\nReader Type:,x\n"

    with pytest.raises(AmbiguousFormat, match="biotek_gen5 and bmg_mars"):
        read((MARS + gen5).encode(), "both.csv")


def test_empty_file_is_refused():
    with pytest.raises(Malformed, match="an empty file"):
        read(b" \r\n", "empty.txt")


@pytest.mark.parametrize("content", [b"%PDF-1.7\n\x00\x01", b"\x89PNG\r\n\x1a\n\x00", b"<html>"])
def test_other_kinds_of_file_are_refused(content):
    with pytest.raises(InstrumentFileError):
        read(content, "results.xlsx")


def test_too_many_bytes_are_refused_before_anything_is_decoded():
    with pytest.raises(TooLarge, match="50 MB"):
        read(b"x" * (limits.FILE_BYTES + 1), "big.txt")


@pytest.mark.parametrize(
    ("text", "limit"),
    [("\n" * (limits.LINES + 2), "lines"), ("," * (limits.COLUMNS + 5), "columns")],
)
def test_too_many_lines_or_columns_are_refused(text, limit):
    with pytest.raises(TooLarge) as refusal:
        read((MARS + text).encode(), "long.csv")

    assert refusal.value.limit == limit


def test_folders_and_signs_in_the_name_are_dropped():
    assert Source(b"a", "../../etc/x\x00y.csv").filename == "xy.csv"


def test_number_that_no_reader_used_is_named_in_a_warning():
    reading = read((MARS + "\nmy own note,42,43\n").encode(), "note.csv")

    warnings = [m.text for m in reading.messages if m.severity == "warning"]
    assert warnings == ["2 numbers were not read: line 11, field 2 (42), line 11, field 3 (43)"]


def test_file_without_strange_numbers_gives_no_warning():
    assert read(MARS.encode(), "plain.csv").messages == ()


def test_number_beside_a_matrix_of_a_workbook_is_named():
    cells = mars_rows().replace('<c r="D8">', '<c r="F8"><v>9</v></c><c r="D8">')

    reading = read(workbook(cells), "beside.xlsx")

    assert [m.text for m in reading.messages] == ["1 number was not read: sheet 'S1', cell F8 (9)"]


def test_importing_the_package_is_quick():
    code = (
        "import time; t = time.perf_counter(); import instruments; print(time.perf_counter() - t)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert float(done.stdout) < 0.15
