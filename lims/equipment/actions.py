"""What happens to instruments and materials: entered, calibrated, accepted, withdrawn."""

from datetime import date

from sqlalchemy.orm import Session

from lims.audit.act import Act
from lims.equipment import queries, rules
from lims.equipment.models import (
    Equipment,
    EquipmentKind,
    Material,
    MaterialKind,
    MaterialState,
)
from lims.foundation.errors import RuleBroken, WrongState


class CodeUsed(RuleBroken):
    def __init__(self, code: str) -> None:
        sentence = f"The code {code} is in use already."
        super().__init__(sentence, code=sentence)


def _need(value: str, field: str, sentence: str) -> str:
    if not value.strip():
        raise RuleBroken(sentence, **{field: sentence})
    return value.strip()


def _check_free(session: Session, code: str) -> None:
    """One code names one thing: a scan of it must not find an instrument and a material."""
    if queries.find_code(session, code) is not None:
        raise CodeUsed(code)


def add_equipment(
    act: Act, code: str, name: str, kind: EquipmentKind, serial: str, calibration_due: date | None
) -> Equipment:
    code = _need(code, "code", "Enter the code on the instrument's label.")
    _check_free(act.session, code)
    added = Equipment(
        code=code,
        name=_need(name, "name", "Enter what it is."),
        kind=kind,
        serial=serial.strip(),
        calibration_due=calibration_due,
        in_service=True,
    )
    act.session.add(added)
    act.session.flush()
    act.note("equipment.added", added, name=added.name)
    return added


def calibrated(act: Act, equipment: Equipment, due: date) -> None:
    """A new calibration counts until `due`; an instrument out of service returns with it."""
    act.need_reason()
    if due < act.at.date():
        sentence = "The next calibration is due on a day to come."
        raise RuleBroken(sentence, due=sentence)
    equipment.calibration_due = due
    equipment.in_service = True
    act.note("equipment.calibrated", equipment, due=due)


def take_out_of_service(act: Act, equipment: Equipment) -> None:
    act.need_reason()
    if not equipment.in_service:
        raise WrongState(equipment.code, "out of service already", "in service")
    equipment.in_service = False
    act.note("equipment.out_of_service", equipment)


def add_material(
    act: Act, code: str, name: str, kind: MaterialKind, supplier_lot: str, expires_on: date
) -> Material:
    """A lot of a material, in quarantine until somebody accepts it."""
    code = _need(code, "code", "Enter the code on the label.")
    _check_free(act.session, code)
    if expires_on < act.at.date():
        sentence = "This lot has expired already; it cannot be taken in for use."
        raise RuleBroken(sentence, expires_on=sentence)
    added = Material(
        code=code,
        name=_need(name, "name", "Enter what it is."),
        kind=kind,
        supplier_lot=supplier_lot.strip(),
        expires_on=expires_on,
        state=MaterialState.QUARANTINE,
    )
    act.session.add(added)
    act.session.flush()
    act.note("material.added", added, name=added.name)
    return added


def decide_material(act: Act, material: Material, state: MaterialState) -> None:
    """Accept or reject a lot of a material, with the evidence as reason.

    What was accepted can be rejected later; what was rejected stays so.
    """
    act.need_reason()
    rules.check_decidable(material, state, act.at.date())
    material.state = state
    act.note("material.decided", material, state=state)
