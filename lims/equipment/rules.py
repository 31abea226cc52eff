"""Whether something may be used on a day: in calibration, accepted, before its expiry."""

from datetime import date

from lims.equipment.models import Equipment, Material, MaterialState
from lims.foundation.errors import RuleBroken


class NotUsable(RuleBroken):
    """Out of date, out of calibration or not accepted (21 CFR 211.160(b)(4))."""


def check_equipment(equipment: Equipment, day: date) -> None:
    if not equipment.in_service:
        raise NotUsable(f"{equipment.code} {equipment.name} is out of service; use another one.")
    if equipment.calibration_due is not None and equipment.calibration_due < day:
        raise NotUsable(
            f"{equipment.code} {equipment.name} was due for calibration on "
            f"{equipment.calibration_due:%d %b %Y}; use another one."
        )


def check_material(material: Material, day: date) -> None:
    if material.state is not MaterialState.ACCEPTED:
        raise NotUsable(f"{material.code} {material.name} is in {material.state.value}.")
    if material.expires_on < day:
        raise NotUsable(
            f"{material.code} {material.name} expired on {material.expires_on:%d %b %Y}; "
            "use a lot that is in date."
        )
