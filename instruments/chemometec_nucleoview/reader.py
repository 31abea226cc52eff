"""NucleoView NC-200 and NC-250: one sample per file, lines `key;value;`."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from instruments.errors import Malformed, NoMeasurement
from instruments.numerals import Numerals
from instruments.places import Place
from instruments.readings import DayMonthOrder, Instrument, Reading, StartedAt
from instruments.record_tables.tables import Record, flag_message
from instruments.source import Source

NAME = "chemometec_nucleoview"
VERSION = "1"

_NUMBERS = re.compile(
    r"\((?:%|cells/ml|um|ul)\)|\[(?:%|cells/ml|um|ul)\]|\(%\) of|factor$|Volume|^Viab",
    re.IGNORECASE,
)
_MARKS = re.compile(r"^(?:Viability \(%\)|Live \(cells/ml\)|Total \(cells/ml\));", re.MULTILINE)
_CHECKSUM = re.compile(r"//\[([0-9A-F]+)\]")
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})[ T_-](\d{2})(\d{2})(\d{2})")


def claims(source: Source) -> bool:
    head = source.head[:4096] if source.is_text else ""
    return len(_MARKS.findall(head)) > 1 and (";" in head.partition("\n")[0])


def read(source: Source) -> Reading:
    # Every line is one key; nothing else can hold a number, so the ledger has nothing to find.
    source.accounted()
    record: Record = {"Title": source.lines[0].partition(";")[0].strip() or None}
    numerals = Numerals("," if re.search(r";\d+,\d+", source.head) else ".")
    details: dict[str, str] = {}
    for number, line in _whole_lines(source.lines):
        checksum = _CHECKSUM.match(line.strip())
        if checksum is not None:
            details["checksum"] = checksum[1]
        elif line.strip(" ;"):
            _line(source, number, line, numerals, record)
    if not any(key.startswith(("Viability", "Total", "Live")) for key in record):
        raise NoMeasurement(source.filename, found="no count", expected="a viability or a total")
    serial = record.get("Instrument s/n")
    model = record.get("Instrument type")
    version = record.get("Application SW version")
    return Reading(
        instrument=Instrument(
            vendor="ChemoMetec",
            software="NucleoView",
            software_version=None if version is None else str(version),
            model=None if model is None else str(model),
            serial=None if serial is None else str(serial).removeprefix("s/n").strip(),
        ),
        records=(record,),
        messages=tuple(flag_message([record])),
        started_at=_start(str(record.get("Date time") or "")),
        details=details,
    )


def _whole_lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines from the second on; a note in brackets may run over the end of its line."""
    number = 1
    while number < len(lines):
        first, line = number, lines[number]
        while line.count("(") > line.count(")") and number + 1 < len(lines):
            number += 1
            line = f"{line} {lines[number].strip()}"
        yield first + 1, line
        number += 1


def _line(source: Source, number: int, line: str, numerals: Numerals, record: Record) -> None:
    key, _, rest = line.partition(";")
    key, value = key.strip(), rest.strip().removesuffix(";").strip()
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
