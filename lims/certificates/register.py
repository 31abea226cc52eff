"""A file held against this laboratory's own register, authority and revocations."""

import hashlib

from cryptography import x509
from sqlalchemy.orm import Session

from lims.accounts import signing
from lims.certificates import queries
from lims.certificates.verification import Verdict, claims, verify
from lims.foundation.strongbox import Strongbox
from lims.site import queries as site


def verify_with_register(session: Session, pdf: bytes, box: Strongbox) -> Verdict:
    """All four facts about a file, with the register and the revocations as of now."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    entry = queries.register_entry(session, sha256, claims(pdf))
    return verify(pdf, signing.authority_certificate(box), revocations(session), entry)


def revocations(session: Session) -> x509.CertificateRevocationList | None:
    """The laboratory's newest list of revoked certificates; None while nobody's was revoked."""
    pem = site.laboratory(session).revocation_list
    return x509.load_pem_x509_crl(pem.encode()) if pem else None
