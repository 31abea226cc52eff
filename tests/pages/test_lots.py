"""Lots: registered, listed, shown; samples received, labelled, voided; each refusal says why."""

from datetime import UTC, datetime, timedelta

import pytest

from lims.demonstration.people import ANALYST, INSPECTOR, MANAGER, QUALITY
from lims.demonstration.street import FAILING, IN_TEST, RELEASED

TODAY = datetime.now(UTC).date()


def form(**changed):
    told = {
        "number": "BL07-26-0200",
        "product": "BL07-CAP",
        "size": "500 capsules",
        "manufactured_on": str(TODAY - timedelta(days=3)),
        "expires_on": str(TODAY + timedelta(days=400)),
    }
    return told | changed


def test_a_lot_is_registered_and_its_tests_are_planned(browser):
    ana = browser(ANALYST)

    answer = ana.post("/lots/register", **form())

    assert answer.status_code == 302
    page = ana.get(answer.location).text
    assert "BL07-26-0200-S1" in page
    assert page.count(">Planned<") == 4


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"number": RELEASED}, "a lot number is used once"),
        ({"number": ""}, "Enter the lot number"),
        ({"manufactured_on": str(TODAY + timedelta(days=2))}, "lies in the future"),
        ({"expires_on": str(TODAY - timedelta(days=30))}, "must lie after the manufacture"),
        ({"manufactured_on": "12/31/2026"}, "is not a date"),
        ({"product": "NOPE"}, "There is no approved product"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_typed_is_lost(browser, changed, sentence):
    ana = browser(ANALYST)

    answer = ana.post("/lots/register", **form(**changed))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "500 capsules" in answer.text


def test_a_sample_is_received_once_and_found_by_its_label(browser):
    ana = browser(ANALYST)
    ana.post("/lots/register", **form())
    told = {
        "amount": "60",
        "unit": "capsules",
        "condition": "intact, seal unbroken",
        "temperature_c": "5.1",
        "storage": "C-02",
        "sampled_on": str(TODAY - timedelta(days=1)),
    }
    address = "/lots/BL07-26-0200/samples/BL07-26-0200-S1/receive"

    first, second = ana.post(address, **told), ana.post(address, **told)

    assert first.status_code == 302
    assert second.status_code == 422
    assert "this needs it to be expected" in second.text
    assert ana.get("/search?q=BL07-26-0200-S1").location.endswith("/lots/BL07-26-0200")
    assert "<svg" in ana.get("/lots/BL07-26-0200/samples/BL07-26-0200-S1/code.svg").text


def test_a_sample_is_not_found_under_another_lots_address(browser):
    answer = browser(ANALYST).get(f"/lots/{RELEASED}/samples/{IN_TEST}-S1/label")

    assert answer.status_code == 404


def test_sampling_before_the_manufacture_is_refused(browser):
    ana = browser(ANALYST)
    ana.post("/lots/register", **form())

    answer = ana.post(
        "/lots/BL07-26-0200/samples/BL07-26-0200-S1/receive",
        amount="60",
        unit="capsules",
        condition="intact, seal unbroken",
        storage="C-02",
        sampled_on=str(TODAY - timedelta(days=90)),
    )

    assert answer.status_code == 422
    assert "must lie between the manufacture" in answer.text


def test_a_hold_is_signed_with_a_reason_and_taken_off_again(browser):
    mia = browser(MANAGER)

    held = mia.post(
        f"/lots/{IN_TEST}/hold",
        login=MANAGER.login,
        password=MANAGER.password,
        reason="Cold store alarm in the night",
    )
    resumed = mia.post(
        f"/lots/{IN_TEST}/resume",
        login=MANAGER.login,
        password=MANAGER.password,
        reason="Alarm was a false one, record 4411",
    )

    assert (held.status_code, resumed.status_code) == (302, 302)
    assert "In test" in mia.get(f"/lots/{IN_TEST}").text


def test_a_hold_without_a_reason_or_with_a_wrong_password_changes_nothing(browser):
    mia = browser(MANAGER)

    silent = mia.post(f"/lots/{IN_TEST}/hold", login=MANAGER.login, password=MANAGER.password)
    wrong = mia.post(
        f"/lots/{IN_TEST}/hold",
        login=MANAGER.login,
        password="not my password",
        reason="Cold store alarm in the night",
    )

    assert silent.status_code == 422
    assert "at least 10 characters" in silent.text
    assert wrong.status_code == 422
    assert "does not open this signing key" in wrong.text
    assert "Cold store alarm in the night" in wrong.text
    assert "On hold" not in mia.get(f"/lots/{IN_TEST}").text


def test_the_first_signature_of_a_series_asks_the_login_too(browser):
    mia = browser(MANAGER)

    answer = mia.post(
        f"/lots/{IN_TEST}/hold", password=MANAGER.password, reason="Cold store alarm in the night"
    )

    assert answer.status_code == 422
    assert "Type your login too" in answer.text


def test_a_lot_with_a_failing_result_stays_on_hold(browser):
    answer = browser(QUALITY).post(
        f"/lots/{FAILING}/resume",
        login=QUALITY.login,
        password=QUALITY.password,
        reason="We would like to go on with it",
    )

    assert answer.status_code == 422
    assert "does not conform" in answer.text


def test_an_inspector_sees_everything_and_changes_nothing(browser):
    ines = browser(INSPECTOR)

    assert ines.get("/lots/").status_code == 200
    assert ines.get(f"/lots/{FAILING}").status_code == 200
    assert ines.post("/lots/register", **form()).status_code == 403
    assert ines.post(f"/lots/{IN_TEST}/hold").status_code == 403
    assert "Register lot" not in ines.get("/lots/").text


def test_lists_are_paged_by_key_and_filtered_in_the_address(browser):
    ana = browser(ANALYST)

    held = ana.get("/lots/?state=on+hold").text

    assert FAILING in held
    assert RELEASED not in held
    assert "No lot matches" in ana.get("/lots/?words=%27%20OR%201=1--").text
