"""The words of a SkanIt report, in the languages it is written in, and what they mean."""

import re
from functools import lru_cache

from instruments.readings import Mode

TITLES = (
    "Measurement results",
    "Résultats de mesure",
    "Messergebnisse",
    "Messresultate",
    "Resultados de medición",
    "Resultados de la medición",
    "Resultados da medição",
    "Risultati di misura",
    "Risultati della misurazione",
    "測定結果",
    "测量结果",
)
RAW_HEADS = ("Wavelength(s) [nm]", "Raw absorbance")  # the Multiskan Sky's own workbook
SESSION = re.compile(r"\.skax?\b", re.IGNORECASE)
RANGE = re.compile(r"\bA1\s*[-–]\s*[A-Z]+\d+$")  # "Autoloading range A1 - M198"

_UNITS = {
    "abs": (Mode.ABSORBANCE, "AU"),
    "od": (Mode.ABSORBANCE, "AU"),
    "ext": (Mode.ABSORBANCE, "AU"),
    "t%": (Mode.ABSORBANCE, "%T"),
    "%t": (Mode.ABSORBANCE, "%T"),
    "t [%]": (Mode.ABSORBANCE, "%T"),
    "rfu": (Mode.FLUORESCENCE, "RFU"),
    "rlu": (Mode.LUMINESCENCE, "RLU"),
    "mp": (Mode.FP, "mP"),
    "raw absorbance": (Mode.ABSORBANCE, "AU"),
    "absorbance": (Mode.ABSORBANCE, "AU"),
}
_STEPS = (
    (Mode.TRF, r"trf|time.?resolved"),
    (Mode.ALPHA, r"alpha"),
    (Mode.FP, r"fluorescence polari[sz]ation|polari[sz]ation"),
    (Mode.ABSORBANCE, r"absorban|absorption|absorvân|assorban|photometr|extinktion|吸光|吸収"),
    (Mode.LUMINESCENCE, r"lumine?s[zc]en|luminomet|发光|発光"),
    (Mode.FLUORESCENCE, r"fluore?s[zc]en|fluorom|荧光|蛍光"),
)
_CALCULATIONS = re.compile(
    r"blank|average|mean|concentration|curve fit|quantitative|qualitative|ratio|equation|"
    r"subtract|normali[sz]|kinetic (?:rate|calc|reduction)|rate|path ?length|statistic|dilution|"
    r"cut.?off|classif|pre-?calc|transform|parallel|area under|peak|correct|moyenne|blanc|"
    r"mittelwert|leerwert|berechn|calcul|average|endpoint",
    re.IGNORECASE,
)
_WAVELENGTH = re.compile(
    r"(?:wave ?length|longueurs? d.onde|wellenlänge|longitud de onda|comprimento de onda|"
    r"lunghezza d.onda|波长|波長)\D{0,12}?(\d+(?:[.,]\d+)?)\s*(?:nm|$)",
    re.IGNORECASE,
)
_EXCITATION = re.compile(r"\b(?:ex|anregung)\w*\b\D{0,30}?(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_EMISSION = re.compile(r"\b(?:em|ém)\w*\b\D{0,30}?(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_READING = re.compile(r"(?:reading|lecture|messung|lectura|lettura)\s*:?\s*#?(\d+)", re.IGNORECASE)
_SECONDS = re.compile(
    r"(?:\[s\]\s*:?|time\s*:|temps\s*:|zeit\s*:)\s*(\d+(?:[.,]\d+)?)|(\d+(?:[.,]\d+)?)\s*s\b"
)
_ROLES = (
    ("blank", r"bl(?:an[ck]\w*)?$|leer\w*$|blanco$|bianco$"),
    ("standard", r"std$|standard$|cal(?:ibrator)?$"),
    ("control", r"c(?:on)?tro?l$|nc$|pc$|kontrolle$|contrôle$|controle?$|neg\w*$|pos\w*$"),
    ("sample", r"unk?(?:nown)?$|sample$|[eé]chantillon$|probe$|muestra$|amostra$|campione$"),
)


@lru_cache(maxsize=1024)
def unit_of(head: str) -> tuple[Mode, str] | None:
    """Mode and unit of the word in the corner of a matrix; None when it is no unit."""
    return _UNITS.get(head.strip().lower())


@lru_cache(maxsize=1024)
def mode_of_step(name: str) -> Mode | None:
    """The mode of a measuring step from its name; None for a calculation or an unknown name."""
    if _CALCULATIONS.search(name):
        return None
    return next((mode for mode, word in _STEPS if re.search(word, name, re.IGNORECASE)), None)


@lru_cache(maxsize=1024)
def is_calculation(name: str) -> bool:
    return _CALCULATIONS.search(name) is not None


@lru_cache(maxsize=1024)
def wavelength_of(line: str) -> float | None:
    match = _WAVELENGTH.search(line)
    return None if match is None else _number(match[1])


@lru_cache(maxsize=1024)
def pair_of(line: str) -> tuple[float | None, float | None]:
    """Excitation and emission of a line such as `Excitation: 485 nm, Emission: 535 nm`."""
    if "nm" not in line:
        return None, None
    excitation, emission = _EXCITATION.search(line), _EMISSION.search(line)
    return (
        None if excitation is None else _number(excitation[1]),
        None if emission is None else _number(emission[1]),
    )


@lru_cache(maxsize=1024)
def reading_of(line: str) -> tuple[int, float | None] | None:
    """Number and time in seconds of a line such as `Reading 2, avg. time [s]: 30`."""
    match = _READING.match(line)
    if match is None:
        return None
    seconds = _SECONDS.search(line, match.end())
    return int(match[1]), None if seconds is None else _number(seconds[1] or seconds[2])


def role_of(sample: str) -> str | None:
    """The role that SkanIt's own sample names show: Blank1, Std0001, Un0001, Ctrl1."""
    return _role(sample.rstrip("0123456789 _-").lower())


@lru_cache(maxsize=1024)
def _role(letters: str) -> str | None:
    return next((role for role, word in _ROLES if re.match(word, letters)), None)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
