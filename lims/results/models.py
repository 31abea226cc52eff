"""Planned tests and the results of their attempts."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.db import Base, JsonObject, choice
from lims.lots.models import Lot
from lims.runs.models import Run
from lims.samples.models import Sample
from lims.science.criteria import Verdict
from lims.specifications.models import SpecificationLine


class TestState(StrEnum):
    __test__ = False

    PLANNED = "planned"
    IN_PROGRESS = "in progress"
    IN_REVIEW = "in review"
    RETURNED = "returned"
    APPROVED = "approved"


class ResultState(StrEnum):
    DRAFT = "draft"
    RECORDED = "in review"
    RETURNED = "returned"
    APPROVED = "approved"
    INVALID = "invalid"


class PlannedTest(Base):
    """One test that the lot's specification demands."""

    __tablename__ = "planned_test"
    __table_args__ = (
        UniqueConstraint("lot_id", "line_id"),
        Index("ix_planned_test_state", "state", "id"),
    )

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("specification_line.id"))
    sample_id: Mapped[int] = mapped_column(ForeignKey("sample.id"))
    state: Mapped[TestState] = mapped_column(choice(TestState))
    due_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column()
    lot: Mapped[Lot] = relationship()
    line: Mapped[SpecificationLine] = relationship()
    sample: Mapped[Sample] = relationship()
    results: Mapped[list["Result"]] = relationship(back_populates="test", order_by="Result.attempt")
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def label(self) -> str:
        return f"test {self.id}"


class Result(Base):
    """One attempt at a test. An invalid run leaves it without a value, and visible.

    Attributes:
        reported: the reportable result as printed, without unit.
        also: what stands beside it in parentheses, such as the log10 of a count.
        unrounded: the value before the one rounding, as text.
        outcome: the whole outcome with its trace, canonical JSON; recomputing must give it again.
        source: where the readings came from: keys typed in the run, or file, plate and wells.
    """

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("test_id", "attempt"),
        Index("ix_result_state_id", "state", "id"),
        CheckConstraint("reviewed_by_id <> recorded_by_id", name="second_person"),
        Index(
            "uq_result_one_open",
            "test_id",
            unique=True,
            postgresql_where=text("state <> 'invalid'"),
        ),
    )

    test_id: Mapped[int] = mapped_column(ForeignKey("planned_test.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), index=True)
    slot: Mapped[int] = mapped_column(default=1)
    attempt: Mapped[int]
    state: Mapped[ResultState] = mapped_column(choice(ResultState))
    qualifier: Mapped[str | None]
    reported: Mapped[str | None]
    unit: Mapped[str | None]
    also: Mapped[str] = mapped_column(default="")
    unrounded: Mapped[str | None]
    verdict: Mapped[Verdict | None] = mapped_column(choice(Verdict))
    outcome: Mapped[str | None]
    source: Mapped[JsonObject | None]
    engine: Mapped[str | None]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reviewed_at: Mapped[datetime | None]
    review_comment: Mapped[str] = mapped_column(default="")
    revision: Mapped[int] = mapped_column()
    test: Mapped[PlannedTest] = relationship(back_populates="results")
    run: Mapped[Run] = relationship()
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def label(self) -> str:
        return f"result {self.id}, attempt {self.attempt}"
