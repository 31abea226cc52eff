"""Applied Biosystems QuantStudio, ViiA 7, StepOne, 7500, SDS 2: results as txt, csv or xlsx.

Sections in brackets follow each other; some name the well by its number only, and the sample setup
says which position that is. What the software computed (Ct, means, calls) is all that a results
table holds; raw and multicomponent data are the measured signals.
"""

import re
from collections.abc import Iterator

from instruments.accounting import Use
from instruments.appbio_quantstudio.sections import (
    Section,
    first_row,
    read_footers,
    read_header,
    read_section,
    sections,
    sheet_section,
)
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Message, Reading, Severity, StartedAt
from instruments.record_tables.dates import moment
from instruments.record_tables.tables import Record, calculated_message, flag_message
from instruments.source import Source
from instruments.wells import standard_name

NAME = "appbio_quantstudio"
VERSION = "1"

# Exports of the results alone may leave the block out and name the experiment.
_BLOCK = re.compile(r"^[\"*#\s]*(?:Block Type|Experiment (?:Type|Name|File Name))\b", re.MULTILINE)
_INSTRUMENT = re.compile(r"^[\"*#\s]*Instrument (?:Type|Name)\b", re.MULTILINE)
_TABLE = re.compile(
    r"^\[(?:Results|Sample Setup|Raw Data|Amplification Data|Multicomponent Data|Melt Curve)|"
    r"\b(?:CT|Ct|Cq|Cт)\b",
    re.MULTILINE,
)
# SDS 2 (7900HT, 7500) names neither block nor instrument.
_SDS = re.compile(r'"?SDS (\d\.\d[\d.]{0,8})"?[\s,]')
_CALCULATED = (
    *("CT", "Ct", "Cт", "Cq", "Ct Mean", "Cт Mean", "Cq Mean", "Ct SD", "Cт SD", "Cq SD"),
    *("Quantity Mean", "Quantity SD", "Delta Ct", "Delta Delta Ct", "RQ", "RQ Min", "RQ Max"),
    *("Rn", "Rn Mean", "Rn SD", "Delta Rn", "dRn", "Derivative"),
)
_NAME = re.compile(r"(\S.{2,80}?)\s+v?\d[\d.]*$")
_WHERE = ("Well Position", "Position", "Pos")


def claims(source: Source) -> bool:
    head = source.head
    if _SDS.match(head) is not None and _TABLE.search(head) is not None:
        return True
    if not ("Block Type" in head or "Experiment " in head) or "Instrument" not in head:
        return False
    is_headed = _BLOCK.search(head) is not None and _INSTRUMENT.search(head) is not None
    return is_headed and _TABLE.search(head) is not None


def read(source: Source) -> Reading:
    messages: list[Message] = []
    facts: dict[str, str] = {}
    records: list[Record] = []
    for grid, found in _tables(source):
        facts = read_header(grid, first_row(grid, found)) | read_footers(grid, found) | facts
        for section in found:
            records += read_section(grid, section, messages)
    if not records:
        raise NoMeasurement(
            source.filename, found="no row in any section", expected="at least one well"
        )
    _name_wells(records)
    start, notes = _start(facts)
    messages += notes
    names = {name for record in records for name in record}
    sds = _SDS.match(source.head)
    version = facts.get("Software Name and Version") or facts.get("Version")
    return Reading(
        instrument=Instrument(
            vendor="Applied Biosystems",
            software=_software(version) if sds is None else "SDS",
            software_version=version if sds is None else sds[1],
            model=facts.get("Instrument Type"),
            serial=facts.get("Instrument Serial Number"),
        ),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(_CALCULATED, names), *messages),
        started_at=start,
        details={key: value for key, value in facts.items() if value and value != "NA"},
    )


def _software(version: str | None) -> str:
    """The name that stands before the version: `Design & Analysis Software v2.6.0`."""
    found = None if version is None else _NAME.match(version)
    return "QuantStudio Real-Time PCR Software" if found is None else found[1]


def _tables(source: Source) -> Iterator[tuple[Grid, list[Section]]]:
    """The sections of a text, or one table per sheet of a workbook."""
    if source.is_workbook:
        for grid in source.sheets:
            section = sheet_section(grid)
            if section is not None:
                yield grid, [section]
            else:
                grid.ledger.mark(Use.HEADER, 0, len(grid))
        return
    grid = source.split("\t" if "\t" in source.head else source.delimiter)
    found = sections(grid)
    if found:
        yield grid, found


def _name_wells(records: list[Record]) -> None:
    """A1 form for positions; a well number alone gets the position that the setup gives it."""
    positions: dict[object, str] = {}
    names: dict[object, str] = {}
    nameless = []
    for record in records:
        key = next((key for key in _WHERE if record.get(key)), None)
        text = record.get(key or "Well")
        name = names.get(text)
        if name is None:
            name = names[text] = standard_name(str(text)) or str(text or "")
        if key is not None:
            record[key] = name
            positions.setdefault(record.get("Well"), name)
        elif isinstance(text, str):
            record["Well"] = name
        elif text is not None:
            nameless.append(record)
    for record in nameless:
        position = positions.get(record["Well"])
        if position is not None:
            record["Well Position"] = position


def _start(facts: dict[str, str]) -> tuple[StartedAt | None, list[Message]]:
    """The start of the run where it is named; an end is no start and is said to be one."""
    for key in (
        "Experiment Run Start Time",
        "Run Start Date/Time",
        "Run Started",
        "Run Start Time",
    ):
        found = moment(facts.get(key, ""))
        if found is not None:
            return found, []
    end = facts.get("Experiment Run End Time", "")
    if not end or end == "Not Started":
        return None, []
    text = f"the file names the end of the run only: {end}"
    return None, [Message(Severity.INFO, text)]
