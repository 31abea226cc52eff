"""One PostgreSQL for the test run, one migrated template in it, and a fresh copy for each test."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from lims.foundation.embedded import Cluster, Urls, ensure_started
from lims.foundation.migrate import upgrade

_VARIABLE = "LIVELOT_TEST_CLUSTER"
_PREFIX = "livelot-tests-"
_TEMPLATE = "migrated"
_copies = count()


def pytest_configure(config: pytest.Config) -> None:
    """The run's first process names the cluster's folder; xdist's workers inherit the name."""
    if _is_worker(config):
        return
    _remove_leftovers()
    os.environ[_VARIABLE] = str(Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config) and _VARIABLE in os.environ:
        _remove(Path(os.environ.pop(_VARIABLE)))


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _remove_leftovers() -> None:
    """Clusters of runs that were killed: their names end in the number of a process now gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = int(folder.name.removeprefix(_PREFIX))
        if folder.stat().st_uid == os.geteuid() and not _is_alive(pid):
            _remove(folder)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(folder: Path) -> None:
    if folder.exists():
        ensure_started(folder, durable=False).destroy()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The PostgreSQL of this test run: real, but with fsync off."""
    return ensure_started(Path(os.environ[_VARIABLE]), durable=False)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a database brought to the newest schema, to be copied; built once for a run."""
    done = cluster.place.directory / "template-is-ready"
    with (cluster.place.directory / "template-lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            cluster.drop_database(_TEMPLATE)
            upgrade(cluster.create_database(_TEMPLATE).owner)
            done.touch()
    return _TEMPLATE


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[Urls]:
    """The three logins to a fresh, empty laboratory; removed after the test."""
    name = f"copy_{os.getpid()}_{next(_copies)}"
    yield cluster.create_database(name, template)
    cluster.drop_database(name)


@pytest.fixture
def engine(database: Urls) -> Iterator[Engine]:
    """The application's own login to `database`."""
    made = create_engine(database.application)
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser. A machine without one fails here: no test is skipped for it."""
    found = subprocess.run(
        [sys.executable, Path(__file__).parent / "browser" / "install_chromium.py", "--find"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()
