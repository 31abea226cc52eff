"""Signatures and decisions that must not come about."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    QUALITY,
    REVIEWER,
)
from lims.demonstration.street import FAILING, IN_TEST
from tests.stories import bench
from tests.stories.asking import NUMBER, REASON, events, force
from tests.stories.walking import moved_on


@pytest.mark.req("ES-06")
def test_the_same_signing_request_sent_twice_gives_one_signature(walk):
    result = walk.result(IN_TEST, "absence")
    page = walk.see(REVIEWER, f"/review/{result}")
    fields = page.form(f"/review/{result}", decision="approve").fields
    fields |= {"login": REVIEWER.login, "password": REVIEWER.password}
    client = walk.at(REVIEWER).client

    answers = [client.post(f"/review/{result}", data=fields).status_code for _ in range(2)]

    assert answers[0] == 302
    assert answers[1] in (409, 422)
    signed = "SELECT count(*) FROM signature WHERE record_type = 'result' AND record_id = :id"
    assert walk.ask(signed, id=result) == 1


@pytest.mark.req("ES-03")
def test_a_result_that_changed_after_it_was_shown_is_not_signed(walk):
    walk.new_lot(NUMBER)
    run = walk.done(NUMBER, "plate_count", ANALYST, bench.count())
    result = walk.result(NUMBER, "plate_count")
    shown = (
        walk.see(REVIEWER, f"/review/{result}").form(f"/review/{result}", decision="approve").fields
    )
    moved_on(walk.review(result, decision="return", reason=REASON))
    walk.cell(run, ANALYST, "plate:1:-6:1", "190", REASON)
    moved_on(walk.submit(run, ANALYST))

    answer = walk.at(REVIEWER).client.post(
        f"/review/{result}", data=shown | {"login": REVIEWER.login, "password": REVIEWER.password}
    )

    assert answer.status_code == 409
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


@pytest.mark.req("AC-07")
def test_a_reviewer_who_changed_one_replicate_may_not_review(walk, demo):
    """A QC approver is given the analyst's role too, and corrects one plate of nine."""
    today = str(datetime.now(UTC).date())
    moved_on(
        walk.at(ADMINISTRATOR).post(
            f"/people/{REVIEWER.login}/grant", role="analyst", starts_on=today, reason=REASON
        )
    )
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    walk.fill(run, ANALYST, bench.count())
    assert walk.cell(run, REVIEWER, "plate:1:-6:1", "181", REASON).status_code == 200
    moved_on(walk.submit(run, ANALYST))
    result = walk.result(NUMBER, "plate_count")

    answer = walk.at(REVIEWER).post(
        f"/review/{result}", decision="approve", login=REVIEWER.login, password=REVIEWER.password
    )

    assert answer.status_code == 403
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


@pytest.mark.req("AC-08")
def test_one_person_cannot_give_both_signatures_of_a_certificate(walk):
    today = str(datetime.now(UTC).date())
    moved_on(
        walk.at(ADMINISTRATOR).post(
            f"/people/{REVIEWER.login}/grant", role="qa", starts_on=today, reason=REASON
        )
    )
    walk.tested(NUMBER)
    walk.certify(NUMBER)

    answer = walk.release(NUMBER, REVIEWER)

    assert answer.status_code == 403
    assert walk.state(NUMBER) == "tested"


@pytest.mark.req("RL-02")
def test_two_releases_at_once_release_once(walk, demo):
    walk.tested(NUMBER)
    walk.certify(NUMBER)
    page = walk.see(QUALITY, f"/release/{NUMBER}")
    address = f"/release/{NUMBER}/release"
    fields = page.form(address).fields | {
        "login": QUALITY.login,
        "password": QUALITY.password,
        "reason": REASON,
    }
    cookie = walk.at(QUALITY).client.get_cookie("livelot").value
    session = walk.at(QUALITY).client.get_cookie("session").value
    answers = []

    def send():
        client = walk.app.test_client()
        client.set_cookie("livelot", cookie)
        client.set_cookie("session", session)
        answers.append(client.post(address, data=fields).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    first, second = sorted(answers)
    assert first == 302
    assert second in (409, 422)
    assert walk.state(NUMBER) == "released"
    assert (
        walk.ask(
            "SELECT count(*) FROM disposition WHERE lot_id = (SELECT id FROM lot WHERE number = :n)",
            n=NUMBER,
        )
        == 1
    )


@pytest.mark.req("OO-07")
def test_a_lot_with_a_failing_result_is_not_released_or_taken_off_hold(walk):
    resumed = walk.at(QUALITY).post(
        f"/lots/{FAILING}/resume", login=QUALITY.login, password=QUALITY.password, reason=REASON
    )
    released = walk.at(QUALITY).post(
        f"/release/{FAILING}/release", login=QUALITY.login, password=QUALITY.password, reason=REASON
    )

    assert resumed.status_code == 422
    assert released.status_code in (404, 422)
    assert walk.state(FAILING) == "on hold"


@pytest.mark.req("AC-05")
def test_an_analyst_who_posts_to_the_review_by_hand_is_refused_and_told_of(walk):
    result = walk.result(IN_TEST, "absence")

    answer = walk.at(ANALYST).post(f"/review/{result}", decision="approve")

    assert answer.status_code == 403
    assert events(walk, "access.refused") == 1


@pytest.mark.req("TI-02")
def test_a_clock_that_was_set_back_an_hour_stops_signatures(walk, demo):
    # In the first hour of a day the clock falls into the day before, when nobody had a role yet.
    force(demo, "UPDATE role_grant SET starts_on = starts_on - 1")
    result = walk.result(IN_TEST, "absence")

    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True):
        answer = walk.review(result)

    assert answer.status_code == 403
    assert "clock" in answer.text
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"
