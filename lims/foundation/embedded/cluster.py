"""A running cluster, and the one way to get it."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.pq import Ping
from sqlalchemy import URL

from lims.foundation.embedded import binaries, server, settings
from lims.foundation.embedded.errors import ServerFailed
from lims.foundation.embedded.place import (
    APPLICATION,
    LOGINS,
    OWNER,
    READER,
    SUPERUSER,
    Place,
    find_place,
)

DATABASE = "lims"
_READY_SECONDS = 120


@dataclass(frozen=True)
class Urls:
    """The three logins to one database, as SQLAlchemy URLs with their passwords."""

    owner: str
    application: str
    reader: str


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    `started_here` tells whether this call started it: who attached to a running one leaves it.
    """

    place: Place
    started_here: bool

    @property
    def urls(self) -> Urls:
        return self.urls_of(DATABASE)

    def urls_of(self, database: str) -> Urls:
        passwords = self.place.read_passwords()
        return Urls(
            *(
                _url(self.place, login, passwords, database)
                for login in (OWNER, APPLICATION, READER)
            )
        )

    def stop(self) -> None:
        """Stop the server; open transactions are rolled back."""
        with _locked(self.place.directory):
            server.stop(self.place, self.place.data)

    def create_database(self, name: str, template: str | None = None) -> Urls:
        """An empty database of the owner, or a copy of another to which nobody is connected."""
        with _administering(self.place) as connection:
            _create(connection, name, template)
        return self.urls_of(name)

    def drop_database(self, name: str) -> None:
        """Remove a database and end its connections: for tests and refused restores."""
        with _administering(self.place) as connection:
            gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(gone.format(sql.Identifier(name)))

    def destroy(self) -> None:
        """Stop the server and remove all its data: for tests.

        Raises:
            ServerFailed: the cluster keeps records (fsync is on); only a person removes those.
        """
        if not settings.made_for_tests(self.place.data):
            raise ServerFailed("remove a cluster that keeps records", "")
        self.stop()
        shutil.rmtree(self.place.socket, ignore_errors=True)
        shutil.rmtree(self.place.home)


def ensure_started(directory: Path, *, durable: bool = True) -> Cluster:
    """The cluster that `directory` names: made, started or attached to, whichever is due.

    As an ordinary user the data lie in the directory itself; as root, who cannot run PostgreSQL,
    below the home of a system user of its own, and the directory holds the name of that place.
    Processes that start at once wait for each other.

    Args:
        directory: one folder for each cluster; made with mode 700 when missing.
        durable: False only in tests: fsync off. Such a cluster never serves a laboratory.

    Raises:
        ClusterProblem: with a sentence for the person at the terminal.
    """
    directory = directory.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(directory):
        place = find_place(directory)
        _make_if_missing(place, durable=durable)
        place.check_version(binaries.major_version())
        place.read_passwords()
        return Cluster(place, started_here=_start_if_stopped(place, durable=durable))


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """One process at a time makes, starts or stops the cluster of a directory."""
    with (directory / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make_if_missing(place: Place, *, durable: bool) -> None:
    if place.data.exists():
        return
    server.make(place, durable=durable)
    server.start(place, place.partial, durable=durable)
    try:
        _furnish(place)
    finally:
        server.stop(place, place.partial)
    server.publish(place)


def _start_if_stopped(place: Place, *, durable: bool) -> bool:
    if not server.is_running(place):
        server.start(place, place.data, durable=durable)
        return True
    if durable:
        server.refuse_test_cluster(place.data)
    _wait_until_ready(place)
    return False


def _wait_until_ready(place: Place) -> None:
    """A server killed a moment ago replays its log before it takes logins."""
    deadline = time.monotonic() + _READY_SECONDS
    while server.ping(place) != Ping.OK:
        if time.monotonic() > deadline:
            raise ServerFailed(f"answer within {_READY_SECONDS} seconds", "")
        time.sleep(0.1)


def _url(place: Place, login: str, passwords: dict[str, str], database: str) -> str:
    return URL.create(
        "postgresql+psycopg",
        username=login,
        password=passwords[login],
        database=database,
        query={"host": str(place.socket), "port": "5432"},
    ).render_as_string(hide_password=False)


@contextmanager
def _administering(place: Place) -> Iterator[psycopg.Connection]:
    """The superuser's login: only for set-up and for the databases of tests and restores."""
    with psycopg.connect(
        host=str(place.socket),
        port=5432,
        user=SUPERUSER,
        password=place.read_passwords()[SUPERUSER],
        dbname="postgres",
        autocommit=True,
    ) as connection:
        yield connection


def _furnish(place: Place) -> None:
    """The three logins and the laboratory's database, once."""
    passwords = place.read_passwords()
    with _administering(place) as connection:
        for login in LOGINS[1:]:
            made = sql.SQL(
                "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT"
                " NOREPLICATION NOBYPASSRLS PASSWORD {}"
            )
            connection.execute(made.format(sql.Identifier(login), sql.Literal(passwords[login])))
        connection.execute("REVOKE ALL ON DATABASE postgres FROM PUBLIC")
        connection.execute("REVOKE ALL ON DATABASE template1 FROM PUBLIC")
        _create(connection, DATABASE, None)


def _create(connection: psycopg.Connection, name: str, template: str | None) -> None:
    """Rights to a database are not copied from its template, so they are given each time."""
    names = {"name": sql.Identifier(name), "owner": sql.Identifier(OWNER)}
    copied = sql.Identifier(template or "template1")
    connection.execute(
        sql.SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}").format(
            template=copied, **names
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
    for login in (APPLICATION, READER):
        given = sql.SQL("GRANT CONNECT ON DATABASE {name} TO {login}")
        connection.execute(given.format(login=sql.Identifier(login), **names))
