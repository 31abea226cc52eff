"""Instruments with their calibration, materials with their expiry."""

from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from lims.foundation.db import Base, choice


class EquipmentKind(StrEnum):
    PLATE_READER = "plate reader"
    INCUBATOR = "incubator"
    ANAEROBIC_CHAMBER = "anaerobic chamber"
    BALANCE = "balance"
    PIPETTE = "pipette"
    SEQUENCER = "sequencer"
    OTHER = "other"


class MaterialKind(StrEnum):
    MEDIUM = "medium"
    DILUENT = "diluent"
    REAGENT = "reagent"
    REFERENCE = "reference organism"
    PHAGE = "control phage"


class MaterialState(StrEnum):
    QUARANTINE = "quarantine"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Equipment(Base):
    """One instrument; its calibration must cover the day of use (21 CFR 211.160(b)(4))."""

    __tablename__ = "equipment"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[EquipmentKind] = mapped_column(choice(EquipmentKind))
    serial: Mapped[str] = mapped_column(default="")
    calibration_due: Mapped[date | None]
    in_service: Mapped[bool] = mapped_column(default=True)

    @property
    def label(self) -> str:
        return self.code


class Material(Base):
    """One lot of a medium, diluent, reagent or control organism, with its use-by day."""

    __tablename__ = "material"

    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[MaterialKind] = mapped_column(choice(MaterialKind))
    supplier_lot: Mapped[str] = mapped_column(default="")
    expires_on: Mapped[date]
    state: Mapped[MaterialState] = mapped_column(choice(MaterialState))

    @property
    def label(self) -> str:
        return self.code
