"""The main job with the keyboard alone: no pointer from the sign-in to the release."""

import pytest
from playwright.sync_api import expect

from lims.demonstration.people import ANALYST, INSPECTOR, MANAGER, REVIEWER
from lims.demonstration.street import IN_TEST

pytestmark = pytest.mark.browser


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def tab_to(page, wanted, most=60):
    """Press Tab until something is focused whose id or words begin as wanted."""
    for _ in range(most):
        if str(focused(page)).startswith(wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {wanted}; it stands at {focused(page)}")


def test_signing_in_needs_no_pointer(desk):
    with desk.open(None) as (_, page, watched):
        page.goto(f"{desk.base}/account/sign-in")
        tab_to(page, "login")
        page.keyboard.type(INSPECTOR.login)
        page.keyboard.press("Tab")
        page.keyboard.type(INSPECTOR.password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{desk.base}/")

        expect(page.locator("h1")).to_be_visible()
    assert watched.complaints == []


def test_the_first_tab_leads_past_the_navigation(desk):
    with desk.open(MANAGER) as (_, page, _):
        page.goto(f"{desk.base}/lots/")
        page.keyboard.press("Tab")

        assert focused(page) == "Skip to main content"
        page.keyboard.press("Enter")
        assert focused(page) == "main"


def test_an_analyst_finishes_a_count_and_submits_it_with_the_keyboard(desk):
    """The lot whose count the demonstration began: the readings still open, then Ctrl+Enter."""
    with desk.open(ANALYST) as (_, page, watched):
        page.goto(f"{desk.base}/")
        _open_row(page, IN_TEST, "Viable count")
        expect(page.locator("#sheet")).to_be_visible()

        _fill_what_is_empty(page)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Submitted for review")).to_be_visible(timeout=15_000)
    assert watched.complaints == []


def _open_row(page, lot, words):
    """`j` walks the rows of the page until the wanted one, Enter opens it."""
    for _ in range(30):
        page.keyboard.press("j")
        row = page.evaluate("(document.querySelector('tr.sel') || {}).textContent || ''")
        if lot in row and words in row:
            page.keyboard.press("Enter")
            page.wait_for_load_state("networkidle")
            return
    raise AssertionError(f"no row of {lot}, {words}")


_TYPED = {
    "plate:1:-7:1": "19", "plate:1:-7:2": "16", "plate:1:-7:3": "21",
    "plate:1:-6:1": "182", "plate:1:-6:2": "169", "plate:1:-6:3": "175",
    "blank": "0", "reference": "87",
}  # fmt: skip
_CHOSEN = {"reference_lot": "REF-BL07", "anaerobe": "growth", "aerobe": "no growth"}


def _fill_what_is_empty(page):
    """Every field by focus and keys; a select is answered by typing its words."""
    for name, text in {**_TYPED, **_CHOSEN}.items():
        box = page.locator(f'#sheet [name="{name}"]').first
        kind = box.evaluate("e => e.tagName + ' ' + (e.type || '')")
        if box.evaluate("e => e.type !== 'radio' && e.value !== ''"):
            continue
        box.evaluate("e => { const d = e.closest('details'); if (d) d.open = true; }")
        if "radio" in kind:
            page.locator(f'#sheet [name="{name}"][value="{text}"]').focus()
            page.keyboard.press("Space")
        else:
            box.focus()
            page.keyboard.type(text)
        with page.expect_response(lambda r: "/reading" in r.url, timeout=15_000):
            page.keyboard.press("Tab")


def test_a_reviewer_opens_the_trace_and_approves_with_the_keyboard(desk):
    with desk.open(REVIEWER) as (_, page, watched):
        page.goto(f"{desk.base}/")
        page.keyboard.press("g")
        page.keyboard.press("r")
        page.wait_for_url("**/review/")
        _open_row(page, IN_TEST, "Escherichia coli")
        expect(page.locator("h1")).to_contain_text("Escherichia coli")

        page.keyboard.press("a")
        dialog = page.locator("dialog#approve")
        expect(dialog).to_be_visible()
        tab_to(page, "approve-u")
        page.keyboard.type(REVIEWER.login)
        tab_to(page, "approve-pw")
        page.keyboard.type(REVIEWER.password)
        page.keyboard.press("Enter")
        expect(page.get_by_text("is approved")).to_be_visible(timeout=15_000)
    assert watched.complaints == []


def test_escape_leaves_a_dialog_and_gives_the_focus_back(desk):
    with desk.open(REVIEWER) as (_, page, _):
        page.goto(f"{desk.base}/lots/{IN_TEST}")
        button = page.locator('[data-open="hold"]')
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("dialog#hold")).to_be_visible()

        page.keyboard.press("Escape")

        expect(page.locator("dialog#hold")).to_be_hidden()
        assert page.evaluate("document.activeElement.getAttribute('data-open')") == "hold"
