"""The backup file: one tar whose manifest names each part with its length and SHA-256.

The order is fixed: `manifest.json`, the parts, `manifest.sha256`. Any tar and sha256sum can read it
without us.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
_CHUNK = 2**20


class NotABackup(click.ClickException):
    """The file is none of ours, or so damaged that it cannot be read as one."""


class Damaged(click.ClickException):
    """Attributes: parts: the names of the parts that differ from the manifest."""

    def __init__(self, file: Path, parts: tuple[str, ...]) -> None:
        self.parts = parts
        super().__init__(
            f"{file.name} is damaged: {', '.join(parts)} differ from the manifest. "
            "Nothing was restored. Take another copy of this backup, or an earlier one."
        )


@dataclass(frozen=True)
class Part:
    """Attributes: size: in bytes; sha256: of the content, in hex."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Attributes: facts: what the backup says of its origin (time, release, chain head ...)."""

    facts: Mapping[str, object]
    parts: tuple[Part, ...]

    def to_json(self) -> bytes:
        told = {
            "format": FORMAT,
            **self.facts,
            "parts": [vars(part) for part in self.parts],
        }
        return (json.dumps(told, indent=1, sort_keys=True) + "\n").encode()


def digest(stream: IO[bytes]) -> tuple[int, str]:
    """Length and SHA-256 of what is left in a stream."""
    size, running = 0, hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        running.update(chunk)
    return size, running.hexdigest()


def write(target: Path, files: Mapping[str, Path], facts: Mapping[str, object]) -> Manifest:
    """Write the archive beside its final name, force it to the disk, then name it.

    Args:
        target: the final name; must not exist.
        files: content of each part, by the part's name.
        facts: for the manifest.
    """
    manifest = Manifest(facts, tuple(_part(name, path) for name, path in sorted(files.items())))
    told = manifest.to_json()
    partial = target.with_suffix(".partial")
    with (
        os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, MANIFEST, io.BytesIO(told), len(told))
        for part in manifest.parts:
            with files[part.name].open("rb") as content:
                _add(tar, part.name, content, part.size)
        seal = f"{hashlib.sha256(told).hexdigest()}  {MANIFEST}\n".encode()
        _add(tar, SEAL, io.BytesIO(seal), len(seal))
        tar.close()
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    return manifest


def _part(name: str, path: Path) -> Part:
    with path.open("rb") as stream:
        return Part(name, *digest(stream))


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, content)


def check(file: Path) -> Manifest:
    """Read the whole archive back and compare every part with the manifest.

    Raises:
        NotABackup: no tar, no manifest, a format of another release.
        Damaged: names each part that is missing, foreign or different.
    """
    try:
        found = {name: digest(stream) for name, stream in _members(file)}
        told = _manifest_bytes(file)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise NotABackup(f"{file.name} cannot be read as a backup: {error}.") from error
    manifest = _parse(file, told)
    _check_seal(file, told)
    bad = [
        part.name
        for part in manifest.parts
        if found.pop(part.name, None) != (part.size, part.sha256)
    ]
    foreign = [name for name in found if name not in (MANIFEST, SEAL)]
    if bad or foreign:
        raise Damaged(file, (*bad, *foreign))
    return manifest


def extract(file: Path, wanted: Mapping[str, Path]) -> None:
    """Write parts of a checked archive to new files that only we can read."""
    for name, stream in _members(file):
        if name in wanted:
            wanted[name].parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(wanted[name], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as target:
                while chunk := stream.read(_CHUNK):
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())


def _members(file: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(file, "r:") as tar:
        for entry in tar:
            stream = tar.extractfile(entry) if entry.isfile() else None
            if stream is None:
                raise NotABackup(f"{file.name} holds {entry.name}, which is no plain file.")
            yield entry.name, stream


def _manifest_bytes(file: Path) -> bytes:
    for name, stream in _members(file):
        if name == MANIFEST:
            return stream.read()
    raise NotABackup(f"{file.name} has no {MANIFEST}: it is no backup of Livelot.")


def _parse(file: Path, told: bytes) -> Manifest:
    try:
        facts = json.loads(told)
        parts = tuple(
            Part(str(one["name"]), int(one["size"]), str(one["sha256"]))
            for one in facts.pop("parts")
        )
        format_found = facts.pop("format")
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(file, (MANIFEST,)) from error
    if format_found != FORMAT:
        raise NotABackup(
            f"{file.name} has the backup format {format_found}; this release reads {FORMAT}."
        )
    return Manifest(facts, parts)


def _check_seal(file: Path, told: bytes) -> None:
    expected = f"{hashlib.sha256(told).hexdigest()}  {MANIFEST}\n".encode()
    seals = [stream.read() for name, stream in _members(file) if name == SEAL]
    if seals != [expected]:
        raise Damaged(file, (MANIFEST,))
