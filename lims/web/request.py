"""What a view works with: the database session, the visitor, an act, a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lims.accounts import doors, rules
from lims.accounts.doors import Visitor
from lims.accounts.keys import WrongPassword
from lims.audit import act as acts
from lims.audit.act import Act, Source
from lims.foundation.db import Database
from lims.foundation.errors import RuleBroken
from lims.foundation.strongbox import Strongbox
from lims.site import queries as site
from lims.site.models import Laboratory

EXTENSION = "livelot"


class SignatureNameMissing(RuleBroken):
    """The first signature of a series asks name and password (21 CFR 11.200(a)(1)(i))."""

    def __init__(self) -> None:
        sentence = "Type your login too: this is the first signature since you came or were away."
        super().__init__(sentence, login=sentence)


def database() -> Database:
    return cast("Database", current_app.extensions[EXTENSION]["database"])


def strongbox() -> Strongbox:
    return cast("Strongbox", current_app.extensions[EXTENSION]["strongbox"])


def session() -> Session:
    """The request's session, opened when first asked for."""
    if "db" not in g:
        g.db = database().sessions()
    return cast("Session", g.db)


def close_session(_error: BaseException | None) -> None:
    abandon()


def abandon() -> None:
    """Give up what the request's session began; its records may not be looked at any more.

    The page of the refusal then knows nobody and asks nothing of what was rolled back.
    """
    opened = g.pop("db", None)
    if opened is not None:
        opened.close()
    for name in ("visitor", "laboratory"):
        g.pop(name, None)
    g.arrival = None


def visitor() -> Visitor:
    """Who is asking; only behind a guard."""
    return cast("Visitor", g.visitor)


def laboratory() -> Laboratory:
    if "laboratory" not in g:
        found = g.get("visitor")
        g.laboratory = found.laboratory if found else site.laboratory(session())
    return cast("Laboratory", g.laboratory)


def source() -> Source:
    return Source(request.remote_addr or "unknown", request.user_agent.string[:200])


@contextmanager
def acting(reason: str | None = None) -> Iterator[Act]:
    """One act of the visitor on the request's session.

    A wrong password inside it is counted in a transaction of its own, after the roll-back.
    """
    try:
        with acts.acting(session(), visitor().actor, reason or "", source(), strongbox()) as act:
            yield act
    except WrongPassword:
        doors.count_failure(database(), visitor().person.id, source(), "signature")
        raise


@contextmanager
def signing(reason: str | None = None) -> Iterator[tuple[Act, str, str | None]]:
    """An act that signs: yields the act, the typed password and the digest that was shown.

    Asks the login too where a series of signatures begins.
    """
    found = visitor()
    continues = continues_series()
    typed = request.form.get("login", "")
    if not continues and typed.strip().casefold() != found.person.login:
        raise SignatureNameMissing
    with acting(reason) as act:
        yield act, request.form.get("password", ""), request.form.get("fingerprint") or None
        doors.signed(session(), found.session, act.at)


def continues_series() -> bool:
    from lims.foundation import clock  # noqa: PLC0415

    return rules.series_continues(visitor().session.signed_at, clock.now())


def page(template: str, status: int = 200, **context: object) -> ResponseReturnValue:
    """A whole page. Without the kit's values, which `context.values` adds to every template."""
    return render_template(template, **context), status


def is_fragment() -> bool:
    """Whether htmx asks for a part of the page."""
    return "HX-Request" in request.headers
