"""Gen5 exports: tab text, comma text, csv re-saved from a spreadsheet, workbook."""

import re

from instruments.biotek_gen5.plates import PlateReader, header_rows
from instruments.biotek_gen5.procedure import split_label
from instruments.errors import NoMeasurement
from instruments.readings import Instrument, Mode, Plate, Reading, Severity
from instruments.source import Source

NAME = "biotek_gen5"
VERSION = "1"
_EDGE = r"[\t,;]"
# No pattern crosses lines freely: a head of 64,000 empty lines must not cost their square.
_HEADER = re.compile(rf"(?:^|\n)[\"\t ]*Software Version\"?{_EDGE}")
_MARKS = re.compile(
    r"(?:^|\n)[\"\t ]*(?:Reader Type:|Reader Serial Number:|Procedure Details|Plate Number|"
    r"Experiment File Path:)"
)
_PROCEDURE = re.compile(r"(?:^|\n)\"?Procedure (?:Details|Summary)\"?[\t,; ]*\r?\n")
_KINETIC = re.compile(
    rf"Time\"?{_EDGE}\"?T\S{{1,3}} [^\t;\n]{{1,60}}?{_EDGE}\"?[A-P]\d{{1,2}}\"?{_EDGE}"
)
# Titles of plates, one for each point, where neither header nor procedure was exported.
_POINT = re.compile(r"(?:^|[\n-])[ \"]*(?:Time|Kinetic read)[ ]{1,3}1 \(\d+:\d\d:\d\d\)")
_NEAR = 2000


def claims(source: Source) -> bool:
    """Gen5 marks: its header, its procedure, its layout, or a table with `T° label` in the head."""
    head = source.head
    if "Software Version" in head and _HEADER.search(head) and _MARKS.search(head):
        return True
    # A plain word first: most files have none of them, and the patterns cost more.
    if "Procedure " in head and (title := _PROCEDURE.search(head)) is not None:
        return "Plate Type" in head[title.end() : title.end() + _NEAR]
    if _has_layout(head) or ("Time" in head and _KINETIC.search(head) is not None):
        return True
    return "Read#1" in head and _POINT.search(head) is not None


def _has_layout(head: str) -> bool:
    """The title Layout, and soon after it a line that ends in `Well ID`."""
    at = head.find("Layout")
    return at >= 0 and "Well ID" in head[at : at + _NEAR] and head[at - 1 : at] in {"", "\n", '"'}


def read(source: Source) -> Reading:
    """All plates of all sheets.

    Raises:
        NoMeasurement: no table with a measured value.
    """
    plates: list[Plate] = []
    readers: list[PlateReader] = []
    for grid in source.grids:
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
    if not any("Software Version" in reader.facts for reader in readers):
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


def _is_foreign(reader: PlateReader, plate: Plate) -> bool:
    """A sheet that somebody added: no header, no procedure, no label of a measured read."""
    has_head = reader.facts or reader.procedure.steps
    named = (not read.calculated and split_label(read.label)[1] for read in plate.reads)
    return not has_head and not any(named)


def _is_imaging(reader: PlateReader) -> bool:
    """Whether the procedure only took images: what is exported of them was computed."""
    steps = reader.procedure.steps
    return bool(steps) and all(step.mode is Mode.COUNT for step in steps)


def _known(text: str) -> str | None:
    return None if text.lower() in {"", "n/a"} else text
