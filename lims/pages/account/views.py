"""Sign in, lock, change of password, invitations."""

from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims.accounts import actions, doors, queries
from lims.accounts.keys import WrongPassword
from lims.accounts.rules import LoginRefused
from lims.audit import act as acts
from lims.foundation import clock
from lims.foundation.errors import RuleBroken
from lims.foundation.permissions import Permission
from lims.pages.account.forms import ChangePasswordForm, NewPasswordForm, SignInForm, UnlockForm
from lims.pages.refusals import told
from lims.web import door
from lims.web.context import secure_cookies
from lims.web.guard import guard, public
from lims.web.request import (
    acting,
    database,
    is_fragment,
    page,
    session,
    source,
    strongbox,
    visitor,
)

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    form = SignInForm(formdata=None, next=request.args.get("next", ""))
    return page(
        "account/sign_in.html", form=form, title="Sign in", ended=request.args.get("ended") == "1"
    )


@bp.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate():
        return page(
            "account/sign_in.html", 422, form=form, title="Sign in", errors=form.errors, ended=False
        )
    try:
        token = doors.sign_in(
            database(), form.login.data or "", form.password.data or "", source(), strongbox()
        )
    except LoginRefused as refusal:
        return page(
            "account/sign_in.html",
            422,
            form=form,
            title="Sign in",
            ended=False,
            errors={"password": str(refusal)},
        )
    response = make_response(redirect(door.own_address(form.next.data)))
    door.set_cookie(response, token, secure=secure_cookies())
    return response


@bp.post("/sign-out")
@guard(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    doors.sign_out(database(), visitor(), source())
    response = make_response(redirect(url_for("account.sign_in")))
    door.drop_cookie(response)
    return response


@bp.post("/lock")
@guard(Permission.OWN_ACCOUNT)
def lock() -> ResponseReturnValue:
    doors.lock(session(), visitor(), source(), "by hand")
    return "", 204


@bp.route("/unlock", methods=["GET", "POST"])
@guard(Permission.OWN_ACCOUNT)
def unlock() -> ResponseReturnValue:
    """Go on after the lock: from the dialog over a kept page, or on a page of its own."""
    form = UnlockForm(next=request.values.get("next", ""))
    quiet = is_fragment() or "X-CSRFToken" in request.headers
    if request.method == "GET" or not form.validate():
        return page(
            "account/unlock.html",
            200 if request.method == "GET" else 422,
            form=form,
            title="Locked",
            errors=form.errors,
        )
    try:
        doors.unlock(database(), visitor(), form.password.data or "", source())
    except LoginRefused as refusal:
        if quiet:
            return str(refusal), 422, {"Content-Type": "text/plain; charset=utf-8"}
        return page(
            "account/unlock.html", 422, form=form, title="Locked", errors={"password": str(refusal)}
        )
    return ("", 204) if quiet else redirect(door.own_address(form.next.data))


@bp.get("/")
@guard(Permission.OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    return _own_page(ChangePasswordForm(formdata=None), 200, {})


def _own_page(form: ChangePasswordForm, status: int, errors: dict[str, str]) -> ResponseReturnValue:
    person = visitor().person
    return page(
        "account/show.html",
        status,
        form=form,
        errors=errors,
        title="My account",
        account=person,
        key=queries.current_key(session(), person),
        names=queries.names(session()),
    )


@bp.post("/password")
@guard(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    if not form.validate():
        return _own_page(form, 422, form.errors)
    try:
        with acting("Change of the own password") as act:
            person = queries.get(session(), visitor().person.id)
            actions.change_password(act, person, form.old.data or "", form.password.data or "")
    except WrongPassword:
        return _own_page(form, 422, {"old": "This is not your present password."})
    except RuleBroken as refusal:
        return _own_page(form, 422, told(refusal).errors)
    flash("Your password is changed. Sign in with the new one.", "pass")
    return redirect(url_for("account.sign_in"))


@bp.post("/shortcuts")
@guard(Permission.OWN_ACCOUNT)
def set_shortcuts() -> ResponseReturnValue:
    """Single-letter keys on or off for this person (WCAG 2.1.4)."""
    wanted = request.form.get("on") == "y"
    with acting() as act:
        actions.prefer_single_keys(act, queries.get(session(), visitor().person.id), on=wanted)
    return redirect(url_for("account.show"))


@bp.get("/invitation/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    person = actions.find_invitation(session(), token, clock.now())
    return page(
        "account/invitation.html",
        form=NewPasswordForm(formdata=None),
        invited=person,
        title="Choose your password",
        token=token,
    )


@bp.post("/invitation/<token>")
@public
def accept(token: str) -> ResponseReturnValue:
    """The invited person chooses a password; the act is their own."""
    person = actions.find_invitation(session(), token, clock.now())
    form = NewPasswordForm()
    errors = form.errors if not form.validate() else {}
    if not errors:
        try:
            actor = queries.actor(person, ())
            with acts.acting(session(), actor, "", source(), strongbox()) as act:
                actions.accept_invitation(act, person, token, form.password.data or "")
        except RuleBroken as refusal:
            errors = told(refusal).errors
        else:
            flash("Your account is active. Sign in.", "pass")
            return redirect(url_for("account.sign_in"))
    return page(
        "account/invitation.html",
        422,
        form=form,
        invited=person,
        errors=errors,
        title="Choose your password",
        token=token,
    )
