import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from lims.audit.act import SYSTEM, acting
from lims.cli import doctor, ground, proof
from lims.cli.ground import Ground
from lims.cli.proof import Check
from lims.foundation import clock
from lims.foundation.db import Database
from lims.foundation.embedded import Cluster, Urls


@pytest.fixture
def laid(database: Urls, tmp_path: Path) -> Ground:
    ground.make_folders(tmp_path / "home")
    return Ground(tmp_path / "home", database, None)


def _named(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def _as_owner(urls: Urls, statement: str) -> None:
    with psycopg.connect(ground.conninfo(urls.owner)) as connection:
        connection.execute(statement.encode())


def test_a_fresh_laboratory_is_sound_but_for_the_tests_own_fsync(laid: Ground) -> None:
    checks = _named(doctor.examine(laid, quick=False))

    assert [name for name, check in checks.items() if not check.passed] == ["PostgreSQL", "backups"]
    assert "fsync, full_page_writes off" in checks["PostgreSQL"].told
    assert checks["audit trail"].passed
    assert not checks["backups"].grave


@pytest.mark.req("SY-01")
def test_a_login_that_owns_a_table_is_found(laid: Ground, cluster: Cluster) -> None:
    owner = Urls(laid.urls.owner, laid.urls.owner, laid.urls.reader)

    checks = _named(doctor.examine(Ground(laid.home, owner, None), quick=True))

    assert not checks["login of the application"].passed
    assert "owns" in checks["login of the application"].told


@pytest.mark.req("SY-01")
def test_a_login_that_could_rewrite_history_is_found(laid: Ground) -> None:
    _as_owner(laid.urls, "GRANT UPDATE ON audit_event TO lims_app")

    checks = _named(doctor.examine(laid, quick=True))

    assert "can write 1 tables" in checks["login of the application"].told


def test_a_reader_that_can_write_anything_is_found(laid: Ground) -> None:
    _as_owner(laid.urls, "GRANT INSERT ON lot TO lims_reader")

    assert not _named(doctor.examine(laid, quick=True))["login of the reader"].passed


@pytest.mark.filterwarnings("ignore:.*ServerCursor:ResourceWarning")
def test_a_changed_event_is_found(laid: Ground) -> None:
    access = Database(laid.urls.application)
    for number in range(3):
        with access.session() as session, acting(session, SYSTEM) as act:
            act.note("test.happened", number=number)
    access.close()
    _as_owner(
        laid.urls,
        "ALTER TABLE audit_event DISABLE TRIGGER USER;"
        "UPDATE audit_event SET hashed = replace(hashed, 'happened', 'occurred') WHERE id = 2",
    )

    checks = _named(doctor.examine(laid, quick=False))

    assert not checks["audit trail"].passed
    assert "Event 2 was edited" in checks["audit trail"].told


def test_a_schema_behind_the_release_ends_the_examination(
    cluster: Cluster, spare_name: str, tmp_path: Path
) -> None:
    ground.make_folders(tmp_path / "home")
    urls = cluster.create_database(spare_name)

    checks = doctor.examine(Ground(tmp_path / "home", urls, None), quick=False)

    assert checks[-1].name == "schema"
    assert "no schema" in checks[-1].told


def test_a_clock_behind_the_newest_event_is_found(
    laid: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Database(laid.urls.application)
    with access.session() as session, acting(session, SYSTEM) as act:
        act.note("test.happened")
    access.close()
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) - timedelta(minutes=5))

    assert not _named(doctor.examine(laid, quick=True))["clock"].passed


@pytest.mark.req("BK-05")
def test_an_old_backup_is_told_but_does_not_stop_the_laboratory(
    laid: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = Database(laid.urls.application)
    with access.session() as session, acting(session, SYSTEM) as act:
        act.note("backup.made")
    access.close()

    fresh = _named(doctor.examine(laid, quick=True))["backups"]
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=2))
    old = _named(doctor.examine(laid, quick=True))["backups"]

    assert fresh.passed
    assert not old.passed
    assert proof.sound([old])


@pytest.mark.req("SY-01")
def test_a_secret_open_to_others_is_found(laid: Ground) -> None:
    (laid.home / "secrets" / "server-key").chmod(0o644)

    check = _named(doctor.examine(laid, quick=True))["secrets"]

    assert "secrets/server-key" in check.told
    assert not check.passed


def test_a_missing_laboratory_is_said_for_people_and_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ground.URL_VARIABLES.values():
        monkeypatch.delenv(name, raising=False)

    plain = CliRunner().invoke(doctor.command, ["--home", str(tmp_path / "x")])
    told = CliRunner().invoke(doctor.command, ["--home", str(tmp_path / "x"), "--json"])

    assert plain.exit_code == told.exit_code == 1
    assert "FAILED" in plain.output
    assert json.loads(told.output)["sound"] is False
    assert not (tmp_path / "x").exists()
