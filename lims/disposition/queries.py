"""Questions about decisions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from lims.disposition.models import Disposition
from lims.lots.models import Lot


def of_lot(session: Session, lot: Lot) -> Sequence[Disposition]:
    """Every decision about a lot, oldest first."""
    return session.scalars(
        select(Disposition).where(Disposition.lot_id == lot.id).order_by(Disposition.id)
    ).all()
