"""Plate import: file, layout and checks, match to tests, confirm. Nothing counts before that."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from instruments.errors import InstrumentFileError
from instruments.readings import Reading
from lims import assays
from lims.accounts import queries as people
from lims.audit.act import Act
from lims.control import queries as documents
from lims.equipment import queries as equipment
from lims.equipment.models import EquipmentKind
from lims.foundation.errors import RuleBroken
from lims.foundation.permissions import Permission
from lims.imports import actions, queries, rules
from lims.imports.models import PlateImport
from lims.methods.models import PlateLayout
from lims.pages.imports import shown
from lims.pages.imports.forms import LayoutForm, UploadForm, WellForm
from lims.pages.refusals import told
from lims.results import queries as results
from lims.results.models import PlannedTest, TestState
from lims.web.guard import guard
from lims.web.request import acting, page, session
from lims.workflow import recording

_NO_KINETICS = "The file holds no kinetic read that a lysis test could use."

bp = Blueprint("imports", __name__, url_prefix="/imports")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return _index_page(200, {})


def _index_page(status: int, errors: Mapping[str, object]) -> ResponseReturnValue:
    return page(
        "imports/index.html",
        status,
        title="Plate import",
        errors=errors,
        imports=queries.newest(session()),
        names=people.names(session()),
    )


@bp.post("/")
@guard(Permission.RESULT_ENTER)
def upload() -> ResponseReturnValue:
    """Keep the file and read it. The same file again is refused with the place where it is."""
    form = UploadForm()
    if not form.validate():
        return _index_page(422, form.errors)
    sent = form.file.data
    try:
        with acting() as act:
            made = actions.receive(act, sent.filename or "", sent.read())
    except rules.FileKnown as refusal:
        if refusal.import_id is not None:
            flash(str(refusal), "warn")
            return redirect(url_for(".show", import_id=refusal.import_id))
        return _index_page(422, {"file": str(refusal)})
    except RuleBroken as refusal:
        return _index_page(422, {"file": str(refusal)})
    return redirect(url_for(".show", import_id=made.id))


@bp.get("/<int:import_id>")
@guard(Permission.LOOK)
def show(import_id: int) -> ResponseReturnValue:
    return _import_page(queries.get(session(), import_id), 200, {})


def _import_page(
    plate_import: PlateImport, status: int, errors: Mapping[str, object]
) -> ResponseReturnValue:
    common = {
        "each": plate_import,
        "errors": errors,
        "title": plate_import.file.name,
        "names": people.names(session()),
    }
    try:
        reading = queries.reading(session(), plate_import)
    except InstrumentFileError as refusal:
        return page("imports/refused.html", status, refusal=str(refusal), **common)
    found = shown.chosen(plate_import, reading)
    if found is None:
        return page("imports/refused.html", status, refusal=_NO_KINETICS, **common)
    plate, read = found
    laid = queries.plate_reading(session(), plate_import)
    layout = plate_import.layout
    wells = layout.wells if layout else {}
    tests = _matched(plate_import)
    limit = _blank_limit(tests)
    suspects = shown.suspects(laid, limit) if laid else {}
    grid, low, high = shown.heat(read, plate.size or 96, wells, plate_import.decisions, suspects)
    return page(
        "imports/show.html",
        status,
        reading=reading,
        read=read,
        plate=plate,
        grid=grid,
        low=low,
        high=high,
        legend=shown.LEGEND,
        panels=shown.panels(laid) if laid else [],
        suspects=suspects,
        checks=shown.checks(laid, tests) if laid else [],
        positions=_positions(reading),
        layouts=_layouts(),
        readers=_readers(),
        slots=[
            (slot, rules.wells_of(wells, "sample", slot), tests.get(slot))
            for slot in rules.slots(wells)
        ],
        controls=[
            (role, rules.wells_of(wells, role)) for role in ("host", "lysis", "diluent", "blank")
        ],
        unused=[well for well in read.wells if well not in wells],
        candidates=_candidates(),
        open_points=recording.open_points_of(session(), plate_import),
        repeats=any(test.results for test in tests.values()),
        **common,
    )


def _matched(plate_import: PlateImport) -> dict[int, PlannedTest]:
    return {
        int(slot): results.get_test(session(), int(key))
        for slot, key in plate_import.mapping.items()
    }


def _blank_limit(tests: Mapping[int, PlannedTest]) -> float:
    for test in tests.values():
        if "blank_most" in test.line.method.parameters:
            return float(test.line.method.parameters["blank_most"])
    return float("inf")


def _positions(reading: Reading) -> list[tuple[str, str]]:
    return [(f"{p}:{r}", label) for p, r, label in rules.usable_reads(reading)]


def _layouts() -> list[tuple[str, str]]:
    return [
        (str(each.id), f"{each.label} {each.title}")
        for each in documents.approved(session(), PlateLayout)
    ]


def _readers() -> list[tuple[str, str]]:
    return [
        (each.code, f"{each.code} {each.name}")
        for each in equipment.equipment(session(), EquipmentKind.PLATE_READER)
    ]


def _candidates() -> list[PlannedTest]:
    """Tests that wait for a plate file."""
    return [
        test
        for test in results.open_tests(session())
        if test.state is TestState.PLANNED and assays.find(test.line.method.assay).takes_file
    ]


@bp.post("/<int:import_id>/layout")
@guard(Permission.RESULT_ENTER)
def lay_out(import_id: int) -> ResponseReturnValue:
    """Say which read counts, which layout lies over it, and which test each slot belongs to."""
    plate_import, form = queries.get(session(), import_id), LayoutForm()
    if not form.validate():
        return _import_page(plate_import, 422, form.errors)
    plate, _, read = str(form.position.data).partition(":")

    def does(act: Act) -> None:
        layout = documents.get(session(), PlateLayout, _index(form.layout.data or ""))
        mapping = {
            int(key.removeprefix("slot-")): int(value)
            for key, value in request.form.items()
            if key.startswith("slot-") and value.isdigit()
        }
        reader = equipment.get_equipment(session(), form.equipment.data or "")
        actions.lay_out(act, plate_import, layout, reader, (_index(plate), _index(read)), mapping)

    return _done(plate_import, does, None)


def _index(text: str) -> int:
    """A position chosen from a list; anything else lies outside of it."""
    return int(text) if text.isdigit() else -1


@bp.post("/<int:import_id>/leave-out")
@guard(Permission.RESULT_ENTER)
def leave_out(import_id: int) -> ResponseReturnValue:
    plate_import, form = queries.get(session(), import_id), WellForm()
    well = (form.well.data or "").upper()
    return _done(
        plate_import, lambda act: actions.leave_out(act, plate_import, well), form.reason.data
    )


@bp.post("/<int:import_id>/take-back")
@guard(Permission.RESULT_ENTER)
def take_back(import_id: int) -> ResponseReturnValue:
    plate_import = queries.get(session(), import_id)
    well = request.form.get("well", "")
    return _done(plate_import, lambda act: actions.take_back(act, plate_import, well), None)


@bp.post("/<int:import_id>/read-again")
@guard(Permission.RESULT_ENTER)
def read_again(import_id: int) -> ResponseReturnValue:
    plate_import = queries.get(session(), import_id)
    return _done(plate_import, lambda act: actions.read_again(act, plate_import), None)


@bp.post("/<int:import_id>/discard")
@guard(Permission.RESULT_ENTER)
def discard(import_id: int) -> ResponseReturnValue:
    plate_import = queries.get(session(), import_id)
    return _done(
        plate_import, lambda act: actions.discard(act, plate_import), request.form.get("reason")
    )


@bp.post("/<int:import_id>/confirm")
@guard(Permission.RESULT_ENTER)
def confirm(import_id: int) -> ResponseReturnValue:
    """From here on the plate is data of a run; its bench facts are entered next."""
    plate_import = queries.get(session(), import_id)
    try:
        with acting(request.form.get("reason")) as act:
            run = recording.confirm_import(act, plate_import)
    except RuleBroken as refusal:
        session().expire_all()
        return _import_page(queries.get(session(), import_id), 422, told(refusal).errors)
    return redirect(url_for("entry.show", run_id=run.id))


def _done(
    plate_import: PlateImport, does: Callable[[Act], None], reason: str | None
) -> ResponseReturnValue:
    """One act on a preview; a refusal shows the same page with the sentence."""
    key = plate_import.id
    try:
        with acting(reason) as act:
            does(act)
    except RuleBroken as refusal:
        session().expire_all()
        return _import_page(queries.get(session(), key), 422, told(refusal).errors)
    return redirect(url_for(".show", import_id=key))


@bp.get("/<int:import_id>/file")
@guard(Permission.LOOK)
def file(import_id: int) -> ResponseReturnValue:
    """The bytes as they came, checked against their hash."""
    plate_import = queries.get(session(), import_id)
    with acting() as act:
        content = actions.hand_out(act, plate_import)
    response = Response(content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=plate_import.file.name)
    return response
