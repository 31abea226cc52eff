"""The Layout matrix of a Gen5 export: well identifiers, names, concentrations or dilutions."""

import re
from functools import lru_cache

from instruments.biotek_gen5.matrix import Line, Matrix
from instruments.grids import Grid
from instruments.readings import LayoutEntry
from instruments.wells import well_name

_ROLES = (
    (re.compile(r"STD", re.IGNORECASE), "standard"),
    (re.compile(r"BLK|BLANK", re.IGNORECASE), "blank"),
    (re.compile(r"SPL|SMP|SAMPLE", re.IGNORECASE), "sample"),
    (re.compile(r"CTL|CTRL|CONT|POS|NEG", re.IGNORECASE), "control"),
)


def read_layout(grid: Grid, matrix: Matrix, lines: list[Line]) -> dict[str, LayoutEntry]:
    """What each well holds. One line serves concentrations and dilutions; the role tells which."""
    written: dict[str, dict[str, tuple[str, float | None]]] = {}
    for line in lines:
        for index, column in enumerate(matrix.columns):
            text = grid.text(line.row, matrix.left + index)
            if text:
                is_amount = line.label == "Conc/Dil"
                number = grid.number(line.row, matrix.left + index) if is_amount else None
                well = well_name(line.plate_row, column)
                written.setdefault(well, {})[line.label] = (text, number)
    return {well: _entry(facts) for well, facts in written.items()}


def _entry(facts: dict[str, tuple[str, float | None]]) -> LayoutEntry:
    identifier = facts.get("Well ID", facts.get("Sample ID", ("", None)))[0] or None
    name = facts.get("Name", ("", None))[0] or None
    role = _role(identifier or "")
    text, number = facts.get("Conc/Dil", ("", None))
    amount = number if number is not None else text or None
    is_dilution = role == "sample"
    return LayoutEntry(
        role=role,
        sample=name or identifier,
        group=identifier if name else None,
        concentration=None if is_dilution else amount,
        dilution=amount if is_dilution else None,
    )


@lru_cache(maxsize=4096)
def _role(identifier: str) -> str | None:
    return next((role for pattern, role in _ROLES if pattern.match(identifier)), None)
