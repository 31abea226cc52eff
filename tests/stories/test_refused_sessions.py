"""Who comes in, how long, and what a session that ended is still worth: nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from lims.app import create_app
from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    REVIEWER,
)
from lims.demonstration.street import IN_TEST
from tests.laboratory import Browser
from tests.markup import Page
from tests.stories.asking import NUMBER, REASON, events, force
from tests.stories.walking import moved_on


@pytest.mark.req("AC-19")
def test_a_cookie_copied_before_signing_out_is_worth_nothing_after_it(walk, app):
    browser = walk.at(ANALYST)
    stolen = browser.client.get_cookie("livelot").value
    moved_on(browser.post("/account/sign-out"))
    thief = app.test_client()
    thief.set_cookie("livelot", stolen)

    assert thief.get("/lots/").status_code == 302
    assert thief.get("/lots/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.req("AC-18")
def test_a_session_chosen_by_somebody_else_is_replaced_when_signing_in(app):
    browser = Browser(app)
    browser.client.set_cookie("livelot", "chosen-by-somebody-else")

    browser.sign_in(ANALYST)

    assert browser.client.get_cookie("livelot").value != "chosen-by-somebody-else"
    other = app.test_client()
    other.set_cookie("livelot", "chosen-by-somebody-else")
    assert other.get("/").status_code == 302


@pytest.mark.req("AC-18")
def test_a_second_sign_in_ends_the_first_session_and_says_so(app):
    first, second = Browser(app, ANALYST), Browser(app, ANALYST)

    answer = first.get("/lots/", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "another place" in answer.text
    assert second.get("/lots/").status_code == 200


@pytest.mark.req("AC-15")
@pytest.mark.req("AC-21")
def test_twenty_wrong_passwords_over_two_processes_lock_the_account_once(demo, app, walk):
    other = create_app(demo.settings())
    doors = [Browser(app), Browser(other)]

    answers = [doors[i % 2].sign_in(ANALYST, f"wrong password {i}") for i in range(20)]
    right = doors[0].sign_in(ANALYST)

    other.extensions["livelot"]["database"].close()
    assert set(answers) == {422}
    assert right == 422
    assert events(walk, "password.wrong") == 20
    assert events(walk, "account.locked") >= 1


@pytest.mark.req("AC-15")
@pytest.mark.req("ES-08")
def test_wrong_passwords_at_the_door_and_at_signatures_count_together(walk):
    reviewer = walk.at(REVIEWER)
    result = walk.result(IN_TEST, "absence")
    for _ in range(3):
        assert walk.review(result, password="not the password").status_code == 422
    for _ in range(2):
        Browser(walk.app).sign_in(REVIEWER, "not the password")

    locked = reviewer.get("/lots/", headers={"HX-Request": "true"})

    assert locked.status_code == 401
    assert "locked" in locked.text
    assert events(walk, "account.locked") == 1


def test_a_wrong_password_gives_the_same_words_as_an_unknown_login(app):
    known = Browser(app).post("/account/sign-in", login=ANALYST.login, password="wrong")
    unknown = Browser(app).post("/account/sign-in", login="nobody.there", password="wrong")

    def told(answer):
        return [p.text for p in Page(answer.text).all("p") if "msg-err" in p.get("class")]

    assert told(known) == told(unknown) != []


@pytest.mark.req("AC-17")
@pytest.mark.req("ES-05")
def test_after_fifteen_idle_minutes_nothing_is_signed_without_the_password_of_the_lock(walk):
    walk.at(REVIEWER).get("/")
    result = walk.result(IN_TEST, "absence")
    later = datetime.now(UTC) + timedelta(minutes=15, seconds=1)

    with time_machine.travel(later, tick=True):
        answer = walk.at(REVIEWER).post(
            f"/review/{result}",
            decision="approve",
            login=REVIEWER.login,
            password=REVIEWER.password,
        )
        page = walk.at(REVIEWER).get("/lots/")

    assert answer.status_code == 423
    assert page.status_code == 302
    assert "/account/unlock" in page.location
    assert events(walk, "session.locked") == 1
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


@pytest.mark.req("AC-17")
def test_a_session_ends_after_twelve_hours_however_busy(walk):
    browser = walk.at(ANALYST)
    start = datetime.now(UTC)
    for minutes in range(10, 12 * 60, 10):
        if minutes % 120 == 0 or minutes > 700:
            with time_machine.travel(start + timedelta(minutes=minutes), tick=True):
                browser.post("/account/unlock", password=ANALYST.password)
    with time_machine.travel(start + timedelta(hours=12, seconds=5), tick=True):
        assert browser.get("/lots/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.req("AC-09")
def test_a_role_taken_away_during_a_session_counts_at_the_next_request(walk):
    assert walk.see(ANALYST, "/lots/register")
    grant = walk.ask(
        "SELECT g.id FROM role_grant g JOIN person p ON p.id = g.person_id WHERE p.login = :login",
        login=ANALYST.login,
    )

    moved_on(
        walk.at(ADMINISTRATOR).post(f"/people/{ANALYST.login}/withdraw/{grant}", reason=REASON)
    )

    assert walk.at(ANALYST).get("/lots/register").status_code == 302
    walk.leave(ANALYST)
    assert walk.at(ANALYST).get("/lots/register").status_code == 403


@pytest.mark.req("AC-06")
def test_an_administrator_who_is_given_the_role_of_quality_cannot_release(walk, demo):
    """Granting both is refused; even when the owner of the database forces it, nothing opens."""
    refused = walk.at(ADMINISTRATOR).post(
        f"/people/{ADMINISTRATOR.login}/grant",
        role="qa",
        starts_on=str(datetime.now(UTC).date()),
        reason=REASON,
    )
    force(
        demo,
        "INSERT INTO role_grant (person_id, role, starts_on, reason)"
        f" SELECT id, 'qa', current_date, 'forced' FROM person WHERE login = '{ADMINISTRATOR.login}'",
    )
    walk.leave(ADMINISTRATOR)
    walk.tested(NUMBER)
    walk.certify(NUMBER)

    answer = walk.at(ADMINISTRATOR).post(
        f"/release/{NUMBER}/release",
        login=ADMINISTRATOR.login,
        password=ADMINISTRATOR.password,
        reason=REASON,
    )

    assert refused.status_code in (403, 422)
    assert answer.status_code == 403
    assert walk.state(NUMBER) == "tested"
