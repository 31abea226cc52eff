"""Where a cluster lies: its data, its socket, its passwords."""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lims.foundation.embedded.account import Account, dedicated, ourselves, owner_of
from lims.foundation.embedded.errors import (
    DiskFull,
    FolderNotSafe,
    OtherMajorVersion,
    SecretsLost,
    SocketPathTooLong,
)

SUPERUSER = "lims_superuser"
OWNER, APPLICATION, READER = "lims_owner", "lims_app", "lims_reader"
LOGINS = (SUPERUSER, OWNER, APPLICATION, READER)

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing zero among them.
_LONGEST_SOCKET = 103 if os.uname().sysname == "Darwin" else 107
_SOCKET_NAME = ".s.PGSQL.5432"
_ROOM_TO_START_MB = 100


@dataclass(frozen=True)
class Place:
    """The folders of one cluster.

    `directory` is what the caller named. `home` holds the data: the same folder for an ordinary
    user, one below the dedicated user's home when root asks.
    """

    directory: Path
    home: Path
    account: Account
    socket: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def partial(self) -> Path:
        """Where the cluster is made; renamed to `data` only when it is complete."""
        return self.home / "data.partial"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets.json"

    def check_room(self) -> None:
        free_mb = shutil.disk_usage(self.home).free // 2**20
        if free_mb < _ROOM_TO_START_MB:
            raise DiskFull(self.home, free_mb)

    def check_version(self, expected: str) -> None:
        found = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        if found != expected:
            raise OtherMajorVersion(self.data, found, expected)

    def read_passwords(self) -> dict[str, str]:
        """The password of each login.

        Raises:
            SecretsLost: the file is not there, not readable or not whole.
        """
        try:
            kept = json.loads(self.secrets.read_text(encoding="utf-8"))
            return {login: str(kept[login]) for login in LOGINS}
        except (OSError, ValueError, KeyError) as error:
            raise SecretsLost(self.secrets) from error

    def make_passwords(self) -> None:
        """Random passwords in a file that only we (not the server's user) can read."""
        made = {login: secrets.token_urlsafe(32) for login in LOGINS}
        ourselves().write(self.secrets, json.dumps(made, indent=1))


def find_place(directory: Path) -> Place:
    """The place of the cluster that `directory` names, its folders made.

    Call it with the directory's lock held.
    """
    account, home = _who_and_where(directory)
    return Place(directory, home, account, _socket_folder(home, account))


def _who_and_where(directory: Path) -> tuple[Account, Path]:
    if os.geteuid() != 0:
        return ourselves(), directory
    if (directory / "data").exists():
        return owner_of(directory / "data"), directory
    account = dedicated()
    return account, account.make_folder(account.home / _identity(directory))


def _identity(directory: Path) -> str:
    """A random name, kept in the directory.

    Not derived from the path: a folder removed and made anew must not find the old data again.
    """
    note = directory / "cluster-id"
    if not note.exists():
        ourselves().write(note, secrets.token_hex(6) + "\n")
    identity = note.read_text(encoding="utf-8").strip()
    if not identity.isalnum():
        raise FolderNotSafe(directory, "its file cluster-id does not hold a plain name")
    return identity


def _socket_folder(home: Path, account: Account) -> Path:
    inside = home / "socket"
    if not _fits(inside):
        name = hashlib.sha256(os.fsencode(home)).hexdigest()[:10]
        base = os.environ.get("XDG_RUNTIME_DIR") if account.is_self else None
        inside = Path(base or tempfile.gettempdir()) / f"livelot-{name}"
    if not _fits(inside):
        raise SocketPathTooLong(inside / _SOCKET_NAME, _LONGEST_SOCKET)
    return account.make_folder(inside)


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / _SOCKET_NAME)) <= _LONGEST_SOCKET
