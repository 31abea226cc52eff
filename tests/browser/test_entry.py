"""The sheet in a real browser: typed with the keyboard alone, the value live from the server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from lims.demonstration import street
from lims.demonstration.people import ANALYST
from lims.foundation import clock
from tests.browser.conftest import serving
from tests.pages import bench

pytestmark = pytest.mark.browser


@pytest.fixture
def page(app, chrome) -> Iterator[Page]:
    """A window of its own in which Ana is signed in."""
    with serving(app) as address:
        context = chrome.new_context(base_url=address, locale="en-US", timezone_id="Europe/Berlin")
        found = context.new_page()
        found.goto("/account/sign-in")
        found.locator("#login").fill(ANALYST.login)
        found.locator("#password").fill(ANALYST.password)
        found.keyboard.press("Enter")
        found.wait_for_url(lambda there: "sign-in" not in there)
        yield found
        context.close()


def moment(hours_ago: float) -> str:
    """What a person types in a field for date and time; the year ends with an arrow key."""
    here = clock.local(clock.now() - timedelta(hours=hours_ago), "Europe/Berlin")
    return f"{here:%m%d%Y}>{here:%I%M%p}"


def type_through(page: Page, first: str, texts: list[str]) -> None:
    """Type each text and go on with Enter, as at the bench."""
    page.locator(first).focus()
    for text in texts:
        date, _, time = text.partition(">")
        page.keyboard.type(date)
        if time:
            page.keyboard.press("ArrowRight")
            page.keyboard.type(time)
        page.keyboard.press("Enter")


def begin(page: Page, demo) -> None:
    page.goto(f"/entry/begin/{bench.id_of(demo, 'plate_count', street.FAILING)}")
    page.locator("main button[type=submit]").press("Enter")
    page.wait_for_selector("#f-medium")


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]")).to_contain_text("Saved ")


def test_a_whole_count_is_typed_with_the_keyboard_and_the_value_is_seen_live(page, demo):
    begin(page, demo)

    type_through(
        page,
        "#f-medium",
        [
            "MRS-7731",
            "MRD-5520",
            "BAL-01",
            "INC-02",
            "5.02",
            moment(75),
            moment(2.8),
            "JAR-04",
            "ana",
        ],
    )
    expect(page.locator("#badge-setup")).to_contain_text("All in date")
    type_through(page, "#f-plate-1--5-1", [])
    page.keyboard.type("ttt")
    for text in ("182", "169", "175"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("1.4 × 1010 CFU/dose")
    expect(page.locator("#answer")).to_contain_text("So far")
    for text in ("19", "16", "21", "0", "87", "REF-BL07", "growth", "no growth"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")

    expect(page.locator("#missing")).to_contain_text("Everything is recorded")
    expect(page.locator("#answer")).to_contain_text("Conforms")
    expect(page.locator("#answer")).to_contain_text("14052879391.52480985150307859471206")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("Submitted for review.")
    expect(page.locator("h1")).to_contain_text("Submitted")


def test_a_recorded_cell_changes_only_with_its_reason(page, demo):
    page.goto(f"/entry/{bench.open_count(demo)}")

    type_through(page, "#f-plate-1--6-2", ["164"])
    expect(page.locator("#reason")).to_be_visible()
    page.keyboard.type("Recounted with the grid")
    page.keyboard.press("Enter")

    saved(page)
    expect(page.locator("#f-plate-1--6-2-was")).to_contain_text("169")
    assert bench.readings(demo, bench.open_count(demo))["plate:1:-6:2"].text == "164"


def test_a_first_reading_asks_a_reason_when_it_is_changed_again(page, demo):
    page.goto(f"/entry/{bench.open_count(demo)}")

    type_through(page, "#f-plate-1--7-1", ["19"])
    saved(page)
    type_through(page, "#f-plate-1--7-1", ["20"])

    expect(page.locator("#reason")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#f-plate-1--7-1")).to_have_value("19")


def test_a_refused_text_stays_with_its_sentence(page, demo):
    page.goto(f"/entry/{bench.open_count(demo)}")

    type_through(page, "#f-reference_lot", ["NO-SUCH"])

    expect(page.locator("#f-reference_lot-msg")).to_contain_text("There is no material NO-SUCH")
    expect(page.locator("#f-reference_lot")).to_have_value("NO-SUCH")
    expect(page.locator("#f-reference_lot")).to_have_attribute("aria-invalid", "true")
