"""Stored files read again: what an upgraded reader, a changed record and changed bytes show."""

import json
from dataclasses import replace
from unittest import mock

import psycopg
import pytest
from click.testing import CliRunner

import instruments
from lims.cli import ground, recheck
from lims.cli import main as lims
from lims.demonstration.people import ANALYST
from lims.foundation.permissions import Permission
from lims.imports import actions
from lims.imports.recheck import Finding, digests
from tests.laboratory import Laboratory

MARS = (
    "User: U,Path: C:\\BMG\\CLARIOstar\\U,Test run no.: 12\nTest name: t,Date: 29/02/2024,"
    "Time: 14:00:00\nAbsorbance\n\nRaw Data (600)\n\n,1,2,3\nA,0.1,0.2,0.3\n"
)


def only(laboratory: Laboratory) -> Finding:
    """The demonstration stores one plate file."""
    (finding,) = recheck.of_database(laboratory.urls.reader)
    return finding


def as_owner(laboratory: Laboratory, table: str, change: str) -> None:
    """Change a row behind the program's back, as only the owner of the tables could."""
    with psycopg.connect(ground.conninfo(laboratory.urls.owner)) as connection:
        for statement in (
            f"ALTER TABLE {table} DISABLE TRIGGER USER",
            f"UPDATE {table} SET {change}",
            f"ALTER TABLE {table} ENABLE TRIGGER USER",
        ):
            connection.execute(statement.encode())


def test_a_file_is_read_as_on_the_day_of_its_import(demo):
    finding = only(demo)

    assert finding.same
    assert finding.then == finding.now
    assert finding.name == "epoch_phage_growth_Rep1.csv"


def test_another_version_that_reads_the_same_is_told_and_is_no_difference(demo):
    as_owner(demo, "plate_import", "reader_version = '0'")

    finding = only(demo)

    assert finding.same
    assert finding.then == "biotek_gen5 0"
    assert finding.now != finding.then
    assert "1 of them by another version of the reader" in recheck.told([finding])


def test_an_upgrade_that_moves_one_value_is_found(demo):
    read = instruments.read

    def upgraded(content, filename):
        reading = read(content, filename)
        plate = reading.plates[0]
        values = plate.reads[0].values.copy()
        values[0, 0] += 0.001
        reads = (replace(plate.reads[0], values=values), *plate.reads[1:])
        return replace(reading, plates=(replace(plate, reads=reads),), reader_version="next")

    with mock.patch("instruments.read", upgraded):
        finding = only(demo)

    assert finding.differences == ("Read otherwise: plate 1.",)
    assert finding.now == "biotek_gen5 next"


def test_a_kept_digest_that_was_altered_is_found(demo):
    as_owner(demo, "plate_import", "reading_sha256 = repeat('0', 64)")

    assert only(demo).differences == ("Read otherwise: the digest of the whole alone.",)


def test_a_kept_part_tells_where_the_difference_lies(demo):
    altered = "reading_parts || jsonb_build_object('messages', repeat('0', 64))"
    as_owner(demo, "plate_import", f"reading_sha256 = repeat('0', 64), reading_parts = {altered}")

    assert only(demo).differences == ("Read otherwise: messages.",)


def test_changed_bytes_are_found_before_they_are_read(demo):
    as_owner(demo, "stored_file", "content = set_byte(content, 2000, 48)")

    finding = only(demo)

    assert "no longer give their SHA-256" in finding.differences[0]
    assert finding.now is None


def test_a_file_that_was_refused_and_is_read_now_is_found(demo):
    as_owner(demo, "plate_import", "refusal = 'No reader knew it.'")

    assert only(demo).differences == ("It was refused and is read: No reader knew it.",)


def test_a_file_that_was_read_and_is_refused_now_is_found(demo):
    refused = instruments.catalogue.UnknownFormat("f", ["one"])

    with mock.patch("instruments.read", side_effect=refused):
        finding = only(demo)

    assert finding.differences[0].startswith("It was read by biotek_gen5")
    assert finding.now is None


def test_a_file_that_stays_refused_for_the_same_reason_is_the_same(demo):
    stage = demo.stage()
    with stage.does(ANALYST, Permission.RESULT_ENTER) as act:
        actions.receive(act, "poem.txt", b"no reader knows this\n")
    stage.close()

    first, second = recheck.of_database(demo.urls.reader)

    assert first.same
    assert second.same
    assert second.then is None
    as_owner(demo, "plate_import", "refusal = 'Other.' WHERE reader IS NULL")
    assert "for another reason" in recheck.of_database(demo.urls.reader)[1].differences[0]


def test_version_of_the_reader_is_no_part_of_the_digest():
    reading = instruments.read(MARS.encode(), "a.csv")

    assert digests(reading) == digests(replace(reading, reader_version="other"))
    assert set(digests(reading).parts) == {
        "sha256", "instrument", "started_at", "records", "messages", "plate 1",
    }  # fmt: skip


@pytest.fixture
def command(demo, monkeypatch):
    for name, url in (
        ("LIMS_OWNER_URL", demo.urls.owner),
        ("DATABASE_URL", demo.urls.application),
        ("LIMS_READER_URL", demo.urls.reader),
    ):
        monkeypatch.setenv(name, url)
    monkeypatch.setattr(ground, "check_server", lambda _: None)  # fsync is off in tests
    return lambda *options: CliRunner().invoke(
        lims, ["read", "--recheck", "--home", str(demo.home), *options]
    )


def test_exit_status_is_zero_while_all_is_the_same(command):
    result = command()

    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == "1 of 1 stored files are read as they were."


def test_exit_status_is_one_with_the_files_that_differ(command, demo):
    as_owner(demo, "plate_import", "reading_sha256 = NULL, reader_version = '0'")

    result, as_json = command(), command("--json")

    assert result.exit_code == as_json.exit_code == 1
    assert "then biotek_gen5 0, now biotek_gen5 " in result.stdout
    document = json.loads(as_json.stdout)
    assert (document["files"], document["different"]) == (1, 1)
    assert document["findings"][0]["sha256"] in result.stdout or "…" in result.stdout
    assert not document["findings"][0]["same"]


def test_schema_of_another_release_is_not_read(command):
    with mock.patch("lims.foundation.migrate.newest", return_value="0999"):
        result = command()

    assert result.exit_code == 1
    assert "schema of another release" in result.stderr


def test_recheck_and_a_file_exclude_each_other(command, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(MARS.encode())

    assert command(str(path)).exit_code == 2
    assert CliRunner().invoke(lims, ["read"]).exit_code == 2
