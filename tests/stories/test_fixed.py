"""What is fixed when a lot is registered, and what a lot needs before it is called conforming."""

import pytest

from lims.demonstration.people import ANALYST, INSPECTOR, MANAGER, QUALITY, REVIEWER
from tests.stories import bench
from tests.stories.walking import moved_on

WHY = "Limits follow the process validation"


@pytest.mark.req("LR-02")
def test_a_lot_stays_under_the_version_it_was_registered_with(walk):
    walk.new_lot("BL07-26-0801")
    page = "/catalogue/specification/1"
    made = walk.at(MANAGER).post(f"{page}/new-version", reason=WHY)
    moved_on(walk.sign(MANAGER, made.location, f"{made.location}/author"))
    moved_on(walk.sign(QUALITY, made.location, f"{made.location}/approve"))
    walk.new_lot("BL07-26-0802")

    old, new = (walk.at(ANALYST).get(f"/lots/BL07-26-080{n}").text for n in (1, 2))

    code = walk.ask("SELECT code FROM specification WHERE id = 1")
    assert f"{code} v1" in old
    assert f"{code} v2" not in old
    assert f"{code} v2" in new


@pytest.mark.req("LR-06")
def test_a_lot_with_one_test_missing_is_incomplete_and_never_conforms(walk):
    walk.new_lot("BL07-26-0803")
    walk.done("BL07-26-0803", "plate_count", ANALYST, bench.count())
    result = walk.result("BL07-26-0803", "plate_count")
    moved_on(walk.review(result, REVIEWER))

    prepared = walk.at(REVIEWER).post("/certificates/prepare/BL07-26-0803")
    draft = walk.at(REVIEWER).get("/certificates/draft/BL07-26-0803.pdf")

    assert prepared.status_code == 422
    assert "All tests approved" in prepared.text
    assert walk.ask("SELECT count(*) FROM certificate c JOIN lot l ON l.id = c.lot_id"
                    " WHERE l.number = 'BL07-26-0803'") == 0  # fmt: skip
    assert draft.status_code == 200
    assert walk.state("BL07-26-0803") == "in test"


@pytest.mark.req("ES-02")
def test_a_meaning_outside_the_list_is_not_signed_and_the_meaning_is_shown_before(walk):
    walk.new_lot("BL07-26-0804")
    walk.done("BL07-26-0804", "plate_count", ANALYST, bench.count())
    result = walk.result("BL07-26-0804", "plate_count")

    shown = walk.at(REVIEWER).get(f"/review/{result}").text
    refused = walk.at(REVIEWER).post(
        f"/review/{result}", decision="blessed", login=REVIEWER.login, password=REVIEWER.password
    )

    assert "Meaning" in shown
    assert "reviewed" in shown
    assert refused.status_code == 422
    assert walk.ask("SELECT count(*) FROM signature WHERE record_type = 'result'"
                    " AND record_id = :result", result=result) == 0  # fmt: skip


@pytest.mark.req("TI-01")
def test_the_hour_that_comes_twice_is_told_apart_and_in_order(walk, app):
    from datetime import UTC, datetime

    from lims.web import context

    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    with app.test_request_context("/"):
        shown = [context.moment(each) for each in (first, second)]

    assert shown == ["25 Oct 2026, 02:30 CEST", "25 Oct 2026, 02:30 CET"]
    assert walk.at(INSPECTOR).get("/audit/").status_code == 200
