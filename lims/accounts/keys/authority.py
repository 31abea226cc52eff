"""The laboratory's certificate authority: creating it, keeping it in a file, issuing, revoking.

Its key lies in a file outside the database, encrypted under the server's secret; every use of it is
reported through a hook, so that the audit trail knows each.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lims.accounts.keys.certificates import (
    Person,
    authority_certificate,
    authority_identifier,
    fingerprint,
    person_certificate,
)
from lims.accounts.keys.derivation import file_password
from lims.accounts.keys.errors import AuthorityUnavailable


class AuthorityUse(StrEnum):
    """What the authority's key was used for; each use is an event of the audit trail."""

    CREATED = "authority.created"
    ISSUED = "authority.issued"
    REVOKED = "authority.revoked"
    VOUCHED = "authority.vouched"


@dataclass(frozen=True)
class UseOfAuthority:
    """Attributes: subject: what was signed, in words; fingerprint: of the resulting object."""

    use: AuthorityUse
    subject: str
    fingerprint: str


UseHook = Callable[[UseOfAuthority], None]


class RevocationReason(StrEnum):
    """Why a certificate is on the list. Source: RFC 5280 5.3.1."""

    SUPERSEDED = "superseded"
    KEY_COMPROMISE = "keyCompromise"
    AFFILIATION_CHANGED = "affiliationChanged"
    CESSATION_OF_OPERATION = "cessationOfOperation"


@dataclass(frozen=True)
class Revocation:
    serial: int
    at: datetime
    reason: RevocationReason


@dataclass(frozen=True)
class Authority:
    """The laboratory's authority, opened."""

    certificate: x509.Certificate
    on_use: UseHook
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    def issue(
        self, person: Person, key: ec.EllipticCurvePrivateKey, at: datetime
    ) -> x509.Certificate:
        """A certificate that lets a person sign, from now on and for `PERSON_YEARS`."""
        certificate = person_certificate(person, key, self.certificate, self.private_key, at)
        self.on_use(
            UseOfAuthority(
                AuthorityUse.ISSUED,
                f"certificate for {person.printed_name} ({person.login})",
                fingerprint(certificate),
            )
        )
        return certificate

    def revocation_list(
        self, revoked: Sequence[Revocation], number: int, at: datetime
    ) -> x509.CertificateRevocationList:
        """The full list of certificates that are no longer good, each from its time on."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(at)
            .next_update(at + timedelta(days=366))
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(authority_identifier(self.certificate), critical=False)
        )
        for entry in revoked:
            builder = builder.add_revoked_certificate(_revoked(entry))
        made = builder.sign(self.private_key, hashes.SHA384())
        self.on_use(
            UseOfAuthority(
                AuthorityUse.REVOKED,
                f"revocation list {number}, {len(revoked)} in all",
                hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest(),
            )
        )
        return made

    def vouch(self, content: bytes, subject: str) -> bytes:
        """The laboratory's own signature over bytes that leave it: ECDSA, SHA-384, DER."""
        digest = hashlib.sha256(content).hexdigest()
        self.on_use(UseOfAuthority(AuthorityUse.VOUCHED, subject, digest))
        return self.private_key.sign(content, ec.ECDSA(hashes.SHA384()))


def vouched(authority: x509.Certificate, content: bytes, signature: bytes) -> bool:
    """Whether the laboratory's authority signed exactly these bytes."""
    key = authority.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(signature, content, ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        return False
    return True


def create_authority(laboratory: str, at: datetime, on_use: UseHook) -> Authority:
    """A new authority for a laboratory; its key exists in memory until `save_authority`."""
    key = ec.generate_private_key(ec.SECP384R1())
    certificate = authority_certificate(laboratory, key, at)
    subject = f"certificate authority of {laboratory}"
    on_use(UseOfAuthority(AuthorityUse.CREATED, subject, fingerprint(certificate)))
    return Authority(certificate, on_use, key)


def save_authority(authority: Authority, path: Path, secret: bytes) -> None:
    """Write key and certificate to one PEM file of mode 600, which must not exist yet.

    The file is complete or absent: written beside its place and linked into it.

    Raises:
        AuthorityUnavailable: a file is already there (an authority is never overwritten), or the
            place cannot be written.
    """
    pem = authority.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(file_password(secret)),
    ) + authority.certificate.public_bytes(serialization.Encoding.PEM)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_private(fresh, pem)
        # A link, unlike a rename, refuses to replace an authority that is already there.
        os.link(fresh, path)
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise AuthorityUnavailable(f"{path.name} exists already") from error
    except OSError as error:
        raise AuthorityUnavailable(f"{path.name} cannot be written") from error
    finally:
        fresh.unlink(missing_ok=True)


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """So that the name, too, survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_authority(path: Path, secret: bytes, on_use: UseHook) -> Authority:
    """The laboratory's authority, ready to issue.

    Raises:
        AuthorityUnavailable: the file is missing, open to others, damaged, or of another secret.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise AuthorityUnavailable(
                f"{path.name} can be read by other users; set its mode to 600"
            )
        pem = path.read_bytes()
    except OSError as error:
        raise AuthorityUnavailable(f"{path.name} cannot be read") from error
    try:
        key = serialization.load_pem_private_key(pem, file_password(secret))
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise AuthorityUnavailable(f"{path.name} does not open with the server's secret") from error
    if (
        not isinstance(key, ec.EllipticCurvePrivateKey)
        or key.public_key() != certificate.public_key()
    ):
        raise AuthorityUnavailable(f"{path.name} holds a key that is not its certificate's")
    return Authority(certificate, on_use, key)


def _revoked(entry: Revocation) -> x509.RevokedCertificate:
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.serial)
        .revocation_date(entry.at)
        .add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason.value)), critical=False)
        .build()
    )
