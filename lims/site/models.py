"""The laboratory itself, and the counters of its numbers."""

from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.db import Base, Bytes


class Laboratory(Base):
    """One row: what certificates and pages print of the laboratory."""

    __tablename__ = "laboratory"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    address: Mapped[str]
    telephone: Mapped[str] = mapped_column(default="")
    zone: Mapped[str]
    public_url: Mapped[str] = mapped_column(default="")
    demonstration: Mapped[bool] = mapped_column(default=False)
    idle_minutes: Mapped[int] = mapped_column(default=15)
    logo: Mapped[Bytes | None]
    revocation_list: Mapped[str | None]

    @property
    def label(self) -> str:
        return self.name


class Counter(Base):
    """The last number given in a series; its row lock keeps numbers unique and in order."""

    __tablename__ = "counter"
    audited: ClassVar[bool] = False

    series: Mapped[str] = mapped_column(unique=True)
    value: Mapped[int]
