"""Questions about samples."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lims.foundation.errors import NotFound
from lims.lots.models import Lot
from lims.samples.models import Sample


def of_lot(session: Session, lot: Lot) -> Sequence[Sample]:
    return session.scalars(select(Sample).where(Sample.lot_id == lot.id).order_by(Sample.id)).all()


def find(session: Session, code: str) -> Sample | None:
    return session.scalar(select(Sample).where(Sample.code == code).options(joinedload(Sample.lot)))


def get(session: Session, code: str) -> Sample:
    found = find(session, code)
    if found is None:
        raise NotFound("sample", code)
    return found
