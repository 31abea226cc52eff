"""One PostgreSQL for the test run, one migrated template in it, and a fresh copy for each test."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from playwright.sync_api import Browser as Chrome
from playwright.sync_api import sync_playwright
from sqlalchemy import Engine, create_engine

from lims.app import create_app
from lims.demonstration.people import Login
from lims.foundation.embedded import Cluster, Urls, ensure_started
from lims.foundation.migrate import upgrade
from tests.laboratory import Browser, Laboratory, build, make_home

_VARIABLE = "LIVELOT_TEST_CLUSTER"
_PREFIX = "livelot-tests-"
_TEMPLATE = "migrated"
_FURNISHED = "furnished"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
          "--disable-background-networking"]  # fmt: skip
_copies = count()


def pytest_configure(config: pytest.Config) -> None:
    """The run's first process names the cluster's folder; xdist's workers inherit the name."""
    # An ordinary run says the same each time; the long one looks for what nobody thought of.
    settings.register_profile("repeatable", derandomize=True)
    settings.register_profile("searching", max_examples=1000)
    settings.load_profile("searching" if config.option.markexpr == "long" else "repeatable")
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
def spare_name(cluster: Cluster) -> Iterator[str]:
    """A name for a database that a test makes itself; workers share one server."""
    name = f"spare_{os.getpid()}_{next(_copies)}"
    yield name
    cluster.drop_database(name)


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
def furnished(cluster: Cluster, template: str) -> Laboratory:
    """The demonstration laboratory to be copied; built once for a run."""
    home = cluster.place.directory / "demonstration-home"
    done = cluster.place.directory / "demonstration-is-ready"
    made = Laboratory(cluster.urls_of(_FURNISHED), home)
    with (cluster.place.directory / "template-lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            cluster.drop_database(_FURNISHED)
            cluster.create_database(_FURNISHED, template)
            shutil.rmtree(home, ignore_errors=True)
            make_home(home)
            build(made)
            done.touch()
    return made


@pytest.fixture
def demo(cluster: Cluster, furnished: Laboratory) -> Iterator[Laboratory]:
    """A fresh copy of the demonstration laboratory; removed after the test."""
    name = f"demo_{os.getpid()}_{next(_copies)}"
    yield Laboratory(cluster.create_database(name, _FURNISHED), furnished.home)
    cluster.drop_database(name)


@pytest.fixture
def app(demo: Laboratory) -> Iterator[Flask]:
    """The web application on a copy of the demonstration laboratory."""
    made = create_app(demo.settings())
    yield made
    made.extensions["livelot"]["database"].close()


@pytest.fixture
def browser(app: Flask) -> Callable[[Login | None], Browser]:
    """Opens browsers: `browser(ANALYST)` has Ana signed in."""
    return lambda who=None: Browser(app, who)


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


@pytest.fixture(scope="session")
def chrome(chromium: str) -> Iterator[Chrome]:
    """The one browser of a worker: a second driver in the same process would refuse to start."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def shared_demo(cluster: Cluster, furnished: Laboratory) -> Iterator[Laboratory]:
    """One copy of the demonstration laboratory for all tests of a module that only read it."""
    name = f"shared_{os.getpid()}_{next(_copies)}"
    yield Laboratory(cluster.create_database(name, _FURNISHED), furnished.home)
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def shared_app(shared_demo: Laboratory) -> Iterator[Flask]:
    made = create_app(shared_demo.settings())
    yield made
    made.extensions["livelot"]["database"].close()


@pytest.fixture(scope="module")
def seated(shared_app: Flask) -> Callable[[Login | None], Browser]:
    """Browsers of a module, one for each person: a second sign-in would end the first."""
    found: dict[Login | None, Browser] = {}

    def seat(who: Login | None = None) -> Browser:
        if who not in found:
            found[who] = Browser(shared_app, who)
        return found[who]

    return seat
