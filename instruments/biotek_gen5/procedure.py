"""The procedure of a Gen5 plate: which steps read what. It tells measured labels from calculated.

Gen5 names a measured data set `<step>:<optics>`, where the optics are a wavelength (600), a filter
pair (485/20,528/20), `Lum`, `Alpha` or `Spectrum`. A step without name leaves the optics alone;
several of them are told apart as `Read 1:600`, `Read 2:600`. Everything else is calculated: blank
subtraction puts a word before a label, reductions put the label in brackets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from instruments.grids import Grid
from instruments.moments import seconds_of
from instruments.readings import Mode

TITLES = ("Procedure Details", "Procedure Summary")
_SECTIONS = frozenset({"Layout", "Results", "Actual Temperature"})
_CORNERS = frozenset({"Time", "Kinetic read", "Wavelength", "X Read #", "Well", "Well ID"})
_MODES = (
    (re.compile(r"alpha", re.IGNORECASE), Mode.ALPHA),
    (re.compile(r"time.resolved|\bTRF\b", re.IGNORECASE), Mode.TRF),
    (re.compile(r"fluorescence polari[sz]ation|\bFP\b"), Mode.FP),
    (re.compile(r"fluorescence", re.IGNORECASE), Mode.FLUORESCENCE),
    (re.compile(r"luminescence", re.IGNORECASE), Mode.LUMINESCENCE),
    (re.compile(r"absorbance", re.IGNORECASE), Mode.ABSORBANCE),
    (re.compile(r"^Image\b"), Mode.COUNT),
)
_DETECTION = re.compile(
    r"^(?:Absorbance|Fluorescence|Luminescence|Alpha|Time.Resolved|TRF|FP)\b.*"
    r"(?:Endpoint|Spectrum|Scan|Kinetic)|^Image (?:Single|Montage|Z.Stack|Kinetic)",
    re.IGNORECASE,
)
_POLARIZED = re.compile(r"^Fluorescence Polari[sz]ation$")
_INTERVAL = re.compile(r"Interval\s+([\d:.]+)")
_FIXED = re.compile(r"\b(Excitation|Emission):\s*([\d.]+)")
_NUMBERED = re.compile(r"Read \d+:")
_SUFFIX = re.compile(
    r"\s*(?:\[(?:Test|Ref|Parallel|Perpendicular|\d+)\]|\((?:Top|Bottom)\))$", re.IGNORECASE
)
_FILTER = r"\d{3,4}(?:\.\d+)?(?:/\d+(?:\.\d+)?)?"
_OPTICS = re.compile(
    rf"(?:{_FILTER}(?:\s*,\s*{_FILTER})*|Lum|Full light|Hole|Alpha|Spectrum|E[MX] Spectrum)"
)
_FIRST_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Step:
    """One `Read` step.

    Attributes:
        name: as given by the user; "" for a step without name.
        mode: None when the procedure does not say.
        excitation_nm, emission_nm: the fixed side of a spectrum.
    """

    name: str
    mode: Mode | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None


@dataclass(frozen=True, slots=True)
class Optics:
    """Which light a label names."""

    wavelength_nm: float | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """The steps of a plate, the intervals of its kinetic loops and the plate type as written."""

    steps: tuple[Step, ...] = ()
    intervals_s: tuple[float, ...] = ()
    plate_type: str | None = None

    def step_of(self, label: str) -> Step | None:
        """The step that measured a label, or None when the label is calculated."""
        name, optics = split_label(label)
        if optics is None:
            return next((step for step in self.steps if step.name == label), None)
        named = [step for step in self.steps if step.name == name]
        if len(named) < 2:  # noqa: PLR2004
            return named[0] if named else None
        pair = "," in optics
        fits = [step for step in named if (step.mode is Mode.ABSORBANCE) != pair]
        return (fits or named)[0]

    def mode_of(self, label: str) -> Mode | None:
        """What was measured under a label; the words inside a calculated label count too."""
        step = self.step_of(label)
        if step is not None and step.mode is not None:
            return step.mode
        inner = next((s for s in self.steps if s.name and s.name in label), None)
        if inner is not None and inner.mode is not None:
            return inner.mode
        modes = {step.mode for step in self.steps if step.mode is not None}
        return modes.pop() if len(modes) == 1 else None


def split_label(label: str) -> tuple[str, str | None]:
    """Step name and optics of a label; the optics are None when the label names none."""
    rest = _NUMBERED.sub("", _SUFFIX.sub("", label.strip()), count=1)
    if _OPTICS.fullmatch(rest):
        return "", rest
    name, colon, optics = rest.rpartition(":")
    if colon and _OPTICS.fullmatch(optics.strip()):
        return name, optics.strip()
    return rest, None


def optics_of(label: str, mode: Mode) -> Optics:
    """The wavelengths a label names: 360/40,460/40 is excitation 360 nm and emission 460 nm."""
    optics = split_label(label)[1]
    if optics is None:
        return Optics()
    numbers = [float(m[0]) for part in optics.split(",") if (m := _FIRST_NUMBER.search(part))]
    if mode is Mode.ABSORBANCE:
        return Optics(wavelength_nm=numbers[0] if numbers else None)
    if len(numbers) >= 2:  # noqa: PLR2004
        return Optics(excitation_nm=numbers[0], emission_nm=numbers[1])
    return Optics(emission_nm=numbers[0] if numbers else None)


def mode_by_optics(label: str) -> Mode | None:
    """The mode that the optics alone suggest, for exports without their procedure."""
    optics = split_label(label)[1]
    if optics is None or "Spectrum" in optics:
        return None
    if optics == "Alpha":
        return Mode.ALPHA
    if not optics[0].isdigit():
        return Mode.LUMINESCENCE
    return Mode.FLUORESCENCE if "," in optics else Mode.ABSORBANCE


@dataclass(slots=True)
class _Draft:
    name: str
    lines: list[str] = field(default_factory=list)

    def step(self) -> Step:
        first = next((line for line in self.lines if _DETECTION.match(line)), "")
        mode = next((mode for pattern, mode in _MODES if pattern.search(first)), None)
        if mode is Mode.FLUORESCENCE and any(_POLARIZED.match(line) for line in self.lines):
            mode = Mode.FP
        fixed = {m[1]: float(m[2]) for line in self.lines for m in _FIXED.finditer(line)}
        return Step(self.name, mode, fixed.get("Excitation"), fixed.get("Emission"))


def read_procedure(grid: Grid, start: int, end: int) -> tuple[Procedure, int]:
    """The procedure below its title row `start`, and the row after it.

    A blank row ends it, or what stands below it where blank rows were dropped.
    """
    row = start + 1
    while row < end and grid.is_blank(row):
        row += 1
    drafts: list[_Draft] = []
    intervals: list[float] = []
    plate_type = None
    while row < end and not grid.is_blank(row) and not _is_after(grid, row):
        key, value = grid.text(row, 0), _value(grid, row)
        if key == "Read":
            unnamed = _DETECTION.match(value) is not None
            drafts.append(_Draft("" if unnamed else value, [value] if unnamed else []))
        elif key == "Plate Type":
            plate_type = value
        elif key == "Start Kinetic":
            match = _INTERVAL.search(value)
            intervals += [] if match is None else _seconds(match[1])
        elif not key and drafts:
            drafts[-1].lines.append(value)
        row += 1
    steps = tuple(draft.step() for draft in drafts)
    return Procedure(steps, tuple(intervals), plate_type), row


def _is_after(grid: Grid, row: int) -> bool:
    """Whether a row is no more of the procedure: the next section, or the title of its table."""
    key = grid.text(row, 0).rstrip(":")
    return key in _SECTIONS or _heads_table(grid, row) or _heads_table(grid, row + 1)


def _heads_table(grid: Grid, row: int) -> bool:
    """Column numbers behind an empty corner, or the name of an axis or of the wells."""
    first = next((column for column in range(3) if grid.text(row, column)), 0)
    if grid.text(row, first) in _CORNERS:
        return True
    numbers = [grid.number(row, first + step) for step in (0, 1)]
    is_alone = grid.width(row) == first + 1
    return first > 0 and numbers[0] is not None and (numbers[1] is not None or is_alone)


def _value(grid: Grid, row: int) -> str:
    """The text after the key. A comma-delimited export does not quote it, so it may be split."""
    parts = [grid.text(row, column) for column in range(1, grid.width(row))]
    return ", ".join(part for part in parts if part)


def _seconds(text: str) -> Sequence[float]:
    seconds = seconds_of(text)
    return [] if not seconds else [seconds]
