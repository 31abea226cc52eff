"""X.509 certificates of the authority and of persons. Source: RFC 5280."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

AUTHORITY_YEARS = 50
PERSON_YEARS = 15
"""Longer than the ten years for which an issued certificate must stay verifiable."""

PrivateKey = ec.EllipticCurvePrivateKey


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


def login_of(certificate: x509.Certificate) -> str:
    """The unique login a person's certificate names; empty when it names none."""
    return _name(certificate, NameOID.USER_ID)


def printed_name_of(certificate: x509.Certificate) -> str:
    return _name(certificate, NameOID.COMMON_NAME)


def _name(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def authority_certificate(laboratory: str, key: PrivateKey, at: datetime) -> x509.Certificate:
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


def person_certificate(
    person: Person,
    key: PrivateKey,
    issuer: x509.Certificate,
    issuer_key: PrivateKey,
    at: datetime,
) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, person.laboratory[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, person.printed_name[:64]),
            x509.NameAttribute(NameOID.USER_ID, person.login),
        ]
    )
    return (
        _certificate(name, issuer.subject, key, at, PERSON_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(authority_identifier(issuer), critical=False)
        .sign(issuer_key, hashes.SHA384())
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


def authority_identifier(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    subject = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject.value)
