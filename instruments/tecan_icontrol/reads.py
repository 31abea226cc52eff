"""From a table and its section to a read, and what is odd about it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from instruments.grids import Grid
from instruments.readings import Flag, Floats, Kind, Mode, Read
from instruments.tecan_icontrol import words
from instruments.tecan_icontrol.completeness import missing_wells
from instruments.tecan_icontrol.sections import Section
from instruments.tecan_icontrol.table import Table

_SUSPECT = 1.5  # times of two labels of one kinetic never differ by such a factor


def is_special(title: str) -> bool:
    """Whether a title names what stands beside a measurement: its reference, or a difference."""
    return bool(words.REFERENCE.fullmatch(title) or words.CALCULATED.fullmatch(title))


def read_of(grid: Grid, table: Table, section: Section, mode: Mode, title: str) -> Read:
    """The read that a table holds, its unread end left out.

    Args:
        title: right above the table; "" where there is none.
    """
    values = np.array(table.values)
    points = points_read(table)
    flags = [
        grid.flag(table.wells[odd.well], odd.point, odd.text, odd.row, odd.column)
        for odd in table.odd
    ]
    wells, kept = _kept(table.wells, values[:, :points], flags)
    read = Read(
        title if is_special(title) else section.name or title or mode.value,
        mode,
        table.kind,
        wells,
        kept,
        calculated=words.CALCULATED.fullmatch(title) is not None,
        unit=section.unit or mode.unit,
        time_s=_cut(table.time_s, points),
        spectrum_nm=_cut(table.spectrum_nm, points),
        temperature_c=_temperature(table, section, points),
        flags=tuple(flags),
    )
    return _with_wavelengths(read, section, title)


def points_read(table: Table) -> int:
    """Cycles that were planned but not reached have a number and no values: they were not read."""
    values = np.array(table.values)
    points: int = values.shape[1]
    last = max((odd.point for odd in table.odd), default=0)
    while points > 1 and points - 1 > last and np.isnan(values[:, points - 1]).all():
        points -= 1
    return points


def deviations(table: Table, read: Read) -> Read | None:
    """What the software computed beside the means, as a read of its own."""
    if not table.deviations:
        return None
    wells = tuple(well for well, _ in table.deviations)
    values = np.array([row[: read.values.shape[1]] for _, row in table.deviations])
    label = f"{read.label} StDev"
    return replace(read, label=label, wells=wells, values=values, calculated=True, flags=())


def positions(table: Table, read: Read) -> list[dict[str, object]]:
    """The single reads within each well, one record each."""
    return [
        {"read": read.label, "well": well, "position": name, "values": _listed(values)}
        for well, name, values in table.positions
    ]


def doubts(read: Read, section: Section, others: Sequence[Read]) -> Iterator[str]:
    """What a person must have seen before the values are used."""
    gap = None if read.calculated else missing_wells(section.part, read.wells)
    if gap is not None:
        yield f"{read.label}: {gap}"
    times = read.time_s
    if read.kind is not Kind.KINETIC:
        return
    if times is None or np.isnan(times).any() or (np.diff(times) < 0).any():
        yield f"{read.label}: times are missing or go back; they are kept as written"
        return
    for other in others:
        if other.calculated or other.time_s is None or len(other.time_s) != len(times):
            continue
        ends = sorted((float(times[-1]), float(other.time_s[-1])))
        if ends[1] > _SUSPECT * ends[0] > 0:
            yield (
                f"{read.label} ends at {times[-1]:g} s, {other.label} at {other.time_s[-1]:g} s "
                f"after as many cycles: one of the two time columns is wrong"
            )
            return


def _with_wavelengths(read: Read, section: Section, title: str) -> Read:
    if read.mode is not Mode.ABSORBANCE:
        emission = section.emission or section.wavelength
        return replace(read, excitation_nm=section.excitation, emission_nm=emission)
    if read.kind is Kind.SPECTRUM:
        return read
    is_reference = words.REFERENCE.fullmatch(title) is not None
    return replace(read, wavelength_nm=section.reference if is_reference else section.wavelength)


def _kept(
    wells: Sequence[str], values: Floats, flags: Sequence[Flag]
) -> tuple[tuple[str, ...], Floats]:
    """Only the wells that were read: those with a number or a flag."""
    flagged = {flag.well for flag in flags}
    empty = set(np.flatnonzero(np.isnan(values).all(axis=1)).tolist())
    chosen = [i for i, well in enumerate(wells) if i not in empty or well in flagged]
    return tuple(wells[i] for i in chosen), np.ascontiguousarray(values[chosen])


def _cut(axis: Floats | None, points: int) -> Floats | None:
    return None if axis is None else axis[:points].copy()


def _temperature(table: Table, section: Section, points: int) -> Floats | None:
    if table.temperature_c is not None:
        return _cut(table.temperature_c, points)
    return None if section.temperature is None else np.array([section.temperature])


def _listed(values: Floats) -> list[float | None]:
    return [None if number != number else number for number in values.tolist()]  # noqa: PLR0124
