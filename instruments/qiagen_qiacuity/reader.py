"""QIAGEN QIAcuity Software Suite: results with a row per well and target, and occupancies.

The well has no title before version 2.5. Later results name plate, well and sample in the first of
the rows that belong together, and leave them empty in the others. Occupancies count the partitions
with the same combination of targets.
"""

from collections.abc import Iterator, Sequence

from instruments.accounting import Use
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
_PARTITIONS = "partitions (valid)"
_OCCUPANCY = "Hyperwell"
_NAMELESS = "column 1"
_COLUMNS = Columns(
    texts={
        _SAMPLE,
        "Reaction Mix",
        "Reaction mix",
        "Type",
        "Target",
        "Target (Name)",
        "Target (IC)",
        "Target (Control)",
        "Conversion unit",
        "Target (channel)",
        "Channel",
        "IC",
        "Control type",
        "Plate",
        "Plate name",
        "Plate type",
        "Plate ID",
        "Hyperwell",
        "Categories",
        "Group",
        "Sample ID",
        "Well",
        _NAMELESS,
    }
)
_FEW_LINES = 5


_OF_PLATE = ("Plate name", "Plate ID", "Plate type")
_OF_WELL = ("Well", _SAMPLE, "Type", "Reaction Mix")


def claims(source: Source) -> bool:
    head = source.head[:4096]
    if _OCCUPANCY in head:
        return "Categories" in head and "Count" in head and "Volume" in head
    return _SAMPLE in head and _PARTITIONS in head.lower()


def read(source: Source) -> Reading:
    """A record for each row, with percentages as numbers.

    Raises:
        NoMeasurement: no row below the titles.
    """
    grids = source.sheets if source.is_workbook else (source.split(_separator(source)),)
    found = ((grid, row) for grid in grids for row in range(min(len(grid), _FEW_LINES)))
    grid, head = next((at for at in found if _is_head(*at)), (grids[0], None))
    if head is None:
        raise grid.malformed(0, 0, f"a head with {_SAMPLE}")
    grid.ledger.mark(Use.HEADER, 0, head)
    rows = read_records(grid, head, table_end(grid, head), _COLUMNS)
    records = list(_filled_down([_tidied(row) for row in rows]))
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


def _filled_down(records: Sequence[Record]) -> Iterator[Record]:
    """The plate, and in a row without a well also well and sample, as in the row above."""
    above: Record = {}
    for record in records:
        names = _OF_PLATE if record.get("Well") else (*_OF_PLATE, *_OF_WELL)
        for name in names:
            if name in record and record[name] is None:
                record[name] = above.get(name)
        yield record
        above = record


def _separator(source: Source) -> str:
    """A first line `sep=;` tells spreadsheet programs, and us, what separates."""
    first = source.lines[0].strip().strip('"') if source.lines else ""
    return first[4:] if first.startswith("sep=") and len(first) == _FEW_LINES else source.delimiter


def _is_head(grid: Grid, row: int) -> bool:
    texts = grid.texts(row, 0, grid.width(row))
    return _SAMPLE in texts or _OCCUPANCY in texts


def _is_computed(name: str) -> bool:
    """What the software works out of the counts of partitions and their threshold."""
    lower = name.lower()
    return lower.startswith(("conc", "mean conc", "ci ", "sd", "cv")) and not lower.endswith("flag")


def _tidied(record: Record) -> Record:
    """The well under its name, percentages as numbers, and no value where a dash stands."""
    tidied: Record = {}
    for name, value in record.items():
        if name in {_NAMELESS, "Well"}:
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
