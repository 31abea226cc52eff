"""The commands of a laboratory: begin, list accounts, verify the trail and a certificate."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from lims.app import create_app
from lims.certificates import queries as certificates
from lims.certificates.register_entry import register_to_json
from lims.cli import ground, main
from lims.foundation.db import Database
from tests.laboratory import Browser, Laboratory, make_home

FOUND = (
    "init", "--name", "Empty Lab", "--address", "2 Nowhere", "--zone", "Europe/Vienna",
    "--administrator", "first.admin", "--administrator-name", "First Admin",
)  # fmt: skip


@pytest.fixture
def laid(monkeypatch):
    """Commands find this database and home instead of an embedded cluster of their own."""

    def lay(urls, home: Path) -> None:
        found = ground.Ground(home, urls, None)
        monkeypatch.setattr(ground, "lay", lambda *_: found)
        monkeypatch.setattr(ground, "check_there", lambda _home: None)

    return lay


def run(*words: str):
    return CliRunner().invoke(main, [str(word) for word in words])


def certificate(demo) -> tuple[bytes, str]:
    database = Database(demo.urls.application)
    with database.session() as session:
        newest = certificates.newest(session)[0]
        found = certificates.get(session, newest.id)
        pdf = certificates.pdf(session, certificates.newest_file(found))
        register = register_to_json(certificates.every_entry(session))
    database.close()
    return pdf, register


@pytest.mark.req("AC-03")
def test_a_laboratory_is_founded_once_and_its_administrator_comes_in_once(database, tmp_path, laid):
    make_home(tmp_path)
    laid(database, tmp_path)

    first, second = run(*FOUND), run(*FOUND)

    assert first.exit_code == 0, first.output
    assert re.search(r"/account/invitation/\S{20,}", first.output)
    assert second.exit_code == 1
    assert "founded once" in second.output


def test_a_founded_laboratory_has_no_password_until_the_invitation_is_used(
    database, tmp_path, laid
):
    make_home(tmp_path)
    laid(database, tmp_path)
    told = run(*FOUND).output
    address = re.search(r"(/account/invitation/\S+)", told)[1]
    app = create_app(Laboratory(database, tmp_path).settings())
    admin = Browser(app)
    password = "seven green bottles hanging"

    weak = admin.post(address, password="first.admin1234567", again="first.admin1234567")
    accepted = admin.post(address, password=password, again=password)
    again = admin.get(address)
    admin.post("/account/sign-in", login="first.admin", password=password)

    assert weak.status_code == 422
    assert accepted.status_code == 302
    assert again.status_code == 403
    assert admin.get("/people/").status_code == 200
    app.extensions["livelot"]["database"].close()


def test_a_wrong_time_zone_is_named(database, tmp_path, laid):
    make_home(tmp_path)
    laid(database, tmp_path)

    answer = run(*FOUND[:6], "Mars/Olympus", *FOUND[7:])

    assert answer.exit_code == 1
    assert "is no time zone" in answer.output


def test_accounts_are_listed_for_people_and_for_programs(demo, laid):
    laid(demo.urls, demo.home)

    told = json.loads(run("user", "list", "--json").output)

    assert {each["login"] for each in told} >= {"ana.analyst", "quinn.quality"}
    assert "ana.analyst" in run("user", "list").output


def test_the_trail_is_verified_from_the_terminal(demo, laid):
    laid(demo.urls, demo.home)

    intact = run("audit", "verify", "--json")
    wrong = run("audit", "verify", "--checkpoint", f"40:{'0' * 64}")

    assert intact.exit_code == 0
    assert json.loads(intact.output)["intact"]
    assert wrong.exit_code == 1
    assert "rewritten" in wrong.output


def test_a_certificate_is_verified_with_the_register_and_without_the_database(demo, laid, tmp_path):
    pdf, register = certificate(demo)
    (tmp_path / "coa.pdf").write_bytes(pdf)
    (tmp_path / "cut.pdf").write_bytes(pdf[:-2000])
    (tmp_path / "register.json").write_text(register, encoding="utf-8")
    (tmp_path / "ca.pem").write_bytes((demo.home / "keys" / "authority.pem").read_bytes())
    laid(demo.urls, demo.home)
    offline = ("--authority", tmp_path / "ca.pem", "--register", tmp_path / "register.json")

    asked = run("verify", tmp_path / "coa.pdf")
    alone = run("verify", tmp_path / "coa.pdf", *offline)
    cut = run("verify", tmp_path / "cut.pdf", *offline)

    assert asked.exit_code == alone.exit_code == 0, asked.output + alone.output
    assert "unchanged and in force" in alone.output
    assert cut.exit_code == 1


def test_every_result_is_recomputed_from_the_terminal(demo, laid):
    laid(demo.urls, demo.home)

    answer = run("recompute")

    assert answer.exit_code == 0
    assert "7 results computed anew, 0 of them differ" in answer.output
