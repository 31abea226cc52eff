"""What happens to instruments and materials: entered, calibrated, accepted, withdrawn."""

from datetime import date

from sqlalchemy import select

from lims.audit.act import Act
from lims.equipment.models import (
    Equipment,
    EquipmentKind,
    Material,
    MaterialKind,
    MaterialState,
)
from lims.foundation.errors import RuleBroken


class CodeUsed(RuleBroken):
    def __init__(self, code: str) -> None:
        sentence = f"The code {code} is in use already."
        super().__init__(sentence, code=sentence)


def _need(value: str, field: str, sentence: str) -> str:
    if not value.strip():
        raise RuleBroken(sentence, **{field: sentence})
    return value.strip()


def add_equipment(
    act: Act, code: str, name: str, kind: EquipmentKind, serial: str, calibration_due: date | None
) -> Equipment:
    code = _need(code, "code", "Enter the code on the instrument's label.")
    if act.session.scalar(select(Equipment.id).where(Equipment.code == code)) is not None:
        raise CodeUsed(code)
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
    """A new calibration counts until `due`."""
    act.need_reason()
    equipment.calibration_due = due
    equipment.in_service = True
    act.note("equipment.calibrated", equipment, due=due)


def take_out_of_service(act: Act, equipment: Equipment) -> None:
    act.need_reason()
    equipment.in_service = False
    act.note("equipment.out_of_service", equipment)


def add_material(
    act: Act, code: str, name: str, kind: MaterialKind, supplier_lot: str, expires_on: date
) -> Material:
    """A lot of a material, in quarantine until somebody accepts it."""
    code = _need(code, "code", "Enter the code on the label.")
    if act.session.scalar(select(Material.id).where(Material.code == code)) is not None:
        raise CodeUsed(code)
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
    """Accept or reject a lot of a material, with the evidence as reason."""
    act.need_reason()
    material.state = state
    act.note("material.decided", material, state=state)
