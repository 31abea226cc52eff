"""`lims backup`: database, keys, settings and secret as one file, proved by reading it back."""

import json
import os
import tempfile
from datetime import datetime
from importlib import metadata
from pathlib import Path

import click

from lims.audit.act import SYSTEM, acting
from lims.cli import archive, dump, ground
from lims.cli.archive import Manifest
from lims.cli.ground import Ground
from lims.foundation import clock
from lims.foundation.db import Database

DATABASE_PART = "database.dump"
SECRET_PART = "secrets/server-key"  # noqa: S105
LOCAL_FOLDERS = ("keys", "checkpoints")
SETTINGS_PART = "settings.json"


@click.command(name="backup")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(directory: Path, home: Path | None, *, as_json: bool) -> None:
    """Write one file with the whole laboratory into DIRECTORY, while it is in use.

    The file holds the database as of one moment (records, raw files, issued certificates), the
    authority's key and the server's secret. Whoever has it and a password can sign: keep it as you
    keep the server. It is read back and every part compared before it counts as done; the audit
    trail records it.
    """
    place = home or ground.default_home()
    ground.check_there(place)
    laid = ground.lay(place)
    try:
        target, manifest = make(laid, directory)
    finally:
        if laid.cluster and laid.cluster.started_here:
            laid.cluster.stop()
    told = {"file": str(target), "sha256": file_digest(target), **manifest.facts}
    if as_json:
        click.echo(json.dumps(told, indent=1))
        return
    size = target.stat().st_size
    click.echo(f"{target}\n  {size} bytes, SHA-256 {told['sha256']}")
    click.echo(f"  audit trail up to event {told['head_number']}; read back and compared: intact.")


def make(laid: Ground, directory: Path) -> tuple[Path, Manifest]:
    """Write, read back and record one backup.

    Raises:
        DumpFailed: PostgreSQL could not write it, or there is no laboratory yet.
        Damaged: the disk did not give back what was written.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = clock.now()
    target = _free_name(directory, now)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".backup-") as work:
        database = Path(work) / DATABASE_PART
        with dump.frozen_state(laid.urls.owner) as state:
            dump.dump(laid.urls.owner, database, state.snapshot)
        settings = Path(work) / SETTINGS_PART
        settings.write_text(json.dumps(settings_in_force(), indent=1), encoding="utf-8")
        facts = _facts(laid, now, state)
        archive.write(
            target, {DATABASE_PART: database, SETTINGS_PART: settings, **_local_files(laid)}, facts
        )
        dump.check_readable(database)
    manifest = archive.check(target)
    _sync(directory)
    _record(laid, target, manifest)
    return target, manifest


def _free_name(directory: Path, now: datetime) -> Path:
    target = directory / f"livelot-{now:%Y%m%dT%H%M%S}Z.tar"
    if target.exists():
        target = directory / f"livelot-{now:%Y%m%dT%H%M%S.%f}Z.tar"
    return target


def _facts(laid: Ground, now: datetime, state: dump.State) -> dict[str, object]:
    return {
        "made_at": now.isoformat(timespec="seconds"),
        "release": metadata.version("livelot"),
        "schema": state.schema,
        "server": state.server,
        "head_number": state.head_number,
        "head_hash": state.head_hash,
        "rows": state.rows,
        "logins": [ground.role_of(laid.urls.application), ground.role_of(laid.urls.reader)],
    }


def settings_in_force() -> dict[str, str]:
    """The LIMS_ settings of the environment, without logins and secrets."""
    hidden = ("KEY", "SECRET", "PASSWORD", "URL")
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith(("LIMS_", "LIVELOT_")) and not any(word in name for word in hidden)
    }


def _local_files(laid: Ground) -> dict[str, Path]:
    """Secret, keys, checkpoints: taken after the dump, so that they hold every key it names."""
    files = {SECRET_PART: laid.home / SECRET_PART}
    for folder in LOCAL_FOLDERS:
        for path in sorted((laid.home / folder).rglob("*")):
            if path.is_file():
                files[str(path.relative_to(laid.home))] = path
    return files


def _record(laid: Ground, target: Path, manifest: Manifest) -> None:
    """Tell the trail, by the application's own login."""
    database = Database(laid.urls.application)
    try:
        with database.session() as session, acting(session, SYSTEM) as act:
            act.note(
                "backup.made",
                file=target.name,
                sha256=file_digest(target),
                head_number=manifest.facts["head_number"],
                head_hash=manifest.facts["head_hash"],
            )
    finally:
        database.close()


def file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return archive.digest(stream)[1]


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
