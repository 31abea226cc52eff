"""Products, methods, specifications: what is in force, its versions and signatures."""

from collections.abc import Callable, Sequence

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lims.audit.act import Act
from lims.control import actions as control
from lims.control import queries as documents
from lims.control.models import Controlled, DocumentState
from lims.foundation import clock
from lims.foundation.errors import NotAllowed
from lims.foundation.permissions import Permission
from lims.pages.catalogue import drafting, lines, shown
from lims.pages.catalogue.kinds import KINDS, Kind, bp, get, kind_of
from lims.pages.refusals import NOTHING, TOLD, told
from lims.products.models import Strain
from lims.web.guard import guard
from lims.web.request import acting, laboratory, page, session, signing

__all__ = ["bp", "drafting", "lines"]

_OPEN = (DocumentState.DRAFT, DocumentState.AUTHORED)


@bp.get("/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    """Every code with the version in force and the one that is on its way."""
    wanted = request.args.get("kind", "")
    kinds = [kind for kind in KINDS.values() if not wanted or kind.word == wanted]
    strains = select(Strain).options(selectinload(Strain.references)).order_by(Strain.code)
    return page(
        "catalogue/index.html",
        title="Products and methods",
        groups=[(kind, _codes(documents.every(session(), kind.model))) for kind in kinds],
        strains=session().scalars(strains).all() if wanted in ("", "strain") else [],
        wanted=wanted,
        tabs=_tabs(wanted),
    )


def _tabs(wanted: str) -> list[tuple[str, str, str, bool]]:
    named = [("", "All"), *((kind.word, kind.plural) for kind in KINDS.values())]
    return [
        (words, url_for(".index", kind=word or None), "", word == wanted)
        for word, words in [*named, ("strain", "Strains")]
    ]


def _codes(versions: Sequence[Controlled]) -> list[dict[str, Controlled | None]]:
    """One row a code: `force` the approved version, `open` the unfinished one, `newest` any."""
    found: dict[str, dict[str, Controlled | None]] = {}
    for each in versions:
        row = found.setdefault(each.code, {"newest": each, "force": None, "open": None})
        if each.state is DocumentState.APPROVED:
            row["force"] = each
        if each.state in _OPEN:
            row["open"] = each
    return list(found.values())


# --- one document -----------------------------------------------------------------------------


@bp.get("/<word>/<int:key>")
@guard(Permission.LOOK)
def show(word: str, key: int) -> ResponseReturnValue:
    return shown.document_page(kind_of(word), key, NOTHING)


@bp.post("/<word>/<int:key>/author")
@guard(Permission.CATALOGUE_AUTHOR)
def author(word: str, key: int) -> ResponseReturnValue:
    kind = kind_of(word)

    def does(act: Act, document: Controlled, password: str, digest: str | None) -> None:
        kind.author(act, document, password, digest)

    return _signed(kind, key, "author", does)


@bp.post("/<word>/<int:key>/approve")
@guard(Permission.CATALOGUE_APPROVE)
def approve(word: str, key: int) -> ResponseReturnValue:
    kind, day = kind_of(word), clock.today(laboratory().zone)

    def does(act: Act, document: Controlled, password: str, digest: str | None) -> None:
        kind.approve(act, document, day, password, digest)

    return _signed(kind, key, "approve", does)


def _signed(
    kind: Kind,
    key: int,
    dialog: str,
    does: Callable[[Act, Controlled, str, str | None], None],
) -> ResponseReturnValue:
    """One signature; a refusal shows the document again with the dialog open."""
    try:
        with signing(request.form.get("reason")) as (act, password, digest):
            does(act, get(act.session, kind, key), password, digest)
    except TOLD as refusal:
        session().expire_all()
        reopened = "" if isinstance(refusal, NotAllowed) else dialog
        return shown.document_page(kind, key, told(refusal), reopened)
    return redirect(url_for(".show", word=kind.word, key=key))


@bp.post("/<word>/<int:key>/send-back")
@guard(Permission.CATALOGUE_APPROVE)
def send_back(word: str, key: int) -> ResponseReturnValue:
    return _acted(kind_of(word), key, "send-back", control.send_back)


@bp.post("/<word>/<int:key>/withdraw")
@guard(Permission.CATALOGUE_AUTHOR)
def withdraw(word: str, key: int) -> ResponseReturnValue:
    return _acted(kind_of(word), key, "withdraw", control.withdraw)


def _acted(
    kind: Kind, key: int, dialog: str, does: Callable[[Act, Controlled], None]
) -> ResponseReturnValue:
    try:
        with acting(request.form.get("reason")) as act:
            does(act, get(act.session, kind, key))
    except TOLD as refusal:
        return shown.document_page(kind, key, told(refusal), dialog)
    return redirect(url_for(".show", word=kind.word, key=key))


@bp.post("/<word>/<int:key>/new-version")
@guard(Permission.CATALOGUE_AUTHOR)
def new_version(word: str, key: int) -> ResponseReturnValue:
    """A draft with the same content; the reason stays with the version."""
    kind = kind_of(word)
    try:
        with acting(request.form.get("reason")) as act:
            made = kind.again(act, get(act.session, kind, key))
    except TOLD as refusal:
        return shown.document_page(kind, key, told(refusal), "new-version")
    record = shown.as_record(made)
    flash(f"{made.label} is a draft now; change it and sign it as its author.", "pass")
    return redirect(url_for(".show", word=word, key=record.id))
