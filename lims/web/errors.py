"""Refusals as pages and fragments, mapped once."""

import secrets

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from lims.foundation.errors import LimsError, NotAllowed, NotFound, RuleBroken, Stale
from lims.web.request import abandon, is_fragment

STATUS: dict[type[LimsError], int] = {NotFound: 404, NotAllowed: 403, Stale: 409, RuleBroken: 422}
_TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "Somebody else was faster",
    413: "Too large",
    422: "Not possible",
    423: "Locked",
    500: "A fault of ours",
    503: "The database does not answer",
}


def answer(status: int, sentence: str) -> ResponseReturnValue:
    """One refusal, as a fragment for htmx and as a page for everybody else."""
    template = "errors/_refusal.html" if is_fragment() else "errors/refusal.html"
    title = _TITLES.get(status, "Not possible")
    return render_template(template, title=title, sentence=sentence, status=status), status


def status_of(refusal: LimsError) -> int:
    return next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 422)


def register(app: Flask) -> None:
    app.register_error_handler(LimsError, lambda error: answer(status_of(error), str(error)))
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(Exception, _fault)


def _stale(_error: StaleDataError) -> ResponseReturnValue:
    return answer(409, str(Stale("This record")))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return answer(
        400,
        "This form is too old or came from another page. Reload the page; what is saved is kept.",
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    told = {
        404: f"There is nothing at {request.path}.",
        405: "This address does not take that kind of request.",
        413: "What you sent is larger than 50 MB, which is the most that is read.",
    }
    code = error.code or 500
    return answer(code, told.get(code, error.description or "The request was refused."))


def _unstorable(_error: DataError) -> ResponseReturnValue:
    """A number beyond every record, a NUL in a text: no page of ours asks for such a thing."""
    abandon()
    return answer(
        400,
        "A value in this request is too large, or holds a character that no record can hold. "
        "Nothing was saved.",
    )


def _no_database(error: OperationalError) -> ResponseReturnValue:
    """Without a database nobody is known: the page of the refusal asks nothing more of it."""
    abandon()
    current_app.logger.error("database: %s", error.orig)
    return answer(503, "The database does not answer. Nothing was lost; try again in a moment.")


def _fault(error: Exception) -> ResponseReturnValue:
    """No stack, path or secret reaches the page; the number finds the entry in the log (SY-07)."""
    abandon()
    number = secrets.token_hex(4)
    current_app.logger.error("incident %s", number, exc_info=error)
    return answer(
        500,
        f"This is a fault of the program, not yours. Nothing was saved by this request. "
        f"Tell the administrator the incident number {number}.",
    )
