"""Chromium before a served laboratory: the real application, its real headers, on loopback."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from lims.demonstration.people import Login


@contextmanager
def serving(app) -> Iterator[str]:
    """The application on a free port of loopback, each request in a thread of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Watched:
    """What a browser complained of, and whom it asked."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def watch(self, page: Page, base: str) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("requestfailed", lambda r: self.complaints.append(f"failed: {r.url} {r.failure}"))
        page.on("request", lambda r: self._asked(r.url, base))
        page.on("response", lambda r: self._answered(r.status, r.url))

    def _said(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, url: str, base: str) -> None:
        if not url.startswith((base, "data:", "blob:")):
            self.hosts.add(url)

    def _answered(self, status: int, url: str) -> None:
        if status >= 500 or ("/static/" in url and status >= 400):
            self.complaints.append(f"answered {status}: {url}")


class Desk:
    """A browser for each person, signed in once; pages open at a width and in a theme."""

    def __init__(self, chrome: Browser, base: str) -> None:
        self.chrome, self.base = chrome, base
        self._kept: dict[Login | None, dict] = {}
        self._windows: dict[tuple[Login | None, int, str], BrowserContext] = {}

    def sign_in(self, who: Login) -> dict:
        """The cookies of a person who signed in at the real form."""
        if who not in self._kept:
            context = self.chrome.new_context()
            page = context.new_page()
            page.goto(f"{self.base}/account/sign-in")
            page.fill("#login", who.login)
            page.fill("#password", who.password)
            page.press("#password", "Enter")
            page.wait_for_url(f"{self.base}/")
            self._kept[who] = context.storage_state()
            context.close()
        return self._kept[who]

    @contextmanager
    def open(
        self, who: Login | None, width: int = 1280, theme: str = "light"
    ) -> Iterator[tuple[BrowserContext, Page, Watched]]:
        """A window that nobody has used before: what it keeps begins empty."""
        context = self._window(who, width, theme)
        page, watched = context.new_page(), Watched()
        watched.watch(page, self.base)
        yield context, page, watched
        context.close()

    @contextmanager
    def look(self, who: Login | None, width: int, theme: str) -> Iterator[tuple[Page, Watched]]:
        """A new page in the window of this person and size, for tests that only look."""
        key = (who, width, theme)
        if key not in self._windows:
            self._windows[key] = self._window(*key)
        page, watched = self._windows[key].new_page(), Watched()
        watched.watch(page, self.base)
        yield page, watched
        page.close()

    def _window(self, who: Login | None, width: int, theme: str) -> BrowserContext:
        state = self.sign_in(who) if who else None
        height = 800 if width > 700 else 844
        context = self.chrome.new_context(
            viewport={"width": width, "height": height},
            storage_state=state,
            has_touch=width < 700,
            reduced_motion="reduce",
            locale="en-GB",
        )
        context.add_cookies([{"name": "theme", "value": theme, "url": self.base}])
        return context

    def close(self) -> None:
        for window in self._windows.values():
            window.close()


@pytest.fixture(scope="module")
def desk(chrome: Browser, shared_app) -> Iterator[Desk]:
    """Browsers before one laboratory that the tests of a module share."""
    with serving(shared_app) as base:
        made = Desk(chrome, base)
        yield made
        made.close()
