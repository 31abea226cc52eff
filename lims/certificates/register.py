"""A file held against this laboratory's own register, authority and revocations."""

import hashlib

from cryptography import x509
from sqlalchemy.orm import Session

from lims.accounts import keys, signing
from lims.accounts import queries as accounts
from lims.certificates import queries
from lims.certificates.verification import Verdict, claims, verify
from lims.foundation import clock
from lims.foundation.strongbox import Strongbox


def verify_with_register(session: Session, pdf: bytes, box: Strongbox) -> Verdict:
    """All four facts about a file, with the register and the revocations as of now."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    entry = queries.register_entry(session, sha256, claims(pdf))
    return verify(pdf, signing.authority_certificate(box), revocations(session, box), entry)


def revocations(session: Session, box: Strongbox) -> x509.CertificateRevocationList | None:
    """The list of revoked certificates; None while nobody's was revoked.

    Making it uses the authority's key: that is told by whoever exports it, not by each look.
    """
    found = [
        keys.Revocation(
            int(key.serial, 16),
            key.revoked_at,
            keys.RevocationReason(key.revocation_reason or "superseded"),
        )
        for key in accounts.revoked_keys(session)
        if key.revoked_at is not None
    ]
    if not found:
        return None
    authority = keys.open_authority(box.authority, box.secret, lambda _use: None)
    return authority.revocation_list(found, len(found) + 1, clock.now())
