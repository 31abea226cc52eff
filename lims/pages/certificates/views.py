"""Certificates: register, signature of quality control, files; and the public check."""

from cryptography.hazmat.primitives import serialization
from flask import Blueprint, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lims.accounts import keys
from lims.accounts import queries as people
from lims.accounts import signing as signatures
from lims.certificates import actions, queries, rules
from lims.certificates.content import plain
from lims.certificates.models import Certificate
from lims.certificates.register_entry import NotRegistered, RegisterEntry, RegisterState
from lims.foundation import canonical, clock
from lims.foundation.errors import NotFound
from lims.foundation.permissions import Permission
from lims.lots import queries as lots
from lims.pages.refusals import NOTHING, TOLD, Told, told
from lims.web.guard import guard, public
from lims.web.request import acting, laboratory, page, session, signing, strongbox
from lims.workflow import deciding

bp = Blueprint("certificates", __name__)


@bp.get("/certificates/")
@guard(Permission.LOOK)
def index() -> ResponseReturnValue:
    return page(
        "certificates/index.html", title="Certificates", certificates=queries.newest(session())
    )


@bp.post("/certificates/register.json")
@guard(Permission.LOOK)
def register() -> ResponseReturnValue:
    """The register as a signed file; the trail tells who took it, and that the authority signed."""
    with acting() as act:
        content = actions.hand_out_register(act)
        day = f"{clock.local(act.at, laboratory().zone):%Y-%m-%d}"
    return _attached(content.encode(), f"register-{day}.json", "application/json")


@bp.post("/certificates/prepare/<number>")
@guard(Permission.CERTIFICATE_PREPARE)
def prepare(number: str) -> ResponseReturnValue:
    with acting() as act:
        made = actions.prepare(act, lots.get(session(), number))
    return redirect(url_for(".show", certificate_id=made.id))


@bp.get("/certificates/<int:certificate_id>")
@guard(Permission.LOOK)
def show(certificate_id: int) -> ResponseReturnValue:
    return _certificate_page(queries.get(session(), certificate_id), NOTHING, "")


def _certificate_page(certificate: Certificate, said: Told, dialog: str) -> ResponseReturnValue:
    file = queries.newest_file(certificate)
    return page(
        "certificates/show.html",
        said.status,
        title=certificate.label,
        certificate=certificate,
        content=actions.content_of(certificate),
        plain=plain,
        file=file,
        signatures=people.signatures_of(session(), certificate),
        names=people.names(session()),
        digest=canonical.digest(actions.content(certificate, file)),
        errors=said.errors,
        dialog=dialog,
        now=clock.now(),
        typed_reason=request.form.get("reason", ""),
    )


@bp.post("/certificates/<int:certificate_id>/sign")
@guard(Permission.CERTIFICATE_SIGN)
def sign(certificate_id: int) -> ResponseReturnValue:
    """The signature of quality control, the first of two."""
    return _signed(certificate_id, "sign")


@bp.post("/certificates/<int:certificate_id>/void")
@guard(Permission.CERTIFICATE_SIGN)
def void(certificate_id: int) -> ResponseReturnValue:
    return _signed(certificate_id, "void")


@bp.post("/certificates/<int:certificate_id>/withdraw")
@guard(Permission.LOT_DECIDE)
def withdraw(certificate_id: int) -> ResponseReturnValue:
    """Of an issued certificate, by quality assurance; the lot goes on hold."""
    return _signed(certificate_id, "withdraw")


def _signed(certificate_id: int, what: str) -> ResponseReturnValue:
    certificate = queries.get(session(), certificate_id)
    try:
        with signing(request.form.get("reason")) as (act, password, shown):
            if what == "sign":
                actions.sign_for_quality_control(act, certificate, password, shown)
            elif what == "withdraw":
                deciding.withdraw(act, certificate, password)
            else:
                actions.void(act, certificate, password)
    except TOLD as refusal:
        session().expire_all()
        return _certificate_page(queries.get(session(), certificate_id), told(refusal), what)
    return redirect(url_for(".show", certificate_id=certificate_id))


@bp.get("/certificates/<int:certificate_id>/pdf")
@guard(Permission.LOOK)
def pdf(certificate_id: int) -> ResponseReturnValue:
    """The newest stage of the PDF, byte for byte, its hash checked first."""
    certificate = queries.get(session(), certificate_id)
    with acting() as act:
        content = actions.hand_out(act, certificate)
    return _file(content, f"{certificate.number}-v{certificate.version}.pdf")


@bp.get("/certificates/draft/<number>.pdf")
@guard(Permission.CERTIFICATE_PREPARE)
def draft(number: str) -> ResponseReturnValue:
    """What the certificate would say now, marked as a draft on each page and not signable."""
    lot = lots.get(session(), number)
    return _file(actions.draft(session(), lot, clock.now()), f"DRAFT-{lot.number}.pdf")


def _file(content: bytes, name: str, kind: str = "application/pdf") -> Response:
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


# --- the public check: the verdict and nothing else -------------------------------------------


@bp.get("/verify")
@public
def check() -> ResponseReturnValue:
    number = request.args.get("number", "").strip().upper()
    if number:
        return redirect(url_for(".checked", key=number, code=request.args.get("code", "")))
    return _check_page(None, "", 200)


@bp.get("/verify/<key>")
@public
def checked(key: str) -> ResponseReturnValue:
    """By the SHA-256 of a file, which only its holder can compute, or by number with its code."""
    digest = key.lower()
    if len(digest) == 64 and set(digest) <= set("0123456789abcdef"):  # noqa: PLR2004
        entry = queries.register_entry(session(), digest)
        same = isinstance(entry, RegisterEntry) and entry.sha256 == digest
        if "application/json" in request.headers.get("Accept", ""):
            tone, title, text = _answer(entry, by_file=True, newest=same)
            return jsonify(tone=tone, title=title, text=text)
        return _check_page(entry, digest, 200, newest=same)
    code = request.args.get("code", "")
    if not rules.same_code(code, key.upper(), strongbox().secret):
        return _check_page(None, key, 404)
    return _check_page(queries.by_number(session(), key.upper()), key, 200)


_TONES = {
    RegisterState.CURRENT: ("pass", "Genuine and in force.", "was issued and is in force"),
    RegisterState.SUPERSEDED: ("warn", "Replaced.", "is genuine but was replaced by a new version"),
    RegisterState.VOID: ("fail", "Void.", "was taken out of force and must not be used"),
    RegisterState.PREPARED: ("warn", "Not issued.", "is prepared and was not signed yet"),
    RegisterState.SIGNED_BY_QC: ("warn", "Not issued.", "still waits for its last signature"),
}


def _answer(
    entry: RegisterEntry | NotRegistered | None, *, by_file: bool, newest: bool = True
) -> tuple[str, str, str]:
    """Tone, title and one sentence about what was asked."""
    if not isinstance(entry, RegisterEntry):
        what = "this file" if by_file else "this number with this code"
        return "fail", "Not ours.", f"The register does not know {what}. Do not rely on it."
    if by_file and not newest:
        return (
            "fail",
            "Not the final file.",
            f"A signature is missing: this is an earlier stage of certificate {entry.number}.",
        )
    tone, title, words = _TONES[entry.state]
    text = f"Certificate {entry.number}, version {entry.version}, {words}. The lot is "
    return tone, title, f"{text}{entry.lot_state} at this moment."


def _check_page(
    entry: RegisterEntry | NotRegistered | None, asked: str, status: int, *, newest: bool = True
) -> ResponseReturnValue:
    by_file = len(asked) == 64  # noqa: PLR2004
    answer = _answer(entry, by_file=by_file, newest=newest) if asked else None
    authority = signatures.authority_certificate(strongbox())
    return page(
        "certificates/check.html",
        status,
        title="Check a certificate",
        unit="Quality control",
        scripts=["verify.js"],
        entry=entry if isinstance(entry, RegisterEntry) else None,
        answer=answer,
        asked=asked,
        by_file=by_file,
        expected=entry.sha256 if isinstance(entry, RegisterEntry) else "",
        fingerprint=keys.fingerprint(authority),
        revoked=laboratory().revocation_list is not None,
        checked_at=clock.now(),
    )


@bp.get("/verify/revocations.pem")
@public
def revocations() -> ResponseReturnValue:
    """The signed list of revoked certificates, for a check without this server."""
    pem = laboratory().revocation_list
    if pem is None:
        raise NotFound("revocation list:", "no certificate was revoked so far")
    return _attached(pem.encode(), "revocations.pem")


@bp.get("/verify/authority.pem")
@public
def authority() -> ResponseReturnValue:
    """The laboratory's CA certificate, for the trust store of a PDF reader."""
    certificate = signatures.authority_certificate(strongbox())
    content = certificate.public_bytes(serialization.Encoding.PEM)
    return _attached(content, "authority.pem")


def _attached(content: bytes, name: str, kind: str = "application/x-pem-file") -> Response:
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
