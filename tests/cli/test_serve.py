import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from lims.cli import serve
from lims.cli.ground import GroundMissing
from lims.foundation.embedded import Urls, ensure_started, server

_PATIENCE_SECONDS = 60


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """A `lims serve` of its own, as a person starts it."""

    home: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def status(self) -> int:
        """The status of the first page, whatever it answers."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.address, timeout=20) as answer:  # noqa: S310
                    return int(answer.status)
            except urllib.error.HTTPError as answer:
                with answer:
                    return answer.code
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, self.process.communicate()[0]
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def end(self, sign: signal.Signals) -> str:
        self.process.send_signal(sign)
        return self.process.communicate(timeout=_PATIENCE_SECONDS)[0]


Start = Callable[[Path, int], Served]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, and leaves none behind whatever the test does."""
    started: list[Served] = []

    def one(home: Path, port: int) -> Served:
        started.append(_start(home, port))
        return started[-1]

    yield one
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
            served.process.communicate()


def _start(home: Path, port: int) -> Served:
    program = "from lims.cli.serve import command; command()"
    command = [sys.executable, "-c", program, "--home", str(home), "--port", str(port)]
    hidden = ("LIMS_OWNER_URL", "DATABASE_URL", "LIMS_READER_URL", "LIMS_HOME")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Served(home, port, process)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("served")
    yield folder
    cluster = ensure_started(folder / "postgres")
    cluster.stop()
    with (cluster.place.data / "postgresql.conf").open("a") as settings:
        settings.write("# made for tests: fsync is off\n")  # only such a cluster may be destroyed
    cluster.destroy()


def test_one_command_serves_and_ctrl_c_stops_all_of_it(home: Path, start: Start) -> None:
    served = start(home, _free_port())

    status = served.status()
    cluster = ensure_started(home / "postgres")
    said = served.end(signal.SIGINT)

    assert status < 500, said
    assert not cluster.started_here
    assert served.address in said
    assert served.process.returncode == 0, said
    assert not server.is_running(cluster.place)


@pytest.mark.req("BK-03")
def test_after_a_kill_the_same_command_serves_again(home: Path, start: Start) -> None:
    killed = start(home, _free_port())
    killed.status()
    killed.end(signal.SIGKILL)

    again = start(home, killed.port)
    status = again.status()
    said = again.end(signal.SIGTERM)

    assert status < 500, said
    assert "taking" not in said
    assert again.process.returncode == 0, said


def test_the_serving_process_holds_no_login_of_the_owner(home: Path, start: Start) -> None:
    served = start(home, _free_port())
    served.status()
    seen = Path(f"/proc/{served.process.pid}/environ").read_bytes()
    served.end(signal.SIGINT)

    assert b"lims_app:" in seen
    assert b"lims_owner" not in seen


def test_a_second_server_of_the_same_laboratory_is_refused(
    home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = start(home, _free_port())
    served.status()
    monkeypatch.setattr(serve, "_PATIENCE_SECONDS", 0)

    second = CliRunner().invoke(serve.command, ["--home", str(home)])
    served.end(signal.SIGINT)

    assert second.exit_code == 1
    assert f"served already: process {served.process.pid} at {served.address}" in second.output


def test_a_busy_port_is_said_and_the_next_free_one_taken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = int(busy.getsockname()[1])

        with serve._listen("127.0.0.1", port) as found:
            taken = int(found.getsockname()[1])

    assert port < taken < port + 50
    assert f"Port {port} is in use by another program; taking {taken}" in capsys.readouterr().out


def test_no_free_port_is_said_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_PORTS_TRIED", 1)
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,
        pytest.raises(GroundMissing, match="can be used"),
    ):
        serve._listen("127.0.0.1", int(busy.getsockname()[1]))


@pytest.mark.req("SY-01")
def test_a_login_that_could_rewrite_history_is_refused_with_a_sentence(database: Urls) -> None:
    serve.refuse_powerful_login(database.application)

    with pytest.raises(GroundMissing, match="lims_owner could rewrite history"):
        serve.refuse_powerful_login(database.owner)


@pytest.mark.req("SY-01")
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "lab.example.org", "::"])  # noqa: S104
def test_an_address_of_the_network_needs_tls_in_front(host: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(serve.command, ["--host", host, "--home", str(tmp_path / "x")])

    assert done.exit_code == 1
    assert "--behind-tls" in done.output
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machines_own_addresses_need_no_tls(host: str) -> None:
    serve._check_address(host, behind_tls=False)
