"""FCS 2.0 to 3.2 files of any cytometer, summarised: one record per data set and parameter.

Events are counted, not loaded: their bytes are checked against $TOT and stay in the file.
"""

from collections.abc import Iterator

from instruments.fcs.segments import MAGIC, DataSet, data_sets
from instruments.readings import Instrument, Reading
from instruments.record_tables.dates import moment, worded_moment
from instruments.record_tables.tables import Record
from instruments.source import Source

NAME = "fcs"
VERSION = "1"

_PARAMETER_KEYS = {
    "n": "name",
    "s": "stain",
    "b": "bits",
    "r": "range",
    "e": "amplification",
    "g": "gain",
    "v": "voltage (V)",
    "f": "filter",
    "l": "excitation (nm)",
    "o": "laser power (mW)",
    "t": "detector",
    "calibration": "calibration",
    "display": "display",
    "d": "display",
    "type": "type",
}
_NUMBERS = frozenset({"b", "r", "g", "v", "l", "o"})


def claims(source: Source) -> bool:
    return MAGIC.match(source.content) is not None


def read(source: Source) -> Reading:
    source.accounted()
    found = list(data_sets(source.content, source.filename))
    records = [
        record for number, one in enumerate(found, start=1) for record in _records(number, one)
    ]
    keywords = found[0].keywords
    date = f"{keywords.get('date', '')} {keywords.get('btim', '')}".strip()
    return Reading(
        instrument=Instrument(
            vendor=keywords.get("cyt manufacturer", ""),
            software=keywords.get("creator") or keywords.get("sys") or None,
            model=keywords.get("cyt") or None,
            serial=keywords.get("cytsn") or keywords.get("cytnum") or None,
        ),
        records=tuple(records),
        started_at=(worded_moment(date) or moment(date)) if date else None,
    )


def _records(number: int, found: DataSet) -> Iterator[Record]:
    keywords = found.keywords
    yield {
        "record": "data set",
        "data set": float(number),
        "FCS version": found.version,
        "events": float(found.events),
        "parameters": float(found.parameters),
        "cytometer": keywords.get("cyt") or None,
        "sample": _sample(keywords),
        "file": keywords.get("fil") or None,
        "date": keywords.get("date") or None,
        "begin": keywords.get("btim") or None,
        "end": keywords.get("etim") or None,
        "operator": keywords.get("op") or None,
    }
    for parameter in range(1, found.parameters + 1):
        yield _parameter(number, parameter, keywords)
    yield {
        "record": "keywords",
        "data set": float(number),
        **{name: value or None for name, value in keywords.items()},
    }


def _sample(keywords: dict[str, str]) -> str | None:
    names = ("tube name", "smno", "sample id", "src", "cells")
    return next((keywords[name] for name in names if keywords.get(name)), None)


def _parameter(number: int, parameter: int, keywords: dict[str, str]) -> Record:
    record: Record = {
        "record": "parameter",
        "data set": float(number),
        "number": float(parameter),
    }
    for key, name in _PARAMETER_KEYS.items():
        value = keywords.get(f"p{parameter}{key}", "").strip()
        if value:
            record[name] = _number(value) if key in _NUMBERS else value
    return record


def _number(text: str) -> float | str:
    """A number where one is written; some cytometers write lists or words."""
    plain = text.replace(".", "", 1)
    return float(text) if plain.isascii() and plain.isdecimal() else text
