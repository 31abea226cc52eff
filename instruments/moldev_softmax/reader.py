"""Molecular Devices SoftMax Pro, exported as text (or that text saved as a workbook)."""

import re
from dataclasses import dataclass, field

from instruments.accounting import Use, leftovers
from instruments.delimited import split_lines
from instruments.errors import AmbiguousNumbers, NoMeasurement
from instruments.grids import Grid
from instruments.moldev_softmax import blocks, groups
from instruments.moldev_softmax.blocks import Block, BlockKind, Export
from instruments.moldev_softmax.header import plate_header, unknown_version
from instruments.moldev_softmax.matrices import Reader
from instruments.moldev_softmax.reads import measured_reads, reduced_reads
from instruments.numerals import Numerals, weigh
from instruments.readings import (
    Instrument,
    LayoutEntry,
    Message,
    Plate,
    Reading,
    Severity,
)
from instruments.source import Source

NAME = "moldev_softmax"
VERSION = "1"

_FIRST_LINE = re.compile(
    r"\s*\"?(?:(?:##)?BLOCKS= *\d+|"
    r"Plate:([\t,;])[^\t\n,;]*\1[\"]?1[.,]\d[\"]?\1(?:Plate|Time)Format\1)"
)
# A spreadsheet program saves the export with commas, or with semicolons where commas are decimal.
_RESAVED = re.compile(r"[^\t\n,;]{0,80}([,;])[^\t\n]{0,400}(?:\n|$)")
_BLOCK = re.compile(r"(?:^|\n)\"?(?:Plate|Group|Note|Cuvette Set):|~End")


@dataclass(slots=True)
class _Found:
    """What the blocks hold, as they are read.

    Attributes:
        comma_is_likely: decimal, in groups that do not prove their sign.
    """

    plates: list[Plate] = field(default_factory=list)
    records: list[dict[str, object]] = field(default_factory=list)
    layouts: dict[int, dict[str, LayoutEntry]] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    comma_is_likely: bool = False


def claims(source: Source) -> bool:
    """The first line counts the blocks, or is that of a plate; and a block follows."""
    head = source.head
    return _FIRST_LINE.match(head) is not None and _BLOCK.search(head) is not None


def read(source: Source) -> Reading:
    """All blocks of an export.

    Raises:
        Malformed, Truncated: a block breaks the format, with the line.
        AmbiguousNumbers: a plate whose commas may be decimal or not.
        NoMeasurement: no value in any plate or group.
    """
    resaved = _resaved(source)
    grid = _grid(source, resaved)
    export = blocks.split(grid)
    found = _Found(messages=list(export.messages), comma_is_likely=resaved == ";")
    for block in export.blocks:
        _read_block(source, grid, block, found)
    if not found.plates and not found.records:
        raise NoMeasurement(grid.file, expected="a plate or a group with values")
    _tell_saved(export, found)
    if source.is_text:
        source.accounted()
        found.messages += leftovers([grid])
    return Reading(
        _instrument(export),
        plates=tuple(found.plates),
        records=tuple(found.records),
        messages=tuple(found.messages),
        details=found.details,
    )


def _resaved(source: Source) -> str:
    """The sign that a spreadsheet program put between the fields; "" where they are tabs."""
    for word in ("Plate:", "Group:"):
        at = source.head.find(word)
        match = None if at < 0 else _RESAVED.match(source.head, at)
        if match is not None:
            return match[1]
    return ""


def _grid(source: Source, resaved: str) -> Grid:
    if not source.is_text:
        return next(grid for grid in source.sheets if len(grid))
    if resaved:
        rows = split_lines(source.lines, resaved, source.filename)
        return Grid(rows, source.filename, None, Numerals())  # type: ignore[arg-type]
    # Quotes only stand in formulas and notes, or were put around cells by a spreadsheet program.
    lines = [line.replace('"', "") for line in source.lines] if '"' in source.text else source.lines
    rows = split_lines(lines, "\t", source.filename)
    return Grid(rows, source.filename, None, Numerals())  # type: ignore[arg-type]


def _read_block(source: Source, grid: Grid, block: Block, found: _Found) -> None:
    if block.kind is BlockKind.PLATE:
        _read_plate(source, grid, block, found)
    elif block.kind is BlockKind.GROUP:
        _read_group(grid, block, found)
    elif block.kind is BlockKind.NOTE:
        _keep_note(grid, block, found)
    else:
        grid.ledger.mark(Use.NOT_READ, block.top, block.bottom + 1)
        text = f"the block {block.kind.value.rstrip(':')} was not read"
        found.messages.append(Message(Severity.WARNING, text, grid.place(block.top)))


def _read_plate(source: Source, grid: Grid, block: Block, found: _Found) -> None:
    grid.ledger.mark(Use.HEADER, block.top, block.top + 1)
    top = block.top + 1
    while top < block.bottom and grid.is_blank(top):
        top += 1
    if top == block.bottom:
        raise NoMeasurement(
            grid.file, place=grid.place(block.top), expected="the column names of the plate"
        )
    header = plate_header(grid, block.top, top)
    refusal = unknown_version(grid, block.top, header)
    if refusal is not None:
        raise refusal
    matrices = Reader(grid, header, _numerals(source, grid, top, block.bottom)).read(
        top, block.bottom
    )
    reads = [*measured_reads(grid, header, matrices), *reduced_reads(grid, header, matrices)]
    found.messages += matrices.messages
    index = len(found.plates) + 1
    if not any(read.wells for read in reads if not read.calculated):
        text = f"plate {header.name!r} holds no measured value"
        found.messages.append(Message(Severity.WARNING, text, grid.place(block.top)))
    found.layouts[index] = {}
    found.plates.append(
        Plate(
            index,
            tuple(read for read in reads if read.wells),
            name=header.name or None,
            size=header.size,
            layout=found.layouts[index],
        )
    )
    found.details.setdefault("export format", header.version)


def _numerals(source: Source, grid: Grid, top: int, bottom: int) -> Numerals:
    """The decimal sign of one plate: groups of the same file may use the other one."""
    rows = grid.rows[top:bottom]
    if source.is_text and not any("," in line for line in source.lines[top:bottom]):
        return Numerals()
    text = "\n".join("\t".join(cell for cell in row if isinstance(cell, str)) for row in rows)
    evidence = weigh(text, "\t")
    if evidence.open is not None and not evidence.commas and not evidence.dots:
        raise AmbiguousNumbers(
            grid.file,
            place=grid.place(top),
            found=evidence.open[0],
            expected="a number that proves whether the comma is decimal",
        )
    return Numerals("," if evidence.commas > evidence.dots else ".")


def _read_group(grid: Grid, block: Block, found: _Found) -> None:
    # Versions that write "1,3" for their format write the decimals of groups with a comma too.
    comma = found.comma_is_likely or "," in found.details.get("export format", "")
    group = groups.read_group(grid, block, comma_is_likely=comma)
    found.records += groups.records(grid, group)
    text = "groups are tables that SoftMax computed; their rows stand in the records"
    found.messages.append(Message(Severity.INFO, text))
    if not group.holds_wells or not found.plates:
        return
    named = {plate.name or "": plate.index for plate in reversed(found.plates)}
    # Without a plate name a group belongs to the only plate; with several nobody can tell.
    only = found.plates[0].index if len(found.plates) == 1 else None
    for plate_name, well, entry in groups.layout(group):
        index = named.get(plate_name, only)
        if index is not None:
            found.layouts[index].setdefault(well, entry)


def _keep_note(grid: Grid, block: Block, found: _Found) -> None:
    grid.ledger.mark(Use.HEADER, block.top, block.bottom + 1)
    lines = [grid.text(block.top, 0).removeprefix("Note:").strip()]
    for row in range(block.top + 1, block.bottom):
        cells = [grid.text(row, column) for column in range(grid.width(row))]
        lines.append("\t".join(cells).rstrip())
    number = sum(name.startswith("note") for name in found.details) + 1
    found.details[f"note {number}"] = "\n".join(lines).strip()


def _instrument(export: Export) -> Instrument:
    model, _, serial = export.instrument.partition("Instrument serial number:")
    model = model.removeprefix("Instrument type:").strip(" ;")
    return Instrument(
        "Molecular Devices", "SoftMax Pro", model=model or None, serial=serial.strip() or None
    )


def _tell_saved(export: Export, found: _Found) -> None:
    # Parted by a semicolon, in versions before 6 by blanks.
    name, _, saved = export.saved.partition("Date Last Saved:")
    if name:
        found.details["original file"] = name.removeprefix("Original Filename:").strip(" ;")
    if saved.strip():
        found.details["last saved"] = saved.strip()
        text = "the file tells when it was saved, not when the plates were read"
        found.messages.append(Message(Severity.INFO, text))
