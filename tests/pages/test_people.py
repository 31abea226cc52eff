"""People: invited, given roles, unlocked, reset, disabled; their rights on any past day."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from lims.accounts.models import Role
from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    INSPECTOR,
    LOGINS,
    MANAGER,
    QUALITY,
    REVIEWER,
    Login,
)
from tests.laboratory import BY_ROLE
from tests.pages.bench import events, statements

TODAY = datetime.now(UTC).date()
WHY = "Asked for by the head of the laboratory"
WORDS = "yellow bridges carry quiet trains"


def invitation(**changed):
    return {"login": "new.person", "name": "Nia Newcomer", "roles": ["analyst"],
            "reason": WHY} | changed  # fmt: skip


def link_in(page: str) -> str:
    found = re.search(r'value="(http[^"]+)"', page)
    assert found is not None
    return re.sub(r"^https?://[^/]+", "", found[1])


def grant_of(browser_, login: str, title: str) -> str:
    """The address that withdraws a role, as the page of a person offers it."""
    page = browser_.get(f"/people/{login}").text
    found = re.search(
        rf"Withdraw {title}.*?action=\"(/people/{login}/withdraw/\d+)\"", page, re.DOTALL
    )
    assert found is not None
    return found[1]


@pytest.mark.req("AC-04")
def test_an_invited_person_comes_in_is_identified_and_can_sign(browser, demo):
    ada, mia = browser(ADMINISTRATOR), browser(MANAGER)
    link = link_in(ada.post("/people/invite", **invitation()).text)
    nia = browser(None)
    told = {"password": WORDS, "again": WORDS}

    assert nia.post(link, **told).status_code == 302
    assert nia.post(link, **told).status_code == 403, "the link works once"
    assert nia.sign_in(Login("new.person", "Nia", WORDS, "", ())) == 302
    seen = mia.post("/people/new.person/identity", evidence="passport shown in person")
    assert seen.status_code == 302
    assert "passport shown in person" in mia.get("/people/new.person").text
    assert events(demo, "person.identity_verified") == len(LOGINS) + 1


def test_the_one_time_link_is_shown_once_and_never_again(browser):
    ada = browser(ADMINISTRATOR)
    link = link_in(ada.post("/people/invite", **invitation()).text)
    token = link.rsplit("/", 1)[1]

    for page in ("/people/", "/people/new.person", "/audit/?words=new.person"):
        assert token not in ada.get(page).text


@pytest.mark.req("AC-01")
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"login": "аna"}, "letters a to z"),
        ({"login": "ANA.ANALYST"}, "was given before"),
        ({"login": " ana.analyst "}, "was given before"),
        ({"login": "a b"}, "letters a to z"),
        ({"login": ""}, "Enter a login"),
        ({"name": " "}, "Enter the full name"),
        ({"reason": "soon"}, "at least 10 characters"),
        ({"roles": ["emperor"]}, "not"),
        ({"roles": ["administrator", "qa"]}, "enters, reviews, approves and releases nothing"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_where_it_was_written(seated, changed, sentence):
    answer = seated(ADMINISTRATOR).post("/people/invite", **invitation(**changed))

    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.req("AC-01")
def test_a_disabled_login_is_never_given_again_and_its_link_is_dead(browser):
    ada = browser(ADMINISTRATOR)
    link = link_in(ada.post("/people/invite", **invitation()).text)
    ada.post("/people/new.person/disable", reason=WHY)

    assert browser(None).get(link).status_code == 403
    assert ada.post("/people/invite", **invitation(login="New.Person")).status_code == 422
    assert ada.post("/people/new.person/reset", reason=WHY).status_code == 422
    assert ada.post("/people/new.person/disable", reason=WHY).status_code == 422


@pytest.mark.req("AC-06")
@pytest.mark.parametrize("role", ["analyst", "qc_approver", "qa", "lab_manager"])
def test_an_administrator_cannot_hold_a_part_in_quality(seated, role):
    told = {"role": role, "starts_on": str(TODAY), "reason": WHY}

    answer = seated(ADMINISTRATOR).post("/people/ada.admin/grant", **told)

    assert answer.status_code == 422
    assert "enters, reviews, approves and releases nothing" in answer.text


@pytest.mark.req("AC-06")
def test_administration_is_not_given_to_somebody_who_takes_part(seated):
    told = {"role": "administrator", "starts_on": str(TODAY), "reason": WHY}

    assert seated(ADMINISTRATOR).post("/people/ana.analyst/grant", **told).status_code == 422


@pytest.mark.req("AC-09")
def test_a_role_ends_at_the_next_request(browser):
    ada, ana = browser(ADMINISTRATOR), browser(ANALYST)
    address = grant_of(ada, "ana.analyst", "Analyst")

    assert ada.post(address, reason=WHY).status_code == 302
    assert ana.get("/lots/register").status_code == 302, "the session ended"
    ana.sign_in(ANALYST)
    assert ana.get("/lots/register").status_code == 403
    assert ada.post(address, reason=WHY).status_code == 422, "it ended already"


@pytest.mark.req("AC-09")
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"starts_on": str(TODAY - timedelta(days=3))}, "starts today or later"),
        ({"ends_on": str(TODAY - timedelta(days=1))}, "before the first"),
        ({"reason": ""}, "at least 10 characters"),
        ({"starts_on": "tomorrow"}, "is not a date"),
        ({"role": "analyst"}, "held on these days already"),
        ({"role": "emperor"}, "Not a valid choice"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(seated, changed, sentence):
    told = {"role": "qc_approver", "starts_on": str(TODAY + timedelta(days=2)), "reason": WHY}

    answer = seated(ADMINISTRATOR).post("/people/ana.analyst/grant", **(told | changed))

    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.mark.req("AC-14")
def test_nobody_resets_disables_or_withdraws_their_own_account(browser):
    ada = browser(ADMINISTRATOR)

    for what in ("reset", "disable"):
        answer = ada.post(f"/people/ada.admin/{what}", reason=WHY)
        assert answer.status_code == 403
        assert "your own account" in answer.text
    own = ada.post(grant_of(ada, "ada.admin", "Administrator"), reason=WHY)
    assert own.status_code == 403
    assert "your own role" in own.text


@pytest.mark.req("AC-04")
def test_nobody_verifies_their_own_identity_or_without_saying_what_was_seen(seated):
    mia = seated(MANAGER)

    own = mia.post("/people/mia.manager/identity", evidence="I know myself")
    assert own.status_code == 403
    assert "their own identity" in own.text
    empty = mia.post("/people/ana.analyst/identity", evidence="ok")
    assert empty.status_code == 422
    assert "Say what was seen" in empty.text


@pytest.mark.req("AC-14")
def test_after_a_reset_signing_is_off_until_another_person_has_checked(browser):
    ada, rex = browser(ADMINISTRATOR), browser(REVIEWER)

    link = link_in(ada.post("/people/rex.reviewer/reset", reason=WHY).text)

    assert rex.get("/lots/").status_code == 302, "every session ended"
    browser(None).post(link, password=WORDS, again=WORDS)
    assert rex.sign_in(REVIEWER, WORDS) == 302
    assert "not yet: you cannot sign" in rex.get("/account/").text
    assert browser(QUALITY).post(
        "/people/rex.reviewer/identity", evidence="badge and face"
    ).status_code == 302  # fmt: skip


@pytest.mark.req("AC-15")
def test_a_locked_account_is_shown_and_unlocked_with_a_reason(browser):
    ada, ana = browser(ADMINISTRATOR), browser(None)
    for _ in range(5):
        ana.sign_in(ANALYST, "not the password at all")

    assert ana.sign_in(ANALYST) == 422
    assert "Locked" in ada.get("/people/ana.analyst").text
    assert ada.post("/people/ana.analyst/unlock", reason="no").status_code == 422
    assert ada.post("/people/ana.analyst/unlock", reason=WHY).status_code == 302
    assert ana.sign_in(ANALYST) == 302


def rebuilt(demo, login: str, day: date) -> set[str]:
    """The roles of a person on a day, from nothing but the audit trail."""
    engine = create_engine(demo.urls.reader)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT hashed FROM audit_event ORDER BY id")).scalars()
        bodies = [json.loads(row)["body"] for row in rows]
    engine.dispose()
    grants: dict[int, dict[str, str]] = {}
    for body in bodies:
        for change in body["changes"]:
            if change["type"] == "role_grant" and body["record"]["label"] == login:
                grants.setdefault(change["id"], {})[change["field"]] = change["new"]
    return {
        each["role"]
        for each in grants.values()
        if each["starts_on"] <= str(day) and (each.get("ends_on") or "9999") >= str(day)
    }


@pytest.mark.req("AC-11")
def test_rights_as_of_a_day_equal_those_rebuilt_from_the_trail(browser, demo):
    ada = browser(ADMINISTRATOR)
    later = TODAY + timedelta(days=5)
    told = {"starts_on": str(later), "ends_on": str(later), "reason": WHY}
    ada.post("/people/ana.analyst/grant", role="qc_approver", **told)
    ada.post(grant_of(ada, "abe.analyst", "Analyst"), reason=WHY)

    for day in (TODAY - timedelta(days=1), TODAY, later, later + timedelta(days=1)):
        page = ada.get(f"/people/?on={day}").text
        for who in ("ana.analyst", "abe.analyst"):
            cells = re.search(rf"{who}</span></th><td[^>]*>([^<]*)</td>", page)
            shown = cells[1] if cells else "none"
            titles = {"analyst": "Analyst", "qc_approver": "QC approver"}
            wanted = {titles[role] for role in rebuilt(demo, who, day)} if cells else set()
            assert set(shown.split(", ")) - {"none"} == wanted, (day, who)


@pytest.mark.req("AC-11")
def test_nobody_had_rights_before_the_laboratory_and_a_bad_day_is_said(seated):
    ines = seated(INSPECTOR)

    assert "Nobody had an account on that day" in ines.get("/people/?on=2001-01-01").text
    wrong = ines.get("/people/?on=yesterday")
    assert wrong.status_code == 422
    assert "is not a date" in wrong.text


ADMINISTRATORS = (
    ("GET", "/people/invite"),
    ("POST", "/people/invite"),
    ("POST", "/people/ana.analyst/grant"),
    ("POST", "/people/ana.analyst/withdraw/1"),
    ("POST", "/people/ana.analyst/unlock"),
    ("POST", "/people/ana.analyst/reset"),
    ("POST", "/people/ana.analyst/disable"),
)


@pytest.mark.req("AC-05")
@pytest.mark.parametrize("role", Role)
def test_who_may_do_what_with_accounts(seated, role):
    who = seated(BY_ROLE[role])

    for method, address in ADMINISTRATORS:
        answer = who.get(address) if method == "GET" else who.post(address)
        assert (answer.status_code == 403) == (role is not Role.ADMINISTRATOR), address
    checked = who.post("/people/ana.analyst/identity")
    assert (checked.status_code == 403) == (role not in (Role.QA, Role.LAB_MANAGER))
    for page in ("/people/", "/people/ana.analyst", f"/people/?on={TODAY}"):
        assert who.get(page).status_code == 200
    assert who.get("/people/nobody").status_code == 404


def test_the_list_asks_the_same_number_of_questions_whatever_there_is(browser, app):
    ada = browser(ADMINISTRATOR)
    ada.get("/people/")
    counted = []
    for number in range(2):
        with statements(app) as seen:
            ada.get("/people/")
            ada.get(f"/people/?on={TODAY}")
        counted.append(len(seen))
        for letter in "abc":
            ada.post("/people/invite", **invitation(login=f"{letter}.new{number}"))

    assert counted[0] == counted[1]
