"""Entry of results: what to start, the sheet of a run, each reading saved as its cell is left."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims import assays
from lims.accounts import queries as people
from lims.foundation.errors import LimsError, NotFound, RuleBroken, Stale
from lims.foundation.permissions import Permission
from lims.pages.entry import cells, figures, run_page
from lims.pages.entry.forms import RepeatForm
from lims.pages.refusals import told
from lims.results import queries as results
from lims.results.models import PlannedTest, TestState
from lims.runs import queries as runs
from lims.runs.models import Run, RunState
from lims.science.criteria import Verdict
from lims.web.guard import guard
from lims.web.request import acting, is_fragment, page, session
from lims.workflow import recording

bp = Blueprint("entry", __name__, url_prefix="/entry")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    """Tests somebody has to work on: drafts first, then what can be started."""
    found = results.open_tests(session())
    drafts = [test for test in found if test.state is not TestState.PLANNED]
    ready = [test for test in found if test.state is TestState.PLANNED]
    return page(
        "entry/index.html",
        title="Entry",
        drafts=drafts,
        ready=ready,
        current=results.current,
        takes_file=_takes_file,
        names=people.names(session()),
    )


def _takes_file(test: PlannedTest) -> bool:
    return assays.find(test.line.method.assay).takes_file


@bp.get("/begin/<int:test_id>")
@guard(Permission.RESULT_ENTER)
def begin(test_id: int) -> ResponseReturnValue:
    """Before a repeat: why. A test that is read from a file begins with its plate."""
    test = results.get_test(session(), test_id)
    if _takes_file(test):
        return redirect(url_for("imports.index"))
    return _begin_page(test, RepeatForm(formdata=None), 200, {})


def _begin_page(
    test: PlannedTest, form: RepeatForm, status: int, errors: Mapping[str, str]
) -> ResponseReturnValue:
    return page(
        "entry/begin.html",
        status,
        title=f"Repeat {test.line.name}" if test.results else f"Start {test.line.name}",
        test=test,
        form=form,
        errors=errors,
        faults=figures.faults,
        names=people.names(session()),
    )


@bp.post("/start/<int:test_id>")
@guard(Permission.RESULT_ENTER)
def start(test_id: int) -> ResponseReturnValue:
    test, form = results.get_test(session(), test_id), RepeatForm()
    if _takes_file(test):
        return redirect(url_for("imports.index"))
    try:
        with acting(form.reason.data) as act:
            run_id = recording.start(act, test).id
    except RuleBroken as refusal:
        errors = told(refusal).errors
        return _begin_page(results.get_test(session(), test_id), form, 422, errors)
    return redirect(url_for(".show", run_id=run_id))


@bp.get("/<int:run_id>")
@guard(Permission.LOOK)
def show(run_id: int) -> ResponseReturnValue:
    return run_page.sheet(runs.get(session(), run_id))


@bp.get("/<int:run_id>/recompute")
@guard(Permission.LOOK)
def recompute(run_id: int) -> ResponseReturnValue:
    """Compute each recorded result of the run anew from what is stored."""
    run = runs.get(session(), run_id)
    found = run_page.recomputed(run)
    if is_fragment():
        return page("entry/_recomputed.html", recomputed=found)
    return run_page.sheet(run, recomputed=found)


@bp.post("/<int:run_id>/reading")
@guard(Permission.RESULT_ENTER)
def save(run_id: int) -> ResponseReturnValue:
    """One cell for the script; without it, all changed fields of the sheet, each its own act."""
    run = runs.get(session(), run_id)
    if is_fragment():
        return _save_cell(run)
    refused = _save_all(run)
    if refused:
        return run_page.sheet(run, refused.status, refused.sentences, request.form, refused.stale)
    if "leave" in request.form:
        return redirect(url_for("home.queue"))
    return redirect(url_for(".show", run_id=run_id))


@bp.post("/<int:run_id>/submit")
@guard(Permission.RESULT_ENTER)
def submit(run_id: int) -> ResponseReturnValue:
    """Save what stands on the sheet, then close the bench part of the run."""
    run = runs.get(session(), run_id)
    refused = _save_all(run)
    if refused:
        return run_page.sheet(run, refused.status, refused.sentences, request.form, refused.stale)
    try:
        with acting() as act:
            recording.submit(act, run)
    except RuleBroken as refusal:
        run = runs.get(session(), run_id)
        said = told(refusal)
        return run_page.sheet(run, said.status, said.errors)
    _tell(run)
    return redirect(url_for(".show", run_id=run_id))


def _tell(run: Run) -> None:
    if run.state is RunState.INVALID:
        flash("The run is closed as invalid. It gives no result.", "warn")
        return
    for result in results.of_run(session(), run):
        if result.verdict is Verdict.FAILS:
            name, lot = result.test.line.name, result.test.lot.number
            flash(f"{name} does not conform: lot {lot} is on hold.", "fail")
    flash("Submitted for review.", "pass")


# --- one cell ---------------------------------------------------------------------------------


def _save_cell(run: Run) -> ResponseReturnValue:
    key = _key_of(run)
    text, shown = _text(key), request.form.get("version", "")
    try:
        _record(run, key, text, shown)
    except Stale as refusal:
        return _theirs(run, key, text, shown, refusal)
    except RuleBroken as refusal:
        sentence = next(iter(refusal.fields.values()), str(refusal))
        known = runs.latest(session(), run, key)
        return _cell_answer(run, key, sentence, shown, known.version if known else 0, 422)
    known = runs.latest(session(), run, key)
    return _cell_answer(run, key, "", shown, known.version if known else 0, 200)


def _key_of(run: Run) -> str:
    keys = [each.key for each in _fields(run)]
    found = next((name for name in request.form if name in keys), None)
    if found is None:
        sent = set(request.form) - {"version", "reason", "csrf_token"}
        raise NotFound("field", ", ".join(sorted(sent)) or "without a name")
    return found


def _fields(run: Run) -> list[assays.assay.Field]:
    return list(assays.find(run.method.assay).fields(recording.parameters_of(run)))


def _text(key: str) -> str:
    """What was typed; line ends as the page had them before the form rewrote them."""
    return request.form.get(key, "").replace("\r\n", "\n").strip()


def _record(run: Run, key: str, text: str, shown: str) -> None:
    if not text and runs.latest(session(), run, key) is None:
        return
    with acting(request.form.get("reason")) as act:
        recording.enter(act, run, key, text, cells.seen(shown, key))


def _theirs(run: Run, key: str, text: str, shown: str, refusal: Stale) -> ResponseReturnValue:
    """Two people saved one cell: both readings are told, nothing is overwritten."""
    known = runs.latest(session(), run, key)
    if known is None:
        raise refusal
    who = people.names(session())[known.recorded_by_id]
    sentence = (
        f"{who} recorded “{known.text}” meanwhile; you entered “{text}”. Nothing was saved: "
        "keep theirs, or enter yours again with a reason."
    )
    return _cell_answer(run, key, sentence, shown, known.version, 409)


def _cell_answer(
    run: Run, key: str, error: str, shown: str, version: int, status: int
) -> ResponseReturnValue:
    """The pieces that change when one cell was saved or refused."""
    view = run_page.view_of(run, editable=True, typed=request.form, errors=_named(key, error))
    advanced = cells.advanced(shown, key, version)
    elsewhere = cells.changed_elsewhere(advanced, view.state.readings)
    return page(
        "entry/_saved.html",
        status,
        sheet=view,
        cell=view.cells[key],
        token=advanced,
        elsewhere=[view.cells[name].label for name in elsewhere if name in view.cells],
        **run_page.figures_of(view),
    )


def _named(key: str, sentence: str) -> dict[str, str]:
    return {key: sentence} if sentence else {}


# --- the whole sheet --------------------------------------------------------------------------


@dataclass
class _Refused:
    """What was not saved, by field; the rest is."""

    status: int = 422
    sentences: dict[str, str] = field(default_factory=dict)
    stale: list[tuple[str, str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sentences or self.stale)


def _save_all(run: Run) -> _Refused:
    """Each changed field in an act of its own; one refusal keeps no other from being saved."""
    refused, shown = _Refused(), request.form.get("version", "")
    standing = runs.newest(runs.history(session(), run))
    texts = {each.key: each.text for each in standing.values()}
    for each in _fields(run):
        if each.key not in request.form or _text(each.key) == texts.get(each.key, ""):
            continue
        try:
            _record(run, each.key, _text(each.key), shown)
        except Stale as refusal:
            refused.status = 409
            refused.stale.append((each.label, refusal.theirs, refusal.yours))
        except LimsError as refusal:
            _note(refused, each.key, refusal)
    return refused


def _note(refused: _Refused, key: str, refusal: LimsError) -> None:
    told = refusal.fields if isinstance(refusal, RuleBroken) else {}
    if "reason" in told:
        refused.sentences["reason"] = told["reason"]
    refused.sentences[key] = told.get(key, str(refusal))
