"""BMG exports of MARS, SMART Control and Omega: csv, DAT and workbook; matrices and tables."""

import re
from collections.abc import Mapping

import numpy as np

from instruments.bmg_mars.labels import is_measured, mode_by_label, optics_of
from instruments.bmg_mars.layout import layout_entries
from instruments.bmg_mars.reports import MARK, is_report, read_report
from instruments.bmg_mars.sections import Sections, read_sections
from instruments.bmg_mars.views import View
from instruments.errors import NoMeasurement
from instruments.readings import (
    Instrument,
    Kind,
    LayoutEntry,
    Mode,
    Plate,
    Read,
    Reading,
    Severity,
)
from instruments.source import Source
from instruments.wells import plate_size, shape_of, size_for

NAME = "bmg_mars"
VERSION = "1"
_HEAD = re.compile(r"(?:^|\n)[\"\t ]*User: ")
_TEST = re.compile(r"Test (?:run no\.|ID|[Nn]ame):")
_TABLE = re.compile(r"(?:^|\n)\"?Well(?: Row)?\"?[,;\t].*Raw Data\s*\(")
_MATRIX = re.compile(
    r"(?:^|\n)[,;\t ]{0,8}\"?(?:\d{1,3}\. )?Raw Data\s{0,2}\([^()\n]{0,40}\d[^()\n]{0,40}\)"
    r"[^\n]{0,200}\n"
    r"[,;\t \"]{0,8}1(?:\.0)?[,;\t]2(?:\.0)?[,;\t]"
)


def claims(source: Source) -> bool:
    """The head of MARS or of a report, or a table or matrix under `Raw Data (...)`."""
    top = source.head[:4096]
    if MARK in top:
        return True
    if "User: " in top and _HEAD.search(top) and _TEST.search(top):
        return True
    if "Raw Data" not in source.head:
        return False
    return _TABLE.search(source.head) is not None or _MATRIX.search(source.head) is not None


def read(source: Source) -> Reading:
    """All runs of the file: a text holds one, a workbook one or several, told apart by their test.

    Raises:
        NoMeasurement: no matrix and no table of wells.
    """
    reports = [grid for grid in source.grids if is_report(grid)]
    if reports:
        return read_report(source, reports[0])
    runs: dict[str, Sections] = {}
    for grid in source.grids:
        sections = Sections(source, grid)
        read_sections(sections)
        key = sections.header.name or (next(iter(runs)) if runs else "")
        if key in runs:
            runs[key].add(sections)
        else:
            runs[key] = sections
    plates = tuple(
        _plate(source, index, run)
        for index, run in enumerate((run for run in runs.values() if run.views), start=1)
    )
    if not plates:
        raise NoMeasurement(
            source.filename,
            found="a BMG head without values",
            expected="a plate matrix or a table of wells",
        )
    first = next(run.header for run in runs.values() if run.views)
    return Reading(
        instrument=Instrument(
            vendor="BMG LABTECH",
            software="SMART Control" if "SMART Control" in first.facts.get("Path", "") else "MARS",
            model=first.model,
        ),
        plates=plates,
        started_at=plates[0].started_at,
        details=first.facts,
    )


def _plate(source: Source, index: int, run: Sections) -> Plate:
    reads = tuple(_read(source, run, view) for view in run.views)
    return Plate(
        index=index,
        reads=reads,
        name=run.header.name,
        size=_size(run),
        layout=_layout(run),
        started_at=run.header.started_at,
    )


def _read(source: Source, run: Sections, view: View) -> Read:
    mode = _mode(source, run, view)
    calculated = not is_measured(view.label)
    optics = view.optics or optics_of(view.label, mode)
    if view.kind is Kind.KINETIC and view.axis is not None:
        _note_times(source, run, view)
    unit = None if calculated else run.header.unit or mode.unit
    return Read(
        label=view.label,
        mode=mode,
        kind=view.kind,
        wells=view.wells,
        values=view.values,
        calculated=calculated,
        unit=unit,
        wavelength_nm=optics.wavelength_nm,
        excitation_nm=optics.excitation_nm,
        emission_nm=optics.emission_nm,
        time_s=view.axis if view.kind is Kind.KINETIC else None,
        spectrum_nm=view.axis if view.kind is Kind.SPECTRUM else None,
        temperature_c=view.temperature_c,
        flags=view.flags,
    )


def _mode(source: Source, run: Sections, view: View) -> Mode:
    mode = run.header.mode or mode_by_label(view.label)
    if mode is Mode.COUNT:
        text = f"{view.label.strip()}: scattered light (nephelometry) is given as a count"
        source.note(Severity.WARNING, text, run.grid.place(view.row))
    if mode is not None:
        return mode
    text = f"{view.label.strip()}: the file does not say what was measured; taken as absorbance"
    source.note(Severity.WARNING, text, run.grid.place(view.row))
    return Mode.ABSORBANCE


def _note_times(source: Source, run: Sections, view: View) -> None:
    axis = view.axis
    if axis is None:
        return
    if not np.isfinite(axis).all():
        text = f"{view.label.strip()}: some times could not be read"
    elif (np.diff(axis) <= 0).any():
        text = f"{view.label.strip()}: the times do not increase"
    else:
        return
    source.note(Severity.WARNING, text, run.grid.place(view.row))


def _size(run: Sections) -> int | None:
    """The size of a plate drawn whole, or named; a table of some wells does not tell it."""
    shapes = [view.shape for view in run.views if view.shape is not None]
    if shapes:
        return size_for(max(rows for rows, _ in shapes), max(columns for _, columns in shapes))
    wells = {well for view in run.views for well in view.wells}
    for word in run.plate_type.replace("-", " ").split():
        if word.isascii() and word.isdigit() and len(word) < 5 and shape_of(int(word)):  # noqa: PLR2004
            return int(word)
    smallest = plate_size(wells)
    return smallest if smallest == len(wells) else None


def _layout(run: Sections) -> Mapping[str, LayoutEntry]:
    return layout_entries(run.layout.texts, run.grid.numerals)
