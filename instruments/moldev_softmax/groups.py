"""Group blocks: the samples of a plate and what SoftMax computed for them.

A group is a table of wells, one row each, with formulas below that say what every column is. Its
rows become records; what they say of a well's sample becomes the layout of its plate.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from instruments.accounting import Use
from instruments.grids import Grid
from instruments.moldev_softmax.blocks import Block
from instruments.numerals import weigh
from instruments.readings import LayoutEntry
from instruments.wells import standard_name

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OPENING = frozenset("0123456789+-.,")
_FORMULAS = {
    "!samplenames": "sample",
    "!wellids": "wells",
    "!sampledescriptor": "concentration",
    "!factor": "dilution",
    "!wellplatename": "plate",
    "!wellvalues": "values",
}
_FACTS = ("sample", "wells", "plate", "concentration", "dilution")
_ROLES = (
    ("standard", "standard"),
    ("control", "control"),
    ("blank", "blank"),
    ("unk", "sample"),
    ("sample", "sample"),
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group's rows as they stand, and which column holds what.

    Attributes:
        rows: the stripped texts of each row, as many as there are titles.
        columns: column by meaning ("sample", "wells", "values" ...).
        summaries: the rows of the file that hold a summary.
        comma: whether its decimal sign is a comma.
    """

    name: str
    titles: tuple[str, ...]
    rows: tuple[list[str], ...]
    columns: Mapping[str, int]
    summaries: tuple[int, ...]
    comma: bool

    @property
    def holds_wells(self) -> bool:
        return "wells" in self.columns and bool(self.rows)


def read_group(grid: Grid, block: Block, *, comma_is_likely: bool = False) -> Group:
    """The table of a Group block; an empty group has no rows.

    Args:
        comma_is_likely: whether 1,234 has a decimal comma where the group itself does not tell.
    """
    grid.ledger.mark(Use.CALCULATED, block.top, block.bottom + 1)
    name = grid.text(block.top, 0).removeprefix("Group:").strip() or grid.text(block.top, 1)
    top = block.top + 1
    while top < block.bottom and grid.is_blank(top):
        top += 1
    titles = tuple(grid.text(top, column) for column in range(grid.width(top)))
    end = top + 1
    while end < block.bottom and not grid.is_blank(end) and not _is_formula_head(grid, end):
        end += 1
    rows = tuple(_row(grid, row, titles) for row in range(top + 1, end))
    summaries = _summaries(grid, block)
    texts = [*rows, *([grid.text(row, 2)] for row in summaries)]
    return Group(
        name,
        titles,
        rows,
        _meanings(grid, titles, end, block.bottom),
        summaries,
        _has_comma(texts, comma_is_likely=comma_is_likely),
    )


def _has_comma(rows: Sequence[Sequence[str]], *, comma_is_likely: bool) -> bool:
    if not any("," in text for row in rows for text in row):
        return False
    evidence = weigh("\n".join("\t".join(row) for row in rows), "\t")
    if evidence.commas or evidence.dots:
        return evidence.commas > evidence.dots
    return comma_is_likely


def records(grid: Grid, group: Group) -> Iterator[dict[str, object]]:
    """One record a row of the group, then one for each summary."""
    titles = [title or f"column {number + 1}" for number, title in enumerate(group.titles)]
    texts = {group.columns.get("sample"), group.columns.get("wells")}
    sample = group.columns.get("sample")
    name: object = None
    for row in group.rows:
        record: dict[str, object] = {"group": group.name}
        for column, (title, text) in enumerate(zip(titles, row, strict=True)):
            record[title] = (text or None) if column in texts else _value(text, group)
        if sample is not None:
            # Replicates leave the name of their sample blank.
            name = record[titles[sample]] = record[titles[sample]] or name
        yield record
    for line in group.summaries:
        text = grid.text(line, 2)
        yield {
            "group": group.name,
            "summary": grid.text(line, 0),
            "unit": grid.text(line, 1) or None,
            "value": _value(text, group),
            "formula": grid.text(line, 3) or None,
        }


def layout(group: Group) -> Iterator[tuple[str, str, LayoutEntry]]:
    """Plate name ("" where the group names none), well and what the group says of it."""
    if not group.holds_wells:
        return
    lower = group.name.lower()
    role = next((role for mark, role in _ROLES if mark in lower), None)
    columns = [group.columns.get(meaning, -1) for meaning in _FACTS]
    first: list[str] = []
    for row in group.rows:
        here = [row[column] if column >= 0 else "" for column in columns]
        if here[0] or not first:
            first = here  # replicates below leave the sample and its facts blank
        well = standard_name(here[1])
        if well is None:
            continue
        entry = LayoutEntry(
            role=role,
            sample=first[0] or None,
            group=group.name or None,
            concentration=_value(first[3], group),
            dilution=_value(here[4] or first[4], group),
        )
        yield here[2], well, entry


def _meanings(grid: Grid, titles: tuple[str, ...], top: int, bottom: int) -> Mapping[str, int]:
    """Which column holds what: by the formulas below the table, else by the usual titles."""
    found: dict[str, int] = {}
    for row in range(top, bottom):
        meaning = _FORMULAS.get(grid.text(row, 2).lower())
        title = grid.text(row, 1)
        if meaning is None or not title:
            continue
        for column, candidate in enumerate(titles):
            if candidate == title or candidate.startswith(f"{title} "):
                found.setdefault(meaning, column)
    usual = {"sample": "sample", "well": "wells", "wells": "wells", "wellplatename": "plate"}
    for column, title in enumerate(titles):
        if title.lower() in usual:
            found.setdefault(usual[title.lower()], column)
    return found


def _summaries(grid: Grid, block: Block) -> tuple[int, ...]:
    for row in range(block.top, block.bottom):
        if grid.text(row, 0) == "Group Summaries":
            return tuple(
                below
                for below in range(row + 1, block.bottom)
                if grid.text(below, 0) and grid.text(below, 2)
            )
    return ()


def _is_formula_head(grid: Grid, row: int) -> bool:
    return grid.text(row, 0) in ("Group Column", "Group Summaries")


def _row(grid: Grid, row: int, titles: Sequence[str]) -> list[str]:
    cells = grid.rows[row][: len(titles)]
    texts = [
        cell.strip() if isinstance(cell, str) else grid.text(row, column)
        for column, cell in enumerate(cells)
    ]
    return texts + [""] * (len(titles) - len(texts))


def _value(text: str, group: Group) -> float | str | None:
    """A number, else the text. Version 7 writes points here, whatever the plates write."""
    if text[:1] not in _OPENING:
        return text or None
    written = text
    if group.comma:
        written = text.replace(".", "_").replace(",", ".")
    if _NUMBER.fullmatch(written) is None:
        return text
    number = float(written)
    return number if math.isfinite(number) else text
