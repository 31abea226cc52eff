"""Acts: the one way records change.

An act knows who, when and why. It collects what changed at each flush, writes the events of the
whole act by one call just before it commits, and rolls everything back on an error: both the change
and its event, or neither (21 CFR 11.10(e)).
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import event, inspect, text
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from lims.foundation import canonical, clock
from lims.foundation.canonical import Json
from lims.foundation.db import Base, Database
from lims.foundation.errors import ReasonMissing
from lims.foundation.strongbox import Strongbox

ACT = "act"


class UnattributedChange(RuntimeError):
    """A record was about to change outside an act: a mistake of ours, never of a user."""


class SilentAct(RuntimeError):
    """An act changed records and named no event: a mistake of ours."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a person as the trail names them, or the system itself (`id` None)."""

    id: int | None
    login: str
    name: str
    roles: tuple[str, ...] = ()


SYSTEM = Actor(None, "system", "The system")


@dataclass(frozen=True)
class Source:
    """Where an act came from: network address and program."""

    address: str = "local"
    client: str = "command line"


@dataclass
class _Note:
    action: str
    record: Base | None
    lot_id: int | None
    facts: dict[str, Json]


@dataclass
class Act:
    """One attributed change of records.

    Attributes:
        session: the session whose flushes are captured.
        actor: who acts.
        at: when, UTC.
        reason: why, as the person gave it; empty where none is asked.
        strongbox: what signatures need; acts that sign nothing may go without.
    """

    session: Session
    actor: Actor
    at: datetime
    reason: str = ""
    source: Source = field(default_factory=Source)
    strongbox: Strongbox | None = None
    _notes: list[_Note] = field(default_factory=list)
    _changes: list[tuple[Base, list[dict[str, Json]]]] = field(default_factory=list)

    def note(
        self, action: str, record: Base | None = None, lot_id: int | None = None, **facts: object
    ) -> None:
        """Name what happened, in the past tense (`lot.registered`), with facts for a reader."""
        kept = {key: canonical.plain(value) for key, value in facts.items()}
        self._notes.append(_Note(action, record, lot_id, kept))

    def need_reason(self) -> str:
        """The act's reason, refused when it says nothing (21 CFR 11.10(e), Annex 11 clause 9)."""
        check_reason(self.reason)
        return self.reason

    def captured(self, record: Base, changes: list[dict[str, Json]]) -> None:
        self._changes.append((record, changes))

    def finish(self) -> None:
        """Flush, append the events, and close the act for writing."""
        self.session.flush()
        if self._changes and not self._notes:
            raise SilentAct(", ".join(sorted({type(r).__name__ for r, _ in self._changes})))
        if self._notes:
            bodies = [canonical.text(body) for body in self._bodies()]
            self.session.execute(text("SELECT append_events(:bodies)"), {"bodies": bodies})

    def _bodies(self) -> Iterator[dict[str, Json]]:
        """A body for each note; changes go to the note of their record, the rest to the first."""
        group = secrets.token_hex(8)
        named = {id(note.record): index for index, note in reversed(list(enumerate(self._notes)))}
        told: list[list[Json]] = [[] for _ in self._notes]
        for record, changes in self._changes:
            told[named.get(id(record), 0)].extend(changes)
        for note, changes_told in zip(self._notes, told, strict=True):
            yield self._body(note, changes_told, group)

    def _body(self, note: _Note, changes: list[Json], group: str) -> dict[str, Json]:
        record = note.record
        lot_id = note.lot_id if note.lot_id is not None else _lot_of(record)
        return {
            "act": group,
            "action": note.action,
            "actor": {
                "id": self.actor.id,
                "login": self.actor.login,
                "name": self.actor.name,
                "roles": list(self.actor.roles),
            },
            "changes": changes,
            "facts": note.facts,
            "lot_id": lot_id,
            "reason": self.reason,
            "record": _identity(record),
            "source": {"address": self.source.address, "client": self.source.client},
        }


def check_reason(reason: str) -> None:
    """Refuse a reason that is blank, short, or one character repeated (AT-02)."""
    letters = {character for character in reason.casefold() if character.isalnum()}
    if len(reason.strip()) < 10 or len(letters) < 4:  # noqa: PLR2004
        raise ReasonMissing


def _identity(record: Base | None) -> Json:
    if record is None:
        return None
    return {"type": record.__tablename__, "id": record.id, "label": record.label}


def _lot_of(record: Base | None) -> int | None:
    if record is None:
        return None
    found = record.id if record.__tablename__ == "lot" else getattr(record, "lot_id", None)
    return found if isinstance(found, int) else None


@contextmanager
def acting(
    session: Session,
    actor: Actor,
    reason: str = "",
    source: Source | None = None,
    strongbox: Strongbox | None = None,
) -> Iterator[Act]:
    """Do one act on a session: commit on leaving, roll back on error; nobody else commits."""
    if ACT in session.info:
        sentence = "an act is already under way on this session"
        raise UnattributedChange(sentence)
    act = Act(session, actor, clock.now(), reason.strip(), source or Source(), strongbox)
    session.info[ACT] = act
    try:
        session.execute(
            text("SELECT set_config('lims.act', :who, true)"), {"who": actor.login or "system"}
        )
        yield act
        act.finish()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[ACT]


def record_refusal(
    database: Database,
    actor: Actor,
    action: str,
    source: Source,
    record: Base | None = None,
    **facts: object,
) -> None:
    """Tell the trail of a refusal in a transaction of its own: no rollback erases it."""
    with database.session() as session, acting(session, actor, source=source) as act:
        act.note(action, record, None, **facts)


def _columns_changed(record: Base, *, fresh: bool) -> list[dict[str, Json]]:
    state = inspect(record)
    told: list[dict[str, Json]] = []
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        history = state.attrs[attribute.key].history
        if not (fresh or history.has_changes()) or column.primary_key:
            continue
        new = state.dict.get(attribute.key)
        if fresh and new is None:
            continue
        old = history.deleted[0] if history.deleted and not fresh else None
        if column.info.get("secret"):
            old, new = ("kept back", "kept back, changed") if not fresh else (None, "kept back")
        told.append(
            {
                "field": attribute.key,
                "id": record.id,
                "new": canonical.plain(new),
                "old": canonical.plain(old),
                "type": record.__tablename__,
            }
        )
    return told


def _links_changed(record: Base, *, fresh: bool) -> list[dict[str, Json]]:
    """Lists of other records that a table of pairs keeps, by the labels of what they name."""
    state = inspect(record)
    told: list[dict[str, Json]] = []
    for relation in state.mapper.relationships:
        if relation.secondary is None:
            continue
        history = state.attrs[relation.key].history
        if not history.has_changes():
            continue
        kept = list(history.unchanged)
        told.append(
            {
                "field": relation.key,
                "id": record.id,
                "new": _labels([*kept, *history.added]),
                "old": None if fresh else _labels([*kept, *history.deleted]),
                "type": record.__tablename__,
            }
        )
    return told


def _labels(records: list[Base]) -> Json:
    return [*sorted(record.label for record in records)]


def _audited(record: object) -> bool:
    return isinstance(record, Base) and record.audited


@event.listens_for(Session, "before_flush")
def _demand_act(session: Session, _context: UOWTransaction, _instances: object) -> None:
    gone = [record for record in session.deleted if _audited(record)]
    if gone:
        sentence = f"records are never deleted: {gone[0]!r}"
        raise UnattributedChange(sentence)
    touched = [r for r in (*session.new, *session.dirty) if _audited(r) and session.is_modified(r)]
    if touched and ACT not in session.info:
        sentence = f"{type(touched[0]).__name__} changed outside an act"
        raise UnattributedChange(sentence)


@event.listens_for(Session, "after_flush")
def _capture(session: Session, _context: UOWTransaction) -> None:
    act = session.info.get(ACT)
    if act is None:
        return
    fresh = set(map(id, session.new))
    for record in (*session.new, *session.dirty):
        if isinstance(record, Base) and record.audited:
            is_fresh = id(record) in fresh
            changes = _columns_changed(record, fresh=is_fresh)
            changes += _links_changed(record, fresh=is_fresh)
            if changes:
                act.captured(record, changes)


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    """Bulk statements skip the capture of old and new values, so records may not use them."""
    if not (state.is_update or state.is_delete or state.is_insert):
        return
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, Base) and mapper.class_.audited:
        sentence = f"bulk statement on {mapper.class_.__name__}"
        raise UnattributedChange(sentence)
