"""The matrices of an ImmunoSpot export: below each other, or two side by side.

Older exports align columns with blanks, quality-control exports separate cells by tabs. A legend
gives negative codes their meaning: -2 is a well off scale and no count.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from instruments.errors import Malformed
from instruments.numerals import Numerals
from instruments.places import Place
from instruments.readings import Flag, FlagKind
from instruments.wells import row_index, standard_name, well_name

_NUMERALS = Numerals(".")
_LEGEND = re.compile(r"(-\d)\s*=\s*([^\t]+)")
_RULE = re.compile(r"[\s_]*")
_NO_TITLE = re.compile(r"\w: ")
_MEANINGS = (
    ("off scale", FlagKind.SATURATED),
    ("too numerous", FlagKind.SATURATED),
    ("rejected", FlagKind.FAILED),
    ("not counted", FlagKind.NOT_READ),
    ("not done", FlagKind.NOT_READ),
    ("n/a", FlagKind.NOT_READ),
)
_FEWEST = 2
_FEWEST_CLASSES = 10


@dataclass(slots=True)
class Matrix:
    """One matrix: values and flags by well."""

    title: str
    columns: int
    wells: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)


@dataclass(slots=True)
class Histogram:
    """Spots of each well by size class; the first number of a line is the count of the well."""

    title: str
    classes: list[float]
    wells: dict[str, list[float]] = field(default_factory=dict)


@dataclass(slots=True)
class Contents:
    matrices: list[Matrix] = field(default_factory=list)
    histograms: list[Histogram] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Run:
    """Column numbers 1, 2, 3 ... in a line: where they start and how many there are."""

    start: int
    count: int


def legend(lines: Sequence[str]) -> dict[str, FlagKind]:
    """Codes and their meaning; empty when the file explains none."""
    found: dict[str, FlagKind] = {"TNTC": FlagKind.SATURATED}
    for line in lines:
        if " = " not in line:
            continue
        for code, words in _LEGEND.findall(line):
            meaning = (kind for text, kind in _MEANINGS if text in words.lower())
            found[code] = next(meaning, FlagKind.TEXT)
    return found


def read_matrices(lines: Sequence[str], file: str) -> Contents:
    """All matrices and histograms of an export.

    Raises:
        Malformed: a line of a matrix has too few or too many cells.
    """
    found, codes = Contents(), legend(lines)
    number = 0
    while number < len(lines):
        cells = _cells(lines[number])
        runs = _runs(cells)
        if runs:
            number = _read(lines, number, runs, found, codes, file)
        elif _is_classes(cells):
            number = _histogram(lines, number, found, file)
        else:
            number += 1
    return found


def _cells(line: str) -> list[str]:
    """By tabs where tabs separate the cells, else by blanks."""
    if "\t" in line.strip():
        return [cell.strip() for cell in line.split("\t")]
    return line.split()


def _runs(cells: Sequence[str]) -> list[_Run]:
    runs = []
    at = 0
    while at < len(cells):
        count = 0
        while at + count < len(cells) and cells[at + count] == str(count + 1):
            count += 1
        if count >= _FEWEST:
            runs.append(_Run(at, count))
        at += max(count, 1)
    filled = sum(1 for cell in cells if cell)
    return runs if runs and filled == sum(run.count for run in runs) else []


def _is_classes(cells: Sequence[str]) -> bool:
    """The head of a histogram: many numbers that rise from a negative one."""
    numbers = [_NUMERALS.one(cell) for cell in cells if cell]
    known = [number for number in numbers if number is not None]
    is_rising = len(known) > _FEWEST_CLASSES and known[0] < 0 and known == sorted(known)
    return is_rising and len(known) == len(numbers)


def _title(lines: Sequence[str], number: int, column: int, found: Contents) -> str:
    """The nearest text above: in a tabbed line the last one at or before the column.

    Only what comes first may go without one: then it is the counts.
    """
    for above in range(number - 1, -1, -1):
        line = lines[above]
        if above in found.used:
            return ""
        if _RULE.fullmatch(line) or "Plate Code" in line or " = " in line:
            continue
        if _NO_TITLE.search(line) is not None or not any(map(str.isalnum, line)):
            continue
        if "\t" not in line.strip():
            return line.strip()
        texts = [(at, cell.strip()) for at, cell in enumerate(line.split("\t")) if cell.strip()]
        before = [text for at, text in texts if at <= column + 1]
        return before[-1] if before else texts[0][1]
    return "Spot Counts"


def _read(
    lines: Sequence[str],
    head: int,
    runs: Sequence[_Run],
    found: Contents,
    codes: Mapping[str, FlagKind],
    file: str,
) -> int:
    tabbed = "\t" in lines[head].strip()
    matrices = [Matrix(_title(lines, head, run.start, found), run.count) for run in runs]
    if not all(matrix.title for matrix in matrices):
        # Without its title a matrix of sizes would pass for one of counts.
        raise Malformed(file, place=Place(head + 1), expected="a title above this matrix")
    found.used.add(head)
    number = head + 1
    last = -1
    while number < len(lines):
        line = lines[number]
        if _RULE.fullmatch(line):
            if matrices[0].wells and not line.strip():
                break
            number += 1
            continue
        parts = [cell.strip() for cell in line.split("\t")] if tabbed else line.split()
        index = row_index(parts[0]) if parts else None
        if index is None or index <= last:
            break
        last = index
        for order, (run, matrix) in enumerate(zip(runs, matrices, strict=True)):
            values = _values(parts, order, run, tabbed=tabbed)
            if len(values) != run.count:
                raise Malformed(
                    file,
                    place=Place(number + 1),
                    found=f"{len(values)} cells",
                    expected=f"{run.count} cells behind the row letter",
                )
            _take(matrix, index, values, codes, number)
        found.used.add(number)
        number += 1
    found.matrices += [matrix for matrix in matrices if matrix.wells]
    return number


def _values(parts: Sequence[str], order: int, run: _Run, *, tabbed: bool) -> Sequence[str]:
    if tabbed:
        values = list(parts[run.start : run.start + run.count])
        return values + [""] * (run.count - len(values))
    width = run.count + 1
    begin = order * width + 1
    return (
        parts[begin:]
        if len(parts) <= begin + run.count and order == 0
        else parts[begin : begin + run.count]
    )


def _take(
    matrix: Matrix,
    index: int,
    values: Sequence[str],
    codes: Mapping[str, FlagKind],
    line: int,
) -> None:
    for column, text in enumerate(values):
        if not text:
            continue
        well = well_name(index, column)
        number = _NUMERALS.one(text)
        matrix.wells.append(well)
        if text in codes or number is None:
            matrix.values.append(float("nan"))
            kind = codes.get(text, FlagKind.TEXT)
            matrix.flags.append(Flag(well, 0, kind, text, Place(line + 1)))
        else:
            matrix.values.append(number)


def _histogram(lines: Sequence[str], head: int, found: Contents, file: str) -> int:
    cells = [cell for cell in _cells(lines[head]) if cell]
    classes = [number for cell in cells if (number := _NUMERALS.one(cell)) is not None]
    histogram = Histogram(_title(lines, head, 0, found), classes)
    found.used.add(head)
    number = head + 1
    while number < len(lines):
        parts = [cell for cell in _cells(lines[number]) if cell]
        well = standard_name(parts[0]) if parts else None
        if well is None:
            if not _RULE.fullmatch(lines[number]):
                break
            number += 1
            continue
        values = [_NUMERALS.one(cell) for cell in parts[1:]]
        known = [value for value in values if value is not None]
        if len(known) != len(values) or len(known) != len(classes) + 1:
            raise Malformed(
                file,
                place=Place(number + 1),
                found=f"{len(known)} numbers",
                expected=f"a count and {len(classes)} classes",
            )
        histogram.wells[well] = known
        found.used.add(number)
        number += 1
    found.histograms.append(histogram)
    return number
