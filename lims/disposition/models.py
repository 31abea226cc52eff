"""Decisions of QA about lots, kept one by one."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.db import Base, PersonKey, choice


class Decision(StrEnum):
    RELEASE = "released"
    REJECT = "rejected"
    HOLD = "put on hold"
    RESUME = "taken off hold"


class Disposition(Base):
    __tablename__ = "disposition"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    decision: Mapped[Decision] = mapped_column(choice(Decision))
    reason: Mapped[str]
    decided_by_id: Mapped[PersonKey]
    decided_at: Mapped[datetime]
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
    signature_id: Mapped[int] = mapped_column(ForeignKey("signature.id"))

    @property
    def label(self) -> str:
        return f"{self.decision.value}"
