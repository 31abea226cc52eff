"""Instruments and materials: entered, calibrated, accepted; and the laboratory's description."""

from datetime import UTC, datetime, timedelta

import pytest

from lims.accounts.models import Role
from lims.demonstration.people import ADMINISTRATOR, ANALYST, INSPECTOR, MANAGER
from tests.laboratory import BY_ROLE
from tests.pages.bench import events, statements

TODAY = datetime.now(UTC).date()
SOON = str(TODAY + timedelta(days=90))
PAST = str(TODAY - timedelta(days=9))
WHY = "Certificate 2026-118 of the calibration service"


def instrument(**changed):
    return {"code": "INC-09", "name": "Incubator 9", "kind": "incubator", "serial": "S-1",
            "calibration_due": SOON} | changed  # fmt: skip


def material(**changed):
    return {"code": "MRS-9000", "name": "MRS agar", "kind": "medium", "supplier_lot": "L-1",
            "expires_on": SOON} | changed  # fmt: skip


def test_what_expires_soon_stands_first(seated):
    page = seated(INSPECTOR).get("/laboratory/").text

    assert page.index("P-114") < page.index("MCA-2214") < page.index(">Instruments<")
    assert "Out of calibration" in page
    assert "Due soon" in page


def test_a_scanned_code_is_highlighted_and_an_unknown_one_is_said(seated):
    ana = seated(ANALYST)

    assert '<tr class="sel" id="item-MRS-7731">' in ana.get("/laboratory/?code=MRS-7731").text
    assert "Nothing here carries the code" in ana.get("/laboratory/?code=NOPE").text
    assert ana.get("/search?q=RD-02").location.endswith("/laboratory/?code=RD-02")


@pytest.mark.req("LR-04")
def test_a_calibration_brings_an_instrument_back_into_use(browser, demo):
    mia = browser(MANAGER)

    answer = mia.post("/laboratory/instruments/P-114/calibration", due=SOON, reason=WHY)

    assert answer.status_code == 302
    assert "In date" in mia.get(answer.location).text
    assert events(demo, "equipment.calibrated") == 1


def test_an_instrument_is_entered_taken_out_and_not_taken_out_twice(browser):
    mia = browser(MANAGER)
    mia.post("/laboratory/instruments/new", **instrument())
    out = "/laboratory/instruments/INC-09/out-of-service"

    assert mia.post(out, reason="The door does not close").status_code == 302
    assert "Out of use" in mia.get("/laboratory/instruments/INC-09").text
    assert mia.post(out, reason="The door does not close").status_code == 422


def test_a_material_waits_in_quarantine_is_accepted_and_once_rejected_stays_so(browser):
    mia = browser(MANAGER)
    mia.post("/laboratory/materials/new", **material())
    page = "/laboratory/materials/MRS-9000"

    assert "Quarantine" in mia.get(page).text
    assert mia.post(f"{page}/accept", reason="Growth promotion passed").status_code == 302
    assert mia.post(f"{page}/reject", reason="Contaminated on day 3").status_code == 302
    again = mia.post(f"{page}/accept", reason="Was a mistake of ours")
    assert again.status_code == 422
    assert "is rejected" in again.text


@pytest.mark.parametrize(
    ("where", "told", "sentence"),
    [
        ("instruments", instrument(code=""), "Enter the code on its label"),
        ("instruments", instrument(code="RD-02"), "RD-02 is in use already"),
        ("instruments", instrument(code="MRS-7731"), "MRS-7731 is in use already"),
        ("instruments", instrument(kind="spoon"), "Not a valid choice"),
        ("materials", material(expires_on=PAST), "has expired already"),
        ("materials", material(expires_on="soon"), "is not a date"),
        ("materials", material(name=" "), "Enter what it is"),
        ("materials", material(code="RD-02"), "RD-02 is in use already"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_is_kept(seated, where, told, sentence):
    answer = seated(MANAGER).post(f"/laboratory/{where}/new", **told)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert told.get("serial", told.get("supplier_lot")) in answer.text


@pytest.mark.req("AT-02")
@pytest.mark.parametrize("reason", ["", "..........", "short"])
def test_each_change_asks_for_a_reason_in_words(seated, reason):
    mia = seated(MANAGER)
    for address, told in [
        ("instruments/RD-02/calibration", {"due": SOON}),
        ("instruments/RD-02/out-of-service", {}),
        ("materials/MRS-7731/reject", {}),
    ]:
        answer = mia.post(f"/laboratory/{address}", reason=reason, **told)

        assert answer.status_code == 422, address
        assert "at least 10 characters" in answer.text


def test_a_calibration_is_due_on_a_day_to_come(seated):
    answer = seated(MANAGER).post("/laboratory/instruments/RD-02/calibration", due=PAST, reason=WHY)

    assert answer.status_code == 422
    assert "on a day to come" in answer.text
    assert WHY in answer.text


def description(**changed):
    return {"name": "Another Name", "address": "2 Street", "telephone": "", "zone": "Europe/Lisbon",
            "public_url": "https://qc.example", "idle_minutes": "20",
            "reason": "The laboratory moved house"} | changed  # fmt: skip


def test_the_administrator_describes_the_laboratory_with_a_reason(browser, demo):
    ada = browser(ADMINISTRATOR)

    assert describe(ada).status_code == 302
    assert "Another Name" in ada.get("/laboratory/description").text
    assert events(demo, "laboratory.described") == 1


def describe(who, **changed):
    """Posted by hand: one field of this form is called `address`, as is the browser's own."""
    told = {"csrf_token": who.token(), **description(**changed)}
    return who.client.post("/laboratory/description", data=told)


@pytest.mark.req("AC-17")
@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"idle_minutes": "31"}, "5 to 30 minutes"),
        ({"idle_minutes": "many"}, "is not a whole number"),
        ({"zone": "Mars/Olympus"}, "is no time zone"),
        ({"public_url": "javascript:alert(1)"}, "begins with http"),
        ({"reason": ""}, "at least 10 characters"),
        ({"name": ""}, "Enter the name"),
    ],
)
def test_a_description_that_cannot_be_is_refused(seated, changed, sentence):
    answer = describe(seated(ADMINISTRATOR), **changed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "2 Street" in answer.text


KEEPER_ROUTES = (
    ("GET", "/laboratory/instruments/new"),
    ("GET", "/laboratory/materials/new"),
    ("POST", "/laboratory/instruments/new"),
    ("POST", "/laboratory/materials/new"),
    ("POST", "/laboratory/instruments/RD-02/calibration"),
    ("POST", "/laboratory/instruments/RD-02/out-of-service"),
    ("POST", "/laboratory/materials/MRS-7731/accept"),
    ("POST", "/laboratory/materials/MRS-7731/reject"),
)


@pytest.mark.req("AC-05")
@pytest.mark.parametrize("role", Role)
def test_only_the_manager_keeps_and_everybody_looks(seated, role):
    who = seated(BY_ROLE[role])

    for method, address in KEEPER_ROUTES:
        answer = who.get(address) if method == "GET" else who.post(address)
        assert (answer.status_code == 403) == (role is not Role.LAB_MANAGER), address
    for page in ("", "instruments/RD-02", "materials/MRS-7731", "description", "?all=1"):
        assert who.get(f"/laboratory/{page}").status_code == 200
    answer = who.post("/laboratory/description")
    assert (answer.status_code == 403) == (role is not Role.ADMINISTRATOR)


def test_an_unknown_code_is_not_found(seated):
    assert seated(ANALYST).get("/laboratory/instruments/NOPE").status_code == 404
    assert seated(ANALYST).get("/laboratory/materials/NOPE").status_code == 404


def test_the_list_asks_the_same_number_of_questions_whatever_there_is(browser, app):
    mia = browser(MANAGER)
    mia.get("/laboratory/")
    with statements(app) as few:
        mia.get("/laboratory/")
    for number in range(4):
        mia.post("/laboratory/materials/new", **material(code=f"M-{number}"))
        mia.post("/laboratory/instruments/new", **instrument(code=f"I-{number}"))
    with statements(app) as many:
        mia.get("/laboratory/")

    assert len(many) == len(few)
