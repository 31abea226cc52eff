"""`lims serve`: PostgreSQL, migrations, the web server; Ctrl-C stops all of it."""

import fcntl
import os
import socket
import sys
import time
from ipaddress import ip_address
from pathlib import Path
from typing import TextIO

import click

from lims.cli import ground
from lims.cli.ground import Ground, GroundMissing
from lims.cli.served import CLUSTER_VARIABLE
from lims.foundation.db import Database

_PORTS_TRIED = 50
_PATIENCE_SECONDS = 10
_BACKLOG = 128


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16))
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 16))
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Default: var.")
@click.option("--demo", is_flag=True, help="Fill an empty database with the demonstration.")
@click.option(
    "--behind-tls",
    is_flag=True,
    help="A proxy in front encrypts; needed for any address but this machine's own.",
)
def command(
    host: str,
    port: int,
    workers: int,
    threads: int,
    home: Path | None,
    *,
    demo: bool,
    behind_tls: bool,
) -> None:
    """Serve the laboratory until Ctrl-C.

    Without LIMS_OWNER_URL, DATABASE_URL and LIMS_READER_URL an embedded PostgreSQL is used, started
    and stopped with the server.
    """
    _check_address(host, behind_tls=behind_tls)
    place = (home or ground.default_home()).resolve()
    ground.make_folders(place)
    lock = _claim(place)
    laid = ground.lay(place, click.echo)
    try:
        ground.bring_up_to_date(laid.urls, click.echo)
        refuse_powerful_login(laid.urls.application)
        logins = _demonstration(laid) if demo else ()
        listening = _listen(host, port)
    except BaseException:
        if laid.cluster:
            laid.cluster.stop()
        raise
    _greet(lock, listening, laid, logins)
    environment = _environment(laid, behind_tls=behind_tls)
    _become_server(environment, listening, lock, workers, threads)


def _check_address(host: str, *, behind_tls: bool) -> None:
    """Passwords never cross a network in clear (SY-01)."""
    own = host == "localhost" or _is_loopback(host)
    if not own and not behind_tls:
        raise GroundMissing(
            f"The address {host} can be reached from other machines, and this server does not "
            "encrypt. Put a proxy with TLS in front and say so with --behind-tls, or use 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _claim(home: Path) -> TextIO:
    """One server for each home folder; one that was killed lets go within seconds."""
    file = (home / "serving").open("a+", encoding="utf-8")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                with file:
                    file.seek(0)
                    told = file.read().strip() or "another process"
                raise GroundMissing(f"This laboratory is being served already: {told}.") from None
            time.sleep(0.2)
        else:
            return file


def _demonstration(laid: Ground) -> tuple[str, ...]:
    """Fill an empty database through the laboratory's own actions; what to tell, line by line."""
    from lims.demonstration import furnish  # noqa: PLC0415  # numpy and all nouns: only when asked

    click.echo("Looking after the demonstration lots ...")
    return furnish(laid.urls, laid.home)


def refuse_powerful_login(url: str) -> None:
    """Said here, before the server starts, as one sentence; the workers check it again."""
    from lims.app import CouldRewriteHistory, refuse_powerful_login  # noqa: PLC0415

    database = Database(url)
    try:
        refuse_powerful_login(database)
    except CouldRewriteHistory as refusal:
        raise GroundMissing(str(refusal)) from None
    finally:
        database.close()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket on the port, else on the next free one."""
    for candidate in range(port, min(port + _PORTS_TRIED, 65536)):
        try:
            listening = socket.create_server((host, candidate), backlog=_BACKLOG)
        except OSError as error:
            last = error
            continue
        if candidate != port:
            click.echo(f"Port {port} is in use by another program; taking {candidate} instead.")
        listening.set_inheritable(True)
        return listening
    raise GroundMissing(
        f"No port between {port} and {port + _PORTS_TRIED - 1} on {host} can be used: {last}."
    )


def _greet(lock: TextIO, listening: socket.socket, laid: Ground, logins: tuple[str, ...]) -> None:
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    lock.truncate(0)
    lock.write(f"process {os.getpid()} at {address}")
    lock.flush()
    kept = f"under {laid.home}" if laid.cluster else "in the database that DATABASE_URL names"
    click.echo(f"\nLivelot is at {address}")
    for line in logins:
        click.echo(line)
    click.echo(f"Records are kept {kept}. Ctrl-C stops the server.\n")
    sys.stdout.flush()


def _environment(laid: Ground, *, behind_tls: bool) -> dict[str, str]:
    environment = laid.application_environment()
    if behind_tls:
        environment["LIMS_SECURE_COOKIES"] = "1"
    if laid.cluster:
        environment[CLUSTER_VARIABLE] = str(laid.cluster.place.directory)
    return environment


def _become_server(
    environment: dict[str, str], listening: socket.socket, lock: TextIO, workers: int, threads: int
) -> None:
    """Turn this process into the web server, with the owner's login gone from its environment.

    The listening socket and the claim on the home folder pass to it; it stops PostgreSQL at its
    end. Nobody is left behind that still holds the owner's login.
    """
    os.set_inheritable(lock.fileno(), True)  # noqa: FBT003
    os.execve(  # noqa: S606
        sys.executable,
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--config=python:lims.cli.served",
            f"--chdir={Path(__file__).resolve().parents[2]}",
            f"--workers={workers}",
            f"--threads={threads}",
            f"--bind=fd://{listening.fileno()}",
            "wsgi:app",
        ],
        environment,
    )
