"""FlowJo: the table editor's export, one row per sample, one column per statistic, csv or txt.

Every number in it was computed by FlowJo from gates that a person drew; rows named Mean and SD are
computed from the rows above them.
"""

import re

from instruments.errors import NoMeasurement
from instruments.readings import Instrument, Message, Reading, Severity
from instruments.record_tables.tables import Columns, flag_message, names_of, read_records
from instruments.source import Source

NAME = "flowjo_tables"
VERSION = "1"

_STATISTIC = re.compile(
    r"\|\s*(?:Freq\. of|Count|Mean|Median|Geometric Mean|Mode|CV|Robust|SD|MFI|Percentile)"
)
_SUMMARIES = frozenset({"Mean", "SD", "Median", "CV", "Robust SD"})


def claims(source: Source) -> bool:
    first = source.head.lstrip().partition("\n")[0] if source.is_text else ""
    return _STATISTIC.search(first) is not None


def read(source: Source) -> Reading:
    grid = source.table
    head = next(row for row in range(len(grid)) if not grid.is_blank(row))
    names = names_of(grid, head)
    if not any(_STATISTIC.search(name) for name in names):
        raise grid.malformed(head, 0, "a head with a statistic such as `Lymphocytes | Count`")
    bottom = max((r + 1 for r in range(head + 1, len(grid)) if not grid.is_blank(r)), default=head)
    statistics = {name for name in names if _STATISTIC.search(name)}
    others = set(names) - statistics
    records = read_records(grid, head, bottom, Columns(others, statistics))
    records = [record for record in records if any(value is not None for value in record.values())]
    if not records:
        raise NoMeasurement(
            grid.file, found="no row below the head", expected="at least one sample"
        )
    sample = next((name for name in records[0] if name not in statistics), None)
    for record in records:
        record["calculated"] = sample is not None and record[sample] in _SUMMARIES
    text = "every number of a FlowJo table is a statistic that FlowJo computed from gated events"
    return Reading(
        instrument=Instrument(vendor="FlowJo", software="FlowJo"),
        records=tuple(records),
        messages=(*flag_message(records), Message(Severity.INFO, text)),
    )
