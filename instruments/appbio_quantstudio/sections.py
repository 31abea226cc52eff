"""The sections of an Applied Biosystems export and the numbers in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.readings import Message, Severity
from instruments.record_tables.tables import Columns, Record, read_records, table_end

if TYPE_CHECKING:
    from instruments.numerals import Cell

_TITLE = re.compile(r"\[(.+)\]")
_HEADER = re.compile(r"[*#]\s*(.+?)\s*(?:=|:)\s*(.*)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_WELL_HEADS = frozenset({"Well", "Well Position", "Pos"})
COLUMNS = Columns(
    texts={
        "Well Position",
        "Position",
        "Pos",
        "Plate",
        "Flag",
        "Detector",
        "Detector Name",
        "Omit",
        "Omitted",
        "Sample",
        "Sample Name",
        "Sample Color",
        "Target",
        "Target Name",
        "Target Color",
        "Task",
        "Reporter",
        "Quencher",
        "Call",
        "Comments",
        "Biogroup Name",
        "Biogroup Color",
        "Biological Group",
        "Automatic Ct Threshold",
        "Automatic Baseline",
        "Amp Status",
        "Cq Status",
        "SNP Assay Name",
        "Allele1 Name",
        "Allele2 Name",
        "Method",
        "NOAMP",
        "EXPFAIL",
        "HIGHSD",
        "PRFDROP",
        "PRFLOW",
    },
    numbers={
        "CT",
        "Ct",
        "Cт",
        "Cq",
        "Ct Mean",
        "Cт Mean",
        "Cq Mean",
        "Ct SD",
        "Cт SD",
        "Cq SD",
        "Quantity",
        "Rn",
        "Delta Rn",
        "Tm1",
        "Tm2",
        "Tm3",
        "RQ",
        "Amp Score",
        "Cq Conf",
    },
)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table: its head and the row below its last line."""

    title: str
    head: int
    bottom: int


def read_header(grid: Grid, bottom: int) -> dict[str, str]:
    """Lines `* key = value`, `# key: value` or `key<tab>value` above the first table."""
    facts: dict[str, str] = {}
    grid.ledger.mark(Use.HEADER, 0, bottom)
    for row in range(bottom):
        cells = [grid.text(row, column) for column in range(grid.width(row))]
        line = ",".join(cells)
        match = _HEADER.match(line)
        if match is not None:
            facts.setdefault(match[1], match[2].strip(" ,"))
        elif len(cells) > 1:
            facts.setdefault(cells[0].strip("*#: "), cells[1])
    return facts


def sections(grid: Grid) -> list[Section]:
    """Titled sections, or the one table of an export without titles."""
    titles = [
        (row, match[1])
        for row, cells in enumerate(grid.rows)
        if cells
        and str(cells[0]).startswith("[")
        and (match := _TITLE.fullmatch(grid.text(row, 0))) is not None
    ]
    if titles:
        return [found for row, title in titles if (found := _titled(grid, row, title)) is not None]
    head = next((row for row in range(len(grid)) if _is_head(grid, row)), None)
    return [] if head is None else [Section("Results", head, table_end(grid, head))]


def _titled(grid: Grid, row: int, title: str) -> Section | None:
    head = row + 1
    while head < len(grid) and grid.is_blank(head):
        head += 1
    grid.ledger.mark(Use.HEADER, row, row + 1)
    if head >= len(grid) or grid.text(head, 0).startswith("["):
        return None
    return Section(title, head, table_end(grid, head))


def sheet_section(grid: Grid) -> Section | None:
    """The table of a sheet, which has the name of the section; None for a sheet without one."""
    head = next((row for row in range(len(grid)) if _is_head(grid, row)), None)
    return None if head is None else Section(grid.sheet or "Results", head, table_end(grid, head))


def read_footers(grid: Grid, found: Sequence[Section]) -> dict[str, str]:
    """Lines `key = value` or two cells below a table (analysis type, endogenous control)."""
    facts: dict[str, str] = {}
    ends = [*(section.head for section in found[1:]), len(grid)]
    for section, end in zip(found, ends, strict=True):
        for row in range(section.bottom, end):
            key, sign, value = grid.text(row, 0).partition(" = ")
            if sign and grid.width(row) == 1:
                facts.setdefault(key, value)
            elif key and grid.width(row) == 2:  # noqa: PLR2004
                facts.setdefault(key, grid.text(row, 1))
                grid.ledger.mark(Use.HEADER, row, row + 1)
    return facts


def _is_head(grid: Grid, row: int) -> bool:
    cells = {grid.text(row, column) for column in range(min(grid.width(row), 6))}
    return bool(cells & _WELL_HEADS) and grid.width(row) > 4  # noqa: PLR2004


def first_row(grid: Grid, found: list[Section]) -> int:
    """Where the header ends."""
    head = found[0].head
    return next((r for r in range(head) if grid.text(r, 0).startswith("[")), head)


def read_section(grid: Grid, section: Section, messages: list[Message]) -> Iterator[Record]:
    """The rows of a section; what could not be decided is said in a message."""
    undecided = _without_thousands(grid, section)
    if undecided is not None:
        text = "a number with a comma was left as a text: nothing in its section proves its meaning"
        messages.append(Message(Severity.WARNING, text, grid.place(undecided)))
    for record in read_records(grid, section.head, section.bottom, COLUMNS):
        yield {"section": section.title, **record}


def _without_thousands(grid: Grid, section: Section) -> int | None:
    """Write 882,830.500 as 882830.500; the row of the first number that stays undecided, or None.

    Only where the section itself proves that its comma separates thousands: by a number that has
    both signs. A lone 1,234 in a section without such a number stays a text.
    """
    if grid.numerals.decimal != ".":
        return None
    first, is_proved = None, False
    grouped: list[tuple[list[Cell], int, str]] = []
    for row in range(section.head + 1, section.bottom):
        line = grid.rows[row]
        for column, cell in enumerate(line):
            if isinstance(cell, str) and "," in cell and _THOUSANDS.fullmatch(cell.strip()):
                grouped.append((line, column, cell))
                first = row if first is None else first
                is_proved = is_proved or "." in cell
    if not is_proved:
        return first
    for line, column, cell in grouped:
        line[column] = cell.replace(",", "")
    return None
