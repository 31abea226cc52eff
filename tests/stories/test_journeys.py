"""The two journeys through the house, start to end, through the pages."""

import hashlib
import json

import pytest

from lims.certificates.register import verify_with_register
from lims.demonstration.people import ANALYST, INSPECTOR, REVIEWER, SECOND_ANALYST
from tests.laboratory import Browser
from tests.stories import bench

NUMBER = "BL07-26-0201"


@pytest.mark.req("DI-01")
def test_a_plate_file_becomes_reviewed_results(walk):
    walk.new_lot(NUMBER)
    content = bench.plate_file()

    run = walk.plate({1: NUMBER})

    result = walk.result(NUMBER, "lysis_kinetics")
    source = walk.ask("SELECT source::text FROM result WHERE id = :id", id=result)
    assert hashlib.sha256(content).hexdigest() in source
    assert json.loads(source)
    page = walk.see(ANALYST, f"/entry/{run}")
    assert "no lysis" in page.words
    assert walk.at(INSPECTOR).get(f"/entry/{run}/recompute").status_code == 200

    answer = walk.review(result)

    assert answer.status_code == 302
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "approved"
    shown = walk.see(INSPECTOR, f"/review/{result}").words
    assert REVIEWER.name in shown


@pytest.mark.req("RL-03")
@pytest.mark.req("CO-05")
@pytest.mark.req("AC-08")
def test_a_lot_becomes_a_signed_certificate_that_anybody_can_check(walk, demo):
    walk.tested(NUMBER)

    key = walk.certify(NUMBER)
    answer = walk.release(NUMBER)

    assert answer.status_code == 302
    assert walk.state(NUMBER) == "released"
    pdf = walk.at(INSPECTOR).get(f"/certificates/{key}/pdf").data
    digest = hashlib.sha256(pdf).hexdigest()
    checked = Browser(walk.app).get(f"/verify/{digest}", headers={"Accept": "application/json"})
    assert checked.json["tone"] == "pass"
    assert "released" in checked.json["text"]
    assert _verdict(demo, pdf).genuine
    assert not _verdict(demo, pdf[:-1] + b" ").genuine


def _verdict(demo, pdf):
    stage = demo.stage()
    try:
        with stage.database.session() as session:
            return verify_with_register(session, pdf, stage.strongbox)
    finally:
        stage.close()


@pytest.mark.req("OO-01")
def test_a_failing_plate_holds_its_lot_at_once_and_is_neither_edited_nor_repeated(walk):
    walk.new_lot(NUMBER)

    run = walk.plate({2: NUMBER})

    assert walk.state(NUMBER) == "on hold"
    edited = walk.at(ANALYST).post(
        f"/entry/{run}/reading", htmx=True, broth="BRO-5531", reason="Typed the wrong one"
    )
    assert edited.status_code == 422
    again = walk.at(ANALYST).post(f"/entry/start/{walk.test(NUMBER, 'lysis_kinetics')}")
    assert again.location == "/imports/"
    result = walk.result(NUMBER, "lysis_kinetics")
    returned = walk.at(REVIEWER).post(
        f"/review/{result}",
        decision="return",
        login=REVIEWER.login,
        password=REVIEWER.password,
        reason="Please look at the wells again",
    )
    assert returned.status_code == 422
    assert (
        walk.ask(
            "SELECT count(*) FROM result WHERE test_id = :t", t=walk.test(NUMBER, "lysis_kinetics")
        )
        == 1
    )


@pytest.mark.req("DI-03")
def test_an_invalid_run_gives_no_result_and_is_repeated_with_a_reason(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    walk.fill(run, ANALYST, bench.count(blank="3"))
    walk.submit(run, ANALYST)
    test = walk.test(NUMBER, "plate_count")

    without = walk.at(ANALYST).post(f"/entry/start/{test}")
    again = walk.start(NUMBER, "plate_count", ANALYST, "Diluent blank grew; new diluent opened")

    assert without.status_code == 422
    assert "reason" in without.text
    assert walk.ask("SELECT state FROM run WHERE id = :id", id=run) == "invalid"
    assert again != run
    assert walk.ask("SELECT count(*) FROM result WHERE test_id = :t", t=test) == 2


def test_a_returned_result_is_corrected_with_a_reason_and_reviewed_again(walk):
    walk.new_lot(NUMBER)
    run = walk.done(NUMBER, "plate_count", ANALYST, bench.count())
    result = walk.result(NUMBER, "plate_count")

    returned = walk.review(result, decision="return", reason="Plate 2 at 10^-6 looks misread")
    corrected = walk.cell(run, ANALYST, "plate:1:-6:2", "164", "Recounted with the grid")
    submitted = walk.submit(run, ANALYST)
    approved = walk.review(result)

    assert [each.status_code for each in (returned, corrected, submitted, approved)] == [
        302,
        200,
        302,
        302,
    ]
    assert "169" in walk.see(ANALYST, f"/entry/{run}").words
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "approved"


@pytest.mark.req("AC-07")
def test_who_recorded_a_result_is_not_offered_its_review(walk):
    walk.new_lot(NUMBER)
    walk.done(NUMBER, "absence", SECOND_ANALYST, bench.absence())

    answer = walk.at(SECOND_ANALYST).post(
        f"/review/{walk.result(NUMBER, 'absence')}", decision="approve"
    )

    assert answer.status_code == 403
