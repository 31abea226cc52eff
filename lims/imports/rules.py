"""Decisions about imports: pure."""

import math
import re
from collections.abc import Mapping, Sequence

from instruments.readings import Kind, Plate, Read, Reading
from lims.assays.assay import PlateReading, WellSeries
from lims.foundation.errors import RuleBroken, WrongState
from lims.imports.models import ImportState, PlateImport

LARGEST = 50 * 1024 * 1024
_CLEAN = re.compile(r"[^\w .()+,#=@&–-]", re.UNICODE)
SAMPLE = "sample"


class FileKnown(RuleBroken):
    """The same bytes were handed in before."""

    def __init__(self, name: str, import_id: int | None, where: str) -> None:
        self.import_id = import_id
        super().__init__(f"This file is here already, as {name}: {where}. It was not stored again.")


class FileTooLarge(RuleBroken):
    def __init__(self, size: int) -> None:
        super().__init__(
            f"The file has {size / 1048576:.0f} MB; at most {LARGEST // 1048576} MB are read. "
            "Export the plate alone, without images."
        )


class EmptyFile(RuleBroken):
    def __init__(self) -> None:
        super().__init__("The file is empty. Export it again from the reader's software.")


class NotReady(RuleBroken):
    """An import cannot be confirmed yet; each sentence says what to decide."""

    def __init__(self, open_points: Sequence[str]) -> None:
        self.open_points = tuple(open_points)
        super().__init__("Before this can be confirmed: " + " ".join(open_points))


def display_name(name: str) -> str:
    """The name as shown: without folders, control and markup signs; the bytes name themselves."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    cleaned = _CLEAN.sub("_", last.replace("\x00", "")).strip(" .") or "unnamed file"
    return cleaned[:120]


def check_size(content: bytes) -> None:
    if not content:
        raise EmptyFile
    if len(content) > LARGEST:
        raise FileTooLarge(len(content))


def check_preview(plate_import: PlateImport) -> None:
    if plate_import.state is not ImportState.PREVIEW:
        raise WrongState("This import", plate_import.state.value, "a preview")


def pick(reading: Reading, plate_index: int, read_index: int) -> tuple[Plate, Read]:
    """The plate and read that an import is about, by position."""
    if not 0 <= plate_index < len(reading.plates):
        raise RuleBroken(
            f"The file has {len(reading.plates)} plates; there is no number {plate_index + 1}."
        )
    plate = reading.plates[plate_index]
    if not 0 <= read_index < len(plate.reads):
        raise RuleBroken(
            f"The plate has {len(plate.reads)} reads; there is no number {read_index + 1}."
        )
    return plate, plate.reads[read_index]


def usable_reads(reading: Reading) -> list[tuple[int, int, str]]:
    """Measured kinetic reads by position, with a label to choose from; never calculated ones."""
    return [
        (p, r, f"{plate.name or f'Plate {p + 1}'}, {read.label}, {read.values.shape[1]} reads")
        for p, plate in enumerate(reading.plates)
        for r, read in enumerate(plate.reads)
        if read.kind is Kind.KINETIC and not read.calculated and read.time_s is not None
    ]


def with_roles(
    read: Read,
    wells: Mapping[str, Mapping[str, object]],
    decisions: Sequence[Mapping[str, str]],
    origin: str,
) -> PlateReading:
    """One read with our own plate map laid over it; wells without a role stay out and visible."""
    left_out = {decision["well"]: decision["reason"] for decision in decisions}
    flags: dict[str, list[str]] = {}
    for flag in read.flags:
        flags.setdefault(flag.well, []).append(f"{flag.flag.value}: {flag.text}")
    rows = read.values.tolist()
    series = [
        WellSeries(
            well,
            str(wells[well]["role"]),
            _slot(wells[well]),
            tuple(None if math.isnan(value) else value for value in row),
            tuple(flags.get(well, ())),
            left_out.get(well, ""),
        )
        for well, row in zip(read.wells, rows, strict=True)
        if well in wells
    ]
    times = tuple(read.time_s.tolist()) if read.time_s is not None else ()
    return PlateReading(times, tuple(series), origin)


def _slot(told: Mapping[str, object]) -> int:
    slot = told.get("slot", 0)
    return slot if isinstance(slot, int) else 0


def missing_wells(read: Read, wells: Mapping[str, object]) -> list[str]:
    """Wells that the layout names and the file lacks."""
    present = set(read.wells)
    return [well for well in wells if well not in present]


def slots(wells: Mapping[str, Mapping[str, object]]) -> list[int]:
    """Sample slots of a layout, in order."""
    return sorted({_slot(told) for told in wells.values() if told.get("role") == SAMPLE})


def wells_of(wells: Mapping[str, Mapping[str, object]], role: str, slot: int = 0) -> list[str]:
    return [
        well
        for well, told in wells.items()
        if told.get("role") == role and (not slot or _slot(told) == slot)
    ]
