"""`lims restore`: a backup into an empty place, with a proof that it is whole."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import psycopg
from sqlalchemy import text

from lims.audit.act import SYSTEM, acting
from lims.audit.verify import Head
from lims.cli import archive, backup, dump, ground, proof
from lims.cli.archive import Manifest
from lims.cli.ground import Ground
from lims.cli.proof import Check
from lims.foundation import clock, migrate
from lims.foundation.db import Database

_FAILED = 1


class NotEmpty(click.ClickException):
    """Nothing is ever restored over records."""


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The new home folder: missing or empty.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(file: Path, into: Path, *, as_json: bool) -> None:
    """Restore the backup FILE into an empty place and prove it.

    Every part is compared with the manifest before anything is written. Then the audit trail is
    recomputed against the head that the backup kept, each file against its SHA-256, each signature
    and certificate against its key, each table against its number of rows. The report stays in the
    new home; the trail gets an event `backup.restored`; everybody signs in anew. Exit status 1 when
    a check fails.

    With LIMS_OWNER_URL, DATABASE_URL and LIMS_READER_URL set, the database goes there (it must be
    empty) and only keys and secret go into the folder.
    """
    manifest = archive.check(file)
    _check_release(manifest)
    check_empty(into)
    laid = _bring_back(file, into, manifest)
    try:
        checks = prove(laid, manifest)
        _record(laid, file, manifest)
    finally:
        if laid.cluster:
            laid.cluster.stop()
    report = _write_report(laid, file, manifest, checks)
    _tell(report, checks, as_json=as_json)
    if not all(check.passed for check in checks):
        raise SystemExit(_FAILED)


def check_empty(into: Path) -> None:
    if into.exists() and any(into.iterdir()):
        raise NotEmpty(
            f"{into} is not empty. A backup is restored into a new or empty folder only, so that "
            "no record is ever written over."
        )


def _check_release(manifest: Manifest) -> None:
    schema = str(manifest.facts.get("schema"))
    if schema not in ground.known_schemas():
        raise archive.NotABackup(
            f"This backup was made by release {manifest.facts.get('release')} with the schema "
            f"{schema}, which this release does not know. Restore it with that release or a newer "
            "one."
        )


def _bring_back(file: Path, into: Path, manifest: Manifest) -> Ground:
    """Secret and keys first: the ground would make a new secret otherwise."""
    apart = (backup.DATABASE_PART, backup.SETTINGS_PART)
    local = [part.name for part in manifest.parts if part.name not in apart]
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    archive.extract(file, {name: _inside(into, name) for name in local})
    laid = ground.lay(into)
    _check_logins(laid, manifest)
    with tempfile.TemporaryDirectory(dir=into, prefix=".restore-") as work:
        database = Path(work) / backup.DATABASE_PART
        archive.extract(file, {backup.DATABASE_PART: database})
        _check_no_tables(laid)
        dump.restore(laid.urls.owner, database)
    ground.bring_up_to_date(laid.urls)
    return laid


def _inside(into: Path, name: str) -> Path:
    """A part's place below the new home; a name that would leave it is refused."""
    target = (into / name).resolve()
    if not target.is_relative_to(into.resolve()):
        raise archive.NotABackup(f"The part {name} would be written outside {into}.")
    return target


def _check_logins(laid: Ground, manifest: Manifest) -> None:
    """The rights inside the dump are given to logins by name."""
    here = [ground.role_of(laid.urls.application), ground.role_of(laid.urls.reader)]
    if manifest.facts.get("logins") != here:
        raise ground.GroundMissing(
            f"The backup gives its rights to the logins {manifest.facts.get('logins')}, but the "
            f"URLs name {here}. Restore with logins of the same names."
        )


def _check_no_tables(laid: Ground) -> None:
    with psycopg.connect(ground.conninfo(laid.urls.owner)) as connection:
        found = dump.tables(connection)
    if found:
        raise NotEmpty(
            f"The database already holds tables ({', '.join(found[:5])} ...). A backup is restored "
            "into an empty database only."
        )


def prove(laid: Ground, manifest: Manifest) -> list[Check]:
    """The checks of a restored laboratory, before anything is added to it."""
    facts = manifest.facts
    kept = Head(int(str(facts["head_number"])), str(facts["head_hash"]), "the backup")
    rows = facts["rows"]
    expected = {str(k): int(v) for k, v in rows.items()} if isinstance(rows, Mapping) else {}
    heads = [kept] if kept.number else []
    checks = [
        proof.check_trail(laid.urls.reader, heads),
        proof.check_files(laid.urls.reader),
        proof.check_signatures(laid.urls.application, laid.authority),
        proof.check_certificates(laid.urls.application, laid.authority),
    ]
    if facts["schema"] == migrate.newest():
        checks.append(proof.check_rows(laid.urls.owner, expected))
    return checks


def _record(laid: Ground, file: Path, manifest: Manifest) -> None:
    """Make the restore visible for ever: what followed in the lost original is not here (BK-04).

    Everybody signs in anew.
    """
    database = Database(laid.urls.application)
    try:
        with database.session() as session, acting(session, SYSTEM) as act:
            # A cookie from before the restore must not open what was signed out since.
            session.execute(text("DELETE FROM web_session"))
            act.note(
                "backup.restored",
                file=file.name,
                sha256=backup.file_digest(file),
                made_at=manifest.facts["made_at"],
                head_number=manifest.facts["head_number"],
                head_hash=manifest.facts["head_hash"],
            )
    finally:
        database.close()


def _write_report(
    laid: Ground, file: Path, manifest: Manifest, checks: Sequence[Check]
) -> dict[str, object]:
    now = clock.now()
    report: dict[str, object] = {
        "restored_at": now.isoformat(timespec="seconds"),
        "file": file.name,
        "sha256": backup.file_digest(file),
        "backup": dict(manifest.facts),
        "parts": [vars(part) for part in manifest.parts],
        "checks": proof.as_json(checks),
        "passed": all(check.passed for check in checks),
    }
    path = laid.home / f"restore-report-{now:%Y%m%dT%H%M%S}Z.json"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(json.dumps(report, indent=1) + "\n")
    return report | {"report": str(path)}


def _tell(report: Mapping[str, object], checks: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, indent=1))
        return
    proof.show(checks)
    click.echo(f"Report: {report['report']}")
    if report["passed"]:
        home = Path(str(report["report"])).parent
        click.echo(f"Restored and proved. Serve it with: lims serve --home {home}")
