"""A workstation export to a reading."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from instruments.accounting import Use
from instruments.errors import NoMeasurement
from instruments.grids import Grid
from instruments.moments import started_at
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
    StartedAt,
)
from instruments.revvity_workstation.lists import Curve, read_list
from instruments.revvity_workstation.matrices import Matrix, find_matrix
from instruments.revvity_workstation.modes import mode_of, unit_of
from instruments.revvity_workstation.plates import PlateInfo, plate_infos
from instruments.revvity_workstation.sections import Part, Section, sections
from instruments.revvity_workstation.settings import Settings, read_settings, setting

_SHARED_FACTS = {
    "Assay ID": "assay_id",
    "Protocol Name": "protocol",
    "Protocol ID": "protocol_id",
    "Assay Started": "assay_started",
    "Assay Started By": "operator",
    "Name of the plate type": "plate_type",
}


@dataclass(slots=True)
class _Result:
    """One matrix or curve with the plate information that belongs to it."""

    info: PlateInfo | None
    label: str
    unit: str | None
    calculated: bool
    matrix: Matrix | None = None
    curve: Curve | None = None


@dataclass(slots=True)
class _Export:
    """What was found so far."""

    grid: Grid
    settings: Settings
    shape: tuple[int, int] | None
    infos: list[PlateInfo] = field(default_factory=list)
    results: list[_Result] = field(default_factory=list)
    samples: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)


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
    export = _Export(grid, settings, shape)
    for section in parts:
        _read_section(export, section)
    if not export.results:
        raise NoMeasurement(
            grid.file, found="no matrix and no list of results", expected="at least one"
        )
    return _reading(export, instrument)


def _read_section(export: _Export, section: Section) -> None:
    grid = export.grid
    if section.part is Part.PLATE:
        infos = plate_infos(grid, section)
        below = infos[-1].row + 1
        grid.ledger.mark(Use.HEADER, section.top, below)
        export.infos += infos
        _read_matrix(export, "", below, section.bottom)
    elif section.part is Part.BACKGROUND:
        below = _below_table(grid, section)
        grid.ledger.mark(Use.HEADER, section.top, below)
        _read_matrix(export, "", below, section.bottom)
    elif section.part is Part.RESULTS:
        _read_matrix(export, section.title, section.top + 1, section.bottom)
    elif section.part is Part.LIST:
        _read_list(export, section)
    else:
        use = Use.LAYOUT if section.part is Part.PLATEMAP else Use.HEADER
        grid.ledger.mark(use, section.top, section.bottom)


def _below_table(grid: Grid, section: Section) -> int:
    for row in range(section.top + 1, section.bottom):
        if grid.is_blank(row):
            return row
    return section.bottom


def _read_matrix(export: _Export, title: str, top: int, bottom: int) -> None:
    info = export.infos[-1] if export.infos else None
    calculated = title.startswith("Calculated") or (info is not None and info.is_formula)
    use = Use.CALCULATED if calculated else Use.MEASURED
    matrix = find_matrix(export.grid, top, bottom, export.shape, use)
    if matrix is None or (not matrix.wells and not title and _has_results(export, info)):
        return
    label, unit = _label(title, info)
    if info is not None and title and not calculated:
        info = _info_of(export, label, info)
    export.results.append(_Result(info, label, unit, calculated, matrix=matrix))


def _has_results(export: _Export, info: PlateInfo | None) -> bool:
    return any(result.info is info for result in export.results)


def _info_of(export: _Export, label: str, last: PlateInfo) -> PlateInfo:
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


def _read_list(export: _Export, section: Section) -> None:
    curves, samples, unknown = read_list(export.grid, section)
    export.samples |= samples
    if unknown:
        named = ", ".join(unknown)
        place = export.grid.place(section.top)
        text = f"columns of the list that are not known were not read: {named}"
        export.messages.append(Message(Severity.WARNING, text, place))
        export.grid.ledger.mark(Use.NOT_READ, section.top, section.bottom)
    info = export.infos[-1] if export.infos else None
    for curve in curves:
        label = curve.label or ("" if info is None else info.label) or "Result"
        export.results.append(_Result(info, label, None, calculated=False, curve=curve))


def _reading(export: _Export, instrument: Instrument) -> Reading:
    facts = export.settings.facts
    serial = facts.get("Serial#") or facts.get("Serial number")
    plates = _plates(export)
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
        started_at=start or _moment(facts.get("Assay Started", "")),
        details={name: facts[key] for key, name in _SHARED_FACTS.items() if facts.get(key)},
    )


def _moment(text: str) -> StartedAt | None:
    return started_at(text) if text else None


def _plates(export: _Export) -> tuple[Plate, ...]:
    grouped: dict[tuple[str, str, str], list[_Result]] = {}
    for result in export.results:
        info = result.info
        key = ("", "", "") if info is None else (info.number, info.repeat, info.barcode)
        grouped.setdefault(key, []).append(result)
    return tuple(
        _plate(export, index, key, results)
        for index, (key, results) in enumerate(grouped.items(), start=1)
    )


def _plate(
    export: _Export, index: int, key: tuple[str, str, str], results: Sequence[_Result]
) -> Plate:
    number, repeat, barcode = key
    measured = [r for r in results if not r.calculated] or results
    date = next((r.info.date for r in measured if r.info is not None), "")
    sizes = [r.matrix.size for r in results if r.matrix is not None and r.matrix.size]
    size = export.shape[0] * export.shape[1] if export.shape else max(sizes, default=None)
    return Plate(
        index=index,
        reads=tuple(_reads(export, results)),
        name=_name(number, repeat, barcode),
        barcode=barcode or None,
        size=size,
        layout=_layout(export, number),
        started_at=_moment(date),
    )


def _name(number: str, repeat: str, barcode: str) -> str | None:
    """The barcode names a plate, unless the reader made it up from the time; else its number."""
    if barcode and started_at(barcode) is None:
        return barcode
    if not number:
        return None
    return number if repeat in {"", "1"} else f"{number} (repeat {repeat})"


def _layout(export: _Export, number: str) -> Mapping[str, LayoutEntry]:
    layout = dict(export.settings.maps.get(number, {}))
    for well, sample in export.samples.items():
        layout.setdefault(well, LayoutEntry(sample=sample))
    return layout


def _reads(export: _Export, results: Sequence[_Result]) -> Iterable[Read]:
    kinetics: dict[tuple[str, bool], list[_Result]] = {}
    for result in results:
        if result.info is not None and result.info.kinetics and result.matrix is not None:
            kinetics.setdefault((result.label, result.calculated), []).append(result)
    done = set()
    for result in results:
        key = (result.label, result.calculated)
        points = kinetics.get(key, [])
        if result.curve is not None:
            yield _spectrum(export, result, result.curve)
        elif len(points) < 2:  # noqa: PLR2004
            yield _endpoint(export, result)
        elif key not in done:
            done.add(key)
            yield _kinetic(export, points)


@dataclass(frozen=True, slots=True)
class _Optics:
    mode: Mode
    unit: str | None
    wavelength_nm: float | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None


def _optics(export: _Export, result: _Result) -> _Optics:
    settings = export.settings
    source = _source(export, result)
    if source is not None:
        found = _optics(export, source)
        # A crosstalk correction keeps the unit; any other formula may change it.
        unit = found.unit if "rosstalk" in result.label else None
        return replace(found, unit=unit)
    label = _source_label(result, settings)
    entry = settings.labels.get(label, {})
    optics = result.info.optics if result.info is not None else ""
    mode = mode_of(label, result.unit, optics, entry)
    unit = mode.unit if result.unit in {None, "A"} else str(result.unit)
    excitation = settings.nanometres(setting(entry, "Excitation wavelength", "Exc. filter"))
    emission = settings.nanometres(setting(entry, "Emission wavelength", "Ems. filter"))
    if mode is Mode.ABSORBANCE:
        return _Optics(mode, unit, wavelength_nm=excitation or emission)
    if mode in {Mode.FLUORESCENCE, Mode.TRF, Mode.FP}:
        return _Optics(mode, unit, excitation_nm=excitation, emission_nm=emission)
    return _Optics(mode, unit, emission_nm=emission)


def _source(export: _Export, result: _Result) -> _Result | None:
    """The measured result that a formula names."""
    if not result.calculated:
        return None
    named = [r for r in export.results if not r.calculated and r.label in result.label]
    return max(named, key=lambda r: len(r.label), default=None)


def _source_label(result: _Result, settings: Settings) -> str:
    """The label as the settings call it: without its number, and for a formula the label in it."""
    label = result.label
    if result.calculated:
        label = label.partition("Label : ")[2] or label
    known = [name for name in settings.labels if label.startswith(name) or _same(label, name)]
    return max(known, key=len, default=label)


def _same(label: str, name: str) -> bool:
    return label.replace(" ", "") == name.replace(" ", "")


def _temperature(result: _Result) -> float | None:
    return None if result.info is None else result.info.temperature_c


def _endpoint(export: _Export, result: _Result) -> Read:
    matrix, optics = result.matrix, _optics(export, result)
    if matrix is None:
        raise ValueError("a result without a matrix")
    temperature = _temperature(result)
    return Read(
        label=result.label,
        mode=optics.mode,
        kind=Kind.ENDPOINT,
        wells=matrix.wells,
        values=matrix.values.reshape(-1, 1),
        calculated=result.calculated,
        unit=optics.unit,
        wavelength_nm=optics.wavelength_nm,
        excitation_nm=optics.excitation_nm,
        emission_nm=optics.emission_nm,
        temperature_c=None if temperature is None else np.array([temperature]),
        flags=matrix.flags,
    )


def _kinetic(export: _Export, points: Sequence[_Result]) -> Read:
    """Matrices that follow each other in time; the clock starts with the first."""
    optics = _optics(export, points[0])
    matrices = [p.matrix for p in points if p.matrix is not None]
    wells = tuple(dict.fromkeys(well for matrix in matrices for well in matrix.wells))
    rows = {well: row for row, well in enumerate(wells)}
    values = np.full((len(wells), len(matrices)), np.nan)
    flags: list[Flag] = []
    for point, matrix in enumerate(matrices):
        values[[rows[well] for well in matrix.wells], point] = matrix.values
        flags += [Flag(f.well, point, f.flag, f.text, f.place) for f in matrix.flags]
    temperatures = [_temperature(p) for p in points]
    known = [t for t in temperatures if t is not None]
    return Read(
        label=points[0].label,
        mode=optics.mode,
        kind=Kind.KINETIC,
        wells=wells,
        values=values,
        calculated=points[0].calculated,
        unit=optics.unit,
        wavelength_nm=optics.wavelength_nm,
        excitation_nm=optics.excitation_nm,
        emission_nm=optics.emission_nm,
        time_s=_times(export, points),
        temperature_c=np.array(known) if len(known) == len(points) else None,
        flags=tuple(flags),
    )


def _times(
    export: _Export, points: Sequence[_Result]
) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    moments = [_moment(p.info.date) for p in points if p.info is not None]
    if len(moments) != len(points) or any(moment is None for moment in moments):
        text = f"the kinetic points of {points[0].label} have no measurement date, so no times"
        export.messages.append(Message(Severity.WARNING, text))
        return None
    start = moments[0].value if moments[0] is not None else None
    if start is None:
        return None
    return np.array([(m.value - start).total_seconds() for m in moments if m is not None])


def _spectrum(export: _Export, result: _Result, curve: Curve) -> Read:
    name = _measurement(curve.label)
    entry = export.settings.labels.get(name, {})
    mode = mode_of(name, None, result.info.optics if result.info else "", entry)
    is_absorbance = mode is Mode.ABSORBANCE
    temperature = _temperature(result)
    excitation = curve.excitation_nm
    return Read(
        label=result.label,
        mode=mode,
        kind=Kind.ENDPOINT if curve.values.shape[1] == 1 else _kind(curve),
        wells=curve.wells,
        values=curve.values,
        unit=mode.unit,
        wavelength_nm=excitation if is_absorbance else None,
        excitation_nm=None if is_absorbance else excitation,
        emission_nm=None if is_absorbance else curve.emission_nm,
        spectrum_nm=curve.spectrum_nm,
        temperature_c=None if temperature is None else np.array([temperature]),
        flags=curve.flags,
    )


def _kind(curve: Curve) -> Kind:
    return Kind.KINETIC if curve.spectrum_nm is None else Kind.SPECTRUM


def _measurement(label: str) -> str:
    """`MeasB` of a list is `Meas B` among the settings."""
    return f"Meas {label[4:]}" if label.startswith("Meas") and label[4:5] != " " else label
