"""What a file says: the run, its plates, their reads, and what could not be read.

Values stand in arrays, one per read (wells by points), never an object per number. A number that
is not there is NaN in the array and `null` in the document; why it is not there is a flag.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from instruments.places import Place

Floats = NDArray[np.float64]
Json = dict[str, object]


class Mode(StrEnum):
    """What was measured."""

    ABSORBANCE = "absorbance"
    FLUORESCENCE = "fluorescence"
    LUMINESCENCE = "luminescence"
    ALPHA = "alpha"
    TRF = "trf"
    FP = "fp"
    COUNT = "count"

    @property
    def unit(self) -> str:
        """The unit of a file that names none: what the reader's screen shows for this mode."""
        return _UNITS[self]


_UNITS = {
    Mode.ABSORBANCE: "AU",
    Mode.FLUORESCENCE: "RFU",
    Mode.LUMINESCENCE: "RLU",
    Mode.ALPHA: "counts",
    Mode.TRF: "RFU",
    Mode.FP: "mP",
    Mode.COUNT: "counts",
}


class Kind(StrEnum):
    """What the points of a read are: one moment, times, wavelengths, or places in the well."""

    ENDPOINT = "endpoint"
    KINETIC = "kinetic"
    SPECTRUM = "spectrum"
    AREA_SCAN = "area_scan"


class FlagKind(StrEnum):
    """Why no number stands where one was planned."""

    SATURATED = "saturated"
    BELOW_RANGE = "below_range"
    MISSED = "missed"
    NOT_READ = "not_read"
    FAILED = "failed"
    TEXT = "text"


class Severity(StrEnum):
    """INFO: for the record. WARNING: a person must have seen it before the values are used."""

    INFO = "info"
    WARNING = "warning"


class DayMonthOrder(StrEnum):
    """PROVED: the file allows one order only (29/02/2016, 2016-02-29). ASSUMED: it allows both."""

    PROVED = "proved"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Message:
    """What a person should know about the reading of this file."""

    severity: Severity
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """Who measured, as the file says; None where it does not."""

    vendor: str
    software: str | None = None
    software_version: str | None = None
    model: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class StartedAt:
    """When the run started.

    Attributes:
        text: date and time as written.
        value: the moment; without zone unless the file states one.
        zone: "local" when the file states none, else the offset as +hh:mm.
        day_month_order: whether the file proves which number is the day.
    """

    text: str
    value: datetime
    zone: str
    day_month_order: DayMonthOrder


@dataclass(frozen=True, slots=True)
class Flag:
    """A point of a well that holds no number, with the text that stands there instead.

    Attributes:
        well: name of the well, A1 form.
        index: point of the read, from 0.
        flag: what the text means.
        text: the text as written.
        place: where it stands.
    """

    well: str
    index: int
    flag: FlagKind
    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class LayoutEntry:
    """What the vendor's software was told about a well; our own plate map is kept apart.

    Attributes:
        role: standard, sample, blank, control ... in lower case, where the file allows to tell.
        sample: name as written.
        group: group or assay name as written.
        concentration: a number where a number is written, else the text with its unit.
        dilution: likewise.
    """

    role: str | None = None
    sample: str | None = None
    group: str | None = None
    concentration: float | str | None = None
    dilution: float | str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One measured (or vendor-calculated) quantity of one plate.

    Attributes:
        label: as the file writes it.
        wells: names in A1 form, in the order of the rows of `values`.
        values: wells by points; NaN where no number stands.
        calculated: True when the vendor's software computed the values.
        time_s: elapsed seconds of each point, or None.
        spectrum_nm: wavelength of each point, or None.
        temperature_c: of each point, or one for all, or None.
        points: place in the well (x, y) of each point of an area scan, or None.
    """

    label: str
    mode: Mode
    kind: Kind
    wells: tuple[str, ...]
    values: Floats
    calculated: bool = False
    unit: str | None = None
    wavelength_nm: float | None = None
    excitation_nm: float | None = None
    emission_nm: float | None = None
    time_s: Floats | None = None
    spectrum_nm: Floats | None = None
    temperature_c: Floats | None = None
    points: tuple[tuple[int, int], ...] | None = None
    flags: tuple[Flag, ...] = ()

    def __post_init__(self) -> None:
        for array in (self.values, self.time_s, self.spectrum_nm, self.temperature_c):
            if array is not None:
                array.setflags(write=False)

    def to_json(self) -> Json:
        document: Json = {
            "label": self.label,
            "mode": self.mode.value,
            "kind": self.kind.value,
            "calculated": self.calculated,
            "unit": self.unit,
            "wavelength_nm": self.wavelength_nm,
            "excitation_nm": self.excitation_nm,
            "emission_nm": self.emission_nm,
            "time_s": _numbers(self.time_s),
            "spectrum_nm": _numbers(self.spectrum_nm),
            "temperature_c": _numbers(self.temperature_c),
            "wells": dict(zip(self.wells, _rows(self.values), strict=True)),
            "flags": [
                {"well": flag.well, "index": flag.index, "flag": flag.flag.value, "text": flag.text}
                for flag in self.flags
            ],
        }
        if self.points is not None:
            document["points"] = [list(point) for point in self.points]
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One plate of a file.

    Attributes:
        index: position in the file, from 1.
        size: wells of the plate (6 to 1536), or None when the file does not tell.
        layout: by well name.
        started_at: where the file dates each plate.
    """

    index: int
    reads: tuple[Read, ...]
    name: str | None = None
    barcode: str | None = None
    size: int | None = None
    layout: Mapping[str, LayoutEntry] = field(default_factory=dict)
    started_at: StartedAt | None = None

    def to_json(self) -> Json:
        return {
            "index": self.index,
            "name": self.name,
            "barcode": self.barcode,
            "size": self.size,
            "reads": [read.to_json() for read in self.reads],
            "layout": {
                well: {
                    "role": entry.role,
                    "sample": entry.sample,
                    "group": entry.group,
                    "concentration": entry.concentration,
                    "dilution": entry.dilution,
                }
                for well, entry in self.layout.items()
            },
        }


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """All that a file says. Same bytes, same value: no random id, no clock.

    Attributes:
        plates: for plate readers.
        records: for files without plates (counters, flow, qPCR), one mapping a row; units in keys.
        details: run facts as written that have no field of their own (protocol path, operator).
        reader, reader_version, sha256: filled in by the catalogue.
    """

    instrument: Instrument
    plates: tuple[Plate, ...] = ()
    records: tuple[Mapping[str, object], ...] = ()
    messages: tuple[Message, ...] = ()
    started_at: StartedAt | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    reader: str = ""
    reader_version: str = ""
    sha256: str = ""

    def to_json(self) -> Json:
        """The document of `lims read --json`: stable keys, null for a number that is not there."""
        return {
            "reader": self.reader,
            "reader_version": self.reader_version,
            "sha256": self.sha256,
            "instrument": {
                "vendor": self.instrument.vendor,
                "software": self.instrument.software,
                "software_version": self.instrument.software_version,
                "model": self.instrument.model,
                "serial": self.instrument.serial,
            },
            "started_at": _moment(self.started_at),
            "plates": [plate.to_json() for plate in self.plates],
            "records": [dict(record) for record in self.records],
            "messages": [
                {
                    "severity": message.severity.value,
                    "text": message.text,
                    "place": None if message.place is None else str(message.place),
                }
                for message in self.messages
            ],
        }


def _moment(started: StartedAt | None) -> Json | None:
    if started is None:
        return None
    return {
        "text": started.text,
        "value": started.value.isoformat(),
        "zone": started.zone,
        "day_month_order": started.day_month_order.value,
    }


def _numbers(array: Floats | None) -> Sequence[float | None] | None:
    return None if array is None else _rows(array.reshape(1, -1))[0]


def _rows(array: Floats) -> list[list[float | None]]:
    rows: list[list[float | None]] = array.tolist()
    for row in np.flatnonzero(~np.isfinite(array).all(axis=1)):
        rows[row] = [None if number != number else number for number in rows[row]]  # noqa: PLR0124
    return rows
