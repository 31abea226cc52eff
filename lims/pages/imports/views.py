"""Pages of imports."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("imports", __name__, url_prefix="/imports")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return page("account/show.html", title="imports")


@bp.get("/<int:import_id>")
@guard(Permission.LOOK)
def show(import_id: int) -> ResponseReturnValue:
    return page("account/show.html", title="x")
