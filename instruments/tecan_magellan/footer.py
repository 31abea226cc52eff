"""The lines below the values: date, reader, and what each label measured."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.readings import Mode
from instruments.tecan_icontrol import words

DATE = re.compile(
    r"(?:Date of measurement|Datum der Messung|Messdatum)\s*:\s*([^/]*?)\s*"
    r"(?:/\s*(?:Time of measurement|Zeit der Messung|Messzeit)\s*:\s*(.*))?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?:Instrument serial number|Seriennummer.*?)\s*:\s*(.*)", re.IGNORECASE)
_TEMPERATURE = re.compile(
    r"Meas\. temperature\s*:\s*(.*?)\s*:\s*(-?\d+(?:[.,]\d+)?)\s*°?\s*C", re.IGNORECASE
)
_MEASUREMENT = re.compile(r"(?:Measurement|Messung) \d+\s*:", re.IGNORECASE)
_KEY = re.compile(r"([^:]{2,40}?)\s*:\s*(.+)")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:\[?nm\]?)?")
_LONE_WAVELENGTH = re.compile(r"\d{3,4} ?nm", re.IGNORECASE)
_FILE = re.compile(r".+\.(mth|wsp)", re.IGNORECASE)
_WAVELENGTHS = ("wavelength", "excitation", "emission")
_LONGEST = 300  # characters of a line that says something
_PLATE_KEYS = ("plate definition file", "plate description", "plate")
_AREA_KEYS = ("plate area", "range")
_SIZE = re.compile(r"(?<!\d)(1536|384|96|48|24|12|6)(?!\d)")


@dataclass(slots=True)
class Measured:
    """One measurement as described: name, mode, wavelengths, unit."""

    name: str | None = None
    mode_text: str = ""
    wavelength: float | None = None
    excitation: float | None = None
    emission: float | None = None
    unit: str | None = None
    has_attenuation: bool = False

    @property
    def mode(self) -> Mode | None:
        """As written, else as the settings tell."""
        if self.mode_text:
            return words.mode_of(self.mode_text)
        if self.excitation is not None:
            return Mode.FLUORESCENCE
        if self.wavelength is not None:
            return Mode.ABSORBANCE
        return Mode.LUMINESCENCE if self.has_attenuation else None


@dataclass(slots=True)
class Footer:
    """What the lines below the values say."""

    date: Cell = ""
    time: Cell = ""
    serial: str | None = None
    model: str | None = None
    user: str | None = None
    plate: str | None = None
    area: str | None = None
    measured: list[Measured] = field(default_factory=list)
    wavelengths: list[float] = field(default_factory=list)
    temperatures: dict[str, float] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)

    @property
    def plate_size(self) -> int | None:
        """Wells of the plate, from the number in the name of its definition."""
        match = _SIZE.search(self.plate or "")
        return int(match[1]) if match else None


def find_footer(grid: Grid) -> int | None:
    """The row of the date, with which the lines below the values begin."""
    for row in range(len(grid)):
        cell = grid.cell(row, 0)
        if not isinstance(cell, str) or ":" not in cell or len(cell) > _LONGEST:
            continue
        if DATE.fullmatch(cell.strip()) is not None:
            return row
    return None


def read_footer(grid: Grid, top: int) -> Footer:
    """All lines from the row of the date on."""
    footer = Footer()
    before: list[str] = []
    for row, text, is_indented in _lines(grid, top):
        grid.ledger.mark(Use.HEADER, row, row + 1, 0, 1)
        if (match := DATE.fullmatch(text)) is not None:
            footer.date, footer.time = match[1] or "", match[2] or ""
        elif (match := _SERIAL.fullmatch(text)) is not None:
            footer.serial = match[1] or None
            _read_reader(before, footer)
        elif (match := _TEMPERATURE.fullmatch(text)) is not None:
            footer.temperatures[match[1]] = float(match[2].replace(",", "."))
        else:
            _read_fact(text, footer, is_indented=is_indented)
        before.append(text)
    if footer.model is None:
        footer.model = next((text for text in before if text == "SPARK"), None)
    footer.measured = [measured for measured in footer.measured if measured.mode is not None]
    return footer


def _lines(grid: Grid, top: int) -> Iterator[tuple[int, str, bool]]:
    for row in range(top, len(grid)):
        text = grid.text(row, 0)
        if 0 < len(text) <= _LONGEST:
            cell = grid.cell(row, 0)
            yield row, text, isinstance(cell, str) and cell.startswith(" ")


def _read_reader(before: list[str], footer: Footer) -> None:
    """User and reader stand in the two lines above the serial number."""
    if before:
        footer.model = before[-1]
    if len(before) > 1 and ":" not in before[-2] and _FILE.fullmatch(before[-2]) is None:
        footer.user = before[-2]


def _read_fact(text: str, footer: Footer, *, is_indented: bool) -> None:
    if _LONE_WAVELENGTH.fullmatch(text):
        footer.wavelengths.append(float(text.lower().removesuffix("nm")))
    elif _FILE.fullmatch(text):
        footer.details.setdefault("method" if text.lower().endswith("mth") else "workspace", text)
    elif _MEASUREMENT.fullmatch(text):
        footer.measured.append(Measured())
    elif words.mode_of(text) is not None and ":" not in text:
        footer.measured.append(Measured(mode_text=text))
    elif (match := _KEY.fullmatch(text)) is not None:
        _read_setting(match[1].strip().lower(), match[2].strip(), footer, is_indented=is_indented)


def _read_setting(key: str, value: str, footer: Footer, *, is_indented: bool) -> None:
    if key in _PLATE_KEYS or (key == "name" and not is_indented):
        footer.plate = footer.plate or value
        return
    if key in _AREA_KEYS:
        footer.area = footer.area or value
    key = key.removeprefix("measurement ") if key == "measurement mode" else key
    kept = words.setting(key) or key
    if kept == "mode":
        if words.mode_of(value) is None:
            return
        if not footer.measured or _is_stated(footer.measured[-1], value):
            footer.measured.append(Measured())
        footer.measured[-1].mode_text = value
    elif footer.measured or kept in (*_WAVELENGTHS, "name", "label"):
        opens = not footer.measured or (
            kept in ("name", "label") and footer.measured[-1].name is not None
        )
        if opens:
            footer.measured.append(Measured())
        _set(footer.measured[-1], kept, value)
    elif kept == "attenuation":
        footer.measured.append(Measured(has_attenuation=True))


def _is_stated(measured: Measured, mode: str) -> bool:
    """Whether a further line for the mode opens a further measurement."""
    return bool(measured.mode_text) and (
        measured.wavelength is not None
        or measured.excitation is not None
        or words.mode_of(measured.mode_text) is not words.mode_of(mode)
    )


def _set(measured: Measured, key: str, value: str) -> None:
    number = _NUMBER.match(value)
    if key in ("name", "label"):
        measured.name = measured.name or value
    elif key == "unit":
        measured.unit = value
    elif key == "attenuation":
        measured.has_attenuation = True
    elif key in _WAVELENGTHS and number is not None and getattr(measured, key) is None:
        setattr(measured, key, float(number[1].replace(",", ".")))
