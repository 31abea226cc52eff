"""Does a reader of today still read what was read when a file came in?

At each import the digest of the reading is kept, and one for each of its parts. After an upgrade
of a reader every stored file is read again, and the digests tell what is no longer the same.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

import instruments
from instruments.errors import InstrumentFileError
from instruments.readings import Reading
from lims.foundation import canonical
from lims.imports import queries
from lims.imports.models import PlateImport, StoredFile

_OF_THE_READER = ("reader", "reader_version")


@dataclass(frozen=True)
class Digests:
    """Of one reading, without the name and version of its reader, which have columns of their own.

    Attributes:
        whole: SHA-256 of the canonical JSON of the reading.
        parts: the same for instrument, start, each plate, records and messages.
    """

    whole: str
    parts: dict[str, str]


def digests(reading: Reading) -> Digests:
    """What is kept of a reading, to compare it with later ones of the same bytes."""
    document = {k: v for k, v in reading.to_json().items() if k not in _OF_THE_READER}
    parts = {name: value for name, value in document.items() if name != "plates"}
    parts |= {f"plate {plate.index}": plate.to_json() for plate in reading.plates}
    named = {name: canonical.digest(value) for name, value in parts.items()}
    return Digests(canonical.digest(document), named)


@dataclass(frozen=True)
class Finding:
    """One stored file, read again.

    Attributes:
        file_id, name, sha256: which file.
        import_id: its import, or None for a file that was kept without one.
        then, now: reader with version, or None where the file was or is refused.
        differences: sentences; empty when the file is read as it was.
    """

    file_id: int
    name: str
    sha256: str
    import_id: int | None
    then: str | None
    now: str | None
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.differences

    def to_json(self) -> dict[str, object]:
        return asdict(self) | {"same": self.same}


def recheck(session: Session) -> Iterator[Finding]:
    """Read every stored file again, one after the other, oldest first; nothing is changed."""
    for file_id in session.scalars(select(StoredFile.id).order_by(StoredFile.id)).all():
        file = session.get_one(StoredFile, file_id)
        yield _again(session, file, queries.of_file(session, file))
        session.expunge_all()  # their bytes, up to 50 MB each


def _again(session: Session, file: StoredFile, stored: PlateImport | None) -> Finding:
    now: Reading | None = None
    refusal: str | None = None
    differences: tuple[str, ...] = ()
    try:
        now = instruments.read(queries.content(session, file), file.name)
    except InstrumentFileError as error:
        refusal = str(error)
    except queries.BytesChanged as error:
        differences = (str(error),)
    if stored is not None and not differences:
        differences = tuple(_differences(stored, now, refusal))
    return Finding(
        file.id,
        file.name,
        file.sha256,
        stored.id if stored else None,
        _named(stored.reader, stored.reader_version) if stored else None,
        _named(now.reader, now.reader_version) if now else None,
        differences,
    )


def _named(reader: str | None, version: str | None) -> str | None:
    return f"{reader} {version}" if reader else None


def _differences(stored: PlateImport, now: Reading | None, refusal: str | None) -> Iterator[str]:
    if now is None:
        if stored.refusal is None:
            then = _named(stored.reader, stored.reader_version)
            yield f"It was read by {then} and is refused: {refusal}"
        elif stored.refusal != refusal:
            yield f"It is refused for another reason: {refusal} Before: {stored.refusal}"
        return
    if stored.refusal is not None:
        yield f"It was refused and is read: {stored.refusal}"
        return
    if stored.reader != now.reader:
        yield f"It was read by {stored.reader} and is read by {now.reader}."
    found = digests(now)
    if found.whole == stored.reading_sha256:
        return
    # Also when no part differs: then somebody altered a kept digest.
    kept = {str(name): str(value) for name, value in stored.reading_parts.items()}
    other = [name for name in found.parts | kept if found.parts.get(name) != kept.get(name)]
    yield f"Read otherwise: {', '.join(other) or 'the digest of the whole alone'}."
