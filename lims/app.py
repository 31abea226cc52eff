"""The application: blueprints, guards, headers, error pages. The table of contents."""

import hashlib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy import text

from lims.foundation.db import Database
from lims.foundation.registry import load_models
from lims.web import context, door, errors, guard, headers, request

if TYPE_CHECKING:
    from config import Settings

ROOT = Path(__file__).resolve().parents[1]
LARGEST_REQUEST = 52 * 1024 * 1024

AREAS = (
    "home", "lots", "entry", "imports", "review", "release", "certificates", "catalogue",
    "laboratory", "audit", "admin", "account",
)  # fmt: skip


class CouldRewriteHistory(RuntimeError):
    """The application's login owns tables or is a superuser (SY-01)."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"The login {login} could rewrite history: it owns tables, is a superuser, or may "
            "change audit events. Serve with a login that has no such right."
        )


def create_app(settings: "Settings") -> Flask:
    """The web application of one laboratory.

    Raises:
        CouldRewriteHistory: the database login has rights that no application may have.
    """
    load_models()
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "lims" / "web" / "static"),
    )
    database = Database(settings.application_url)
    refuse_powerful_login(database)
    app.config.update(
        SECRET_KEY=hashlib.sha256(b"livelot form tokens v1" + settings.secret).digest(),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions[request.EXTENSION] = {
        "database": database,
        "strongbox": settings.strongbox,
        "reader_url": settings.reader_url,
        "secure_cookies": settings.secure_cookies,
    }
    _furnish(app)
    return app


def _furnish(app: Flask) -> None:
    CSRFProtect(app)
    door.register(app)
    context.register(app)
    errors.register(app)
    app.after_request(headers.secure)
    app.teardown_request(request.close_session)
    for area in AREAS:
        app.register_blueprint(import_module(f"lims.pages.{area}.views").bp)
    guard.public(app.view_functions["static"])
    guard.check_all(app)


def refuse_powerful_login(database: Database) -> None:
    """Nobody may serve with a login that could change what happened."""
    with database.engine.connect() as connection:
        found = connection.execute(_POWERS).one()
    if any(found[1:]):
        raise CouldRewriteHistory(str(found[0]))


_POWERS = text(
    "SELECT current_user::text,"
    " (SELECT rolsuper OR rolreplication FROM pg_roles WHERE rolname = current_user),"
    " EXISTS (SELECT 1 FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
    "         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
    "         AND pg_has_role(current_user, r.oid, 'MEMBER')),"
    " has_table_privilege('audit_event', 'INSERT') OR has_table_privilege('audit_event', 'UPDATE')"
    " OR has_table_privilege('audit_event', 'DELETE')"
    " OR has_table_privilege('audit_event', 'TRUNCATE')"
    " OR has_table_privilege('audit_head', 'UPDATE')"
)
