"""Questions about people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from lims.accounts.models import Person, PersonState, Role, Signature, SigningKey
from lims.accounts.roles import held
from lims.audit.act import Actor
from lims.audit.models import AuditEvent
from lims.foundation.db import Base
from lims.foundation.errors import NotFound


def get(session: Session, person_id: int) -> Person:
    options = (selectinload(Person.grants), selectinload(Person.credential))
    person = session.get(Person, person_id, options=options)
    if person is None:
        raise NotFound("person", person_id)
    return person


def find_login(session: Session, login: str) -> Person | None:
    options = (selectinload(Person.grants), selectinload(Person.credential))
    return session.scalar(select(Person).where(Person.login == login).options(*options))


def everyone(session: Session) -> Sequence[Person]:
    options = (selectinload(Person.grants), selectinload(Person.credential))
    return session.scalars(select(Person).options(*options).order_by(Person.name)).all()


_STATE_AFTER = {
    "person.invited": PersonState.INVITED,
    "person.activated": PersonState.ACTIVE,
    "person.reset": PersonState.INVITED,
    "person.disabled": PersonState.DISABLED,
}


@dataclass(frozen=True)
class Rights:
    """What one person was at the end of a day: state by the trail, roles by the grants."""

    person: Person
    state: PersonState
    roles: tuple[Role, ...]


def rights_on(session: Session, day: date, end: datetime) -> list[Rights]:
    """Everybody's rights as of a day that ends at the moment `end` (AC-11)."""
    options = (selectinload(Person.grants),)
    query = select(Person).where(Person.invited_at < end).options(*options).order_by(Person.name)
    states = _states_at(session, end)
    return [
        Rights(person, states.get(person.id, PersonState.INVITED), held(person.grants, day))
        for person in session.scalars(query)
    ]


def _states_at(session: Session, end: datetime) -> dict[int, PersonState]:
    """The state of each account after its last event before a moment."""
    events = session.execute(
        select(AuditEvent.record_id, AuditEvent.action)
        .where(AuditEvent.action.in_(_STATE_AFTER), AuditEvent.at < end)
        .order_by(AuditEvent.id)
    )
    return {row.record_id: _STATE_AFTER[row.action] for row in events if row.record_id}


def last_resetter(session: Session, person: Person) -> int | None:
    """Who reset this account last; None when nobody ever did."""
    return session.scalar(
        select(AuditEvent.person_id)
        .where(
            AuditEvent.record_type == "person",
            AuditEvent.record_id == person.id,
            AuditEvent.action == "person.reset",
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
    )


def names(session: Session) -> dict[int, str]:
    """Printed names by id: pages show many people and ask once."""
    return {row.id: row.name for row in session.execute(select(Person.id, Person.name))}


def active(session: Session) -> Sequence[Person]:
    return session.scalars(
        select(Person).where(Person.state == PersonState.ACTIVE).order_by(Person.name)
    ).all()


def current_key(session: Session, person: Person) -> SigningKey | None:
    return session.scalar(
        select(SigningKey)
        .where(SigningKey.person_id == person.id, SigningKey.revoked_at.is_(None))
        .order_by(SigningKey.id.desc())
        .limit(1)
    )


def revoked_keys(session: Session) -> Sequence[SigningKey]:
    return session.scalars(
        select(SigningKey).where(SigningKey.revoked_at.is_not(None)).order_by(SigningKey.id)
    ).all()


def signatures_of(session: Session, record: Base) -> Sequence[Signature]:
    return session.scalars(
        select(Signature)
        .where(Signature.record_type == record.__tablename__, Signature.record_id == record.id)
        .order_by(Signature.id)
    ).all()


def actor(person: Person, roles: Sequence[str]) -> Actor:
    return Actor(person.id, person.login, person.name, tuple(roles))
