"""What can be wrong with the ground, said to the person who starts the server."""

from pathlib import Path


class ClusterProblem(Exception):
    """The embedded PostgreSQL cannot be made, started, reached or stopped.

    The text is a full sentence for the person at the terminal; no page ever shows it.
    """


class BinariesMissing(ClusterProblem):
    def __init__(self, what: str) -> None:
        super().__init__(
            f"The PostgreSQL program “{what}” is not installed here. Run “make setup” again, or "
            "name a server of your own by LIMS_OWNER_URL, DATABASE_URL and LIMS_READER_URL."
        )


class DiskFull(ClusterProblem):
    def __init__(self, folder: Path, free_mb: int) -> None:
        self.folder, self.free_mb = folder, free_mb
        super().__init__(
            f"The disk that holds {folder} is full ({free_mb} MB are free). PostgreSQL was not "
            "started; what was acknowledged before is kept. Make room, then start again."
        )


class OtherMajorVersion(ClusterProblem):
    def __init__(self, folder: Path, found: str, expected: str) -> None:
        self.folder, self.found, self.expected = folder, found, expected
        super().__init__(
            f"The data in {folder} were written by PostgreSQL {found}; this release brings "
            f"PostgreSQL {expected}. Nothing was changed. Make a backup with the release that "
            "wrote them (lims backup), then restore it with this one into an empty folder "
            "(lims restore)."
        )


class SocketPathTooLong(ClusterProblem):
    def __init__(self, path: Path, limit: int) -> None:
        self.path, self.limit = path, limit
        super().__init__(
            f"The socket {path} has a name of more than {limit} bytes, which the system does not "
            "allow. Set XDG_RUNTIME_DIR or TMPDIR to a folder with a shorter name."
        )


class FolderNotSafe(ClusterProblem):
    def __init__(self, folder: Path, why: str) -> None:
        self.folder = folder
        super().__init__(f"The folder {folder} cannot hold PostgreSQL: {why}.")


class NoDatabaseUser(ClusterProblem):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root, and the system user “{name}” for it could not be "
            f"made: {why}. Make that user by hand, name another by LIVELOT_PG_USER, or start as an "
            "ordinary user."
        )


class NotDurable(ClusterProblem):
    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The cluster in {folder} was made for tests, with fsync off: a power cut could lose "
            "what it acknowledged. It will not serve a laboratory."
        )


class SecretsLost(ClusterProblem):
    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The data are there, but the passwords of their logins, kept in {path}, are not or "
            "cannot be read. Put the file back from a backup, or start as the user who owns it."
        )


class ServerFailed(ClusterProblem):
    def __init__(self, what: str, log: str) -> None:
        self.log = log
        told = f" Its last words:\n{log}" if log else ""
        super().__init__(f"PostgreSQL did not {what}.{told}")
