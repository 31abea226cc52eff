"""Pages of admin."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("admin", __name__, url_prefix="/people")


@bp.get("/")
@guard(Permission.LOOK)
def people() -> ResponseReturnValue:
    return page("account/show.html", title="admin")
