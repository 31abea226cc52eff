"""The scripts in a real browser, under the real policy: keys, theme, count sheet, lock, public check, axe."""

import hashlib
import http.server
import json
import re
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qs

import jinja2
import pytest
from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).parent))
import gallery

from tests.accessibility import violations

ROOT = Path(__file__).parents[2]
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
PDF = b"%PDF-1.7 the certificate"

pytestmark = pytest.mark.browser


def render(name: str, **context: object) -> bytes:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
    )
    env.globals.update(
        url_for=lambda _endpoint, filename: f"/static/{filename}",
        csrf_token=lambda: "token",
        get_flashed_messages=lambda **_options: [],
    )
    return env.get_template(name).render(**context).encode()


CHECK_PAGE = """{% extends "bare.html" %}{% import "kit/all.html" as k %}{% block content %}
<h1>Verify a certificate</h1>{{ k.verify_drop('/verify/') }}{% endblock %}"""


class Server(http.server.BaseHTTPRequestHandler):
    posts: list[tuple[str, dict[str, str]]]
    cell_answer: tuple[int, str]
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name of the library
        """Say nothing."""

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/static/"):
            file = ROOT / "lims" / "web" / path[1:]
            self.answer(200, TYPES.get(file.suffix, "text/plain"), file.read_bytes())
        elif path.startswith("/verify/"):
            known = path.endswith(hashlib.sha256(PDF).hexdigest())
            text = {"tone": "pass", "title": "Valid and in force.", "text": "It is ours."}
            other = {"tone": "fail", "title": "Not known.", "text": "No such file."}
            self.answer(200, "application/json", json.dumps(text if known else other).encode())
        elif path == "/check":
            env = {"title": "Check", "laboratory": {"name": "Northmere"}, "theme": "light"}
            page = jinja2_text(CHECK_PAGE, **env, scripts=["verify.js"])
            self.answer(200, "text/html; charset=utf-8", page)
        else:
            theme = path.strip("/") or "light"
            lock = gallery.Item(
                after=1.2 if theme == "lock" else 900, url="/lock", unlock_url="/unlock"
            )
            context = {
                **gallery.frame_context(),
                "theme": "dark" if theme == "dark" else "light",
                "lock": lock,
            }
            self.answer(200, "text/html; charset=utf-8", render("kit/gallery.html", **context))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fields = {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}
        type(self).posts.append((self.path, fields))
        if self.path == "/unlock":
            good = "correct horse" in body
            self.answer(
                204 if good else 422, "text/plain", b"" if good else b"That is not your password."
            )
        elif self.path == "/kit/cell":
            status, text = type(self).cell_answer
            self.answer(status, "text/html", text.encode())
        else:
            self.answer(204, "text/plain", b"")


def jinja2_text(text: str, **context: object) -> bytes:
    env = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.DictLoader({"page": text}), jinja2.FileSystemLoader(ROOT / "templates")]
        ),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
    )
    env.globals.update(
        url_for=lambda _endpoint, filename: f"/static/{filename}",
        get_flashed_messages=lambda **_options: [],
    )
    return env.get_template("page").render(**context).encode()


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(chrome, address):
    Server.posts, Server.cell_answer = [], (200, "")
    context = chrome.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda e: complaints.append(str(e)))
    opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    yield opened
    context.close()
    assert [c for c in complaints if not re.search("42[23]|ERR_INTERNET|^htmx:", c)] == []


def saved(page) -> list[dict[str, str]]:
    return [fields for path, fields in Server.posts if path == "/kit/cell"]


def saved_in_the_end(page, number: int) -> list[str]:
    """The cells that were posted, once there are so many; each is a request of its own."""
    for _ in range(100):
        if len(saved(page)) >= number:
            break
        page.wait_for_timeout(50)
    return [next(iter(fields)) for fields in saved(page)]


def test_slash_goes_to_the_search_and_letters_stay_letters_there(page):
    page.goto("/")
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("/")
    page.keyboard.type("n?j")

    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("n?j")


def test_question_mark_shows_the_keys_and_escape_closes_them(page):
    page.goto("/")
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("#keys")).to_be_hidden()


def test_g_and_a_letter_follow_the_navigation(page):
    page.goto("/")
    page.evaluate(
        "document.querySelector('[data-go=r]').href = '#review'; document.activeElement.blur()"
    )

    page.keyboard.press("g")
    page.keyboard.press("r")

    expect(page).to_have_url(re.compile("#review$"))


def test_j_and_k_move_through_the_rows(page):
    page.goto("/")
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("j")
    chosen = page.locator("[data-rows] > tr.sel a").first
    expect(chosen).to_be_focused()
    expect(chosen).to_have_text("BL07-26-0114")
    page.keyboard.press("k")

    expect(page.locator("[data-rows] > tr.sel a").first).to_have_text("LR22-26-0042")


def test_letters_can_be_turned_off(page):
    page.goto("/")
    page.evaluate("document.body.dataset.keys = 'off'; document.activeElement.blur()")

    page.keyboard.press("?")

    expect(page.locator("#keys")).to_be_hidden()


def test_the_error_summary_takes_focus_and_leads_to_the_field(page):
    page.goto("/")

    expect(page.locator(".errsum")).to_be_focused()
    assert page.title().startswith("Error: ")
    page.locator(".errsum a").nth(1).click()

    expect(page.locator("#e2")).to_be_focused()


def test_the_theme_is_kept_for_the_server(page):
    page.goto("/")

    page.locator("[data-theme-next]").click()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert [c["value"] for c in page.context.cookies() if c["name"] == "theme"] == ["dark"]


def test_the_sign_dialog_starts_at_the_password_and_gives_focus_back(page):
    page.goto("/")
    button = page.locator("[data-open=sign]")

    button.click()
    expect(page.locator("#sign-pw")).to_be_focused()
    page.keyboard.press("Escape")

    expect(button).to_be_focused()


def test_enter_saves_the_cell_and_goes_on(page):
    page.goto("/")

    page.locator("#c31").fill("19")
    page.keyboard.press("Enter")

    expect(page.locator("#c32")).to_be_focused()
    expect(page.locator("[data-save-state]")).to_contain_text("Saved ")
    assert saved(page) == [{"c31": "19", "version": "3", "csrf_token": "token"}]


def test_a_code_letter_fills_the_cell_and_goes_on(page):
    page.goto("/")

    page.locator("#c31").focus()
    page.keyboard.press("t")

    expect(page.locator("#c31")).to_have_value("TNTC")
    expect(page.locator("#c32")).to_be_focused()
    page.wait_for_function(
        "document.querySelector('[data-save-state]').textContent.startsWith('Saved ')"
    )
    assert saved(page)[0]["c31"] == "TNTC"


def test_arrows_move_and_the_wheel_changes_nothing(page):
    page.goto("/")

    page.locator("#c22").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#c12")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#c11")).to_be_focused()
    page.mouse.wheel(0, 200)

    expect(page.locator("#c11")).to_have_value("TNTC")
    assert saved(page) == []


def test_a_recorded_value_changes_only_with_a_reason(page):
    page.goto("/")

    page.locator("#c21").fill("189")
    page.keyboard.press("Enter")
    expect(page.locator("#reason")).to_be_visible()
    assert saved(page) == []
    page.locator("#reason-text").fill("Misread")
    page.keyboard.press("Enter")

    expect(page.locator("#reason")).to_be_hidden()
    page.wait_for_function(
        "document.querySelector('[data-save-state]').textContent.startsWith('Saved ')"
    )
    assert saved(page) == [
        {"c21": "189", "version": "3", "csrf_token": "token", "reason": "Misread"}
    ]


def test_without_a_reason_the_recorded_value_comes_back(page):
    page.goto("/")

    page.locator("#c21").fill("189")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")

    expect(page.locator("#c21")).to_have_value("182")
    assert saved(page) == []


def test_a_block_is_pasted_to_the_right_and_down(page):
    page.goto("/")

    page.locator("#c31").evaluate(
        "el => { const d = new DataTransfer(); d.setData('text', '7\\t8\\n'); el.focus();"
        " el.dispatchEvent(new ClipboardEvent('paste', {clipboardData: d, bubbles: true, cancelable: true})) }"
    )

    expect(page.locator("#c31")).to_have_value("7")
    expect(page.locator("#c32")).to_have_value("8")
    assert saved_in_the_end(page, 2) == ["c31", "c32"]


def test_a_refused_cell_is_marked_and_keeps_what_was_typed(page):
    Server.cell_answer = (
        422,
        '<span class="msg-err cellmsg" id="c31-msg" hx-swap-oob="true"><span>A whole number</span></span>',
    )
    page.goto("/")

    page.locator("#c31").fill("1,5")
    page.keyboard.press("Enter")

    expect(page.locator("#c31-msg")).to_have_text("A whole number")
    expect(page.locator("#c31")).to_have_value("1,5")
    expect(page.locator("#c31")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[data-save-state]")).to_contain_text("Not saved")


def test_the_live_answer_and_the_version_come_from_the_server(page):
    Server.cell_answer = (
        200,
        (
            '<section id="answer" hx-swap-oob="true">4.4</section>'
            '<input type="hidden" id="version" name="version" value="4" hx-swap-oob="true">'
        ),
    )
    page.goto("/")

    page.locator("#c31").fill("19")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_have_text("4.4")
    page.locator("#c32").fill("21")
    page.keyboard.press("Enter")

    saved_in_the_end(page, 2)
    assert [f["version"] for f in saved(page)] == ["3", "4"]


def test_a_value_without_connection_is_kept_and_sent_later(page):
    page.goto("/")
    page.wait_for_load_state("networkidle")

    page.context.set_offline(True)
    page.locator("#c31").fill("19")
    page.keyboard.press("Enter")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("[data-save-state]")).to_contain_text("kept on this device")
    page.context.set_offline(False)

    expect(page.locator("[data-save-state]")).to_contain_text("Saved ")
    assert [f["c31"] for f in saved(page)] == ["19"]


def test_a_kept_value_survives_a_reload(page):
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.locator("#c31").fill("23")
    page.keyboard.press("Enter")
    expect(page.locator("[data-save-state]")).to_contain_text("kept on this device")

    page.context.set_offline(False)
    expect(page.locator("[data-save-state]")).to_contain_text("Saved ")
    page.evaluate(
        "localStorage.setItem('sheet:/', JSON.stringify({c32: {value: '24', reason: ''}}))"
    )
    page.reload()

    expect(page.locator("#c32")).to_have_value("24")
    expect(page.locator("[data-save-state]")).to_contain_text("Saved ")


def test_idle_locks_the_page_and_keeps_the_draft(page):
    page.goto("/lock")
    page.locator("#remark").fill("half a sentence")

    expect(page.locator("#lock")).to_be_visible(timeout=5000)
    expect(page.locator("#remark")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#lock")).to_be_visible()
    page.locator("#lock-pw").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#lock-e")).to_have_text("That is not your password.")
    page.locator("#lock-pw").fill("correct horse")
    page.keyboard.press("Enter")

    expect(page.locator("#lock")).to_be_hidden()
    expect(page.locator("#remark")).to_have_value("half a sentence")
    assert next(p for p, _ in Server.posts) == "/lock"


def test_a_cell_refused_by_the_lock_is_sent_after_unlocking(page):
    Server.cell_answer = (423, "")
    page.goto("/")

    page.locator("#c31").fill("19")
    page.keyboard.press("Enter")
    expect(page.locator("#lock")).to_be_visible()
    Server.cell_answer = (200, "")
    page.locator("#lock-pw").fill("correct horse")
    page.keyboard.press("Enter")

    expect(page.locator("#lock")).to_be_hidden()
    expect(page.locator("[data-save-state]")).to_contain_text("Saved ")
    assert [f["c31"] for f in saved(page)] == ["19", "19"]


def test_the_public_check_sends_a_fingerprint_and_never_the_file(page):
    page.goto("/check")

    page.locator("#verify-file").set_input_files(
        {"name": "coa.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )

    answer = page.locator("[data-verify-answer]")
    expect(answer).to_contain_text("Valid and in force.")
    expect(answer).to_contain_text(hashlib.sha256(PDF).hexdigest()[:4])
    assert Server.posts == []


def test_another_file_is_not_known(page):
    page.goto("/check")

    page.locator("#verify-file").set_input_files(
        {"name": "coa.pdf", "mimeType": "application/pdf", "buffer": PDF + b" "}
    )

    expect(page.locator("[data-verify-answer]")).to_contain_text("Not known.")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_the_gallery_has_no_violation_and_no_sideways_scroll(chrome, address, theme, width):
    context = chrome.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/{theme}")

    found = violations(page)
    page.evaluate("document.getElementById('sign').showModal()")
    found += violations(page)

    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert found == []
    assert wide == width
