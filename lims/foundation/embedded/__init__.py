"""PostgreSQL from a wheel, initialised and started by our own code.

Every login gives a scram password, there is no TCP port, the socket lies in a folder of mode 700,
pages carry checksums, and fsync is on. The superuser is used for set-up only; the application never
sees its password.
"""

from lims.foundation.embedded.binaries import tool
from lims.foundation.embedded.cluster import DATABASE, Cluster, Urls, ensure_started
from lims.foundation.embedded.errors import ClusterProblem

__all__ = ["DATABASE", "Cluster", "ClusterProblem", "Urls", "ensure_started", "tool"]
