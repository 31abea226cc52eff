"""Lots: the register and their state."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lims.accounts.models import Person
from lims.foundation.db import Base, PersonKey, choice
from lims.products.models import Product
from lims.specifications.models import Specification


class LotState(StrEnum):
    REGISTERED = "registered"
    IN_TEST = "in test"
    TESTED = "tested"
    ON_HOLD = "on hold"
    RELEASED = "released"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Lot(Base):
    """One lot, bound for good to the specification that was effective on the day it came."""

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("expires_on > manufactured_on", name="expires_later"),
        CheckConstraint("(state = 'on hold') = (held_from IS NOT NULL)", name="held_from"),
        Index("ix_lot_state_id", "state", "id"),
        Index("ix_lot_product_id_id", "product_id", "id"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"))
    size: Mapped[str]
    substance_lot: Mapped[str] = mapped_column(default="")
    cell_bank: Mapped[str] = mapped_column(default="")
    manufactured_on: Mapped[date]
    expires_on: Mapped[date]
    due_on: Mapped[date | None]
    state: Mapped[LotState] = mapped_column(choice(LotState))
    held_from: Mapped[LotState | None] = mapped_column(choice(LotState, "lotstate_before"))
    state_reason: Mapped[str] = mapped_column(default="")
    registered_by_id: Mapped[PersonKey]
    registered_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    registered_by: Mapped[Person] = relationship()
    product: Mapped[Product] = relationship()
    specification: Mapped[Specification] = relationship()
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012

    @property
    def label(self) -> str:
        return self.number
