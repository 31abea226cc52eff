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


def stock(session: Session, since: date) -> Sequence[Material]:
    """Materials at hand: not rejected, and not expired before `since`; by use-by day."""
    at_hand = (Material.state != MaterialState.REJECTED, Material.expires_on >= since)
    query = select(Material).where(*at_hand).order_by(Material.expires_on, Material.code)
    return session.scalars(query).all()


def every_material(
    session: Session, after: str = "", size: int = 100
) -> tuple[Sequence[Material], str]:
    """All materials there ever were, by code; and the code that the next page begins after."""
    query = select(Material).where(Material.code > after).order_by(Material.code).limit(size + 1)
    rows = session.scalars(query).all()
    return rows[:size], rows[size - 1].code if len(rows) > size else ""


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


def offered(
    session: Session, kinds: Sequence[str], codes: Sequence[str], since: date
) -> tuple[Sequence[Equipment], Sequence[Material]]:
    """What a sheet offers: instruments and materials of some kinds, and those it names already.

    Materials that expired before `since` are left out, so that the list does not grow for ever.
    """
    worn = set(EquipmentKind) & set(kinds)
    stock = set(MaterialKind) & set(kinds)
    instruments = session.scalars(
        select(Equipment)
        .where(or_(Equipment.kind.in_(worn), Equipment.code.in_(codes)))
        .order_by(Equipment.code)
    ).all()
    materials = session.scalars(
        select(Material)
        .where(
            or_(
                Material.kind.in_(stock) & (Material.expires_on >= since),
                Material.code.in_(codes),
            )
        )
        .order_by(Material.code)
    ).all()
    return instruments, materials
