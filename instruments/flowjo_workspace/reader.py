"""FlowJo 10 workspace (.wsp): the events of each population and the statistics a person asked for.

XML, read as untrusted input. Every count and statistic was computed by FlowJo from gates that a
person drew; the events themselves stand in the FCS files that the workspace names.
"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from instruments.errors import NoMeasurement
from instruments.numerals import Numerals
from instruments.readings import Instrument, Message, Reading, Severity
from instruments.record_tables.tables import Record
from instruments.record_tables.trees import tree
from instruments.source import Source

NAME = "flowjo_workspace"
VERSION = "1"

_NUMERALS = Numerals(".")


def claims(source: Source) -> bool:
    head = source.head[:8192] if source.is_text else ""
    return "<Workspace" in head and "flowJoVersion=" in head


def read(source: Source) -> Reading:
    # The tree is read by name; the ledger of cells knows nothing of XML.
    source.accounted()
    root = tree(source, "Workspace")
    records = [record for sample in root.iter("Sample") for record in _sample(sample)]
    if not records:
        raise NoMeasurement(source.filename, found="no sample", expected="at least one sample")
    keywords = _keywords(next(root.iter("Sample")))
    text = "every count and statistic of a FlowJo workspace was computed from gates"
    return Reading(
        instrument=Instrument(
            vendor="FlowJo",
            software="FlowJo",
            software_version=root.get("flowJoVersion"),
            model=keywords.get("$CYT"),
            serial=keywords.get("CYTNUM") or keywords.get("$CYTSN"),
        ),
        records=tuple(records),
        messages=(Message(Severity.INFO, text),),
        details={"modified": root.get("modDate", "")} if root.get("modDate") else {},
    )


def _sample(sample: Element) -> Iterator[Record]:
    node = sample.find("SampleNode")
    if node is None:
        return
    data = sample.find("DataSet")
    keywords = _keywords(sample)
    name = node.get("name", "")
    yield {
        "record": "sample",
        "sample": name,
        "file": keywords.get("$FIL") or (None if data is None else data.get("uri")),
        "date": keywords.get("$DATE"),
        "begin": keywords.get("$BTIM"),
        "end": keywords.get("$ETIM"),
        "cytometer": keywords.get("$CYT"),
        **_count(node),
    }
    # A list of what is still to do, not a recursion: depth belongs to the file.
    waiting: list[tuple[str, Element]] = [("", node)]
    while waiting:
        path, parent = waiting.pop()
        yield from _statistics(name, path, parent)
        for population in reversed(parent.findall("Subpopulations/Population")):
            below = f"{path}/{population.get('name', '')}".lstrip("/")
            yield {
                "record": "population",
                "sample": name,
                "population": below,
                "name": population.get("name"),
                "parent": path or None,
                **_count(population),
            }
            waiting.append((below, population))


def _statistics(sample: str, path: str, parent: Element) -> Iterator[Record]:
    for statistic in parent.findall("Subpopulations/Statistic"):
        text = statistic.get("value", "")
        number = _NUMERALS.one(text)
        record: Record = {
            "record": "statistic",
            "sample": sample,
            "population": path or None,
            "statistic": statistic.get("name"),
            "parameter": statistic.get("id"),
            "value": number,
        }
        if number is None and text:
            record["value flag"] = text
        yield record


def _count(node: Element) -> Record:
    """FlowJo writes -1 for a population that was not computed."""
    text = node.get("count", "")
    if text.isascii() and text.isdecimal():
        return {"count": float(text)}
    return {"count": None, "count flag": text} if text else {"count": None}


def _keywords(sample: Element) -> dict[str, str]:
    return {
        keyword.get("name", ""): keyword.get("value", "")
        for keyword in sample.iterfind("Keywords/Keyword")
        if keyword.get("value")
    }
