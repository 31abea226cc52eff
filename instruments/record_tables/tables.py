"""Rows below a head to records: numbers, texts, and what stands instead of a number."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from instruments.accounting import Use
from instruments.flags import meaning
from instruments.grids import Grid
from instruments.numerals import Cell
from instruments.readings import FlagKind, Message, Severity

Value = float | str | bool | None | list[float]
Record = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of the columns of a table.

    Attributes:
        texts: names of columns whose cells are texts even where they look like numbers.
        numbers: names of columns of numbers; a text there is a flag.
    """

    texts: Collection[str] = ()
    numbers: Collection[str] = ()


def names_of(grid: Grid, head: int) -> list[str]:
    """Names of the columns; a name that stands twice gets a number (Units, Units (2))."""
    names: list[str] = []
    for column in range(grid.width(head)):
        name = grid.text(head, column)
        count = sum(1 for known in names if known == name or known.startswith(f"{name} ("))
        names.append(f"{name} ({count + 1})" if name and name in names else name)
    return names


def table_end(grid: Grid, head: int, limit: int | None = None) -> int:
    """The row below a table: the first blank one."""
    end = len(grid) if limit is None else limit
    for row in range(head + 1, end):
        cells = grid.rows[row]
        if not (cells and cells[0]) and grid.is_blank(row):
            return row
    return end


def read_records(grid: Grid, head: int, bottom: int, columns: Columns) -> list[Record]:
    """The rows of a table as records, keys in the order of the file.

    A cell without a number in a column of numbers is None, and its text stands beside it under
    the name of the column and "flag" ("Cq flag": "NaN"). An empty cell is None.

    Raises:
        Malformed: a row has cells beyond the head.
    """
    names = names_of(grid, head)
    grid.ledger.mark(Use.HEADER, head, head + 1)
    grid.ledger.mark(Use.MEASURED, head + 1, bottom)
    for row in range(head + 1, bottom):
        if grid.width(row) > len(names):
            raise grid.malformed(row, len(names), "no cell beyond the columns of the head")
    parts = [
        _column(grid, head, bottom, column, name, columns)
        for column, name in enumerate(names)
        if name or any(grid.text(row, column) for row in range(head + 1, bottom))
    ]
    records: list[Record] = [{} for _ in range(head + 1, bottom)]
    for name, values, flags in parts:
        for record, value in zip(records, values, strict=True):
            record[name] = value
        for index, text in flags:
            records[index][f"{name} flag"] = text
    return records


def _column(
    grid: Grid, head: int, bottom: int, column: int, name: str, columns: Columns
) -> tuple[str, Sequence[Value], Sequence[tuple[int, str]]]:
    name = name or f"column {column + 1}"
    cells = [line[column] if column < len(line) else "" for line in grid.rows[head + 1 : bottom]]
    if name in columns.texts:
        return name, [_text(cell) or None for cell in cells], ()
    numbers = grid.numerals.many(cells)
    values: list[Value] = [None if n != n else n for n in numbers.values.tolist()]  # noqa: PLR0124
    is_numeric = name in columns.numbers or any(value is not None for value in values)
    if not numbers.odd:
        return name, values, ()
    if is_numeric:
        return name, values, [(index, text) for index, text in numbers.odd]
    return name, [_text(cell) or None for cell in cells], ()


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def flag_message(records: Sequence[Record]) -> list[Message]:
    """One message that counts what stands in place of numbers."""
    keys: set[str] = set().union(*records) if records else set()
    texts = (
        record[key] for key in keys if key.endswith(" flag") for record in records if key in record
    )
    counts = Counter(text for text in texts if isinstance(text, str))
    if not counts:
        return []
    named = ", ".join(f"{text} ({count})" for text, count in sorted(counts.items())[:20])
    serious = any(meaning(text) is not FlagKind.NOT_READ for text in counts)
    severity = Severity.WARNING if serious else Severity.INFO
    return [Message(severity, f"texts in place of numbers: {named}")]


def calculated_message(names: Sequence[str], present: Collection[str]) -> list[Message]:
    """Names the columns that the vendor's software computed."""
    found = [name for name in names if name in present]
    if not found:
        return []
    text = f"calculated by the vendor's software, not measured: {', '.join(found)}"
    return [Message(Severity.INFO, text)]
