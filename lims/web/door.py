"""Before each request: who comes, may they, is the session locked."""

from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin

from lims.accounts import doors
from lims.accounts.doors import Visitor
from lims.accounts.models import WebSession
from lims.audit.act import record_refusal
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.web import errors
from lims.web.guard import PUBLIC, need_of
from lims.web.request import database, is_fragment, laboratory, session, source

COOKIE = "livelot"
_ALLOWED_WHEN_LOCKED = frozenset({"account.unlock", "account.sign_out", "static", "account.lock"})


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """Flask-Login's view of a visitor."""

    def __init__(self, found: Visitor) -> None:
        self.id = str(found.person.id)
        self.visitor = found


def register(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # our sessions live in the database, not in its cookie
    manager.request_loader(lambda _request: _load())
    app.before_request(admit)


def _load() -> SignedIn | None:
    found = _visitor()
    return SignedIn(found) if isinstance(found, Visitor) else None


def _visitor() -> Visitor | WebSession | None:
    if "arrival" not in g:
        token = request.cookies.get(COOKIE, "")
        g.arrival = doors.visitor(session(), token, clock.now()) if token else None
    return cast("Visitor | WebSession | None", g.arrival)


def admit() -> ResponseReturnValue | None:
    """Let the request through, or say why not. Denied unless the view grants it."""
    if request.endpoint is None or request.endpoint == "static":
        return None
    from flask import current_app  # noqa: PLC0415

    need = need_of(current_app, request.endpoint)
    found = _visitor()
    if isinstance(found, Visitor):
        g.visitor = found
        refusal = _locked(found)
        if refusal is not None and need != PUBLIC:
            return refusal
    if need == PUBLIC:
        return None
    if not isinstance(found, Visitor):
        return _not_signed_in(found)
    if need not in found.permissions:
        asked = f"{request.method} {request.path}"
        record_refusal(database(), found.actor, "access.refused", source(), asked=asked)
        return errors.answer(403, _refusal(Permission(need)))
    return None


def _locked(found: Visitor) -> ResponseReturnValue | None:
    idle = timedelta(minutes=laboratory().idle_minutes)
    doors.touch(session(), found, clock.now(), idle, source())
    if not found.session.locked or request.endpoint in _ALLOWED_WHEN_LOCKED:
        return None
    if is_fragment() or request.method != "GET":
        return errors.answer(423, "The page is locked. Enter your password to go on.")
    return redirect(url_for("account.unlock", next=request.full_path))


def _not_signed_in(found: WebSession | None) -> ResponseReturnValue:
    ended = found.ended_because if found is not None else None
    if is_fragment() or request.method != "GET":
        return errors.answer(
            401, f"{ended or 'You are not signed in.'} Sign in again; what was saved is kept."
        )
    return redirect(url_for("account.sign_in", next=request.full_path, ended=ended and "1"))


def _refusal(need: Permission) -> str:
    what = {
        Permission.RESULT_REVIEW: "Reviewing results is for QC approvers.",
        Permission.LOT_DECIDE: "Deciding about lots is for quality assurance.",
        Permission.RESULT_ENTER: "Entering results is for analysts.",
        Permission.PEOPLE_ADMINISTER: "Accounts are kept by administrators.",
        Permission.AUDIT_READ: "The audit trail is open to reviewers, managers and inspectors.",
    }
    return what.get(need, "Your role does not include this.") + " Nothing was changed."


def own_address(target: str | None) -> str:
    """Where to go after signing in: a page of ours, or the start page (A-21)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return url_for("home.queue")
    parts = urlsplit(target)
    return target if not parts.netloc and not parts.scheme else url_for("home.queue")


def set_cookie(response: Response, token: str, *, secure: bool) -> None:
    response.set_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=secure, path="/")


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/")
