"""The start: what to do next, the search box, the help."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Blueprint, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims.certificates import queries as certificates
from lims.certificates.models import CertificateState
from lims.equipment import queries as equipment
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.imports import queries as imports
from lims.lots import queries as lots
from lims.lots.models import LotState
from lims.pages.lots.views import strip_of
from lims.results import queries as results
from lims.results.models import PlannedTest, TestState
from lims.runs import queries as runs
from lims.samples import queries as samples
from lims.samples.models import SampleState
from lims.web.guard import guard
from lims.web.request import laboratory, page, session, visitor

bp = Blueprint("home", __name__)


@dataclass(frozen=True)
class Task:
    """One row of the queue: a test, what to do with it, where."""

    test: PlannedTest
    verb: str
    url: str
    method: str
    note: str
    late: bool


@bp.get("/")
@guard(Permission.LOOK)
def queue() -> ResponseReturnValue:
    may = visitor().permissions
    today = clock.today(laboratory().zone)
    worn, old = equipment.soon_unusable(session(), today)
    waiting = results.waiting_for_review(session()) if Permission.RESULT_REVIEW in may else []
    return page(
        "home/queue.html",
        title="My queue",
        today=today,
        tasks=_tasks(today),
        drafts=runs.open_of(session(), visitor().person.id),
        previews=imports.waiting(session()) if Permission.RESULT_ENTER in may else [],
        waiting=waiting,
        unsigned=_unsigned(),
        decide=_lots(LotState.TESTED) if Permission.LOT_DECIDE in may else [],
        held=_lots(LotState.ON_HOLD),
        incubating=runs.incubating(session(), clock.local(clock.now(), laboratory().zone)),
        worn=worn,
        old=old,
    )


def _tasks(today: date) -> list[Task]:
    if Permission.RESULT_ENTER not in visitor().permissions:
        found = results.open_tests(session())
        return [_task(test, today, works=False) for test in found]
    return [_task(test, today, works=True) for test in results.open_tests(session())]


def _task(test: PlannedTest, today: date, *, works: bool) -> Task:
    late = test.due_on is not None and test.due_on < today
    lot_url = url_for("lots.show", number=test.lot.number)
    if test.sample.state is SampleState.EXPECTED:
        receive = url_for("lots.receive_page", number=test.lot.number, code=test.sample.code)
        return Task(
            test,
            "Receive sample" if works else "Open",
            receive if works else lot_url,
            "get",
            "the sample has not arrived",
            late,
        )
    if not works:
        return Task(test, "Open", lot_url, "get", "", late)
    current = results.current(test)
    if test.state is not TestState.PLANNED and current is not None:
        verb = "Correct" if test.state is TestState.RETURNED else "Continue"
        return Task(
            test,
            verb,
            url_for("entry.show", run_id=current.run_id),
            "get",
            current.review_comment,
            late,
        )
    if test.line.method.assay == "lysis_kinetics":
        return Task(
            test, "Import", url_for("imports.index"), "get", "from a plate-reader file", late
        )
    if test.results:
        return Task(
            test,
            "Repeat",
            url_for("entry.begin", test_id=test.id),
            "get",
            "the last run was invalid",
            late,
        )
    return Task(test, "Start", url_for("entry.start", test_id=test.id), "post", "", late)


def _unsigned() -> list[object]:
    """Certificates that wait for the visitor's signature."""
    if Permission.CERTIFICATE_SIGN not in visitor().permissions:
        return []
    return [
        each for each in certificates.newest(session()) if each.state is CertificateState.PREPARED
    ]


def _lots(state: LotState) -> list[tuple[object, list[tuple[str, str, str]]]]:
    found = lots.page(session(), lots.Filter(state=state), 20).lots
    families = results.by_family(session(), [lot.id for lot in found])
    return [(lot, strip_of(families.get(lot.id, []))) for lot in found]


@bp.get("/search")
@guard(Permission.LOOK)
def search() -> ResponseReturnValue:
    """A scanned or typed code goes to its record; anything else lists what comes close."""
    typed = " ".join(request.args.get("q", "").split())[:80]
    if typed:
        direct = _direct(typed)
        if direct:
            return redirect(direct)
    near = lots.page(session(), lots.Filter(words=typed), 20).lots if typed else []
    return page("home/search.html", title="Search", q=typed, lots=near)


def _direct(code: str) -> str:
    lot = lots.find(session(), code)
    if lot is not None:
        return url_for("lots.show", number=lot.number)
    sample = samples.find(session(), code)
    if sample is not None:
        return url_for("lots.show", number=sample.lot.number)
    run = runs.find(session(), code)
    if run is not None:
        return url_for("entry.show", run_id=run.id)
    certificate = certificates.find_number(session(), code)
    if certificate is not None:
        return url_for("certificates.show", certificate_id=certificate.id)
    if equipment.find_code(session(), code):
        return url_for("laboratory.index", code=code)
    return ""


@bp.get("/help")
@guard(Permission.LOOK)
def guide() -> ResponseReturnValue:
    """The help: every part of it is a file beside the page's template."""
    folder = Path(current_app.template_folder or "") / "home" / "help"
    parts = sorted(path.name for path in folder.glob("*.html"))
    return page("home/guide.html", title="Help", parts=parts)
