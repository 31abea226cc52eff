"""A person's private key at rest: a JSON envelope that two secrets open together.

One is what the person knows (through argon2id), the other what the server holds. Neither a copy of
the database nor the server's secret alone opens a key.
"""

import base64
import binascii
import json
import os
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lims.accounts.keys.certificates import PrivateKey, fingerprint
from lims.accounts.keys.derivation import PRODUCTION_COST, Cost, wrapping_key
from lims.accounts.keys.errors import EnvelopeUnreadable, WrongPassword

ENVELOPE_VERSION = 1
_COST_LIMITS = Cost(time=10, memory_kib=1_048_576, parallelism=16)
Header = dict[str, str | int]
SALT_BYTES, NONCE_BYTES = 16, 12
_TEXTS = ("salt", "nonce", "certificate", "key")


@dataclass(frozen=True)
class OpenedKey:
    """A person's key for the length of one signing request; never stored, never printed."""

    certificate: x509.Certificate
    authority: x509.Certificate
    private_key: PrivateKey = field(repr=False)


def wrap(
    key: PrivateKey,
    certificate: x509.Certificate,
    password: str,
    secret: bytes,
    cost: Cost = PRODUCTION_COST,
) -> str:
    """The key as a JSON envelope that opens with password and server secret together."""
    header: Header = {
        "version": ENVELOPE_VERSION,
        "kdf": "argon2id+hkdf-sha256",
        "cipher": "aes-256-gcm",
        "time": cost.time,
        "memory_kib": cost.memory_kib,
        "parallelism": cost.parallelism,
        "salt": _text(os.urandom(SALT_BYTES)),
        "nonce": _text(os.urandom(NONCE_BYTES)),
        "certificate": fingerprint(certificate),
    }
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    cipher = AESGCM(_key(header, password, secret))
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
        cipher = AESGCM(_key(header, password, secret))
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


def _header(envelope: str) -> Header:
    try:
        header = json.loads(envelope)
    except (ValueError, RecursionError) as error:
        raise EnvelopeUnreadable("it is not JSON") from error
    if not isinstance(header, dict) or header.get("version") != ENVELOPE_VERSION:
        raise EnvelopeUnreadable(f"it is not of version {ENVELOPE_VERSION}")
    if not all(isinstance(header.get(name), str) for name in _TEXTS):
        raise EnvelopeUnreadable("it lacks a member")
    _check_cost(header)
    for name, length in (("salt", SALT_BYTES), ("nonce", NONCE_BYTES)):
        if len(_bytes(header, name)) != length:
            raise EnvelopeUnreadable(f"its {name} is not of {length} bytes")
    return header


def _check_cost(header: Header) -> None:
    """A changed envelope must not make the server fill its memory before it is refused."""
    for name in ("time", "memory_kib", "parallelism"):
        value = header.get(name)
        if type(value) is not int or not 1 <= value <= getattr(_COST_LIMITS, name):
            raise EnvelopeUnreadable(f"its {name} is out of range")
    if int(header["memory_kib"]) < 8 * int(header["parallelism"]):
        raise EnvelopeUnreadable("its memory_kib is out of range")


def _key(header: Header, password: str, secret: bytes) -> bytes:
    cost = Cost(int(header["time"]), int(header["memory_kib"]), int(header["parallelism"]))
    return wrapping_key(password, secret, _bytes(header, "salt"), cost)


def _bound(header: Header) -> bytes:
    return json.dumps(header, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(header: Header, name: str) -> bytes:
    try:
        return base64.b64decode(str(header[name]), validate=True)
    except (ValueError, binascii.Error) as error:
        raise EnvelopeUnreadable(f"its {name} is not base64") from error
