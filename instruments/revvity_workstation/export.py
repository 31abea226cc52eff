"""A workstation export to a reading."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from instruments.accounting import Use
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.moments import day_first_in, started_at
from instruments.readings import Instrument, Message, Reading, Severity
from instruments.revvity_workstation.contents import Export, Result
from instruments.revvity_workstation.lists import read_list
from instruments.revvity_workstation.matrices import find_matrix, stretches
from instruments.revvity_workstation.modes import unit_of
from instruments.revvity_workstation.notifications import notifications
from instruments.revvity_workstation.plates import PlateInfo, plate_infos
from instruments.revvity_workstation.reads import plates_of
from instruments.revvity_workstation.sections import Part, Section, sections
from instruments.revvity_workstation.settings import Settings, read_settings
from instruments.wells import row_index, standard_name

_SHARED_FACTS = {
    "Assay ID": "assay_id",
    "Protocol Name": "protocol",
    "Protocol ID": "protocol_id",
    "Assay Started": "assay_started",
    "Assay Started By": "operator",
    "Name of the plate type": "plate_type",
}


def read_export(grid: Grid, instrument: Instrument) -> Reading:
    """All plates of an export.

    Raises:
        NoMeasurement: there is no result in it.
        Malformed: a section breaks its form.
    """
    parts = sections(grid)
    settings = read_settings(grid, parts)
    shape = None
    if settings.rows and settings.columns:
        shape = (settings.rows, settings.columns)
    export = Export(grid, settings, shape, _info_follows(grid, parts, settings))
    if export.info_follows:
        _take(export, partial(_read_matrix, export, "", 0, parts[0].top))
    for section in parts:
        _read_section(export, section)
    _release(export, None)
    if not export.results:
        raise NoMeasurement(
            grid.file, found="no matrix and no list of results", expected="at least one"
        )
    export.messages += notifications(grid)
    export.day_first = day_first_in(_dates(export))
    return _reading(export, instrument)


def _dates(export: Export) -> Iterator[str]:
    for entry in (*export.settings.labels.values(), export.settings.facts):
        yield from entry.values()
    for info in export.infos:
        yield info.date


def _info_follows(grid: Grid, parts: Sequence[Section], settings: Settings) -> bool:
    """Whether each plate's information stands below its results: a choice of the export.

    The first and the last result tell; where they do not, what the export says of itself.
    """
    plates = [section.top for section in parts if section.part is Part.PLATE]
    results = list(_rows_of_results(grid, parts)) if plates else []
    if not results:
        return False
    begins, ends = results[0] < plates[0], results[-1] < plates[-1]
    if begins != ends:
        place = settings.facts.get("Place plate information at", "")
        return place.lower().startswith("end")
    return begins


def _rows_of_results(grid: Grid, parts: Sequence[Section]) -> Iterator[int]:
    """A row of each stretch of results, with or without a title."""
    if _first_result(grid, 0, parts[0].top) is not None:
        yield 0
    for section in parts:
        if section.part in {Part.RESULTS, Part.LIST}:
            yield section.top
        elif section.part in {Part.PLATE, Part.BACKGROUND}:
            row = _first_result(grid, _below(grid, section), section.bottom)
            if row is not None:
                yield row


def _below(grid: Grid, section: Section) -> int:
    if section.part is Part.PLATE:
        return plate_infos(grid, section)[-1].row + 1
    return _below_table(grid, section)


def _first_result(grid: Grid, top: int, bottom: int) -> int | None:
    """The first row with more than one number in it."""
    for row in range(top, bottom):
        numbers = (grid.number(row, column) for column in range(len(grid.rows[row])))
        if sum(number is not None for number in numbers) > 1:
            return row
    return None


def _take(export: Export, read: Callable[[PlateInfo | None], None]) -> None:
    """Read results with the plate information above them, or hold them until it comes."""
    if export.info_follows:
        export.held.append(read)
    else:
        read(export.infos[-1] if export.infos else None)


def _release(export: Export, info: PlateInfo | None) -> None:
    held, export.held = export.held, []
    for read in held:
        read(info)


def _read_section(export: Export, section: Section) -> None:
    grid = export.grid
    if section.part is Part.PLATE:
        infos = plate_infos(grid, section)
        below = infos[-1].row + 1
        grid.ledger.mark(Use.HEADER, section.top, below)
        export.infos += infos
        _release(export, infos[-1])
        _take(export, partial(_read_matrix, export, "", below, section.bottom))
    elif section.part is Part.BACKGROUND:
        below = _below_table(grid, section)
        grid.ledger.mark(Use.HEADER, section.top, below)
        _take(export, partial(_read_matrix, export, "", below, section.bottom))
    elif section.part is Part.RESULTS:
        read = partial(_read_matrix, export, section.title, section.top + 1, section.bottom)
        _take(export, read)
    elif section.part is Part.LIST:
        _take(export, partial(_read_list, export, section))
    else:
        _mark_facts(grid, section)


def _mark_facts(grid: Grid, section: Section) -> None:
    """All lines but those of results that were broken off, whose numbers the frame then names."""
    use, end = Use.HEADER, section.bottom
    if section.part is Part.PLATEMAP:
        # A map begins with the plate that it is of; what it says may be numbers.
        use, end = Use.LAYOUT, grid.find("Plate", section.top) or end
    start = section.top
    for row in range(section.top, min(end, section.bottom)):
        if _is_result(grid, row):
            grid.ledger.mark(use, start, row)
            start = row + 1
    grid.ledger.mark(use, start, section.bottom)


def _is_result(grid: Grid, row: int) -> bool:
    """A well or a plate row, and numbers behind it."""
    name = grid.text(row, 0)
    if row_index(name) is None and standard_name(name) is None:
        return False
    return sum(grid.number(row, c) is not None for c in range(1, grid.width(row))) > 1


def _below_table(grid: Grid, section: Section) -> int:
    """The empty line below the background, or the matrix where that line is missing."""
    for row in range(section.top + 1, section.bottom):
        texts = grid.texts(row, 0, grid.width(row))
        if all(not text or grid.numerals.one(text) is not None for text in texts):
            return row
    return section.bottom


def _read_matrix(export: Export, title: str, top: int, bottom: int, info: PlateInfo | None) -> None:
    for channel, (first, last) in enumerate(stretches(export.grid, top, bottom), start=1):
        _read_stretch(export, title, (first, last), channel, info)


def _read_stretch(
    export: Export, title: str, rows: tuple[int, int], channel: int, info: PlateInfo | None
) -> None:
    # `Results for LABEL` are measured, whatever plate information stands nearest.
    of_formula = info is not None and info.is_formula and " for " not in title
    calculated = title.startswith("Calculated") or of_formula
    use = Use.CALCULATED if calculated else Use.MEASURED
    matrix = find_matrix(export.grid, *rows, export.shape, use)
    if matrix is None or (not matrix.wells and not title and _has_results(export, info)):
        return
    label, unit = _label(title, info)
    if info is not None and title and not calculated:
        info = _info_of(export, label, info)
    if channel > 1:
        label = f"{label} - channel {channel}"
    export.results.append(Result(info, label, unit, calculated, matrix=matrix))


def _has_results(export: Export, info: PlateInfo | None) -> bool:
    return any(result.info is info for result in export.results)


def _info_of(export: Export, label: str, last: PlateInfo) -> PlateInfo:
    """The line that names the label: one block may list several labels of a plate."""
    block = [info for info in export.infos if info.number == last.number and info.label == label]
    return block[-1] if block else last


def _label(title: str, info: PlateInfo | None) -> tuple[str, str | None]:
    """Label and unit: `Results for A450(1) - channel 1 (A)`, `Calculated results: Calc 1: ...`."""
    if not title:
        return ("" if info is None else info.label), None
    if title.startswith("Calculated"):
        return title.partition(":")[2].strip() or title, None
    unit = unit_of(title)
    name = title.partition(" for ")[2]
    if unit is not None:
        name = name[: name.rindex("(")]
    name, _, channel = name.rpartition(" - ")
    name = (name or channel).strip()
    if info is not None and info.label and info.label in title:
        name = info.label
    # A second channel (polarisation, dual emission) is a read of its own.
    return (f"{name} - {channel.strip()}" if _further(channel) else name), unit


def _further(channel: str) -> bool:
    number = channel.strip().removeprefix("channel ")
    return channel.strip().startswith("channel ") and number not in {"", "0", "1"}


def _read_list(export: Export, section: Section, info: PlateInfo | None) -> None:
    curves, samples, unknown = read_list(export.grid, section)
    export.samples |= samples
    if unknown:
        named = ", ".join(unknown)
        place = export.grid.place(section.top)
        text = f"columns of the list that are not known were not read: {named}"
        export.messages.append(Message(Severity.WARNING, text, place))
        export.grid.ledger.mark(Use.NOT_READ, section.top, section.bottom)
    for curve in curves:
        label = curve.label or ("" if info is None else info.label) or "Result"
        export.results.append(Result(info, label, None, calculated=False, curve=curve))


def _reading(export: Export, instrument: Instrument) -> Reading:
    facts = export.settings.facts
    serial = facts.get("Serial#") or facts.get("Serial number")
    plates = plates_of(export)
    start = next((plate.started_at for plate in plates if plate.started_at is not None), None)
    return Reading(
        instrument=Instrument(
            instrument.vendor,
            instrument.software,
            instrument.software_version,
            instrument.model,
            serial,
        ),
        plates=plates,
        messages=tuple(export.messages),
        started_at=start or started_at(facts.get("Assay Started", ""), proved=export.day_first),
        details={name: facts[key] for key, name in _SHARED_FACTS.items() if facts.get(key)},
    )
