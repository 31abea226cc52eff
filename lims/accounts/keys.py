"""Signing keys of persons and the laboratory's certificate authority.

A person's private key lies wrapped under two secrets: what the person knows (through argon2id) and
what the server holds. Neither alone opens it. The authority's key lies in a file outside the
database, encrypted under the server's secret; every use is reported through a hook.
"""

import base64
import binascii
import hashlib
import json
import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from lims.foundation.errors import RuleBroken

AUTHORITY_YEARS = 50
PERSON_YEARS = 15
"""Longer than the ten years for which an issued certificate must stay verifiable."""
ENVELOPE_VERSION = 1
SECRET_BYTES = 32

PrivateKey = ec.EllipticCurvePrivateKey


class WrongPassword(RuleBroken):
    """The password, the server's secret or the envelope is not the one the key was wrapped with."""

    def __init__(self) -> None:
        super().__init__("The password does not open this signing key.")


class EnvelopeUnreadable(RuleBroken):
    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"The stored signing key cannot be read: {problem}.")


class AuthorityUnavailable(RuleBroken):
    """The file of the laboratory's authority is missing, unreadable or open to others."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"The laboratory's certificate authority cannot be used: {problem}.")


class AuthorityUse(StrEnum):
    """What the authority's key was used for; each use is an event of the audit trail."""

    CREATED = "authority.created"
    ISSUED = "authority.issued"
    REVOKED = "authority.revoked"


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
class Cost:
    """Of argon2id. The default takes about 0.15 s; less belongs in tests only."""

    time: int = 3
    memory_kib: int = 65_536
    parallelism: int = 4

    @property
    def suits_production(self) -> bool:
        """At least the smallest parameters of RFC 9106 for memory-poor hosts."""
        return self.time >= 3 and self.memory_kib >= 65_536  # noqa: PLR2004


PRODUCTION_COST = Cost()
_COST_LIMITS = Cost(time=10, memory_kib=1_048_576, parallelism=16)


@dataclass(frozen=True)
class OpenedKey:
    """A person's key for the length of one signing request; never stored, never printed."""

    certificate: x509.Certificate
    authority: x509.Certificate
    private_key: PrivateKey = field(repr=False)


@dataclass(frozen=True)
class Authority:
    """The laboratory's authority, opened."""

    certificate: x509.Certificate
    on_use: UseHook
    private_key: PrivateKey = field(repr=False)

    def issue(self, person: "Person", key: PrivateKey, at: datetime) -> x509.Certificate:
        """A certificate that lets a person sign, from now on and for `PERSON_YEARS`."""
        certificate = _person_certificate(self, person, key, at)
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
            .add_extension(_authority_identifier(self.certificate), critical=False)
        )
        for entry in revoked:
            builder = builder.add_revoked_certificate(_revoked(entry))
        made = builder.sign(self.private_key, hashes.SHA384())
        self.on_use(
            UseOfAuthority(
                AuthorityUse.REVOKED,
                f"revocation list {number} with {len(revoked)} certificates",
                hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).hexdigest(),
            )
        )
        return made


@dataclass(frozen=True)
class Person:
    """Who a certificate names: printed name, unique login, laboratory."""

    printed_name: str
    login: str
    laboratory: str


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, 64 hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def new_private_key() -> PrivateKey:
    """P-256: its signatures are a third of RSA's size and ten times faster to make."""
    return ec.generate_private_key(ec.SECP256R1())


def create_authority(laboratory: str, at: datetime, on_use: UseHook) -> Authority:
    """A new authority for a laboratory; its key exists in memory until `save_authority`."""
    key = ec.generate_private_key(ec.SECP384R1())
    certificate = _authority_certificate(laboratory, key, at)
    subject = f"certificate authority of {laboratory}"
    on_use(UseOfAuthority(AuthorityUse.CREATED, subject, fingerprint(certificate)))
    return Authority(certificate, on_use, key)


def save_authority(authority: Authority, path: Path, secret: bytes) -> None:
    """Write key and certificate to one PEM file of mode 600, which must not exist yet.

    The file is complete or absent: written beside its place and linked into it.

    Raises:
        AuthorityUnavailable: a file is already there; an authority is never overwritten.
    """
    pem = authority.private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(_file_password(secret)),
    ) + authority.certificate.public_bytes(serialization.Encoding.PEM)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        # A link, unlike a rename, refuses to replace an authority that is already there.
        os.link(fresh, path)
    except FileExistsError as error:
        raise AuthorityUnavailable(f"{path.name} exists already") from error
    finally:
        fresh.unlink()


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
        key = serialization.load_pem_private_key(pem, _file_password(secret))
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise AuthorityUnavailable(f"{path.name} does not open with the server's secret") from error
    if not isinstance(key, PrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityUnavailable(f"{path.name} holds a key that is not its certificate's")
    return Authority(certificate, on_use, key)


def wrap(
    key: PrivateKey,
    certificate: x509.Certificate,
    password: str,
    secret: bytes,
    cost: Cost = PRODUCTION_COST,
) -> str:
    """The key as a JSON envelope that opens with password and server secret together."""
    header: dict[str, str | int] = {
        "version": ENVELOPE_VERSION,
        "kdf": "argon2id+hkdf-sha256",
        "cipher": "aes-256-gcm",
        "time": cost.time,
        "memory_kib": cost.memory_kib,
        "parallelism": cost.parallelism,
        "salt": _text(os.urandom(16)),
        "nonce": _text(os.urandom(12)),
        "certificate": fingerprint(certificate),
    }
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    cipher = AESGCM(_wrapping_key(header, password, secret))
    sealed = cipher.encrypt(_bytes(header, "nonce"), der, _bound(header))
    return json.dumps(header | {"key": _text(sealed)}, sort_keys=True)


def unwrap(
    envelope: str,
    certificate: x509.Certificate,
    authority: x509.Certificate,
    password: str,
    secret: bytes,
) -> OpenedKey:
    """Open a person's key for one act of signing.

    Raises:
        WrongPassword: password or server secret differ, or the envelope was changed.
        EnvelopeUnreadable: the envelope is no envelope of a known version, or another person's.
    """
    header = _header(envelope)
    if header["certificate"] != fingerprint(certificate):
        raise EnvelopeUnreadable("it belongs to another certificate")
    sealed = _bytes(header, "key")
    bound = _bound({name: value for name, value in header.items() if name != "key"})
    try:
        cipher = AESGCM(_wrapping_key(header, password, secret))
        der = cipher.decrypt(_bytes(header, "nonce"), sealed, bound)
    except InvalidTag as error:
        raise WrongPassword from error
    key = serialization.load_der_private_key(der, None)
    if not isinstance(key, PrivateKey) or key.public_key() != certificate.public_key():
        raise EnvelopeUnreadable("its key is not the certificate's")
    return OpenedKey(certificate, authority, key)


def rewrap(
    envelope: str,
    certificate: x509.Certificate,
    old_password: str,
    new_password: str,
    secret: bytes,
    cost: Cost = PRODUCTION_COST,
) -> str:
    """The same key under a new password, with fresh salt and nonce."""
    opened = unwrap(envelope, certificate, certificate, old_password, secret)
    return wrap(opened.private_key, certificate, new_password, secret, cost)


def login_of(certificate: x509.Certificate) -> str:
    """The unique login a person's certificate names; empty when it names none."""
    return _name(certificate, NameOID.USER_ID)


def printed_name_of(certificate: x509.Certificate) -> str:
    return _name(certificate, NameOID.COMMON_NAME)


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _authority_certificate(laboratory: str, key: PrivateKey, at: datetime) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, laboratory[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{laboratory[:50]} signing CA"),
        ]
    )
    usage = _usage(certificates=True)
    return (
        _certificate(name, name, key, at, AUTHORITY_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA384())
    )


def _person_certificate(
    authority: Authority, person: Person, key: PrivateKey, at: datetime
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, person.laboratory[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, person.printed_name[:64]),
            x509.NameAttribute(NameOID.USER_ID, person.login),
        ]
    )
    return (
        _certificate(name, authority.certificate.subject, key, at, PERSON_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(_authority_identifier(authority.certificate), critical=False)
        .sign(authority.private_key, hashes.SHA384())
    )


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: PrivateKey, at: datetime, years: int
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at.replace(microsecond=0))
        .not_valid_after(at.replace(microsecond=0) + timedelta(days=round(365.25 * years)))
        .add_extension(identifier, critical=False)
    )


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=not certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_identifier(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    subject = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject.value)


def _revoked(entry: Revocation) -> x509.RevokedCertificate:
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.serial)
        .revocation_date(entry.at)
        .add_extension(x509.CRLReason(x509.ReasonFlags(entry.reason.value)), critical=False)
        .build()
    )


def _header(envelope: str) -> dict[str, str | int]:
    try:
        header = json.loads(envelope)
    except ValueError as error:
        raise EnvelopeUnreadable("it is not JSON") from error
    if not isinstance(header, dict) or header.get("version") != ENVELOPE_VERSION:
        raise EnvelopeUnreadable(f"it is not of version {ENVELOPE_VERSION}")
    numbers, texts = ("time", "memory_kib", "parallelism"), ("salt", "nonce", "certificate", "key")
    right = all(type(header.get(name)) is int for name in numbers)
    if not right or not all(isinstance(header.get(name), str) for name in texts):
        raise EnvelopeUnreadable("it lacks a member")
    for name in numbers:
        # A changed envelope must not make the server fill its memory before it is refused.
        if not 1 <= header[name] <= getattr(_COST_LIMITS, name):
            raise EnvelopeUnreadable(f"its {name} is out of range")
    return header


def _wrapping_key(header: dict[str, str | int], password: str, secret: bytes) -> bytes:
    _check_secret(secret)
    stretched = hash_secret_raw(
        unicodedata.normalize("NFC", password).encode(),
        _bytes(header, "salt"),
        time_cost=int(header["time"]),
        memory_cost=int(header["memory_kib"]),
        parallelism=int(header["parallelism"]),
        hash_len=32,
        type=Type.ID,
    )
    return _derive(stretched + secret, b"livelot person key v1", _bytes(header, "salt"))


def _derive(material: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose).derive(material)


def _file_password(secret: bytes) -> bytes:
    """As hexadecimal digits, so that openssl can open the file with the same secret."""
    _check_secret(secret)
    return _derive(secret, b"livelot authority file v1").hex().encode()


def _check_secret(secret: bytes) -> None:
    if len(secret) < SECRET_BYTES:
        raise AuthorityUnavailable(f"the server's secret is shorter than {SECRET_BYTES} bytes")


def _bound(header: dict[str, str | int]) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(header: dict[str, str | int], name: str) -> bytes:
    try:
        return base64.b64decode(str(header[name]), validate=True)
    except (ValueError, binascii.Error) as error:
        raise EnvelopeUnreadable(f"its {name} is not base64") from error
