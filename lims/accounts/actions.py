"""What happens to accounts: invitation, activation, passwords, roles, lock and unlock."""

import hashlib
import secrets
from datetime import date, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.accounts import keys, passwords, queries, rules, signing
from lims.accounts.models import (
    Credential,
    Person,
    PersonState,
    Role,
    RoleGrant,
    SigningKey,
    WebSession,
)
from lims.audit.act import Act
from lims.foundation import clock
from lims.foundation.errors import NotAllowed, RuleBroken, WrongState
from lims.site import queries as site


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(act: Act, login: str, name: str, roles: list[Role]) -> tuple[Person, str]:
    """A new account without a password, and the one-time secret that lets its owner choose one.

    Raises:
        BadLogin: the login has letters that look alike, or was given before.
        AdministratorApart: the roles would join administration and quality.
    """
    if roles and act.actor.id is not None:
        act.need_reason()
    login = rules.login_name(login)
    rules.check_apart(roles)
    if queries.find_login(act.session, login) is not None:
        sentence = f"The login {login} was given before and is never given again."
        raise rules.BadLogin(sentence)
    if not name.strip():
        raise RuleBroken(
            "Enter the full name as it is printed beside signatures.",
            name="Enter the full name as it is printed beside signatures.",
        )
    person = Person(login=login, name=name.strip(), state=PersonState.INVITED, invited_at=act.at)
    person.credential = Credential(earlier_hashes=[])
    act.session.add(person)
    token = _invite_again(act, person.credential)
    act.session.flush()
    act.note("person.invited", person, name=person.name)
    for role in roles:
        _granted(act, person, role, act.at.date(), None)
    return person, token


def _invite_again(act: Act, credential: Credential) -> str:
    token = secrets.token_urlsafe(24)
    credential.invitation_hash = _token_hash(token)
    credential.invitation_ends = act.at + rules.INVITATION_LASTS
    return token


def find_invitation(session: Session, token: str, at: datetime) -> Person:
    """The person an invitation belongs to.

    Raises:
        NotAllowed: unknown, used or too old.
    """
    credential = session.scalar(
        select(Credential).where(Credential.invitation_hash == _token_hash(token))
    )
    if credential is None or credential.invitation_ends is None or credential.invitation_ends < at:
        raise NotAllowed(
            "This invitation is not valid: it was used, or is older than 72 hours. "
            "Ask an administrator for a new one."
        )
    return queries.get(session, credential.person_id)


def accept_invitation(act: Act, person: Person, token: str, password: str) -> None:
    """The invited person chooses a password: the account becomes active and gets a signing key."""
    if find_invitation(act.session, token, act.at).id != person.id:
        raise NotAllowed("This invitation belongs to another person.")
    credential = _credential(person)
    credential.invitation_hash = credential.invitation_ends = None
    _set_password(act, person, password)
    person.state = PersonState.ACTIVE
    issue_key(act, person, password)
    act.note("person.activated", person)


def change_password(act: Act, person: Person, old: str, new: str) -> None:
    """The owner changes the password; the signing key is wrapped anew, every session ends."""
    credential = _credential(person)
    if credential.password_hash is None or not passwords.matches(credential.password_hash, old):
        raise keys.WrongPassword
    _set_password(act, person, new)
    credential.must_change = False
    key = queries.current_key(act.session, person)
    if key is not None:
        box = signing.strongbox(act)
        certificate = x509.load_pem_x509_certificate(key.certificate.encode())
        key.envelope = keys.rewrap(key.envelope, certificate, old, new, box.secret, _cost(act))
    end_sessions(act, person, "Your password was changed.")
    act.note("person.password_changed", person)


def reset(act: Act, person: Person) -> str:
    """Start over after a forgotten password: a new invitation, the old key revoked.

    Signing stays off until the identity is verified again, by another person (AC-14).
    """
    if person.id == act.actor.id:
        raise NotAllowed("You cannot reset your own account; another administrator has to.")
    act.need_reason()
    if person.state is PersonState.DISABLED:
        raise WrongState(f"The account {person.login}", "disabled for good", "invited or active")
    credential = _credential(person)
    credential.password_hash = None
    credential.failures = credential.locks = 0
    credential.locked_until = None
    person.state = PersonState.INVITED
    _forget_identity(person)
    revoke_key(act, person, keys.RevocationReason.SUPERSEDED)
    token = _invite_again(act, credential)
    end_sessions(act, person, "Your account was reset by an administrator.")
    act.note("person.reset", person)
    return token


def disable(act: Act, person: Person) -> None:
    """End an account for good; its signatures stay readable with the name of their time."""
    act.need_reason()
    if person.id == act.actor.id:
        raise NotAllowed("You cannot disable your own account.")
    if person.state is PersonState.DISABLED:
        raise WrongState(f"The account {person.login}", "disabled", "invited or active")
    person.state = PersonState.DISABLED
    # An invitation that was not used yet must not bring the account back.
    credential = _credential(person)
    credential.invitation_hash = credential.invitation_ends = None
    revoke_key(act, person, keys.RevocationReason.CESSATION_OF_OPERATION)
    end_sessions(act, person, "Your account was disabled.")
    act.note("person.disabled", person)


def unlock(act: Act, person: Person) -> None:
    act.need_reason()
    credential = _credential(person)
    credential.failures = 0
    credential.locked_until = None
    act.note("person.unlocked", person)


def grant(act: Act, person: Person, role: Role, starts_on: date, ends_on: date | None) -> None:
    """Give a role from a day on; its sessions begin anew so that the change counts at once.

    Raises:
        AdministratorApart: the person would administer accounts and decide about quality.
        RuleBroken: the role is held already, or its days cannot be.
    """
    act.need_reason()
    if person.state is PersonState.DISABLED:
        raise WrongState(f"The account {person.login}", "disabled", "invited or active")
    rules.check_grant(person.grants, role, starts_on, ends_on, _today(act))
    _granted(act, person, role, starts_on, ends_on)


def _granted(act: Act, person: Person, role: Role, starts_on: date, ends_on: date | None) -> None:
    held = RoleGrant(
        role=role, starts_on=starts_on, ends_on=ends_on, reason=act.reason, person_id=person.id
    )
    act.session.add(held)
    act.session.flush()
    act.session.refresh(person, ["grants"])
    end_sessions(act, person, "Your roles were changed.")
    act.note("role.granted", person, role=role, starts_on=starts_on, ends_on=ends_on)


def _today(act: Act) -> date:
    """The earlier of two calendar days, ours and that of UTC: what may be called today."""
    return min(act.at.date(), clock.local(act.at, site.laboratory(act.session).zone).date())


def withdraw(act: Act, person: Person, held: RoleGrant) -> None:
    """End a role yesterday, so that it no longer counts today."""
    act.need_reason()
    if held.person_id != person.id:
        raise NotAllowed("This role belongs to another person.")
    if person.id == act.actor.id:
        raise NotAllowed("You cannot withdraw your own role; another administrator has to.")
    yesterday = date.fromordinal(act.at.date().toordinal() - 1)
    if held.ends_on is not None and held.ends_on <= yesterday:
        raise WrongState(f"The role {held.role.value} of {person.login}", "ended", "still held")
    held.ends_on = yesterday
    end_sessions(act, person, "Your roles were changed.")
    act.note("role.withdrawn", person, role=held.role)


def verify_identity(act: Act, person: Person, evidence: str) -> None:
    """Record that somebody saw who this person is (21 CFR 11.100(b))."""
    if person.id == act.actor.id:
        raise NotAllowed("Nobody verifies their own identity; ask another person.")
    if person.state is not PersonState.ACTIVE:
        raise WrongState(f"The account {person.login}", person.state.value, "active")
    if queries.last_resetter(act.session, person) == act.actor.id:
        raise NotAllowed("You reset this account; another person has to verify the identity.")
    if len(evidence.strip()) < 5:  # noqa: PLR2004
        sentence = "Say what was seen: for example “passport shown in person”."
        raise RuleBroken(sentence, evidence=sentence)
    person.identity_checked_by_id, person.identity_checked_at = act.actor.id, act.at
    person.identity_evidence = evidence.strip()
    act.note("person.identity_verified", person, evidence=person.identity_evidence)


def issue_key(act: Act, person: Person, password: str) -> SigningKey:
    """A new key and certificate for a person; an earlier one is revoked as superseded."""
    revoke_key(act, person, keys.RevocationReason.SUPERSEDED)
    box = signing.strongbox(act)
    authority = signing.open_authority(act, person)
    private = keys.new_private_key()
    owner = keys.Person(person.name, person.login, site.laboratory(act.session).name)
    certificate = authority.issue(owner, private, act.at)
    key = SigningKey(
        person_id=person.id,
        serial=f"{certificate.serial_number:x}",
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        envelope=keys.wrap(private, certificate, password, box.secret, _cost(act)),
        issued_at=act.at,
    )
    act.session.add(key)
    act.session.flush()
    return key


def revoke_key(act: Act, person: Person, why: keys.RevocationReason) -> None:
    key = queries.current_key(act.session, person)
    if key is None:
        return
    key.revoked_at, key.revocation_reason = act.at, why.value
    act.note("key.revoked", key, owner=person.login, why=why)
    act.session.flush()
    _publish_revocations(act)


def _publish_revocations(act: Act) -> None:
    """Sign the list of revoked certificates anew: each check finds it without the CA key."""
    authority = signing.open_authority(act)
    entries = [
        keys.Revocation(
            int(key.serial, 16),
            key.revoked_at,
            keys.RevocationReason(key.revocation_reason or "superseded"),
        )
        for key in queries.revoked_keys(act.session)
        if key.revoked_at is not None
    ]
    made = authority.revocation_list(entries, len(entries), act.at)
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    site.laboratory(act.session).revocation_list = pem


def end_sessions(act: Act, person: Person, because: str) -> None:
    """Every session of a person ends at once; the next request is told why (AC-19)."""
    open_ones = select(WebSession).where(
        WebSession.person_id == person.id, WebSession.ended_because.is_(None)
    )
    for session in act.session.scalars(open_ones):
        session.ended_because = because


def _cost(act: Act) -> keys.Cost:
    cost = signing.strongbox(act).cost
    return keys.Cost(cost.time, cost.memory_kib, cost.parallelism)


def _credential(person: Person) -> Credential:
    assert person.credential is not None  # noqa: S101
    return person.credential


def _set_password(act: Act, person: Person, password: str) -> None:
    credential = _credential(person)
    earlier = [str(kept) for kept in credential.earlier_hashes]
    passwords.check(password, (person.login, person.name), earlier)
    credential.password_hash = passwords.hashed(password, signing.strongbox(act).cost)
    credential.earlier_hashes = [*earlier, credential.password_hash][-passwords.REMEMBERED :]
    credential.changed_at = act.at


def _forget_identity(person: Person) -> None:
    person.identity_checked_by_id = person.identity_checked_at = None
    person.identity_evidence = None


def prefer_single_keys(act: Act, person: Person, *, on: bool) -> None:
    """Whether single letters act as shortcuts for this person (WCAG 2.1.4)."""
    person.single_keys = on
    act.note("person.preferred", person, single_keys=on)
