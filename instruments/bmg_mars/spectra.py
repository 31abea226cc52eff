"""Spectra that are drawn as one plate matrix for each wavelength.

The title holds the wavelength: `Raw Data (Em Spectrum) 472-16 / 500-10`, then `... / 501-10`.
"""

import re
from dataclasses import dataclass, field, replace

import numpy as np

from instruments.bmg_mars.labels import Optics
from instruments.bmg_mars.views import View, joined
from instruments.readings import Kind

_TITLE = re.compile(
    r"(?P<label>.{0,120}\((?P<kind>Abs|Ex|Em) Spectrum\))\s+"
    r"(?P<first>\d{3,4}(?:\.\d{1,3})?)(?:-\d{1,3}(?:\.\d{1,3})?)?(?:\s*nm)?"
    r"(?:\s*/\s*(?P<second>\d{3,4}(?:\.\d{1,3})?)(?:-\d{1,3}(?:\.\d{1,3})?)?)?"
)


@dataclass(slots=True)
class _Scan:
    """The matrices of one scan, in the order of the file."""

    label: str
    optics: Optics
    parts: dict[float, View] = field(default_factory=dict)

    def view(self) -> View:
        axis = np.array(list(self.parts), dtype=np.float64)
        whole = joined(self.label, Kind.SPECTRUM, axis, list(self.parts.values()))
        return replace(whole, optics=self.optics)


def with_spectra(views: list[View]) -> list[View]:
    """The views with the matrices of each scan joined, where the first of them stood."""
    found: list[View | _Scan] = []
    open_scans: dict[tuple[str, Optics], _Scan] = {}
    for view in views:
        match = _TITLE.fullmatch(view.label.strip()) if view.axis is None else None
        wavelength = None if match is None else _wavelength(match)
        if match is None or wavelength is None:
            found.append(view)
            continue
        nm, optics = wavelength
        key = (match["label"], optics)
        scan = open_scans.get(key)
        # A wavelength that comes again begins another scan.
        if scan is None or nm in scan.parts:
            scan = open_scans[key] = _Scan(*key)
            found.append(scan)
        scan.parts[nm] = view
    return [each.view() if isinstance(each, _Scan) else each for each in found]


def _wavelength(match: re.Match[str]) -> tuple[float, Optics] | None:
    """The scanned wavelength and the side that stays; None when the title does not fit its kind."""
    first = float(match["first"])
    second = None if match["second"] is None else float(match["second"])
    if match["kind"] == "Abs":
        return (first, Optics()) if second is None else None
    if second is None:
        return None
    if match["kind"] == "Em":
        return second, Optics(excitation_nm=first)
    return first, Optics(emission_nm=second)
