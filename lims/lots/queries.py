"""Questions about lots. Lists are paged by key, never counted, never by offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from lims.foundation.errors import NotFound
from lims.lots.models import Lot, LotState
from lims.products.models import Product

PAGE = 50


@dataclass(frozen=True)
class Filter:
    """What a list of lots is narrowed to; `before` is the key the page begins below."""

    state: LotState | None = None
    product: str = ""
    words: str = ""
    since: date | None = None
    before: int | None = None


@dataclass(frozen=True)
class Page:
    lots: Sequence[Lot]
    next_before: int | None


def get(session: Session, number: str) -> Lot:
    lot = find(session, number)
    if lot is None:
        raise NotFound("lot", number)
    return lot


def find(session: Session, number: str) -> Lot | None:
    whole = (joinedload(Lot.product).joinedload(Product.strains), joinedload(Lot.registered_by))
    return (
        session.scalars(_whole().where(Lot.number == number).options(*whole)).unique().one_or_none()
    )


def by_id(session: Session, key: int) -> Lot:
    lot = session.scalar(_whole().where(Lot.id == key))
    if lot is None:
        raise NotFound("lot", key)
    return lot


def lock(session: Session, key: int) -> Lot:
    """The lot's row held until the transaction ends: acts on one lot go one after the other."""
    lot = session.scalar(
        select(Lot).where(Lot.id == key).with_for_update().execution_options(populate_existing=True)
    )
    if lot is None:
        raise NotFound("lot", key)
    return lot


def page(session: Session, wanted: Filter, size: int = PAGE) -> Page:
    """One page of lots, newest first."""
    found = session.scalars(_narrowed(wanted).order_by(Lot.id.desc()).limit(size + 1)).all()
    more = len(found) > size
    return Page(found[:size], found[size - 1].id if more else None)


def _narrowed(wanted: Filter) -> Select[Lot]:
    query = _whole()
    if wanted.state is not None:
        query = query.where(Lot.state == wanted.state)
    if wanted.product:
        query = query.where(Lot.product.has(code=wanted.product))
    if wanted.words:
        query = query.where(Lot.number.icontains(wanted.words, autoescape=True))
    if wanted.since is not None:
        query = query.where(Lot.manufactured_on >= wanted.since)
    if wanted.before is not None:
        query = query.where(Lot.id < wanted.before)
    return query


def _whole() -> Select[Lot]:
    return select(Lot).options(joinedload(Lot.product), joinedload(Lot.specification))
