"""Matrices and tables to plates and reads."""

from collections.abc import Iterator, Sequence

import numpy as np

from instruments.readings import (
    Flag,
    Floats,
    Kind,
    LayoutEntry,
    Message,
    Mode,
    Plate,
    Read,
    Severity,
)
from instruments.thermo_skanit import words
from instruments.thermo_skanit.report import Context, Matrix, Report
from instruments.thermo_skanit.tables import Curves


def plates_of(report: Report, curves: Sequence[Curves]) -> tuple[Plate, ...]:
    plates: dict[str, list[Matrix | Curves]] = {}
    every: list[Matrix | Curves] = [*report.matrices, *curves]
    for part in every:
        plates.setdefault(part.context.plate, []).append(part)
    _name_the_only_plate(report, plates)
    report.messages += _doubts(every)
    return tuple(
        _plate(report, index, name, parts)
        for index, (name, parts) in enumerate(plates.items(), start=1)
    )


def _name_the_only_plate(report: Report, plates: dict[str, list[Matrix | Curves]]) -> None:
    """Sheets without a plate name belong to the one plate that the others name."""
    named = [name for name in plates if name]
    if len(named) == 1 and "" in plates:
        plates[named[0]] += plates.pop("")
    if len(plates) == 1 and "" in report.layouts:
        layout = report.layouts.setdefault(next(iter(plates)), {})
        for well, entry in report.layouts[""].items():
            layout.setdefault(well, entry)


def _plate(report: Report, index: int, name: str, parts: Sequence[Matrix | Curves]) -> Plate:
    sizes = [part.size for part in parts if isinstance(part, Matrix) and part.size]
    layout = dict(report.layouts.get(name, {}))
    for part in parts:
        if isinstance(part, Curves):
            for well, sample in part.samples.items():
                layout.setdefault(well, LayoutEntry(words.role_of(sample), sample))
    return Plate(
        index=index,
        reads=tuple(_reads(parts)),
        name=name or None,
        size=max(sizes, default=None),
        layout=layout,
    )


def _reads(parts: Sequence[Matrix | Curves]) -> Iterator[Read]:
    done: set[Context] = set()
    matrices = [part for part in parts if isinstance(part, Matrix)]
    for part in parts:
        if isinstance(part, Curves):
            yield _curve(part)
            continue
        key = _series(part.context)
        points = [m for m in matrices if _series(m.context) == key]
        if part.context.reading is None or len(points) == 1:
            yield _read(part, part.values.reshape(-1, 1), part.wells, part.flags)
        elif key not in done:
            done.add(key)
            yield _kinetic(points)


def _series(context: Context) -> Context:
    """What the readings of one kinetic run share."""
    return Context(
        context.step,
        context.plate,
        context.wavelength_nm,
        context.excitation_nm,
        context.emission_nm,
    )


def _kinetic(points: Sequence[Matrix]) -> Read:
    wells = tuple(dict.fromkeys(well for point in points for well in point.wells))
    rows = {well: row for row, well in enumerate(wells)}
    values = np.full((len(wells), len(points)), np.nan)
    flags: list[Flag] = []
    for index, point in enumerate(points):
        values[[rows[well] for well in point.wells], index] = point.values
        flags += [Flag(f.well, index, f.flag, f.text, f.place) for f in point.flags]
    times = [point.context.time_s for point in points]
    known = [time for time in times if time is not None]
    time_s = np.array(known) if len(known) == len(points) else None
    return _read(points[0], values, wells, tuple(flags), Kind.KINETIC, time_s=time_s)


def _curve(part: Curves) -> Read:
    kind = Kind.ENDPOINT
    if part.spectrum_nm is not None and part.time_s is None:
        kind = Kind.SPECTRUM
    elif part.values.shape[1] > 1:
        kind = Kind.KINETIC
    return _read(
        part,
        part.values,
        part.wells,
        part.flags,
        kind,
        time_s=part.time_s if kind is Kind.KINETIC else None,
        temperature_c=part.temperature_c,
        spectrum_nm=part.spectrum_nm if kind is Kind.SPECTRUM else None,
    )


def _read(
    part: Matrix | Curves,
    values: Floats,
    wells: tuple[str, ...],
    flags: tuple[Flag, ...],
    kind: Kind = Kind.ENDPOINT,
    *,
    time_s: Floats | None = None,
    spectrum_nm: Floats | None = None,
    temperature_c: Floats | None = None,
) -> Read:
    context = part.context
    mode, unit, calculated = _meaning(part)
    label = context.step or part.head
    if isinstance(part, Matrix) and part.is_further and part.head:
        label = f"{label}: {part.head}"
    is_absorbance = mode is Mode.ABSORBANCE
    return Read(
        label=label,
        mode=mode,
        kind=kind,
        wells=wells,
        values=values,
        calculated=calculated,
        unit=unit,
        wavelength_nm=context.wavelength_nm if is_absorbance else None,
        excitation_nm=None if is_absorbance else context.excitation_nm,
        emission_nm=None if is_absorbance else context.emission_nm or context.wavelength_nm,
        time_s=time_s,
        spectrum_nm=spectrum_nm,
        temperature_c=temperature_c,
        flags=flags,
    )


def _meaning(part: Matrix | Curves) -> tuple[Mode, str | None, bool]:
    """Mode, unit, and whether it was calculated: step, corner and wavelengths tell, in turn."""
    context, head = part.context, part.head
    unit = words.unit_of(head)
    mode = words.mode_of_step(context.step)
    named = _optical_mode(context)
    is_further = isinstance(part, Matrix) and part.is_further
    if words.is_calculation(context.step) or words.is_calculation(head) or is_further:
        source = unit[0] if unit is not None else mode or named or Mode.ABSORBANCE
        return source, None if unit is None else unit[1], True
    if mode is not None:
        return mode, unit[1] if unit is not None else mode.unit, False
    if unit is not None:
        return unit[0], unit[1], False
    # Neither a known step nor a known unit: the wavelengths must show that it was measured, and
    # a calculation, whose corner has a word of its own, names those of its source too.
    return named or Mode.ABSORBANCE, None, bool(head) or named is None


def _optical_mode(context: Context) -> Mode | None:
    if context.excitation_nm is not None and context.emission_nm is not None:
        return Mode.FLUORESCENCE
    if context.no_filter:
        return Mode.LUMINESCENCE
    return Mode.ABSORBANCE if context.wavelength_nm is not None else None


def _doubts(parts: Sequence[Matrix | Curves]) -> Iterator[Message]:
    """Steps whose name and unit do not tell what was measured, or whether it was."""
    named: set[str] = set()
    for part in parts:
        step = part.context.step
        known = words.mode_of_step(step) is not None or words.unit_of(part.head) is not None
        is_told = words.is_calculation(step) or words.is_calculation(part.head)
        name = f"{step or part.context.plate} {part.head}".strip()
        if (
            is_told
            or name in named
            or (known and not (isinstance(part, Matrix) and part.is_further))
        ):
            continue
        named.add(name)
        mode, _, calculated = _meaning(part)
        said = "given as calculated" if calculated else f"given as measured {mode.value}"
        text = f"{name or 'a table'}: the file does not tell what was measured; {said}"
        yield Message(Severity.WARNING, text)
