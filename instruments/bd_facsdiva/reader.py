"""BD FACSDiva 6 to 9: the experiment as XML, read as untrusted input; statistics as csv.

One record per tube and per population that a gate defines. A gate element without a number of
events is only a mention in a plot. Populations of a worksheet template belong to no tube.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from instruments.bd_facsdiva.statistics import is_statistics, read_statistics
from instruments.errors import NoMeasurement
from instruments.moments import started_at
from instruments.readings import Instrument, Message, Reading, Severity, StartedAt
from instruments.record_tables.tables import Record
from instruments.record_tables.trees import tree
from instruments.source import Source

NAME = "bd_facsdiva"
VERSION = "1"


def claims(source: Source) -> bool:
    if not source.is_text:
        return False
    head = source.head
    return "<bdfacs" in head[:4096] or is_statistics(head.lstrip().partition("\n")[0])


def read(source: Source) -> Reading:
    if "<bdfacs" not in source.head[:4096]:
        return read_statistics(source)
    # The tree is read by name; the ledger of cells knows nothing of XML.
    source.accounted()
    root = tree(source, "bdfacs")
    tubes = [
        (specimen.get("name", ""), tube)
        for specimen in root.iter("specimen")
        for tube in specimen.findall("tube")
    ]
    records = [record for specimen, tube in tubes for record in _tube(specimen, tube)]
    records += _templates(root)
    if not records:
        raise NoMeasurement(source.filename, found="no tube", expected="at least one tube")
    first = tubes[0][1] if tubes else root
    experiment = root.find("experiment")
    return Reading(
        instrument=Instrument(
            vendor="BD Biosciences",
            software="FACSDiva",
            software_version=root.get("version", "").removeprefix("Version ") or None,
            model=_text(first, "data_instrument_name"),
            serial=_text(first, "data_instrument_serial_number"),
        ),
        records=tuple(records),
        messages=tuple(_messages(records)),
        started_at=_start(tubes),
        details={} if experiment is None else _details(experiment),
    )


def _tube(specimen: str, tube: Element) -> Iterator[Record]:
    name = tube.get("name", "")
    gates = [gate for gate in tube.iter("gate") if gate.find("num_events") is not None]
    yield {
        "record": "tube",
        "specimen": specimen,
        "tube": name,
        "file": _text(tube, "data_filename"),
        "begin": _text(tube, "data_begin_date"),
        "end": _text(tube, "data_end_date"),
        "cytometer": _text(tube, "data_instrument_name"),
        "serial": _text(tube, "data_instrument_serial_number"),
        "user": _text(tube, "record_user"),
        "gates": float(len(gates)),
    }
    for gate in gates:
        yield {"specimen": specimen, "tube": name, **_population(gate)}


def _templates(root: Element) -> list[Record]:
    """Populations of worksheets and their templates, whatever holds them: all outside the tubes."""
    in_tubes = {gate for tube in root.iter("tube") for gate in tube.iter("gate")}
    return [
        {"where": f"{sheet.get('name', '')} (worksheet template)", **_population(gate)}
        for tag in ("worksheet_template", "worksheet")
        for sheet in root.iter(tag)
        for gate in sheet.iter("gate")
        if gate not in in_tubes and gate.find("num_events") is not None
    ]


def _population(gate: Element) -> Record:
    region = gate.find("region")
    place = region if region is not None else Element("region")
    count, flag = _count(_text(gate, "num_events"))
    record: Record = {
        "record": "population",
        "population": gate.get("fullname"),
        "name": _text(gate, "name"),
        "parent": _text(gate, "parent"),
        "count": count,
        "region": place.get("type"),
        "x": place.get("xparm"),
        "y": place.get("yparm"),
    }
    if flag:
        record["count flag"] = flag
    return record


def _count(text: str | None) -> tuple[float | None, str]:
    if text is not None and text.isascii() and text.isdecimal():
        return float(text), ""
    return None, text or ""


def _text(element: Element, name: str) -> str | None:
    return (element.findtext(name) or "").strip() or None


def _start(tubes: list[tuple[str, Element]]) -> StartedAt | None:
    texts = (_text(tube, "data_begin_date") for _, tube in tubes)
    return next((found for text in texts if text and (found := started_at(text))), None)


def _details(experiment: Element) -> dict[str, str]:
    found = {"experiment": experiment.get("name", "")}
    for name in ("date", "owner_name", "export_time"):
        found[name] = _text(experiment, name) or ""
    return {name: text for name, text in found.items() if text}


def _messages(records: list[Record]) -> list[Message]:
    counts = [r["count"] for r in records if r.get("record") == "population" and "tube" in r]
    if not counts or any(counts):
        return []
    text = (
        "every count in the tubes is 0: this export was made without calculated statistics, "
        "so the zeros do not mean empty tubes"
    )
    return [Message(Severity.WARNING, text)]
