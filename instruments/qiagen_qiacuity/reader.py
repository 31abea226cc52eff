"""QIAGEN QIAcuity Software Suite: one row per well and target, as csv; the well has no title."""

from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Reading
from instruments.record_tables.tables import (
    Columns,
    Record,
    calculated_message,
    flag_message,
    read_records,
    table_end,
)
from instruments.source import Source
from instruments.wells import standard_name

NAME = "qiagen_qiacuity"
VERSION = "1"

_SAMPLE = "Sample/NTC/Control"
_PARTITIONS = "Partitions (valid)"
_NAMELESS = "column 1"
_COLUMNS = Columns(
    texts={
        _SAMPLE,
        "Reaction Mix",
        "Reaction mix",
        "Target",
        "Target (channel)",
        "Channel",
        "IC",
        "Control type",
        "Plate",
        "Plate ID",
        "Sample ID",
        "Well",
        _NAMELESS,
    }
)
_FEW_LINES = 5


def claims(source: Source) -> bool:
    if not source.is_text:
        return False
    head = source.head[:4096]
    return _SAMPLE in head and _PARTITIONS in head


def read(source: Source) -> Reading:
    """A record for each row, with percentages as numbers.

    Raises:
        NoMeasurement: no row below the titles.
    """
    grid = source.split(_separator(source))
    head = next((row for row in range(min(len(grid), _FEW_LINES)) if _is_head(grid, row)), None)
    if head is None:
        raise grid.malformed(0, 0, f"a head with {_SAMPLE}")
    records = [_tidied(r) for r in read_records(grid, head, table_end(grid, head), _COLUMNS)]
    if not records:
        raise NoMeasurement(grid.file, found="no row below the head", expected="at least one well")
    computed = [name for name in records[0] if _is_computed(name)]
    return Reading(
        instrument=Instrument(
            vendor="QIAGEN", software="QIAcuity Software Suite", model="QIAcuity"
        ),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(computed, records[0])),
    )


def _separator(source: Source) -> str:
    """A first line `sep=;` tells spreadsheet programs, and us, what separates."""
    first = source.lines[0].strip().strip('"') if source.lines else ""
    return first[4:] if first.startswith("sep=") and len(first) == _FEW_LINES else source.delimiter


def _is_head(grid: Grid, row: int) -> bool:
    return _SAMPLE in grid.texts(row, 0, grid.width(row))


def _is_computed(name: str) -> bool:
    """What the software works out of the counts of partitions and their threshold."""
    lower = name.lower()
    return lower.startswith(("conc", "mean conc", "ci ", "sd", "cv")) and not lower.endswith("flag")


def _tidied(record: Record) -> Record:
    """The well under its name, percentages as numbers, and no value where a dash stands."""
    tidied: Record = {}
    for name, value in record.items():
        if name == _NAMELESS:
            tidied["Well"] = standard_name(str(value or "")) or value
        elif name.endswith(" flag") and value == "-":
            continue
        elif name.startswith(("CI (", "CV%")) and isinstance(value, str):
            tidied[f"{name} [%]" if "CV" not in name else name] = _percentage(value)
        else:
            tidied[name] = value
    return tidied


def _percentage(text: str) -> float | str | None:
    number = text.removesuffix("%").strip()
    if number == "-":
        return None
    plain = number.replace(".", "", 1)
    return float(number) if plain.isascii() and plain.isdecimal() else text
