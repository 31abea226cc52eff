"""Every page in Chromium, wide and narrow, light and dark: quiet, within its width, accessible."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    INSPECTOR,
    MANAGER,
    QUALITY,
    REVIEWER,
    Login,
)
from lims.demonstration.street import FAILING, IN_TEST, RELEASED
from tests.accessibility import violations
from tests.house.routes import keys_of, rules

pytestmark = pytest.mark.browser

SCREENS = Path(__file__).parents[2] / "docs" / "screens"
WIDE, NARROW = 1280, 390


@dataclass(frozen=True)
class Shown:
    """One page: the name of its picture, who looks, where, and which dialog is opened."""

    name: str
    who: Login | None
    address: str
    dialog: str = ""


PAGES = (
    Shown("account-sign-in", None, "/account/sign-in"),
    Shown("account-show", ANALYST, "/account/"),
    Shown("account-unlock", ANALYST, "/account/unlock"),
    Shown("account-invitation", None, "/account/invitation/{token}"),
    Shown("home-queue-analyst", ANALYST, "/"),
    Shown("home-queue-reviewer", REVIEWER, "/"),
    Shown("home-queue-quality", QUALITY, "/"),
    Shown("home-search", ANALYST, "/search?q=BL07-26"),
    Shown("home-help", ANALYST, "/help"),
    Shown("lots-index", QUALITY, "/lots/"),
    Shown("lots-show", ANALYST, f"/lots/{IN_TEST}"),
    Shown("lots-show-released", QUALITY, f"/lots/{RELEASED}"),
    Shown("lots-show-held", QUALITY, f"/lots/{FAILING}"),
    Shown("lots-hold", REVIEWER, f"/lots/{IN_TEST}", "hold"),
    Shown("lots-register", ANALYST, "/lots/register"),
    Shown("lots-receive", ANALYST, f"/lots/{IN_TEST}/samples/{IN_TEST}-S1/receive"),
    Shown("lots-label", ANALYST, f"/lots/{IN_TEST}/samples/{IN_TEST}-S1/label"),
    Shown("entry-index", ANALYST, "/entry/"),
    Shown("entry-begin", ANALYST, "/entry/begin/{test_id}"),
    Shown("entry-count", ANALYST, "/entry/{count}"),
    Shown("entry-identity", INSPECTOR, "/entry/{identity}"),
    Shown("entry-absence", INSPECTOR, "/entry/{absence}"),
    Shown("entry-lysis", INSPECTOR, "/entry/{lysis}"),
    Shown("entry-recompute", INSPECTOR, "/entry/{lysis}/recompute"),
    Shown("imports-index", ANALYST, "/imports/"),
    Shown("imports-show", ANALYST, "/imports/{import_id}"),
    Shown("review-index", REVIEWER, "/review/"),
    Shown("review-show", REVIEWER, "/review/{result_id}"),
    Shown("review-sign", REVIEWER, "/review/{result_id}", "approve"),
    Shown("release-index", QUALITY, "/release/"),
    Shown("release-show", QUALITY, f"/release/{FAILING}"),
    Shown("release-reject", QUALITY, f"/release/{FAILING}", "reject"),
    Shown("certificates-index", QUALITY, "/certificates/"),
    Shown("certificates-show", QUALITY, "/certificates/{certificate_id}"),
    Shown("certificates-check", None, "/verify"),
    Shown("certificates-checked", None, "/verify/{key}"),
    Shown("catalogue-index", MANAGER, "/catalogue/"),
    Shown("catalogue-document", MANAGER, "/catalogue/method/2"),
    Shown("catalogue-specification", MANAGER, "/catalogue/specification/1"),
    Shown("catalogue-new", MANAGER, "/catalogue/product/new"),
    Shown("catalogue-strain", MANAGER, "/catalogue/strains/new"),
    Shown("laboratory-index", MANAGER, "/laboratory/"),
    Shown("laboratory-description", ADMINISTRATOR, "/laboratory/description"),
    Shown("laboratory-instrument", MANAGER, "/laboratory/instruments/INC-02"),
    Shown("laboratory-new-instrument", MANAGER, "/laboratory/instruments/new"),
    Shown("laboratory-material", MANAGER, "/laboratory/materials/MRS-7731"),
    Shown("laboratory-new-material", MANAGER, "/laboratory/materials/new"),
    Shown("admin-people", ADMINISTRATOR, "/people/"),
    Shown("admin-rights", INSPECTOR, "/people/?on=2026-06-01"),
    Shown("admin-person", ADMINISTRATOR, f"/people/{ANALYST.login}"),
    Shown("admin-invite", ADMINISTRATOR, "/people/invite"),
    Shown("audit-index", INSPECTOR, "/audit/"),
    Shown("audit-event", INSPECTOR, "/audit/events/150"),
    Shown("audit-record", INSPECTOR, "/audit/lot/1"),
    Shown("errors-refusal", INSPECTOR, "/lots/NO-SUCH-LOT"),
)

NO_PAGE = {
    "/static/<path:filename>",
    "/lots/<number>/samples/<code>/code.svg",
    "/imports/<int:import_id>/file",
    "/certificates/<int:certificate_id>/pdf",
    "/certificates/draft/<number>.pdf",
    "/verify/authority.pem",
    "/verify/revocations.pem",
}
"""Files; everything else that answers a GET is a page and stands above."""

DRAFTS = {
    "/catalogue/<word>/<int:key>/edit",
    "/catalogue/specification/<int:key>/lines/new",
    "/catalogue/specification/<int:key>/lines/<int:position>",
}
"""Of a draft, which the demonstration has none of; seen in the walk with the keyboard."""

RUNS = {
    "count": "plate_count",
    "identity": "sequence_identity",
    "absence": "absence",
    "lysis": "lysis_kinetics",
}


@pytest.fixture(scope="module")
def keys(shared_demo):
    """What stands in braces: the newest run of each kind, and keys of the demonstration."""
    from sqlalchemy import create_engine, text

    engine = create_engine(shared_demo.urls.reader)
    with engine.connect() as connection:
        runs = {
            name: connection.scalar(
                text(
                    "SELECT max(r.id) FROM run r JOIN method m ON m.id = r.method_id"
                    " WHERE m.assay = :assay"
                ),
                {"assay": assay},
            )
            for name, assay in RUNS.items()
        }
    engine.dispose()
    return {**keys_of(shared_demo), **runs}


def test_every_route_that_answers_with_a_page_is_looked_at(shared_app, keys):
    adapter = shared_app.url_map.bind("here")
    seen = {
        adapter.match(urlsplit(each.address.format(**keys)).path, return_rule=True)[0].rule
        for each in PAGES
    }

    every = {rule.rule for rule, method in rules(shared_app) if method == "GET"}

    assert every - seen - NO_PAGE - DRAFTS == set()


def _look(page, base, shown, keys):
    page.goto(base + shown.address.format(**keys))
    page.evaluate("document.fonts.ready.then(() => true)")
    if shown.dialog:
        page.locator(f'[data-open="{shown.dialog}"]').first.click()
        page.locator(f"dialog#{shown.dialog}").wait_for(state="visible")


def _overflow(page):
    """How much wider than the window the page is, and what sticks out."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.scrollWidth - window.innerWidth;
          if (wide <= 0) return [];
          return [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
            .slice(0, 4).map(e => e.tagName + '.' + e.className + ' ' + e.textContent.trim().slice(0, 40));
        }"""
    )


_HEIGHT = "Math.min(3000, Math.max(innerHeight, document.documentElement.scrollHeight))"


def _photograph(page, name):
    """A palette is enough for a screen, and keeps the pictures small."""
    if os.environ.get("LIVELOT_SCREENS") != "1":
        return
    page.evaluate("document.documentElement.setAttribute('data-theme', 'light')")
    size = page.viewport_size | {"height": page.evaluate(_HEIGHT)}
    page.set_viewport_size(size)  # bars that stick to the window stand at the end of the page
    taken = Image.open(io.BytesIO(page.screenshot()))
    SCREENS.mkdir(parents=True, exist_ok=True)
    small = taken.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(SCREENS / f"{name}.png", optimize=True)


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
@pytest.mark.parametrize(("width", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_page_is_quiet_fits_its_window_and_is_accessible(desk, keys, shown, width, theme):
    with desk.look(shown.who, width, theme) as (page, watched):
        _look(page, desk.base, shown, keys)

        assert page.locator("h1").count() == 1
        assert _overflow(page) == []
        assert violations(page) == []
        _photograph(page, f"{shown.name}-{width}")

    quiet = [each for each in watched.complaints if not _expected(shown, each)]
    assert quiet == []
    assert watched.hosts == set()


def _expected(shown, complaint):
    """A page that says no is answered with that status, and Chromium notes it in its console."""
    refused = shown.name in ("errors-refusal", "account-invitation")
    return refused and "Failed to load resource" in complaint
