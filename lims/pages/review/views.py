"""Pages of review."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("review", __name__, url_prefix="/review")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return page("account/show.html", title="review")
