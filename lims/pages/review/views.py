"""Review: what waits for a second person, and one result with everything it rests on."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims.accounts import queries as people
from lims.accounts.models import Signature
from lims.foundation import canonical, clock
from lims.foundation.errors import LimsError, RuleBroken
from lims.foundation.permissions import Permission
from lims.pages.entry import figures, run_page
from lims.pages.entry.cells import SheetView
from lims.pages.refusals import TOLD, told
from lims.pages.review import history
from lims.pages.review.forms import DecisionForm
from lims.results import actions, queries, rules
from lims.results.actions import ReviewDecision
from lims.results.models import Result, ResultState
from lims.runs import queries as runs
from lims.web.guard import guard
from lims.web.request import page, session, signing, visitor
from lims.workflow import recording, reviewing

bp = Blueprint("review", __name__, url_prefix="/review")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    """Results that a second person has to look at, oldest first; own work says why not."""
    waiting = queries.waiting_for_review(session())
    recorders = runs.recorders_of(session(), [result.run for result in waiting])
    return page(
        "review/index.html",
        title="Review",
        waiting=waiting,
        why_not={each.id: _why_not(each, recorders[each.run_id]) for each in waiting},
        as_text=actions.as_text,
        names=people.names(session()),
    )


def _why_not(result: Result, recorders: frozenset[int]) -> str:
    """Why this visitor cannot review a result; empty when nothing stands against it."""
    if Permission.RESULT_REVIEW not in visitor().permissions:
        return "Reviewing results is for QC approvers."
    try:
        rules.check_reviewable(result, visitor().person.id, recorders)
    except LimsError as refusal:
        return str(refusal)
    return ""


@bp.get("/<int:result_id>")
@guard(Permission.LOOK)
def show(result_id: int) -> ResponseReturnValue:
    result = queries.get(session(), result_id)
    if result.reported is None:
        return redirect(url_for("entry.show", run_id=result.run_id))
    return _result_page(result)


@bp.post("/<int:result_id>")
@guard(Permission.RESULT_REVIEW)
def decide(result_id: int) -> ResponseReturnValue:
    """Approve or return, signed; every refusal is answered on the page where it happened."""
    form = DecisionForm()
    result = queries.get(session(), result_id)
    if not form.validate():
        return _result_page(result, 422, {"": "Choose to approve or to return."})
    decision = ReviewDecision(form.decision.data or "")
    try:
        with signing(form.reason.data) as (act, password, shown):
            reviewing.decide(act, result, decision, password, shown)
    except TOLD as refusal:
        said = told(refusal)
        dialog = decision.value if isinstance(refusal, RuleBroken) else ""
        again = queries.get(session(), result_id)
        return _result_page(again, said.status, said.errors, dialog)
    done = "approved" if decision is ReviewDecision.APPROVE else "returned to its analyst"
    flash(f"{result.test.line.name} of {result.test.lot.number} is {done}.", "pass")
    return redirect(url_for(".index"))


@dataclass(frozen=True)
class _Neighbours:
    """Where the result stands in the list of those that wait."""

    place: int
    total: int
    before: int | None
    after: int | None


def _result_page(
    result: Result,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    dialog: str = "",
) -> ResponseReturnValue:
    view = run_page.view_of(result.run, editable=False)
    events, count = history.of_result(session(), result)
    why_not = _why_not(result, runs.recorders(session(), result.run))
    why_no_return = _why_no_return(result)
    offered = {"approve"} if why_no_return else {"approve", "return"}
    return page(
        "review/show.html",
        status,
        title=f"Review: {result.test.line.name}",
        result=result,
        sheet=view,
        run=result.run,
        plate=run_page.plate_of(view),
        save_url="",
        **_figures(view, result),
        differences=recording.recompute(session(), result),
        events=events,
        event_count=count,
        attempts=[each for each in result.test.results if each.id != result.id],
        faults=figures.faults,
        neighbours=_neighbours(result),
        why_not=why_not,
        why_no_return=why_no_return,
        signatures=_signatures(result),
        digest=canonical.digest(actions.content(result)),
        as_text=actions.as_text,
        now=clock.now(),
        names=people.names(session()),
        errors=dict(errors or {}),
        dialog=dialog if not why_not and dialog in offered else "",
        typed_reason=request.form.get("reason", ""),
    )


def _figures(view: SheetView, result: Result) -> dict[str, object]:
    """The cards of this one result, of a run that may have several."""
    at = [each.id for each in view.state.results].index(result.id)
    evaluation = view.state.evaluations[at]
    answer = figures.answer(result, evaluation)
    outcome = run_page.outcome_of(result, evaluation)
    checks = figures.kept_checks(view.state.run.checks)
    remark = view.cells.get("remark")
    exceptions = [f"{name}: {detail}" for sign, name, detail, _ in checks if sign == "w"]
    exceptions += list(outcome.warnings) if outcome is not None else []
    exceptions += ["a remark was written"] if remark is not None and remark.recorded else []
    return {
        "answer": answer,
        "steps": figures.steps(outcome),
        "checks": checks,
        "exceptions": exceptions,
    }


def _why_no_return(result: Result) -> str:
    try:
        rules.check_returnable(result)
    except RuleBroken as refusal:
        return str(refusal)
    return ""


def _neighbours(result: Result) -> _Neighbours | None:
    ids = queries.ids_waiting(session())
    if result.id not in ids:
        return None
    at = ids.index(result.id)
    before = ids[at - 1] if at else None
    after = ids[at + 1] if at + 1 < len(ids) else None
    return _Neighbours(at + 1, len(ids), before, after)


def _signatures(result: Result) -> list[Signature]:
    if result.state is ResultState.RECORDED:
        return []
    return list(people.signatures_of(session(), result))
