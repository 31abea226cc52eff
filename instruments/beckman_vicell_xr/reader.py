"""Vi-CELL XR 2.x: a text for one sample (`key : value`, series at the end), a workbook for many."""

import re

import numpy as np

from instruments.accounting import Use
from instruments.errors import Malformed, NoMeasurement
from instruments.grids import Grid
from instruments.numerals import Numerals
from instruments.places import Place
from instruments.readings import Instrument, Reading
from instruments.record_tables.dates import moment, worded_moment
from instruments.record_tables.tables import (
    Columns,
    Record,
    flag_message,
    read_records,
    table_end,
)
from instruments.source import Source

NAME = "beckman_vicell_xr"
VERSION = "1"

_TITLE = re.compile(r"\s*(Vi-CELL(?: XR)?)\s+(\d[\w.]*)\s*$")
_TEXTS = {
    "Sample ID",
    "File name",
    "Time",
    "LogDate",
    "RunDate",
    "FileDate",
    "Unit S/N",
    "User",
    "Analysis version",
    "Cell type",
    "Comment",
    "ImageDirectory",
    "ImageBaseName",
    "Field of view (microns)",
    "Image size",
}
_SERIES = re.compile(r"\w+Data")
_NUMERALS = Numerals(".")


_COLUMN_TEXTS = _TEXTS | {"Sample date/time", "Sample date", "Size range", "Decluster degree"}
_SERIAL = re.compile(r"(?:S/N|serial)\D{0,20}?[ :]([A-Z]{0,4}\d[\w-]{2,20})", re.IGNORECASE)


def claims(source: Source) -> bool:
    if source.is_workbook:
        head = source.head[:8192]
        return head.lstrip("\t\n ").startswith("Vi-CELL") and "Sample ID" in head
    head = source.head[:4096] if source.is_text else ""
    return head.lstrip().startswith("Vi-CELL") and "Viable cells :" in head and "RunDate" in head


def read(source: Source) -> Reading:
    if source.is_workbook:
        return _read_workbook(source)
    # Every line is one key; nothing else can hold a number, so the ledger has nothing to find.
    source.accounted()
    record: Record = {}
    for number, line in enumerate(source.lines, start=1):
        _line(source, number, line, record)
    if record.get("Total cells") is None and "Total cells flag" not in record:
        raise NoMeasurement(source.filename, found="no Total cells", expected="a counted sample")
    title = _TITLE.match(next(line for line in source.lines if line.strip()))
    run = str(record.get("RunDate") or "")
    serial = record.get("Unit S/N")
    return Reading(
        instrument=_instrument(title, None if serial is None else str(serial)),
        records=(record,),
        messages=tuple(flag_message([record])),
        started_at=worded_moment(run) or moment(run),
    )


def _instrument(title: re.Match[str] | None, serial: str | None) -> Instrument:
    return Instrument(
        vendor="Beckman Coulter",
        software="Vi-CELL XR",
        software_version=None if title is None else title[2],
        model="Vi-CELL XR",
        serial=serial,
    )


def _read_workbook(source: Source) -> Reading:
    """A record for each row; the names of the columns stand in two rows, then often their codes.

    Raises:
        NoMeasurement: no sheet with samples.
    """
    records: list[Record] = []
    above: list[str] = []
    for grid in source.sheets:
        head = next((r for r in range(len(grid)) if "Sample ID" in grid.texts(r, 0, 3)), None)
        if head is None:
            continue
        above += [grid.text(row, 0) for row in range(head)]
        grid.ledger.mark(Use.HEADER, 0, head)
        below = _name_columns(grid, head)
        records += read_records(grid, below, table_end(grid, below), Columns(_COLUMN_TEXTS))
    if not records:
        raise NoMeasurement(source.filename, found="no sample", expected="a row for each sample")
    title = next((match for line in above if (match := _TITLE.match(line)) is not None), None)
    serial = next((match for line in above if (match := _SERIAL.search(line)) is not None), None)
    dates = [str(r.get("Sample date/time") or r.get("Sample date") or "") for r in records]
    return Reading(
        instrument=_instrument(title, None if serial is None else serial[1]),
        records=tuple(records),
        messages=tuple(flag_message(records)),
        started_at=worded_moment(dates[0]) or moment(dates[0], dates),
    )


def _name_columns(grid: Grid, head: int) -> int:
    """Write the whole names (`Viable cells/ml (x10^6)`) into the last row above the samples."""
    if grid.text(head + 1, grid.texts(head, 0, 3).index("Sample ID")):
        return head  # the names stand in one row
    width = max(grid.width(head), grid.width(head + 1))
    upper, lower = grid.texts(head, 0, width), grid.texts(head + 1, 0, width)
    names = [f"{a} {b}".strip().replace(" /ml", "/ml") for a, b in zip(upper, lower, strict=True)]
    last = head + 1
    codes = [grid.number(head + 2, column) for column in range(width)]
    known = [code for code in codes if code is not None]
    if len(known) == width and known == sorted(set(known)):
        last += 1
    grid.ledger.mark(Use.HEADER, head, last + 1)
    grid.rows[last][:] = names
    return last


def _line(source: Source, number: int, line: str, record: Record) -> None:
    key, colon, value = line.partition(":")
    key, value = key.strip(), value.strip()
    if not colon or (line.rstrip().endswith((" :", "s:")) and not value):
        # "Results:" and "Settings:" are titles; "Comment :" is an empty field.
        return
    if key in record:
        raise Malformed(source.filename, place=Place(number), found=key, expected="each key once")
    if key in _TEXTS:
        record[key] = value or None
    elif _SERIES.fullmatch(key):
        record[key] = _series(source, number, value)
    else:
        found = _NUMERALS.one(value)
        record[key] = found
        if found is None and value:
            record[f"{key} flag"] = value


def _series(source: Source, number: int, text: str) -> list[float]:
    """Numbers separated by commas; some series end in one more comma."""
    cells = text.removesuffix(",").split(",")
    numbers = _NUMERALS.many(cells)
    if numbers.odd or not bool(np.isfinite(numbers.values).all()):
        found = numbers.odd[0][1] if numbers.odd else "an empty value"
        raise Malformed(
            source.filename, place=Place(number), found=found, expected="numbers between commas"
        )
    return [float(value) for value in numbers.values]
