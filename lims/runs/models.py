"""Runs of a method, and every reading of them as it was typed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.db import Base, JsonList, PersonKey, choice
from lims.methods.models import Method


class RunState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    INVALID = "invalid"
    CLOSED = "closed"


class Run(Base):
    """One session of a method with its controls. Its validity is judged before any result."""

    __tablename__ = "run"

    code: Mapped[str] = mapped_column(unique=True)
    method_id: Mapped[int] = mapped_column(ForeignKey("method.id"))
    state: Mapped[RunState] = mapped_column(choice(RunState))
    started_by_id: Mapped[PersonKey]
    started_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    repeat_reason: Mapped[str] = mapped_column(default="")
    checks: Mapped[JsonList] = mapped_column(default=list)
    revision: Mapped[int] = mapped_column()
    method: Mapped[Method] = relationship()
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def label(self) -> str:
        return self.code


class Observation(Base):
    """One reading or bench fact exactly as typed. A correction is a new version with a reason."""

    __tablename__ = "observation"
    __table_args__ = (
        UniqueConstraint("run_id", "key", "version"),
        CheckConstraint("version = 1 OR reason <> ''", name="correction_has_reason"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    key: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[PersonKey]
    recorded_at: Mapped[datetime]

    @property
    def label(self) -> str:
        return self.key
