"""Questions about instruments and materials."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lims.equipment.models import Equipment, EquipmentKind, Material, MaterialKind, MaterialState
from lims.foundation.errors import NotFound


def equipment(session: Session, kind: EquipmentKind | None = None) -> Sequence[Equipment]:
    query = select(Equipment).order_by(Equipment.code)
    return session.scalars(query.where(Equipment.kind == kind) if kind else query).all()


def materials(session: Session, kind: MaterialKind | None = None) -> Sequence[Material]:
    query = select(Material).order_by(Material.code)
    return session.scalars(query.where(Material.kind == kind) if kind else query).all()


def get_equipment(session: Session, code: str) -> Equipment:
    found = session.scalar(select(Equipment).where(Equipment.code == code))
    if found is None:
        raise NotFound("instrument", code)
    return found


def get_material(session: Session, code: str) -> Material:
    found = session.scalar(select(Material).where(Material.code == code))
    if found is None:
        raise NotFound("material", code)
    return found


def soon_unusable(session: Session, day: date) -> tuple[Sequence[Equipment], Sequence[Material]]:
    """What is out of date or will be within two weeks, soonest first."""
    limit = day + timedelta(days=14)
    worn = session.scalars(
        select(Equipment)
        .where(or_(Equipment.calibration_due <= limit, Equipment.in_service.is_(False)))
        .order_by(Equipment.calibration_due)
    ).all()
    old = session.scalars(
        select(Material)
        .where(Material.expires_on <= limit, Material.state == MaterialState.ACCEPTED)
        .order_by(Material.expires_on)
    ).all()
    return worn, old


def find_code(session: Session, code: str) -> Equipment | Material | None:
    """An instrument or material by the code on its label."""
    found = session.scalar(select(Equipment).where(Equipment.code == code))
    return found or session.scalar(select(Material).where(Material.code == code))
