"""An invented laboratory with its authority and two signers, and a second one to forge with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lims.accounts import keys
from lims.certificates import sealing
from lims.certificates.content import CertificateContent, ChainHead
from lims.certificates.document import render
from tests.certificates import specimen

FOUNDED = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
QC_TIME = datetime(2026, 11, 21, 15, 20, 44, tzinfo=UTC)
QA_TIME = datetime(2026, 11, 22, 13, 40, 2, tzinfo=UTC)
HEAD = ChainHead(820, "ab" * 32, 820, QC_TIME)


def nobody(_use: keys.UseOfAuthority) -> None:
    """A hook for tests that do not look at the uses."""


def person(
    authority: keys.Authority, name: str, login: str, at: datetime = FOUNDED
) -> keys.OpenedKey:
    key = keys.new_private_key()
    subject = keys.Person(name, login, "Northmere Biotherapeutics")
    return keys.OpenedKey(authority.issue(subject, key, at), authority.certificate, key)


def facts(key: keys.OpenedKey, role: str, at: datetime) -> sealing.SignerFacts:
    local = at + timedelta(hours=1)
    return sealing.SignerFacts(
        printed_name=keys.printed_name_of(key.certificate),
        login=keys.login_of(key.certificate),
        role=role,
        meaning="Approved",
        at=at,
        local_time=f"{local.day} Nov 2026, {local:%H:%M:%S} CET",
        chain_head=HEAD,
        title="Senior microbiologist" if role == "Quality Control" else "Qualified Person delegate",
    )


@dataclass(frozen=True)
class Laboratory:
    authority: keys.Authority
    reviewer: keys.OpenedKey
    releaser: keys.OpenedKey

    def content(self, **changes: object) -> CertificateContent:
        fingerprint = keys.fingerprint(self.authority.certificate)
        return specimen.content(ca_fingerprint=fingerprint, **changes)

    def prepare(self, **changes: object) -> bytes:
        return render(self.content(**changes))

    def sign_qc(self, pdf: bytes, at: datetime = QC_TIME) -> bytes:
        given = facts(self.reviewer, "Quality Control", at)
        return sealing.sign(pdf, "qc_approval", self.reviewer, given)

    def sign_qa(self, pdf: bytes, at: datetime = QA_TIME) -> bytes:
        given = facts(self.releaser, "Quality Assurance", at)
        return sealing.sign(pdf, "qa_approval", self.releaser, given)

    def issue(self, **changes: object) -> bytes:
        return self.sign_qa(self.sign_qc(self.prepare(**changes)))


def found(at: datetime = FOUNDED) -> Laboratory:
    authority = keys.create_authority("Northmere Biotherapeutics", at, nobody)
    return Laboratory(
        authority,
        person(authority, "Reviewer C", "rc", at),
        person(authority, "QA releaser D", "qd", at),
    )
