"""FACSDiva's exported statistics: a table with one row per tube or well, as csv.

`Specimen Name, Tube Name, Record Date, $OP, All Events #Events, P1 %Parent, P1 FITC-A Mean`.
"""

import re
from dataclasses import replace

from instruments.errors import NoMeasurement
from instruments.readings import Instrument, Message, Reading, Severity, StartedAt
from instruments.record_tables.dates import moment, worded_moment
from instruments.record_tables.tables import Columns, flag_message, names_of, read_records
from instruments.source import Source
from instruments.wells import standard_name

_NAMES = re.compile(r'(?:^|[,;\t"])(?:Tube Name|Well Name|Specimen Name)(?:$|[,;\t"])')
_EVENTS = re.compile(r'\w #Events(?:$|[,;\t"])')
_STATISTIC = re.compile(
    r"(?:#Events|%(?:Parent|Total|Grandparent)|\b(?:Mean|Median|Mode|Min|Max|CV|SD|rCV|rSD))$"
)
_MONTH_FIRST = re.compile(r"([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4})(.*)")


def is_statistics(first: str) -> bool:
    """Whether the first line of a text is the head of such a table."""
    line = first.strip()
    return _NAMES.search(line) is not None and _EVENTS.search(line) is not None


def read_statistics(source: Source) -> Reading:
    grid = source.table
    head = next(row for row in range(len(grid)) if not grid.is_blank(row))
    bottom = max((r + 1 for r in range(head + 1, len(grid)) if not grid.is_blank(r)), default=head)
    names = names_of(grid, head)
    numbers = {name for name in names if _STATISTIC.search(name)}
    found = read_records(grid, head, bottom, Columns(set(names) - numbers, numbers))
    records = [record for record in found if any(value is not None for value in record.values())]
    if not records or not numbers:
        raise NoMeasurement(grid.file, found="no row below the head", expected="one tube or more")
    for record in records:
        well = standard_name(str(record.get("Well Name") or ""))
        if well is not None:
            record["Well Name"] = well
    start = _start([str(record.get("Record Date") or "") for record in records])
    text = "every number of this table is a statistic that FACSDiva computed from gated events"
    return Reading(
        instrument=Instrument(vendor="BD Biosciences", software="FACSDiva"),
        records=tuple(records),
        messages=(*flag_message(records), Message(Severity.INFO, text)),
        started_at=start,
    )


def _start(dates: list[str]) -> StartedAt | None:
    """The date of the first row; its month may be a word and stand first (`Sep 20, 2018 …`)."""
    match = _MONTH_FIRST.fullmatch(dates[0])
    if match is None:
        return moment(dates[0], dates)
    found = worded_moment(f"{match[2]} {match[1]} {match[3]}{match[4]}")
    return None if found is None else replace(found, text=dates[0])
