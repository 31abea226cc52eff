"""The layout of a Gen5 export: well identifiers, names, concentrations or dilutions."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from instruments.biotek_gen5.matrix import Line, Matrix, wells_of
from instruments.grids import Grid
from instruments.numerals import Numerals
from instruments.readings import LayoutEntry

_ROLES = (
    (re.compile(r"STD", re.IGNORECASE), "standard"),
    (re.compile(r"BLK|BLANK", re.IGNORECASE), "blank"),
    (re.compile(r"SPL|SMP|SAMPLE", re.IGNORECASE), "sample"),
    (re.compile(r"CTL|CTRL|CONT|POS|NEG", re.IGNORECASE), "control"),
)


def read_layout(grid: Grid, matrix: Matrix, lines: list[Line]) -> dict[str, LayoutEntry]:
    """What each well holds. One line serves concentrations and dilutions; the role tells which."""
    by_label: dict[str, dict[str, str]] = {}
    for line in lines:
        texts = by_label.setdefault(line.label, {})
        wells = wells_of(line.plate_row, matrix.columns)
        texts.update(zip(wells, grid.texts(line.row, matrix.left, matrix.right), strict=True))
    return _entries(by_label, grid.numerals)


def layout_of_groups(
    wells: Sequence[str], texts: Mapping[str, Sequence[str]], numerals: Numerals
) -> dict[str, LayoutEntry]:
    """What the wells of a list hold: the identifier stands at the first well of its group."""
    by_label = {label: dict(zip(wells, each, strict=True)) for label, each in texts.items()}
    first = ""
    for well, identifier in list(by_label.get("Well ID", {}).items()):
        first = well if identifier else first
        for label in ("Well ID", "Name"):
            if first and label in by_label:
                by_label[label][well] = by_label[label][well] or by_label[label][first]
    return _entries(by_label, numerals)


def _entries(
    by_label: Mapping[str, Mapping[str, str]], numerals: Numerals
) -> dict[str, LayoutEntry]:
    identifiers = by_label.get("Well ID") or by_label.get("Sample ID") or {}
    names, amounts = by_label.get("Name", {}), by_label.get("Conc/Dil", {})
    entries = {}
    for well in dict.fromkeys([*identifiers, *names, *amounts]):
        facts = (identifiers.get(well, ""), names.get(well, ""), amounts.get(well, ""))
        if any(facts):
            entries[well] = _entry(*facts, numerals)
    return entries


@lru_cache(maxsize=4096)
def _entry(identifier: str, name: str, amount: str, numerals: Numerals) -> LayoutEntry:
    role = next((role for pattern, role in _ROLES if pattern.match(identifier)), None)
    number = numerals.one(amount)
    value = number if number is not None else amount or None
    is_dilution = role == "sample"
    return LayoutEntry(
        role=role,
        sample=name or identifier or None,
        group=(identifier or None) if name else None,
        concentration=None if is_dilution else value,
        dilution=value if is_dilution else None,
    )
