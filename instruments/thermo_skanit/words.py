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
    "Результаты измерений",
    "測定結果",
    "测量结果",
    "測量結果",
)
RAW_HEADS = ("Wavelength(s) [nm]", "Raw absorbance")  # the Multiskan Sky's own workbook
SESSION = re.compile(r"\.skax?\b", re.IGNORECASE)
# SkanIt 2 names the sheets and blocks of its steps so, and has no session line.
_OLD = r"(?:Photometric|Fluorometric|Luminometric|(?:Pho|Flu|Lum)-Scanning)\d{1,3}"
OLD_STEP = re.compile(rf"{_OLD}$")
OLD_BLOCK = re.compile(rf"^{_OLD}[\t;,]*\r?$", re.MULTILINE)
VERSION = re.compile(r"\bver\.?\s*(\d[\d.]{0,20}\d)")
READER = re.compile(r"(?:Varioskan|Multiskan|Fluoroskan|Luminoskan|Appliskan)\b")
SERIALS = frozenset(
    {
        "Serial number",
        "Instrument serial number",
        "Numéro de série",
        "Seriennummer",
        "Número de serie",
        "Número de série",
        "Numero di serie",
        "Серийный номер",
        "シリアル番号",
        "序列号",
        "序號",
    }
)
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
    "optical density": (Mode.ABSORBANCE, "AU"),
    "吸光值": (Mode.ABSORBANCE, "AU"),
    "吸光度": (Mode.ABSORBANCE, "AU"),
    "吸光度值": (Mode.ABSORBANCE, "AU"),
}
_SAMPLES = re.compile(
    r"(?:samples?|[eé]chantillons?|proben?|muestras?|amostras?|campion[ei]|образ(?:ец|цы)|próbk[ai]|"
    r"prøver?|prover?|monsters?|サンプル|試料|样本|樣本|样品)$",
    re.IGNORECASE,
)
# Settings of a calculation stand between the name of its step and the matrix, one a line.
_SETTING = re.compile(r"[^:：]{1,60}[:：]\s*\S")
_SETTING_WORDS = re.compile(
    r"source|quelle|fuente|fonte|origin|transform|regression|extrapol|fit\b|formula|equation|"
    r"数据源|源步骤|转换|回归|外推|原点",
    re.IGNORECASE,
)
_STEPS = (
    (Mode.TRF, r"trf|time.?resolved"),
    (Mode.ALPHA, r"alpha"),
    (Mode.FP, r"fluorescence polari[sz]ation|polari[sz]ation"),
    (
        Mode.ABSORBANCE,
        r"absorban|absorption|absorvân|assorban|photometr|pho-scan|extinktion|поглощ|吸光|吸収",
    ),
    (Mode.LUMINESCENCE, r"lumine?s[zc]en|luminomet|lum-scan|люминесц|发光|冷光|発光"),
    (Mode.FLUORESCENCE, r"fluore?s[zc]en|fluorom|flu-scan|флуоресц|荧光|熒光|蛍光"),
)
_CALCULATIONS = re.compile(
    r"blank|average|\bmean\b|concentration|curve|quantitative|qualitative|\bratios?\b|equation|"
    r"subtract|normali[sz]|kinetic (?:rate|calc|reduction)|reduction|\brates?\b|path ?length|"
    r"statistic|dilution|cut.?off|classif|pre-?calc|transform|parallel|area under|\bpeaks?\b|"
    r"correct|purity|replicate|standard deviation|^(?:std\.? ?dev\.?|sd|cv ?%?|values?)$|"
    r"moyenne|blanc|courbe|mittelwert|leerwert|kurve|berechn|calcul|curva|^endpoint|"
    r"空白|平均|浓度|濃度|曲线|曲線|検量線|计算|計算|归一|校正|补正|補正|稀释|统计|比率|数值",
    re.IGNORECASE,
)
_WAVELENGTH = re.compile(
    r"(?:wave ?length|longueurs? d.onde|wellenlänge|longitud de onda|comprimento de onda|"
    r"lunghezza d.onda|длина волны|波长|波長)\D{0,12}?(\d+(?:[.,]\d+)?)\s*(?:[nн][mм]|$)",
    re.IGNORECASE,
)
_TWO_WAVELENGTHS = re.compile(
    r"\D{2,40}?(\d{3}(?:[.,]\d+)?)\s*(?:nm)?\D{1,12}?(\d{3}(?:[.,]\d+)?)\s*nm\s*$", re.IGNORECASE
)
_EXCITATION = re.compile(
    r"(?:\b(?:ex|anregung)\w*\b|激发|激發|励起)\D{0,30}?(\d+(?:[.,]\d+)?)", re.IGNORECASE
)
_EMISSION = re.compile(
    r"(?:\b(?:em|ém)\w*\b|发射|發射|蛍光波長)\D{0,30}?(\d+(?:[.,]\d+)?)", re.IGNORECASE
)
_READING = re.compile(
    r"(?:reading|lecture|messung|lectura|lettura|读数|測定)\s*:?\s*#?(\d+)", re.IGNORECASE
)
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
def is_sample_word(head: str) -> bool:
    """Whether the corner of a matrix says that names of samples stand in it."""
    return _SAMPLES.match(head.strip()) is not None


@lru_cache(maxsize=1024)
def is_setting(line: str, *, is_last: bool) -> bool:
    """`Source A: Firefly`, `Through origin: No`: a setting of a step and no name.

    The last line above a matrix names the plate, which may hold a colon too.
    """
    if _SETTING.match(line) is None:
        return False
    return not is_last or _SETTING_WORDS.search(re.split("[:：]", line)[0]) is not None


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
    if excitation is None and emission is None and _WAVELENGTH.match(line) is not None:
        both = _TWO_WAVELENGTHS.match(line)
        if both is not None:
            return _number(both[1]), _number(both[2])
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
