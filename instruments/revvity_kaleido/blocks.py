"""The blocks of a Kaleido export: matrices with what was measured, and the facts around them.

Kaleido 2.0 writes `Results for ABS mono 1` and a line `Barcode: ..., PlateRepeat: 1, ...`; from 3.0
on it is `Result for Luminescence 1` and a small table with the same facts. Kaleido 3.5 pads every
line with separators.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.readings import LayoutEntry, Message, Severity
from instruments.revvity_workstation.matrices import Matrix, find_labelled
from instruments.revvity_workstation.settings import described, layout_entry
from instruments.wells import row_index, well_name

_TITLE = re.compile(r"Results? for\s+(.+)")
_ENDS = re.compile(r"Measurement (?:Basic )?Information$")
_ANALYSIS = "Analysis Result"
_PARAMETER = "AnalysisParameter"
_MAP = "Platemap"


@dataclass(frozen=True, slots=True)
class Block:
    """One matrix.

    Attributes:
        title: what was measured or analysed.
        facts: barcode, repeats, loop, wavelengths, place in the well, as written.
        analysed: whether an analysis made the values.
    """

    title: str
    facts: dict[str, str]
    analysed: bool
    matrix: Matrix

    @property
    def parameter(self) -> str:
        return self.facts.get(_PARAMETER, "")


@dataclass(slots=True)
class Contents:
    """All that an export holds."""

    blocks: list[Block] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    operations: dict[str, dict[str, str]] = field(default_factory=dict)
    layout: dict[str, LayoutEntry] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)


def read_contents(grid: Grid) -> Contents:
    found = Contents()
    end = next((r for r in range(len(grid)) if _ENDS.match(grid.text(r, 0))), len(grid))
    titles = [
        (row, match[1].strip())
        for row in range(end)
        if (match := _TITLE.match(grid.text(row, 0))) is not None
    ]
    first = titles[0][0] if titles else end
    _read_facts(grid, 0, first, found)
    for index, (row, title) in enumerate(titles):
        bottom = titles[index + 1][0] if index + 1 < len(titles) else end
        analysed = any(
            grid.text(above, 0).startswith(_ANALYSIS) and len(grid.text(above, 0)) > len(_ANALYSIS)
            for above in range(first, row)
        )
        found.blocks += _blocks(grid, title, row, bottom, found, analysed=analysed)
    _read_facts(grid, end, len(grid), found)
    return found


def _blocks(
    grid: Grid, title: str, top: int, bottom: int, found: Contents, *, analysed: bool
) -> Iterator[Block]:
    """The matrices below one title; each begins with its facts."""
    grid.ledger.mark(Use.HEADER, top, top + 1)
    heads = [row for row in range(top + 1, bottom) if grid.text(row, 0).startswith("Barcode")]
    for index, head in enumerate(heads):
        facts, below = _facts(grid, head)
        grid.ledger.mark(Use.HEADER, head, below)
        end = heads[index + 1] if index + 1 < len(heads) else bottom
        _mend_texts(grid, below, end, found)
        calculated = analysed or bool(facts.get(_PARAMETER))
        use = Use.CALCULATED if calculated else Use.MEASURED
        matrix = find_labelled(grid, below, end, use)
        if matrix is None:
            raise grid.malformed(below, 0, "a matrix below the barcode")
        yield Block(title, facts, calculated, matrix)


def _facts(grid: Grid, head: int) -> tuple[dict[str, str], int]:
    """What stands in the line of the barcode, or in the table that begins with it."""
    line = grid.text(head, 0)
    if line.startswith("Barcode:"):
        parts = [grid.text(head, column) for column in range(grid.width(head))]
        pairs = (part.partition(":") for part in ", ".join(parts).split(", "))
        return {key.strip(): value.strip() for key, _, value in pairs}, head + 1
    names = {
        "Repeat": "PlateRepeat",
        "Analysis Parameter": _PARAMETER,
        "Label-free Parameter": "LabelFree",
    }
    facts = {
        names.get(name := grid.text(head, column), name): grid.text(head + 1, column)
        for column in range(grid.width(head))
    }
    return facts, head + 2


def _mend_texts(grid: Grid, top: int, bottom: int, found: Contents) -> None:
    """Kaleido does not quote texts: one with `, ` in it makes its line too long.

    Separators have no blank behind them, so a field that begins with one continues its neighbour.
    """
    head = next((r for r in range(top, bottom) if grid.text(r, 1) == "1"), None)
    if head is None:
        return
    columns = grid.width(head)
    for row in range(head + 1, bottom):
        if grid.width(row) <= columns or row_index(grid.text(row, 0)) is None:
            continue
        mended: list[str] = []
        for cell in map(str, grid.rows[row]):
            if cell.startswith(" ") and cell.strip() and mended:
                mended[-1] = f"{mended[-1]},{cell}"
            else:
                mended.append(cell)
        grid.rows[row] = list(mended)
        if grid.width(row) > columns:
            raise grid.malformed(row, columns, f"no value beyond column {columns - 1}")
        text = "a text with a comma in it was not quoted; its parts were joined"
        found.messages.append(Message(Severity.INFO, text, grid.place(row)))


def _read_facts(grid: Grid, top: int, bottom: int, found: Contents) -> None:
    """Keys and values, the settings of each operation, and the plate map."""
    _mark_facts(grid, top, bottom)
    operation: dict[str, str] | None = None
    in_map = False
    for row in range(top, bottom):
        key = grid.text(row, 0).rstrip(": ")
        if key == _MAP:
            in_map = True
        elif in_map and (index := row_index(key)) is not None:
            _read_map(grid, row, index, found)
            continue
        value = _value(grid, row)
        if key in {"Tech", "Operation"} and value:
            operation = found.operations.setdefault(value, {})
        elif operation is not None and key and value:
            operation.setdefault(key, value)
        elif key and value:
            found.facts.setdefault(key, value)
        if key in {"Analysis", "Post Processing Sequence", "Comments"}:
            operation = None
        if key == "Comments":
            break


def _mark_facts(grid: Grid, top: int, bottom: int) -> None:
    """All but the lines of a matrix that was broken off, whose numbers the frame then names."""
    before_map = next((r for r in range(top, bottom) if grid.text(r, 0).startswith(_MAP)), bottom)
    start = top
    for row in range(top, before_map):
        if row_index(grid.text(row, 0)) is not None and grid.number(row, 1) is not None:
            grid.ledger.mark(Use.HEADER, start, row)
            start = row + 1
    grid.ledger.mark(Use.HEADER, start, bottom)


def _value(grid: Grid, row: int) -> str:
    for cell in grid.rows[row][1:]:
        text = str(cell).strip()
        if text:
            return text
    return ""


def _read_map(grid: Grid, row: int, index: int, found: Contents) -> None:
    for column, text in described(grid, row):
        entry = layout_entry(text)
        if entry is not None:
            found.layout[well_name(index, column - 1)] = entry
