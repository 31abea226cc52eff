"""Whether something may be used on a day: in calibration, accepted, before its expiry."""

from datetime import date, timedelta
from enum import StrEnum

from lims.equipment.models import Equipment, Material, MaterialState
from lims.foundation.errors import RuleBroken, WrongState

SOON = timedelta(days=14)


class Fitness(StrEnum):
    """Whether something may be used on a day, in one word."""

    IN_DATE = "in date"
    DUE_SOON = "due soon"
    EXPIRED = "expired"
    OUT_OF_CALIBRATION = "out of calibration"
    OUT_OF_USE = "out of use"


def fitness_of_equipment(equipment: Equipment, day: date) -> Fitness:
    """What a person reads beside an instrument; its last day in calibration still counts."""
    if not equipment.in_service:
        return Fitness.OUT_OF_USE
    if equipment.calibration_due is None:
        return Fitness.IN_DATE
    return _by_date(equipment.calibration_due, day, Fitness.OUT_OF_CALIBRATION)


def fitness_of_material(material: Material, day: date) -> Fitness:
    """By its use-by day alone; its state says whether it was accepted."""
    return _by_date(material.expires_on, day, Fitness.EXPIRED)


def _by_date(last: date, day: date, past: Fitness) -> Fitness:
    if last < day:
        return past
    return Fitness.DUE_SOON if last <= day + SOON else Fitness.IN_DATE


def check_decidable(material: Material, state: MaterialState, day: date) -> None:
    """Refuse a decision that is none, repeats the last one, or takes a rejection back."""
    if state is MaterialState.QUARANTINE or material.state is state:
        raise WrongState(material.code, material.state.value, "decided otherwise")
    if material.state is MaterialState.REJECTED:
        raise WrongState(material.code, "rejected", "in quarantine or accepted")
    if state is MaterialState.ACCEPTED and material.expires_on < day:
        raise NotUsable(f"{material.code} {material.name} has expired; it can only be rejected.")


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
