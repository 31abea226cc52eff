"""The server's settings: written anew at every start, so that none drifts."""

from pathlib import Path

from lims.foundation.embedded.place import Place

_TEST_MARK = "# made for tests: fsync is off"

_ACCESS = """\
# Written by lims at every start; changes made here do not last.
# TYPE  DATABASE  USER  METHOD
local   all       all   scram-sha-256
host    all       all   all   scram-sha-256
"""

_SERVER = """\
# Written by lims at every start; changes made here do not last.
listen_addresses = ''
port = 5432
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'

max_connections = 60
shared_buffers = '64MB'
max_wal_size = '512MB'
min_wal_size = '80MB'
dynamic_shared_memory_type = {shared_memory}
max_prepared_transactions = 0

timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'iso, ymd'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.simple'

# One file for each day of the week: the log cannot fill the disk in silence. Statements are not
# logged, for they hold the laboratory's values.
logging_collector = on
log_directory = '{log}'
log_filename = 'postgres-%a.log'
log_rotation_age = '1d'
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %u@%d '
log_min_error_statement = 'panic'
log_parameter_max_length_on_error = 0
"""

_DURABLE = """
fsync = on
synchronous_commit = on
full_page_writes = on
"""

_TESTS = f"""
{_TEST_MARK}
fsync = off
synchronous_commit = on
full_page_writes = off
autovacuum = off
"""


def write(place: Place, data: Path, *, durable: bool) -> None:
    """Write postgresql.conf and pg_hba.conf, and forget what ALTER SYSTEM left."""
    account = place.account
    account.make_folder(place.log)
    text = _SERVER.format(
        socket=_quoted(place.socket), log=_quoted(place.log), shared_memory="posix"
    )
    account.write(data / "postgresql.conf", text + (_DURABLE if durable else _TESTS))
    account.write(data / "postgresql.auto.conf", "# ALTER SYSTEM is not used here.\n")
    account.write(data / "pg_hba.conf", _ACCESS)


def made_for_tests(data: Path) -> bool:
    return _TEST_MARK in (data / "postgresql.conf").read_text(encoding="utf-8")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
