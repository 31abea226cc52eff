"""`lims doctor`: is this machine, this server and this laboratory as it should be?"""

import json
import platform
import shutil
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import psycopg

from lims.cli import ground, proof
from lims.cli.ground import Ground
from lims.cli.proof import Check
from lims.foundation import clock, migrate

_OLDEST_PYTHON = (3, 11)
_LEAST_FREE_MB = 1024
_OLDEST_BACKUP = timedelta(days=1)
_CLOCK_STEP = timedelta(seconds=2)
_MOMENT = "%Y-%m-%d %H:%M:%S"
_UNSOUND = 1

# What must not be possible with the logins that serve pages and inspectors.
_POWERS = """
SELECT r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolbypassrls OR r.rolreplication,
       (SELECT count(*) FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S', 'm')
           AND pg_has_role(r.rolname, c.relowner, 'MEMBER')),
       (SELECT count(*) FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND c.relname LIKE ANY (%(guarded)s)
           AND has_table_privilege(r.rolname, c.oid,
                                   'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))
  FROM pg_roles r WHERE r.rolname = current_user
"""


@click.command(name="doctor")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option("--quick", is_flag=True, help="Leave out what reads every event and every file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(home: Path | None, *, quick: bool, as_json: bool) -> None:
    """Examine machine, database server, logins, schema, trail, files, clock and backups.

    Changes nothing. Exit status 1 when something is wrong with which the laboratory must not work;
    what should be mended soon is told and does not count.
    """
    place = (home or ground.default_home()).resolve()
    checks = [_python(), _disk(place)]
    try:
        checks += _laboratory(place, quick=quick)
    except ground.GroundMissing as missing:
        checks.append(Check("database", passed=False, told=missing.format_message()))
    _tell(checks, as_json=as_json)


def _laboratory(home: Path, *, quick: bool) -> list[Check]:
    ground.check_there(home)
    laid = ground.lay(home)
    try:
        return examine(laid, quick=quick)
    finally:
        if laid.cluster and laid.cluster.started_here:
            laid.cluster.stop()


def examine(laid: Ground, *, quick: bool) -> list[Check]:
    """All that needs the database; what follows a missing schema is left out."""
    checks = [_secrets(laid.home), _server(laid), _schema(laid)]
    if not checks[-1].passed:
        return checks
    checks += [
        _login("application", laid.urls.application, ("audit\\_%", "alembic\\_version")),
        _login("reader", laid.urls.reader, ("%",)),
        _clock(laid),
        _backups(laid),
    ]
    if not quick:
        checks += [
            proof.check_trail(laid.urls.reader),
            proof.check_files(laid.urls.reader),
            proof.check_signatures(laid.urls.application, laid.authority),
            proof.check_certificates(laid.urls.application, laid.authority),
        ]
    return checks


def _python() -> Check:
    told = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}."
    return Check("Python", sys.version_info >= _OLDEST_PYTHON, told)


def _disk(home: Path) -> Check:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free // 2**20
    told = f"{free} MB are free for {home}; at least {_LEAST_FREE_MB} MB should be."
    return Check("disk", free >= _LEAST_FREE_MB, told, grave=False)


def _secrets(home: Path) -> Check:
    """The server's secret and the authority's key are nobody else's business."""
    open_to_others = [
        str(path.relative_to(home))
        for folder in (home / "secrets", home / "keys")
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        told = f"Open to other users of the machine: {', '.join(sorted(open_to_others))}."
        return Check("secrets", passed=False, told=told)
    return Check(
        "secrets", passed=True, told="The server's secret and the keys are closed to others."
    )


def _server(laid: Ground) -> Check:
    with psycopg.connect(ground.conninfo(laid.urls.owner)) as connection:
        version = connection.info.server_version
        wanted = (*ground.SAFE_SETTINGS, "data_checksums")
        off = [name for name in wanted if ground.setting(connection, name) == "off"]
    kind = "embedded" if laid.cluster else "of your own"
    told = f"PostgreSQL {version // 10_000}.{version % 10_000}, {kind}; "
    told += f"{', '.join(off)} off." if off else f"{', '.join(wanted)} on."
    return Check("PostgreSQL", version >= ground.OLDEST_SERVER and not off, told)


def _schema(laid: Ground) -> Check:
    present, newest = migrate.present(laid.urls.owner), migrate.newest()
    if present == newest:
        return Check("schema", passed=True, told=f"Revision {newest}, as this release expects.")
    told = f"The database has {present or 'no schema'}, this release expects {newest}."
    return Check("schema", passed=False, told=told + " “lims serve” brings it up to date.")


def _login(name: str, url: str, guarded: tuple[str, ...]) -> Check:
    """The login has no power over the server, owns nothing, and cannot write guarded tables."""
    with psycopg.connect(ground.conninfo(url)) as connection:
        row = connection.execute(_POWERS, {"guarded": list(guarded)}).fetchone()
    powerful, owned, writable = row or (True, 0, 0)
    faults = []
    if powerful:
        faults.append("has powers over the server")
    if owned:
        faults.append(f"owns {owned} tables")
    if writable:
        faults.append(f"can write {writable} tables that it must not")
    role = ground.role_of(url)
    told = f"{role} {' and '.join(faults)}." if faults else f"{role} cannot rewrite history."
    return Check(f"login of the {name}", not faults, told)


def _clock(laid: Ground) -> Check:
    """A clock behind the newest event would date new events before old ones."""
    newest = _newest(laid, "SELECT at FROM audit_head")
    now = clock.now()
    if newest is not None and now < newest - _CLOCK_STEP:
        told = f"It says {now:{_MOMENT}} UTC, but the newest event is of {newest:{_MOMENT}}."
        return Check("clock", passed=False, told=told)
    return Check("clock", passed=True, told=f"{now:{_MOMENT}} UTC, after the newest event.")


def _backups(laid: Ground) -> Check:
    newest = _newest(laid, "SELECT max(at) FROM audit_event WHERE action = 'backup.made'")
    if newest is None:
        told = "None was made yet; make one with “lims backup DIRECTORY”."
        return Check("backups", passed=False, told=told, grave=False)
    told = f"The newest was made on {newest:%Y-%m-%d %H:%M} UTC; there should be one each day."
    return Check("backups", clock.now() - newest < _OLDEST_BACKUP, told, grave=False)


def _newest(laid: Ground, question: str) -> datetime | None:
    with psycopg.connect(ground.conninfo(laid.urls.reader)) as connection:
        row = connection.execute(question.encode()).fetchone()
    found = row[0] if row else None
    return found.astimezone(UTC) if isinstance(found, datetime) else None


def _tell(checks: list[Check], *, as_json: bool) -> None:
    sound = proof.sound(checks)
    if as_json:
        click.echo(json.dumps({"sound": sound, "checks": proof.as_json(checks)}, indent=1))
    else:
        proof.show(checks)
    if not sound:
        raise SystemExit(_UNSOUND)
