"""Instruments with their calibration, materials with their expiry, and the laboratory itself."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims.audit.act import Act
from lims.equipment import actions, queries, rules
from lims.equipment.models import Equipment, EquipmentKind, Material, MaterialKind, MaterialState
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.pages.laboratory.forms import (
    CalibrationForm,
    DescriptionForm,
    EquipmentForm,
    MaterialForm,
)
from lims.pages.refusals import NOTHING, TOLD, Told, misread, told
from lims.site import actions as site
from lims.site import queries as laboratories
from lims.site.actions import Description
from lims.web.fields import entered
from lims.web.guard import guard
from lims.web.request import acting, laboratory, page, session

bp = Blueprint("laboratory", __name__, url_prefix="/laboratory")

KEPT_AFTER_EXPIRY = timedelta(days=30)


def _today() -> date:
    return clock.today(laboratory().zone)


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    """What expires soon first; `?code=` points at a scanned item, `?all=1` shows old stock too."""
    day, code = _today(), request.args.get("code", "").strip()
    materials, after = _materials(day)
    worn, old = queries.soon_unusable(session(), day)
    due: list[Equipment | Material] = [*worn, *old]
    return page(
        "laboratory/index.html",
        title="Equipment and media",
        code=code,
        scanned=queries.find_code(session(), code) if code else None,
        soon=[_shown(each, day) for each in sorted(due, key=_last_day)],
        instruments=[_shown(each, day) for each in queries.equipment(session())],
        materials=[_shown(each, day) for each in materials],
        everything=request.args.get("all") == "1",
        after=url_for(".index", all=1, after=after) if after else "",
    )


def _materials(day: date) -> tuple[list[Material], str]:
    if request.args.get("all") == "1":
        rows, after = queries.every_material(session(), request.args.get("after", ""))
        return list(rows), after
    return list(queries.stock(session(), day - KEPT_AFTER_EXPIRY)), ""


def _last_day(each: Equipment | Material) -> date:
    if isinstance(each, Material):
        return each.expires_on
    return each.calibration_due if each.in_service and each.calibration_due else date.min


def _shown(each: Equipment | Material, day: date) -> dict[str, object]:
    """One thing as a row shows it."""
    if isinstance(each, Material):
        fitness, last = rules.fitness_of_material(each, day), each.expires_on
        return _row(each, ".material", "use by") | {"fitness": fitness, "last": last}
    worn = rules.fitness_of_equipment(each, day)
    shown = _row(each, ".instrument", "calibration due")
    return shown | {"fitness": worn, "last": each.calibration_due}


def _row(each: Equipment | Material, view: str, verb: str) -> dict[str, object]:
    return {"item": each, "url": url_for(view, code=each.code), "verb": verb}


# --- instruments ------------------------------------------------------------------------------


@bp.get("/instruments/new")
@guard(Permission.LABORATORY_KEEP)
def new_instrument() -> ResponseReturnValue:
    return _instrument_form(EquipmentForm(formdata=None), NOTHING)


def _instrument_form(form: EquipmentForm, said: Told) -> ResponseReturnValue:
    template, title = "laboratory/new_instrument.html", "Add instrument"
    return page(template, said.status, title=title, form=form, errors=said.errors)


@bp.post("/instruments/new")
@guard(Permission.LABORATORY_KEEP)
def add_instrument() -> ResponseReturnValue:
    form = EquipmentForm()
    if not form.validate():
        return _instrument_form(form, misread(form.errors))
    kind, due = EquipmentKind(form.kind.data), form.calibration_due.data
    try:
        with acting() as act:
            added = actions.add_equipment(
                act, form.code.data or "", form.name.data or "", kind, form.serial.data or "", due
            )
    except TOLD as refusal:
        return _instrument_form(form, told(refusal))
    flash(f"{added.code} {added.name} is entered.", "pass")
    return redirect(url_for(".instrument", code=added.code))


@bp.get("/instruments/<code>")
@guard(Permission.LOOK)
def instrument(code: str) -> ResponseReturnValue:
    return _instrument_page(code, NOTHING)


def _instrument_page(code: str, said: Told) -> ResponseReturnValue:
    found, day = queries.get_equipment(session(), code), _today()
    return page(
        "laboratory/instrument.html",
        said.status,
        title=f"{found.code} {found.name}",
        instrument=found,
        fitness=rules.fitness_of_equipment(found, day),
        errors=said.errors,
        typed=request.form,
    )


@bp.post("/instruments/<code>/calibration")
@guard(Permission.LABORATORY_KEEP)
def calibrate(code: str) -> ResponseReturnValue:
    form = CalibrationForm()
    if not form.validate():
        return _instrument_page(code, misread(form.errors))
    due = entered(form.due.data)

    def does(act: Act) -> None:
        actions.calibrated(act, queries.get_equipment(act.session, code), due)

    return _instrument_acted(code, does, f"The calibration of {code} is recorded.")


@bp.post("/instruments/<code>/out-of-service")
@guard(Permission.LABORATORY_KEEP)
def take_out(code: str) -> ResponseReturnValue:
    def does(act: Act) -> None:
        actions.take_out_of_service(act, queries.get_equipment(act.session, code))

    return _instrument_acted(code, does, f"{code} is out of service.")


def _instrument_acted(code: str, does: Callable[[Act], None], done: str) -> ResponseReturnValue:
    try:
        with acting(request.form.get("reason")) as act:
            does(act)
    except TOLD as refusal:
        return _instrument_page(code, told(refusal))
    flash(done, "pass")
    return redirect(url_for(".instrument", code=code))


# --- materials --------------------------------------------------------------------------------


@bp.get("/materials/new")
@guard(Permission.LABORATORY_KEEP)
def new_material() -> ResponseReturnValue:
    return _material_form(MaterialForm(formdata=None), NOTHING)


def _material_form(form: MaterialForm, said: Told) -> ResponseReturnValue:
    template, title = "laboratory/new_material.html", "Add material"
    return page(template, said.status, title=title, form=form, errors=said.errors)


@bp.post("/materials/new")
@guard(Permission.LABORATORY_KEEP)
def add_material() -> ResponseReturnValue:
    form = MaterialForm()
    if not form.validate():
        return _material_form(form, misread(form.errors))
    kind, lot = MaterialKind(form.kind.data), form.supplier_lot.data or ""
    expires = entered(form.expires_on.data)
    try:
        with acting() as act:
            added = actions.add_material(
                act, form.code.data or "", form.name.data or "", kind, lot, expires
            )
    except TOLD as refusal:
        return _material_form(form, told(refusal))
    flash(f"{added.code} {added.name} is entered, in quarantine until it is accepted.", "pass")
    return redirect(url_for(".material", code=added.code))


@bp.get("/materials/<code>")
@guard(Permission.LOOK)
def material(code: str) -> ResponseReturnValue:
    return _material_page(code, NOTHING)


def _material_page(code: str, said: Told) -> ResponseReturnValue:
    found, day = queries.get_material(session(), code), _today()
    return page(
        "laboratory/material.html",
        said.status,
        title=f"{found.code} {found.name}",
        material=found,
        fitness=rules.fitness_of_material(found, day),
        errors=said.errors,
        typed_reason=request.form.get("reason", ""),
    )


@bp.post("/materials/<code>/accept")
@guard(Permission.LABORATORY_KEEP)
def accept(code: str) -> ResponseReturnValue:
    return _decided(code, MaterialState.ACCEPTED)


@bp.post("/materials/<code>/reject")
@guard(Permission.LABORATORY_KEEP)
def reject(code: str) -> ResponseReturnValue:
    return _decided(code, MaterialState.REJECTED)


def _decided(code: str, state: MaterialState) -> ResponseReturnValue:
    try:
        with acting(request.form.get("reason")) as act:
            actions.decide_material(act, queries.get_material(act.session, code), state)
    except TOLD as refusal:
        return _material_page(code, told(refusal))
    flash(f"{code} is {state.value}.", "pass")
    return redirect(url_for(".material", code=code))


# --- the laboratory itself --------------------------------------------------------------------


@bp.get("/description")
@guard(Permission.LOOK)
def description() -> ResponseReturnValue:
    return _description_page(DescriptionForm(formdata=None, obj=laboratory()), NOTHING)


def _description_page(form: DescriptionForm, said: Told) -> ResponseReturnValue:
    template, title = "laboratory/description.html", "The laboratory"
    return page(template, said.status, title=title, form=form, errors=said.errors)


@bp.post("/description")
@guard(Permission.PEOPLE_ADMINISTER)
def describe() -> ResponseReturnValue:
    form = DescriptionForm()
    if not form.validate():
        return _description_page(form, misread(form.errors))
    new = Description(
        form.name.data or "",
        form.address.data or "",
        form.telephone.data or "",
        (form.zone.data or "").strip(),
        (form.public_url.data or "").strip(),
    )
    try:
        with acting(form.reason.data) as act:
            there = laboratories.laboratory(act.session)
            site.describe(act, there, new, entered(form.idle_minutes.data))
    except TOLD as refusal:
        return _description_page(form, told(refusal))
    flash("The description is changed.", "pass")
    return redirect(url_for(".description"))
