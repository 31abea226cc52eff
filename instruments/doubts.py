"""What is odd about a reading as a whole, whatever reader made it.

A line that stands twice, is out of order, or has lost its title still gives numbers that are all
in the file. A person must know before the numbers are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from instruments.readings import Kind, Message, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from instruments.readings import Floats, Plate, Read, Reading


def doubts(reading: Reading) -> list[Message]:
    """Warnings about axes that do not run on, and about reads that nothing tells apart."""
    texts = [
        text
        for plate in reading.plates
        for text in (*_axes(plate), *_twins(plate, of_many=len(reading.plates) > 1))
    ]
    return [Message(Severity.WARNING, text) for text in texts]


def _axes(plate: Plate) -> Iterator[str]:
    for read in plate.reads:
        name = read.label.strip() or read.mode.value
        if read.time_s is not None and not _runs_on(read.time_s):
            yield f"{name}: the times do not increase from point to point"
        if read.spectrum_nm is not None and not (
            _runs_on(read.spectrum_nm) or _runs_on(-read.spectrum_nm)
        ):
            yield f"{name}: the wavelengths do not run in one direction"
        if read.points is not None and len(set(read.points)) < len(read.points):
            yield f"{name}: a place in the well stands twice"


def _runs_on(axis: Floats) -> bool:
    known = axis[np.isfinite(axis)]
    return bool((np.diff(known) > 0).all())


def _twins(plate: Plate, *, of_many: bool) -> Iterator[str]:
    """Measured reads of the same wells with the same label, wavelengths, kind and times."""
    seen: dict[tuple[object, ...], list[Read]] = {}
    for read in plate.reads:
        if not read.calculated:
            seen.setdefault(_identity(read), []).append(read)
    where = f" of plate {plate.name or plate.index}" if of_many else ""
    for reads in seen.values():
        wells = [well for read in reads for well in read.wells]
        if len(reads) > 1 and len(set(wells)) < len(wells):
            name = reads[0].label.strip() or reads[0].mode.value
            yield f"{name}{where}: {len(reads)} reads of the same wells, told apart by nothing"


def _identity(read: Read) -> tuple[object, ...]:
    axis = None
    if read.kind is Kind.KINETIC and read.time_s is not None:
        axis = read.time_s.tobytes()
    elif read.kind is Kind.SPECTRUM and read.spectrum_nm is not None:
        axis = read.spectrum_nm.tobytes()
    wavelengths = (read.wavelength_nm, read.excitation_nm, read.emission_nm)
    return (read.label.strip(), read.mode, read.kind, *wavelengths, axis)
