"""Vi-CELL BLU: a list of samples, or one sample with its images, as csv."""

from collections.abc import Iterator

from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Reading
from instruments.record_tables.dates import moment
from instruments.record_tables.tables import Columns, Record, flag_message, read_records
from instruments.source import Source

NAME = "beckman_vicell_blu"
VERSION = "1"

_HEADS = {"Sample ID": "sample", "Part number": "reagent", "Image#": "image"}
_TEXTS = {
    "Sample ID",
    "Cell type",
    "Decluster degree",
    "Analysis date/time",
    "Reanalysis date/time",
    "Analysis by",
    "Reanalysis by",
    "Wash",
    "Tag",
    "ROW",
    "COLUMN",
    "Part number",
    "Lot number",
    "Reagent",
    "Expiration",
    "In service date",
    "Effective expiration",
    "Image#",
}
_NUMBERS = {
    "Cell count",
    "Viable cells",
    "Total (x10^6) cells/mL",
    "Viable (x10^6) cells/mL",
    "Viability (%)",
    "Average circularity",
    "Average viable circularity",
    "Average cells per image",
    "Average background intensity",
    "Bubble count",
    "Cluster count",
}


def claims(source: Source) -> bool:
    head = source.head[:4096]
    first = head.lstrip().partition("\n")[0].replace('"', "")
    if not first.startswith("Sample ID"):
        return False
    counts = "Viability (%)" in head and "Viable (x10^6) cells/mL" in head
    return counts and "Images for analysis" in first


def read(source: Source) -> Reading:
    grid = source.grids[0]
    records = [record for start, end in _tables(grid) for record in _table(grid, start, end)]
    if not records:
        raise NoMeasurement(grid.file, found="no row below a head", expected="at least one sample")
    dates = [str(record.get("Analysis date/time") or "") for record in records]
    return Reading(
        instrument=Instrument(vendor="Beckman Coulter", model="Vi-CELL BLU"),
        records=tuple(records),
        messages=tuple(flag_message(records)),
        started_at=moment(dates[0], dates),
    )


def _tables(grid: Grid) -> Iterator[tuple[int, int]]:
    heads = [row for row in range(len(grid)) if grid.text(row, 0) in _HEADS]
    if heads:
        yield from zip(heads, [*heads[1:], len(grid)], strict=True)


def _table(grid: Grid, start: int, end: int) -> list[Record]:
    kind = _HEADS[grid.text(start, 0)]
    diameters = {
        grid.text(start, column)
        for column in range(grid.width(start))
        if "iameter" in grid.text(start, column)
    }
    records = read_records(grid, start, end, Columns(_TEXTS, _NUMBERS | diameters))
    filled = [record for record in records if any(value is not None for value in record.values())]
    return [{"table": kind, **record} for record in filled]
