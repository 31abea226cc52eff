import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

import pytest

from lims.cli import archive


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    (tmp_path / "one").write_bytes(b"first part" * 100)
    (tmp_path / "two").write_bytes(b"")
    files = {"database.dump": tmp_path / "one", "keys/authority.pem": tmp_path / "two"}
    archive.write(tmp_path / "b.tar", files, {"release": "0.1.0"})
    return tmp_path / "b.tar"


def _offset(file: Path, text: bytes) -> int:
    position = file.read_bytes().index(text)
    assert position > 0
    return position


def _flip(file: Path, position: int) -> None:
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)


def test_what_was_written_is_read_back_whole(backup: Path, tmp_path: Path) -> None:
    manifest = archive.check(backup)

    archive.extract(backup, {"database.dump": tmp_path / "out" / "dump"})

    assert manifest.facts == {"release": "0.1.0"}
    assert [part.name for part in manifest.parts] == ["database.dump", "keys/authority.pem"]
    assert (tmp_path / "out" / "dump").read_bytes() == b"first part" * 100


def test_only_its_owner_may_read_a_backup(backup: Path) -> None:
    assert backup.stat().st_mode & 0o077 == 0


@pytest.mark.req("BK-02")
def test_a_changed_byte_is_refused_with_the_name_of_its_part(backup: Path) -> None:
    _flip(backup, _offset(backup, b"first part") + 500)

    with pytest.raises(archive.Damaged, match=r"database\.dump differ") as refused:
        archive.check(backup)
    assert refused.value.parts == ("database.dump",)


def test_a_changed_byte_of_the_manifest_is_refused(backup: Path) -> None:
    _flip(backup, _offset(backup, b"0.1.0"))

    with pytest.raises(archive.Damaged) as refused:
        archive.check(backup)
    assert refused.value.parts == ("manifest.json",)


def test_no_flipped_bit_changes_what_is_restored(backup: Path, tmp_path: Path) -> None:
    """A bit in the padding may go unseen; then the parts are still the same."""
    whole = backup.read_bytes()
    for position in range(0, len(whole), 97):
        backup.write_bytes(whole)
        _flip(backup, position)
        try:
            manifest = archive.check(backup)
        except (archive.Damaged, archive.NotABackup):
            continue
        assert manifest.parts[0].sha256 == hashlib.sha256(b"first part" * 100).hexdigest()


def test_a_cut_backup_is_refused(backup: Path) -> None:
    whole = backup.read_bytes()
    for length in (0, 100, 600, len(whole) // 4, whole.index(b"manifest.sha256") + 300):
        backup.write_bytes(whole[:length])
        with pytest.raises((archive.Damaged, archive.NotABackup)):
            archive.check(backup)


def test_a_part_put_in_by_somebody_is_refused(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup, "a") as tar:
        tar.add(tmp_path / "one", "foreign")

    with pytest.raises(archive.Damaged, match="foreign"):
        archive.check(backup)


def test_a_link_in_the_archive_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("manifest.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        tar.addfile(link)

    with pytest.raises(archive.NotABackup, match="no plain file"):
        archive.check(tmp_path / "b.tar")


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\0" * 2000])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.tar").write_bytes(content)

    with pytest.raises(archive.NotABackup, match=r"b\.tar"):
        archive.check(tmp_path / "b.tar")


def test_another_format_is_refused_by_its_number(
    backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "FORMAT", 2)

    with pytest.raises(archive.NotABackup, match="format 1; this release reads 2"):
        archive.check(backup)


def test_a_backup_can_be_checked_without_us(backup: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", backup, "-C", tmp_path], check=True)

    done = subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=tmp_path, check=False)
    told = json.loads((tmp_path / "manifest.json").read_bytes())["parts"][0]

    assert done.returncode == 0
    content = (tmp_path / told["name"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
