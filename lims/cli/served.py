"""Settings of the web server process, read by gunicorn (`-c python:lims.cli.served`)."""

import os
from pathlib import Path
from typing import Protocol

from lims.foundation.embedded import ensure_started

worker_class = "gthread"
timeout = 120  # a certificate and its signatures take seconds on a slow disk
graceful_timeout = 15
keepalive = 5
loglevel = "warning"
control_socket_disable = True
# In memory where there is one: a slow disk must not look like a worker that hangs.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
forwarded_allow_ips = os.environ.get("LIMS_PROXIES", "")
CLUSTER_VARIABLE = "LIMS_CLUSTER_TO_STOP"


class _Arbiter(Protocol):
    """Of gunicorn's master process we need nothing."""


def on_exit(_server: _Arbiter) -> None:
    """Stop the embedded PostgreSQL when the last word has been answered."""
    directory = os.environ.get(CLUSTER_VARIABLE)
    if directory:
        ensure_started(Path(directory)).stop()
