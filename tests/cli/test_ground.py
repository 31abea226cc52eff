import stat
from pathlib import Path

import pytest
from sqlalchemy import make_url

from lims.cli import ground
from lims.cli.ground import Ground, GroundMissing
from lims.foundation import migrate
from lims.foundation.embedded import Cluster, Urls

_OWNER, _APP, _READER = (f"postgresql://{name}:p@h/lims" for name in ("owner", "app", "reader"))
_THREE = {"LIMS_OWNER_URL": _OWNER, "DATABASE_URL": _APP, "LIMS_READER_URL": _READER}


def test_without_urls_the_embedded_postgresql_is_meant() -> None:
    assert ground.named_urls({}) is None


def test_three_urls_name_another_server() -> None:
    urls = ground.named_urls(_THREE)

    assert urls is not None
    assert urls.owner == "postgresql+psycopg://owner:p@h/lims"
    assert ground.conninfo(urls.owner) == _OWNER


@pytest.mark.parametrize("missing", list(_THREE))
def test_one_url_too_few_is_named(missing: str) -> None:
    with pytest.raises(GroundMissing, match=missing):
        ground.named_urls({k: v for k, v in _THREE.items() if k != missing})


@pytest.mark.req("SY-01")
def test_one_login_for_two_purposes_is_refused() -> None:
    with pytest.raises(GroundMissing, match="three different users"):
        ground.named_urls(_THREE | {"DATABASE_URL": _OWNER})


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///x.db", "postgresql://host/lims"])
def test_a_url_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(GroundMissing):
        ground.named_urls(_THREE | {"DATABASE_URL": url})


@pytest.mark.req("SY-01")
def test_a_server_with_fsync_off_is_refused(cluster: Cluster) -> None:
    with pytest.raises(GroundMissing, match="fsync and full_page_writes off"):
        ground.check_server(cluster.urls.owner)


def test_a_server_that_is_too_old_is_refused(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "OLDEST_SERVER", 990_000)

    with pytest.raises(GroundMissing, match="needs 15 or newer"):
        ground.check_server(cluster.urls.owner)


def test_a_server_that_does_not_answer_is_said_without_its_password(cluster: Cluster) -> None:
    wrong = make_url(cluster.urls.owner).set(password="hunter2secret")

    with pytest.raises(GroundMissing, match="does not answer") as refused:
        ground.check_server(wrong.render_as_string(hide_password=False))
    assert "hunter2secret" not in str(refused.value)


@pytest.mark.req("SY-01")
def test_the_secret_is_random_closed_and_made_once(tmp_path: Path) -> None:
    for home in (tmp_path / "a", tmp_path / "b", tmp_path / "a"):
        ground.make_folders(home)
    secrets = [(tmp_path / name / "secrets" / "server-key") for name in "ab"]

    assert len(bytes.fromhex(secrets[0].read_text())) == 32
    assert secrets[0].read_text() != secrets[1].read_text()
    assert stat.S_IMODE(secrets[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(secrets[0].parent.stat().st_mode) == 0o700


def test_a_secret_is_kept_by_a_second_start(tmp_path: Path) -> None:
    ground.make_folders(tmp_path)
    before = (tmp_path / "secrets" / "server-key").read_text()

    ground.make_folders(tmp_path)

    assert (tmp_path / "secrets" / "server-key").read_text() == before


def test_the_serving_process_never_sees_the_owners_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in _THREE.items():
        monkeypatch.setenv(name, value)

    environment = Ground(tmp_path, Urls("o-url", "a-url", "r-url"), None).application_environment()

    assert "LIMS_OWNER_URL" not in environment
    assert environment["DATABASE_URL"] == "a-url"
    assert environment["LIMS_READER_URL"] == "r-url"


def test_an_empty_database_gets_the_newest_schema_once(cluster: Cluster, spare_name: str) -> None:
    urls, said = cluster.create_database(spare_name), list[str]()

    ground.bring_up_to_date(urls, said.append)
    ground.bring_up_to_date(urls, said.append)

    assert len(said) == 1
    assert migrate.present(urls.owner) == migrate.newest()


@pytest.mark.req("SY-01")
def test_a_schema_of_a_newer_release_is_refused(
    database: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "known_schemas", lambda: frozenset({"0001"}))
    monkeypatch.setattr(migrate, "newest", lambda: "0001")

    with pytest.raises(GroundMissing, match="newer release"):
        ground.bring_up_to_date(database)


def test_a_missing_laboratory_is_not_made_by_looking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in _THREE:
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(GroundMissing, match="no laboratory"):
        ground.check_there(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
