"""The audit trail on screen and as a file: told, narrowed, verified, exported."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from lims.accounts.models import Role
from lims.audit import exports, queries
from lims.audit.queries import Change
from lims.demonstration.people import ANALYST, INSPECTOR, MANAGER, QUALITY
from lims.demonstration.street import RELEASED
from tests.laboratory import BY_ROLE
from tests.pages.bench import events, statements

VERIFIER = Path(__file__).parents[2] / "docs" / "verify_trail.py"
SEES = {role for role in Role if role is not Role.ANALYST}


def verified(path: Path, *kept: str) -> subprocess.CompletedProcess[str]:
    """What the short script of the documentation says, in a Python without this program."""
    command = [sys.executable, "-I", str(VERIFIER), str(path), *kept]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def exported(seated) -> str:
    answer = seated(INSPECTOR).post("/audit/export.jsonl")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="trail.jsonl"'
    return answer.text


@pytest.mark.req("AT-08")
def test_the_trail_of_a_lot_reads_in_sentences_with_old_and_new_values(seated):
    page = seated(INSPECTOR).get(f"/audit/?lot={RELEASED}").text

    assert f"released the lot {RELEASED}" in page
    assert '<span class="vh">was </span>tested' in page
    assert '<span class="vh">now </span>released' in page


@pytest.mark.req("AT-08")
@pytest.mark.parametrize(
    ("asked", "there", "absent"),
    [
        ("person=quinn.quality", "Quinn Decider", ">Mia Watcher<"),
        ("action=lot.released", "Lot released", "Reading recorded"),
        ("action=lot.", "Lot registered", "Reading recorded"),
        ("record=certificate", "Certificate issued", "Lot registered"),
        ("words=Growth+promotion", "Material decided", "Lot registered"),
        ("since=2001-01-01&until=2001-12-31", "No event matches", "Lot registered"),
        ("quiet=y&action=login.", "No event matches", "Login succeeded"),
    ],
)
def test_filters_in_the_address_narrow_the_trail(seated, asked, there, absent):
    page = seated(INSPECTOR).get(f"/audit/?{asked}").text
    table = page[page.index("</form>", page.index('aria-label="Filter"')) :]

    assert there in table
    assert absent not in table


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("lot=NOPE", "There is no lot NOPE"), ("since=monday", "is not a date"),
     ("before=first", "is not a whole number")],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_said_and_nothing_is_shown_or_exported(seated, asked, sentence):
    ines = seated(INSPECTOR)

    for answer in (ines.get(f"/audit/?{asked}"), ines.post(f"/audit/export.csv?{asked}")):
        assert answer.status_code == 422
        assert sentence in answer.text


def test_pages_follow_each_other_without_gap_or_repeat(seated):
    ines, seen, address = seated(INSPECTOR), [], "/audit/"
    while address:
        page = ines.get(address).text
        seen += [int(part.split('"')[0]) for part in page.split('href="/audit/events/')[1:]]
        older = page.split('rel="next" href="')
        address = older[1].split('"')[0] if len(older) > 1 else ""

    assert seen == list(range(seen[0], 0, -1))


@pytest.mark.req("AT-07")
def test_the_chain_is_verified_on_request_and_an_edit_is_named(browser, demo):
    ines = browser(INSPECTOR)
    assert "Last stored head" in ines.get("/audit/").text
    assert "Chain intact" in ines.post("/audit/verify").text
    owner = create_engine(demo.urls.owner)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE audit_event SET hashed = hashed || ' ' WHERE id = 41"))
    owner.dispose()

    page = ines.post("/audit/verify").text

    assert "Chain broken at event 41" in page
    assert "was edited" in page


@pytest.mark.req("AT-13")
def test_an_event_shows_every_value_and_the_text_that_was_hashed(seated):
    ines = seated(INSPECTOR)
    page = ines.get("/audit/events/60").text

    assert "The text that was hashed" in page
    assert "Event 60" in page
    assert ines.get("/audit/events/999999").status_code == 404


def test_a_record_shows_all_that_happened_to_it(seated):
    page = seated(INSPECTOR).get("/audit/lot/1").text

    assert "Changes of" in page
    assert "in test" in page
    assert "Nothing happened to it" in seated(INSPECTOR).get("/audit/lot/4711").text


@pytest.mark.req("AT-12")
def test_the_export_is_verified_by_the_short_script(exported, tmp_path):
    file = tmp_path / "trail.jsonl"
    file.write_text(exported, encoding="utf-8")
    last = json.loads(exported.splitlines()[-1])
    number = len(exported.splitlines())

    found = verified(file, f"{number}:{last['hash']}")

    assert found.returncode == 0, found.stdout
    assert f"intact: {number} events" in found.stdout
    code = [line for line in VERIFIER.read_text().splitlines() if line.strip()]
    assert len(code) <= 60


def lines_of(exported: str) -> list[str]:
    return exported.splitlines(keepends=True)


def edited(lines: list[str]) -> list[str]:
    return [line.replace("demonstration", "Demonstration") for line in lines]


def cut(lines: list[str]) -> list[str]:
    return lines[:-3]


def without_one(lines: list[str]) -> list[str]:
    return lines[:9] + lines[10:]


def swapped(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.req("AT-05")
@pytest.mark.parametrize(
    ("forge", "says"),
    [
        (edited, "was edited"),
        (cut, "its end is cut"),
        (without_one, "event 10 is missing: event 11"),
        (swapped, "event 1 is missing: event 2"),
    ],
)
def test_the_short_script_finds_each_forgery(exported, tmp_path, forge, says):
    lines = lines_of(exported)
    kept = f"{len(lines)}:{json.loads(lines[-1])['hash']}"
    file = tmp_path / "forged.jsonl"
    file.write_text("".join(forge(lines)), encoding="utf-8")

    found = verified(file, kept)

    assert found.returncode == 1
    assert says in found.stdout


def test_the_short_script_says_when_it_cannot_read_a_file(tmp_path):
    file = tmp_path / "no.jsonl"
    file.write_text("not json\n")

    assert verified(file).returncode == 2


@pytest.mark.req("AT-01")
def test_an_export_is_an_event_and_ends_before_it(browser, demo):
    mia = browser(MANAGER)

    lines = mia.post("/audit/export.jsonl").text.splitlines()

    assert events(demo, "trail.exported") == 1
    assert f"exported {len(lines)} events of the trail" in mia.get("/audit/").text


@pytest.mark.req("AT-08")
def test_the_csv_equals_the_screen(seated):
    quinn = seated(QUALITY)
    answer = quinn.post(f"/audit/export.csv?lot={RELEASED}&action=lot.")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    page = quinn.get(f"/audit/?lot={RELEASED}&action=lot.").text

    assert answer.mimetype == "text/csv"
    assert tuple(rows[0]) == exports.COLUMNS
    shown = [int(part.split('"')[0]) for part in page.split('href="/audit/events/')[1:]]
    assert [int(row["number"]) for row in rows] == shown[::-1]
    assert any("tested → released" in row["changes"] for row in rows)


@pytest.mark.req("EX-04")
@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_in_a_reason_stays_text_in_the_csv(seated, hostile):
    event = next(iter(_told(seated)))
    told = [_with(event, reason=hostile, record=hostile)]

    text_of = "".join(exports.as_csv(told)).removeprefix("\ufeff")
    row = next(csv.DictReader(io.StringIO(text_of, newline="")))

    assert row["reason"] == f"'{hostile}"
    assert row["record"] == f"'{hostile}"


def _told(seated):
    app = seated(INSPECTOR).client.application
    with app.extensions["livelot"]["database"].session() as session:
        yield queries.get(session, 60)


def _with(event, **changed):
    return replace(event, changes=(Change("lot", "state", "", "=new"),), **changed)


@pytest.mark.req("AC-05")
@pytest.mark.parametrize("role", Role)
def test_reviewers_managers_and_inspectors_read_the_trail_and_analysts_do_not(seated, role):
    who = seated(BY_ROLE[role])
    answers = [
        who.get("/audit/"),
        who.get("/audit/events/1"),
        who.get("/audit/lot/1"),
        who.post("/audit/verify"),
        who.post("/audit/export.csv?action=lot.released"),
        who.post("/audit/export.jsonl?action=lot.released"),
    ]

    assert {answer.status_code for answer in answers} == {200 if role in SEES else 403}


def test_the_trail_asks_the_same_number_of_questions_whatever_is_shown(seated, shared_app):
    ines = seated(INSPECTOR)
    ines.get("/audit/")
    counted = []
    for asked in ("", "?action=lot.released", "?person=nobody"):
        with statements(shared_app) as seen:
            ines.get(f"/audit/{asked}")
        counted.append(len(seen))

    assert len(set(counted)) == 1


def test_an_analyst_is_told_who_reads_the_trail(seated):
    assert "open to reviewers" in seated(ANALYST).get("/audit/").text
