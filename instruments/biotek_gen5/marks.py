"""What tells a Gen5 export from other files, whichever of its parts were exported."""

import re
from itertools import pairwise

from instruments.biotek_gen5.procedure import split_label
from instruments.biotek_gen5.tables import AXES
from instruments.wells import row_index, standard_name

_EDGE = r"[\t,;]"
# No pattern crosses lines freely: a head of 64,000 empty lines must not cost their square.
_HEADER = re.compile(rf"(?:^|\n)[\"\t ]*Software Version\"?{_EDGE}")
_MARKS = re.compile(
    r"(?:^|\n)[\"\t ]*(Reader Type:|Reader Serial Number:|Procedure Details|Plate Number|"
    r"Experiment File Path:)"
)
_PROCEDURE = re.compile(r"(?:^|\n)\"?Procedure (?:Details|Summary)\"?[\t,; ]*\n")
_KINETIC = re.compile(
    rf"Time\"?{_EDGE}\"?T\S{{1,3}} [^\t;\n]{{1,60}}?{_EDGE}\"?[A-P]\d{{1,2}}\"?{_EDGE}"
)
# Titles of plates, one for each point, where neither header nor procedure was exported.
_POINT = re.compile(
    r"(?:^|[\n-])[ \"]*(?:(?:Time|Kinetic read)[ ]{1,3}1 \(\d+:\d\d:\d\d\)|"
    r"Wavelength[ ]{1,3}1 \(\d{3,4}(?: nm)?\))"
)
_TEMPERATURE = re.compile(rf"(?:^|\n)[\"\t ]*Actual Temperature:\"?{_EDGE}")
_NEAR = 2000
_AXIS_WORDS = ("Time", "Kinetic read", "Wavelength", '"Time', '"Kinetic read', '"Wavelength')


def is_gen5(head: str) -> bool:
    """Whether a head has Gen5's header, procedure or layout, or a table with labels of Gen5."""
    return (
        _has_header(head)
        or _has_procedure(head)
        or _has_layout(head)
        or _has_points(head)
        or _has_labelled_table(head)
    )


# A plain word first: most files have none of them, and the patterns cost more.


def _has_header(head: str) -> bool:
    if "Software Version" in head and _HEADER.search(head) and _MARKS.search(head):
        return True
    if "Reader Type:" in head and len(set(_MARKS.findall(head[:_NEAR]))) > 1:
        return True
    return "Actual Temperature:" in head and _TEMPERATURE.search(head) is not None


def _has_procedure(head: str) -> bool:
    title = _PROCEDURE.search(head) if "Procedure " in head else None
    return title is not None and "Plate Type" in head[title.end() : title.end() + _NEAR]


def _has_points(head: str) -> bool:
    """A kinetic table with a column `T° label`, or plates drawn one for each point."""
    if "Time" in head and _KINETIC.search(head) is not None:
        return True
    return "Read#1" in head and _POINT.search(head) is not None


def _has_layout(head: str) -> bool:
    """The title Layout, and soon after it a line that ends in `Well ID`."""
    at = head.find("Layout")
    is_near = at >= 0 and "Well ID" in head[at : at + _NEAR]
    return is_near and head[at - 1 : at] in {"", "\n", '"'}


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
    """The cells of a line; whole numbers of a sheet without their decimal point."""
    return [cell.strip(' "').removesuffix(".0") for cell in re.split(_EDGE, line[:_NEAR])]


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
