"""Vi-CELL XR 2.x: one sample per text file, lines `key : value`, series of numbers at the end."""

import re

import numpy as np

from instruments.errors import Malformed, NoMeasurement
from instruments.numerals import Numerals
from instruments.places import Place
from instruments.readings import Instrument, Reading
from instruments.record_tables.dates import moment, worded_moment
from instruments.record_tables.tables import Record, flag_message
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


def claims(source: Source) -> bool:
    head = source.head[:4096] if source.is_text else ""
    return head.lstrip().startswith("Vi-CELL") and "Viable cells :" in head and "RunDate" in head


def read(source: Source) -> Reading:
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
        instrument=Instrument(
            vendor="Beckman Coulter",
            software="Vi-CELL XR",
            software_version=None if title is None else title[2],
            model="Vi-CELL XR",
            serial=None if serial is None else str(serial),
        ),
        records=(record,),
        messages=tuple(flag_message([record])),
        started_at=worded_moment(run) or moment(run),
    )


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
