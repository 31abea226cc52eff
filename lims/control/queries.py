"""Which versions there are, and which one counts."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.control.models import Controlled, DocumentState
from lims.foundation.errors import NotFound

D = TypeVar("D", bound=Controlled)


def get(session: Session, kind: type[D], key: int) -> D:
    found = session.get(kind, key)
    if found is None:
        raise NotFound(kind.__name__.lower(), key)
    return found


def every(session: Session, kind: type[D]) -> Sequence[D]:
    """All versions of all codes, newest version first."""
    return session.scalars(select(kind).order_by(kind.code, kind.version.desc())).all()


def versions(session: Session, document: D) -> Sequence[D]:
    """All versions of a document's code, newest first."""
    kind = type(document)
    query = select(kind).where(kind.code == document.code).order_by(kind.version.desc())
    return session.scalars(query).all()


def approved(session: Session, kind: type[D]) -> Sequence[D]:
    """The version of each code that is in force."""
    return session.scalars(
        select(kind).where(kind.state == DocumentState.APPROVED).order_by(kind.code)
    ).all()


def find_approved(session: Session, kind: type[D], code: str) -> D | None:
    return session.scalar(
        select(kind).where(kind.code == code, kind.state == DocumentState.APPROVED)
    )
