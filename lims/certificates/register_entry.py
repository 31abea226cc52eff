"""What the register knows about a certificate."""

from dataclasses import dataclass
from enum import StrEnum


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
