"""NC-View's list of samples: one row per sample, `NAME,SAMPLE ID,…,VIABILITY (%),…`."""

import re

from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Message, Reading, Severity
from instruments.record_tables.tables import Columns, Record, flag_message, read_records
from instruments.source import Source

_TEXTS = {
    "NAME",
    "SAMPLE ID",
    "TAGS",
    "PROTOCOL",
    "MEDIA",
    "USER",
    "OPERATOR",
    "SIGNED BY",
    "INSTRUMENT",
    "STATUS",
}
_NUMBERS = {
    "TOTAL (cells/ml)",
    "LIVE (cells/ml)",
    "DEAD (cells/ml)",
    "VIABILITY (%)",
    "DIAMETER (µm)",
    "AGGREGATES (%)",
    "DEBRIS INDEX",
    "DILUTION FACTOR",
}
_BLANK = " \u00a0\u2009\u202f"
_GROUPED = re.compile(rf"[+-]?\d{{1,3}}(?:[{_BLANK}]\d{{3}})+(?:[.,]\d+)?")
_SERIAL = re.compile(r"^s/n:?\s*", re.IGNORECASE)


def is_list(first: str) -> bool:
    """Whether the first line of a text is the head of such a list."""
    line = first.replace('"', "")
    return line.startswith("NAME") and "VIABILITY (%)" in line and "(cells/ml)" in line


def read_list(source: Source) -> Reading:
    grid = source.table
    bottom = max((row + 1 for row in range(len(grid)) if not grid.is_blank(row)), default=0)
    _without_blanks(grid, bottom)
    records = [
        record
        for record in read_records(grid, 0, bottom, Columns(_TEXTS, _NUMBERS))
        if any(value is not None for value in record.values())
    ]
    if not records:
        raise NoMeasurement(grid.file, found="no row below the head", expected="one sample or more")
    serials = {_SERIAL.sub("", str(record.get("INSTRUMENT") or "")) for record in records}
    return Reading(
        instrument=Instrument(
            vendor="ChemoMetec",
            software="NC-View",
            serial=(serials.pop() or None) if len(serials) == 1 else None,
        ),
        records=tuple(records),
        messages=(*flag_message(records), *_warned(records)),
    )


def _without_blanks(grid: Grid, bottom: int) -> None:
    """Join the thousands of numbers: `274 000`."""
    columns = [column for column in range(grid.width(0)) if grid.text(0, column) in _NUMBERS]
    for row in range(1, bottom):
        for column in columns:
            text = grid.text(row, column)
            if _GROUPED.fullmatch(text):
                grid.rows[row][column] = re.sub(rf"[{_BLANK}]", "", text)


def _warned(records: list[Record]) -> list[Message]:
    warned = [
        str(record["STATUS"]) for record in records if record.get("STATUS") not in (None, "OK")
    ]
    if not warned:
        return []
    named = ", ".join(sorted(set(warned))[:5])
    text = f"status other than OK in {len(warned)} of {len(records)} samples: {named}"
    return [Message(Severity.WARNING, text)]
