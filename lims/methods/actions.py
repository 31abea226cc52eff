"""What happens to methods and plate layouts: drafted and edited, until they are approved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lims import assays
from lims.assays.assay import Assay, BadParameter, UnknownAssay
from lims.assays.entries import check_parameter
from lims.audit.act import Act
from lims.control import actions as control
from lims.foundation.errors import RuleBroken
from lims.methods.models import Method, PlateLayout
from lims.methods.rules import SIZES

_WELL = re.compile(r"[A-P](?:[1-9]|1\d|2[0-4])")


@dataclass(frozen=True)
class MethodTold:
    """What a person says of a method; parameters are text, as they were typed."""

    code: str
    title: str
    assay: str
    reference: str
    parameters: Mapping[str, str]
    procedure: str = ""


def _check(told: MethodTold) -> None:
    if not told.code.strip() or not told.title.strip():
        raise RuleBroken("A method has a code and a title.", code="Enter code and title.")
    try:
        assay = assays.find(told.assay)
        _check_each(assay, told.parameters)
        assay.check_parameters(told.parameters)
    except (BadParameter, UnknownAssay) as refusal:
        raise RuleBroken(str(refusal)) from refusal


def _check_each(assay: Assay, parameters: Mapping[str, str]) -> None:
    """All parameters that cannot be at once, each at its own field."""
    wrong: dict[str, str] = {}
    for parameter in assay.parameters:
        try:
            check_parameter(parameter, parameters.get(parameter.key, ""))
        except BadParameter as refusal:
            wrong[f"param-{parameter.key}"] = str(refusal)
    if wrong:
        raise RuleBroken(" ".join(wrong.values()), **wrong)


def draft_method(act: Act, told: MethodTold, reason: str = "") -> Method:
    _check(told)
    made = Method(
        code=told.code.strip(),
        title=told.title.strip(),
        assay=told.assay,
        family=assays.find(told.assay).family.value,
        reference=told.reference.strip(),
        parameters=dict(told.parameters),
        procedure=told.procedure.strip(),
    )
    control.draft(act, made, reason)
    return made


def new_method_version(act: Act, method: Method) -> Method:
    """A draft with the same parameters, to be edited; the act's reason says why."""
    control.check_copied(method)
    made = control.copy_of(method)
    control.draft(act, made, act.need_reason())
    return made


def edit_method(act: Act, method: Method, told: MethodTold, shown: str | None = None) -> None:
    """Change a draft; code and kind of test stay."""
    control.check_editable(method, shown)
    _check(told)
    method.title, method.reference = told.title.strip(), told.reference.strip()
    method.parameters, method.procedure = dict(told.parameters), told.procedure.strip()
    control.edited(act, method)


def check_wells(size: int, wells: Mapping[str, Mapping[str, object]]) -> None:
    """Wells exist on the plate, and every sample well has a slot."""
    if size not in SIZES:
        raise RuleBroken("A layout is for 96 or 384 wells.", size="Choose 96 or 384.")
    last_row, columns = SIZES[size]
    for well, told in wells.items():
        inside = _WELL.fullmatch(well) and well[0] <= last_row and int(well[1:]) <= columns
        if not inside:
            raise RuleBroken(f"There is no well {well} on a plate of {size}.")
        slot = told.get("slot")
        if told.get("role") == "sample" and not (isinstance(slot, int) and 1 <= slot <= size):
            raise RuleBroken(f"Well {well} is a sample without a slot; give it a number from 1.")
    if not wells:
        raise RuleBroken("A layout names at least one well.")


def draft_layout(
    act: Act,
    code: str,
    title: str,
    assay: str,
    size: int,
    wells: Mapping[str, Mapping[str, object]],
    reason: str = "",
) -> PlateLayout:
    if not code.strip() or not title.strip():
        raise RuleBroken("A layout has a code and a title.", code="Enter code and title.")
    check_wells(size, wells)
    made = PlateLayout(
        code=code.strip(),
        title=title.strip(),
        assay=assay,
        size=size,
        wells={well: dict(told) for well, told in wells.items()},
    )
    control.draft(act, made, reason)
    return made


def new_layout_version(act: Act, layout: PlateLayout) -> PlateLayout:
    """A draft with the same wells, to be edited; the act's reason says why."""
    control.check_copied(layout)
    made = control.copy_of(layout)
    control.draft(act, made, act.need_reason())
    return made


def edit_layout(
    act: Act,
    layout: PlateLayout,
    title: str,
    wells: Mapping[str, Mapping[str, object]],
    shown: str | None = None,
) -> None:
    """Change a draft; code, kind of test and size of the plate stay."""
    control.check_editable(layout, shown)
    if not title.strip():
        raise RuleBroken("A layout has a title.", title="Enter the title.")
    check_wells(layout.size, wells)
    layout.title, layout.wells = title.strip(), {well: dict(told) for well, told in wells.items()}
    control.edited(act, layout)
