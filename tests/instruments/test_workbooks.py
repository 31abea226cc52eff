"""Hostile workbooks are refused with a reason, and the process that opens them may die alone."""

import os

import pytest

from instruments import read
from instruments.errors import InstrumentFileError, TooLarge, Unreadable, Unsafe
from instruments.source import Source
from tests.instruments.workbook_bytes import MACRO, mars_rows, row, workbook

FAR = row(1, [1]) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def test_far_cell_in_a_tiny_workbook_is_refused_and_we_survive():
    content = workbook(FAR)

    with pytest.raises(TooLarge, match="1,048,576 rows"):
        read(content, "far.xlsx")

    assert len(content) < 2000
    assert read(workbook(mars_rows()), "next.xlsx").reader == "bmg_mars"


def test_range_of_more_cells_than_allowed_is_refused():
    cells = row(1, [1]) + '<row r="9000"><c r="ZZ9000"><v>1</v></c></row>'

    with pytest.raises(TooLarge, match="9,000 rows by 702 columns"):
        read(workbook(cells), "box.xlsx")


def test_far_column_is_refused():
    with pytest.raises(TooLarge, match="16,384 columns"):
        read(workbook('<row r="1"><c r="XFD1"><v>1</v></c></row>'), "wide.xlsx")


@pytest.mark.parametrize("blanks", [30_000_000, 150_000_000])
def test_padding_that_unpacks_out_of_proportion_is_refused(blanks):
    with pytest.raises(TooLarge, match=r"MB in xl/worksheets/sheet1\.xml"):
        read(workbook("<!--" + " " * blanks + "-->"), "bomb.xlsx")


@pytest.mark.parametrize(
    "content",
    [
        workbook("", extra={"xl/vbaProject.bin": b"x"}),
        workbook("", kind=MACRO),
        workbook("", extra={"xl/embeddings/oleObject1.bin": b"x"}),
        workbook("", before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        workbook("", before='<!DOCTYPE a [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>'),
    ],
    ids=["macro", "macro type", "embedded object", "external entity", "nested entity"],
)
def test_what_no_instrument_writes_is_refused(content):
    with pytest.raises(Unsafe):
        read(content, "unsafe.xlsx")


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 and nothing more", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600],
    ids=["archive", "old workbook"],
)
def test_broken_workbooks_are_refused(content):
    with pytest.raises(Unreadable):
        read(content, "broken.xlsx")


def test_extension_does_not_decide():
    assert read(workbook(mars_rows()), "named.txt").reader == "bmg_mars"


def test_hidden_sheet_is_not_used_and_not_passed_over_in_silence():
    source = Source(workbook(mars_rows(), states=("visible", "hidden", "veryHidden")), "h.xlsx")

    assert [grid.sheet for grid in source.sheets] == ["S1"]
    assert [m.text for m in source.messages] == [
        "sheet 'S2' is hidden and was not read",
        "sheet 'S3' is hidden and was not read",
    ]


def test_hidden_row_is_not_used_and_named():
    reading = read(workbook(mars_rows(hidden={8})), "rows.xlsx")

    assert reading.plates[0].reads[0].wells == ("A1", "A2", "A3")
    assert "sheet 'S1': hidden row 8 was not read" in [m.text for m in reading.messages]


def test_hidden_column_is_not_used_and_named():
    columns = '<cols><col min="3" max="3" hidden="1"/></cols>'

    source = Source(workbook(mars_rows(), columns=columns), "columns.xlsx")

    assert source.sheets[0].rows[6][:4] == ["A", 0.11, "", 0.13]
    assert [m.text for m in source.messages] == ["sheet 'S1': hidden column 3 was not read"]


def test_formula_without_value_is_named():
    cells = mars_rows() + '<row r="9"><c r="A9"><f>1+1</f></c></row>'

    reading = read(workbook(cells), "formula.xlsx")

    assert any("formula without a value" in m.text for m in reading.messages)


def test_dimension_tag_is_not_trusted():
    cells = mars_rows()
    content = workbook(cells, columns='<dimension ref="A1:XFD1048576"/>')

    assert read(content, "dimension.xlsx").plates[0].reads[0].values.size == 6


def test_child_is_started_anew_after_a_fork():
    read(workbook(mars_rows()), "before.xlsx")
    child = os.fork()
    if child == 0:
        try:
            read(workbook(mars_rows()), "inside.xlsx")
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the child must not run the rest of the tests
            os._exit(1)

    _, status = os.waitpid(child, 0)

    assert status == 0
    assert read(workbook(mars_rows()), "after.xlsx").reader == "bmg_mars"


def test_refusal_is_of_the_readers_own_root():
    assert issubclass(TooLarge, InstrumentFileError)
