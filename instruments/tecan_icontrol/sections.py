"""The lines between the tables: what was measured, when, how warm it was.

A label (i-control) or a mode (SparkControl, and i-control with several labels in one kinetic)
opens a section; the tables below belong to the sections in their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.readings import Message, Mode, Severity
from instruments.tecan_icontrol import words

_SETTINGS_FROM, _SETTINGS_TO = 4, 9  # settings stand in columns E and F, both exporters


@dataclass(slots=True)
class Section:
    """The settings of one label, as the file writes them.

    Attributes:
        name: of the label, None where the file gives none.
        mode_text: "" where the file has no line for the mode.
        start: the cell of the start time.
        has_label: opened by a line "Label:", which has one table right below it.
        part: wells to be read, "A1-H3" or "A1-D6;F1-F6"; None for the whole plate.
    """

    name: str | None = None
    mode_text: str = ""
    wavelength: float | None = None
    reference: float | None = None
    excitation: float | None = None
    emission: float | None = None
    unit: str | None = None
    start: Cell = ""
    temperature: float | None = None
    part: str | None = None
    has_attenuation: bool = False
    has_label: bool = False
    is_used: bool = False

    @property
    def mode(self) -> Mode | None:
        """What was measured: as written, else as the settings tell."""
        if self.mode_text:
            return words.mode_of(self.mode_text)
        if self.excitation is not None:
            return Mode.FLUORESCENCE
        if self.wavelength is not None:
            return Mode.ABSORBANCE
        return Mode.LUMINESCENCE if self.has_attenuation else None


@dataclass(slots=True)
class Lines:
    """What stands between two tables.

    Attributes:
        sections: those that open there.
        title: the text right above the next table, or "".
        temperature: written on its own, in degrees C.
        starts, ends: cells of start and end times.
    """

    sections: list[Section] = field(default_factory=list)
    title: str = ""
    temperature: float | None = None
    starts: list[Cell] = field(default_factory=list)
    ends: list[Cell] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)


def read_lines(grid: Grid, top: int, bottom: int) -> Lines:
    """The lines from `top` to `bottom` (exclusive), where the next table or the end is."""
    lines = Lines()
    row = top
    while row < bottom:
        if not grid.is_blank(row):
            row = _read_line(grid, row, bottom, lines)
        row += 1
    lines.title = _title(grid, top, bottom)
    return lines


def _read_line(grid: Grid, row: int, bottom: int, lines: Lines) -> int:
    first = grid.text(row, 0)
    key = words.setting(first)
    _mark_settings(grid, row, key)
    if key is not None:
        _read_setting(grid, row, key, lines)
    elif (label := words.LABEL.fullmatch(first)) is not None:
        lines.sections.append(Section(name=label[1].strip() or None, has_label=True))
    elif words.LABEL_COUNT.fullmatch(first):
        lines.sections.append(Section())
    elif words.WARNING.fullmatch(first):
        return _read_warning(grid, row, bottom, lines)
    _read_temperature(grid, row, lines)
    return row


def _read_setting(grid: Grid, row: int, key: str, lines: Lines) -> None:
    value = next(_values(grid, row), "")
    if value == "":
        return
    if key == "mode":
        if not lines.sections or lines.sections[-1].mode_text:
            lines.sections.append(Section())
        lines.sections[-1].mode_text = str(value).strip()
    elif key == "end":
        lines.ends.append(value)
    elif lines.sections:
        _set(grid, row, key, value, lines.sections[-1])
    if key == "start":
        lines.starts.append(value)


def _set(grid: Grid, row: int, key: str, value: Cell, section: Section) -> None:
    number = next(_numbers(grid, row), None)
    if key == "name":
        section.name = section.name or str(value).strip()
    elif key == "start":
        section.start = value
    elif key == "output":
        section.unit = str(value).strip()
    elif key == "part":
        section.part = str(value).strip()
        # A long list of wells goes on in the line below.
        while section.part.endswith(";") and not grid.text(row + 1, 0):
            row += 1
            section.part += str(next(_values(grid, row), "")).strip() or " "
    elif key == "attenuation":
        section.has_attenuation = True
    elif number is not None:
        setattr(section, key, number)  # wavelength, reference, excitation, emission, temperature


def _values(grid: Grid, row: int) -> Iterator[Cell]:
    for column in range(1, grid.width(row)):
        cell = grid.cell(row, column)
        if not isinstance(cell, str):
            yield cell
        elif cell.strip():
            yield cell.strip().lstrip("'")


def _numbers(grid: Grid, row: int) -> Iterator[float]:
    for column in range(1, grid.width(row)):
        number = grid.number(row, column)
        if number is not None:
            yield number


def _read_temperature(grid: Grid, row: int, lines: Lines) -> None:
    for cell in grid.rows[row][:2]:
        if type(cell) is not str or "emp" not in cell:
            continue
        match = words.WRITTEN_TEMPERATURE.fullmatch(cell.strip())
        if match is not None:
            lines.temperature = float(match[1].replace(",", "."))


def _read_warning(grid: Grid, row: int, bottom: int, lines: Lines) -> int:
    """A warning of the reader and the lines that go on below it, in the second column."""
    place = grid.place(row)
    parts = [grid.text(row, column) for column in range(1, grid.width(row))]
    while row + 1 < bottom and not grid.text(row + 1, 0) and grid.text(row + 1, 1):
        row += 1
        parts += [grid.text(row, column) for column in range(1, grid.width(row))]
        grid.ledger.mark(Use.HEADER, row, row + 1)
    text = " ".join(part for part in parts if part)
    lines.messages.append(Message(Severity.WARNING, f"the reader warned: {text}", place))
    return row


def _title(grid: Grid, top: int, bottom: int) -> str:
    """A lone text right above the table, with at most one empty line between."""
    row = bottom - 1
    if row >= top and grid.is_blank(row):
        row -= 1
    if row < top or grid.width(row) != 1:
        return ""
    text = grid.text(row, 0)
    is_other = (
        words.setting(text) is not None
        or words.LABEL.fullmatch(text)
        or words.LABEL_COUNT.fullmatch(text)
        or words.WRITTEN_TEMPERATURE.fullmatch(text)
    )
    return "" if is_other else text


def _mark_settings(grid: Grid, row: int, key: str | None) -> None:
    """Settings stand right of column D. A number beside the first cell is no setting."""
    if key in ("start", "end"):
        grid.ledger.mark(Use.HEADER, row, row + 1)
        return
    left = _SETTINGS_FROM if key is None else 1
    grid.ledger.mark(Use.HEADER, row, row + 1, left, _SETTINGS_TO)
