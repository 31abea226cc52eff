"""PostgreSQL's own dump and restore, run on one consistent state of the database."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from psycopg import IsolationLevel, sql
from sqlalchemy import URL, make_url

from lims.cli import ground
from lims.foundation.embedded import tool


class DumpFailed(click.ClickException):
    """pg_dump or pg_restore ended with an error; carries its last words."""


@dataclass(frozen=True)
class State:
    """One moment of the database, held open so that all questions see the same.

    Attributes:
        snapshot: its name, for pg_dump.
        head_number, head_hash: the end of the audit trail.
        rows: number of rows in each table.
        server: version of the server, as it names itself.
    """

    snapshot: str
    schema: str
    head_number: int
    head_hash: str
    rows: dict[str, int]
    server: str


@contextmanager
def frozen_state(owner_url: str) -> Iterator[State]:
    """A moment of the database while others go on writing."""
    with psycopg.connect(ground.conninfo(owner_url)) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield _state(connection)


def _state(connection: psycopg.Connection) -> State:
    if "audit_head" not in tables(connection):
        raise DumpFailed("The database is empty: it holds no laboratory yet.")
    number, head = _row(connection, "SELECT number, hash FROM audit_head")
    return State(
        snapshot=str(_row(connection, "SELECT pg_export_snapshot()")[0]),
        schema=str(_row(connection, "SELECT version_num FROM alembic_version")[0]),
        head_number=int(str(number)),
        head_hash=str(head),
        rows=count_rows(connection),
        server=str(_row(connection, "SHOW server_version")[0]),
    )


def _row(connection: psycopg.Connection, question: str) -> tuple[object, ...]:
    row = connection.execute(question.encode()).fetchone()
    if row is None:
        raise DumpFailed("The audit trail has no head: this is no database of Livelot.")
    return tuple(row)


def tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    )
    return [str(row[0]) for row in found]


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    counted: dict[str, int] = {}
    for table in tables(connection):
        asked = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
        row = connection.execute(asked).fetchone()
        counted[table] = int(row[0]) if row else 0
    return counted


def dump(owner_url: str, target: Path, snapshot: str) -> None:
    """Write the database, as of the snapshot, in PostgreSQL's custom format."""
    _run(
        "pg_dump",
        owner_url,
        ["--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}"],
    )


def check_readable(dump_file: Path) -> None:
    """Have pg_restore read the table of contents."""
    _finished("pg_restore", [str(tool("pg_restore")), "--list", str(dump_file)], {})


def restore(owner_url: str, dump_file: Path) -> None:
    """Load a dump into an empty database: all of it, or nothing."""
    _run(
        "pg_restore",
        owner_url,
        ["--no-owner", "--exit-on-error", "--single-transaction", str(dump_file)],
    )


def _run(name: str, url: str, options: list[str]) -> None:
    parsed = make_url(url)
    # The password goes by the environment: every user of the machine may read a command line.
    shown = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query
    ).render_as_string()
    secret = {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
    _finished(name, [str(tool(name)), "--no-password", f"--dbname={shown}", *options], secret)


def _finished(name: str, command: list[str], secret: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, **secret},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise DumpFailed(f"{name} could not finish:\n{last}")
