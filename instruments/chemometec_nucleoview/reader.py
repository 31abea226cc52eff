"""NucleoView: one sample per file, lines `key;value;` (NC-200, NC-250) or `key:<tab>value`.

NC-View (NC-202) writes such a file too, and a list of samples as a table.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from instruments.chemometec_nucleoview.lists import is_list, read_list
from instruments.errors import Malformed, NoMeasurement
from instruments.moments import started_at
from instruments.numerals import Numerals
from instruments.places import Place
from instruments.readings import DayMonthOrder, Instrument, Reading, StartedAt
from instruments.record_tables.tables import Record, flag_message
from instruments.source import Source

NAME = "chemometec_nucleoview"
VERSION = "1"

_NUMBERS = re.compile(
    r"\((?:%|cells/ml|um|ul)\)|\[(?:%|cells/ml|um|ul)\]|\(%\) of|factor$|Volume|^Viab|Index$",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"^(?:Viability \(%\)|Live \(cells/ml\)|Total \(cells/ml\))(?:;|:\t)", re.MULTILINE
)
_CHECKSUM = re.compile(r"//\[([0-9A-F]+)\]")
_SERIAL = re.compile(r"^s/n:?\s*", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})[ T_-](\d{2})(\d{2})(\d{2})")


def claims(source: Source) -> bool:
    head = source.head[:4096] if source.is_text else ""
    first = head.partition("\n")[0]
    if is_list(first):
        return True
    return (";" in first or ":\t" in first) and len(_MARKS.findall(head)) > 1


def read(source: Source) -> Reading:
    if is_list(source.lines[0]):
        return read_list(source)
    # Every line is one key; nothing else can hold a number, so the ledger has nothing to find.
    source.accounted()
    is_tabbed = ":\t" in source.lines[0]
    edge = ":\t" if is_tabbed else ";"
    record: Record = {}
    if not is_tabbed:
        record["Title"] = source.lines[0].partition(";")[0].strip() or None
    numerals = Numerals("," if re.search(r"[;\t]\d+,\d+", source.head) else ".")
    details: dict[str, str] = {}
    for number, line in _whole_lines(source.lines, 0 if is_tabbed else 1):
        checksum = _CHECKSUM.match(line.strip())
        if checksum is not None:
            details["checksum"] = checksum[1]
        elif line.strip(" ;"):
            _line(source, number, line.partition(edge), numerals, record)
    if not any(key.startswith(("Viability", "Total", "Live")) for key in record):
        raise NoMeasurement(source.filename, found="no count", expected="a viability or a total")
    serial = record.get("Instrument s/n") or record.get("Instrument")
    model = record.get("Instrument type")
    version = record.get("Application SW version") or record.get("Software version")
    return Reading(
        instrument=Instrument(
            vendor="ChemoMetec",
            software="NucleoView",
            software_version=None if version is None else str(version),
            model=None if model is None else str(model),
            serial=None if serial is None else _SERIAL.sub("", str(serial)),
        ),
        records=(record,),
        messages=tuple(flag_message([record])),
        started_at=_start(str(record.get("Date time") or ""))
        or _start_utc(str(record.get("Time (UTC)") or "")),
        details=details,
    )


def _whole_lines(lines: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
    """Lines from a number on; a note in brackets may run over the end of its line."""
    number = start
    while number < len(lines):
        first, line = number, lines[number]
        while line.count("(") > line.count(")") and number + 1 < len(lines):
            number += 1
            line = f"{line} {lines[number].strip()}"
        yield first + 1, line
        number += 1


def _line(
    source: Source, number: int, parts: tuple[str, str, str], numerals: Numerals, record: Record
) -> None:
    key, value = parts[0].strip(), parts[2].strip().removesuffix(";").strip()
    if key in record:
        raise Malformed(source.filename, place=Place(number), found=key, expected="each key once")
    if _NUMBERS.search(key) is None:
        record[key] = value or None
        return
    found = numerals.one(value)
    record[key] = found
    if found is None and value:
        record[f"{key} flag"] = value


def _start(text: str) -> StartedAt | None:
    """`20231120 163016`, local; the offset beside it has no unit and is kept as text only."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    try:
        value = datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None
    return StartedAt(text, value, "local", DayMonthOrder.PROVED)


def _start_utc(text: str) -> StartedAt | None:
    """`2021-09-09 09:49:29`, which its key names as UTC."""
    return started_at(f"{text}Z") if text else None
