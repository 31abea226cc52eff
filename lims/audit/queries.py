"""Questions about the trail: by record, lot, person, action and period; newest first."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from lims.audit.models import AuditEvent, AuditHead
from lims.audit.sentences import sentence
from lims.foundation.errors import NotFound

PAGE = 50
ROUTINE = (
    "login.succeeded", "session.unlocked", "session.ended", "person.preferred",
    "certificate.downloaded", "file.downloaded", "trail.exported",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One field, old and new."""

    record: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Told:
    """One event as people read it."""

    number: int
    at: datetime
    who: str
    login: str
    action: str
    words: str
    reason: str
    record: str
    lot_id: int | None
    source: str
    changes: tuple[Change, ...]
    hash: str
    facts: Mapping[str, object] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    record_type: str = ""
    record_id: int | None = None
    client: str = ""
    previous: str = ""
    hashed: str = ""


@dataclass(frozen=True)
class Filter:
    """What the trail is narrowed to.

    Attributes:
        before: the number the page ends below.
        quiet: leave out what happens all day and changes no record, see `ROUTINE`.
        upto: the last number that belongs to an export.
    """

    lot_id: int | None = None
    record_type: str = ""
    record_id: int | None = None
    login: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    before: int | None = None
    quiet: bool = False
    upto: int | None = None


def page(session: Session, wanted: Filter, size: int = PAGE) -> tuple[list[Told], int | None]:
    """One page of events, newest first, and the key of the next page."""
    rows = session.scalars(_narrowed(wanted).order_by(AuditEvent.id.desc()).limit(size + 1)).all()
    more = rows[size - 1].id if len(rows) > size else None
    return [told(row) for row in rows[:size]], more


def every(session: Session, wanted: Filter) -> Iterator[Told]:
    """All events that match, in order, streamed: for exports."""
    query = _narrowed(wanted).order_by(AuditEvent.id).execution_options(yield_per=500)
    # Closed also when the reader hangs up in the middle of a download.
    with closing(session.scalars(query)) as rows:
        for row in rows:
            yield told(row)


def sentences_of_lot(session: Session, lot_id: int, limit: int) -> list[Told]:
    """The newest events of one lot."""
    return page(session, Filter(lot_id=lot_id), limit)[0]


def get(session: Session, number: int) -> Told:
    row = session.get(AuditEvent, number)
    if row is None:
        raise NotFound("event", number)
    return told(row)


def count(session: Session, wanted: Filter) -> int:
    """How many events match: counts them all, so only an export asks for it."""
    matching = _narrowed(wanted).with_only_columns(AuditEvent.id).subquery()
    return session.scalar(select(func.count()).select_from(matching)) or 0


def actions(session: Session) -> list[str]:
    """Every kind of action that ever happened, found by hops through the index."""
    first = select(func.min(AuditEvent.action).label("action")).cte("kinds", recursive=True)
    later = select(func.min(AuditEvent.action)).where(AuditEvent.action > first.c.action)
    hops = first.union_all(select(later.scalar_subquery()).where(first.c.action.is_not(None)))
    found = session.scalars(select(hops.c.action).where(hops.c.action.is_not(None)))
    return list(found)


def head(session: Session) -> AuditHead:
    return session.scalars(select(AuditHead)).one()


def told(row: AuditEvent) -> Told:
    """An event in words, from the very text that was hashed."""
    body: Mapping[str, object] = json.loads(row.hashed)["body"]
    actor, record, source = (_mapping(body[key]) for key in ("actor", "record", "source"))
    changes = body["changes"]
    return Told(
        number=row.id,
        at=row.at,
        who=str(actor.get("name", "")),
        login=str(actor.get("login", "")),
        action=row.action,
        words=sentence(body),
        reason=str(body["reason"]),
        record=str(record.get("label", "")),
        lot_id=row.lot_id,
        source=str(source.get("address", "")),
        changes=tuple(_change(each) for each in changes) if isinstance(changes, list) else (),
        hash=row.hash,
        facts=_mapping(body["facts"]),
        roles=_texts(actor.get("roles")),
        record_type=row.record_type or "",
        record_id=row.record_id,
        client=str(source.get("client", "")),
        previous=row.previous,
        hashed=row.hashed,
    )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _change(told: object) -> Change:
    each = _mapping(told)
    return Change(
        str(each.get("type", "")),
        str(each.get("field", "")),
        _text(each.get("old")),
        _text(each.get("new")),
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _narrowed(wanted: Filter) -> Select[AuditEvent]:
    return select(AuditEvent).where(*_of_record(wanted), *_of_event(wanted), *_of_number(wanted))


def _of_record(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.lot_id is not None:
        yield AuditEvent.lot_id == wanted.lot_id
    if wanted.record_type:
        yield AuditEvent.record_type == wanted.record_type
    if wanted.record_id is not None:
        yield AuditEvent.record_id == wanted.record_id


def _of_event(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.login:
        yield AuditEvent.login == wanted.login
    if wanted.action:
        yield AuditEvent.action.startswith(wanted.action, autoescape=True)
    if wanted.words:
        yield AuditEvent.hashed.icontains(wanted.words, autoescape=True)
    if wanted.quiet:
        yield AuditEvent.action.not_in(ROUTINE)


def _of_number(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield AuditEvent.at >= wanted.since
    if wanted.until is not None:
        yield AuditEvent.at < wanted.until
    if wanted.before is not None:
        yield AuditEvent.id < wanted.before
    if wanted.upto is not None:
        yield AuditEvent.id <= wanted.upto
