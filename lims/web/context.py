"""What every template may use: navigation by role, the person, formats."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup, escape
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lims import __version__
from lims.accounts.doors import Visitor
from lims.accounts.roles import TITLES
from lims.certificates.content import RichText, Script
from lims.foundation import clock
from lims.foundation.errors import LimsError
from lims.foundation.permissions import Permission
from lims.web import request as here


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    icon: str
    count: str
    active: bool
    key: str = ""
    section: str = ""


@dataclass(frozen=True)
class Shown:
    """The signed-in person as the frame shows them."""

    name: str
    role: str
    initials: str
    login: str
    shortcuts: bool


@dataclass(frozen=True)
class Lock:
    after: int
    url: str
    unlock_url: str
    leave_url: str


@dataclass(frozen=True)
class MenuItem:
    label: str
    url: str
    icon: str
    method: str = "get"


@dataclass(frozen=True)
class _Entry:
    label: str
    endpoint: str
    icon: str
    need: Permission
    area: str
    key: str = ""
    section: str = ""
    counts: str = ""


_NAVIGATION = (
    _Entry("My queue", "home.queue", "queue", Permission.LOOK, "home", "q", counts="open_tests"),
    _Entry("Lots", "lots.index", "lot", Permission.LOOK, "lots", "l"),
    _Entry("Plate import", "imports.index", "plate", Permission.LOOK, "imports", "i"),
    _Entry("Review", "review.index", "eye", Permission.LOOK, "review", "r", "Quality",
           counts="in_review"),
    _Entry("Release", "release.index", "shield", Permission.LOOK, "release", "e",
           counts="tested"),
    _Entry("Certificates", "certificates.index", "cert", Permission.LOOK, "certificates", "c"),
    _Entry("Audit trail", "audit.index", "log", Permission.AUDIT_READ, "audit", "a",
           "Insight"),
    _Entry("Products and methods", "catalogue.index", "gear", Permission.LOOK, "catalogue", "m",
           "Set-up"),
    _Entry("Equipment and media", "laboratory.index", "tube", Permission.LOOK, "laboratory", "b"),
    _Entry("People", "admin.people", "users", Permission.LOOK, "admin", "p"),
)  # fmt: skip

# Counted to a hundred: an exact count of a long list costs more than it tells.
_COUNTS = text(
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM planned_test t JOIN lot l ON l.id = t.lot_id"
    "        WHERE t.state IN ('planned', 'in progress', 'returned')"
    "        AND l.state IN ('registered', 'in test', 'on hold') LIMIT 100) o) AS open_tests,"
    " (SELECT count(*) FROM (SELECT 1 FROM result WHERE state = 'in review' LIMIT 100) r)"
    "  AS in_review,"
    " (SELECT count(*) FROM (SELECT 1 FROM lot WHERE state = 'tested' LIMIT 100) q) AS tested"
)


def register(app: Flask) -> None:
    app.context_processor(values)
    app.jinja_env.globals["rich"] = rich
    app.jinja_env.filters.update(
        day=day, moment=moment, clock_time=clock_time, utc=utc, powers=powers, bytes=size
    )


def values() -> dict[str, object]:
    """Values for base.html and bare.html; also without a sign-in or a database."""
    common: dict[str, object] = {
        "theme": request.cookies.get("theme", "auto"),
        "version": __version__,
        "laboratory": _laboratory(),
        "errors": {},
    }
    found = g.get("visitor")
    if not isinstance(found, Visitor):
        return common
    return common | {
        "nav": _navigation(found),
        "person": _shown(found),
        "may": {permission.name: permission in found.permissions for permission in Permission},
        "lock": _lock(),
        "menu": _menu(),
        "search_url": url_for("home.search"),
        "signs_with_login": not here.continues_series(),
    }


@dataclass(frozen=True)
class _Nameless:
    name: str = "Livelot"
    zone: str = "UTC"
    demonstration: bool = False


def _laboratory() -> object:
    try:
        return here.laboratory()
    except (LimsError, OperationalError):
        return _Nameless()


def _navigation(found: Visitor) -> list[NavItem]:
    counts = here.session().execute(_COUNTS).mappings().one()
    area = (request.blueprint or "").split(".")[0]
    return [
        NavItem(
            entry.label,
            url_for(entry.endpoint),
            entry.icon,
            _counted(counts[entry.counts]) if entry.counts else "",
            entry.area == area,
            entry.key,
            entry.section,
        )
        for entry in _NAVIGATION
        if entry.need in found.permissions
    ]


def _counted(number: int) -> str:
    return "" if number == 0 else str(number) if number < 100 else "99+"  # noqa: PLR2004


def _shown(found: Visitor) -> Shown:
    name = found.person.name
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    role = ", ".join(TITLES[role] for role in found.roles) or "No role"
    return Shown(name, role, initials, found.person.login, found.person.single_keys)


def _lock() -> Lock:
    return Lock(
        here.laboratory().idle_minutes * 60,
        url_for("account.lock"),
        url_for("account.unlock"),
        url_for("account.sign_in"),
    )


def _menu() -> list[MenuItem]:
    return [
        MenuItem("My account", url_for("account.show"), "user"),
        MenuItem("Help", url_for("home.guide"), "help"),
        MenuItem("Sign out", url_for("account.sign_out"), "out", "post"),
    ]


def _zone() -> str:
    return str(getattr(_laboratory(), "zone", "UTC"))


def day(value: date | datetime | None) -> str:
    """A day with its month in letters: 22 Nov 2026."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = clock.local(value, _zone()).date()
    return f"{value.day} {value:%b %Y}"


def moment(value: datetime | None) -> str:
    """A moment on the laboratory's clock with its zone: 22 Nov 2026, 14:32 CET."""
    if value is None:
        return "–"
    shown = clock.local(value, _zone())
    return f"{shown.day} {shown:%b %Y, %H:%M %Z}"


def clock_time(value: datetime) -> str:
    return f"{clock.local(value, _zone()):%H:%M:%S}"


def utc(value: datetime) -> str:
    return f"{value.day} {value:%b %Y, %H:%M:%S} UTC"


def powers(value: object) -> Markup:
    """`1.4 × 10^10` with its exponent raised; everything else escaped as it stands."""
    escaped = str(escape(value))
    return Markup(re.sub(r"10\^([−-]?\d+)", r"10<sup>\1</sup>", escaped))  # noqa: S704


def rich(text: RichText) -> Markup:
    """A certificate's rich text as the page shows it."""
    marks = {Script.ITALIC: "em", Script.SUPERSCRIPT: "sup", Script.SUBSCRIPT: "sub"}
    parts = [
        Markup("<{0}>{1}</{0}>").format(marks[span.script], span.text)
        if span.script in marks
        else escape(span.text)
        for span in text
    ]
    return Markup("").join(parts)


def size(value: int) -> str:
    return f"{value / 1024:.0f} kB" if value < 1024 * 1024 else f"{value / 1048576:.1f} MB"


def secure_cookies() -> bool:
    return bool(current_app.extensions[here.EXTENSION]["secure_cookies"])
