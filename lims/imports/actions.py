"""What happens to instrument files: received, laid out, decided on, confirmed, discarded."""

import hashlib

import instruments
from instruments.errors import InstrumentFileError
from lims.audit.act import Act
from lims.equipment import rules as usable
from lims.equipment.models import Equipment
from lims.foundation import clock
from lims.foundation.errors import RuleBroken
from lims.imports import queries, recheck, rules
from lims.imports.models import ImportState, PlateImport, StoredFile
from lims.methods.models import PlateLayout
from lims.runs.models import Run
from lims.site import queries as site


def receive(act: Act, name: str, content: bytes) -> PlateImport:
    """Keep a file's bytes once, under their SHA-256, and read them.

    A file that no reader understands is kept too, with the reason: nothing that was handed in is
    lost.

    Raises:
        FileKnown: the same bytes were handed in before; says where they are.
        FileTooLarge, EmptyFile: nothing is kept.
    """
    rules.check_size(content)
    sha256 = hashlib.sha256(content).hexdigest()
    known = queries.find_file(act.session, sha256)
    if known is not None:
        raise _known(act, known)
    file = StoredFile(
        sha256=sha256,
        name=rules.display_name(name),
        size=len(content),
        content=content,
        received_by_id=act.actor.id,
        received_at=act.at,
    )
    act.session.add(file)
    act.session.flush()
    made = PlateImport(
        file_id=file.id,
        state=ImportState.PREVIEW,
        started_by_id=act.actor.id,
        started_at=act.at,
        mapping={},
        decisions=[],
        reading_parts={},
    )
    made.file = file
    act.session.add(made)
    _read(made, content)
    act.session.flush()
    act.note("file.received", file, sha256=sha256, size=file.size, name=file.name)
    if made.refusal:
        act.note("file.not_understood", made, why=made.refusal)
    return made


def _known(act: Act, file: StoredFile) -> rules.FileKnown:
    earlier = queries.of_file(act.session, file)
    where = "kept without an import"
    if earlier is not None:
        where = f"import {earlier.id}, {earlier.state.value}"
        if earlier.run is not None:
            where += f", run {earlier.run.code}"
    return rules.FileKnown(file.name, earlier.id if earlier else None, where)


def _read(plate_import: PlateImport, content: bytes) -> None:
    try:
        reading = instruments.read(content, plate_import.file.name)
    except InstrumentFileError as refusal:
        plate_import.refusal = str(refusal)
        return
    plate_import.refusal = None
    plate_import.reader, plate_import.reader_version = reading.reader, reading.reader_version
    kept = recheck.digests(reading)
    plate_import.reading_sha256, plate_import.reading_parts = kept.whole, dict(kept.parts)
    usable_reads = rules.usable_reads(reading)
    if usable_reads:
        plate_import.plate_index, plate_import.read_index = usable_reads[0][:2]


def read_again(act: Act, plate_import: PlateImport) -> None:
    """Try a file that was not understood once more, after a reader was improved."""
    rules.check_preview(plate_import)
    _read(plate_import, queries.content(act.session, plate_import.file))
    act.note("file.read_again", plate_import, understood=plate_import.refusal is None)


def lay_out(
    act: Act,
    plate_import: PlateImport,
    layout: PlateLayout,
    equipment: Equipment,
    position: tuple[int, int],
    mapping: dict[int, int],
) -> None:
    """Say which read counts, which well holds what, and which test each sample slot belongs to.

    Args:
        position: index of plate and read in the file.
        mapping: planned test by sample slot; a slot may stay unused.
    """
    rules.check_preview(plate_import)
    zone = site.laboratory(act.session).zone
    usable.check_equipment(equipment, clock.local(act.at, zone).date())
    known = set(rules.slots(layout.wells))
    unknown = sorted(set(mapping) - known)
    if unknown:
        raise RuleBroken(f"The layout {layout.label} has no sample slot {unknown[0]}.")
    if len(set(mapping.values())) < len(mapping):
        raise RuleBroken("One test is matched to two sample slots; match each test once.")
    plate_import.plate_index, plate_import.read_index = position
    plate_import.layout_id, plate_import.layout = layout.id, layout
    plate_import.equipment_id, plate_import.equipment = equipment.id, equipment
    plate_import.mapping = {str(slot): test for slot, test in sorted(mapping.items())}
    act.note("import.laid_out", plate_import, layout=layout.label, equipment=equipment.code)


def leave_out(act: Act, plate_import: PlateImport, well: str) -> None:
    """Leave a well out, with a reason; it stays visible and marked."""
    rules.check_preview(plate_import)
    reason = act.need_reason()
    if plate_import.layout is None or well not in plate_import.layout.wells:
        raise RuleBroken(f"The layout has no well {well}.")
    others = [each for each in plate_import.decisions if each["well"] != well]
    decided = {"well": well, "reason": reason, "by": act.actor.login, "at": act.at.isoformat()}
    plate_import.decisions = [*others, decided]
    act.note("import.well_left_out", plate_import, well=well)


def take_back(act: Act, plate_import: PlateImport, well: str) -> None:
    """Undo a decision before the import is confirmed."""
    rules.check_preview(plate_import)
    plate_import.decisions = [each for each in plate_import.decisions if each["well"] != well]
    act.note("import.well_taken_back", plate_import, well=well)


def confirm(act: Act, plate_import: PlateImport, run: Run) -> None:
    """From here on the preview is data of a run."""
    rules.check_preview(plate_import)
    plate_import.state, plate_import.run_id, plate_import.run = ImportState.CONFIRMED, run.id, run
    act.note("import.confirmed", plate_import, run=run.code, file=plate_import.file.sha256)


def hand_out(act: Act, plate_import: PlateImport) -> bytes:
    """The file's bytes as they came; the trail tells who took them (AT-01)."""
    content = queries.content(act.session, plate_import.file)
    act.note("file.downloaded", plate_import.file, sha256=plate_import.file.sha256)
    return content


def discard(act: Act, plate_import: PlateImport) -> None:
    """Give a preview up, with a reason; the bytes stay."""
    rules.check_preview(plate_import)
    act.need_reason()
    plate_import.state = ImportState.DISCARDED
    act.note("import.discarded", plate_import)
