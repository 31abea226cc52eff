"""Gen5 exports: tab text, comma text, csv re-saved from a spreadsheet, workbook."""

from instruments.biotek_gen5.heads import has_head, header_rows
from instruments.biotek_gen5.marks import is_gen5
from instruments.biotek_gen5.plates import PlateReader
from instruments.biotek_gen5.procedure import split_label
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Mode, Plate, Reading, Severity
from instruments.source import Source

NAME = "biotek_gen5"
VERSION = "1"
_OWN_SHEET = " - Sheet"  # Gen5 names its sheets `Plate 1 - Sheet1`


def claims(source: Source) -> bool:
    """Gen5 marks: its header, its procedure, its layout, or a table with labels of Gen5."""
    return is_gen5(source.head)


def read(source: Source) -> Reading:
    """All plates of all sheets.

    Raises:
        NoMeasurement: no table with a measured value.
    """
    plates: list[Plate] = []
    readers: list[PlateReader] = []
    for grid in _grids_of_plates(source):
        starts = header_rows(grid)
        for start, end in zip(starts, [*starts[1:], len(grid)], strict=True):
            reader = PlateReader(source, grid, start, end)
            plate = reader.plate(len(plates) + 1)
            if plate is None:
                continue
            if plates and _is_foreign(reader, plate):
                grid.ledger.ranges.clear()
                continue
            plates.append(plate)
            readers.append(reader)
    if plates and all(_is_imaging(reader) for reader in readers):
        text = "images were taken; every value was calculated from them by Gen5"
        source.note(Severity.WARNING, text)
    elif not any(not read.calculated for plate in plates for read in plate.reads):
        raise NoMeasurement(
            source.filename,
            found="Gen5 sections without a measured value",
            expected="a results matrix or a kinetic, spectrum or scan table",
        )
    facts = readers[0].facts
    if not any(reader.facts.keys() & {"Software Version", "Reader Type"} for reader in readers):
        source.note(Severity.WARNING, "exported without its header: reader and start are unknown")
    return Reading(
        instrument=Instrument(
            vendor="BioTek",
            software="Gen5",
            software_version=facts.get("Software Version") or None,
            model=_known(facts.get("Reader Type", "")),
            serial=_known(facts.get("Reader Serial Number", "")),
        ),
        plates=tuple(plates),
        started_at=plates[0].started_at,
        details={key: value for key, value in facts.items() if value},
    )


def _grids_of_plates(source: Source) -> list[Grid]:
    """Without the sheets that somebody added beside those with a header.

    They hold copies of what was measured, by point number, or what was made of it. Gen5's own
    further sheets are told by their names. The frame names the numbers that are not read.
    """
    grids = list(source.grids)
    if len(grids) > 1 and any(map(has_head, grids)):
        return [grid for grid in grids if has_head(grid) or _OWN_SHEET in (grid.sheet or "")]
    return grids


def _is_foreign(reader: PlateReader, plate: Plate) -> bool:
    """A sheet that somebody added: no header, no procedure, no label of a measured read."""
    has_facts = reader.facts or reader.procedure.steps
    named = (not read.calculated and split_label(read.label)[1] for read in plate.reads)
    return not has_facts and not any(named)


def _is_imaging(reader: PlateReader) -> bool:
    """Whether the procedure only took images: what is exported of them was computed."""
    steps = reader.procedure.steps
    return bool(steps) and all(step.mode is Mode.COUNT for step in steps)


def _known(text: str) -> str | None:
    return None if text.lower() in {"", "n/a"} else text
