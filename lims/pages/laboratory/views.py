"""Pages of laboratory."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("laboratory", __name__, url_prefix="/laboratory")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return page("account/show.html", title="laboratory")
