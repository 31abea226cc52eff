"""Samples: what was taken of a lot, in which condition it came, where it is."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.foundation.db import Base, choice
from lims.lots.models import Lot


class SampleState(StrEnum):
    EXPECTED = "expected"
    RECEIVED = "received"
    VOID = "void"


class Condition(StrEnum):
    INTACT = "intact, seal unbroken"
    SEAL_BROKEN = "seal broken"
    DAMAGED = "damaged or leaking"
    WARM = "outside its temperature range"


class Sample(Base):
    __tablename__ = "sample"
    __table_args__ = (CheckConstraint("amount IS NULL OR amount > 0", name="amount_positive"),)

    code: Mapped[str] = mapped_column(unique=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    state: Mapped[SampleState] = mapped_column(choice(SampleState))
    amount: Mapped[Decimal | None]
    unit: Mapped[str] = mapped_column(default="")
    condition: Mapped[Condition | None] = mapped_column(choice(Condition))
    temperature_c: Mapped[Decimal | None]
    storage: Mapped[str] = mapped_column(default="")
    sampled_on: Mapped[date | None]
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(default="")
    lot: Mapped[Lot] = relationship()

    @property
    def label(self) -> str:
        return self.code
