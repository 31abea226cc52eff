"""The words of Tecan's exports, in English, German and French."""

import re

from instruments.readings import Mode

CYCLE = re.compile(r"(?:cycle|zyklus|zyklen)\s*(?:nr\.?|no\.?|n[°º])?", re.IGNORECASE)
CYCLES_PER_WELL = re.compile(r"(?:cycles|zyklen)\s*/\s*well", re.IGNORECASE)
TIME = re.compile(r"(?:time|zeit|temps)\s*\[(µs|us|ms|s|sec|min|h)\]", re.IGNORECASE)
TEMPERATURE = re.compile(r"temp(?:\.|eratur|erature)?\s*\[\s*°?\s*c\s*\]", re.IGNORECASE)
WAVELENGTH = re.compile(r"(?:wavel|wellenl)\w*\.?(?:\s*\[nm\])?", re.IGNORECASE)
MEAN = re.compile(r"mean|mittelwert|average|moyenne", re.IGNORECASE)
DEVIATION = re.compile(r"st\.?\s?dev\.?|stabw\.?|std\.?\s?abw\.?|standardabweichung", re.IGNORECASE)
POSITION = re.compile(r"(-?\d+)\s*;\s*(-?\d+)")
LABEL = re.compile(r"(?:label|bezeichnung)\s*:\s*(.*)", re.IGNORECASE)
LABEL_COUNT = re.compile(r"\d+\s+labels?", re.IGNORECASE)
WARNING = re.compile(r"(?:warning|warnung|error|fehler)\s*:?", re.IGNORECASE)
CALCULATED = re.compile(
    r"difference|differenz|polari[sz]ation|polarisation|anisotrop\w+|total intensity|ratio|"
    r"g-?factor|mean|mittelwert|st\.?dev\.?|blank reduced.*|delta.*",
    re.IGNORECASE,
)
REFERENCE = re.compile(r"reference|referenz", re.IGNORECASE)
WRITTEN_TEMPERATURE = re.compile(
    r"temp[eé]ratur(?:e)?\s*:\s*(-?\d+(?:[.,]\d+)?)\s*°?\s*C?", re.IGNORECASE
)
SECONDS = {"µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "min": 60.0, "h": 3600.0}

_SETTINGS = {
    "mode": "mode",
    "modus": "mode",
    "name": "name",
    "wavelength": "wavelength",
    "measurement wavelength": "wavelength",
    "wellenlänge": "wavelength",
    "messwellenlänge": "wavelength",
    "reference wavelength": "reference",
    "referenzwellenlänge": "reference",
    "excitation wavelength": "excitation",
    "anregungswellenlänge": "excitation",
    "excitation": "excitation",
    "emission wavelength": "emission",
    "emissionswellenlänge": "emission",
    "emission": "emission",
    "start time": "start",
    "startzeit": "start",
    "end time": "end",
    "endzeit": "end",
    "output": "output",
    "temperature": "temperature",
    "temperatur": "temperature",
    "part of plate": "part",
    "teil der platte": "part",
    "plattenbereich": "part",
    "attenuation": "attenuation",
    "abschwächung": "attenuation",
    "longueur d'onde": "wavelength",
    "longueur d'onde de mesure": "wavelength",
    "longueur d'onde de référence": "reference",
    "longueur d'onde d'excitation": "excitation",
    "longueur d'onde d'émission": "emission",
    "heure de début": "start",
    "heure de fin": "end",
    "température": "temperature",
    "partie de plaque": "part",
    "partie de la plaque": "part",
    "atténuation": "attenuation",
}
_UNIT = re.compile(r"\s*\[[^\]]*\]\s*$")
_MODES = (
    ("polari", Mode.FP),
    ("time resolved", Mode.TRF),
    ("time-resolved", Mode.TRF),
    ("zeitaufgelöst", Mode.TRF),
    ("htrf", Mode.TRF),
    ("tr-fret", Mode.TRF),
    ("trf", Mode.TRF),
    ("alpha", Mode.ALPHA),
    ("absor", Mode.ABSORBANCE),
    ("fluor", Mode.FLUORESCENCE),
    ("lumin", Mode.LUMINESCENCE),
    ("lumines", Mode.LUMINESCENCE),
    ("cell count", Mode.COUNT),
)


def setting(text: str) -> str | None:
    """Our name of a setting, or None when it is none that a read needs."""
    plain = text.lower().replace("’", "'")
    if plain[-1:] == "]":
        plain = _UNIT.sub("", plain)
    return _SETTINGS.get(plain.strip().rstrip(":").strip())


def mode_of(text: str) -> Mode | None:
    """The mode that a text names ("Fluorescence Top Reading"), or None ("Shaking")."""
    lower = text.lower()
    return next((mode for mark, mode in _MODES if mark in lower), None)
