"""CTL ImmunoSpot 7: spot counts, sizes and intensities per well, as text.

The counts are what was measured; sizes, areas and intensities are results of the image analysis.
"""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from instruments.ctl_immunospot.matrices import Contents, Histogram, Matrix, read_matrices
from instruments.errors import NoMeasurement
from instruments.places import Place
from instruments.readings import (
    DayMonthOrder,
    Instrument,
    Kind,
    Message,
    Mode,
    Plate,
    Read,
    Reading,
    Severity,
    StartedAt,
)
from instruments.record_tables.tables import Record
from instruments.source import Source
from instruments.wells import plate_size

NAME = "ctl_immunospot"
VERSION = "1"

_ANALYSED = re.compile(r"size|area|intensit|histogram|diffus", re.IGNORECASE)
_VERSION = re.compile(r"ImmunoSpot\s+(\d[\d.]*)")
_SERIAL = re.compile(r"Analyzer Serial number:\s*([^;\t]+)")
_PLATE_CODE = re.compile(r"Plate\s+Code\s*=[ ]*([^\t\r\n]*)")
_MOMENT = re.compile(
    r"(?:Counted:|updated on)\s*([A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4})"
)
_NUMBERS = re.compile(r"(?:^|\s)-?\d+(?:\.\d+)?(?=\s|$)")
_PLATE_ROW = re.compile(r"\s*[A-P]\s+-?\d")
_MANY = 3


def claims(source: Source) -> bool:
    head = source.head[:2048] if source.is_text else ""
    return "Software version: ImmunoSpot" in head or (
        "ImmunoSpot" in head and "Analyzer Serial number" in head
    )


def read(source: Source) -> Reading:
    # Cells are told by blanks or tabs, line by line; `_open_lines` does the accounting.
    source.accounted()
    found = read_matrices(source.lines, source.filename)
    if not found.matrices:
        raise NoMeasurement(
            source.filename, found="no matrix", expected="column numbers above lines A, B, C ..."
        )
    text = source.text
    version, serial, code = (p.search(text) for p in (_VERSION, _SERIAL, _PLATE_CODE))
    barcode = code[1].strip("\ufffd ") if code is not None else ""
    wells = {well for matrix in found.matrices for well in matrix.wells}
    return Reading(
        instrument=Instrument(
            vendor="Cellular Technology Limited (CTL)",
            software="ImmunoSpot",
            software_version=None if version is None else version[1],
            serial=None if serial is None else serial[1].strip(),
        ),
        plates=(
            Plate(
                index=1,
                reads=tuple(_read(matrix) for matrix in found.matrices),
                name=barcode or None,
                barcode=barcode or None,
                size=plate_size(wells),
            ),
        ),
        records=tuple(_records(found)),
        messages=tuple(_open_lines(source.lines, found)),
        started_at=_start(text),
    )


def _read(matrix: Matrix) -> Read:
    analysed = _ANALYSED.search(matrix.title) is not None
    return Read(
        label=matrix.title,
        mode=Mode.COUNT,
        kind=Kind.ENDPOINT,
        wells=tuple(matrix.wells),
        values=np.array(matrix.values, np.float64).reshape(-1, 1),
        calculated=analysed,
        unit=_unit(matrix.title) if analysed else "spots",
        flags=tuple(matrix.flags),
    )


def _unit(title: str) -> str | None:
    """The unit in brackets: `Mean spot sizes (Sq.mm)`."""
    match = re.search(r"\(([^()]+)\)\s*$", title)
    return None if match is None else match[1]


def _records(found: Contents) -> list[Record]:
    records = [record for matrix in found.matrices for record in _of_matrix(matrix)]
    for histogram in found.histograms:
        records += _of_histogram(histogram)
    return records


def _of_matrix(matrix: Matrix) -> list[Record]:
    texts = {flag.well: flag.text for flag in matrix.flags}
    records: list[Record] = []
    for well, value in zip(matrix.wells, matrix.values, strict=True):
        record: Record = {"read": matrix.title, "well": well}
        record["value"] = None if well in texts else value
        if well in texts:
            record["value flag"] = texts[well]
        records.append(record)
    return records


def _of_histogram(histogram: Histogram) -> list[Record]:
    return [
        {
            "read": histogram.title,
            "well": well,
            "count": values[0],
            "classes": histogram.classes,
            "histogram": values[1:],
        }
        for well, values in histogram.wells.items()
    ]


def _open_lines(lines: Sequence[str], found: Contents) -> list[Message]:
    """Lines of numbers that belong to no matrix; above the first one only lines of a plate row."""
    first = min(found.used)
    return [
        Message(Severity.WARNING, "a line of numbers was not read", Place(number + 1))
        for number, line in enumerate(lines)
        if number not in found.used
        and (number > first or _PLATE_ROW.match(line) is not None)
        and len(_NUMBERS.findall(line)) >= _MANY
    ]


def _start(text: str) -> StartedAt | None:
    match = _MOMENT.search(text)
    if match is None:
        return None
    try:
        value = datetime.strptime(match[1], "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007
    except ValueError:
        return None
    return StartedAt(match[1], value, "local", DayMonthOrder.PROVED)
