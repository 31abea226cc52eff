"""Whether a signature is intact, and its signer trusted by the laboratory when it was given."""

import logging
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
)
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from lims.accounts.keys import fingerprint
from lims.certificates.finishing import finished
from lims.certificates.parts import PARSE_ERRORS, login

# The library's warnings would go to the terminal; what they tell is in the reasons below.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko_certvalidator").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class SignatureSeen:
    """One signature as found in the file.

    Attributes:
        at: the time the signer's machine claimed; covered by the signature.
        problem: why it does not count, as the end of a sentence; empty when it does.
        compromised: the only objection is that the key was reported stolen later: the time is the
            signer's own claim, so only the register can tell that the signature is older.
        whole_file: it covers every byte of the file.
    """

    field: str
    name: str
    login: str
    reason: str
    at: datetime | None
    fingerprint: str
    problem: str = ""
    compromised: bool = False
    whole_file: bool = False


def check_list(crl: x509.CertificateRevocationList | None, ca: x509.Certificate) -> str:
    """Why a revocation list cannot be used; empty when it can, or when there is none."""
    if crl is None:
        return ""
    try:
        ours = crl.issuer == ca.subject and crl.is_signature_valid(ca.public_key())  # type: ignore[arg-type]
    except TypeError:
        ours = False
    return "" if ours else "the revocation list is not the laboratory's"


def seen(
    signature: EmbeddedPdfSignature,
    ca: x509.Certificate,
    crl: x509.CertificateRevocationList | None,
    size: int,
) -> SignatureSeen:
    """Judge one signature; damage becomes a problem, never an error."""
    try:
        return _judged(signature, ca, crl, size)
    except PARSE_ERRORS:
        field = str(signature.field_name)
        return SignatureSeen(field, "", "", "", None, "", "is damaged")


def _judged(
    signature: EmbeddedPdfSignature,
    ca: x509.Certificate,
    crl: x509.CertificateRevocationList | None,
    size: int,
) -> SignatureSeen:
    at = signature.self_reported_timestamp
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    problem = _not_issued(certificate, ca, at)
    status = None if problem else _status(signature, ca, at)
    problem = problem or _broken(status)
    revoked = None if problem else _revoked(certificate, crl)
    compromised = revoked is not None and revoked.compromised
    if revoked and not compromised and at is not None and revoked.at <= at:
        problem = "was given after its certificate had been revoked"
    if compromised:
        problem = "was made with a key that was later reported compromised"
    start, _, second, length = signature.byte_range
    return SignatureSeen(
        field=str(signature.field_name),
        name=str(signature.signer_cert.subject.native.get("common_name", "")),
        login=login(signature.signer_cert),
        reason=str(signature.sig_object.get("/Reason", "")),
        at=at,
        fingerprint=fingerprint(certificate),
        problem=problem,
        compromised=compromised,
        whole_file=(
            start == 0
            and second + length == size
            and status is not None
            and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        ),
    )


def _not_issued(certificate: x509.Certificate, ca: x509.Certificate, at: datetime | None) -> str:
    try:
        certificate.verify_directly_issued_by(ca)
    except (InvalidSignature, ValueError, TypeError):
        return "was not made with a certificate of this laboratory"
    if at is None:
        return "does not say when it was given"
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return "was given outside the life of its certificate"
    return ""


def _status(
    signature: EmbeddedPdfSignature, ca: x509.Certificate, at: datetime | None
) -> PdfSignatureStatus:
    root = asn1.Certificate.load(ca.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[root], moment=at, allow_fetching=False)
    status = finished(async_validate_pdf_signature(signature, context))
    assert isinstance(status, PdfSignatureStatus)  # noqa: S101 - narrows an untyped library
    return status


def _broken(status: PdfSignatureStatus | None) -> str:
    if status is None or not (status.intact and status.valid):
        return "does not belong to this content: the file was changed after it was given"
    if not status.docmdp_ok:
        return "is followed by changes that nobody was allowed to make"
    if not status.trusted:
        return "does not lead to the certificate authority of this laboratory"
    return ""


@dataclass(frozen=True)
class _Revoked:
    at: datetime
    compromised: bool


def _revoked(
    certificate: x509.Certificate, crl: x509.CertificateRevocationList | None
) -> _Revoked | None:
    entry = None
    if crl is not None:
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None:
        return None
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        reason = x509.ReasonFlags.unspecified
    bad = reason in (x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise)
    return _Revoked(entry.revocation_date_utc, bad)
