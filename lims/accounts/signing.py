"""Electronic signatures: the signer's own key over the content, its meaning and the moment."""

from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.accounts import keys, queries, rules
from lims.accounts.models import Meaning, Person, Role, Signature, SigningKey
from lims.accounts.roles import TITLES
from lims.audit.act import Act
from lims.audit.models import AuditHead
from lims.foundation import canonical
from lims.foundation.db import Base
from lims.foundation.errors import NotAllowed, Stale
from lims.foundation.strongbox import Strongbox

CLOCK_STEP = timedelta(seconds=2)


class ClockStepped(NotAllowed):
    def __init__(self) -> None:
        super().__init__(
            "The server's clock stands behind the newest event of the audit trail, so nothing can "
            "be signed. An administrator has to set the clock right; then sign again."
        )


def strongbox(act: Act) -> Strongbox:
    """What signing needs; an act without it was opened by mistake."""
    if act.strongbox is None:
        sentence = "this act was opened without a strongbox and cannot sign"
        raise RuntimeError(sentence)
    return act.strongbox


@dataclass(frozen=True)
class Signer:
    """The actor with the own key opened, for one act."""

    person: Person
    key: SigningKey
    opened: keys.OpenedKey


def open_key(act: Act, password: str) -> Signer:
    """The actor's own key, opened by the actor's own password, for this one act.

    Raises:
        CannotSign: inactive, locked, or identity not verified.
        WrongPassword: counted towards the lock by whoever opened the act.
    """
    person = _signer(act)
    key = queries.current_key(act.session, person)
    if key is None:
        raise rules.CannotSign("You have no signing key yet: change your password once to get one.")
    box = strongbox(act)
    certificate = x509.load_pem_x509_certificate(key.certificate.encode())
    authority = authority_certificate(box)
    opened = keys.unwrap(key.envelope, certificate, authority, password, box.secret)
    return Signer(person, key, opened)


def authority_certificate(box: Strongbox) -> x509.Certificate:
    """The laboratory's CA certificate; reading it does not open the CA's key."""
    try:
        return x509.load_pem_x509_certificate(box.authority.read_bytes())
    except (OSError, ValueError) as error:
        raise keys.AuthorityUnavailable(f"{box.authority.name} cannot be read") from error


def open_authority(act: Act, person: Person | None = None) -> keys.Authority:
    """The laboratory's authority with its key opened; each use is an event of this act.

    Args:
        person: whom the use is about, if anybody.
    """

    def told(use: keys.UseOfAuthority) -> None:
        act.note(use.use.value, person, subject=use.subject, fingerprint=use.fingerprint)

    box = strongbox(act)
    return keys.open_authority(box.authority, box.secret, told)


def _signer(act: Act) -> Person:
    if act.actor.id is None:
        raise rules.CannotSign("Only a person can sign.")
    person = queries.get(act.session, act.actor.id)
    rules.check_may_sign(person)
    if person.credential is None or rules.is_locked(person.credential, act.at):
        raise rules.CannotSign("Your account is locked for some minutes after wrong passwords.")
    head = act.session.scalar(select(AuditHead.at).where(AuditHead.id == 1))
    if head is not None and act.at < head - CLOCK_STEP:
        raise ClockStepped
    return person


def sign(
    act: Act,
    meaning: Meaning,
    record: Base,
    content: dict[str, object],
    password: str,
    shown: str | None = None,
) -> Signature:
    """Sign a record as it stands.

    Args:
        content: what the signer saw of the record, canonically comparable.
        shown: the digest of the content on the signer's screen; another now means it changed.

    Raises:
        Stale: the record changed between display and signature.
        CannotSign, WrongPassword: see `open_key`.
    """
    check_unchanged(record, content, shown)
    return sign_with(act, open_key(act, password), meaning, record, content)


def check_unchanged(record: Base, content: dict[str, object], shown: str | None) -> None:
    """Sign what was shown, or nothing (21 CFR 11.70)."""
    if shown is not None and shown != canonical.digest(content):
        raise Stale(record.label)


def sign_with(
    act: Act, signer: Signer, meaning: Meaning, record: Base, content: dict[str, object]
) -> Signature:
    """One more signature of the same act, with the key already open."""
    act.session.flush()
    signature = Signature(
        person_id=signer.person.id,
        printed_name=signer.person.name,
        login=signer.person.login,
        role=role_title(act),
        meaning=meaning,
        at=act.at,
        reason=act.reason,
        record_type=record.__tablename__,
        record_id=record.id,
        record_label=record.label,
        record_digest=canonical.digest(content),
        key_id=signer.key.id,
    )
    signature.content = signed_text(signature)
    signature.signature = signer.opened.private_key.sign(
        signature.content.encode(), ec.ECDSA(hashes.SHA256())
    )
    act.session.add(signature)
    act.session.flush()
    return signature


def role_title(act: Act) -> str:
    """The role as printed beside a signature: the first one that decides about quality."""
    order = (Role.QA, Role.QC_APPROVER, Role.LAB_MANAGER, Role.ANALYST)
    held = [role for role in order if role.value in act.actor.roles]
    return TITLES[held[0]] if held else ""


def signed_text(signature: Signature) -> str:
    """The exact text that the key signs: cut from one record it fits no other."""
    return canonical.text(
        {
            "at": signature.at,
            "meaning": signature.meaning,
            "reason": signature.reason,
            "record": {
                "digest": signature.record_digest,
                "id": signature.record_id,
                "label": signature.record_label,
                "type": signature.record_type,
            },
            "signer": {
                "login": signature.login,
                "name": signature.printed_name,
                "role": signature.role,
            },
        }
    )


def is_genuine(session: Session, signature: Signature) -> bool:
    """Whether the signer's key made this signature over just these facts."""
    key = session.get(SigningKey, signature.key_id)
    if key is None or key.person_id != signature.person_id:
        return False
    public = x509.load_pem_x509_certificate(key.certificate.encode()).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(
            signature.signature, signed_text(signature).encode(), ec.ECDSA(hashes.SHA256())
        )
    except InvalidSignature:
        return False
    return True
