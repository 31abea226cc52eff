"""Gen5 exports that draw a whole plate for each time: `OD:600 - Time 3 (0:11:48)`."""

import re
from dataclasses import dataclass, replace

import numpy as np

from instruments.biotek_gen5.tables import AXES, Table
from instruments.moments import seconds_of
from instruments.numerals import Numerals
from instruments.readings import Flag, Kind

# The title stands twice, with the label and below it without; Gen5 1 writes the label alone.
_TITLE = re.compile(
    r"(?:(?P<label>.+) - )?(?P<axis>Time|Wavelength|Kinetic read)\s+\d+ \((?P<at>[^()]+?)(?: nm)?\)"
)
_NUMBERED = re.compile(r"\s*Read#\d+$")


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One point of all wells.

    Attributes:
        at: seconds or nanometres.
        kind: which of the two.
        table: the matrix as an endpoint.
    """

    at: float
    kind: Kind
    table: Table


@dataclass(frozen=True, slots=True)
class SliceTitle:
    """What the lines above a matrix say of its point."""

    label: str
    at: float
    kind: Kind

    def slice_of(self, table: Table, title: str) -> Slice:
        """The matrix below the title; its lines end in `label Read#3`, or in nothing."""
        written = "" if table.label == title else _NUMBERED.sub("", table.label)
        return Slice(self.at, self.kind, replace(table, label=written or self.label))


def slice_title(
    title: str, above: str, before: SliceTitle | None, numerals: Numerals
) -> SliceTitle | None:
    """The point that a title names; the label may stand in the title above it."""
    match = _TITLE.fullmatch(title)
    if match is None:
        return None
    kind = AXES[match["axis"]]
    at = seconds_of(match["at"]) if kind is Kind.KINETIC else numerals.one(match["at"])
    if at is None:
        return None
    label = match["label"] or (before.label if before is not None else above)
    return SliceTitle(label, at, kind)


def stack(slices: list[Slice]) -> list[Table]:
    """One table for each label. A plate without any value was planned only, and goes."""
    by_label: dict[tuple[str, Kind], list[Slice]] = {}
    for one in slices:
        by_label.setdefault((one.table.label, one.kind), []).append(one)
    return [_stacked(kind, own) for (_, kind), own in by_label.items()]


def _reached(slices: list[Slice], kind: Kind) -> list[Slice]:
    """Without the points of an unfinished run, whose clock stands at zero again."""
    if kind is not Kind.KINETIC:
        return slices
    latest, reached = 0.0, []
    for one in slices:
        table = one.table
        is_empty = not np.isfinite(table.values).any()
        if one.at == 0 < latest and is_empty and not any(f.text.strip("?") for f in table.flags):
            continue
        latest = max(latest, one.at)
        reached.append(one)
    return reached


def _stacked(kind: Kind, slices: list[Slice]) -> Table:
    filled = _reached([one for one in slices if one.table.wells or one.table.flags], kind)
    wells = tuple(dict.fromkeys(well for one in filled for well in one.table.wells))
    position = {well: index for index, well in enumerate(wells)}
    values = np.full((len(wells), len(filled)), np.nan)
    flags: list[Flag] = []
    for index, one in enumerate(filled):
        values[[position[well] for well in one.table.wells], index] = one.table.values[:, 0]
        flags += [replace(flag, index=index) for flag in one.table.flags]
    return replace(
        slices[0].table,
        kind=kind,
        wells=wells,
        values=values,
        flags=tuple(flags),
        axis=np.array([one.at for one in filled]),
        dropped=len(slices) - len(filled),
    )
