"""The commands of a laboratory: begin, list accounts, verify the trail and a certificate."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from lims.accounts import keys
from lims.accounts.models import SigningKey
from lims.app import create_app
from lims.certificates import queries as certificates
from lims.cli import ground, main
from lims.demonstration.people import INSPECTOR
from lims.foundation import clock
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


@pytest.fixture
def taken_along(demo, browser, tmp_path) -> Path:
    """What a customer keeps: the certificate, the register, the authority's certificate."""
    database = Database(demo.urls.application)
    with database.session() as session:
        found = certificates.get(session, certificates.newest(session)[0].id)
        pdf = certificates.pdf(session, certificates.newest_file(found))
    database.close()
    (tmp_path / "coa.pdf").write_bytes(pdf)
    inspector = browser(INSPECTOR)
    (tmp_path / "register.json").write_bytes(inspector.post("/certificates/register.json").data)
    (tmp_path / "ca.pem").write_bytes(inspector.get("/verify/authority.pem").data)
    return tmp_path


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


def test_a_certificate_is_verified_in_the_database(taken_along, demo, laid):
    laid(demo.urls, demo.home)

    asked = run("verify", taken_along / "coa.pdf")

    assert asked.exit_code == 0, asked.output
    assert "unchanged and in force" in asked.output


@pytest.mark.req("ES-11")
def test_a_certificate_is_verified_with_files_alone(taken_along):
    offline = ("--authority", taken_along / "ca.pem", "--register", taken_along / "register.json")
    cut = taken_along / "cut.pdf"
    cut.write_bytes((taken_along / "coa.pdf").read_bytes()[:-2000])

    alone, shortened = (
        run("verify", taken_along / "coa.pdf", *offline),
        run("verify", cut, *offline),
    )

    assert alone.exit_code == 0, alone.output
    assert "unchanged and in force" in alone.output
    assert "Register of" in alone.stderr
    assert shortened.exit_code == 1


def test_without_a_register_a_file_is_not_said_to_be_in_force(taken_along):
    alone = run("verify", taken_along / "coa.pdf", "--authority", taken_along / "ca.pem")

    assert alone.exit_code == 1
    assert "was not looked up" in alone.output


def test_a_register_that_somebody_changed_is_refused(taken_along):
    register = taken_along / "register.json"
    changed = register.read_text("utf-8").replace("COA-", "COB-", 1)
    register.write_text(changed, "utf-8")

    answer = run(
        "verify", taken_along / "coa.pdf", "--authority", taken_along / "ca.pem",
        "--register", register,
    )  # fmt: skip

    assert answer.exit_code == 1
    assert "changed since" in answer.output
    assert "Traceback" not in answer.output


def test_a_later_list_of_revocations_counts(taken_along, demo):
    """Keys reported stolen: only the register can vouch that the file is older than the theft."""
    secret = bytes.fromhex((demo.home / "secrets" / "server-key").read_text("ascii").strip())
    authority = keys.open_authority(demo.home / "keys" / "authority.pem", secret, lambda _use: None)
    database = Database(demo.urls.application)
    with database.session() as session:
        serials = [int(serial, 16) for serial in session.scalars(select(SigningKey.serial))]
    database.close()
    now, why = clock.now(), keys.RevocationReason.KEY_COMPROMISE
    listed = authority.revocation_list([keys.Revocation(s, now, why) for s in serials], 1, now)
    (taken_along / "crl.pem").write_bytes(listed.public_bytes(Encoding.PEM))
    base = ("verify", taken_along / "coa.pdf", "--authority", taken_along / "ca.pem")
    stolen = (*base, "--revocations", taken_along / "crl.pem")

    alone, vouched = run(*stolen), run(*stolen, "--register", taken_along / "register.json")

    assert "not a certificate to rely on" in alone.output
    assert vouched.exit_code == 0, vouched.output


def test_a_file_that_is_no_list_of_revocations_is_named(taken_along):
    (taken_along / "not.pem").write_text("nothing")

    answer = run(
        "verify", taken_along / "coa.pdf", "--authority", taken_along / "ca.pem",
        "--revocations", taken_along / "not.pem",
    )  # fmt: skip

    assert answer.exit_code == 1
    assert "not.pem holds no revocation list" in answer.output


def test_files_without_an_authority_are_no_check(taken_along):
    answer = run("verify", taken_along / "coa.pdf", "--register", taken_along / "register.json")

    assert answer.exit_code == 2
    assert "--authority" in answer.output


def test_every_result_is_recomputed_from_the_terminal(demo, laid):
    laid(demo.urls, demo.home)

    answer = run("recompute")

    assert answer.exit_code == 0
    assert "7 results computed anew, 0 of them differ" in answer.output
