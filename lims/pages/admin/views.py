"""People: who may do what, today and on any past day; invitations, roles, identity."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lims.accounts import actions, queries, roles, rules
from lims.accounts.models import Person, Role, RoleGrant
from lims.audit.act import Act
from lims.foundation import clock
from lims.foundation.errors import NotFound
from lims.foundation.permissions import Permission
from lims.pages.admin.forms import AsOfForm, GrantForm, InviteForm
from lims.pages.refusals import NOTHING, TOLD, Told, misread, told
from lims.web.fields import entered
from lims.web.guard import guard
from lims.web.request import acting, laboratory, page, session

bp = Blueprint("admin", __name__, url_prefix="/people")


def _today() -> date:
    return clock.today(laboratory().zone)


@bp.get("/")
@guard(Permission.LOOK)
def people() -> ResponseReturnValue:
    """Everybody, or with `?on=` everybody's rights as of that day."""
    if request.args.get("on"):
        return _as_of(AsOfForm(request.args))
    now = clock.now()
    return page(
        "admin/people.html",
        title="People",
        people=[_row(each, now) for each in queries.everyone(session())],
        names=queries.names(session()),
    )


def _row(person: Person, now: datetime) -> dict[str, object]:
    credential = person.credential
    locked = credential is not None and rules.is_locked(credential, now)
    held = roles.held(person.grants, now.date())
    return {
        "person": person,
        "roles": [roles.TITLES[role] for role in held],
        "locked": locked,
        "last": credential.last_success_at if credential else None,
    }


def _as_of(form: AsOfForm) -> ResponseReturnValue:
    if not form.validate():
        said = misread(form.errors)
        return page("admin/as_of.html", 422, title="Access rights", day=None, rights=[],
                    typed=request.args.get("on", ""), errors=said.errors)  # fmt: skip
    day = entered(form.on.data)
    found = queries.rights_on(session(), day, _end_of(day))
    return page(
        "admin/as_of.html",
        title="Access rights",
        day=day,
        typed=day.isoformat(),
        errors={},
        rights=[(each, [roles.TITLES[role] for role in each.roles]) for each in found],
    )


def _end_of(day: date) -> datetime:
    """The first moment after a day on the laboratory's clock."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(laboratory().zone))


# --- invitation -------------------------------------------------------------------------------


@bp.get("/invite")
@guard(Permission.PEOPLE_ADMINISTER)
def new() -> ResponseReturnValue:
    return _invite_page(InviteForm(formdata=None), NOTHING)


def _invite_page(form: InviteForm, said: Told) -> ResponseReturnValue:
    template, title = "admin/invite.html", "Invite a person"
    return page(template, said.status, title=title, form=form, errors=said.errors)


@bp.post("/invite")
@guard(Permission.PEOPLE_ADMINISTER)
def invite() -> ResponseReturnValue:
    form = InviteForm()
    if not form.validate():
        return _invite_page(form, misread(form.errors))
    chosen = [Role(value) for value in form.roles.data or []]
    try:
        with acting(form.reason.data) as act:
            person, token = actions.invite(act, form.login.data or "", form.name.data or "", chosen)
    except TOLD as refusal:
        return _invite_page(form, told(refusal))
    return _shown_once(person, token, "invited")


def _shown_once(person: Person, token: str, done: str) -> ResponseReturnValue:
    """The one-time link: it is kept nowhere, so this answer is the only one that has it."""
    base = (laboratory().public_url or request.host_url).rstrip("/")
    link = base + url_for("account.invitation", token=token)
    return page("admin/invited.html", title="One-time link", invited=person, link=link, done=done)


# --- one person -------------------------------------------------------------------------------


@bp.get("/<login>")
@guard(Permission.LOOK)
def show(login: str) -> ResponseReturnValue:
    return _person_page(login, NOTHING)


def _get(login: str) -> Person:
    person = queries.find_login(session(), login)
    if person is None:
        raise NotFound("person", login)
    return person


def _person_page(login: str, said: Told, dialog: str = "") -> ResponseReturnValue:
    person, now, day = _get(login), clock.now(), _today()
    return page(
        "admin/person.html",
        said.status,
        title=person.name,
        shown=_row(person, now),
        account=person,
        grants=[_grant(each, now.date()) for each in reversed(person.grants)],
        titles=[(role.value, title) for role, title in roles.TITLES.items()],
        names=queries.names(session()),
        key=queries.current_key(session(), person),
        may_today=sorted(roles.of_person(person, now.date())),
        day=day,
        errors=said.errors,
        typed=request.form,
        dialog=dialog,
    )


def _grant(held: RoleGrant, day: date) -> dict[str, object]:
    over = held.ends_on is not None and held.ends_on < day
    return {"grant": held, "title": roles.TITLES[held.role], "over": over}


@bp.post("/<login>/grant")
@guard(Permission.PEOPLE_ADMINISTER)
def grant(login: str) -> ResponseReturnValue:
    form = GrantForm()
    if not form.validate():
        return _person_page(login, misread(form.errors), "grant")
    role, first, last = Role(form.role.data), entered(form.starts_on.data), form.ends_on.data
    done = f"{roles.TITLES[role]} is granted to {login}."
    return _acted(login, lambda act, p: actions.grant(act, p, role, first, last), done, "grant")


@bp.post("/<login>/withdraw/<int:grant_id>")
@guard(Permission.PEOPLE_ADMINISTER)
def withdraw(login: str, grant_id: int) -> ResponseReturnValue:
    def does(act: Act, person: Person) -> None:
        held = next((each for each in person.grants if each.id == grant_id), None)
        if held is None:
            raise NotFound("grant", grant_id)
        actions.withdraw(act, person, held)

    return _acted(login, does, "The role is withdrawn; it counts no more.", f"w{grant_id}")


@bp.post("/<login>/unlock")
@guard(Permission.PEOPLE_ADMINISTER)
def unlock(login: str) -> ResponseReturnValue:
    return _acted(login, actions.unlock, f"{login} is unlocked.", "unlock")


@bp.post("/<login>/disable")
@guard(Permission.PEOPLE_ADMINISTER)
def disable(login: str) -> ResponseReturnValue:
    return _acted(login, actions.disable, f"{login} is disabled for good.", "disable")


@bp.post("/<login>/reset")
@guard(Permission.PEOPLE_ADMINISTER)
def reset(login: str) -> ResponseReturnValue:
    try:
        with acting(request.form.get("reason")) as act:
            person = _get(login)
            token = actions.reset(act, person)
    except TOLD as refusal:
        return _person_page(login, told(refusal), "reset")
    return _shown_once(person, token, "reset")


@bp.post("/<login>/identity")
@guard(Permission.IDENTITY_CHECK)
def identity(login: str) -> ResponseReturnValue:
    evidence = request.form.get("evidence", "")
    done = f"The identity of {login} is verified; signatures are possible."
    return _acted(login, lambda act, p: actions.verify_identity(act, p, evidence), done, "identity")


def _acted(
    login: str, does: Callable[[Act, Person], None], done: str, dialog: str
) -> ResponseReturnValue:
    """One act on one account; a refusal shows the page again with the form open."""
    try:
        with acting(request.form.get("reason")) as act:
            does(act, _get(login))
    except TOLD as refusal:
        return _person_page(login, told(refusal), dialog)
    flash(done, "pass")
    return redirect(url_for(".show", login=login))
