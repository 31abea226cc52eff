"""Results to plates and reads: endpoints, kinetics, spectra, and what a formula was made of."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from instruments.moments import started_at
from instruments.readings import (
    Flag,
    Kind,
    LayoutEntry,
    Message,
    Mode,
    Plate,
    Read,
    Severity,
)
from instruments.revvity_workstation.contents import Export, Result
from instruments.revvity_workstation.lists import Curve
from instruments.revvity_workstation.modes import mode_of
from instruments.revvity_workstation.settings import Settings, setting

_SECOND = re.compile(r"\bDe=2nd\b")  # the second detector looks through a filter of its own
_PATH = re.compile(r"\b(Ex|Em)=(\d+(?:\.\d+)?) ?nm\b")


def plates_of(export: Export) -> tuple[Plate, ...]:
    grouped: dict[tuple[str, str, str], list[Result]] = {}
    for result in export.results:
        info = result.info
        key = ("", "", "") if info is None else (info.number, info.repeat, info.barcode)
        grouped.setdefault(key, []).append(result)
    return tuple(
        _plate(export, index, key, results)
        for index, (key, results) in enumerate(grouped.items(), start=1)
    )


def _plate(
    export: Export, index: int, key: tuple[str, str, str], results: Sequence[Result]
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
        started_at=started_at(date, proved=export.day_first),
    )


def _name(number: str, repeat: str, barcode: str) -> str | None:
    """The barcode names a plate, unless the reader made it up from the time; else its number."""
    if barcode and started_at(barcode) is None:
        return barcode
    if not number:
        return None
    return number if repeat in {"", "1"} else f"{number} (repeat {repeat})"


def _layout(export: Export, number: str) -> Mapping[str, LayoutEntry]:
    layout = dict(export.settings.maps.get(number, {}))
    for well, sample in export.samples.items():
        layout.setdefault(well, LayoutEntry(sample=sample))
    return layout


def _reads(export: Export, results: Sequence[Result]) -> Iterable[Read]:
    kinetics: dict[tuple[str, bool], list[Result]] = {}
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


def _optics(export: Export, result: Result) -> _Optics:
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
    if result.calculated and result.unit is None:
        unit = None  # a ratio of counts is no count
    light, seen = _paths(optics)
    excitation = settings.nanometres(setting(entry, "Excitation wavelength", "Exc. filter"))
    second = setting(entry, "2nd ems. filter") if _SECOND.search(optics) else ""
    emission = settings.nanometres(second or setting(entry, "Emission wavelength", "Ems. filter"))
    excitation, emission = excitation or light, emission or seen
    if mode is Mode.ABSORBANCE:
        return _Optics(mode, unit, wavelength_nm=excitation or emission)
    if mode in {Mode.FLUORESCENCE, Mode.TRF, Mode.FP}:
        return _Optics(mode, unit, excitation_nm=excitation, emission_nm=emission)
    return _Optics(mode, unit, emission_nm=emission)


def _paths(optics: str) -> tuple[float | None, float | None]:
    """Excitation and emission where the light paths name them: `De=Abs Ex=N/A Em=450 nm`."""
    found = {match[1]: float(match[2]) for match in _PATH.finditer(optics)}
    return found.get("Ex"), found.get("Em")


def _source(export: Export, result: Result) -> Result | None:
    """The measured result that a formula names."""
    if not result.calculated:
        return None
    named = [r for r in export.results if not r.calculated and r.label in result.label]
    return max(named, key=lambda r: len(r.label), default=None)


def _source_label(result: Result, settings: Settings) -> str:
    """The label as the settings call it: without its number, and for a formula the label in it."""
    label = result.label
    if result.calculated:
        label = label.partition("Label : ")[2] or label
    known = [name for name in settings.labels if label.startswith(name) or _same(label, name)]
    return max(known, key=len, default=label)


def _same(label: str, name: str) -> bool:
    return label.replace(" ", "") == name.replace(" ", "")


def _temperature(result: Result) -> float | None:
    return None if result.info is None else result.info.temperature_c


def _endpoint(export: Export, result: Result) -> Read:
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


def _kinetic(export: Export, points: Sequence[Result]) -> Read:
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
    export: Export, points: Sequence[Result]
) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    dates = [p.info.date for p in points if p.info is not None]
    moments = [started_at(date, proved=export.day_first) for date in dates]
    if len(moments) != len(points) or any(moment is None for moment in moments):
        text = f"the kinetic points of {points[0].label} have no measurement date, so no times"
        export.messages.append(Message(Severity.WARNING, text))
        return None
    start = moments[0].value if moments[0] is not None else None
    if start is None:
        return None
    return np.array([(m.value - start).total_seconds() for m in moments if m is not None])


def _spectrum(export: Export, result: Result, curve: Curve) -> Read:
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
