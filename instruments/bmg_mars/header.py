"""The head of a BMG export: `Key: value` pairs, several a line or one a line, and the mode."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moments import started_at
from instruments.readings import Mode, StartedAt

KEYS = (
    "User",
    "Path",
    "Test run no.",
    "Test ID",
    "Test name",
    "Test Name",
    "Date",
    "Time",
    "ID1",
    "ID2",
    "ID3",
    "Plate name",
    "No. of Cycles",
)
_PAIR = re.compile(rf"\s*({'|'.join(re.escape(key) for key in KEYS)}):\s*(.*)", re.DOTALL)
_MODES = (
    (re.compile(r"alpha", re.IGNORECASE), Mode.ALPHA),
    (re.compile(r"polari[sz]ation", re.IGNORECASE), Mode.FP),
    (re.compile(r"time.resolved|TR-?FRET|HTRF|\bTRF\b", re.IGNORECASE), Mode.TRF),
    (re.compile(r"fluorescence|\bFI\b", re.IGNORECASE), Mode.FLUORESCENCE),
    (re.compile(r"luminescence|\bBRET", re.IGNORECASE), Mode.LUMINESCENCE),
    (re.compile(r"absorbance|turbid", re.IGNORECASE), Mode.ABSORBANCE),
    (re.compile(r"nephelo", re.IGNORECASE), Mode.COUNT),
)
_MODE_LINE = re.compile(
    r"\s*(?:Absorbance|Fluorescence|Luminescence|Alpha|AlphaScreen|AlphaLISA|Time.resolved|"
    r"TR-?FRET|HTRF|TRF|FP|BRET|Turbidimetry|Nephelometry)\b[^:]*",
    re.IGNORECASE,
)
SCATTERED = "RNU"  # relative nephelometric units, of a reader that counts scattered light
_SHOWN_AS = re.compile(r"displayed as (\S+)")


@dataclass(slots=True)
class Header:
    """What the head of a text or sheet says."""

    facts: dict[str, str] = field(default_factory=dict)
    mode: Mode | None = None
    unit: str | None = None

    @property
    def name(self) -> str | None:
        """BMG knows a plate by its test run."""
        return self.facts.get("Test run no.") or self.facts.get("Test ID") or None

    @property
    def started_at(self) -> StartedAt | None:
        return started_at(self.facts.get("Date", ""), self.facts.get("Time", ""), hints=self._hints)

    @property
    def _hints(self) -> str:
        return " ".join(self.facts.get(key, "") for key in ("ID1", "ID2", "ID3", "Path"))

    @property
    def model(self) -> str | None:
        """The reader, which names the folder its data lie in."""
        parts = re.split(r"[\\/]", self.facts.get("Path", ""))
        after = [part for before, part in pairwise(parts) if before == "BMG"]
        known = [part for part in after if part not in {"", "MARS", "SMART Control"}]
        return known[0] if known else None


def read_pairs(grid: Grid, row: int, header: Header) -> bool:
    """Take the pairs of a row. A value with a comma is split by the csv and joined again."""
    key = None
    for column in range(grid.width(row)):
        cell = grid.cell(row, column)
        match = _PAIR.match(cell) if isinstance(cell, str) else None
        if match is not None:
            key = match[1].replace("Test Name", "Test name")
            header.facts.setdefault(key, match[2].strip())
        elif key is not None and grid.text(row, column):
            header.facts[key] += f", {grid.text(row, column)}"
    if key is not None:
        grid.ledger.mark(Use.HEADER, row, row + 1)
    return key is not None


def read_mode(grid: Grid, row: int, header: Header) -> bool:
    """Take the line that names the mode; words in later cells say how values are shown."""
    text = grid.text(row, 0)
    if len(text) > 60 or _MODE_LINE.fullmatch(text) is None:  # noqa: PLR2004
        return False
    rest = " ".join(grid.text(row, column) for column in range(grid.width(row)))
    header.mode = header.mode or mode_of(text)
    shown = _SHOWN_AS.search(rest)
    header.unit = shown[1] if shown else header.unit
    if header.mode is Mode.COUNT:
        header.unit = SCATTERED
    return True


def mode_of(text: str) -> Mode | None:
    return next((mode for pattern, mode in _MODES if pattern.search(text)), None)
