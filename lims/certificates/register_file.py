"""The register as a file: signed by the laboratory, for checks without its server.

One JSON document. The signature is the certificate authority's (ECDSA, SHA-384, DER in base64)
over the canonical text of the document without its member `signature`; whoever has the laboratory's
CA certificate can check it with any tool.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from cryptography import x509

from lims.accounts import keys
from lims.certificates.errors import RegisterRefused
from lims.certificates.register_entry import (
    NOT_REGISTERED,
    NotRegistered,
    RegisterEntry,
    RegisterState,
)
from lims.foundation import canonical

SCHEMA = "livelot/certificate-register"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class RegisterFile:
    """A whole register as it was handed out.

    Attributes:
        made_at: until when the register tells what happened.
        revocations: the list of revoked personal certificates at that time (PEM); empty: none.
    """

    laboratory: str
    made_at: datetime
    entries: tuple[RegisterEntry, ...]
    revocations: str = ""

    def revocation_list(self) -> x509.CertificateRevocationList | None:
        """The list, opened; None while nobody's certificate was revoked."""
        return x509.load_pem_x509_crl(self.revocations.encode()) if self.revocations else None


def to_json(register: RegisterFile, sign: Callable[[bytes], bytes]) -> str:
    """The register as text; `sign` gives the authority's signature over bytes."""
    document: dict[str, object] = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "laboratory": register.laboratory,
        "made_at": register.made_at.isoformat(),
        "revocations": register.revocations,
        "entries": [asdict(entry) for entry in register.entries],
    }
    signature = sign(_signed_bytes(document))
    document["signature"] = base64.b64encode(signature).decode("ascii")
    return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str, authority: x509.Certificate) -> RegisterFile:
    """A register that this laboratory signed.

    Raises:
        RegisterRefused: the text is no register, or not what the authority signed.
    """
    document = _document(text)
    if not keys.vouched(authority, _signed_bytes(document), _signature(document)):
        raise RegisterRefused("was not signed by this laboratory, or was changed since")
    entries = document["entries"]
    if not isinstance(entries, list):
        raise RegisterRefused("has no entries")
    try:
        made_at = datetime.fromisoformat(str(document["made_at"]))
        register = RegisterFile(
            str(document["laboratory"]),
            made_at,
            tuple(_entry(each, f"entry {at}") for at, each in enumerate(entries, 1)),
            str(document["revocations"]),
        )
        register.revocation_list()
    except ValueError as error:
        raise RegisterRefused("has a time or a revocation list that cannot be read") from error
    return register


_MEMBERS = {
    "schema",
    "schema_version",
    "laboratory",
    "made_at",
    "revocations",
    "entries",
    "signature",
}


def _document(text: str) -> dict[str, object]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RegisterRefused("is not JSON") from error
    if not isinstance(document, dict):
        raise RegisterRefused("is not an object")
    if (document.get("schema"), document.get("schema_version")) != (SCHEMA, SCHEMA_VERSION):
        raise RegisterRefused(f"is not of schema {SCHEMA} {SCHEMA_VERSION}")
    if set(document) != _MEMBERS:
        raise RegisterRefused("has not the members of a register")
    return document


def _signed_bytes(document: dict[str, object]) -> bytes:
    signed = {name: value for name, value in document.items() if name != "signature"}
    return canonical.text(signed).encode()


def _signature(document: dict[str, object]) -> bytes:
    try:
        return base64.b64decode(str(document["signature"]), validate=True)
    except binascii.Error as error:
        raise RegisterRefused("has a signature that is no base64") from error


def _entry(value: object, place: str) -> RegisterEntry:
    names = {member.name for member in fields(RegisterEntry)}
    if not isinstance(value, dict) or set(value) != names:
        raise RegisterRefused(f"has not the members of an entry in {place}")
    texts = names - {"version", "signers"}
    right = all(isinstance(value[name], str) for name in texts) and type(value["version"]) is int
    signers = value["signers"]
    if not right or not isinstance(signers, list):
        raise RegisterRefused(f"has a member of another type in {place}")
    if value["state"] not in list(RegisterState):
        raise RegisterRefused(f"has an unknown state in {place}")
    state = RegisterState(value["state"])
    return RegisterEntry(**value | {"signers": tuple(map(str, signers)), "state": state})


def find_entry(
    entries: Sequence[RegisterEntry], sha256: str, number: str, version: int
) -> RegisterEntry | NotRegistered:
    """The entry of a file: by its hash, else by the number and version it claims."""
    by_claim: RegisterEntry | NotRegistered = NOT_REGISTERED
    for entry in entries:
        if entry.sha256 == sha256:
            return entry
        if (entry.number, entry.version) == (number, version):
            by_claim = entry
    return by_claim
