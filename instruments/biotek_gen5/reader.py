"""Gen5 exports: tab text, comma text, csv re-saved from a spreadsheet, workbook."""

import re
from itertools import pairwise

from instruments.biotek_gen5.plates import PlateReader, header_rows
from instruments.biotek_gen5.procedure import split_label
from instruments.biotek_gen5.tables import AXES
from instruments.errors import NoMeasurement
from instruments.readings import Instrument, Mode, Plate, Reading, Severity
from instruments.source import Source
from instruments.wells import row_index, standard_name

NAME = "biotek_gen5"
VERSION = "1"
_EDGE = r"[\t,;]"
# No pattern crosses lines freely: a head of 64,000 empty lines must not cost their square.
_HEADER = re.compile(rf"(?:^|[\r\n])[\"\t ]*Software Version\"?{_EDGE}")
_MARKS = re.compile(
    r"(?:^|[\r\n])[\"\t ]*(?:Reader Type:|Reader Serial Number:|Procedure Details|Plate Number|"
    r"Experiment File Path:)"
)
_PROCEDURE = re.compile(r"(?:^|[\r\n])\"?Procedure (?:Details|Summary)\"?[\t,; ]*[\r\n]")
_KINETIC = re.compile(
    rf"Time\"?{_EDGE}\"?T\S{{1,3}} [^\t;\r\n]{{1,60}}?{_EDGE}\"?[A-P]\d{{1,2}}\"?{_EDGE}"
)
# Titles of plates, one for each point, where neither header nor procedure was exported.
_POINT = re.compile(
    r"(?:^|[\r\n-])[ \"]*(?:(?:Time|Kinetic read)[ ]{1,3}1 \(\d+:\d\d:\d\d\)|"
    r"Wavelength[ ]{1,3}1 \(\d{3,4}(?: nm)?\))"
)
_TEMPERATURE = re.compile(rf"(?:^|[\r\n])[\"\t ]*Actual Temperature:\"?{_EDGE}")
_NEAR = 2000
_OWN_SHEET = " - Sheet"  # Gen5 names its sheets `Plate 1 - Sheet1`
_AXIS_WORDS = ("Time", "Kinetic read", "Wavelength", '"Time', '"Kinetic read', '"Wavelength')


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
    if "Read#1" in head and _POINT.search(head) is not None:
        return True
    if "Actual Temperature:" in head and _TEMPERATURE.search(head) is not None:
        return True
    return _has_labelled_table(head)


def _has_layout(head: str) -> bool:
    """The title Layout, and soon after it a line that ends in `Well ID`."""
    at = head.find("Layout")
    is_near = at >= 0 and "Well ID" in head[at : at + _NEAR]
    return is_near and head[at - 1 : at] in {"", "\n", "\r", '"'}


def _has_labelled_table(head: str) -> bool:
    """A table alone: lines of a matrix that end in a label of Gen5, or wells below such a title."""
    title = ""
    for line, below in pairwise(head[:_NEAR].splitlines()):
        corner = line.lstrip('\t,; "')
        if not corner:
            continue
        if corner is not line and corner[0].isdecimal():
            return _heads_labelled_lines(_cells(line), _cells(below), _title(title))
        if "Well" in line and _heads_list(_cells(line), _cells(below)):
            return True
        if line.startswith(_AXIS_WORDS):
            cells = _cells(line)
            is_axis = cells[0] in AXES and len(cells) > 1 and standard_name(cells[1]) is not None
            return is_axis and _is_label(_title(title))
        title = line
    return False


def _heads_list(titles: list[str], line: list[str]) -> bool:
    """The titles of a list of wells: `Well ID` and `Well`, or a label of Gen5."""
    at = titles.index("Well") if "Well" in titles else len(line)
    named = "Well ID" in titles[:at] or any(":" in title and _is_label(title) for title in titles)
    return at < len(line) and named and standard_name(line[at]) is not None


def _title(line: str) -> str:
    return ",".join(_cells(line)).rstrip(",")


def _cells(line: str) -> list[str]:
    return [cell.strip(' "') for cell in re.split(_EDGE, line[:_NEAR])]


def _heads_labelled_lines(columns: list[str], line: list[str], title: str) -> bool:
    """Column numbers behind an empty corner, and below them a plate row with a label at its end."""
    filled = [cell for cell in columns if cell]
    left = columns.index(filled[0])
    many = len(filled)
    if left == 0 or len(line) <= left + many or not filled[0].isdecimal() or len(filled[0]) > 2:  # noqa: PLR2004
        return False
    counted = [str(int(filled[0]) + index) for index in range(many)]
    label = ",".join(line[left + many :]).rstrip(",")
    # A bare wavelength could be a number of a wider table: the title above must say the same.
    is_told = ":" in label or title in {"Results", label}
    is_row = row_index(line[left - 1]) is not None
    return columns[left : left + many] == counted and is_row and is_told and _is_label(label)


def _is_label(text: str) -> bool:
    return split_label(text)[1] is not None


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
            reader, said = PlateReader(source, grid, start, end), len(source.messages)
            plate = reader.plate(len(plates) + 1)
            if plate is None:
                continue
            if plates and _is_foreign(reader, plate, beside=readers):
                grid.ledger.ranges.clear()
                del source.messages[said:]  # of tables that are no plate
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


def _is_foreign(reader: PlateReader, plate: Plate, beside: list[PlateReader]) -> bool:
    """A sheet that somebody added: no header, no procedure, and not named as Gen5 names sheets.

    Such sheets hold copies of what was measured, by point number, or what was made of it.
    """
    if _has_head(reader):
        return False
    named = (not read.calculated and split_label(read.label)[1] for read in plate.reads)
    is_copy = any(map(_has_head, beside)) and _OWN_SHEET not in (reader.grid.sheet or _OWN_SHEET)
    return is_copy or not any(named)


def _has_head(reader: PlateReader) -> bool:
    return bool(reader.facts or reader.procedure.steps)


def _is_imaging(reader: PlateReader) -> bool:
    """Whether the procedure only took images: what is exported of them was computed."""
    steps = reader.procedure.steps
    return bool(steps) and all(step.mode is Mode.COUNT for step in steps)


def _known(text: str) -> str | None:
    return None if text.lower() in {"", "n/a"} else text
