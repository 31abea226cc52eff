"""Qubit 3, 4 and Flex: one row per assay tube, as csv or xlsx.

Two columns are named Units: the first belongs to the tube, the second to the original sample. The
concentrations are computed by the instrument from the fluorescence and its standards.
"""

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

NAME = "thermo_qubit"
VERSION = "1"

_HEAD = 1024

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
    "Original sample conc. units",
    "Qubit tube conc. units",
    "Extended Low Range",
    "Core Range",
    "Extended High Range",
    "Last Read Standards",
    "Plate Barcode",
    "Well",
    "Tags",
    "Software Version",
    "Units",
    "Units (2)",
    "Units (3)",
}


def claims(source: Source) -> bool:
    return _is_head(source.head[:_HEAD].lower())


def read(source: Source) -> Reading:
    grid = source.grids[0]
    head = next((row for row in range(len(grid)) if _is_head(_line(grid, row))), None)
    if head is None:
        raise grid.malformed(0, 0, "a head with the concentration in the tube and an RFU")
    names = [grid.text(head, column) for column in range(grid.width(head))]
    concentrations = [n for n in names if "conc" in n.lower() and "units" not in n.lower()]
    numbers = {*concentrations, *(name for name in names if "RFU" in name)}
    records = read_records(grid, head, table_end(grid, head), Columns(_TEXTS, numbers))
    if not records:
        raise NoMeasurement(grid.file, found="no row below the head", expected="at least one tube")
    dates = [str(record.get("Test Date") or record.get("Date") or "") for record in records]
    runs = [str(record.get("Run ID") or "") for record in records]
    version = records[0].get("Software Version")
    return Reading(
        instrument=Instrument(
            vendor="Thermo Fisher Scientific",
            software_version=None if version is None else str(version),
            model="Qubit Flex" if "Sample RFU" in names else "Qubit",
        ),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(concentrations, records[0])),
        started_at=moment(dates[0], [*dates, *runs], _hints(records[0])),
    )


def _line(grid: Grid, row: int) -> str:
    return "\t".join(grid.text(row, column).lower() for column in range(grid.width(row)))


def _is_head(text: str) -> bool:
    return "tube conc" in text and "rfu" in text and ("qubit" in text or "run id" in text)


def _hints(record: Record) -> str:
    """Run and sample are named after the day, year first: 2023-11-04, Sample_#231104-010659."""
    return f"{record.get('Run ID')} {record.get('Test Name')}"
