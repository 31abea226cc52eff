"""Review: a second person decides, signed; every refusal is answered on the page."""

from datetime import timedelta

import pytest

from lims.accounts import actions as accounts
from lims.accounts import queries as accounts_queries
from lims.accounts.models import Role
from lims.demonstration import people, street
from lims.demonstration.people import ADMINISTRATOR, ANALYST, INSPECTOR, REVIEWER, SECOND_ANALYST
from lims.foundation import clock
from lims.foundation.permissions import Permission
from lims.results.models import ResultState
from lims.runs.models import RunState
from tests.pages import bench

WAITING = "absence"
"""The assay whose result waits for review in the lot in test."""


@pytest.fixture
def rex(browser):
    return browser(REVIEWER)


def signed(browser, result, decision="approve", who=REVIEWER, **other):
    """What the dialog posts: what was shown, the login, the password."""
    page = browser.get(f"/review/{result}").text
    form = {
        "decision": decision,
        "login": who.login,
        "password": who.password,
        "fingerprint": bench.fingerprint(page),
        "reason": "",
    }
    return browser.post(f"/review/{result}", **{**form, **other})


def test_the_list_shows_the_oldest_first_and_who_may_not_review(browser, rex):
    page = rex.get("/review/").text
    own = browser(SECOND_ANALYST).get("/review/").text

    assert page.index(street.FAILING) < page.index(street.IN_TEST)
    assert "Reviewing results is for QC approvers." in own
    assert "disabled" in own


def test_the_page_shows_readings_calculation_and_history(demo, rex):
    result = bench.result_of(demo, "plate_count", street.RELEASED).id

    page = rex.get(f"/review/{result}").text

    assert "169</del>" in page
    assert "164</ins>" in page
    assert "Misread, recounted with the grid" in page
    assert "recomputed now, same result" in page
    assert "S = ΣC" in page
    assert "exp. " in page
    assert "Diluent blank: 3 (limit 0 colonies)" in page
    assert "recorded 23 readings" in page
    assert "repeated the test Viable count in run R" in page


def test_a_reviewer_approves_with_a_password_and_the_signature_is_kept(demo, rex):
    result = bench.result_of(demo, WAITING)

    answer = signed(rex, result.id)

    assert answer.status_code == 302
    after = bench.result_of(demo, WAITING)
    assert after.state is ResultState.APPROVED
    with bench.looking(demo) as session:
        names = [each.login for each in accounts_queries.signatures_of(session, after)]
    assert names == [REVIEWER.login]
    assert "Rex Second" in rex.get(f"/review/{result.id}").text


def test_a_returned_result_goes_back_with_its_reason_and_comes_again(demo, rex, browser):
    result = bench.result_of(demo, WAITING)

    refused = signed(rex, result.id, "return", reason="no")
    done = signed(rex, result.id, "return", reason="Negative control of the agar is missing")

    assert refused.status_code == 422
    assert "Give a reason" in refused.text
    assert done.status_code == 302
    abe = browser(SECOND_ANALYST)
    page = abe.get(f"/entry/{result.run_id}").text
    assert "Negative control of the agar is missing" in page
    shown = bench.version(page)
    form = {"remark": "Agar control read, no growth", "version": shown}
    assert abe.post(f"/entry/{result.run_id}/reading", htmx=True, **form).status_code == 200
    assert abe.post(f"/entry/{result.run_id}/submit", version="").status_code == 302
    assert bench.result_of(demo, WAITING).state is ResultState.RECORDED
    assert signed(rex, result.id).status_code == 302


def test_a_wrong_password_comes_back_on_the_same_page(demo, rex):
    result = bench.result_of(demo, WAITING).id
    before = bench.events(demo, "password.wrong")

    answer = signed(rex, result, password="not my password", reason="looked at it all")

    assert answer.status_code == 422
    assert "does not open this signing key" in answer.text
    assert "looked at it all" in answer.text
    assert '<dialog id="approve" class="dlg"' in answer.text
    assert "open data-modal" in answer.text
    assert bench.events(demo, "password.wrong") == before + 1
    assert bench.result_of(demo, WAITING).state is ResultState.RECORDED


def test_the_first_signature_of_a_series_asks_the_login(demo, rex):
    result = bench.result_of(demo, WAITING).id

    answer = signed(rex, result, login="")

    assert answer.status_code == 422
    assert "Type your login too" in answer.text


def test_who_changed_one_value_of_forty_cannot_review_the_run(demo, browser):
    """Even with both roles: the second person touched nothing of the run."""
    _also_analyst(demo)
    run = bench.open_count(demo)
    both, ana = browser(REVIEWER), browser(ANALYST)
    form = {**bench.COUNT, "version": ""}
    both.post(f"/entry/{run}/reading", htmx=True, blank="0", version="")
    form.pop("blank")
    assert ana.post(f"/entry/{run}/submit", **form).status_code == 302
    result = bench.result_of(demo, "plate_count")
    assert result.recorded_by_id != _id(demo, REVIEWER)

    page = both.get(f"/review/{result.id}").text
    answer = both.post(
        f"/review/{result.id}",
        decision="approve",
        login=REVIEWER.login,
        password=REVIEWER.password,
    )

    assert "if only one value" in page
    assert 'name="password"' not in page.split('id="lock"')[0]
    assert "if only one value" in both.get("/review/").text
    assert answer.status_code == 403
    assert "another person has to review it" in answer.text
    assert bench.result_of(demo, "plate_count").state is ResultState.RECORDED


def _also_analyst(demo):
    stage = demo.stage()
    reason = "Stands in for an analyst"
    with stage.does(ADMINISTRATOR, Permission.PEOPLE_ADMINISTER, reason) as act:
        person = accounts_queries.find_login(act.session, REVIEWER.login)
        today = clock.now().date()
        accounts.grant(act, person, Role.ANALYST, today, today + timedelta(days=30))
    stage.close()


def _id(demo, who):
    with bench.looking(demo) as session:
        return accounts_queries.find_login(session, who.login).id


def test_a_result_that_changed_since_it_was_shown_is_not_signed(demo, rex):
    result = bench.result_of(demo, WAITING).id

    answer = signed(rex, result, fingerprint="0" * 64)

    assert answer.status_code == 409
    assert "changed by somebody else after you opened it" in answer.text
    assert bench.result_of(demo, WAITING).state is ResultState.RECORDED


def test_a_result_is_decided_once(demo, rex):
    result = bench.result_of(demo, WAITING).id
    page = rex.get(f"/review/{result}").text
    form = {
        "decision": "approve",
        "login": REVIEWER.login,
        "password": REVIEWER.password,
        "fingerprint": bench.fingerprint(page),
    }

    first, second = (rex.post(f"/review/{result}", **form) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 422)
    assert "is approved; this needs it to be waiting for review" in second.text


def test_a_failing_result_is_confirmed_and_never_returned(demo, rex):
    result = bench.result_of(demo, "lysis_kinetics", street.FAILING).id

    page = rex.get(f"/review/{result}").text
    answer = signed(rex, result, "return", reason="I would like another number")
    approved = signed(rex, result)

    assert '<dialog id="return"' not in page
    assert "A failing result is not repeated or edited" in page
    assert answer.status_code == 422
    assert "A failing result is not repeated or edited" in answer.text
    assert approved.status_code == 302


def test_a_decision_must_be_one_of_the_two(demo, rex):
    result = bench.result_of(demo, WAITING).id

    assert rex.post(f"/review/{result}", decision="perhaps").status_code == 422


def test_a_changed_file_shows_on_the_page_of_the_reviewer(demo, rex):
    result = bench.result_of(demo, "lysis_kinetics", street.FAILING).id
    bench.spoil(demo)

    page = rex.get(f"/review/{result}").text

    assert "Recomputed now, the result is not the same." in page
    assert "no longer give their SHA-256" in page


def test_an_unfinished_result_leads_to_its_sheet(demo, rex):
    result = bench.result_of(demo, "plate_count")

    assert rex.get(f"/review/{result.id}").location == f"/entry/{result.run_id}"
    assert result.run.state is RunState.OPEN


@pytest.mark.parametrize("who", people.LOGINS, ids=lambda who: who.login)
def test_everybody_may_look_and_only_the_approver_decides(demo, browser, who):
    person, result = browser(who), bench.result_of(demo, WAITING).id

    assert person.get("/review/").status_code == 200
    page = person.get(f"/review/{result}")
    answer = person.post(f"/review/{result}", decision="approve")

    assert page.status_code == 200
    assert ('<dialog id="approve"' in page.text) == (who is REVIEWER)
    assert answer.status_code == (422 if who is REVIEWER else 403)


def test_an_inspector_reads_the_whole_page(demo, browser):
    result = bench.result_of(demo, "plate_count", street.RELEASED).id

    assert "All events of the lot" in browser(INSPECTOR).get(f"/review/{result}").text


def test_the_list_takes_the_same_statements_for_any_number_of_results(app, demo, browser, rex):
    with bench.statements(app) as few:
        rex.get("/review/")
    run = bench.open_count(demo)
    assert (
        browser(ANALYST).post(f"/entry/{run}/submit", **bench.COUNT, version="").status_code == 302
    )
    with bench.statements(app) as more:
        page = rex.get("/review/").text

    assert page.count("data-row ") == 4
    assert len(few) == len(more)
    assert len(more) <= 12
