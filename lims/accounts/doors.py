"""Coming in and going out: sign-in, sessions, the lock, wrong passwords counted for all processes.

Each of these is a transaction of its own: a refusal has to stay on record although the request that
caused it is rolled back.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session, joinedload

from lims.accounts import passwords, queries, roles, rules
from lims.accounts.models import Credential, Person, PersonState, Role, WebSession
from lims.audit.act import SYSTEM, Actor, Source, acting
from lims.foundation import clock
from lims.foundation.db import Database
from lims.foundation.permissions import Permission
from lims.foundation.strongbox import Strongbox
from lims.site.models import Laboratory

LONGEST_SESSION = timedelta(hours=12)
_TOUCH_EVERY = timedelta(seconds=20)
_NAME_SHOWN = 40


@dataclass(frozen=True)
class Visitor:
    """Who a request comes from, with what they may do at this moment."""

    person: Person
    roles: tuple[Role, ...]
    permissions: frozenset[Permission]
    session: WebSession
    laboratory: Laboratory

    @property
    def actor(self) -> Actor:
        return queries.actor(self.person, [role.value for role in self.roles])


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    database: Database, login: str, password: str, source: Source, strongbox: Strongbox
) -> str:
    """Open a session and return its token; any earlier session of the person ends.

    Raises:
        LoginRefused: the same words and about the same time whatever was wrong.
    """
    with database.session() as session:
        person = _known(session, login)
        kept = person.credential.password_hash if person and person.credential else None
        right = passwords.matches(kept or passwords.decoy(strongbox.cost), password)
    if person is None or kept is None:
        _refuse_unknown(database, login, source)
        raise rules.LoginRefused
    if not right:
        count_failure(database, person.id, source, "login")
        raise rules.LoginRefused
    return _opened(database, person.id, password, source, strongbox)


def _known(session: Session, login: str) -> Person | None:
    try:
        return queries.find_login(session, rules.login_name(login))
    except rules.BadLogin:
        return None


def _refuse_unknown(database: Database, login: str, source: Source) -> None:
    with database.session() as session, acting(session, SYSTEM, source=source) as act:
        act.note("login.unknown", typed=login[:_NAME_SHOWN])


def _opened(
    database: Database, person_id: int, password: str, source: Source, strongbox: Strongbox
) -> str:
    token = secrets.token_urlsafe(32)
    with database.session() as session:
        person = queries.get(session, person_id)
        actor = queries.actor(person, [role.value for role in roles.held(person.grants, _today())])
        with acting(session, actor, source=source) as act:
            credential = _held(session, person_id)
            if rules.is_locked(credential, act.at) or person.state is not PersonState.ACTIVE:
                act.note("login.refused", person, because="locked or not active")
                refused = True
            else:
                refused = False
                rules.count_success(credential, act.at)
                if passwords.outdated(credential.password_hash or "", strongbox.cost):
                    credential.password_hash = passwords.hashed(password, strongbox.cost)
                _end_others(session, person_id)
                session.add(_session(person_id, token, act.at, source))
                act.note("login.succeeded", person)
    if refused:
        raise rules.LoginRefused
    return token


def _session(person_id: int, token: str, at: datetime, source: Source) -> WebSession:
    return WebSession(
        token_hash=token_hash(token),
        person_id=person_id,
        created_at=at,
        seen_at=at,
        ends_at=at + LONGEST_SESSION,
        address=source.address,
        client=source.client,
        locked=False,
    )


def _end_others(session: Session, person_id: int) -> None:
    others = select(WebSession).where(
        WebSession.person_id == person_id, WebSession.ended_because.is_(None)
    )
    for other in session.scalars(others):
        other.ended_because = "You signed in at another place; one session is kept per person."


def _held(session: Session, person_id: int) -> Credential:
    """The credential, held so that two processes count one after the other."""
    credential = session.scalar(
        select(Credential)
        .where(Credential.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    assert credential is not None  # noqa: S101
    return credential


def count_failure(database: Database, person_id: int, source: Source, where: str) -> bool:
    """Count one wrong password at login, lock or signature; tell whether the account is locked."""
    with database.session() as session:
        person = queries.get(session, person_id)
        with acting(session, queries.actor(person, ()), source=source) as act:
            locked = rules.count_failure(_held(session, person_id), act.at)
            act.note("password.wrong", person, where=where)
            if locked:
                _end_all(session, person_id, "Your account was locked after wrong passwords.")
                act.note("account.locked", person)
    return locked


def _end_all(session: Session, person_id: int, because: str) -> None:
    found = select(WebSession).where(
        WebSession.person_id == person_id, WebSession.ended_because.is_(None)
    )
    for each in session.scalars(found):
        each.ended_because = because


def visitor(session: Session, token: str, at: datetime) -> Visitor | WebSession | None:
    """Who a token belongs to; the session itself when it has ended, None when there is none."""
    # One statement for everything that each request needs to know of who is asking, and where.
    row = (
        session.execute(
            select(WebSession, Person, Laboratory)
            .join(Person, Person.id == WebSession.person_id)
            .outerjoin(Laboratory, true())
            .where(WebSession.token_hash == token_hash(token))
            .options(joinedload(Person.grants), joinedload(Person.credential))
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        return None
    found, person, laboratory = row
    if found.ended_because is not None or at >= found.ends_at:
        return found
    held = roles.held(person.grants, at.date())
    return Visitor(person, held, roles.of_person(person, at.date()), found, laboratory)


def touch(session: Session, found: Visitor, at: datetime, idle: timedelta, source: Source) -> None:
    """Note that a session is in use; one that stood idle too long is locked from here on."""
    kept = found.session
    if at - kept.seen_at > idle:
        lock(session, found, source, "idle")
    if not kept.locked and at - kept.seen_at >= _TOUCH_EVERY:
        kept.seen_at = at
        session.commit()


def lock(session: Session, found: Visitor, source: Source, because: str) -> None:
    """Lock a session, by hand or because it stood idle; from here on it needs the password."""
    if found.session.locked:
        return
    with acting(session, found.actor, source=source) as act:
        found.session.locked = True
        act.note("session.locked", found.person, because=because)


def unlock(database: Database, found: Visitor, password: str, source: Source) -> None:
    """Go on after the lock, with the password; series of signatures begin anew.

    Raises:
        LoginRefused: the wrong password, counted.
    """
    credential = found.person.credential
    kept = credential.password_hash if credential else None
    if kept is None or not passwords.matches(kept, password):
        count_failure(database, found.person.id, source, "unlock")
        raise rules.LoginRefused
    with database.session() as session, acting(session, found.actor, source=source) as act:
        held = session.get(WebSession, found.session.id)
        assert held is not None  # noqa: S101
        held.locked, held.seen_at, held.signed_at = False, act.at, None
        act.note("session.unlocked", found.person)


def sign_out(database: Database, found: Visitor, source: Source) -> None:
    with database.session() as session, acting(session, found.actor, source=source) as act:
        held = session.get(WebSession, found.session.id)
        assert held is not None  # noqa: S101
        held.ended_because = "You signed out."
        act.note("session.ended", found.person)


def _today() -> date:
    return clock.now().date()


def signed(session: Session, found: WebSession, at: datetime) -> None:
    """A signature was given: the next one within the series asks the password only."""
    held = session.get(WebSession, found.id)
    assert held is not None  # noqa: S101
    held.signed_at = at
