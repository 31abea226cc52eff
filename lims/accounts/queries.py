"""Questions about people."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from lims.accounts.models import Person, PersonState, Signature, SigningKey
from lims.audit.act import Actor
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
