"""What the register knows about a certificate, and the register as a file for offline use."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum

from lims.certificates.errors import ContentUnreadable

REGISTER_SCHEMA = "livelot/certificate-register"
REGISTER_VERSION = 1


class RegisterState(StrEnum):
    """Of a certificate in the register."""

    PREPARED = "prepared"
    SIGNED_BY_QC = "signed_by_qc"
    CURRENT = "current"
    SUPERSEDED = "superseded"
    VOID = "void"


@dataclass(frozen=True)
class RegisterEntry:
    """One certificate version.

    Attributes:
        sha256: of the file as stored, 64 hexadecimal digits.
        lot_state: the lot's present state in words, e.g. "released".
        signers: logins in the order of signing; empty when the register does not tell them.
        replaced_by: number and version of the certificate that replaces it, if any.
    """

    number: str
    version: int
    sha256: str
    state: RegisterState
    lot_number: str
    lot_state: str
    signers: tuple[str, ...] = ()
    replaced_by: str = ""


@dataclass(frozen=True)
class NotRegistered:
    """The register was asked and knows no such certificate."""


NOT_REGISTERED = NotRegistered()


def register_to_json(entries: Iterable[RegisterEntry]) -> str:
    """The register as a file that `lims verify` can read without the database."""
    document = {
        "schema": REGISTER_SCHEMA,
        "schema_version": REGISTER_VERSION,
        "entries": [asdict(entry) for entry in entries],
    }
    return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False)


def register_from_json(text: str) -> tuple[RegisterEntry, ...]:
    """The entries of an exported register.

    Raises:
        ContentUnreadable: the text is no exported register.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ContentUnreadable("the register", "is not JSON") from error
    known = (REGISTER_SCHEMA, REGISTER_VERSION)
    if not isinstance(document, dict):
        raise ContentUnreadable("the register", "is not an object")
    if (document.get("schema"), document.get("schema_version")) != known:
        raise ContentUnreadable("the register", f"is not of schema {known[0]} {known[1]}")
    entries = document.get("entries")
    if not isinstance(entries, list):
        raise ContentUnreadable("the register", "has no entries")
    return tuple(_entry(entry, f"entries[{at}]") for at, entry in enumerate(entries))


def find_entry(
    entries: Sequence[RegisterEntry], sha256: str, number: str, version: int
) -> RegisterEntry | NotRegistered:
    """The entry of a file: by its hash, else by the number and version it claims."""
    for entry in entries:
        if entry.sha256 == sha256:
            return entry
    for entry in entries:
        if (entry.number, entry.version) == (number, version):
            return entry
    return NOT_REGISTERED


def _entry(value: object, place: str) -> RegisterEntry:
    names = {member.name for member in fields(RegisterEntry)}
    if not isinstance(value, dict) or set(value) != names:
        raise ContentUnreadable(place, "has not the members of an entry")
    texts = names - {"version", "signers"}
    right = all(isinstance(value[name], str) for name in texts) and type(value["version"]) is int
    signers = value["signers"]
    if not right or not isinstance(signers, list):
        raise ContentUnreadable(place, "has a member of another type")
    if value["state"] not in list(RegisterState):
        raise ContentUnreadable(place, "has an unknown state")
    state = RegisterState(value["state"])
    return RegisterEntry(**value | {"signers": tuple(map(str, signers)), "state": state})
