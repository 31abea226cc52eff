"""The settings of a workstation export: assay, plate type, labels, filters, plate maps."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from instruments.grids import Grid
from instruments.readings import LayoutEntry
from instruments.revvity_workstation.sections import Part, Section
from instruments.wells import row_index, well_name

_CENTRE = re.compile(r"CWL\s*=\s*(\d+(?:\.\d+)?)\s*nm")
_NANOMETRES = re.compile(r"(\d+(?:\.\d+)?)\s*nm\b")
_NUMBER = re.compile(r"\d+")
_NAME = "Label name"
# Keys of a plate map, as the legend below each map explains them.
_ROLES = {
    "BL": "blank",
    "LB": "blank",
    "CTL": "control",
    "LC": "control",
    "LH": "control",
    "ZH": "control",
    "ZL": "control",
    "STD": "standard",
    "UNK": "sample",
    "S": "sample",
}


@dataclass(slots=True)
class Settings:
    """What the settings say.

    Attributes:
        facts: key and value of all sections without entries of their own.
        labels: settings of each label (EnVision) or measurement (EnSpire: "Meas A").
        filters: description of each filter.
        maps: plate map by plate number.
        rows, columns: of the plate type; None when the export leaves it out.
    """

    facts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    filters: dict[str, str] = field(default_factory=dict)
    maps: dict[str, dict[str, LayoutEntry]] = field(default_factory=dict)
    rows: int | None = None
    columns: int | None = None

    def nanometres(self, text: str) -> float | None:
        """A wavelength as written, or that of the filter so named."""
        match = _NANOMETRES.search(text) or _CENTRE.search(self.filters.get(text, ""))
        return None if match is None else float(match[1])


def read_settings(grid: Grid, sections: Sequence[Section]) -> Settings:
    found = Settings()
    for section in sections:
        if section.part is Part.PLATEMAP:
            _read_maps(grid, section, found.maps)
        elif section.part is Part.SETTINGS:
            _read_section(grid, section, found)
    found.rows = _count(found.facts.get("Number of rows"))
    found.columns = _count(found.facts.get("Number of columns"))
    return found


def _read_section(grid: Grid, section: Section, found: Settings) -> None:
    if section.title == "Labels:":
        found.labels.update(_entries(grid, section))
    elif section.title == "Measurements:":
        found.labels.update(_measurements(grid, section))
    elif section.title == "Filters:":
        for name, entry in _entries(grid, section).items():
            found.filters[name] = entry.get("Description", "")
    elif section.title == "Operations:":
        _read_scans(grid, section, found)
    else:
        for row in range(section.top, section.bottom):
            key, value = _pair(grid, row)
            if key and value:
                found.facts.setdefault(key, value)


def _entries(grid: Grid, section: Section) -> dict[str, dict[str, str]]:
    """Entries separated by blank lines; the first line of each has its name.

    Some versions begin an entry with `Label name` instead, and part it into paragraphs.
    """
    found: dict[str, dict[str, str]] = {}
    entry: dict[str, str] | None = None
    is_named = False
    for row in range(section.top + 1, section.bottom):
        key, value = _pair(grid, row)
        if key == _NAME and value:
            entry, is_named = found.setdefault(value, {}), True
        elif not key:
            entry = entry if is_named else None
        elif entry is None:
            entry = found.setdefault(key, {})
        else:
            entry.setdefault(key, value)
    return found


def _measurements(grid: Grid, section: Section) -> dict[str, dict[str, str]]:
    """Measurements of EnSpire: each begins with a line "Meas" that holds its letter."""
    found: dict[str, dict[str, str]] = {}
    entry: dict[str, str] = {}
    for row in range(section.top + 1, section.bottom):
        key, value = _pair(grid, row)
        if key == "Meas" and value:
            entry = found.setdefault(f"Meas {value}", {})
        elif key:
            entry.setdefault(key, value)
    return found


def _read_scans(grid: Grid, section: Section, found: Settings) -> None:
    """The technique of each measurement stands among the operations ("Tech": "Fluorescence")."""
    name = ""
    for row in range(section.top + 1, section.bottom):
        key, value = _pair(grid, row)
        if key == "Meas" and value:
            name = f"Meas {value}"
        elif name and key in {"Tech", "Monochromator"} and value:
            found.labels.setdefault(name, {}).setdefault(key, value)


def _pair(grid: Grid, row: int) -> tuple[str, str]:
    """Key and value of a line `key,,,,value`; the key without its colon."""
    key = grid.text(row, 0).rstrip(": ")
    for column in range(1, grid.width(row)):
        value = grid.text(row, column)
        if value:
            return key, unquoted(value)
    return key, ""


def unquoted(text: str) -> str:
    """A text without the `="..."` that keeps spreadsheets from reading it as a number."""
    if text.startswith('="') and text.endswith('"'):
        return text[2:-1].strip()
    return text


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None


def _read_maps(grid: Grid, section: Section, maps: dict[str, dict[str, LayoutEntry]]) -> None:
    plate, group = "", ""
    for row in range(section.top + 1, section.bottom):
        key = grid.text(row, 0)
        if key == "Plate":
            plate, group = _pair(grid, row)[1], ""
        elif key == "Group":
            group = _pair(grid, row)[1]
        elif (index := row_index(key)) is not None and plate:
            entries = maps.setdefault(plate, {})
            for column, text in described(grid, row):
                entry = layout_entry(text, group)
                if entry is not None:
                    entries[well_name(index, column - 1)] = entry


def described(grid: Grid, row: int) -> list[tuple[int, str]]:
    """Columns and texts of a line of a plate map; most maps describe nothing."""
    texts = [str(cell).strip() for cell in grid.rows[row]]
    if all(text in {"", "-"} for text in texts[1:]):
        return []
    return list(enumerate(texts))[1:]


def layout_entry(text: str, group: str = "") -> LayoutEntry | None:
    """What a cell of a plate map says; None for an empty or undescribed well."""
    # "-" marks a well that was measured but not described.
    if not text or text == "-":
        return None
    letters = text.rstrip("0123456789 ")
    return LayoutEntry(role=_ROLES.get(letters), sample=text, group=group or None)


def setting(entry: Mapping[str, str], *keys: str) -> str:
    """The first of several keys that a label has; "" when it has none."""
    for key in keys:
        value = entry.get(key, "")
        if value and value != "N/A":
            return value
    return ""
