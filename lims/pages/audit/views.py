"""The audit trail: in sentences, narrowed, verified, exported."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue

from lims.accounts import queries as people
from lims.audit import exports, queries
from lims.audit.queries import Filter, Told
from lims.audit.verify import ChainVerdict, verify_chain
from lims.foundation import clock
from lims.foundation.db import Database
from lims.foundation.permissions import Permission
from lims.lots import queries as lots
from lims.pages.audit import shown
from lims.pages.audit.forms import FilterForm
from lims.web.guard import guard
from lims.web.request import EXTENSION, acting, database, page, session

bp = Blueprint("audit", __name__, url_prefix="/audit")

_KEPT = ("lot", "person", "action", "record", "words", "since", "until", "quiet")
_PILLS = ("lot", "person", "action", "record")


@bp.get("/")
@guard(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    return _trail(None)


@bp.post("/verify")
@guard(Permission.AUDIT_READ)
def verify() -> ResponseReturnValue:
    """Recompute the whole chain now, with the login that can only read."""
    return _trail(verify_chain(current_app.extensions[EXTENSION]["reader_url"]))


def _trail(verdict: ChainVerdict | None) -> ResponseReturnValue:
    form = FilterForm(request.args)
    errors = {} if form.validate() else _words(form)
    wanted, errors = _wanted(form, errors)
    found, older = ([], None) if errors else queries.page(session(), wanted)
    kept = _kept()
    return page(
        "audit/index.html",
        422 if errors else 200,
        title="Audit trail",
        errors=errors,
        form=form,
        lines=[shown.line(each) for each in found],
        head=queries.head(session()),
        verdict=verdict,
        now=clock.now(),
        kept=kept,
        carried={name: value for name, value in kept.items() if name in _PILLS},
        pills=_pills(kept),
        pickers=_pickers(kept),
        older=_address(kept, before=older) if older else "",
        newest=_address(kept) if wanted.before else "",
    )


def _words(form: FilterForm) -> dict[str, str]:
    return {name: " ".join(words) for name, words in form.errors.items()}


def _wanted(form: FilterForm, errors: dict[str, str]) -> tuple[Filter, dict[str, str]]:
    """The filter of an address; a lot that does not exist is said, not ignored."""
    number = (form.lot.data or "").strip()
    lot = lots.find(session(), number) if number else None
    if number and lot is None:
        errors = errors | {"lot": f"There is no lot {number}."}
    wanted = Filter(
        lot_id=lot.id if lot else None,
        record_type=form.record.data or "",
        login=form.person.data or "",
        action=form.action.data or "",
        since=_midnight(form.since.data),
        until=_midnight(form.until.data, timedelta(days=1)),
        words=(form.words.data or "").strip(),
        before=form.before.data,
        quiet=bool(form.quiet.data),
    )
    return wanted, errors


def _midnight(day: date | None, plus: timedelta = timedelta()) -> datetime | None:
    """The beginning of a day in UTC, as the trail's times are shown."""
    return datetime.combine(day, time(), UTC) + plus if day else None


def _kept() -> dict[str, str]:
    return {key: value for key in _KEPT if (value := request.args.get(key, "").strip())}


def _address(kept: dict[str, str], **more: object) -> str:
    values: dict[str, Any] = {**kept, **more}
    return url_for(".index", **values)


def _pills(kept: dict[str, str]) -> list[tuple[str, str, str]]:
    """What the trail is narrowed to now, each with the address without it."""
    without = {name: {k: v for k, v in kept.items() if k != name} for name in kept}
    return [
        (name.capitalize(), kept[name], _address(without[name])) for name in _PILLS if name in kept
    ]


def _pickers(kept: dict[str, str]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Persons and kinds of event to choose from; nouns first, then each action."""
    known = queries.actions(session())
    nouns = sorted({action.partition(".")[0] for action in known})
    everybody = [(each.name, each.login) for each in people.everyone(session())]
    kinds = [(f"{noun}: all", f"{noun}.") for noun in nouns]
    kinds += [(each.replace(".", ": ").replace("_", " "), each) for each in known]
    return [
        ("Person", _offered(kept, "person", [*everybody, ("The system", "system")])),
        ("Kind", _offered(kept, "action", sorted(kinds))),
    ]


def _offered(
    kept: dict[str, str], name: str, options: list[tuple[str, str]]
) -> list[tuple[str, str, bool]]:
    return [
        (words, _address({**kept, name: value}), kept.get(name) == value)
        for words, value in options
    ]


@bp.get("/events/<int:number>")
@guard(Permission.AUDIT_READ)
def event(number: int) -> ResponseReturnValue:
    """One event with every change and the very text that was hashed."""
    found = queries.get(session(), number)
    return page(
        "audit/event.html",
        title=f"Event {number}",
        event=found,
        entries=[(shown.field(each), each.old, each.new) for each in found.changes],
        roles=shown.titles(found.roles),
        last=queries.head(session()).number,
    )


@bp.get("/<record_type>/<int:record_id>")
@guard(Permission.AUDIT_READ)
def record(record_type: str, record_id: int) -> ResponseReturnValue:
    """All that happened to one record, newest first."""
    before = request.args.get("before", type=int)
    wanted = Filter(record_type=record_type, record_id=record_id, before=before)
    found, older = queries.page(session(), wanted)
    here: dict[str, Any] = {"record_type": record_type, "record_id": record_id}
    return page(
        "audit/record.html",
        title="Events of a record",
        kind=record_type.replace("_", " "),
        label=found[0].record if found else str(record_id),
        entries=list(shown.entries(found)),
        older=url_for(".record", **here, before=older) if older else "",
        newest=url_for(".record", **here) if before else "",
    )


# --- exports ----------------------------------------------------------------------------------


@bp.post("/export.csv")
@guard(Permission.AUDIT_READ)
def export_csv() -> ResponseReturnValue:
    return _export(exports.as_csv, "text/csv; charset=utf-8", "trail.csv")


@bp.post("/export.jsonl")
@guard(Permission.AUDIT_READ)
def export_json_lines() -> ResponseReturnValue:
    return _export(exports.as_json_lines, "application/jsonl; charset=utf-8", "trail.jsonl")


def _export(
    write: Callable[[Iterable[Told]], Iterator[str]], mimetype: str, name: str
) -> ResponseReturnValue:
    """The events that match as a file; handing it out is an event itself, after its last one."""
    form = FilterForm(request.args)
    wanted, errors = _wanted(form, {} if form.validate() else _words(form))
    if errors:
        return _trail(None)
    head = queries.head(session())
    wanted = replace(wanted, before=None, upto=head.number)
    with acting() as act:
        told = {"count": queries.count(act.session, wanted), "upto": head.number}
        act.note("trail.exported", None, **told, file=name, filters=_kept(), head=head.hash)
    body = _streamed(database(), wanted, write)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype=mimetype, headers=headers)


def _streamed(
    source: Database, wanted: Filter, write: Callable[[Iterable[Told]], Iterator[str]]
) -> Iterator[str]:
    """Written while it is sent: the request's own session is closed by then."""
    with source.session() as own:
        yield from write(queries.every(own, wanted))
