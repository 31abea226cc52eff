"""What the house answers to mistakes and attacks: a sentence, nothing lost, nothing changed."""

import io
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import create_engine, text

from lims.accounts import signing
from lims.accounts.models import Signature
from lims.app import create_app
from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    INSPECTOR,
    MANAGER,
    QUALITY,
    REVIEWER,
    SECOND_ANALYST,
)
from lims.demonstration.street import FAILING, IN_TEST, PLATE, RELEASED
from lims.lots import queries as lots
from lims.results import queries as results
from lims.workflow import recording
from tests.laboratory import Browser
from tests.markup import Page
from tests.stories import bench
from tests.stories.walking import moved_on

NUMBER = "BL07-26-0401"
REASON = "A reason that says why in words"


def sessions(walk, login):
    return walk.ask(
        "SELECT count(*) FROM audit_event WHERE login = :login AND action = 'login.succeeded'",
        login=login,
    )


def events(walk, action):
    return walk.ask("SELECT count(*) FROM audit_event WHERE action = :action", action=action)


# --- identity and session -------------------------------------------------------------------------


@pytest.mark.req("AC-19")
def test_a_cookie_copied_before_signing_out_is_worth_nothing_after_it(walk, app):
    browser = walk.at(ANALYST)
    stolen = browser.client.get_cookie("livelot").value
    moved_on(browser.post("/account/sign-out"))
    thief = app.test_client()
    thief.set_cookie("livelot", stolen)

    assert thief.get("/lots/").status_code == 302
    assert thief.get("/lots/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.req("AC-18")
def test_a_session_chosen_by_somebody_else_is_replaced_when_signing_in(app):
    browser = Browser(app)
    browser.client.set_cookie("livelot", "chosen-by-somebody-else")

    browser.sign_in(ANALYST)

    assert browser.client.get_cookie("livelot").value != "chosen-by-somebody-else"
    other = app.test_client()
    other.set_cookie("livelot", "chosen-by-somebody-else")
    assert other.get("/").status_code == 302


@pytest.mark.req("AC-18")
def test_a_second_sign_in_ends_the_first_session_and_says_so(app):
    first, second = Browser(app, ANALYST), Browser(app, ANALYST)

    answer = first.get("/lots/", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "another place" in answer.text
    assert second.get("/lots/").status_code == 200


@pytest.mark.req("AC-15")
@pytest.mark.req("AC-21")
def test_twenty_wrong_passwords_over_two_processes_lock_the_account_once(demo, app, walk):
    other = create_app(demo.settings())
    doors = [Browser(app), Browser(other)]

    answers = [doors[i % 2].sign_in(ANALYST, f"wrong password {i}") for i in range(20)]
    right = doors[0].sign_in(ANALYST)

    other.extensions["livelot"]["database"].close()
    assert set(answers) == {422}
    assert right == 422
    assert events(walk, "password.wrong") == 20
    assert events(walk, "account.locked") >= 1


@pytest.mark.req("AC-15")
@pytest.mark.req("ES-08")
def test_wrong_passwords_at_the_door_and_at_signatures_count_together(walk):
    reviewer = walk.at(REVIEWER)
    result = walk.result(IN_TEST, "absence")
    for _ in range(3):
        assert walk.review(result, password="not the password").status_code == 422
    for _ in range(2):
        Browser(walk.app).sign_in(REVIEWER, "not the password")

    locked = reviewer.get("/lots/", headers={"HX-Request": "true"})

    assert locked.status_code == 401
    assert "locked" in locked.text
    assert events(walk, "account.locked") == 1


def test_a_wrong_password_gives_the_same_words_as_an_unknown_login(app):
    known = Browser(app).post("/account/sign-in", login=ANALYST.login, password="wrong")
    unknown = Browser(app).post("/account/sign-in", login="nobody.there", password="wrong")

    def told(answer):
        return [p.text for p in Page(answer.text).all("p") if "msg-err" in p.get("class")]

    assert told(known) == told(unknown) != []


@pytest.mark.req("AC-17")
@pytest.mark.req("ES-05")
def test_after_fifteen_idle_minutes_nothing_is_signed_without_the_password_of_the_lock(walk):
    walk.at(REVIEWER).get("/")
    result = walk.result(IN_TEST, "absence")
    later = datetime.now(UTC) + timedelta(minutes=15, seconds=1)

    with time_machine.travel(later, tick=True):
        answer = walk.at(REVIEWER).post(
            f"/review/{result}",
            decision="approve",
            login=REVIEWER.login,
            password=REVIEWER.password,
        )
        page = walk.at(REVIEWER).get("/lots/")

    assert answer.status_code == 423
    assert page.status_code == 302
    assert "/account/unlock" in page.location
    assert events(walk, "session.locked") == 1
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


@pytest.mark.req("AC-17")
def test_a_session_ends_after_twelve_hours_however_busy(walk):
    browser = walk.at(ANALYST)
    start = datetime.now(UTC)
    for minutes in range(10, 12 * 60, 10):
        if minutes % 120 == 0 or minutes > 700:
            with time_machine.travel(start + timedelta(minutes=minutes), tick=True):
                browser.post("/account/unlock", password=ANALYST.password)
    with time_machine.travel(start + timedelta(hours=12, seconds=5), tick=True):
        assert browser.get("/lots/", headers={"HX-Request": "true"}).status_code == 401


@pytest.mark.req("AC-09")
def test_a_role_taken_away_during_a_session_counts_at_the_next_request(walk):
    assert walk.see(ANALYST, "/lots/register")
    grant = walk.ask(
        "SELECT g.id FROM role_grant g JOIN person p ON p.id = g.person_id WHERE p.login = :login",
        login=ANALYST.login,
    )

    moved_on(
        walk.at(ADMINISTRATOR).post(f"/people/{ANALYST.login}/withdraw/{grant}", reason=REASON)
    )

    assert walk.at(ANALYST).get("/lots/register").status_code == 302
    walk.leave(ANALYST)
    assert walk.at(ANALYST).get("/lots/register").status_code == 403


@pytest.mark.req("AC-06")
def test_an_administrator_who_is_given_the_role_of_quality_cannot_release(walk, demo):
    """Granting both is refused; even when the owner of the database forces it, nothing opens."""
    refused = walk.at(ADMINISTRATOR).post(
        f"/people/{ADMINISTRATOR.login}/grant",
        role="qa",
        starts_on=str(datetime.now(UTC).date()),
        reason=REASON,
    )
    _force(
        demo,
        "INSERT INTO role_grant (person_id, role, starts_on, reason)"
        f" SELECT id, 'qa', current_date, 'forced' FROM person WHERE login = '{ADMINISTRATOR.login}'",
    )
    walk.leave(ADMINISTRATOR)
    walk.tested(NUMBER)
    walk.certify(NUMBER)

    answer = walk.at(ADMINISTRATOR).post(
        f"/release/{NUMBER}/release",
        login=ADMINISTRATOR.login,
        password=ADMINISTRATOR.password,
        reason=REASON,
    )

    assert refused.status_code in (403, 422)
    assert answer.status_code == 403
    assert walk.state(NUMBER) == "tested"


def _force(demo, *statements):
    """What only the owner of the database can do, with the guards switched off."""
    engine = create_engine(demo.urls.owner)
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('lims.act', 'forced', true)"))
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


# --- the web --------------------------------------------------------------------------------------


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


# --- entry ----------------------------------------------------------------------------------------


@pytest.mark.req("DI-05")
@pytest.mark.parametrize(
    "typed", ["1,5", "10^9", "-3", "many", "1e3", "12 colonies", "=1+1", "999999999999"]
)
def test_what_is_no_count_is_refused_in_its_cell_and_changes_nothing(walk, typed):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)

    answer = walk.cell(run, ANALYST, "plate:1:-6:1", typed)

    assert answer.status_code == 422
    assert typed.split()[0] in answer.text.replace("&lt;", "<")
    assert walk.ask("SELECT count(*) FROM observation WHERE run_id = :run", run=run) == 0


@pytest.mark.req("DI-05")
def test_tntc_is_a_count_that_was_too_many_and_a_blank_is_nothing(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)

    counted = walk.cell(run, ANALYST, "plate:1:-5:1", "tntc")
    left = walk.cell(run, ANALYST, "plate:1:-5:2", "")

    assert counted.status_code == left.status_code == 200
    assert walk.ask("SELECT text FROM observation WHERE run_id = :run", run=run) == "TNTC"


@pytest.mark.req("TI-05")
def test_a_moment_in_the_future_is_refused(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)

    answer = walk.cell(run, ANALYST, "incubation_start", bench.ago(-5))

    assert answer.status_code == 422
    assert "future" in answer.text


@pytest.mark.req("DI-04")
def test_each_cell_is_kept_with_its_own_moment(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    for replicate in (1, 2, 3):
        assert walk.cell(run, ANALYST, f"plate:1:-6:{replicate}", "170").status_code == 200

    kept = walk.ask(
        "SELECT count(DISTINCT recorded_at) FROM observation WHERE run_id = :run", run=run
    )

    assert kept == 3


@pytest.mark.req("AT-13")
def test_two_people_saving_one_cell_lose_neither_value(walk):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    shown = (
        walk.see(SECOND_ANALYST, f"/entry/{run}").form(f"/entry/{run}/reading").fields["version"]
    )
    walk.cell(run, ANALYST, "plate:1:-6:1", "170")

    late = walk.at(SECOND_ANALYST).post(
        f"/entry/{run}/reading", htmx=True, **{"plate:1:-6:1": "180", "version": shown}
    )

    assert late.status_code == 409
    assert "170" in late.text
    assert "180" in late.text
    assert (
        walk.ask("SELECT string_agg(text, ',') FROM observation WHERE run_id = :run", run=run)
        == "170"
    )


@pytest.mark.req("AT-02")
@pytest.mark.parametrize("reason", ["", "short", "..........", "aaaaaaaaaaaa", "          "])
def test_a_correction_without_a_reason_in_words_is_refused(walk, reason):
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    walk.cell(run, ANALYST, "plate:1:-6:1", "170")

    answer = walk.cell(run, ANALYST, "plate:1:-6:1", "171", reason)

    assert answer.status_code == 422
    assert walk.ask("SELECT count(*) FROM observation WHERE run_id = :run", run=run) == 1


def test_a_lot_number_that_was_used_and_a_date_in_the_future_are_refused_and_nothing_typed_is_lost(
    walk,
):
    used = walk.register(RELEASED)
    future = walk.register(NUMBER, manufactured_on="2099-01-01", expires_on="2099-12-31")

    assert used.status_code == future.status_code == 422
    assert Page(used.text).form("/lots/register").fields["cell_bank"] == "BL07-WCB-05, vial 212"
    assert "used once" in used.text
    assert "future" in future.text


# --- signature and review -------------------------------------------------------------------------


@pytest.mark.req("ES-06")
def test_the_same_signing_request_sent_twice_gives_one_signature(walk):
    result = walk.result(IN_TEST, "absence")
    page = walk.see(REVIEWER, f"/review/{result}")
    fields = page.form(f"/review/{result}", decision="approve").fields
    fields |= {"login": REVIEWER.login, "password": REVIEWER.password}
    client = walk.at(REVIEWER).client

    answers = [client.post(f"/review/{result}", data=fields).status_code for _ in range(2)]

    assert answers[0] == 302
    assert answers[1] in (409, 422)
    signed = "SELECT count(*) FROM signature WHERE record_type = 'result' AND record_id = :id"
    assert walk.ask(signed, id=result) == 1


@pytest.mark.req("ES-03")
def test_a_result_that_changed_after_it_was_shown_is_not_signed(walk):
    walk.new_lot(NUMBER)
    run = walk.done(NUMBER, "plate_count", ANALYST, bench.count())
    result = walk.result(NUMBER, "plate_count")
    shown = (
        walk.see(REVIEWER, f"/review/{result}").form(f"/review/{result}", decision="approve").fields
    )
    moved_on(walk.review(result, decision="return", reason=REASON))
    walk.cell(run, ANALYST, "plate:1:-6:1", "190", REASON)
    moved_on(walk.submit(run, ANALYST))

    answer = walk.at(REVIEWER).client.post(
        f"/review/{result}", data=shown | {"login": REVIEWER.login, "password": REVIEWER.password}
    )

    assert answer.status_code == 409
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


@pytest.mark.req("AC-07")
def test_a_reviewer_who_changed_one_replicate_may_not_review(walk, demo):
    """A QC approver is given the analyst's role too, and corrects one plate of nine."""
    today = str(datetime.now(UTC).date())
    moved_on(
        walk.at(ADMINISTRATOR).post(
            f"/people/{REVIEWER.login}/grant", role="analyst", starts_on=today, reason=REASON
        )
    )
    walk.new_lot(NUMBER)
    run = walk.start(NUMBER, "plate_count", ANALYST)
    walk.fill(run, ANALYST, bench.count())
    assert walk.cell(run, REVIEWER, "plate:1:-6:1", "181", REASON).status_code == 200
    moved_on(walk.submit(run, ANALYST))
    result = walk.result(NUMBER, "plate_count")

    answer = walk.at(REVIEWER).post(
        f"/review/{result}", decision="approve", login=REVIEWER.login, password=REVIEWER.password
    )

    assert answer.status_code == 403
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


@pytest.mark.req("AC-08")
def test_one_person_cannot_give_both_signatures_of_a_certificate(walk):
    today = str(datetime.now(UTC).date())
    moved_on(
        walk.at(ADMINISTRATOR).post(
            f"/people/{REVIEWER.login}/grant", role="qa", starts_on=today, reason=REASON
        )
    )
    walk.tested(NUMBER)
    walk.certify(NUMBER)

    answer = walk.release(NUMBER, REVIEWER)

    assert answer.status_code == 403
    assert walk.state(NUMBER) == "tested"


@pytest.mark.req("RL-02")
def test_two_releases_at_once_release_once(walk, demo):
    walk.tested(NUMBER)
    walk.certify(NUMBER)
    page = walk.see(QUALITY, f"/release/{NUMBER}")
    address = f"/release/{NUMBER}/release"
    fields = page.form(address).fields | {
        "login": QUALITY.login,
        "password": QUALITY.password,
        "reason": REASON,
    }
    cookie = walk.at(QUALITY).client.get_cookie("livelot").value
    session = walk.at(QUALITY).client.get_cookie("session").value
    answers = []

    def send():
        client = walk.app.test_client()
        client.set_cookie("livelot", cookie)
        client.set_cookie("session", session)
        answers.append(client.post(address, data=fields).status_code)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    first, second = sorted(answers)
    assert first == 302
    assert second in (409, 422)
    assert walk.state(NUMBER) == "released"
    assert (
        walk.ask(
            "SELECT count(*) FROM disposition WHERE lot_id = (SELECT id FROM lot WHERE number = :n)",
            n=NUMBER,
        )
        == 1
    )


@pytest.mark.req("OO-07")
def test_a_lot_with_a_failing_result_is_not_released_or_taken_off_hold(walk):
    resumed = walk.at(QUALITY).post(
        f"/lots/{FAILING}/resume", login=QUALITY.login, password=QUALITY.password, reason=REASON
    )
    released = walk.at(QUALITY).post(
        f"/release/{FAILING}/release", login=QUALITY.login, password=QUALITY.password, reason=REASON
    )

    assert resumed.status_code == 422
    assert released.status_code in (404, 422)
    assert walk.state(FAILING) == "on hold"


@pytest.mark.req("AC-05")
def test_an_analyst_who_posts_to_the_review_by_hand_is_refused_and_told_of(walk):
    result = walk.result(IN_TEST, "absence")

    answer = walk.at(ANALYST).post(f"/review/{result}", decision="approve")

    assert answer.status_code == 403
    assert events(walk, "access.refused") == 1


@pytest.mark.req("TI-02")
def test_a_clock_that_was_set_back_an_hour_stops_signatures(walk, demo):
    # In the first hour of a day the clock falls into the day before, when nobody had a role yet.
    _force(demo, "UPDATE role_grant SET starts_on = starts_on - 1")
    result = walk.result(IN_TEST, "absence")

    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True):
        answer = walk.review(result)

    assert answer.status_code == 403
    assert "clock" in answer.text
    assert walk.ask("SELECT state FROM result WHERE id = :id", id=result) == "in review"


# --- what the owner of the database can do ----------------------------------------------------------


@pytest.mark.req("ES-04")
def test_a_signature_copied_to_another_record_is_not_genuine(walk, demo):
    columns = (
        "person_id, printed_name, login, role, meaning, at, reason, record_type, {id}, record_label,"
        " record_digest, content, signature, key_id"
    )
    _force(
        demo,
        f"INSERT INTO signature ({columns.format(id='record_id')})"
        f" SELECT {columns.format(id='record_id + 1')} FROM signature WHERE record_type = 'result' LIMIT 1",
    )
    stage = demo.stage()

    with stage.database.session() as session:
        found = session.query(Signature).order_by(Signature.id).all()
        genuine = [signing.is_genuine(session, each) for each in found]

    stage.close()
    assert all(genuine[:-1])
    assert not genuine[-1]


@pytest.mark.req("LR-01")
@pytest.mark.req("DI-01")
def test_recompute_names_every_result_that_one_changed_byte_spoils(walk, demo):
    _force(
        demo,
        "ALTER TABLE stored_file DISABLE TRIGGER USER",
        "UPDATE stored_file SET content = set_byte(content, 5000, (get_byte(content, 5000) + 1) % 256)",
        "ALTER TABLE stored_file ENABLE TRIGGER USER",
    )
    stage = demo.stage()

    with stage.database.session() as session:
        spoiled = [
            sentence
            for number in (RELEASED, FAILING)
            for test in results.tests_of(session, lots.get(session, number))
            for result in test.results
            for sentence in recording.recompute(session, result)
        ]

    stage.close()
    assert len(spoiled) == 2
    assert all("lysis" in each and "SHA-256" in each for each in spoiled)
    assert RELEASED in spoiled[0]
    assert FAILING in spoiled[1]


@pytest.mark.req("CO-12")
def test_a_certificate_file_that_was_changed_is_not_handed_out(walk, demo):
    _force(
        demo,
        "ALTER TABLE certificate_file DISABLE TRIGGER USER",
        "UPDATE certificate_file SET content = set_byte(content, 900, 0)",
        "ALTER TABLE certificate_file ENABLE TRIGGER USER",
    )

    answer = walk.at(INSPECTOR).get("/certificates/1/pdf")

    assert answer.status_code == 422
    assert "SHA-256" in answer.text


@pytest.mark.req("AC-02")
def test_a_disabled_person_leaves_signatures_that_still_carry_the_name(walk):
    moved_on(walk.at(ADMINISTRATOR).post(f"/people/{REVIEWER.login}/disable", reason=REASON))

    page = walk.see(INSPECTOR, "/certificates/1")

    assert REVIEWER.name in page.words
    assert Browser(walk.app).sign_in(REVIEWER) == 422


@pytest.mark.req("AC-14")
@pytest.mark.req("ES-12")
def test_who_resets_a_password_cannot_sign_as_the_person(walk, demo):
    old = walk.ask(
        "SELECT serial FROM signing_key k JOIN person p ON p.id = k.person_id WHERE p.login = :l",
        l=REVIEWER.login,
    )
    reset = walk.at(ADMINISTRATOR).post(f"/people/{REVIEWER.login}/reset", reason=REASON)
    import re

    token = re.search(r"/account/invitation/([\w-]+)", reset.text)[1]
    chosen = "administrator chose this one"
    moved_on(Browser(walk.app).post(f"/account/invitation/{token}", password=chosen, again=chosen))
    impostor = Browser(walk.app)
    assert (
        impostor.post("/account/sign-in", login=REVIEWER.login, password=chosen).status_code == 302
    )

    answer = impostor.post(
        f"/review/{walk.result(IN_TEST, 'absence')}",
        decision="approve",
        login=REVIEWER.login,
        password=chosen,
    )

    assert answer.status_code == 403
    assert "identity" in answer.text
    assert walk.ask("SELECT revoked_at IS NOT NULL FROM signing_key WHERE serial = :s", s=old)


@pytest.mark.req("AC-01")
@pytest.mark.parametrize(
    "login", ["ANA.ANALYST", "ana.analyst ", "аna.analyst", "ana\u200b.analyst", "ａna.analyst"]
)
def test_a_login_that_looks_like_another_is_refused(walk, login):
    answer = walk.at(ADMINISTRATOR).post(
        "/people/invite", login=login, name="Somebody Else", roles="analyst", reason=REASON
    )

    assert answer.status_code == 422
