"""Exports that a spreadsheet program saved again: the same numbers in the same wells.

Laboratories open an export, look at it, and save it: with commas, with semicolons and decimal
commas where their country writes so, or as a workbook.
"""

import csv
import io
import re

import pytest

from instruments import read
from instruments.errors import InstrumentFileError
from instruments.source import Source
from tests.instruments.expectation import files
from tests.instruments.origin import invented
from tests.instruments.workbook_bytes import spreadsheet

LARGEST = 400_000  # bytes; the larger ones have a smaller file of the same form beside them
TEXTS = [
    path
    for path in files()
    if path.suffix.lower() in {".txt", ".csv", ".dat"} and path.stat().st_size < LARGEST
]
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
REFUSED = {
    # Three digits after each comma: nothing proves that it is decimal.
    "well_mode_milliseconds.txt": {"semicolons"},
    # Names and values of one line, which only the instrument's own delimiters keep apart.
    "chemometec_nucleoview_example01.csv": {"workbook", "commas"},
    "Beckman_Vi-Cell-XR_example08_instrumentOutput.txt": {"workbook", "commas", "semicolons"},
    "ctl_immunospot_example1.txt": {"workbook", "commas", "semicolons"},
    # Where a matrix has no titles its place follows from the empty fields of each line.
    "untitled_matrix_H0109269D00.csv": {"workbook", "commas", "semicolons"},
}
ANOTHER = {
    # Cells with a decimal comma are texts among numbers; saved again they are numbers like all.
    "abs_endpoint_plates.txt": {"workbook", "semicolons"},
    # Numbers with thousands, and sections for which the instrument's own workbook has sheets.
    "appbio_quantstudio_minimal_test01.txt": {"semicolons", "workbook"},
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
    cells = [[float(cell) if _is_number(cell) else cell for cell in row] for row in rows]
    return spreadsheet({"Sheet": cells})


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


def _cases(among):
    return [
        pytest.param(path, way, id=f"{path.parent.name}/{path.name}-{way}")
        for path in TEXTS
        for way in WAYS
        if among(path.name, way)
    ]


def _is_refused(name, way):
    return way in REFUSED.get(name, ())


def _is_another(name, way):
    return way in ANOTHER.get(name, ())


def _resaved(path, way):
    return WAYS[way](Source(path.read_bytes(), path.name).table.rows)


@pytest.mark.parametrize(
    ("path", "way"), _cases(lambda *case: not _is_refused(*case) and not _is_another(*case))
)
def test_a_file_that_was_saved_again_says_the_same(path, way):
    before = read(path.read_bytes(), path.name)

    after = read(_resaved(path, way), "saved again")

    assert after.reader == before.reader
    assert _said(after) == _said(before)


@pytest.mark.parametrize(("path", "way"), _cases(_is_refused))
def test_a_file_that_lost_its_form_is_refused(path, way):
    with pytest.raises(InstrumentFileError):
        read(_resaved(path, way), "saved again")


@pytest.mark.parametrize(("path", "way"), _cases(_is_another))
def test_a_file_that_became_another_invents_nothing_and_says_so(path, way):
    content = _resaved(path, way)

    after = read(content, "saved again")

    assert invented(after, content) == set()
    assert [message for message in after.messages if message.severity == "warning"]
