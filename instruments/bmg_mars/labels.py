"""Titles of BMG data: `Raw Data (480-14/520-30)` is measured, all else is calculated by MARS."""

import re
from dataclasses import dataclass

from instruments.moments import seconds_of
from instruments.readings import Mode

_NUMBERING = re.compile(r"\s*\d+\.\s+(?=\S)")
_INNER = re.compile(r"(?:Raw Data|Well Scan:[^()]{0,60}?)\s*\(([^()]*)\)")
_SIDES = re.compile(r"\s*/\s*|\s*,\s+")
_NUMBER = re.compile(r"(?<![\d.])(\d{3,4}(?:\.\d+)?)(?![\d.])")
_TIMED = re.compile(
    r"(?P<label>.*?\)|Temperature)\s+(?P<cycle>\d+)\s*-\s*(?P<time>\d.*)", re.DOTALL
)
_BARE_CYCLE = re.compile(r"\s*\d+\s*-\s*\d+\s*")
_CYCLE = re.compile(r"\s*Cycle\s+(\d+)\s*(?:\(\s*(.*?)\s*(?:-[^()]*)?\))?\s*")
_UNITS = {"s": 1.0, "sec": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_UNIT = re.compile(r"\[\s*([a-z]+)\s*\]")


@dataclass(frozen=True, slots=True)
class Optics:
    wavelength_nm: float | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None


def without_number(title: str) -> str:
    """A title without the number that SMART Control puts before it (`4. Raw Data (600)`)."""
    match = _NUMBERING.match(title)
    return title if match is None else title[match.end() :]


def is_measured(label: str) -> bool:
    return label.lstrip().startswith("Raw Data")


def optics_of(label: str, mode: Mode) -> Optics:
    """The wavelengths in the brackets: 580/620, 480-14/520-30 (centre and width), 535 A, 450 1.

    Omega readers write 355, 460; a third part in the middle is the dichroic mirror.
    """
    match = _INNER.search(label)
    if match is None or "Spectrum" in match[1]:
        return Optics()
    sides = [_first_number(side) for side in _SIDES.split(match[1])]
    if mode is Mode.ABSORBANCE:
        return Optics(wavelength_nm=sides[0])
    if mode is Mode.LUMINESCENCE:
        return Optics(emission_nm=sides[0])
    if len(sides) > 1:
        return Optics(excitation_nm=sides[0], emission_nm=sides[-1])
    return Optics()  # one filter of a fluorescence read: the file does not say which side


def mode_by_label(label: str) -> Mode | None:
    """What the brackets alone suggest, for a run of several modes or without a mode line."""
    match = _INNER.search(label)
    if match is None or _first_number(match[1]) is None:
        return None
    return Mode.FLUORESCENCE if len(_SIDES.split(match[1])) > 1 else Mode.ABSORBANCE


def is_bare_cycle(title: str) -> bool:
    """Whether a column title is a mere count (`1 - 1`); the true title stands above the table."""
    return _BARE_CYCLE.fullmatch(title) is not None


def is_temperature(label: str) -> bool:
    return label.strip() == "Temperature"


def cycle_time(text: str) -> float | None:
    """Seconds of a line such as `Cycle 2 (0 min 38 s)`; None for other lines."""
    match = _CYCLE.fullmatch(text)
    return None if match is None or match[2] is None else seconds_of(match[2])


def timed_label(label: str) -> tuple[str, float | None]:
    """Label and seconds of a column title that holds both: `Raw Data (600) 2 - 0 h 10 min`."""
    match = _TIMED.fullmatch(label.strip())
    seconds = None if match is None else seconds_of(match["time"].strip())
    return (label, None) if match is None or seconds is None else (match["label"], seconds)


def axis_seconds(label: str) -> float | None:
    """Seconds in one unit of an axis: `Time [s]`, `Time [min]`, `Time [h]`; None without unit."""
    match = _UNIT.search(label)
    return None if match is None else _UNITS.get(match[1])


def _first_number(text: str) -> float | None:
    match = _NUMBER.search(text)
    return None if match is None else float(match[1])
