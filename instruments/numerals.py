"""Cells to numbers: which decimal sign, and what is no number.

The decimal sign is decided once per file, from its cells. A cell that fits only the other form
is no number, and `1,234` alone is a question, not a guess: one thousand, or one and a quarter?
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from math import isfinite, nan

import numpy as np
from numpy.typing import NDArray

Cell = str | float | int | bool | date | datetime | time | timedelta

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STARTS = frozenset("+-.,0123456789")
_ENOUGH = 1000  # commas looked at before the majority is taken


@dataclass(frozen=True, slots=True)
class Numbers:
    """A run of cells as numbers.

    Attributes:
        values: one per cell; NaN where no number stands.
        odd: index and text of each cell that is neither empty nor a number.
    """

    values: NDArray[np.float64]
    odd: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Numerals:
    """How a file writes numbers.

    Attributes:
        decimal: "." or ",".
    """

    decimal: str = "."

    def one(self, cell: Cell) -> float | None:
        """The number of a cell, or None when it is empty or no number."""
        if isinstance(cell, str):
            return self._of_text(cell.strip()) if cell else None
        if isinstance(cell, float | int) and not isinstance(cell, bool):
            return float(cell)
        return None

    def _of_text(self, text: str) -> float | None:
        if not text or text[0] not in _STARTS:
            return None
        if self.decimal == ",":
            if "." in text:
                return None
            text = text.replace(",", ".")
        if _NUMBER.fullmatch(text) is None:
            return None
        number = float(text)
        return number if isfinite(number) else None

    def floats(self, cells: Sequence[Cell]) -> list[float] | None:
        """The numbers of a short run where each cell is one; None where `many` must look."""
        try:
            values = list(map(float, cells))  # type: ignore[arg-type]
        except (ValueError, TypeError):
            return None
        return values if all(map(isfinite, values)) and _plain(cells) else None

    def many(self, cells: Sequence[Cell]) -> Numbers:
        """The numbers of a run of cells; the usual cases at the speed of `float`."""
        values = _all_numbers(cells)
        if values is not None:
            return Numbers(values)
        end = len(cells)
        while end and cells[end - 1] == "":
            end -= 1
        # Points that were planned and not reached: an empty end.
        if end < len(cells) and (values := _all_numbers(cells[:end])) is not None:
            padded = np.full(len(cells), nan)
            padded[:end] = values
            return Numbers(padded)
        return self._carefully(cells)

    def _carefully(self, cells: Sequence[Cell]) -> Numbers:
        values: list[float] = []
        odd = []
        for index, cell in enumerate(cells):
            if type(cell) is float:
                values.append(cell)
                continue
            number = self.one(cell)
            values.append(nan if number is None else number)
            if number is None and cell != "":
                text = str(cell).strip()
                if text:
                    odd.append((index, text))
        return Numbers(np.array(values, dtype=np.float64), tuple(odd))


def _all_numbers(cells: Sequence[Cell]) -> NDArray[np.float64] | None:
    """The numbers where each cell is one and looks like one; else None."""
    try:
        values = np.fromiter(map(float, cells), np.float64, len(cells))  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
    # float() also takes 1_000, nan, True and Arabic digits, which no instrument means.
    return values if np.isfinite(values).all() and _plain(cells) else None


def _plain(cells: Sequence[Cell]) -> bool:
    try:
        joined = "".join(cells)  # type: ignore[arg-type]
    except TypeError:
        return not any(type(cell) is not float and type(cell) is not int for cell in cells)
    return joined.isascii() and "_" not in joined


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cells of a text show about its decimal sign.

    Attributes:
        commas: cells that are a number only if the comma is decimal (0,5 or 1,23).
        dots: cells that are a number with a decimal point.
        open: a cell such as 1,234 that can be read both ways, with its position in the text.
    """

    commas: int
    dots: int
    open: tuple[str, int] | None


def weigh(text: str, delimiter: str) -> Evidence:
    """Look at the numbers with a comma (in a comma-delimited text: the quoted ones)."""
    commas, undecided = 0, None
    for match in islice(_with_comma(text, delimiter), _ENOUGH):
        whole, fraction = match["whole"], match["fraction"]
        if len(fraction) != 3 or whole.startswith("0") or len(whole) > 3:  # noqa: PLR2004
            commas += 1
        elif undecided is None:
            undecided = (match["number"], match.start("number"))
    if not commas and undecided is None:
        return Evidence(0, 0, None)
    edge = re.escape(delimiter)
    dots = re.finditer(rf'(?:^|[{edge}\n"])[ \t]*[+-]?\d+\.\d+(?=[{edge}\n\r"]|$)', text)
    return Evidence(commas, sum(1 for _ in islice(dots, _ENOUGH)), undecided)


_QUOTED = re.compile(r'"\s*(?P<number>[+-]?(?P<whole>\d+),(?P<fraction>\d+)(?:[eE][+-]?\d+)?)\s*"')


def _with_comma(text: str, delimiter: str) -> Iterator[re.Match[str]]:
    if delimiter == ",":
        yield from _QUOTED.finditer(text)
        return
    edge = rf'[{re.escape(delimiter)}\n\r"]'
    cell = re.compile(
        rf"(?P<number>[+-]?(?P<whole>\d+),(?P<fraction>\d+)(?:[eE][+-]?\d+)?)\s*(?={edge}|\Z)"
    )
    before = re.compile(rf"(?:{edge}|\A)[ ]*\Z")
    at = text.find(",")
    while at >= 0:
        # Comma by comma and not by one search over all digits: most files hold few commas.
        start = at
        while start > 0 and at - start < 20 and text[start - 1] in "+-0123456789":  # noqa: PLR2004
            start -= 1
        if start < at:
            match = cell.match(text, start)
            if match is not None and before.search(text[max(0, start - 5) : start]) is not None:
                yield match
        at = text.find(",", at + 1)
