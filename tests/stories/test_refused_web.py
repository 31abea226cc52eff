"""What a browser, a form or a file sends that it should not: a sentence, nothing changed."""

import io

import pytest
from sqlalchemy import create_engine

from lims.demonstration.people import (
    ANALYST,
    INSPECTOR,
    MANAGER,
)
from lims.demonstration.street import PLATE
from tests.laboratory import Browser
from tests.markup import Page
from tests.stories import bench
from tests.stories.asking import NUMBER
from tests.stories.walking import moved_on


@pytest.mark.req("SY-06")
def test_a_form_without_its_token_or_with_another_sessions_is_refused(walk, app):
    foreign = Browser(app).token()

    without = walk.at(ANALYST).client.post("/lots/register", data={"number": NUMBER})
    with_foreign = walk.at(ANALYST).client.post(
        "/lots/register", data={"number": NUMBER, "csrf_token": foreign}
    )

    assert without.status_code == with_foreign.status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "javascript:alert(1)",
        "\t//evil.example",
        "/%2f%2fevil.example/../x",
        "http:evil.example",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_host(app, target):
    answer = Browser(app).post(
        "/account/sign-in", login=ANALYST.login, password=ANALYST.password, next=target
    )

    assert answer.status_code == 302
    assert answer.location.startswith("/")
    assert not answer.location.startswith(("//", "/\\"))


@pytest.mark.req("SY-06")
def test_two_hundred_megabytes_are_refused_before_they_are_read(walk):
    """The body is never read: the stream would say so if it were."""

    class Endless(io.RawIOBase):
        taken = at = 0

        def readable(self):
            return True

        def seekable(self):
            return True

        def seek(self, offset, whence=0):
            self.at = offset if whence == 0 else 200 * 1024 * 1024
            return self.at

        def tell(self):
            return self.at

        def readinto(self, into):
            Endless.taken += len(into)
            return len(into)

    browser = walk.at(ANALYST)
    answer = browser.client.post(
        "/imports/",
        input_stream=Endless(),
        content_length=200 * 1024 * 1024,
        content_type="multipart/form-data; boundary=x",
        headers={"X-CSRFToken": browser.token()},
    )

    assert answer.status_code == 413
    assert "50 MB" in answer.text
    assert Endless.taken < 1024 * 1024


@pytest.mark.parametrize("field", ["state", "role", "registered_by_id", "specification_id"])
def test_fields_that_a_form_does_not_have_change_nothing(walk, field):
    moved_on(walk.register(NUMBER, **{field: "released"}))

    assert walk.state(NUMBER) == "registered"


@pytest.mark.req("SY-06")
@pytest.mark.parametrize(
    "typed",
    [
        "'; DROP TABLE lot; --",
        "%' OR '1'='1",
        "\\",
        "%",
        "_",
        "\x00",
        "🧫" * 90,
        "1' UNION SELECT 1",
    ],
)
def test_what_is_typed_into_search_and_filters_is_only_text(walk, typed):
    at = walk.at(INSPECTOR)
    for address in (
        "/search?q=",
        "/lots/?words=",
        "/lots/?product=",
        "/lots/?state=",
        "/lots/?before=",
        "/audit/?words=",
        "/audit/?person=",
        "/audit/?action=",
        "/audit/?lot=",
        "/laboratory/?code=",
        "/laboratory/?all=1&after=",
    ):
        from urllib.parse import quote

        answer = at.get(address + quote(typed))
        assert answer.status_code in (200, 302, 400, 404, 422), (address, typed)
    assert walk.ask("SELECT count(*) FROM lot") == 3


SCRIPT = '<script>alert("x")</script>'


@pytest.mark.req("SY-06")
def test_markup_in_names_comments_reasons_and_file_names_stays_text(walk):
    moved_on(walk.register(NUMBER, size=SCRIPT, cell_bank="<img src=x onerror=alert(1)>"))
    walk.receive(NUMBER, storage=SCRIPT)
    walk.sign(MANAGER, f"/lots/{NUMBER}", f"/lots/{NUMBER}/hold", reason=SCRIPT + " and why")
    upload = moved_on(walk.upload(b"no plate at all " + SCRIPT.encode(), f"{SCRIPT}.csv"))
    audit = walk.at(INSPECTOR).get(f"/audit/?lot={NUMBER}")

    for page in (
        walk.at(ANALYST).get(f"/lots/{NUMBER}"),
        walk.at(ANALYST).get(upload.location),
        audit,
        walk.at(ANALYST).get("/imports/"),
    ):
        assert page.status_code == 200
        assert SCRIPT not in page.text
        assert "<img src=x" not in page.text
        assert all(each.get("src") for each in Page(page.text).all("script"))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "a\x00b.csv",
        "C:\\secret\\..\\x.csv",
        "x" * 400 + ".csv",
        "\u202egnp.csv",
    ],
)
def test_a_hostile_file_name_is_cleaned_and_never_a_path(walk, name):
    answer = moved_on(walk.upload(f"not a plate {name!r}".encode(), name))
    kept = walk.ask("SELECT name FROM stored_file ORDER BY id DESC LIMIT 1")

    assert not {"/", "\\", "\x00", "\r", "\n", "\u202e"} & set(kept)
    assert len(kept) <= 200
    page = walk.see(ANALYST, answer.location)
    assert page.words
    handed = walk.at(ANALYST).get(f"{answer.location}/file")
    assert "Set-Cookie" not in handed.headers
    assert handed.status_code == 200


@pytest.mark.req("DI-02")
def test_the_same_file_again_is_refused_with_the_place_where_it_is(walk):
    from lims.demonstration.setting import DATA

    answer = walk.upload((DATA / PLATE).read_bytes(), "another name.csv")

    assert answer.status_code == 302
    words = walk.see(ANALYST, answer.location).words
    assert "already" in words or "before" in words
    assert walk.ask("SELECT count(*) FROM stored_file") == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 x", b"\x00" * 5000, b"PK\x03\x04 broken", bench.plate_file("cut")[:4000]],
)
def test_a_file_that_is_no_plate_is_answered_in_a_sentence_and_touches_no_lot(walk, content):
    before = walk.ask("SELECT count(*) FROM result")

    answer = walk.upload(content, "odd.xlsx")

    assert answer.status_code in (302, 422)
    page = Page(answer.text) if answer.status_code == 422 else walk.see(ANALYST, answer.location)
    assert page.words
    assert walk.ask("SELECT count(*) FROM result") == before


@pytest.mark.parametrize(
    "address",
    [
        "/lots/NO-SUCH-LOT",
        "/entry/999999",
        "/review/999999",
        "/imports/999999",
        "/certificates/999999",
        "/people/nobody.there",
        "/laboratory/materials/NONE",
        "/lots/x/samples/y/label",
    ],
)
def test_what_does_not_exist_is_answered_as_not_found(walk, address):
    assert walk.at(INSPECTOR).get(address).status_code == 404


def test_a_number_beyond_every_record_is_refused_in_a_sentence(walk):
    answer = walk.at(INSPECTOR).get("/entry/99999999999999999999")

    assert answer.status_code == 400
    assert "too large" in answer.text


@pytest.mark.req("SY-07")
def test_a_fault_of_ours_shows_a_number_and_neither_stack_nor_path(walk, app, monkeypatch):
    def broken():
        raise RuntimeError("secret of the machine")

    monkeypatch.setitem(app.view_functions, "home.guide", _with_need(app, broken))

    answer = walk.at(ANALYST).get("/help")

    assert answer.status_code == 500
    assert "incident number" in answer.text
    assert "secret of the machine" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.req("SY-07")
def test_without_a_database_every_page_says_so_and_nothing_else(walk, app):
    walk.at(ANALYST)
    gone = create_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere")
    app.extensions["livelot"]["database"].sessions.configure(bind=gone)

    answer = walk.at(ANALYST).get("/lots/")

    gone.dispose()
    assert answer.status_code == 503
    assert "database does not answer" in answer.text
    assert "/nowhere" not in answer.text


def _with_need(app, view):
    view.needs = app.view_functions["home.guide"].needs
    return view
