"""Bio-Rad QuantaSoft and QX Manager (QX100, QX200, QX600): results, clusters and amplitudes.

Results have a row for each well and target, clusters one for each well and combination of targets;
amplitudes are the droplets of one well, which only the name of the file tells. Droplets are counted
by the software's thresholds; concentrations, ratios and limits follow from the counts.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from instruments.accounting import Use
from instruments.errors import Malformed, NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Message, Reading, Severity
from instruments.record_tables.tables import (
    Columns,
    Record,
    calculated_message,
    flag_message,
    names_of,
    read_records,
    table_end,
)
from instruments.source import Source
from instruments.wells import standard_name

NAME = "biorad_quantasoft"
VERSION = "1"

_RESULTS = re.compile(
    r'^"?Well"?[,;\t].{0,2000}?\b(?:Concentration|Conc\(copies).{0,2000}?\bAccepted ?Droplets\b',
    re.MULTILINE,
)
_CLUSTERS = re.compile(
    r'^"?Well"?[,;\t]"?Target 1"?[,;\t].{0,400}?\bCount"?[,;\t]"?Ch1 Mean\b', re.MULTILINE
)
_AMPLITUDES = re.compile(r'"?(?:Ch|Assay) ?1 Amplitude"?[,;\t]"?(?:Ch|Assay) ?2 Amplitude"?')
_HEAD = 16_384
_TEXTS = {
    "Well",
    "ExptType",
    "Experiment",
    "Sample",
    "Sample description 1",
    "Sample description 2",
    "Sample description 3",
    "Sample description 4",
    "SampleType",
    "TypeAssay",
    "Assay",
    "TargetType",
    "Target",
    "Status",
    "Status Reason",
    "Supermix",
    "DyeName(s)",
    "ReferenceUsed",
    "ExperimentComments",
    "MergedWells",
    "TiltCorrected",
    *(f"Target {number}" for number in range(1, 13)),
}
_NEWER = {"Accepted Droplets", "Target 1"}  # columns that QX Manager names so
_COUNTS = {"AcceptedDroplets", "Accepted Droplets", "Positives", "Negatives", "Count"}
_CALCULATED = re.compile(
    r"conc|copies|cop[iy]|conf(?:idence)?m|linkage|linked|cnv|ratio|abundance|pg/", re.IGNORECASE
)


def claims(source: Source) -> bool:
    head = source.head[:_HEAD]
    if _AMPLITUDES.match(head.lstrip()) is not None:
        return True
    if "Droplets" not in head and "Ch1 Mean" not in head:
        return False
    return _RESULTS.search(head) is not None or _CLUSTERS.search(head) is not None


def read(source: Source) -> Reading:
    """A record for each row, or one for the droplets of a well.

    Raises:
        NoMeasurement: no row below the titles, or rows without a count, as before a run.
    """
    if _AMPLITUDES.match(source.head[:_HEAD].lstrip()) is not None:
        return _amplitudes(source.grids[0])
    records: list[Record] = []
    for grid in source.grids:
        records += _rows(grid)
    if not any(record.get(name) is not None for record in records for name in _COUNTS):
        raise NoMeasurement(
            source.filename, found="no count of droplets", expected="at least one well"
        )
    names = dict.fromkeys(name for record in records for name in record)
    computed = [name for name in names if _is_computed(name)]
    return Reading(
        instrument=Instrument(
            vendor="Bio-Rad", software="QX Manager" if _NEWER & names.keys() else "QuantaSoft"
        ),
        records=tuple(records),
        messages=(*flag_message(records), *calculated_message(computed, names)),
    )


def _is_computed(name: str) -> bool:
    return name not in _TEXTS and not name.endswith(" flag") and bool(_CALCULATED.search(name))


def _rows(grid: Grid) -> list[Record]:
    head = next((row for row in range(len(grid)) if grid.text(row, 0) == "Well"), None)
    if head is None:
        return []
    grid.ledger.mark(Use.HEADER, 0, head)
    numbers = {name for name in names_of(grid, head) if name and name not in _TEXTS}
    records = read_records(grid, head, table_end(grid, head), Columns(_TEXTS, numbers))
    for row, record in enumerate(records, start=head + 1):
        _name_well(grid, row, record)
    return records


def _name_well(grid: Grid, row: int, record: Record) -> None:
    """A1 form; M01 of merged wells is no well, and its numbers are worked out of theirs."""
    text = str(record["Well"] or "")
    merged = record.get("MergedWells")
    record["calculated"] = bool(merged) and "," in str(merged)
    if record["calculated"]:
        return
    well = standard_name(text)
    if well is None:
        raise grid.malformed(row, 0, "the name of a well")
    record["Well"] = well


def _amplitudes(grid: Grid) -> Reading:
    """One record with the droplets of a well in the order of the file."""
    bottom = table_end(grid, 0)
    if bottom == 1:
        raise NoMeasurement(grid.file, found="no line below the head", expected="a droplet")
    grid.ledger.mark(Use.HEADER, 0, 1)
    grid.ledger.mark(Use.MEASURED, 1, bottom, 0, grid.width(0))
    record: Record = {"Droplets": float(bottom - 1)}
    record |= dict(_series(grid, names_of(grid, 0), bottom))
    text = "the well of these droplets stands in the name of the file only"
    return Reading(
        instrument=Instrument(vendor="Bio-Rad", software="QuantaSoft"),
        records=(record,),
        messages=(Message(Severity.INFO, text),),
    )


def _series(grid: Grid, names: Sequence[str], bottom: int) -> Iterator[tuple[str, list[float]]]:
    for column, name in enumerate(names):
        cells = grid.column(column, 1, bottom)
        if not name and all(cell == "" for cell in cells):
            continue
        numbers = grid.numerals.many(cells)
        holes = np.flatnonzero(np.isnan(numbers.values))
        if len(holes):
            row = 1 + int(holes[0])
            raise Malformed(
                grid.file,
                place=grid.place(row, column),
                found=grid.text(row, column) or "an empty cell",
                expected="a number for every droplet",
            )
        yield name, numbers.values.tolist()
