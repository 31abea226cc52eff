"""Signing keys of persons, and the laboratory's certificate authority."""

from lims.accounts.keys.authority import (
    Authority,
    AuthorityUse,
    Revocation,
    RevocationReason,
    UseHook,
    UseOfAuthority,
    create_authority,
    open_authority,
    save_authority,
    vouched,
)
from lims.accounts.keys.certificates import (
    AUTHORITY_YEARS,
    PERSON_YEARS,
    Person,
    PrivateKey,
    fingerprint,
    login_of,
    new_private_key,
    printed_name_of,
)
from lims.accounts.keys.derivation import PRODUCTION_COST, SECRET_BYTES, Cost
from lims.accounts.keys.envelope import OpenedKey, rewrap, unwrap, wrap
from lims.accounts.keys.errors import AuthorityUnavailable, EnvelopeUnreadable, WrongPassword

__all__ = [
    "AUTHORITY_YEARS",
    "PERSON_YEARS",
    "PRODUCTION_COST",
    "SECRET_BYTES",
    "Authority",
    "AuthorityUnavailable",
    "AuthorityUse",
    "Cost",
    "EnvelopeUnreadable",
    "OpenedKey",
    "Person",
    "PrivateKey",
    "Revocation",
    "RevocationReason",
    "UseHook",
    "UseOfAuthority",
    "WrongPassword",
    "create_authority",
    "fingerprint",
    "login_of",
    "new_private_key",
    "open_authority",
    "printed_name_of",
    "rewrap",
    "save_authority",
    "unwrap",
    "vouched",
    "wrap",
]
