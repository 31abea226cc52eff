"""Who runs the server: ourselves, or a system user of its own when we are root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lims.foundation.embedded.errors import FolderNotSafe, NoDatabaseUser

_DEFAULT_USER = "livelot-pg"
_DEFAULT_HOME = "/var/lib/livelot-pg"
# Nothing of our own environment (secrets, proxies, PG* variables) reaches the server.
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "LC_ALL": "C"}


@dataclass(frozen=True)
class Account:
    """The system user that owns the data and runs the server, and the folder that is its own."""

    name: str
    uid: int
    gid: int
    home: Path

    @property
    def is_self(self) -> bool:
        return self.uid == os.geteuid()

    def run(
        self, command: Sequence[str | Path], *, cwd: Path = Path("/"), timeout: float = 180
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with a bare environment and files closed to others."""
        return subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            umask=0o077,
            start_new_session=True,  # Ctrl-C at our terminal must not reach the server
            user=None if self.is_self else self.uid,
            group=None if self.is_self else self.gid,
            extra_groups=None if self.is_self else [],
        )

    def make_folder(self, path: Path) -> Path:
        """A folder of mode 700 that this account owns; one that is there is only checked."""
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            self._check_folder(path)
        else:
            os.chown(path, self.uid, self.gid)
        return path

    def _check_folder(self, path: Path) -> None:
        found = path.lstat()
        if path.is_symlink() or not path.is_dir():
            raise FolderNotSafe(path, "it is not a plain folder")
        if found.st_uid != self.uid:
            raise FolderNotSafe(path, f"it does not belong to the user “{self.name}”")
        if found.st_mode & 0o077:
            raise FolderNotSafe(path, "it is open to others (its mode must be 700)")

    def write(self, path: Path, text: str) -> None:
        """Replace a file at once, closed to others; never follows a link that lies in its place."""
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchown(file.fileno(), self.uid, self.gid)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make a rename inside the folder outlive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ourselves() -> Account:
    entry = pwd.getpwuid(os.geteuid())
    return Account(entry.pw_name, os.geteuid(), os.getegid(), Path(entry.pw_dir))


def dedicated(name: str | None = None, home: Path | None = None) -> Account:
    """The system user for root's servers, made when it is missing.

    Args:
        name: default LIVELOT_PG_USER, then `livelot-pg`.
        home: the folder that is its own; default LIVELOT_PG_HOME, then /var/lib/livelot-pg.

    Raises:
        NoDatabaseUser: it is missing and cannot be made.
        FolderNotSafe: its folder belongs to somebody else.
    """
    name = name or os.environ.get("LIVELOT_PG_USER", _DEFAULT_USER)
    home = home or Path(os.environ.get("LIVELOT_PG_HOME", _DEFAULT_HOME))
    entry = _find(name) or _create(name, home)
    if entry.pw_uid == 0:
        raise NoDatabaseUser(name, "it is root itself")
    account = Account(name, entry.pw_uid, entry.pw_gid, home)
    _make_home(account)
    return account


def owner_of(path: Path) -> Account:
    """The user to whom existing data belong, when root starts what an ordinary user made."""
    entry = pwd.getpwuid(path.stat().st_uid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, path.parent)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create(name: str, home: Path) -> pwd.struct_passwd:
    program = shutil.which("useradd", path=_ENVIRONMENT["PATH"])
    if program is None:
        raise NoDatabaseUser(name, "the program useradd is missing")
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", str(home)]
    done = subprocess.run(
        [*command, "--shell", "/usr/sbin/nologin", name],
        capture_output=True,
        text=True,
        check=False,
    )
    # Two processes may have tried at once: what counts is that the user is there.
    entry = _find(name)
    if entry is None:
        raise NoDatabaseUser(name, done.stderr.strip() or f"useradd ended with {done.returncode}")
    return entry


def _make_home(account: Account) -> None:
    try:
        account.home.mkdir(mode=0o711, parents=True)
    except FileExistsError:
        if account.home.stat().st_uid != account.uid:
            raise FolderNotSafe(
                account.home, f"it does not belong to the user “{account.name}”"
            ) from None
    else:
        account.home.chmod(0o711)
        os.chown(account.home, account.uid, account.gid)
