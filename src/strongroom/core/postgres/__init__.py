"""The embedded PostgreSQL: one server a data directory, shared by every process that needs it.

This package owns the server's whole life: finding the programs, making and upgrading the data
directory, starting, sharing, recovering and stopping. It knows nothing of schemas or of SQL.
"""

from strongroom.core.postgres.binaries import Binaries, find_binaries
from strongroom.core.postgres.cluster import SUPERUSER
from strongroom.core.postgres.errors import PostgresUnavailable
from strongroom.core.postgres.place import Place, find_place
from strongroom.core.postgres.server import Server, ensure, psql_command

__all__ = [
    "SUPERUSER",
    "Binaries",
    "Place",
    "PostgresUnavailable",
    "Server",
    "ensure",
    "find_binaries",
    "find_place",
    "psql_command",
]
