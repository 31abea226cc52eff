"""What happens to certificates: prepared, signed, issued, voided."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.accounts import signing
from lims.accounts.keys import fingerprint
from lims.accounts.models import Meaning, Signature
from lims.audit.act import Act
from lims.audit.models import AuditHead
from lims.certificates import composition, queries, register_file, rules, schema
from lims.certificates.content import CertificateContent, ChainHead, ExpectedSigner, Superseded
from lims.certificates.document import render
from lims.certificates.models import Certificate, CertificateFile, CertificateState
from lims.certificates.register_file import RegisterFile
from lims.certificates.sealing import SignerFacts
from lims.certificates.sealing import sign as seal
from lims.foundation import clock
from lims.foundation.errors import RuleBroken, Stale
from lims.lots import queries as lots
from lims.lots.models import Lot
from lims.results import queries as results
from lims.site import queries as site
from lims.site.models import Laboratory


def prepare(act: Act, lot: Lot) -> Certificate:
    """Fix number, version and everything a certificate says, before its first signature.

    Raises:
        NotReady: naming what is missing or failing.
        ContentRefused: a text cannot be printed, naming its field.
        WrongState: the lot has a certificate already.
    """
    lot = lots.lock(act.session, lot.id)
    tests = results.tests_of(act.session, lot)
    rules.check_ready(rules.readiness(lot, tests))
    earlier = _check_none(act.session, lot)
    number = earlier.number if earlier else ""
    laboratory = site.laboratory(act.session)
    box = signing.strongbox(act)
    head = chain_head(act.session)
    number = number or _next_number(act, laboratory)
    frame = composition.Frame(
        number=number,
        code=rules.lookup_code(number, box.secret),
        version=earlier.version + 1 if earlier else 1,
        at=act.at,
        ca_fingerprint=fingerprint(signing.authority_certificate(box)),
        chain_head=head,
        supersedes=_superseded(earlier),
    )
    content = composition.compose(act.session, laboratory, lot, tests, frame)
    certificate = Certificate(
        number=content.number,
        version=content.version,
        lot_id=lot.id,
        state=CertificateState.PREPARED,
        content=schema.to_json(content),
        chain_number=head.number,
        chain_hash=head.sha256,
        prepared_by_id=act.actor.id,
        prepared_at=act.at,
        supersedes_id=earlier.id if earlier else None,
    )
    certificate.lot = lot
    act.session.add(certificate)
    act.session.flush()
    file = _keep(act, certificate, render(content), None)
    act.note("certificate.prepared", certificate, sha256=file.sha256)
    return certificate


def _check_none(session: Session, lot: Lot) -> Certificate | None:
    """The void certificate that a new one supersedes; a living one forbids another."""
    found = queries.of_lot(session, lot)
    living = [each for each in found if each.state is not CertificateState.VOID]
    if living:
        rules.check_move(living[0], CertificateState.PREPARED)
    return found[-1] if found else None


def _superseded(earlier: Certificate | None) -> Superseded | None:
    if earlier is None:
        return None
    return Superseded(
        earlier.number, earlier.version, earlier.void_reason, "see the results in both versions"
    )


def _next_number(act: Act, laboratory: Laboratory) -> str:
    year = f"{clock.local(act.at, laboratory.zone):%y}"
    return f"COA-{year}-{site.next_number(act.session, f'certificate-{year}'):04d}"


def chain_head(session: Session) -> ChainHead:
    """The newest event of the trail as of now."""
    head = session.execute(
        select(AuditHead.number, AuditHead.hash, AuditHead.at).where(AuditHead.id == 1)
    ).one()
    return ChainHead(head.number, head.hash, head.number, head.at)


def _keep(
    act: Act, certificate: Certificate, pdf: bytes, signature: Signature | None
) -> CertificateFile:
    file = CertificateFile(
        certificate_id=certificate.id,
        stage=certificate.state,
        sha256=hashlib.sha256(pdf).hexdigest(),
        size=len(pdf),
        content=pdf,
        signature_id=signature.id if signature else None,
        stored_at=act.at,
    )
    certificate.files.append(file)
    act.session.flush()
    return file


def content(certificate: Certificate, file: CertificateFile) -> dict[str, object]:
    """What a signer signs: the very file."""
    return {
        "number": certificate.number,
        "version": certificate.version,
        "state": certificate.state,
        "sha256": file.sha256,
    }


def check_still_true(session: Session, certificate: Certificate) -> None:
    """The records must still say what the prepared certificate prints.

    Raises:
        Stale: something on the lot changed since it was prepared; void it and prepare anew.
    """
    kept = schema.from_json(certificate.content)
    lot = lots.by_id(session, certificate.lot_id)
    laboratory = site.laboratory(session)
    frame = composition.Frame(
        kept.number,
        kept.version,
        kept.prepared_at,
        kept.ca_fingerprint,
        kept.chain_head,
        kept.supersedes,
        kept.lookup.code,
    )
    tests = results.tests_of(session, lot)
    now = composition.compose(session, laboratory, lot, tests, frame)
    if schema.to_json(now) != certificate.content:
        raise Stale(f"What certificate {certificate.label} prints")


def sign_for_quality_control(
    act: Act, certificate: Certificate, password: str, shown: str | None = None
) -> None:
    """The first signature: quality control stands for the results."""
    signer_field = rules.SIGNERS[0]
    lots.lock(act.session, certificate.lot_id)
    act.session.refresh(certificate, with_for_update={"of": Certificate})
    rules.check_move(certificate, CertificateState.SIGNED)
    check_still_true(act.session, certificate)
    signature = _signed(act, certificate, signer_field, Meaning.CERTIFIED, password, shown)
    act.note("certificate.signed", certificate, signature=signature.label)


def issue(
    act: Act, certificate: Certificate, password: str, shown: str | None = None
) -> tuple[signing.Signer, Signature]:
    """The last signature: quality assurance issues the certificate. Part of a release only."""
    act.session.refresh(certificate, with_for_update={"of": Certificate})
    rules.check_move(certificate, CertificateState.ISSUED)
    check_still_true(act.session, certificate)
    before = queries.newest_file(certificate)
    signing.check_unchanged(certificate, content(certificate, before), shown)
    signer = signing.open_key(act, password)
    signature = _sealed(act, certificate, rules.SIGNERS[1], Meaning.RELEASED, signer)
    certificate.issued_at = act.at
    act.note("certificate.issued", certificate, sha256=queries.newest_file(certificate).sha256)
    return signer, signature


def _signed(
    act: Act,
    certificate: Certificate,
    field: ExpectedSigner,
    meaning: Meaning,
    password: str,
    shown: str | None,
) -> Signature:
    before = queries.newest_file(certificate)
    signing.check_unchanged(certificate, content(certificate, before), shown)
    return _sealed(act, certificate, field, meaning, signing.open_key(act, password))


def _sealed(
    act: Act,
    certificate: Certificate,
    field: ExpectedSigner,
    meaning: Meaning,
    signer: signing.Signer,
) -> Signature:
    """One more signature in the PDF, and the same act's signature on the record."""
    before = queries.newest_file(certificate)
    laboratory = site.laboratory(act.session)
    facts = SignerFacts(
        printed_name=signer.person.name,
        login=signer.person.login,
        role=field.role,
        meaning=field.meaning,
        at=act.at,
        local_time=f"{clock.local(act.at, laboratory.zone):%d %b %Y, %H:%M:%S %Z}",
        chain_head=chain_head(act.session),
        title=signing.role_title(act),
    )
    pdf = seal(queries.pdf(act.session, before), field.field, signer.opened, facts)
    signature = signing.sign_with(act, signer, meaning, certificate, content(certificate, before))
    certificate.state = (
        CertificateState.SIGNED if field.field == rules.QC_FIELD else CertificateState.ISSUED
    )
    _keep(act, certificate, pdf, signature)
    return signature


class IssuedIsWithdrawn(RuleBroken):
    def __init__(self, label: str) -> None:
        super().__init__(
            f"{label} is issued: only quality assurance withdraws it, and its lot goes on hold."
        )


def void(act: Act, certificate: Certificate, password: str) -> None:
    """Void a certificate that was not issued, signed and with a reason; its number stays taken."""
    if certificate.state is CertificateState.ISSUED:
        raise IssuedIsWithdrawn(certificate.label)
    take_out_of_force(act, certificate, password)


def take_out_of_force(act: Act, certificate: Certificate, password: str) -> None:
    """The signed step to *void*, from any state before it."""
    lots.lock(act.session, certificate.lot_id)
    act.session.refresh(certificate, with_for_update={"of": Certificate})
    reason = act.need_reason()
    rules.check_move(certificate, CertificateState.VOID)
    file = queries.newest_file(certificate)
    signing.sign(act, Meaning.VOIDED, certificate, content(certificate, file), password)
    certificate.state, certificate.void_reason = CertificateState.VOID, reason
    act.note("certificate.voided", certificate)


def draft(session: Session, lot: Lot, at: datetime) -> bytes:
    """The certificate as it would be now, marked as a draft on each page and not signable."""
    tests = results.tests_of(session, lot)
    laboratory = site.laboratory(session)
    frame = composition.Frame("DRAFT", 1, at, "", None)
    return render(composition.compose(session, laboratory, lot, tests, frame), draft=True)


def content_of(certificate: Certificate) -> CertificateContent:
    return schema.from_json(certificate.content)


def hand_out(act: Act, certificate: Certificate) -> bytes:
    """The newest stage of the PDF, byte for byte; the trail tells who took it (AT-01)."""
    file = queries.newest_file(certificate)
    content = queries.pdf(act.session, file)
    act.note("certificate.downloaded", certificate, stage=file.stage, sha256=file.sha256)
    return content


def hand_out_register(act: Act) -> str:
    """The register as of now, signed by the laboratory, for checks without this server."""
    laboratory = site.laboratory(act.session)
    entries = tuple(queries.every_entry(act.session))
    register = RegisterFile(laboratory.name, act.at, entries, laboratory.revocation_list or "")
    authority = signing.open_authority(act)
    subject = f"register of certificates, {len(entries)} in all"
    return register_file.to_json(register, lambda content: authority.vouch(content, subject))
