"""FlowJo: the table editor's export, one row per sample, one column per statistic; csv, txt, xlsx.

Every number in it was computed by FlowJo from gates that a person drew; rows named Mean and SD are
computed from the rows above them. FlowJo 10 writes `Cells | Freq. of Parent`, FlowJo 9
`Cells,Freq. of Parent`. The tree of the workspace is exported as `Depth, Name, Statistic, #Cells`.
"""

import re

from instruments.accounting import Use
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import Instrument, Message, Reading, Severity
from instruments.record_tables.tables import (
    Columns,
    Record,
    flag_message,
    names_of,
    read_records,
)
from instruments.source import Source

NAME = "flowjo_tables"
VERSION = "1"

_STATISTIC = re.compile(
    r"\|\s*(?:Freq\. of|Count|Mean|Median|Geometric Mean|Mode|CV|Robust|SD|MFI|Percentile)"
)
# FlowJo 9: `S/Live/CD4,Count`, `CD4,Freq. of Parent`, `CD4,Median,<FITC-A>,CD69`.
_OLD_STATISTIC = re.compile(r",\s?(?:Freq\. of (?:\w|/)|Count$|[A-Z][\w. ]{2,20},\s?<)")
_SUMMARIES = frozenset({"Mean", "SD", "Median", "CV", "Robust SD"})
_TREE = ("Depth", "Name", "Statistic", "#Cells")
_PERCENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?\s?%")


def claims(source: Source) -> bool:
    if source.is_workbook:
        return any(_head(grid) is not None for grid in source.sheets)
    first = source.head.lstrip("\r\n ").partition("\n")[0] if source.is_text else ""
    if _STATISTIC.search(first) is not None:
        return True
    cells = first.split("\t") if "\t" in first else first.split('"')[1::2]
    return any(map(_OLD_STATISTIC.search, cells)) or _is_tree(re.split("[,;\t]", first.strip()))


def read(source: Source) -> Reading:
    """A record for each row below a head; sheets without a head of FlowJo are named.

    Raises:
        Malformed: no column of the head is a statistic.
        NoMeasurement: no row below a head.
    """
    records: list[Record] = []
    messages = []
    for grid in source.grids:
        head = _head(grid)
        if head is not None:
            records += _records(grid, head)
        elif not source.is_workbook:
            row = next((row for row in range(len(grid)) if not grid.is_blank(row)), 0)
            raise grid.malformed(row, 0, "a head with a statistic such as `Lymphocytes | Count`")
        elif any(not grid.is_blank(row) for row in range(len(grid))):
            text = "no column of this sheet is a statistic of FlowJo: the sheet was not read"
            messages.append(Message(Severity.WARNING, text, grid.place(0)))
            grid.ledger.mark(Use.HEADER, 0, len(grid))
    if not records:
        raise NoMeasurement(
            source.filename, found="no row below the head", expected="at least one sample"
        )
    text = "every number of a FlowJo table is a statistic that FlowJo computed from gated events"
    return Reading(
        instrument=Instrument(vendor="FlowJo", software="FlowJo"),
        records=tuple(records),
        messages=(*messages, *flag_message(records), Message(Severity.INFO, text)),
    )


def _head(grid: Grid) -> int | None:
    row = next((row for row in range(len(grid)) if not grid.is_blank(row)), None)
    if row is None:
        return None
    cells = grid.texts(row, 0, grid.width(row))
    return row if _is_tree(cells) or any(map(_is_statistic, cells)) else None


def _is_statistic(name: str) -> bool:
    return (_STATISTIC.search(name) or _OLD_STATISTIC.search(name)) is not None


def _is_tree(cells: list[str]) -> bool:
    texts = [cell.strip(' "') for cell in cells[: len(_TREE)]]
    return len(texts) == len(_TREE) and all(
        text.lstrip("#") == name.lstrip("#") for text, name in zip(texts, _TREE, strict=True)
    )


def _records(grid: Grid, head: int) -> list[Record]:
    cells = grid.texts(head, 0, grid.width(head))
    is_tree = _is_tree(cells)
    numeric = [
        column
        for column, name in enumerate(cells)
        if (column in {2, 3} if is_tree else _is_statistic(name))
    ]
    bottom = max((r + 1 for r in range(head + 1, len(grid)) if not grid.is_blank(r)), default=head)
    for column in numeric:
        _without_percent(grid, head, bottom, column)
    names = names_of(grid, head)
    statistics = {names[column] for column in numeric}
    found = read_records(grid, head, bottom, Columns(set(names) - statistics, statistics))
    records = [record for record in found if any(value is not None for value in record.values())]
    if is_tree:
        return _with_samples(records)
    others = [(c, name) for c, name in enumerate(names) if c not in numeric]
    sample = (others[0][1] or f"column {others[0][0] + 1}") if others else ""
    for record in records:
        record["calculated"] = record.get(sample) in _SUMMARIES
    return records


def _without_percent(grid: Grid, head: int, bottom: int, column: int) -> None:
    """Take `45.6 %` as a number of percent, where every number of the column is written so."""
    texts = [grid.text(row, column) for row in range(head + 1, bottom)]
    shares = [_PERCENT.fullmatch(text) is not None for text in texts]
    others = [text for text, share in zip(texts, shares, strict=True) if not share]
    if not any(shares) or any(grid.numerals.one(text) is not None for text in others):
        return
    for row, (text, share) in enumerate(zip(texts, shares, strict=True), head + 1):
        if share:
            number = re.sub("[.,]", grid.numerals.decimal, text.rstrip("% "))
            grid.rows[row][column] = number
    name = grid.text(head, column)
    grid.rows[head][column] = name if "%" in name else f"{name} [%]"


def _with_samples(records: list[Record]) -> list[Record]:
    """The sample that each line of a tree belongs to: the last one above it without a depth."""
    sample = None
    found = []
    for record in records:
        sample = record["Name"] if record["Depth"] is None else sample
        found.append({"sample": sample, **record})
    return found
