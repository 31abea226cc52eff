"""Which wells of a plate hold what, as people write it: `A1-A12, B2`. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from lims.foundation.errors import RuleBroken

SIZES = {96: ("H", 12), 384: ("P", 24)}
CONTROLS = ("host", "lysis", "diluent", "blank")

_WELL = re.compile(r"([A-P])0?([1-9]|1\d|2[0-4])")
_RANGE = re.compile(r"\s*[-–:]\s*")


class BadWells(RuleBroken):
    """Text that names no wells of the plate; `field` is where it was written."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence, **{field: sentence})


def read_layout(size: int, told: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The wells of a layout from one text for each control, and `samples` with a line for each.

    Raises:
        BadWells: a well that the plate has not, or that was given two roles.
    """
    if size not in SIZES:
        raise RuleBroken("A layout is for 96 or 384 wells.", size="Choose 96 or 384.")
    found: dict[str, dict[str, object]] = {}
    for field, role, text in _parts(told):
        for well in read_wells(size, text, field):
            if well in found:
                raise BadWells(field, f"Well {well} has two roles; name it once.")
            found[well] = dict(role)
    return found


def _parts(told: Mapping[str, str]) -> Iterator[tuple[str, dict[str, object], str]]:
    for name in CONTROLS:
        yield name, {"role": name}, told.get(name, "")
    lines = [line for line in told.get("samples", "").splitlines() if line.strip()]
    for slot, line in enumerate(lines, start=1):
        yield "samples", {"role": "sample", "slot": slot}, line


def read_wells(size: int, text: str, field: str = "") -> list[str]:
    """Wells from text: single ones, and ranges that span the rectangle between two corners."""
    found: list[str] = []
    for part in filter(None, re.split(r"[,;\s]+", _RANGE.sub("-", text.strip().upper()))):
        first, dash, last = part.partition("-")
        corner = _corner(size, first, field)
        found += _rectangle(corner, _corner(size, last, field) if dash else corner)
    return found


def _corner(size: int, text: str, field: str) -> tuple[str, int]:
    last_row, columns = SIZES[size]
    match = _WELL.fullmatch(text)
    if match is None or match[1] > last_row or int(match[2]) > columns:
        raise BadWells(
            field,
            f"“{text}” is no well of a plate of {size}; "
            f"wells are A1 to {last_row}{columns}, ranges as A1-A12.",
        )
    return match[1], int(match[2])


def _rectangle(one: tuple[str, int], other: tuple[str, int]) -> list[str]:
    rows = sorted((ord(one[0]), ord(other[0])))
    columns = sorted((one[1], other[1]))
    return [
        f"{chr(row)}{column}"
        for row in range(rows[0], rows[1] + 1)
        for column in range(columns[0], columns[1] + 1)
    ]


def written_layout(wells: Mapping[str, Mapping[str, object]]) -> dict[str, str]:
    """The inverse of `read_layout`: neighbours of a row become ranges."""
    told = {name: written_wells(_wells_of(wells, name, None)) for name in CONTROLS}
    slots = sorted({slot for each in wells.values() if isinstance(slot := each.get("slot"), int)})
    lines = [written_wells(_wells_of(wells, "sample", slot)) for slot in slots]
    return told | {"samples": "\n".join(lines)}


def _wells_of(wells: Mapping[str, Mapping[str, object]], role: str, slot: int | None) -> list[str]:
    return [
        well
        for well, told in wells.items()
        if told.get("role") == role and told.get("slot") == slot
    ]


def written_wells(wells: Iterable[str]) -> str:
    """Wells as text, row by row, with ranges for neighbours."""
    runs: list[list[tuple[str, int]]] = []
    for row, column in sorted((well[0], int(well[1:])) for well in wells):
        if runs and runs[-1][-1] == (row, column - 1):
            runs[-1].append((row, column))
        else:
            runs.append([(row, column)])
    ends = [("{}{}".format(*run[0]), "{}{}".format(*run[-1])) for run in runs]
    return ", ".join(first if first == last else f"{first}-{last}" for first, last in ends)
