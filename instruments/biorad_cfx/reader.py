"""Bio-Rad CFX Maestro: quantification, summary, melt, end-point and curves as csv or xlsx.

An export is one table, with or without the run information above it. The first column has no name
and is empty. Cq and SQ that were not found are NaN.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from instruments.accounting import Use
from instruments.errors import Malformed, NoMeasurement
from instruments.grids import Grid
from instruments.moments import day_first_in, started_at
from instruments.readings import Instrument, Reading, StartedAt
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

NAME = "biorad_cfx"
VERSION = "1"

_HEAD = re.compile(
    r'^"?[,;\t]{0,3}"?Well"?[,;\t]"?Fluor"?[,;\t].{0,1000}?'
    r"\b(?:Cq\b|C\(t\)|Melt Temperature|End RFU|Starting Quantity|SQ\b|Peak Height)",
    re.MULTILINE,
)
# Amplification and melt curves: cycles or temperatures down, wells across, first column empty.
_CURVES = re.compile(
    r'^"?[,;\t]"?(?:Cycle|Temperature)"?[,;\t]"?[A-P]\d{1,2}"?[,;\t\r\n]', re.MULTILINE
)
_RUN = "Run Information"
_AXES = frozenset({"Cycle", "Temperature"})
_COLUMNS = Columns(
    texts={
        "Well",
        "Fluor",
        "Target",
        "Content",
        "Sample",
        "Sample Type",
        "Replicate",
        "Biological Set Name",
        "Well Note",
        "Call",
        "Call Type",
    },
    numbers={
        "Cq",
        "C(t)",
        "Threshold Cycle ( C(t) )",
        "Threshold Cycle (C(t))",
        "C(t) Mean",
        "C(t) Std. Dev",
        "Cq Mean",
        "Cq Std. Dev",
        "Starting Quantity (SQ)",
        "Log Starting Quantity",
        "SQ",
        "SQ Mean",
        "SQ Std. Dev",
        "Set Point",
        "End RFU",
        "Melt Temperature",
        "Peak Height",
        "Begin Temperature",
        "End Temperature",
    },
)
_CALCULATED = (
    "C(t) Mean",
    "C(t) Std. Dev",
    "Cq Mean",
    "Cq Std. Dev",
    "Starting Quantity (SQ)",
    "Log Starting Quantity",
    "SQ",
    "SQ Mean",
    "SQ Std. Dev",
)


def claims(source: Source) -> bool:
    head = source.head if source.is_workbook else source.head[:8192]
    if "Fluor" in head and _HEAD.search(head) is not None:
        return True
    return ("Cycle" in head or "Temperature" in head) and _CURVES.search(head) is not None


def read(source: Source) -> Reading:
    """The table of a text, or those of a workbook, which has a sheet for the run beside them."""
    facts: dict[str, str] = {}
    records: list[Record] = []
    heads = {grid: _head(grid) for grid in source.grids}
    if not any(head is not None for head in heads.values()):
        expected = "a head with the columns Well and Fluor"
        raise Malformed(source.filename, found="no head", expected=expected)
    for grid, head in heads.items():
        if head is None:
            facts |= _facts(grid, len(grid)) if grid.sheet == _RUN else {}
            continue
        facts |= _facts(grid, head)
        is_curves = grid.text(head, 1) in _AXES
        records += _curves(grid, head) if is_curves else _rows(grid, head)
    if not records:
        expected = "at least one well"
        raise NoMeasurement(source.filename, found="no row below the head", expected=expected)
    names = dict.fromkeys(name for record in records for name in record)
    return Reading(
        instrument=Instrument(
            vendor="Bio-Rad",
            software="CFX Maestro",
            software_version=_version(facts),
            serial=facts.get("Base Serial Number"),
        ),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(_CALCULATED, names)),
        started_at=_start(facts),
        details=facts,
    )


def _rows(grid: Grid, head: int) -> list[Record]:
    records = read_records(grid, head, table_end(grid, head), _COLUMNS)
    for number, record in enumerate(records, start=head + 1):
        _name_well(grid, number, record)
    return records


def _version(facts: Mapping[str, str]) -> str | None:
    text = facts.get("CFX Maestro Version") or facts.get("CFX Manager Version") or ""
    return text.rstrip(" .") or None


def _head(grid: Grid) -> int | None:
    for row in range(len(grid)):
        names = set(grid.texts(row, 0, grid.width(row)))
        if {"Well", "Fluor"} <= names or grid.text(row, 1) in _AXES:
            return row
    return None


def _curves(grid: Grid, head: int) -> list[Record]:
    """One record per well with its curve; the dye is the name of the sheet, or of the file only.

    Raises:
        Malformed: a column that is no well, or a curve with a hole.
        NoMeasurement: no line below the head.
    """
    bottom = table_end(grid, head)
    if bottom == head + 1:
        raise NoMeasurement(grid.file, found="no line below the head", expected="a curve")
    grid.ledger.mark(Use.HEADER, head, head + 1)
    grid.ledger.mark(Use.MEASURED, head + 1, bottom, 0, grid.width(head))
    axis = grid.text(head, 1)
    points = _column(grid, head, bottom, 1)
    dye = grid.sheet or ""
    shared: Record = {"Fluor": dye} if dye and not dye.isdecimal() else {}
    records: list[Record] = []
    for column in range(2, grid.width(head)):
        well = standard_name(grid.text(head, column))
        if well is None:
            raise grid.malformed(head, column, "the name of a well")
        if not any(grid.column(column, head + 1, bottom)):
            continue  # a well of the plate that held nothing
        curve = _column(grid, head, bottom, column)
        records.append({"Well": well, **shared, axis: points, "RFU": curve})
    return records


def _column(grid: Grid, head: int, bottom: int, column: int) -> list[float]:
    numbers = grid.numerals.many(grid.column(column, head + 1, bottom))
    holes = np.flatnonzero(np.isnan(numbers.values))
    if len(holes):
        raise grid.malformed(head + 1 + int(holes[0]), column, "a number in every line of a curve")
    return [float(value) for value in numbers.values]


def _facts(grid: Grid, head: int) -> dict[str, str]:
    grid.ledger.mark(Use.HEADER, 0, head)
    return {
        grid.text(row, 0): grid.text(row, 1)
        for row in range(head)
        if grid.text(row, 0) and grid.text(row, 1)
    }


def _name_well(grid: Grid, row: int, record: Record) -> None:
    well = standard_name(str(record["Well"]))
    if well is None:
        raise grid.malformed(row, 1, "the name of a well")
    record["Well"] = well


def _start(facts: Mapping[str, str]) -> StartedAt | None:
    """`02/28/2024 15:21:30 UTC`: the software writes the month first, whatever the language.

    The name of the run, which says the year first, tells where someone wrote it otherwise.
    """
    text = facts.get("Run Started", "")
    is_utc = text.endswith(" UTC")
    found = started_at(
        text.removesuffix(" UTC") + "Z" if is_utc else text,
        hints=facts.get("File Name", ""),
        day_first=False if is_utc else None,
        proved=day_first_in([facts.get("Run Ended", "")]),
    )
    return None if found is None else replace(found, text=text)
