"""Instruments and materials that a field of a sheet may name, with what stands against the rest."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from lims.assays.assay import FieldKind
from lims.equipment import queries as equipment
from lims.equipment import rules as usable
from lims.equipment.models import Equipment, Material
from lims.foundation.errors import RuleBroken
from lims.web.context import day
from lims.workflow.recording import Sheet

CODED = frozenset({FieldKind.MATERIAL, FieldKind.EQUIPMENT})
_LONG_EXPIRED = timedelta(days=60)


@dataclass(frozen=True)
class Offer:
    """An instrument or material that may be named; `why_not` says what stands against it."""

    code: str
    words: str
    until: str
    why_not: str
    stock: str
    last_day: date | None


def offers_of(session: Session, state: Sheet, today: date) -> list[Offer]:
    """All that the sheet's fields may name on a day, and what they name already."""
    coded = [field for field in state.fields if field.kind in CODED]
    if not coded:
        return []
    codes = [r.text for f in coded if (r := state.readings.get(f.key)) is not None]
    found = equipment.offered(session, [f.stock for f in coded], codes, today - _LONG_EXPIRED)
    return [_instrument(each, today) for each in found[0]] + [
        _material(each, today) for each in found[1]
    ]


def _instrument(item: Equipment, today: date) -> Offer:
    due = item.calibration_due
    until = f"cal. to {day(due)}" if due else ""
    return Offer(item.code, item.name, until, _why_not(item, today), item.kind.value, due)


def _material(item: Material, today: date) -> Offer:
    until = f"exp. {day(item.expires_on)}"
    return Offer(
        item.code, item.name, until, _why_not(item, today), item.kind.value, item.expires_on
    )


def _why_not(item: Equipment | Material, today: date) -> str:
    try:
        if isinstance(item, Equipment):
            usable.check_equipment(item, today)
        else:
            usable.check_material(item, today)
    except RuleBroken as refusal:
        return str(refusal)
    return ""
