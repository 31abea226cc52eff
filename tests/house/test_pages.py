"""Every page, for everybody who may open it: whole, labelled, linked, under the security headers."""

import re
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from lims.accounts.models import Role
from lims.accounts.roles import GRANTED
from lims.demonstration.street import FAILING, RELEASED
from lims.web.guard import PUBLIC
from lims.web.headers import POLICY
from tests.house.routes import address, keys_of, rules
from tests.house.test_access import TABLE
from tests.laboratory import BY_ROLE
from tests.markup import Page

MORE = (
    f"/lots/{RELEASED}",
    f"/lots/{FAILING}",
    "/lots/?state=on+hold",
    "/lots/?words=no+such+lot",
    "/search?q=BL07",
    "/search?q=nothing+like+it",
    f"/release/{FAILING}",
    f"/release/{RELEASED}",
    "/people/?on=2026-01-01",
    "/laboratory/?all=1",
    "/laboratory/?code=INC-02",
    "/verify/0000000000000000000000000000000000000000000000000000000000000000",
)
"""Pages in another state than the one that a route's first keys show."""

NOT_PAGES = ("application/pdf", "image/", "application/", "text/css", "text/csv")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}
ELSEWHERE = re.compile(r"(?:https?:)?//")


def _addresses(app, keys, role):
    """What a role may open, by address."""
    may = GRANTED[role] if role else frozenset()
    for rule, method in rules(app):
        need = TABLE[method, rule.rule]
        if method == "GET" and (need == PUBLIC or need in may):
            yield address(app, rule, keys)
    for url in MORE:
        need = _need(app, url)
        if need == PUBLIC or need in may:
            yield url


def _need(app, url):
    rule, _ = app.url_map.bind("here").match(urlsplit(url).path, return_rule=True)
    return TABLE["GET", rule.rule]


@pytest.fixture(scope="module")
def opened(shared_app, shared_demo, seated):
    """Every page of every role, opened once: address, answer, and the page as parsed."""
    keys, found = keys_of(shared_demo), []
    for role in (*Role, None):
        browser = seated(BY_ROLE[role] if role else None)
        for url in dict.fromkeys(_addresses(shared_app, keys, role)):
            answer = browser.get(url)
            name = f"{role.value if role else 'nobody'} {url}"
            parsed = Page(answer.text) if _is_page(answer) else None
            found.append((name, answer.status_code, dict(answer.headers), parsed))
            answer.close()
    return found


def _is_page(answer):
    return answer.mimetype == "text/html" and answer.status_code < 300


@pytest.fixture(scope="module")
def pages(opened):
    return [(name, page) for name, _, _, page in opened if page is not None]


EXPECTED_ELSEWHERE = {
    "/account/unlock": {302, 200},
    "/account/invitation/": {403},
    "/catalogue/method/1/edit": {422},  # an approved version is never edited, and says so
    "/catalogue/specification/1/lines/": {422},
    "/entry/begin/": {200, 302},
    "/review/": {200, 302},
    "/search": {200, 302},
    "/verify/": {200, 404},
}


def test_every_page_opens(opened):
    wrong = []
    for name, status, _, _ in opened:
        url = name.split(" ", 1)[1]
        other = next((v for k, v in EXPECTED_ELSEWHERE.items() if url.startswith(k)), {200})
        if status not in other:
            wrong.append((name, status))

    assert wrong == []


def test_every_page_closes_what_it_opens(pages):
    assert [(name, page.faults) for name, page in pages if page.faults] == []


def test_every_page_has_one_heading_and_a_title(pages):
    wrong = [
        name
        for name, page in pages
        if len(page.all("h1")) != 1 or not page.all("h1")[0].text.strip() or not page.all("title")
    ]

    assert wrong == []


def test_no_page_uses_an_id_twice(pages):
    wrong = []
    for name, page in pages:
        drawn = [each for each in page.elements if not each.inside("noscript")]
        ids = [each.get("id") for each in drawn if each.get("id")]
        twice = sorted({each for each in ids if ids.count(each) > 1})
        if twice:
            wrong.append((name, twice))

    assert wrong == []


def test_every_reference_to_an_id_has_its_element(pages):
    wrong = []
    for name, page in pages:
        ids = {each.get("id") for each in page.elements}
        for each in page.elements:
            for attribute in (
                "for",
                "aria-describedby",
                "aria-labelledby",
                "aria-controls",
                "list",
            ):
                wrong += [
                    (name, attribute, key) for key in each.get(attribute).split() if key not in ids
                ]

    assert wrong == []


def test_every_control_has_a_label(pages):
    wrong = []
    for name, page in pages:
        labelled = {each.get("for") for each in page.all("label")}
        wrong += [
            (name, each.get("name") or each.get("id"))
            for each in page.all("input", "select", "textarea")
            if each.get("type") not in ("hidden", "submit", "button")
            and "hidden" not in each.attributes
            and each.get("id") not in labelled
            and not each.inside("label")
            and not (each.get("aria-label") or each.get("aria-labelledby"))
        ]

    assert wrong == []


def _resolves(app, url, method):
    try:
        app.url_map.bind("here").match(urlsplit(url).path, method=method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def test_no_link_and_no_form_is_lost(pages, shared_app):
    asked = set()
    for _, page in pages:
        for each in page.elements:
            if each.tag == "a" and each.get("href") and not each.get("href").startswith("#"):
                asked.add((each.get("href"), "GET"))
            if each.tag == "form" and each.get("method") != "dialog":
                asked.add((each.get("action") or "/", each.get("method").upper() or "GET"))
            asked |= {
                (each.get(f"hx-{m}"), m.upper()) for m in ("get", "post") if each.get(f"hx-{m}")
            }
            if each.get("formaction"):
                asked.add((each.get("formaction"), "POST"))

    lost = sorted(
        (url, method)
        for url, method in asked
        if not ELSEWHERE.match(url) and not _resolves(shared_app, url, method)
    )

    assert lost == []


def test_no_page_names_another_host(pages):
    wrong = {
        (name, each.get(attribute))
        for name, page in pages
        for each in page.elements
        for attribute in ("src", "href", "action", "srcset", "data", "poster")
        if ELSEWHERE.match(each.get(attribute))
        and not each.get(attribute).startswith("http://127.0.0.1")
    }

    assert wrong == set()


def test_no_page_carries_a_style_or_a_script_inside(pages):
    wrong = []
    for name, page in pages:
        for each in page.elements:
            inline = each.tag == "style" or (each.tag == "script" and not each.get("src"))
            handlers = [a for a in each.attributes if a == "style" or a.startswith(("on", "hx-on"))]
            if inline or handlers or each.get("href").lower().startswith("javascript:"):
                wrong.append((name, each.tag, handlers))

    assert wrong == []


@pytest.mark.req("SY-06")
def test_every_answer_carries_the_security_headers(opened):
    wrong = [
        (name, header)
        for name, _, headers, _ in opened
        for header, value in HEADERS.items()
        if headers.get(header) != value
    ]

    assert wrong == []


def test_pages_are_not_kept_by_the_browser(opened):
    assert {
        headers.get("Cache-Control") for name, _, headers, _ in opened if "/static/" not in name
    } == {"no-store"}


def test_at_most_one_primary_button_stands_outside_dialogs(pages):
    """One clear next step a page; each dialog has its own."""
    wrong = []
    for name, page in pages:
        primary = [
            each.text.strip()
            for each in page.all("button", "a")
            if "pri" in each.get("class").split() and not each.inside("dialog")
        ]
        if len(primary) > 1:
            wrong.append((name, primary))

    assert wrong == []
