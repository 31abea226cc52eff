"""The trail and its head. Rows are written by the database's own `append_events` only."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.db import Base


class AuditEvent(Base):
    """One event. `hashed` is the exact text whose SHA-256 is `hash`; the rest serves searching.

    `id` is the event's number: gap-free, given by the database, the order of events.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_record", "record_type", "record_id"),
        Index("ix_audit_event_lot_id", "lot_id", "id"),
        Index("ix_audit_event_person_id", "person_id", "id"),
        Index("ix_audit_event_action", "action", "id"),
    )
    audited: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    login: Mapped[str | None]
    action: Mapped[str]
    record_type: Mapped[str | None]
    record_id: Mapped[int | None]
    lot_id: Mapped[int | None]
    hashed: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The newest number and hash: one row, moved by `append_events`."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)
    audited: ClassVar[bool] = False

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    at: Mapped[datetime | None]
