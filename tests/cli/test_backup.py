import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from lims.audit.act import SYSTEM, acting
from lims.audit.verify import verify_chain
from lims.cli import archive, backup, doctor, ground, restore
from lims.cli.ground import Ground
from lims.foundation.db import Database
from lims.foundation.embedded import Cluster, Urls

_EVENTS = 5
_CHECKS = ["audit trail", "files", "signatures", "certificates", "rows"]


@pytest.fixture(autouse=True)
def _test_cluster_is_good_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "SAFE_SETTINGS", ())
    monkeypatch.delenv("LIMS_HOME", raising=False)


def _name_urls(monkeypatch: pytest.MonkeyPatch, urls: Urls) -> None:
    monkeypatch.setenv("LIMS_OWNER_URL", urls.owner)
    monkeypatch.setenv("DATABASE_URL", urls.application)
    monkeypatch.setenv("LIMS_READER_URL", urls.reader)


@pytest.fixture
def laboratory(database: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A laboratory with some events, a key, and its three URLs in the environment."""
    _name_urls(monkeypatch, database)
    laid = ground.lay(tmp_path / "home")
    (laid.keys / "authority.pem").write_text("the authority's key\n")
    (laid.keys / "authority.pem").chmod(0o600)
    access = Database(database.application)
    for number in range(_EVENTS):
        with access.session() as session, acting(session, SYSTEM) as act:
            act.note("test.happened", number=number)
    access.close()
    return laid


@pytest.fixture
def empty(cluster: Cluster, spare_name: str) -> Urls:
    """Another server's empty database, as far as restore can tell."""
    return cluster.create_database(spare_name)


def _restore(file: Path, into: Path) -> Result:
    return CliRunner().invoke(restore.command, [str(file), "--into", str(into), "--json"])


@pytest.mark.req("BK-01")
def test_a_backup_holds_database_keys_secret_and_settings(
    laboratory: Ground, tmp_path: Path
) -> None:
    target, manifest = backup.make(laboratory, tmp_path / "backups")

    assert {part.name for part in manifest.parts} == {
        "database.dump",
        "keys/authority.pem",
        "secrets/server-key",
        "settings.json",
    }
    assert manifest.facts["head_number"] == _EVENTS
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.req("BK-01")
def test_a_backup_is_an_event_of_the_trail(laboratory: Ground, tmp_path: Path) -> None:
    target, _ = backup.make(laboratory, tmp_path / "backups")

    with psycopg.connect(ground.conninfo(laboratory.urls.reader)) as connection:
        row = connection.execute(
            "SELECT hashed::jsonb #>> '{body,facts,sha256}' FROM audit_event"
            " WHERE action = 'backup.made'"
        ).fetchone()
    assert row is not None
    assert row[0] == backup.file_digest(target)


def test_settings_are_kept_without_logins_and_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMS_PROXIES", "10.0.0.1")
    monkeypatch.setenv("LIMS_OWNER_URL", "postgresql://o:hunter2@h/d")
    monkeypatch.setenv("LIMS_SECRET_KEY", "hunter2")

    kept = backup.settings_in_force()

    assert kept["LIMS_PROXIES"] == "10.0.0.1"
    assert "hunter2" not in json.dumps(kept)


@pytest.mark.req("BK-02")
def test_a_backup_restores_into_an_empty_place_and_proves_itself(
    laboratory: Ground, empty: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, _ = backup.make(laboratory, tmp_path / "backups")
    _name_urls(monkeypatch, empty)

    done = _restore(target, tmp_path / "new")

    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    assert [check["name"] for check in report["checks"]] == _CHECKS
    assert report["passed"]
    assert json.loads(Path(report["report"]).read_text())["checks"] == report["checks"]
    for part in ("keys/authority.pem", "secrets/server-key"):
        assert (tmp_path / "new" / part).read_bytes() == (laboratory.home / part).read_bytes()


@pytest.mark.req("BK-04")
def test_a_restore_is_visible_in_the_trail_for_ever(
    laboratory: Ground, empty: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, manifest = backup.make(laboratory, tmp_path / "backups")
    _name_urls(monkeypatch, empty)
    _restore(target, tmp_path / "new")

    with psycopg.connect(ground.conninfo(empty.reader)) as connection:
        events = connection.execute("SELECT id, action FROM audit_event ORDER BY id").fetchall()

    assert events[-1] == (_EVENTS + 1, "backup.restored")
    assert verify_chain(empty.reader).intact
    assert manifest.facts["head_number"] == _EVENTS


def test_restored_logins_have_the_rights_they_had(
    laboratory: Ground, empty: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, _ = backup.make(laboratory, tmp_path / "backups")
    _name_urls(monkeypatch, empty)
    _restore(target, tmp_path / "new")

    checks = doctor.examine(ground.lay(tmp_path / "new"), quick=False)

    wrong = [check for check in checks if not check.passed and check.name != "PostgreSQL"]
    assert [check.name for check in wrong] == ["backups"]


@pytest.mark.req("BK-02")
def test_a_damaged_backup_restores_nothing(
    laboratory: Ground, empty: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, _ = backup.make(laboratory, tmp_path / "backups")
    content = bytearray(target.read_bytes())
    content[content.index(b"PGDMP") + 40] ^= 1
    target.write_bytes(content)
    _name_urls(monkeypatch, empty)

    done = _restore(target, tmp_path / "new")

    assert done.exit_code == 1
    assert "database.dump differ from the manifest" in done.output
    assert not (tmp_path / "new").exists()


def test_records_are_never_written_over(laboratory: Ground, tmp_path: Path) -> None:
    target, _ = backup.make(laboratory, tmp_path / "backups")

    into_home = _restore(target, laboratory.home)
    into_database = _restore(target, tmp_path / "new")

    assert "is not empty" in into_home.output
    assert "already holds tables" in into_database.output
    assert into_home.exit_code == into_database.exit_code == 1


@pytest.mark.req("BK-04")
def test_an_older_copy_than_the_kept_head_is_told(
    laboratory: Ground, empty: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest that promises more events than the dump holds: its end was cut off."""
    target, manifest = backup.make(laboratory, tmp_path / "backups")
    _name_urls(monkeypatch, empty)
    laid = restore._bring_back(target, tmp_path / "new", manifest)
    promised = archive.Manifest({**manifest.facts, "head_number": _EVENTS + 3}, manifest.parts)

    checks = restore.prove(laid, promised)

    assert not checks[0].passed
    assert "cut off" in checks[0].told


def test_a_backup_of_an_unknown_release_is_refused_before_anything_is_written(
    laboratory: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, _ = backup.make(laboratory, tmp_path / "backups")
    monkeypatch.setattr(ground, "known_schemas", frozenset[str])

    done = _restore(target, tmp_path / "new")

    assert "does not know" in done.output
    assert not (tmp_path / "new").exists()


def test_an_empty_database_has_nothing_to_back_up(
    empty: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _name_urls(monkeypatch, empty)

    done = CliRunner().invoke(backup.command, [str(tmp_path / "b"), "--home", str(tmp_path / "h")])

    assert done.exit_code == 1
    assert "no laboratory yet" in done.output


def test_a_part_that_would_leave_the_new_home_is_refused(tmp_path: Path) -> None:
    with pytest.raises(archive.NotABackup, match="outside"):
        restore._inside(tmp_path / "new", "keys/../../elsewhere")
