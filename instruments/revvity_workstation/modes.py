"""What was measured, from a title, the light paths and the settings of the label."""

import re
from collections.abc import Mapping

from instruments.readings import Mode
from instruments.revvity_workstation.settings import setting

_TITLE_UNIT = re.compile(r"\(([^()]*)\)\s*$")
_UNITS = {
    "A": Mode.ABSORBANCE,
    "ABS": Mode.ABSORBANCE,
    "OD": Mode.ABSORBANCE,
    "RFU": Mode.FLUORESCENCE,
    "CPS": Mode.LUMINESCENCE,
    "RLU": Mode.LUMINESCENCE,
    "MP": Mode.FP,
}
_TECHNIQUES = (
    ("polari", Mode.FP),
    ("time-resolved", Mode.TRF),
    ("time resolved", Mode.TRF),
    ("trf", Mode.TRF),
    ("alpha", Mode.ALPHA),
    ("absorbance", Mode.ABSORBANCE),
    ("luminescence", Mode.LUMINESCENCE),
    ("fluorescence", Mode.FLUORESCENCE),
)


def unit_of(title: str) -> str | None:
    """The unit in the title of a matrix, as written: `Results for ... (CPS)`."""
    match = _TITLE_UNIT.search(title)
    return match[1].strip() or None if match is not None else None


def mode_of(label: str, unit: str | None, optics: str, entry: Mapping[str, str]) -> Mode:
    """The mode of a read.

    The settings of the label decide, then the light paths, then the unit; the label's own name
    only where nothing else tells, since a person chose it.
    """
    technique = setting(entry, "Tech", "Technology", "Measurement technology").lower()
    found = _by_name(technique) or _by_settings(entry) or _by_optics(optics)
    if found is None and unit is not None:
        found = _UNITS.get(unit.upper())
    return found or _by_name(label.lower()) or Mode.FLUORESCENCE


def _by_name(text: str) -> Mode | None:
    return next((mode for part, mode in _TECHNIQUES if part in text), None)


def _by_settings(entry: Mapping[str, str]) -> Mode | None:
    if setting(entry, "Excitation time") and setting(entry, "Emission time"):
        # Alpha excites for some time, then listens for some time.
        return Mode.ALPHA
    if setting(entry, "Window", "Window time", "Delay", "Delay time") and setting(
        entry, "Ems. filter", "Emission wavelength", "Exc. filter"
    ):
        return Mode.TRF
    return None


def _by_optics(optics: str) -> Mode | None:
    paths = dict(part.split("=", 1) for part in optics.split() if "=" in part)
    detector, excitation, emission = (paths.get(key, "N/A") for key in ("De", "Ex", "Em"))
    if detector in {"USLum", "Lum"}:
        return Mode.LUMINESCENCE
    if detector in {"Abs", "Photometry"}:
        return Mode.ABSORBANCE
    if not paths:
        return None
    if excitation != "N/A":
        return Mode.FLUORESCENCE if emission != "N/A" else Mode.ABSORBANCE
    return Mode.LUMINESCENCE if emission != "N/A" else None
