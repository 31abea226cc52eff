"""Tecan Magellan: Sunrise, infinite, ULTRA, Spark and other readers under this software."""

import re
from collections.abc import Sequence

import numpy as np

from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.readings import (
    Flag,
    Instrument,
    Kind,
    LayoutEntry,
    Message,
    Mode,
    Plate,
    Read,
    Reading,
    Severity,
)
from instruments.source import Source
from instruments.tecan_icontrol import words
from instruments.tecan_icontrol.run import start_of
from instruments.tecan_magellan.footer import Footer, Measured, find_footer, read_footer
from instruments.tecan_magellan.layouts import read_values
from instruments.tecan_magellan.values import Block, Planned, Values
from instruments.wells import plate_size

NAME = "tecan_magellan"
VERSION = "1"

_DATE_LINE = re.compile(
    r"^[\"']?(?:Date of measurement|Datum der Messung|Messdatum) ?:", re.MULTILINE
)
_DATE_WORDS = ("Date of measurement", "Datum der Messung", "Messdatum")
_TAIL = 65_536
_TITLE = "Well positions"
_TITLE_LINE = 2000
_LEAST_CERTAIN = 96  # a few wells may belong to any plate
_MEASURED = re.compile(r"raw data.*|rohdaten.*|label ?\d+|spectrum data", re.IGNORECASE)
_ABSORBANCE = re.compile(r"(?:abs|od|a)[a-z]*[ _:]?(\d{3,4})?(?:\s*nm)?\b", re.IGNORECASE)
_ROLES = {"BL": "blank", "ST": "standard", "SM": "sample", "NC": "control", "PC": "control"}
_ROLE = re.compile(r"([A-Z]{2})\d+(?:_\d+)*")


def claims(source: Source) -> bool:
    """A line below the values opens with "Date of measurement:", or the first names positions."""
    if source.is_workbook:
        return any(_is_export(grid) for grid in source.sheets)
    text = source.text
    first = text[:_TITLE_LINE].lstrip().split("\n", 1)[0]
    if _TITLE in first:
        return True
    # Most texts do not hold the words: looking for them is quicker than for the line.
    parts = (text,) if len(text) <= _TAIL else (text[:_TAIL], text[-_TAIL:])
    return any(
        any(word in part for word in _DATE_WORDS) and _DATE_LINE.search(part) is not None
        for part in parts
    )


def _is_export(grid: Grid) -> bool:
    first = grid.rows[0] if len(grid) else []
    return _TITLE in first or find_footer(grid) is not None


def read(source: Source) -> Reading:
    """All sheets that end with Magellan's lines.

    Raises:
        Malformed: a layout that is not known or breaks its form.
        NoMeasurement: no value.
    """
    plates: list[Plate] = []
    messages: list[Message] = []
    footers: list[Footer] = []
    for grid in source.grids:
        if not _is_export(grid):
            continue
        bottom = find_footer(grid)
        bottom = len(grid) if bottom is None else bottom
        footer = read_footer(grid, bottom)
        footers.append(footer)
        planned = Planned(footer.plate_size, footer.area)
        _add_plates(grid, read_values(grid, bottom, planned), footer, plates, messages)
    if not plates:
        raise NoMeasurement(source.filename, expected="values of wells above the date")
    footer = footers[0]
    details = dict(footer.details)
    details.update({"user": footer.user} if footer.user else {})
    return Reading(
        Instrument("Tecan", "Magellan", None, footer.model, footer.serial),
        plates=tuple(plates),
        messages=tuple(messages),
        started_at=plates[0].started_at,
        details=details,
    )


def _add_plates(
    grid: Grid, values: Values, footer: Footer, plates: list[Plate], messages: list[Message]
) -> None:
    if values.assumed_order:
        text = "the wells are not named; row by row (A1, A2 ...) is assumed"
        messages.append(Message(Severity.WARNING, text, grid.place(0)))
    if not footer.measured:
        text = "no line names the measurement mode; absorbance follows from names or wavelengths"
        messages.append(Message(Severity.WARNING, text, grid.place(0)))
    started = start_of(footer.date, footer.time, [], grid.file)
    for name in dict.fromkeys(block.plate for block in values.blocks):
        blocks = [block for block in values.blocks if block.plate == name]
        reads = tuple(read for read in _reads(grid, blocks, footer) if read.wells)
        if not reads:
            continue
        wells = {well for read in reads for well in read.wells}
        plates.append(
            Plate(
                len(plates) + 1,
                reads,
                name=name or grid.sheet,
                size=_size(wells, footer),
                layout=_layout(values, name),
                started_at=started,
            )
        )


def _size(wells: set[str], footer: Footer) -> int | None:
    least = plate_size(wells)
    stated = footer.plate_size
    if stated is not None and least is not None and stated >= least:
        return stated
    return least if least is not None and least >= _LEAST_CERTAIN else None


def _layout(values: Values, plate: str | None) -> dict[str, LayoutEntry]:
    entries = {}
    for (name, well), text in values.samples.items():
        if name == plate:
            role = _ROLE.fullmatch(text)
            entries[well] = LayoutEntry(role=_ROLES.get(role[1]) if role else None, sample=text)
    return entries


def _reads(grid: Grid, blocks: Sequence[Block], footer: Footer) -> list[Read]:
    names = {measured.name for measured in footer.measured if measured.name}
    sure = [
        b for b in blocks if b.label is None or b.label in names or _MEASURED.fullmatch(b.label)
    ]
    # Magellan lets people name what it computes: a title is measured when the lines below name it.
    measured = sure or [b for b in blocks if not words.CALCULATED.fullmatch(b.label or "")]
    reads = []
    for block in blocks:
        is_measured = any(block is one for one in measured)
        order = next((i for i, one in enumerate(measured) if one is block), 0)
        reads.append(_read(grid, block, _settings(grid, block, order, footer), footer, is_measured))
    return reads


def _settings(grid: Grid, block: Block, order: int, footer: Footer) -> Measured:
    """What measured a block: the description of its name, else by order, else the only one."""
    named = [measured for measured in footer.measured if measured.name == block.label]
    if named and block.label is not None:
        return named[0]
    if order < len(footer.measured):
        return footer.measured[order]
    if len({measured.mode for measured in footer.measured}) == 1:
        return Measured(mode_text=str(footer.measured[0].mode))  # which wavelength: not told
    if not footer.measured:
        guess = _by_name(block, order, footer)
        if guess is not None:
            return guess
    raise grid.malformed(
        find_footer(grid) or 0, 0, "a line below the date that names the measurement mode"
    )


def _by_name(block: Block, order: int, footer: Footer) -> Measured | None:
    """Absorbance, where only a name ("abs600nm", "OD") or a lone wavelength tells."""
    named = _ABSORBANCE.match(block.label or "")
    if named is None and order >= len(footer.wavelengths):
        return None
    number = float(named[1]) if named is not None and named[1] else None
    if number is None and order < len(footer.wavelengths):
        number = footer.wavelengths[order]
    return Measured(mode_text="Absorbance", wavelength=number)


def _read(
    grid: Grid,
    block: Block,
    settings: Measured,
    footer: Footer,
    is_measured: bool,  # noqa: FBT001
) -> Read:
    flags = tuple(
        grid.flag(block.wells[odd.well], odd.point, odd.text, odd.row, odd.column)
        for odd in block.odd
    )
    mode = settings.mode or Mode.ABSORBANCE
    label = block.label or settings.name or "Raw data"
    is_spectrum = block.spectrum_nm is not None
    is_kinetic = block.time_s is not None
    kind = Kind.SPECTRUM if is_spectrum else Kind.KINETIC if is_kinetic else Kind.ENDPOINT
    wells, values = _kept(block, flags)
    temperature = block.temperature_c
    warmth = footer.temperatures.get(block.label or "Raw data", footer.temperatures.get(label))
    if temperature is None and warmth is not None:
        temperature = np.array([warmth])
    is_absorbance = mode is Mode.ABSORBANCE
    return Read(
        label,
        mode,
        kind,
        wells,
        values,
        calculated=not is_measured,
        unit=(settings.unit or mode.unit) if is_measured else None,
        wavelength_nm=settings.wavelength if is_absorbance and not is_spectrum else None,
        excitation_nm=settings.excitation,
        emission_nm=settings.emission
        if is_absorbance
        else settings.emission or settings.wavelength,
        time_s=block.time_s,
        spectrum_nm=block.spectrum_nm,
        temperature_c=temperature,
        flags=flags,
    )


def _kept(block: Block, flags: Sequence[Flag]) -> tuple[tuple[str, ...], np.ndarray]:
    flagged = {flag.well for flag in flags}
    empty = set(np.flatnonzero(np.isnan(block.values).all(axis=1)).tolist())
    chosen = [i for i, well in enumerate(block.wells) if i not in empty or well in flagged]
    return tuple(block.wells[i] for i in chosen), np.ascontiguousarray(block.values[chosen])
