"""Exports that a spreadsheet program saved again: the same numbers in the same wells.

Laboratories open an export, look at it, and save it: with commas, with semicolons and decimal
commas where their country writes so, or as a workbook.
"""

import csv
import io
import re

import openpyxl
import pytest

from instruments import read
from instruments.source import Source
from tests.instruments.expectation import files

TEXTS = [path for path in files() if path.suffix.lower() in {".txt", ".csv", ".dat"}]
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
OTHERWISE = {
    # Cells with a decimal comma are texts among numbers; saved again they are numbers like all.
    "abs_endpoint_plates.txt": {"workbook", "semicolons"},
    # Three digits after each comma: nothing proves that it is decimal, and the file is refused.
    "well_mode_milliseconds.txt": {"semicolons"},
    # Numbers with thousands, and sections for which the instrument's own workbook has sheets.
    "appbio_quantstudio_minimal_test01.txt": {"semicolons", "workbook"},
    # Names and values of one line, which only the instrument's own delimiters keep apart.
    "chemometec_nucleoview_example01.csv": {"workbook", "commas"},
    "Beckman_Vi-Cell-XR_example08_instrumentOutput.txt": {"workbook", "commas", "semicolons"},
    "ctl_immunospot_example1.txt": {"workbook", "commas", "semicolons"},
    # Where a matrix has no titles its place follows from the empty fields of each line.
    "untitled_matrix_H0109269D00.csv": {"workbook", "commas", "semicolons"},
}


def _is_number(cell):
    return isinstance(cell, str) and NUMBER.fullmatch(cell.strip()) is not None


def _delimited(rows, delimiter):
    stream, widest = io.StringIO(), max(map(len, rows))
    padded = [[*row, *[""] * (widest - len(row))] for row in rows]
    csv.writer(stream, delimiter=delimiter).writerows(padded)
    return stream.getvalue().encode()


def _commas(rows):
    return _delimited(rows, ",")


def _semicolons(rows):
    """As a spreadsheet program does it where the comma is decimal."""
    changed = [[c.replace(".", ",") if _is_number(c) else c for c in row] for row in rows]
    return _delimited(changed, ";")


def _workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([(float(c) if _is_number(c) else c) if c != "" else None for c in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WAYS = {"commas": _commas, "semicolons": _semicolons, "workbook": _workbook}


def _said(reading):
    """Wells and numbers of every read, and the numbers of every record."""
    plates = [
        [
            (each.kind, each.calculated, each.wells, [_digits(v) for v in each.values.ravel()])
            for each in plate.reads
        ]
        for plate in reading.plates
    ]
    records = [
        {key: _digits(value) for key, value in record.items() if isinstance(value, float | int)}
        for record in reading.records
    ]
    return plates, records


def _digits(number):
    """Thirteen digits; a spreadsheet keeps fifteen, the last one rounded."""
    return f"{number:.12e}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_that_was_saved_again_says_the_same(path, way):
    if way in OTHERWISE.get(path.name, ()):
        pytest.skip("saved in this way it is another file")
    if path.stat().st_size > 400_000:
        pytest.skip("large: its smaller brothers show the same")
    content = path.read_bytes()
    before = read(content, path.name)

    after = read(WAYS[way](Source(content, path.name).table.rows), "saved again")

    assert after.reader == before.reader
    assert _said(after) == _said(before)
