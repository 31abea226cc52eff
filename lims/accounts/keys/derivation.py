"""Keys derived from the server's secret and a person's password."""

import unicodedata
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lims.accounts.keys.errors import AuthorityUnavailable

SECRET_BYTES = 32


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


def wrapping_key(password: str, secret: bytes, salt: bytes, cost: Cost) -> bytes:
    """The key that wraps a person's private key: needs password and server secret together."""
    check_secret(secret)
    stretched = hash_secret_raw(
        unicodedata.normalize("NFC", password).encode(),
        salt,
        time_cost=cost.time,
        memory_cost=cost.memory_kib,
        parallelism=cost.parallelism,
        hash_len=32,
        type=Type.ID,
    )
    return _derive(stretched + secret, b"livelot person key v1", salt)


def file_password(secret: bytes) -> bytes:
    """As hexadecimal digits, so that openssl can open the file with the same secret."""
    check_secret(secret)
    return _derive(secret, b"livelot authority file v1").hex().encode()


def check_secret(secret: bytes) -> None:
    """Refuse a secret that could be guessed."""
    if len(secret) < SECRET_BYTES:
        raise AuthorityUnavailable(f"the server's secret is shorter than {SECRET_BYTES} bytes")


def _derive(material: bytes, purpose: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose).derive(material)
