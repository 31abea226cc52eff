"""Small workbooks made by hand, also such as no spreadsheet program would write."""

import io
import zipfile

import openpyxl

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def spreadsheet(sheets):
    """A workbook as a spreadsheet program saves it: rows of cells by the name of their sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook(
    cells, *, extra=None, kind=PLAIN, before="", states=("visible",), columns="", sheets=None
):
    """A workbook whose sheets hold the given rows (XML of `sheetData`), each its own or all one."""
    stream = io.BytesIO()
    numbers = range(1, len(states) + 1)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        names = "".join(
            f'<sheet name="S{n}" sheetId="{n}" state="{state}" r:id="rId{n}"/>'
            for n, state in zip(numbers, states, strict=True)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{before}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{names}</sheets>'
            "</workbook>",
        )
        relations = "".join(
            f'<Relationship Id="rId{n}" Type="{_RELATION}/worksheet" '
            f'Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        )
        for n, rows in zip(numbers, sheets or [cells] * len(states), strict=True):
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml",
                f'<worksheet xmlns="{_MAIN}">{columns}<sheetData>{rows}</sheetData></worksheet>',
            )
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return stream.getvalue()


def row(number, cells, attributes=""):
    """One row; a string becomes an inline text, a number a number."""
    parts = []
    for index, cell in enumerate(cells):
        place = f"{chr(65 + index)}{number}"
        if isinstance(cell, str):
            parts.append(f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>')
        elif cell is not None:
            parts.append(f'<c r="{place}"><v>{cell}</v></c>')
    return f'<row r="{number}"{attributes}>{"".join(parts)}</row>'


def mars_rows(hidden=()):
    """A BMG plate of two by three wells."""
    rows = [
        ["User: U"],
        ["Test ID: 7"],
        ["Test Name: t"],
        ["Absorbance"],
        [None, "1. Raw Data (600)"],
        [None, 1, 2, 3],
        ["A", 0.11, 0.12, 0.13],
        ["B", 0.21, 0.22, 0.23],
    ]
    return "".join(
        row(n, cells, ' hidden="1"' if n in hidden else "") for n, cells in enumerate(rows, 1)
    )
