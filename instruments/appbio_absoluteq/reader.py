"""QuantStudio Absolute Q: one row per well and target, summaries by dye, partitions.

As csv, or as what a spreadsheet program made of it.
Rows whose well is "Average" are the software's summary of a group: they are marked as calculated.
"""

import re

from instruments.accounting import Use
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Reading
from instruments.record_tables.dates import moment
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

NAME = "appbio_absoluteq"
VERSION = "1"

_ROWS = "Conc. cp/uL"
_SUMMARY = re.compile(r"Run name([,;\t])Group\1Sample\1Well\1.*?Target\1Conc")
_CHANNELS = re.compile(r"Channels([,;\t])Count\1Copies per microliter\1Total")
_PARTITIONS = re.compile(r"Well ID([,;\t])Sample\1Index\1Reject\1")
_COLUMNS = Columns(
    texts={
        "Run",
        "Run name",
        "Date",
        "Instrument",
        "Plate",
        "Group",
        "Name",
        "Sample",
        "Well",
        "Well ID",
        "DF",
        "QC",
        "Dye",
        "Channels",
        "Target",
        "QC Message",
    }
)
_CALCULATED = ("Conc. cp/uL", "Conc.", "Copies per microliter", "SD", "CV%", "95%CI", "Precision %")


def claims(source: Source) -> bool:
    head = source.head[:4096]
    if _ROWS in head and "Positives" in head and "95%CI" in head:
        return True
    return any(form.search(head) is not None for form in (_CHANNELS, _SUMMARY, _PARTITIONS))


def read(source: Source) -> Reading:
    grid = source.grids[0]
    head = next((row for row in range(len(grid)) if _is_head(grid, row)), None)
    if head is None:
        raise grid.malformed(0, 0, "a head that begins with Run or Run name")
    if grid.text(head, 0) == "Run name":
        records = _summary(grid, head)
    elif "Index" in {grid.text(head, column) for column in range(grid.width(head))}:
        records = _partitions(grid, head)
    else:
        records = read_records(grid, head, table_end(grid, head), _COLUMNS)
    if not records:
        raise NoMeasurement(grid.file, found="no row below the head", expected="at least one well")
    for record in records:
        _mark(record)
    dates = [str(record.get("Date") or "") for record in records]
    first = records[0]
    named = str(first.get("Instrument") or "")
    # The exports by channel give the serial number alone.
    serial = named if named.isascii() and named.isdigit() else None
    model = "" if serial else named
    return Reading(
        instrument=Instrument(
            vendor="Applied Biosystems",
            software="QuantStudio Absolute Q",
            model=model or "QuantStudio Absolute Q",
            serial=serial,
        ),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(_CALCULATED, first)),
        started_at=moment(dates[0], dates),
    )


def _is_head(grid: Grid, row: int) -> bool:
    return grid.width(row) > 1 and grid.text(row, 0) in {"Run", "Run name"}


def _mark(record: Record) -> None:
    key = next((name for name in ("Well", "Well ID") if name in record), None)
    if key is None:
        record["calculated"] = False
        return
    well = str(record.get(key) or "")
    record["calculated"] = well == "Average"
    record[key] = standard_name(well) or well


def _summary(grid: Grid, head: int) -> list[Record]:
    """One record per well and dye: the dyes stand above their columns."""
    bottom = table_end(grid, head)
    grid.ledger.mark(Use.HEADER, 0, head + 1)
    grid.ledger.mark(Use.MEASURED, head + 1, bottom)
    width = grid.width(head)
    starts = [column for column in range(width) if head and grid.text(head - 1, column)]
    last = next((c for c in range(width) if grid.text(head, c) == "MeanQC"), width)
    shared = [*range(starts[0] if starts else 0), *range(last, width)]
    records = []
    for row in range(head + 1, bottom):
        for index, start in enumerate(starts):
            end = starts[index + 1] if index + 1 < len(starts) else last
            record: Record = {"Dye": grid.text(head - 1, start)}
            for column in (*shared, *range(start, end)):
                _put(grid, head, row, column, record)
            records.append(record)
    return records


def _put(grid: Grid, head: int, row: int, column: int, record: Record) -> None:
    name, text = grid.text(head, column), grid.text(row, column)
    number = None if name in _COLUMNS.texts else grid.number(row, column)
    record[name] = number if number is not None else (text or None)


def _partitions(grid: Grid, head: int) -> list[Record]:
    """One record per well and dye with the intensities of all partitions, in order."""
    bottom = table_end(grid, head)
    grid.ledger.mark(Use.HEADER, head, head + 1)
    grid.ledger.mark(Use.MEASURED, head + 1, bottom)
    names = {grid.text(head, column): column for column in range(grid.width(head))}
    dyes = [name for name in names if f"{name}_threshold" in names]
    wells: dict[str, list[int]] = {}
    for row in range(head + 1, bottom):
        wells.setdefault(grid.text(row, names["Well ID"]), []).append(row)
    return [_dye(grid, names, rows, dye) for rows in wells.values() for dye in (*dyes, "ROX")]


def _dye(grid: Grid, names: dict[str, int], rows: list[int], dye: str) -> Record:
    first = rows[0]
    record: Record = {
        name: grid.text(first, names[name]) or None
        for name in ("Run", "Date", "Instrument", "Plate", "Well ID", "Sample")
        if name in names
    }
    numbers = grid.numerals.many([grid.cell(row, names[dye]) for row in rows])
    record |= {"Dye": dye, "Partitions": float(len(rows)), "Intensity": numbers.values.tolist()}
    if f"{dye}_threshold" in names:
        texts = [grid.text(row, names[f"{dye}_pos"]) for row in rows]
        record["Target"] = grid.text(first, names[f"{dye}_target"]) or None
        record["Threshold"] = grid.number(first, names[f"{dye}_threshold"])
        record["Positives"] = float(sum(text == "True" for text in texts))
    rejected = [grid.text(row, names["Reject"]) for row in rows]
    record["Rejected"] = float(sum(text == "True" for text in rejected))
    return record
