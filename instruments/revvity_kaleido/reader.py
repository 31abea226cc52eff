"""Kaleido 2.0, 3.0 and 3.5: absorbance, fluorescence, luminescence, Alpha, images, as csv."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.moments import day_first_in, started_at
from instruments.readings import (
    Flag,
    Instrument,
    Kind,
    Message,
    Mode,
    Plate,
    Read,
    Reading,
    Severity,
    StartedAt,
)
from instruments.revvity_kaleido.blocks import Block, Contents, read_contents
from instruments.source import Source

NAME = "revvity_kaleido"
VERSION = "1"

_EXPORTED = re.compile(r"Exported with Kaleido ([\w.]+)|Kaleido (\d+(?:\.\d+)+)")
_MARKS = ("EnSight Results from", "Exported with Kaleido", "Kaleido Results from")
# The titles of a list, or the column numbers of a matrix; else a comma, which stands in texts too.
_SEPARATOR = re.compile(r"(?:^|\n)\"?(?:Barcode\"?|\"?)([;\t])\"?(?:Repeat|1\"?\1\"?2\"?\1)")
_WINDOW = "TRF Window"
_MODES = (
    (Mode.ABSORBANCE, r"abs|photometr|od\b"),
    (Mode.LUMINESCENCE, r"lum|us lum"),
    (Mode.ALPHA, r"alpha"),
    (Mode.TRF, r"trf|tr-?f|htrf|lance|delfia|time.?resolved"),
    (Mode.FP, r"fp\b|polari"),
    (Mode.COUNT, r"img|imag|label.?free|well image"),
    (Mode.FLUORESCENCE, r"fi\b|fluo|fl\b"),
)
# What may vary from one block of a read to the next: the points of the read.
_AXES = (
    (Kind.KINETIC, ("Loop no",)),
    (Kind.AREA_SCAN, ("Well scan x", "Well scan y")),
    (Kind.SPECTRUM, ("Ems wl",)),
    (Kind.SPECTRUM, ("Exc wl / filter",)),
    (Kind.KINETIC, ("WellRepeat",)),
)


def claims(source: Source) -> bool:
    head = source.head[:4096]
    if _MARKS[0] in head or _MARKS[2] in head:
        return True
    is_old = "Results for " in head and ("PlateRepeat:" in head or "Measurement Basic" in head)
    return is_old or _MARKS[1] in source.tail


def read(source: Source) -> Reading:
    grid = _grid(source)
    contents = read_contents(grid)
    if not contents.blocks:
        raise NoMeasurement(
            grid.file, found="no matrix of results", expected="at least one `Result for ...`"
        )
    facts = contents.facts
    software = _EXPORTED.search(facts.get("Software version", facts.get("Software Version", "")))
    software = software or _EXPORTED.search(source.tail) or _EXPORTED.search(source.head)
    is_ensight = _MARKS[0] in source.head[:4096]
    return Reading(
        instrument=Instrument(
            vendor="Revvity (PerkinElmer)",
            software="Kaleido",
            software_version=None if software is None else software[1] or software[2],
            model="EnSight" if is_ensight else None,
            serial=facts.get("Instrument Serial Number"),
        ),
        plates=_plates(contents),
        messages=tuple(contents.messages),
        started_at=_moment(facts),
        details=_details(facts),
    )


def _grid(source: Source) -> Grid:
    if source.is_workbook:
        return source.sheets[0]
    separator = _SEPARATOR.search(source.head)
    return source.split("," if separator is None else separator[1])


def _moment(facts: Mapping[str, str]) -> StartedAt | None:
    text = facts.get("Measurement Started") or facts.get("Measurement Date") or ""
    return started_at(text, proved=day_first_in(facts.values()))


def _details(facts: Mapping[str, str]) -> dict[str, str]:
    names = {
        "Protocol Name": "protocol",
        "Protocol Owner": "protocol_owner",
        "Plate Type Name": "plate_type",
        "Measurement Signature": "measurement_signature",
    }
    return {name: facts[key] for key, name in names.items() if facts.get(key)}


def _plates(contents: Contents) -> tuple[Plate, ...]:
    grouped: dict[tuple[str, str], list[Block]] = {}
    for block in contents.blocks:
        key = (block.facts.get("Barcode", ""), block.facts.get("PlateRepeat", "1"))
        grouped.setdefault(key, []).append(block)
    return tuple(
        Plate(
            index=index,
            reads=tuple(_reads(contents, blocks)),
            name=(barcode if repeat in {"", "1"} else f"{barcode} (repeat {repeat})") or None,
            barcode=barcode or None,
            size=_size(contents.facts, blocks),
            layout=contents.layout,
        )
        for index, ((barcode, repeat), blocks) in enumerate(grouped.items(), start=1)
    )


def _size(facts: Mapping[str, str], blocks: Sequence[Block]) -> int | None:
    """Rows times columns of the plate type: some versions swap the two, which changes nothing."""
    names = (("Number of Rows", "Number of Columns"), ("Number of rows", "Number of columns"))
    for rows, columns in names:
        counts = (facts.get(rows, ""), facts.get(columns, ""))
        if all(count.isascii() and count.isdecimal() for count in counts):
            return int(counts[0]) * int(counts[1])
    return max((block.matrix.size or 0 for block in blocks), default=0) or None


def _reads(contents: Contents, blocks: Sequence[Block]) -> Iterator[Read]:
    grouped: dict[tuple[str, str, bool, str], list[Block]] = {}
    windows: dict[str, set[str]] = {}
    for block in blocks:
        window = block.facts.get(_WINDOW, "")
        key = (block.title, block.parameter, block.analysed, window)
        grouped.setdefault(key, []).append(block)
        windows.setdefault(block.title, set()).add(window)
    for (title, _, _, window), same in grouped.items():
        for kind, keys, points in _runs(same):
            read = _read(contents, kind, keys, points)
            many = len(windows[title]) > 1
            yield replace(read, label=f"{read.label} - window {window}") if many else read


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[Kind, tuple[str, ...], list[Block]]]:
    """Blocks that differ in one thing only are the points of one read."""
    if len(blocks) > 1:
        for kind, keys in _AXES:
            if len({_values(block, keys) for block in blocks}) > 1:
                yield from _along(kind, keys, blocks)
                return
    for block in blocks:
        yield Kind.ENDPOINT, (), [block]


def _along(
    kind: Kind, keys: tuple[str, ...], blocks: Sequence[Block]
) -> Iterator[tuple[Kind, tuple[str, ...], list[Block]]]:
    others = tuple(key for _, names in _AXES for key in names if key not in keys)
    grouped: dict[tuple[str, ...], list[Block]] = {}
    for block in blocks:
        grouped.setdefault(_values(block, others), []).append(block)
    for points in grouped.values():
        yield (kind, keys, points) if len(points) > 1 else (Kind.ENDPOINT, (), points)


def _values(block: Block, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(block.facts.get(key, "") for key in keys)


def _read(contents: Contents, kind: Kind, keys: tuple[str, ...], points: list[Block]) -> Read:
    block = points[0]
    wells = tuple(dict.fromkeys(well for point in points for well in point.matrix.wells))
    rows = {well: row for row, well in enumerate(wells)}
    values = np.full((len(wells), len(points)), np.nan)
    flags: list[Flag] = []
    for index, point in enumerate(points):
        values[[rows[well] for well in point.matrix.wells], index] = point.matrix.values
        flags += [
            Flag(f.well, index, f.flag, f.text, f.place) if index else f for f in point.matrix.flags
        ]
    entry = contents.operations.get(_operation(contents, block.title), {})
    mode = _mode(block.title, entry)
    excitation, emission = _wavelengths(block, entry)
    if kind is Kind.KINETIC:
        text = f"the loops of {block.title} have no times in this export"
        contents.messages.append(Message(Severity.WARNING, text))
    is_absorbance = mode is Mode.ABSORBANCE
    return Read(
        label=block.parameter or block.title,
        mode=mode,
        kind=kind,
        wells=wells,
        values=values,
        calculated=block.analysed,
        unit=None if block.analysed or mode is Mode.COUNT else mode.unit,
        wavelength_nm=excitation if is_absorbance else None,
        excitation_nm=None if is_absorbance or mode is Mode.COUNT else excitation,
        emission_nm=None if is_absorbance or mode is Mode.COUNT else emission,
        spectrum_nm=_spectrum(keys, points) if kind is Kind.SPECTRUM else None,
        points=_places(points) if kind is Kind.AREA_SCAN else None,
        flags=tuple(flags),
    )


def _operation(contents: Contents, title: str) -> str:
    """The operation that a title names: itself, or the one in brackets behind an analysis."""
    if title in contents.operations:
        return title
    named = [name for name in contents.operations if f"( {name} )" in title or f"({name})" in title]
    return named[0] if named else title


def _mode(title: str, entry: Mapping[str, str]) -> Mode:
    bracket = re.search(r"\(\s*(.+?)\s*\)\s*$", title)
    for name in (bracket[1] if bracket else title, title):
        for mode, pattern in _MODES:
            if re.match(pattern, name, re.IGNORECASE):
                return mode
    keys = " ".join(entry).lower()
    if "channel" in keys or "focus" in keys:
        return Mode.COUNT
    if "emission" in keys:
        return Mode.FLUORESCENCE
    return Mode.ABSORBANCE if "excitation" in keys else Mode.LUMINESCENCE


def _wavelengths(block: Block, entry: Mapping[str, str]) -> tuple[float | None, float | None]:
    lower = {key.lower(): value for key, value in entry.items()}
    excitation = block.facts.get("Exc wl / filter") or lower.get("excitation wavelength [nm]", "")
    emission = block.facts.get("Ems wl") or lower.get("emission wavelength [nm]", "")
    return _nanometres(excitation), _nanometres(emission)


def _nanometres(text: str) -> float | None:
    match = re.search(r"\d+(?:\.\d+)?", text)
    return None if match is None else float(match[0])


def _spectrum(
    keys: tuple[str, ...], points: Sequence[Block]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    found = [_nanometres(point.facts.get(keys[0], "")) for point in points]
    known = [nm for nm in found if nm is not None]
    return np.array(known) if len(known) == len(points) else None


def _places(points: Sequence[Block]) -> tuple[tuple[int, int], ...] | None:
    texts = [(p.facts.get("Well scan x", ""), p.facts.get("Well scan y", "")) for p in points]
    if all(x.isdecimal() and y.isdecimal() for x, y in texts):
        return tuple((int(x), int(y)) for x, y in texts)
    return None
