"""Questions about certificates, and the register as anybody may ask it."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from lims.accounts.models import Signature
from lims.certificates.models import Certificate, CertificateFile, CertificateState
from lims.certificates.register_entry import (
    NOT_REGISTERED,
    NotRegistered,
    RegisterEntry,
    RegisterState,
)
from lims.foundation.errors import LimsError, NotFound
from lims.lots.models import Lot


class FileChanged(LimsError):
    """The stored PDF no longer gives its hash (CO-12)."""

    def __init__(self, label: str) -> None:
        super().__init__(
            f"The stored PDF of {label} no longer gives its SHA-256: it was changed outside this "
            "program and is not handed out. Restore it from a backup."
        )


def get(session: Session, certificate_id: int) -> Certificate:
    options = (joinedload(Certificate.lot).joinedload(Lot.product), selectinload(Certificate.files))
    found = session.get(Certificate, certificate_id, options=options)
    if found is None:
        raise NotFound("certificate", certificate_id)
    return found


def of_lot(session: Session, lot: Lot) -> Sequence[Certificate]:
    return session.scalars(
        select(Certificate).where(Certificate.lot_id == lot.id).order_by(Certificate.id)
    ).all()


def current(session: Session, lot: Lot) -> Certificate | None:
    """The certificate of a lot that is not void; there is at most one."""
    return session.scalar(
        select(Certificate)
        .where(Certificate.lot_id == lot.id, Certificate.state != CertificateState.VOID)
        .options(selectinload(Certificate.files), joinedload(Certificate.lot))
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def get_current(session: Session, lot: Lot) -> Certificate:
    found = current(session, lot)
    if found is None:
        raise NotFound("certificate of lot", lot.number)
    return found


def newest(session: Session, limit: int = 100) -> Sequence[Certificate]:
    return session.scalars(
        select(Certificate)
        .options(joinedload(Certificate.lot).joinedload(Lot.product))
        .order_by(Certificate.id.desc())
        .limit(limit)
    ).all()


def newest_file(certificate: Certificate) -> CertificateFile:
    return certificate.files[-1]


def pdf(session: Session, file: CertificateFile) -> bytes:
    """The bytes of one stage, checked against their hash on each reading."""
    stored = session.scalar(
        select(CertificateFile)
        .where(CertificateFile.id == file.id)
        .options(undefer(CertificateFile.content))
        .execution_options(populate_existing=True)
    )
    assert stored is not None  # noqa: S101
    if hashlib.sha256(stored.content).hexdigest() != file.sha256:
        raise FileChanged(f"certificate file {file.id}")
    return stored.content


_STATES = {
    CertificateState.PREPARED: RegisterState.PREPARED,
    CertificateState.SIGNED: RegisterState.SIGNED_BY_QC,
    CertificateState.ISSUED: RegisterState.CURRENT,
    CertificateState.VOID: RegisterState.VOID,
}


def register_entry(
    session: Session, sha256: str, claimed: tuple[str, int] | None = None
) -> RegisterEntry | NotRegistered:
    """What the register says of a file: by its hash, else by the number and version it claims."""
    query = _registered().join(Certificate.files)
    found = session.scalar(query.where(CertificateFile.sha256 == sha256))
    if found is None and claimed is not None:
        number, version = claimed
        query = _registered().where(Certificate.number == number, Certificate.version == version)
        found = session.scalar(query)
    return NOT_REGISTERED if found is None else entry_of(session, found)


def by_number(session: Session, number: str) -> RegisterEntry | NotRegistered:
    """The newest version of a certificate number."""
    query = _registered().where(Certificate.number == number)
    found = session.scalar(query.order_by(Certificate.version.desc()).limit(1))
    return NOT_REGISTERED if found is None else entry_of(session, found)


def every_entry(session: Session) -> list[RegisterEntry]:
    """The whole register, in the order the certificates were prepared."""
    certificates = session.scalars(_registered().order_by(Certificate.id)).unique().all()
    return _entries(session, certificates)


def entry_of(session: Session, certificate: Certificate) -> RegisterEntry:
    return _entries(session, [certificate])[0]


def _entries(session: Session, certificates: Sequence[Certificate]) -> list[RegisterEntry]:
    """Two statements, however many certificates there are."""
    wanted = [each.id for each in certificates]
    signed = (
        select(CertificateFile.signature_id, Signature.login)
        .join(Signature, Signature.id == CertificateFile.signature_id)
        .where(CertificateFile.certificate_id.in_(wanted))
    )
    logins = {row.signature_id: row.login for row in session.execute(signed)}
    replacing = select(Certificate).where(Certificate.supersedes_id.in_(wanted))
    successors = {each.supersedes_id: each for each in session.scalars(replacing)}
    return [_entry(each, logins, successors.get(each.id)) for each in certificates]


def _entry(
    certificate: Certificate, logins: Mapping[int, str], successor: Certificate | None
) -> RegisterEntry:
    state = _STATES[certificate.state]
    if successor is not None and successor.state is CertificateState.ISSUED:
        state = RegisterState.SUPERSEDED
    return RegisterEntry(
        certificate.number,
        certificate.version,
        newest_file(certificate).sha256,
        state,
        certificate.lot.number,
        certificate.lot.state.value,
        tuple(logins[file.signature_id] for file in certificate.files if file.signature_id),
        successor.label if successor is not None else "",
    )


def _registered() -> Select[Certificate]:
    return select(Certificate).options(joinedload(Certificate.lot), selectinload(Certificate.files))


def find_number(session: Session, code: str) -> Certificate | None:
    """The newest version of a certificate number, with or without its version behind it."""
    number = code.split(" ", maxsplit=1)[0].upper()
    return session.scalar(
        select(Certificate)
        .where(Certificate.number == number)
        .order_by(Certificate.version.desc())
        .limit(1)
    )
