"""Reports that BMG's control software writes itself, without MARS: a head, then blocks of values.

The head counts the chromatics (filters, or wavelengths of a scan); the blocks must agree with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from instruments.accounting import Use
from instruments.bmg_mars.blocks import Block, first_data, read_blocks
from instruments.bmg_mars.header import SCATTERED, mode_of
from instruments.bmg_mars.labels import mode_by_label, optics_of
from instruments.errors import NoMeasurement, Truncated
from instruments.grids import Grid
from instruments.moments import started_at
from instruments.readings import (
    Flag,
    Floats,
    Instrument,
    Kind,
    Mode,
    Plate,
    Read,
    Reading,
    Severity,
)
from instruments.source import Source
from instruments.wells import plate_size, size_for

MARK = "No. of Channels / Multichromatics:"
_CHANNELS = MARK[:-1]
_CYCLES = "No. of Cycles"
_KEYS = ("Testname", "Date", "Time", "ID1", "ID2", "ID3", "Configuration", _CHANNELS, _CYCLES)
_PAIR = re.compile(rf"({'|'.join(re.escape(key) for key in _KEYS)}):")
_FILTERS = re.compile(r"Used (?:filter|wavelength)s?\b")
_FILTER = re.compile(r"(\d{1,2}):\s*(\S.*)")
_SCAN = re.compile(
    r"(\d{1,4})-(\d{1,3})/(\d{1,4})-(\d{1,3})\s*-->\s*(\d{1,4})-\2/(\d{1,4})-\4(?!\d)"
)
_RANGE = re.compile(r"(\d{3,4})\s*nm\s*\.\.\.\s*(\d{3,4})\s*nm")
_SCANNED = re.compile(r"No\.\s*of scan values:\s*(\d{1,4})")
_HEAD_ROWS = 60
_MOST_DIGITS = 5
_MOST_OD = 10.0


@dataclass(slots=True)
class _Head:
    facts: dict[str, str] = field(default_factory=dict)
    filters: dict[int, str] = field(default_factory=dict)
    scanned: dict[int, int] = field(default_factory=dict)

    def count(self, key: str) -> int:
        text = self.facts.get(key, "")
        is_count = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
        return int(text) if is_count else 1


@dataclass(frozen=True, slots=True)
class _Channel:
    """One chromatic.

    Attributes:
        number: of its filter in the head.
        scanned_nm: its wavelength in a scan, None for a filter.
        fixed: which side of a fluorescence scan stays, with its wavelength.
    """

    number: int
    label: str
    scanned_nm: float | None = None
    fixed: str = ""
    fixed_nm: float | None = None


def is_report(grid: Grid) -> bool:
    return any(grid.text(row, 0).startswith(MARK) for row in range(min(len(grid), _HEAD_ROWS)))


def read_report(source: Source, grid: Grid) -> Reading:
    """The one run of a report.

    Raises:
        NoMeasurement: no values.
        Malformed: a form of the report that is not known, or counts that do not agree.
        Truncated: fewer chromatics than the head counts.
    """
    top = first_data(grid)
    head = _read_head(grid, top)
    blocks = [block for block in read_blocks(grid, top) if block.wells]
    if not blocks:
        raise NoMeasurement(
            source.filename, found="a BMG head without values", expected="values of wells"
        )
    facts = head.facts
    channels = _channels(grid, head)
    mode = mode_of(facts.get("Configuration", ""))
    if mode is None:
        is_told = not channels or "Configuration" in facts
        mode = None if is_told else mode_by_label(f"Raw Data ({channels[0].label})")
        if mode is None:
            raise grid.malformed(0, None, "a known configuration that says what was measured")
        text = f"the head does not say what was measured; taken as {mode.value} by the filters"
        source.note(Severity.WARNING, text)
    reads = []
    for channel, nm, parts in _series(grid, channels, blocks):
        read = _stacked(grid, mode, channel, nm, parts)
        _note_doubts(source, grid, read, parts, head.count(_CYCLES))
        reads.append(read)
    hints = " ".join(facts.get(key, "") for key in ("ID1", "ID2", "ID3"))
    start = started_at(facts.get("Date", ""), facts.get("Time", ""), hints=hints)
    plate = Plate(1, tuple(reads), facts.get("Testname"), size=_size(blocks), started_at=start)
    return Reading(
        instrument=Instrument(vendor="BMG LABTECH"),
        plates=(plate,),
        started_at=start,
        details=facts,
    )


def _read_head(grid: Grid, top: int) -> _Head:
    head = _Head()
    is_filters = False
    for row in range(top):
        line = " ".join(grid.texts(row, 0, grid.width(row)))
        match = _FILTER.match(line)
        scanned = _SCANNED.match(match[2]) if match else None
        if _FILTERS.match(line):
            is_filters = True
        elif match and scanned:
            head.scanned[int(match[1])] = int(scanned[1])
        elif match and is_filters:
            if match[2] != "-":
                head.filters[int(match[1])] = match[2]
        else:
            is_filters = False
            pairs = _PAIR.split(line)
            for key, value in zip(pairs[1::2], pairs[2::2], strict=True):
                if value.strip():
                    head.facts.setdefault(key, value.strip())
    grid.ledger.mark(Use.HEADER, 0, top)
    return head


def _channels(grid: Grid, head: _Head) -> list[_Channel]:
    """The chromatics in their order; a scan has one for each wavelength."""
    if head.scanned:
        return [
            channel
            for number, count in sorted(head.scanned.items())
            for channel in _scan(grid, number, head.filters.get(number, ""), count)
        ]
    count = head.count(_CHANNELS)
    ends = _RANGE.match(head.filters.get(1, ""))
    if ends is not None:
        axis = np.linspace(float(ends[1]), float(ends[2]), count)
        if (axis * 2 % 1).any():
            raise grid.malformed(0, None, f"a range of wavelengths in {count} even steps")
        return [_Channel(1, ends[0], nm) for nm in axis.tolist()]
    names = [head.filters.get(number, "").partition(" ")[0] for number in range(1, count + 1)]
    return [_Channel(number, name) for number, name in enumerate(names, start=1)]


def _scan(grid: Grid, number: int, text: str, count: int) -> Iterator[_Channel]:
    ends = _SCAN.match(text)
    if ends is None or (ends[1] == ends[5]) == (ends[3] == ends[6]):
        raise grid.malformed(0, None, "a scan of the excitation or of the emission")
    if ends[1] != ends[5]:
        moved, fixed, fixed_nm = (ends[1], ends[5]), "emission", float(ends[3])
    else:
        moved, fixed, fixed_nm = (ends[3], ends[6]), "excitation", float(ends[1])
    for nm in np.linspace(float(moved[0]), float(moved[1]), count).tolist():
        yield _Channel(number, ends[0], nm, fixed, fixed_nm)


def _series(
    grid: Grid, channels: list[_Channel], blocks: list[Block]
) -> Iterator[tuple[_Channel, list[float], list[Block]]]:
    """The blocks of each read, with their wavelengths where they make a spectrum."""
    pairs = list(zip(channels, _by_channel(grid, len(channels), blocks), strict=True))
    for channel, parts in pairs:
        if channel.scanned_nm is None:
            nm = [block.state.wavelength_nm for block in parts]
            yield channel, [each for each in nm if each is not None], parts
    scanned = [(channel, parts) for channel, parts in pairs if channel.scanned_nm is not None]
    for _, group in groupby(scanned, key=lambda pair: pair[0].number):
        steps = list(group)
        blocks = [block for _, parts in steps for block in parts]
        if len(blocks) != len(steps):
            raise grid.malformed(blocks[0].row, None, "each wavelength of the scan once")
        yield steps[0][0], [channel.scanned_nm or 0.0 for channel, _ in steps], blocks


def _by_channel(grid: Grid, count: int, blocks: list[Block]) -> list[list[Block]]:
    if any(block.state.chromatic is None for block in blocks):
        if count == 1:
            return [blocks]
        block = blocks[0]
        state = block.state
        if len(blocks) > 1 or block.values.shape[1] != count or state.time_s is not None:
            raise grid.malformed(block.row, None, f"a value for each of {count} channels")
        return [[_one_value(block, index)] for index in range(count)]
    found: list[list[Block]] = [[] for _ in range(count)]
    for block in blocks:
        number = block.state.chromatic or 0
        if not 1 <= number <= count:
            raise grid.malformed(block.row, None, f"no more chromatics than the head's {count}")
        found[number - 1].append(block)
    if not all(found):
        raise Truncated(
            grid.file,
            found=f"values of {sum(map(bool, found))} chromatics",
            expected=f"values of {count} chromatics as the head says",
        )
    return found


def _one_value(block: Block, index: int) -> Block:
    flags = tuple(replace(flag, index=0) for flag in block.flags if flag.index == index)
    return replace(block, values=block.values[:, index : index + 1], flags=flags)


def _stacked(
    grid: Grid, mode: Mode, channel: _Channel, nm: list[float], blocks: list[Block]
) -> Read:
    """One read of the blocks of a chromatic or a scan.

    Several blocks are the cycles of a kinetic or the wavelengths of a spectrum.
    """
    first = blocks[0]
    points = first.values.shape[1] if len(blocks) == 1 else len(blocks)
    if len(blocks) > 1 and any(block.values.shape[1] > 1 for block in blocks):
        raise grid.malformed(first.row, None, "one value for each well and cycle")
    if nm and len(set(nm)) != points:
        raise grid.malformed(first.row, None, "each wavelength once")
    if not nm and len(blocks) > 1 and len({block.state.cycle for block in blocks}) != points:
        raise grid.malformed(first.row, None, "each cycle once")
    kind = Kind.SPECTRUM if nm and points > 1 else Kind.KINETIC if points > 1 else Kind.ENDPOINT
    times = _joined([block.state.time_s for block in blocks], points)
    if kind is Kind.KINETIC and times is None:
        raise grid.malformed(first.row, None, f"the times of {points} cycles")
    wells, values, flags = _values(blocks, points)
    label = f"Raw Data ({channel.label})" if channel.label else "Raw Data"
    optics = optics_of(label, mode)
    if channel.scanned_nm is not None or nm:
        optics = replace(optics, wavelength_nm=None, excitation_nm=None, emission_nm=None)
    if mode is Mode.ABSORBANCE and kind is Kind.ENDPOINT and nm:
        optics = replace(optics, wavelength_nm=nm[0])
    return Read(
        label=label,
        mode=mode,
        kind=kind,
        wells=wells,
        values=values,
        unit=_unit(mode, values),
        wavelength_nm=optics.wavelength_nm,
        excitation_nm=channel.fixed_nm if channel.fixed == "excitation" else optics.excitation_nm,
        emission_nm=channel.fixed_nm if channel.fixed == "emission" else optics.emission_nm,
        time_s=times if kind is Kind.KINETIC else None,
        spectrum_nm=np.array(nm) if kind is Kind.SPECTRUM else None,
        temperature_c=_temperature(blocks, points),
        flags=flags,
    )


def _unit(mode: Mode, values: Floats) -> str | None:
    if mode is Mode.COUNT:
        return SCATTERED
    return None if mode is Mode.ABSORBANCE and _is_light(values) else mode.unit


def _joined(axes: list[Floats | None], points: int) -> Floats | None:
    """One number for each point, of one block or of one block a point."""
    given = [axis for axis in axes if axis is not None]
    joined = np.concatenate(given) if len(given) == len(axes) else np.empty(0)
    return joined if len(joined) == points else None


def _temperature(blocks: list[Block], points: int) -> Floats | None:
    joined = _joined([block.state.temperature_c for block in blocks], points)
    warmth = {degrees for block in blocks for degrees in block.warmth}
    return np.array(list(warmth)) if joined is None and len(warmth) == 1 else joined


def _values(blocks: list[Block], points: int) -> tuple[tuple[str, ...], Floats, tuple[Flag, ...]]:
    if len(blocks) == 1:
        return blocks[0].wells, blocks[0].values, blocks[0].flags
    wells = blocks[0].wells
    if all(block.wells == wells for block in blocks):
        values = np.hstack([block.values for block in blocks])
    else:
        wells = tuple(dict.fromkeys(well for block in blocks for well in block.wells))
        index = {well: at for at, well in enumerate(wells)}
        values = np.full((len(wells), points), np.nan)
        for point, block in enumerate(blocks):
            values[[index[well] for well in block.wells], point] = block.values[:, 0]
    flags = [
        replace(flag, index=point) for point, block in enumerate(blocks) for flag in block.flags
    ]
    return wells, values, tuple(flags)


def _is_light(values: Floats) -> bool:
    """Whether values are counts of the light that came through: no optical density is so high."""
    return bool((values > _MOST_OD).any())


def _note_doubts(source: Source, grid: Grid, read: Read, blocks: list[Block], cycles: int) -> None:
    place = grid.place(blocks[0].row)
    doubts = []
    if read.mode is Mode.COUNT:
        doubts.append("scattered light (nephelometry) is given as a count")
    if read.time_s is not None and (np.diff(read.time_s) <= 0).any():
        doubts.append("the times do not increase")
    points = read.values.shape[1]
    if read.kind is not Kind.SPECTRUM and points != cycles:
        doubts.append(f"the head counts {cycles} cycles, {points} hold values")
    if any(block.wells != blocks[0].wells for block in blocks):
        doubts.append("not every well has values at every point")
    if read.mode is Mode.ABSORBANCE and _is_light(read.values):
        doubts.append("values above 10 are no optical densities; they have no unit")
    if read.temperature_c is None and any(block.warmth for block in blocks):
        doubts.append("the temperatures differ between wells and were left out")
    for doubt in doubts:
        source.note(Severity.WARNING, f"{read.label}: {doubt}", place)


def _size(blocks: list[Block]) -> int | None:
    """The size of a plate drawn whole; a list tells it only when it names every well."""
    shapes = [block.shape for block in blocks if block.shape is not None]
    if shapes:
        return size_for(*max(shapes))
    wells = set[str]().union(*(block.wells for block in blocks))
    smallest = plate_size(wells)
    return smallest if smallest == len(wells) else None
