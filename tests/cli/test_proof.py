from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from lims.cli import ground, proof
from lims.cli.ground import Ground
from lims.demonstration.performing import Stage
from lims.demonstration.setting import set_up
from lims.demonstration.street import walk
from lims.foundation.embedded import Cluster, Urls
from lims.foundation.strongbox import HashCost

_CHEAP = HashCost(time=1, memory_kib=64, parallelism=1)


@pytest.fixture(scope="module")
def street(
    cluster: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """The demonstration laboratory with its signed certificate, made once for this file."""
    home = tmp_path_factory.mktemp("street")
    ground.make_folders(home)
    urls = cluster.create_database("street", template)
    stage = Stage.open(urls, home, _CHEAP)
    set_up(stage)
    walk(stage)
    stage.close()
    yield Ground(home, urls, None)
    cluster.drop_database("street")


@pytest.fixture
def spoiled(cluster: Cluster, street: Ground) -> Iterator[Ground]:
    """A copy of it that a test may spoil."""
    yield Ground(street.home, cluster.create_database("spoiled", "street"), None)
    cluster.drop_database("spoiled")


def _as_owner(urls: Urls, statement: str) -> None:
    """What the person who owns the server could do: guards off, then a change."""
    with psycopg.connect(ground.conninfo(urls.owner)) as connection:
        for table in ("signature", "certificate_file"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        connection.execute(statement.encode())


def test_the_demonstrations_signatures_and_certificate_hold(street: Ground) -> None:
    signatures = proof.check_signatures(street.urls.application, street.authority)
    certificates = proof.check_certificates(street.urls.application, street.authority)

    assert signatures.passed, signatures.told
    assert certificates.passed, certificates.told
    assert "All 0" not in signatures.told + certificates.told


@pytest.mark.req("BK-02")
@pytest.mark.parametrize(
    "change",
    [
        "reason = 'another reason altogether'",
        "meaning = (SELECT meaning FROM signature WHERE meaning <> s.meaning LIMIT 1)",
        "content = content || ' '",
        "printed_name = 'Somebody Else'",
        "key_id = (SELECT id FROM signing_key WHERE id <> s.key_id LIMIT 1)",
    ],
)
def test_a_signature_changed_by_the_servers_owner_is_named(spoiled: Ground, change: str) -> None:
    _as_owner(spoiled.urls, f"UPDATE signature s SET {change} WHERE id = 3")

    found = proof.check_signatures(spoiled.urls.application, spoiled.authority)

    assert not found.passed
    assert found.told.startswith("1 of ")
    assert "number 3" in found.told


@pytest.mark.req("BK-02")
def test_a_certificate_changed_with_its_hash_is_named(spoiled: Ground) -> None:
    """One byte in the middle, and the register's hash made to fit."""
    changed = "overlay(content placing '\\x58'::bytea from size / 2 for 1)"
    _as_owner(
        spoiled.urls,
        f"UPDATE certificate_file SET content = {changed},"
        f" sha256 = encode(sha256({changed}), 'hex')"
        " WHERE id = (SELECT max(id) FROM certificate_file)",
    )

    files = proof.check_files(spoiled.urls.reader)
    found = proof.check_certificates(spoiled.urls.application, spoiled.authority)

    assert files.passed
    assert not found.passed


def test_a_file_changed_without_its_hash_is_named(spoiled: Ground) -> None:
    changed = "overlay(content placing '\\x58'::bytea from size / 2 for 1)"
    _as_owner(spoiled.urls, f"UPDATE certificate_file SET content = {changed} WHERE id = 1")

    found = proof.check_files(spoiled.urls.reader)

    assert "certificate_file 1" in found.told
    assert not found.passed


def test_without_the_authority_nothing_is_called_genuine(street: Ground, tmp_path: Path) -> None:
    found = proof.check_signatures(street.urls.application, tmp_path / "authority.pem")

    assert not found.passed
    assert "cannot be read" in found.told
