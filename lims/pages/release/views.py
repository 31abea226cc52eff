"""Release: conditions computed now, what is unusual, the certificate, one decision."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims.accounts import queries as people
from lims.certificates import actions as certificates
from lims.certificates import queries as certificate_queries
from lims.certificates.content import plain
from lims.certificates.models import CertificateState
from lims.disposition import queries as dispositions
from lims.foundation import canonical, clock
from lims.foundation.errors import Stale
from lims.foundation.permissions import Permission
from lims.lots import actions as lot_actions
from lims.lots import queries as lots
from lims.lots.models import Lot, LotState
from lims.pages.lots.views import strip_of
from lims.pages.refusals import NOTHING, TOLD, Told, told
from lims.results import queries as results
from lims.web.guard import guard
from lims.web.request import page, session, signing
from lims.workflow import deciding

bp = Blueprint("release", __name__, url_prefix="/release")


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    found = [
        lot
        for state in (LotState.TESTED, LotState.ON_HOLD)
        for lot in lots.page(session(), lots.Filter(state=state)).lots
    ]
    families = results.by_family(session(), [lot.id for lot in found])
    return page(
        "release/index.html",
        title="Release",
        lots=[(lot, strip_of(families.get(lot.id, []))) for lot in found],
    )


@bp.get("/<number>")
@guard(Permission.LOT_DECIDE)
def show(number: str) -> ResponseReturnValue:
    return _release_page(lots.get(session(), number), NOTHING, "")


def _release_page(lot: Lot, said: Told, dialog: str) -> ResponseReturnValue:
    conditions = deciding.conditions(session(), lot)
    certificate = certificate_queries.current(session(), lot)
    file = certificate_queries.newest_file(certificate) if certificate else None
    digest = ""
    if certificate is not None and file is not None:
        digest = canonical.digest(certificates.content(certificate, file))
    return page(
        "release/show.html",
        said.status,
        title=f"Release {lot.number}",
        lot=lot,
        conditions=conditions,
        ready=all(each.holds for each in conditions) and lot.state is LotState.TESTED,
        unusual=deciding.unusual(session(), lot),
        certificate=certificate,
        signed=certificate is not None and certificate.state is CertificateState.SIGNED,
        content=certificates.content_of(certificate) if certificate else None,
        plain=plain,
        digest=digest,
        lot_digest=canonical.digest(lot_actions.content(lot)),
        decisions=dispositions.of_lot(session(), lot),
        names=people.names(session()),
        errors=said.errors,
        dialog=dialog,
        now=clock.now(),
        typed_reason=request.form.get("reason", ""),
    )


@bp.post("/<number>/release")
@guard(Permission.LOT_DECIDE)
def release(number: str) -> ResponseReturnValue:
    """One password: the certificate is issued and the lot released, in one act."""
    return _decided(number, "release")


@bp.post("/<number>/hold")
@guard(Permission.LOT_DECIDE)
def hold(number: str) -> ResponseReturnValue:
    return _decided(number, "hold")


@bp.post("/<number>/reject")
@guard(Permission.LOT_DECIDE)
def reject(number: str) -> ResponseReturnValue:
    return _decided(number, "reject")


def _decided(number: str, what: str) -> ResponseReturnValue:
    lot = lots.get(session(), number)
    try:
        _check_shown(lot, what)
        with signing(request.form.get("reason")) as (act, password, shown):
            if what == "release":
                certificate = certificate_queries.get_current(session(), lot)
                deciding.release(act, lot, certificate, password, shown)
            elif what == "hold":
                deciding.hold(act, lot, password)
            else:
                deciding.reject(act, lot, password)
    except TOLD as refusal:
        session().expire_all()
        return _release_page(lots.get(session(), number), told(refusal), what)
    return redirect(url_for("lots.show", number=number))


def _check_shown(lot: Lot, what: str) -> None:
    """Hold and reject are about the lot as it was shown; a release is about its certificate."""
    shown = request.form.get("fingerprint", "")
    if what != "release" and shown and shown != canonical.digest(lot_actions.content(lot)):
        raise Stale(f"Lot {lot.number}")
