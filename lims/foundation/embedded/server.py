"""Making, starting and stopping the server process."""

import os
import re
import shutil
import signal
import time
from pathlib import Path

import psycopg
from psycopg.pq import Ping

from lims.foundation.embedded import binaries, settings
from lims.foundation.embedded.account import sync_folder
from lims.foundation.embedded.errors import DiskFull, NotDurable, ServerFailed
from lims.foundation.embedded.place import SUPERUSER, Place

_START_SECONDS = 120
_STOP_SECONDS = 60
_LOG_LINES = 12
# What a starting server says of one that was killed and has not wholly gone.
_GHOST = re.compile(r"is still in use|lock file .* already exists")
_GHOST_SECONDS = 30


def ping(place: Place) -> Ping:
    """What the socket answers; needs no login."""
    asked = f"host='{place.socket}' port=5432 connect_timeout=5"
    return Ping(psycopg.pq.PGconn.ping(asked.encode()))


def is_running(place: Place) -> bool:
    return ping(place) in (Ping.OK, Ping.REJECT)


def make(place: Place, *, durable: bool) -> None:
    """Initialise an empty cluster at `place.partial`; remains of an unfinished try are removed."""
    _discard_partial(place)
    place.check_room()
    place.make_passwords()
    _initdb(place)
    settings.write(place, place.partial, durable=durable)


def _initdb(place: Place) -> None:
    first = place.home / "first-password"
    place.account.write(first, place.read_passwords()[SUPERUSER] + "\n")
    try:
        done = place.account.run(
            [
                binaries.folder_for(place.account) / "initdb",
                f"--pgdata={place.partial}",
                f"--username={SUPERUSER}",
                f"--pwfile={first}",
                "--auth=scram-sha-256",
                "--data-checksums",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ],
            cwd=place.home,
        )
    finally:
        first.unlink()
    if done.returncode != 0:
        _fail(place, "make its data folder", done.stdout)


def publish(place: Place) -> None:
    """Give the finished cluster its name; from here it is never made anew."""
    place.partial.rename(place.data)
    sync_folder(place.home)


def start(place: Place, data: Path, *, durable: bool) -> None:
    """Start the server on `data` and wait until it answers.

    Raises:
        DiskFull: there is no room.
        NotDurable: a cluster with fsync off is asked to keep records.
        ServerFailed: with the last lines of its log.
    """
    if durable:
        refuse_test_cluster(data)
    place.check_room()
    settings.write(place, data, durable=durable)
    _remove_stale_locks(place, data)
    deadline = time.monotonic() + _GHOST_SECONDS
    while not _started(place, data):
        said = _last_words(place)
        # Killed a moment ago, perhaps without its children: these end by themselves within seconds.
        if not _GHOST.search(said) or time.monotonic() > deadline:
            _fail(place, "start", said)
        time.sleep(0.5)


def refuse_test_cluster(data: Path) -> None:
    """A cluster that ever ran without fsync may be broken already."""
    if settings.made_for_tests(data):
        raise NotDurable(data)


def _started(place: Place, data: Path) -> bool:
    (place.home / "startup.log").unlink(missing_ok=True)
    done = place.account.run(
        [
            binaries.folder_for(place.account) / "pg_ctl",
            "start",
            f"--pgdata={data}",
            f"--log={place.home / 'startup.log'}",
            f"--timeout={_START_SECONDS}",
            "--wait",
            "--silent",
        ],
        cwd=place.home,
        timeout=_START_SECONDS + 30,
    )
    return done.returncode == 0


def stop(place: Place, data: Path, *, mode: str = "fast") -> None:
    """Stop the server and wait; no error when it does not run.

    Args:
        place: the cluster's folders.
        data: the data folder it runs on.
        mode: `fast` (open transactions are rolled back) or `immediate` (as a power cut).
    """
    if not (data / "postmaster.pid").exists():
        return
    done = place.account.run(
        [
            binaries.folder_for(place.account) / "pg_ctl",
            "stop",
            f"--pgdata={data}",
            f"--mode={mode}",
            f"--timeout={_STOP_SECONDS}",
            "--wait",
            "--silent",
        ],
        cwd=place.home,
        timeout=_STOP_SECONDS + 30,
    )
    if done.returncode != 0 and is_running(place):
        _fail(place, "stop", done.stdout)


def postmaster_pid(data: Path) -> int | None:
    """The process number that the running (or killed) server left behind."""
    return _first_number(data / "postmaster.pid")


def _first_number(file: Path) -> int | None:
    try:
        return int(file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _remove_stale_locks(place: Place, data: Path) -> None:
    """After a restart of the machine the old number may belong to another program of ours.

    PostgreSQL would then refuse to start. A lock goes only when that process surely is no
    PostgreSQL; in doubt it stays.
    """
    for lock in (data / "postmaster.pid", place.socket / ".s.PGSQL.5432.lock"):
        pid = _first_number(lock)
        if pid is not None and _is_another_program(pid):
            lock.unlink()


def _is_another_program(pid: int) -> bool:
    try:
        return b"postgres" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:  # no such process, or a system without /proc: PostgreSQL judges
        return False


def kill(place: Place) -> None:
    """End the server and all its children at once, as a power cut would: for the tests of it."""
    pid = postmaster_pid(place.data)
    if pid is None:
        return
    for one in (pid, *_children(pid)):
        try:
            os.kill(one, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    return (
        [int(word) for word in listed.read_text(encoding="utf-8").split()]
        if listed.exists()
        else []
    )


def _discard_partial(place: Place) -> None:
    if place.partial.exists():
        stop(place, place.partial, mode="immediate")
        shutil.rmtree(place.partial)


def _last_words(place: Place) -> str:
    lines: list[str] = []
    for file in (place.home / "startup.log", *sorted(place.log.glob("*.log"), key=_age)[-1:]):
        if file.exists():
            lines += file.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    return "\n".join(lines)


def _age(file: Path) -> float:
    return file.stat().st_mtime


def _fail(place: Place, what: str, said: str) -> None:
    if "No space left on device" in said:
        raise DiskFull(place.home, shutil.disk_usage(place.home).free // 2**20)
    raise ServerFailed(what, said.strip())
