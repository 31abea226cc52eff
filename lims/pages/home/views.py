"""Pages of home."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("home", __name__)


@bp.get("/")
@guard(Permission.LOOK)
def queue() -> ResponseReturnValue:
    return page("account/show.html", title="home")


@bp.get("/search")
@guard(Permission.LOOK)
def search() -> ResponseReturnValue:
    return page("account/show.html", title="home")


@bp.get("/help")
@guard(Permission.LOOK)
def guide() -> ResponseReturnValue:
    return page("account/show.html", title="home")
