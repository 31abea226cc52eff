from pathlib import Path

import psycopg
import pytest

from lims.cli import ground, proof
from lims.cli.ground import Ground
from lims.foundation.embedded import Urls
from tests.laboratory import Laboratory


@pytest.fixture
def street(demo: Laboratory) -> Ground:
    """The demonstration laboratory with its signed certificate; a test may spoil it."""
    return Ground(demo.home, demo.urls, None)


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
def test_a_signature_changed_by_the_servers_owner_is_named(street: Ground, change: str) -> None:
    _as_owner(street.urls, f"UPDATE signature s SET {change} WHERE id = 3")

    found = proof.check_signatures(street.urls.application, street.authority)

    assert not found.passed
    assert found.told.startswith("1 of ")
    assert "number 3" in found.told


@pytest.mark.req("BK-02")
def test_a_certificate_changed_with_its_hash_is_named(street: Ground) -> None:
    """One byte in the middle, and the register's hash made to fit."""
    changed = "overlay(content placing '\\x58'::bytea from size / 2 for 1)"
    _as_owner(
        street.urls,
        f"UPDATE certificate_file SET content = {changed},"
        f" sha256 = encode(sha256({changed}), 'hex')"
        " WHERE id = (SELECT max(id) FROM certificate_file)",
    )

    files = proof.check_files(street.urls.reader)
    found = proof.check_certificates(street.urls.application, street.authority)

    assert files.passed
    assert not found.passed


def test_a_file_changed_without_its_hash_is_named(street: Ground) -> None:
    changed = "overlay(content placing '\\x58'::bytea from size / 2 for 1)"
    _as_owner(street.urls, f"UPDATE certificate_file SET content = {changed} WHERE id = 1")

    found = proof.check_files(street.urls.reader)

    assert "certificate_file 1" in found.told
    assert not found.passed


def test_without_the_authority_nothing_is_called_genuine(street: Ground, tmp_path: Path) -> None:
    found = proof.check_signatures(street.urls.application, tmp_path / "authority.pem")

    assert not found.passed
    assert "cannot be read" in found.told
