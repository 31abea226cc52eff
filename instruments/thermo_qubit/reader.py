"""Qubit 3, 4 and Flex: one row per assay tube, as csv.

Two columns are named Units: the first belongs to the tube, the second to the original sample. The
concentrations are computed by the instrument from the fluorescence and its standards.
"""

from instruments.errors import NoMeasurement
from instruments.readings import Instrument, Reading
from instruments.record_tables.dates import moment
from instruments.record_tables.tables import (
    Columns,
    calculated_message,
    flag_message,
    read_records,
    table_end,
)
from instruments.source import Source

NAME = "thermo_qubit"
VERSION = "1"

_TEXTS = {
    "Run ID",
    "Assay Name",
    "Assay Kit",
    "Test Name",
    "Test Date",
    "Date",
    "Sample ID",
    "Sample Name",
    "Reagent Lot#",
    "Calibrated Tubes",
    "Excitation",
    "Emission",
    "Edited",
    "Units",
    "Units (2)",
    "Units (3)",
}


def claims(source: Source) -> bool:
    first = source.head.lstrip().partition("\n")[0].lower() if source.is_text else ""
    return "tube conc" in first and ("qubit" in first or "run id" in first) and "rfu" in first


def read(source: Source) -> Reading:
    grid = source.table
    head = next(row for row in range(len(grid)) if not grid.is_blank(row))
    names = [grid.text(head, column) for column in range(grid.width(head))]
    numbers = {name for name in names if "conc" in name.lower() or "RFU" in name}
    records = read_records(grid, head, table_end(grid, head), Columns(_TEXTS, numbers))
    if not records:
        raise NoMeasurement(grid.file, found="no row below the head", expected="at least one tube")
    dates = [str(record.get("Test Date") or record.get("Date") or "") for record in records]
    runs = [str(record.get("Run ID") or "") for record in records]
    concentrations = [name for name in names if "conc" in name.lower()]
    return Reading(
        instrument=Instrument(vendor="Thermo Fisher Scientific", model="Qubit"),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(concentrations, records[0])),
        started_at=moment(dates[0], [*dates, *runs]),
    )
