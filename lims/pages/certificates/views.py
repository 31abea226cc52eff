"""Pages of certificates."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from lims.foundation.permissions import Permission
from lims.web.guard import guard
from lims.web.request import page

bp = Blueprint("certificates", __name__, url_prefix="/certificates")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return page("account/show.html", title="certificates")


@bp.get("/check")
@guard(Permission.LOOK)
def check() -> ResponseReturnValue:
    return page("account/show.html", title="certificates")


@bp.get("/<int:certificate_id>")
@guard(Permission.LOOK)
def show(certificate_id: int) -> ResponseReturnValue:
    return page("account/show.html", title="x")


@bp.post("/prepare/<number>")
@guard(Permission.CERTIFICATE_PREPARE)
def prepare(number: str) -> ResponseReturnValue:
    return page("account/show.html", title="x")
