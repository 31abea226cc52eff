"""What every command stands on: the folder of local things, the server's secret, three logins.

Below the home folder (LIMS_HOME, else `var` beside the code) lie `postgres/` (the embedded cluster
or its name), `secrets/server-key` and `keys/` (the laboratory's certificate authority).
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from lims.foundation import embedded, migrate
from lims.foundation.embedded import Cluster, ClusterProblem, Urls

URL_VARIABLES = {
    "owner": "LIMS_OWNER_URL",
    "application": "DATABASE_URL",
    "reader": "LIMS_READER_URL",
}
OLDEST_SERVER = 150_000
SAFE_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")
_SECRET_BYTES = 32

Say = Callable[[str], None]


class GroundMissing(click.ClickException):
    """The command cannot start; the sentence says what to change."""


@dataclass(frozen=True)
class Ground:
    """Attributes: cluster: the embedded one, or None when three URLs name another server."""

    home: Path
    urls: Urls
    cluster: Cluster | None

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def authority(self) -> Path:
        """The file of the laboratory's certificate authority."""
        return self.keys / "authority.pem"

    def application_environment(self) -> dict[str, str]:
        """The environment of the serving process: everything but the owner's login."""
        kept = {k: v for k, v in os.environ.items() if k != URL_VARIABLES["owner"]}
        return kept | {
            URL_VARIABLES["application"]: self.urls.application,
            URL_VARIABLES["reader"]: self.urls.reader,
            "LIMS_HOME": str(self.home),
        }


def default_home() -> Path:
    named = os.environ.get("LIMS_HOME")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "var"


def lay(home: Path, say: Say = lambda _: None) -> Ground:
    """Folders, secret and a database that answers; the schema is not touched.

    Raises:
        GroundMissing: with a sentence for the terminal.
    """
    home = home.resolve()
    make_folders(home)
    named = named_urls(os.environ)
    if named is not None:
        check_server(named.owner)
        return Ground(home, named, None)
    say("Starting PostgreSQL ...")
    cluster = start_embedded(home)
    return Ground(home, cluster.urls, cluster)


def check_there(home: Path) -> None:
    """Refuse to examine or save a laboratory that was never made, instead of making one."""
    if named_urls(os.environ) is None and not (home / "postgres").exists():
        raise GroundMissing(
            f"There is no laboratory in {home}. Make one with “lims init” or “lims serve”, or name "
            "its folder by --home or LIMS_HOME."
        )


def start_embedded(home: Path) -> Cluster:
    """The cluster of a home folder, with refusals as sentences for the terminal."""
    try:
        return embedded.ensure_started(home / "postgres")
    except ClusterProblem as problem:
        raise GroundMissing(str(problem)) from problem


def bring_up_to_date(urls: Urls, say: Say = lambda _: None) -> None:
    """Run the missing migrations as the owner.

    Raises:
        GroundMissing: a newer release has been here already.
    """
    present = migrate.present(urls.owner)
    if present == migrate.newest():
        return
    if present is not None and present not in known_schemas():
        raise GroundMissing(
            f"The database has the schema {present}, which this release does not know: a newer "
            "release has served it. Use that release; nothing was changed."
        )
    say("Bringing the schema up to date ...")
    migrate.upgrade(urls.owner, role_of(urls.application), role_of(urls.reader))


def known_schemas() -> frozenset[str]:
    """The revisions of this release, the newest among them."""
    script = ScriptDirectory.from_config(migrate.settings("", "", ""))
    return frozenset(one.revision for one in script.walk_revisions())


def role_of(url: str) -> str:
    name = make_url(url).username
    if name is None:
        raise GroundMissing("Each database URL needs a user name: three logins guard the records.")
    return name


def named_urls(environment: Mapping[str, str]) -> Urls | None:
    """The three URLs from the environment: all, or none.

    Raises:
        GroundMissing: only some are given, one is no PostgreSQL URL, or two share a login.
    """
    given = {role: environment.get(variable, "") for role, variable in URL_VARIABLES.items()}
    if not any(given.values()):
        return None
    absent = [URL_VARIABLES[role] for role, url in given.items() if not url]
    if absent:
        raise GroundMissing(
            f"{' and '.join(absent)} must be set too: a server of your own needs three logins "
            "(owner, application, reader). Set all three, or none for the embedded PostgreSQL."
        )
    urls = Urls(*(_with_driver(URL_VARIABLES[role], url) for role, url in given.items()))
    if len({role_of(url) for url in (urls.owner, urls.application, urls.reader)}) < len(given):
        raise GroundMissing(
            "LIMS_OWNER_URL, DATABASE_URL and LIMS_READER_URL must name three different users: "
            "whoever owns the tables could rewrite history."
        )
    return urls


def _with_driver(variable: str, text: str) -> str:
    try:
        url = make_url(text)
    except ArgumentError:
        raise GroundMissing(
            f"{variable} is not a database URL; it should look like "
            "postgresql://user:password@host:5432/database."
        ) from None
    if url.drivername.split("+")[0] not in ("postgresql", "postgres"):
        raise GroundMissing(f"{variable} names {url.drivername}; Livelot needs PostgreSQL.")
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def conninfo(url: str) -> str:
    """The same URL as libpq and its programs spell it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def check_server(url: str) -> None:
    """Refuse a server that is too old, or that may forget what it acknowledged (SY-01)."""
    try:
        with psycopg.connect(conninfo(url), connect_timeout=10) as connection:
            version = connection.info.server_version
            found = {name: setting(connection, name) for name in SAFE_SETTINGS}
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[-1]
        raise GroundMissing(f"The database does not answer: {said}") from None
    if version < OLDEST_SERVER:
        raise GroundMissing(
            f"The server is PostgreSQL {version // 10_000}; Livelot needs 15 or newer."
        )
    unsafe = [name for name, value in found.items() if value == "off"]
    if unsafe:
        raise GroundMissing(
            f"The server runs with {' and '.join(unsafe)} off: a power cut could lose records that "
            "were acknowledged. Switch on, then start again."
        )


def setting(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return str(row[0]) if row else ""


def make_folders(home: Path) -> None:
    """The home folder and its secret, made at the first start; closed to others."""
    for folder in (home, home / "secrets", home / "keys"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(home / "lock"):
        _make_secret(home / "secrets" / "server-key")


def _make_secret(path: Path) -> None:
    """32 random bytes as hex. Never a default, never a second one: keys are wrapped under it."""
    if path.exists():
        return
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
