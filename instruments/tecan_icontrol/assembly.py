"""From a sheet to plates: each table with its section becomes a read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from instruments.accounting import Use
from instruments.errors import NoMeasurement
from instruments.flags import meaning
from instruments.grids import Grid
from instruments.readings import (
    FlagKind,
    Instrument,
    Kind,
    LayoutEntry,
    Message,
    Mode,
    Plate,
    Read,
    Reading,
    Severity,
    StartedAt,
)
from instruments.tecan_icontrol import words
from instruments.tecan_icontrol.reads import deviations, doubts, is_special, positions, read_of
from instruments.tecan_icontrol.run import Run, read_run, start_of
from instruments.tecan_icontrol.sections import Lines, Section, read_lines
from instruments.tecan_icontrol.table import Table
from instruments.tecan_icontrol.tables import find_tables
from instruments.wells import parse_well, plate_size, shape_of

_LEAST_CERTAIN = 96  # a few wells may belong to any plate


@dataclass(slots=True)
class Collected:
    """What the sheets of a file hold, as they are read."""

    plates: list[Plate] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Segment:
    """One export within a sheet: a plate."""

    grid: Grid
    run: Run
    sections: list[Section] = field(default_factory=list)
    latest: list[Section] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    layout: dict[str, LayoutEntry] = field(default_factory=dict)
    temperature: float | None = None


def read_sheets(
    grids: Sequence[Grid], application: re.Pattern[str], *, starts_by_label: bool
) -> Reading:
    """All exports in the sheets of a file.

    Args:
        grids: the sheets; those without an export are left to the accounting.
        application: the line that opens an export.
        starts_by_label: whether the first start time counts, not the date in the head.

    Raises:
        NoMeasurement: no table holds a value.
    """
    found = Collected()
    for grid in grids:
        tops = [row for row in range(len(grid)) if application.match(grid.text(row, 0)) is not None]
        for top, bottom in pairwise([*tops, len(grid)]):
            _read_segment(grid, top, bottom, found, starts_by_label=starts_by_label)
    if not found.plates:
        raise NoMeasurement(grids[0].file, expected="a table of wells with values")
    first = found.plates[0]
    return Reading(
        found.runs[0].instrument if found.runs else Instrument("Tecan"),
        plates=tuple(found.plates),
        records=tuple(found.records),
        messages=tuple(found.messages),
        started_at=first.started_at,
        details=found.details,
    )


def _read_segment(
    grid: Grid, top: int, bottom: int, found: Collected, *, starts_by_label: bool
) -> None:
    tables = find_tables(grid, top, bottom)
    head_end = tables[0].top if tables else bottom
    # SparkControl names the method in the line above the application.
    run = read_run(grid, max(0, top - 1), head_end)
    segment = _Segment(grid, run)
    starts, ends, row = [], [], top
    for table in tables:
        lines = read_lines(grid, row, table.top)
        starts += lines.starts
        ends += lines.ends
        _take(segment, lines, found)
        _add_table(segment, table, lines, found)
        row = table.bottom
    rest = read_lines(grid, row, bottom)
    _take(segment, rest, found)
    ends += rest.ends
    found.runs.append(run)
    _tell_unused(segment, found)
    if not segment.reads:
        text = "this export holds no table with values"
        found.messages.append(Message(Severity.WARNING, text, grid.place(top)))
        return
    day, clock = run.facts.get("date", ""), run.facts.get("time", "")
    if starts and (starts_by_label or day == ""):
        day, clock = starts[0], ""
    started = start_of(day, clock, [*starts, *ends], grid.file)
    _add_plate(segment, started, found)
    for name, cells in (("start", starts), ("end", ends)):
        if cells:
            prefix = f"{grid.sheet}: " if grid.sheet and len(found.plates) > 1 else ""
            found.details[f"{prefix}{name} times"] = "; ".join(str(cell) for cell in cells)
    for key, value in run.details.items():
        found.details.setdefault(key, value)


def _take(segment: _Segment, lines: Lines, found: Collected) -> None:
    found.messages += lines.messages
    measuring = [s for s in lines.sections if s.mode is not None or s.name is not None]
    if measuring:
        segment.latest = measuring
        segment.sections += measuring
        segment.temperature = None
    if lines.temperature is not None:
        segment.temperature = lines.temperature


def _add_table(segment: _Segment, table: Table, lines: Lines, found: Collected) -> None:
    has_all = all(section.is_used for section in segment.sections)
    is_further = has_all and not is_special(lines.title)
    if _is_layout(table) if not segment.sections else is_further and _is_plan(table):
        _add_layout(segment, table)
        return
    section = _section_for(segment, lines.title)
    if section is None or (mode := section.mode or _action_mode(segment.grid, table.top)) is None:
        raise segment.grid.malformed(
            table.top, 0, "a label or a mode above the table that says what was measured"
        )
    if section.temperature is None:
        section.temperature = segment.temperature
    texts = list(_add_read(segment, table, section, mode, lines.title, found))
    place = segment.grid.place(table.top)
    found.messages += [Message(Severity.WARNING, text, place) for text in texts]


def _add_read(
    segment: _Segment, table: Table, section: Section, mode: Mode, title: str, found: Collected
) -> Iterator[str]:
    """Add what a table holds; the sentences are warnings."""
    if section.is_used and not is_special(title):
        yield f"a further table below {section.name or mode.value} has no title of its own"
    section.is_used = True
    read = None if not table.wells else read_of(segment.grid, table, section, mode, title)
    if read is None or not read.wells:
        yield f"the table of {section.name or title or mode.value} is empty"
        return
    planned = len(table.values[0])
    if planned > read.values.shape[1]:
        text = f"{read.label}: {planned} points are planned, {read.values.shape[1]} hold values"
        found.messages.append(Message(Severity.INFO, text, segment.grid.place(table.top)))
    yield from doubts(read, section, segment.reads)
    spread = deviations(table, read)
    segment.reads += [read] if spread is None else [read, spread]
    found.records += positions(table, read)


def _is_layout(table: Table) -> bool:
    """A matrix of texts before any measurement is the plan of the plate."""
    return bool(table.odd) and all(np.isnan(values).all() for values in table.values)


def _is_plan(table: Table) -> bool:
    """A matrix below the measurements that is mostly names, as people write them there."""
    names = sum(meaning(odd.text) is FlagKind.TEXT for odd in table.odd)
    numbers = sum(int(np.isfinite(values).sum()) for values in table.values)
    return table.kind is Kind.ENDPOINT and names > numbers + len(table.odd) - names


def _add_layout(segment: _Segment, table: Table) -> None:
    segment.grid.ledger.mark(Use.LAYOUT, table.top, table.bottom)
    for well, values in zip(table.wells, table.values, strict=True):
        if np.isfinite(values[0]):
            segment.layout[well] = LayoutEntry(sample=f"{values[0]:g}")
    for odd in table.odd:
        segment.layout[table.wells[odd.well]] = LayoutEntry(sample=odd.text)


def _section_for(segment: _Segment, title: str) -> Section | None:
    """By its name, else the next one without a table; a reference belongs to the one before."""
    used = [section for section in segment.sections if section.is_used]
    if is_special(title) and used:
        return used[-1]
    unused = [section for section in segment.sections if not section.is_used]
    names = {title, title.rpartition(":")[0]}
    named = [section for section in unused if section.name and section.name in names]
    near = [section for section in segment.latest if not section.is_used]
    if near and near[-1].has_label:
        near = near[-1:]
    for candidates in (named, near, unused, used[::-1]):
        if candidates:
            return candidates[0]
    return None


def _action_mode(grid: Grid, bottom: int) -> Mode | None:
    """The only kind of measurement in the list of actions, where the label does not say."""
    modes = {
        mode
        for row in range(bottom)
        for column in (0, 1)
        if (mode := words.mode_of(grid.text(row, column))) is not None and grid.width(row) <= 2  # noqa: PLR2004
    }
    return modes.pop() if len(modes) == 1 else None


def _add_plate(segment: _Segment, started: StartedAt | None, found: Collected) -> None:
    wells = {well for read in segment.reads for well in read.wells}
    size = segment.run.plate_size
    shape = None if size is None else shape_of(size)
    positions = [position for position in map(parse_well, wells) if position is not None]
    if shape is None or any(r >= shape[0] or c >= shape[1] for r, c in positions):
        least = plate_size(wells)
        size = least if least is not None and least >= _LEAST_CERTAIN else None
    found.plates.append(
        Plate(
            len(found.plates) + 1,
            tuple(segment.reads),
            name=segment.grid.sheet,
            barcode=segment.run.barcode,
            size=size,
            layout=segment.layout,
            started_at=started,
        )
    )


def _tell_unused(segment: _Segment, found: Collected) -> None:
    for section in segment.sections:
        if not section.is_used and section.mode is not None:
            text = f"{section.name or section.mode_text} is described but has no table"
            found.messages.append(Message(Severity.WARNING, text))
