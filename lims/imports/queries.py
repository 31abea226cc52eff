"""Questions about stored files and imports."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

import instruments
from instruments.readings import Reading
from lims.assays.assay import PlateReading
from lims.foundation.errors import LimsError, NotFound
from lims.imports import rules
from lims.imports.models import ImportState, PlateImport, StoredFile
from lims.runs.models import Run


class BytesChanged(LimsError):
    """A stored file no longer gives the hash it is kept under."""

    def __init__(self, name: str, sha256: str) -> None:
        self.name, self.sha256 = name, sha256
        super().__init__(
            f"The stored bytes of {name} no longer give their SHA-256 {sha256[:12]}…: they were "
            "changed outside this program. Nothing computed from them can be relied on."
        )


def get(session: Session, import_id: int) -> PlateImport:
    options = (
        joinedload(PlateImport.file),
        joinedload(PlateImport.layout),
        joinedload(PlateImport.equipment),
        joinedload(PlateImport.run),
    )
    found = session.get(PlateImport, import_id, options=options)
    if found is None:
        raise NotFound("import", import_id)
    return found


def find_file(session: Session, sha256: str) -> StoredFile | None:
    return session.scalar(select(StoredFile).where(StoredFile.sha256 == sha256))


def of_file(session: Session, file: StoredFile) -> PlateImport | None:
    return session.scalar(select(PlateImport).where(PlateImport.file_id == file.id))


def of_run(session: Session, run: Run) -> PlateImport | None:
    query = (
        select(PlateImport)
        .where(PlateImport.run_id == run.id)
        .options(joinedload(PlateImport.file), joinedload(PlateImport.layout))
    )
    return session.scalar(query)


def newest(session: Session, limit: int = 50) -> Sequence[PlateImport]:
    options = (joinedload(PlateImport.file), joinedload(PlateImport.run))
    return session.scalars(
        select(PlateImport).options(*options).order_by(PlateImport.id.desc()).limit(limit)
    ).all()


def waiting(session: Session) -> Sequence[PlateImport]:
    """Previews that somebody began and has not confirmed."""
    return session.scalars(
        select(PlateImport)
        .where(PlateImport.state == ImportState.PREVIEW, PlateImport.refusal.is_(None))
        .options(joinedload(PlateImport.file))
        .order_by(PlateImport.id.desc())
    ).all()


def content(session: Session, file: StoredFile) -> bytes:
    """The bytes as they came, checked against their hash on each reading.

    Raises:
        BytesChanged: somebody altered them in the database.
    """
    stored = session.scalar(
        select(StoredFile)
        .where(StoredFile.id == file.id)
        .options(undefer(StoredFile.content))
        .execution_options(populate_existing=True)
    )
    assert stored is not None  # noqa: S101
    if hashlib.sha256(stored.content).hexdigest() != file.sha256:
        raise BytesChanged(file.name, file.sha256)
    return stored.content


def reading(session: Session, plate_import: PlateImport) -> Reading:
    """The file read anew from its bytes: same bytes, same value."""
    return instruments.read(content(session, plate_import.file), plate_import.file.name)


def plate_reading(session: Session, plate_import: PlateImport) -> PlateReading | None:
    """The chosen read with the layout's roles; None while no layout is chosen."""
    if plate_import.layout is None:
        return None
    plate, read = rules.pick(
        reading(session, plate_import), plate_import.plate_index, plate_import.read_index
    )
    origin = f"{plate_import.file.sha256} plate {plate.index} read {read.label}"
    return rules.with_roles(read, plate_import.layout.wells, plate_import.decisions, origin)
