"""From matrices to reads: one for each wavelength, and one for what SoftMax reduced."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from instruments.flags import meaning
from instruments.grids import Grid
from instruments.moldev_softmax.columns import Matrices, Odd
from instruments.moldev_softmax.header import PlateHeader
from instruments.readings import Flag, FlagKind, Floats, Kind, Message, Mode, Read, Severity


@dataclass(frozen=True, slots=True)
class _Stack:
    """The points of one wavelength: their numbers, and the column group that holds them."""

    points: range
    group: int


def measured_reads(grid: Grid, header: PlateHeader, found: Matrices) -> list[Read]:
    """The measured reads of a plate, wavelength by wavelength as the header lists them.

    Raises:
        Malformed: points that do not belong to the wavelengths of the header.
    """
    if not found.values:
        return []
    cube = np.stack(found.values)
    stacks = _stacks(grid, header, found)
    reads = []
    for number, stack in enumerate(stacks):
        odd = [o for o in found.odd if o.group == stack.group and o.point in stack.points]
        points = _without_unread_end(stack.points, cube[:, stack.group], odd)
        axis = np.array([found.axis[point] for point in points])
        _check_order(grid, header, found, points, axis)
        axis = _not_hours(grid, header, found, axis)
        values = cube[points.start : points.stop, stack.group].T
        flags = [_flag(grid, found.wells, o, o.point - points.start) for o in odd]
        read = _read(header, number, len(stacks), values, found.wells, flags)
        temperatures = np.array([found.temperatures[point] for point in points])
        reads.append(_with_axis(replace(read, temperature_c=_incubated(temperatures)), axis))
    found.messages += _unfinished(grid, header, found, points)
    return reads


def reduced_reads(grid: Grid, header: PlateHeader, found: Matrices) -> list[Read]:
    """What SoftMax computed from the read (rates, ratios, peak wavelengths): never measured."""
    reads = []
    for number, values in enumerate(found.reduced):
        flags = [_flag(grid, found.wells, o, 0) for o in found.reduced_odd if o.point == number]
        wells, kept = _kept(found.wells, values.reshape(-1, 1), flags)
        reads.append(
            Read("Reduced", header.mode, Kind.ENDPOINT, wells, kept, True, flags=tuple(flags))  # noqa: FBT003
        )
    return reads


def _stacks(grid: Grid, header: PlateHeader, found: Matrices) -> list[_Stack]:
    groups, points = len(found.values[0]), len(found.values)
    planned = max(1, len(header.wavelengths)) if header.kind is not Kind.SPECTRUM else groups
    if groups == planned or groups > 1:
        if groups != planned:
            text = f"{planned} wavelengths are announced, {groups} column groups are written"
            found.messages.append(Message(Severity.WARNING, text, grid.place(found.rows[0])))
        if header.kind is Kind.ENDPOINT and points > 1:
            raise grid.malformed(found.rows[1], 0, "one reading of an endpoint")
        return [_Stack(range(points), group) for group in range(groups)]
    # One group of columns for several wavelengths: they stand below each other.
    starts = [
        point
        for point in range(points)
        if not point or header.kind is Kind.ENDPOINT or found.axis[point] < found.axis[point - 1]
    ]
    if len(starts) != planned:
        raise grid.malformed(found.rows[-1], 0, f"the readings of {planned} wavelengths")
    ends = [*starts[1:], points]
    return [_Stack(range(start, end), 0) for start, end in zip(starts, ends, strict=True)]


def _without_unread_end(points: range, values: Floats, odd: Sequence[Odd]) -> range:
    """Times of a run that was stopped stand in the file without values: they were not read."""
    last = max((o.point for o in odd), default=points.start)
    stop = points.stop
    while stop - 1 > last and np.isnan(values[stop - 1]).all():
        stop -= 1
    return range(points.start, stop)


def _check_order(
    grid: Grid, header: PlateHeader, found: Matrices, points: range, axis: Floats
) -> None:
    # Fast kinetics repeat a time that is written in whole seconds.
    least = 0 if header.kind is Kind.KINETIC else np.finfo(float).tiny
    wrong = np.flatnonzero(np.diff(axis) < least)
    if header.kind is not Kind.ENDPOINT and len(wrong):
        row = found.rows[points.start + int(wrong[0]) + 1]
        raise grid.malformed(row, 0, "a later time, wavelength or place than before")


def _not_hours(grid: Grid, header: PlateHeader, found: Matrices, axis: Floats) -> Floats:
    """Times of which a spreadsheet made hours and minutes: old versions write 0:10 for 10 s."""
    if header.interval_s is None or len(axis) < 2:  # noqa: PLR2004
        return axis
    if not np.isclose(np.median(np.diff(axis)), 60 * header.interval_s):
        return axis
    text = (
        f"the times are 60 times as far apart as the {header.interval_s:g} s that are announced:"
        " a spreadsheet made hours of minutes; they were read as minutes and seconds"
    )
    found.messages.append(Message(Severity.WARNING, text, grid.place(found.rows[0])))
    return axis / 60


def _read(
    header: PlateHeader,
    number: int,
    of: int,
    values: Floats,
    wells: tuple[str, ...],
    flags: list[Flag],
) -> Read:
    wavelength = _nth(header.wavelengths, number)
    label = "Raw" if of == 1 else f"{wavelength:g}" if wavelength else f"Raw {number + 1}"
    names, kept = _kept(wells, values, flags)
    read = Read(
        label, header.mode, header.kind, names, kept, unit=header.mode.unit, flags=tuple(flags)
    )
    if header.mode is Mode.ABSORBANCE:
        return read if header.kind is Kind.SPECTRUM else replace(read, wavelength_nm=wavelength)
    if header.kind is Kind.SPECTRUM:
        fixed = header.fixed_nm or None
        if header.sweeps_excitation:
            return replace(read, emission_nm=fixed)
        return replace(read, excitation_nm=fixed or _nth(header.excitations, number))
    return replace(read, emission_nm=wavelength, excitation_nm=_nth(header.excitations, number))


def _with_axis(read: Read, axis: Floats) -> Read:
    if read.kind is Kind.KINETIC:
        return replace(read, time_s=axis)
    if read.kind is Kind.SPECTRUM:
        return replace(read, spectrum_nm=axis)
    return read


def _kept(
    wells: tuple[str, ...], values: Floats, flags: Sequence[Flag]
) -> tuple[tuple[str, ...], Floats]:
    """Only the wells that were read: those with a number or a flag."""
    flagged = {flag.well for flag in flags}
    filled = set(np.flatnonzero(~np.isnan(values).all(axis=1)).tolist())
    chosen = [i for i, well in enumerate(wells) if i in filled or well in flagged]
    return tuple(wells[i] for i in chosen), np.ascontiguousarray(values[chosen])


def _nth(wavelengths: tuple[float, ...], number: int) -> float | None:
    """The wavelength of a group; 0 is written where no filter stood in the light."""
    return (wavelengths[number] or None) if number < len(wavelengths) else None


def _incubated(temperatures: Floats) -> Floats | None:
    """Temperatures in degrees C; 0 is written when the incubator is off."""
    known = temperatures.copy()
    known[known == 0] = np.nan
    return None if np.isnan(known).all() else known


def _flag(grid: Grid, wells: tuple[str, ...], odd: Odd, index: int) -> Flag:
    kind = meaning(odd.text)
    if kind is FlagKind.TEXT and odd.text.endswith("?"):
        kind = FlagKind.FAILED  # "Path?": the path length could not be found
    return Flag(wells[odd.well], index, kind, odd.text, grid.place(odd.row, odd.column))


def _unfinished(
    grid: Grid, header: PlateHeader, found: Matrices, points: range
) -> Iterator[Message]:
    """What the points of the last wavelength leave open."""
    planned = header.points
    if header.kind is not Kind.ENDPOINT and planned is not None and planned != len(points):
        text = f"{planned} points are announced, {len(points)} hold values"
        yield Message(Severity.WARNING, text, grid.place(found.rows[0]))
    # Points that were not read have the temperature 0 as well.
    if any(temperature == 0 for temperature in found.temperatures[: points.stop]):
        text = "temperature 0 is written: the incubator was off, the temperature is not known"
        yield Message(Severity.INFO, text, grid.place(found.rows[0]))
