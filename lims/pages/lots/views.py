"""Lots: list, register, the lot's page, its samples and labels."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import segno
from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lims.audit import queries as audit
from lims.audit.act import Act
from lims.certificates import queries as certificates
from lims.control import queries as documents
from lims.foundation import canonical, clock
from lims.foundation.errors import NotFound, RuleBroken, Stale
from lims.foundation.permissions import Permission
from lims.lots import actions, queries
from lims.lots.models import Lot, LotState
from lims.pages.lots.forms import CONDITIONS, ReceiveForm, RegisterForm
from lims.pages.refusals import NOTHING, TOLD, Told, told
from lims.products.models import Product
from lims.results import queries as results
from lims.results.actions import short_text
from lims.results.models import PlannedTest, TestState
from lims.samples import actions as sample_actions
from lims.samples import queries as samples
from lims.samples.actions import Receipt
from lims.samples.models import Condition, Sample
from lims.web.context import moment
from lims.web.fields import entered
from lims.web.guard import guard
from lims.web.request import acting, page, session, signing
from lims.workflow import deciding, registration

bp = Blueprint("lots", __name__, url_prefix="/lots")

LETTERS = {"identity": "I", "potency": "P", "contaminants": "C", "phage": "Φ"}
VIEWS: tuple[tuple[str, str], ...] = (
    ("", "All"),
    ("in test", "In test"),
    ("tested", "Ready for QA"),
    ("on hold", "On hold"),
    ("released", "Released"),
    ("rejected", "Rejected"),
)


def strip_of(families: list[results.FamilyState]) -> list[tuple[str, str, str]]:
    """What the kit's `strip` draws: letter, sign, how many of how many."""
    return [(LETTERS[f.family], f.sign, f"{f.done}/{f.planned}") for f in families]


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    state = request.args.get("state", "")
    wanted = queries.Filter(
        state=LotState(state) if state in set(LotState) else None,
        product=request.args.get("product", ""),
        words=request.args.get("words", "").strip(),
        before=request.args.get("before", type=int),
    )
    found = queries.page(session(), wanted)
    families = results.by_family(session(), [lot.id for lot in found.lots])
    strips = {lot.id: strip_of(families.get(lot.id, [])) for lot in found.lots}
    kept = {key: value for key in ("state", "product", "words") if (value := request.args.get(key))}
    older = _address(kept, before=found.next_before) if found.next_before else ""
    newest = _address(kept) if wanted.before else ""
    tabs = [
        (words, _address({"state": value} if value else {}), "", state == value)
        for value, words in VIEWS
    ]
    pills = [
        (name.capitalize(), value, _address({k: v for k, v in kept.items() if k != name}))
        for name, value in kept.items()
        if name != "words"
    ]
    return page(
        "lots/index.html",
        title="Lots",
        tabs=tabs,
        pills=pills,
        lots=found.lots,
        strips=strips,
        wanted=wanted,
        older=older,
        newest=newest,
        state=state,
        kept=kept,
    )


def _address(kept: dict[str, str], **more: object) -> str:
    """The list with the same filters: all state is in the address."""
    values: dict[str, Any] = {**kept, **more}
    return url_for(".index", **values)


@bp.get("/register")
@guard(Permission.LOT_REGISTER)
def new() -> ResponseReturnValue:
    return _register_page(RegisterForm(formdata=None), 200, {})


def _register_page(form: RegisterForm, status: int, errors: dict[str, str]) -> ResponseReturnValue:
    products = documents.approved(session(), Product)
    return page(
        "lots/register.html",
        status,
        title="Register lot",
        form=form,
        errors=errors,
        products=[("", "Choose a product")] + [(p.code, p.title) for p in products],
    )


@bp.post("/register")
@guard(Permission.LOT_REGISTER)
def register() -> ResponseReturnValue:
    form = RegisterForm()
    if not form.validate():
        return _register_page(form, 422, form.errors)
    entry = actions.NewLot(
        number=form.number.data or "",
        size=form.size.data or "",
        manufactured_on=entered(form.manufactured_on.data),
        expires_on=entered(form.expires_on.data),
        due_on=form.due_on.data,
        substance_lot=form.substance_lot.data or "",
        cell_bank=form.cell_bank.data or "",
    )
    try:
        with acting() as act:
            lot = registration.register(act, entry, form.product.data or "")
    except RuleBroken as refusal:
        return _register_page(form, 422, told(refusal).errors)
    flash(f"Lot {lot.number} is registered and its tests are planned.", "pass")
    return redirect(url_for(".show", number=lot.number))


@bp.get("/<number>")
@guard(Permission.LOOK)
def show(number: str) -> ResponseReturnValue:
    return _lot_page(queries.get(session(), number))


def _lot_page(lot: Lot, said: Told = NOTHING, dialog: str = "") -> ResponseReturnValue:
    tests = results.tests_of(session(), lot)
    return page(
        "lots/show.html",
        said.status,
        title=f"Lot {lot.number}",
        lot=lot,
        groups=_groups(tests),
        blocks=_blocks(lot, tests),
        samples=samples.of_lot(session(), lot),
        certificates=certificates.of_lot(session(), lot),
        steps=_timeline(lot),
        dialogs=_DIALOGS,
        now=clock.now(),
        typed_reason=request.form.get("reason", ""),
        digest=canonical.digest(actions.content(lot)),
        errors=said.errors,
        dialog=dialog,
        short=short_text,
        current=results.current,
    )


_DIALOGS = (
    ("hold", "Put this lot on hold", "put on hold", ""),
    ("resume", "Take this lot off hold", "taken off hold", ""),
    ("cancel", "Cancel this lot", "cancelled", "A cancelled lot is never tested further."),
)


def _timeline(lot: Lot) -> list[tuple[str, str, str, str]]:
    """The newest events of the lot in sentences."""
    return [
        ("", "check", f"{event.who} {event.words}", f"{moment(event.at)}")
        for event in audit.sentences_of_lot(session(), lot.id, limit=8)
    ]


def _groups(
    tests: Sequence[PlannedTest],
) -> list[tuple[results.FamilyState, list[PlannedTest]]]:
    found: dict[str, list[PlannedTest]] = {}
    for test in tests:
        found.setdefault(test.line.family, []).append(test)
    return [
        (results.family_of(name, found[name]), found[name])
        for name in results.FAMILIES
        if name in found
    ]


def _blocks(lot: Lot, tests: Sequence[PlannedTest]) -> list[tuple[str, str, str, str]]:
    """What stands between this lot and its release: sign, words, note, value."""
    found: list[tuple[str, str, str, str]] = []
    if lot.state is LotState.ON_HOLD:
        found.append(("f", "On hold", lot.state_reason, ""))
    waiting = [test for test in tests if test.state is not TestState.APPROVED]
    return found + [("o", test.line.name, test.state.value, "") for test in waiting]


def _sample(number: str, code: str) -> Sample:
    """A sample of this lot; under another lot's address it does not exist."""
    sample = samples.get(session(), code)
    if sample.lot.number != number:
        raise NotFound("sample", code)
    return sample


@bp.get("/<number>/samples/<code>/receive")
@guard(Permission.SAMPLE_HANDLE)
def receive_page(number: str, code: str) -> ResponseReturnValue:
    return _receive(_sample(number, code), ReceiveForm(formdata=None), 200, {})


def _receive(
    sample: Sample, form: ReceiveForm, status: int, errors: dict[str, str]
) -> ResponseReturnValue:
    return page(
        "lots/receive.html",
        status,
        title=f"Receive {sample.code}",
        sample=sample,
        conditions=[(each, each) for each in CONDITIONS],
        form=form,
        errors=errors,
    )


@bp.post("/<number>/samples/<code>/receive")
@guard(Permission.SAMPLE_HANDLE)
def receive(number: str, code: str) -> ResponseReturnValue:
    sample, form = _sample(number, code), ReceiveForm()
    if not form.validate():
        return _receive(sample, form, 422, form.errors)
    receipt = Receipt(
        entered(form.amount.data),
        form.unit.data or "",
        Condition(entered(form.condition.data)),
        form.temperature_c.data,
        form.storage.data or "",
        entered(form.sampled_on.data),
    )
    try:
        with acting() as act:
            sample_actions.receive(act, sample, receipt)
    except RuleBroken as refusal:
        return _receive(sample, form, 422, told(refusal).errors)
    flash(f"Sample {sample.code} is received. Print its label.", "pass")
    return redirect(url_for(".show", number=number))


@bp.get("/<number>/samples/<code>/label")
@guard(Permission.LOOK)
def label(number: str, code: str) -> ResponseReturnValue:
    """A label to print: the code as text and as a QR code."""
    return page("lots/label.html", title=f"Label {code}", sample=_sample(number, code))


@bp.get("/<number>/samples/<code>/code.svg")
@guard(Permission.LOOK)
def code_image(number: str, code: str) -> ResponseReturnValue:
    sample, buffer = _sample(number, code), io.BytesIO()
    segno.make(sample.code, micro=False, error="m").save(buffer, kind="svg", scale=4, border=2)
    return Response(buffer.getvalue(), mimetype="image/svg+xml")


@bp.post("/<number>/samples/<code>/void")
@guard(Permission.SAMPLE_HANDLE)
def void_sample(number: str, code: str) -> ResponseReturnValue:
    sample = _sample(number, code)
    return _signed(
        number, f"void-{code}", lambda act, password: sample_actions.void(act, sample, password)
    )


@bp.post("/<number>/hold")
@guard(Permission.LOT_HOLD)
def hold(number: str) -> ResponseReturnValue:
    lot = queries.get(session(), number)
    return _signed(number, "hold", lambda act, password: deciding.hold(act, lot, password))


@bp.post("/<number>/resume")
@guard(Permission.LOT_HOLD)
def resume(number: str) -> ResponseReturnValue:
    lot = queries.get(session(), number)
    return _signed(number, "resume", lambda act, password: deciding.resume(act, lot, password))


@bp.post("/<number>/reject")
@guard(Permission.LOT_DECIDE)
def reject(number: str) -> ResponseReturnValue:
    lot = queries.get(session(), number)
    return _signed(number, "reject", lambda act, password: deciding.reject(act, lot, password))


@bp.post("/<number>/cancel")
@guard(Permission.LOT_CANCEL)
def cancel(number: str) -> ResponseReturnValue:
    lot = queries.get(session(), number)
    return _signed(number, "cancel", lambda act, password: deciding.cancel(act, lot, password))


def _signed(number: str, dialog: str, does: Callable[[Act, str], None]) -> ResponseReturnValue:
    """One signed act on a lot; a refusal shows the lot's page with the dialog open again."""
    lot = queries.get(session(), number)
    shown = request.form.get("fingerprint")
    try:
        if shown and shown != canonical.digest(actions.content(lot)):
            raise Stale(f"Lot {number}")
        with signing(request.form.get("reason")) as (act, password, _):
            does(act, password)
    except TOLD as refusal:
        session().expire_all()
        return _lot_page(queries.get(session(), number), told(refusal), dialog)
    return redirect(url_for(".show", number=number))
