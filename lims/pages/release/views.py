"""Pages of release."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("release", __name__, url_prefix="/release")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return page("account/show.html", title="release")


@bp.get("/<number>")
@guard(Permission.LOT_DECIDE)
def show(number: str) -> ResponseReturnValue:
    return page("account/show.html", title="x")
