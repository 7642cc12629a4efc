"""A process that uses an embedded server, run by the tests in several ways: see ``main``.

Needs the standard library only, so that any Python that another user may run can run it.
"""

import subprocess
import sys
from pathlib import Path


def main(home: str, task: str) -> None:
    """Take a share in the server of ``home``, do ``task``, and give it back at the end of input."""
    from strongroom.core import postgres

    try:
        server = postgres.ensure(Path(home), durable=task != "share")
    except postgres.PostgresUnavailable as error:
        print("refused", error.message, "|", error.hint, flush=True)
        return
    pid = (server.data_dir / "postmaster.pid").read_text().split()[0]
    print("ready", pid, server.data_dir, flush=True)
    if task == "write":
        _write(server)
    sys.stdin.read()
    server.release()
    print("released", flush=True)


def _write(server: object) -> None:
    """Insert numbers, one a unit of work, and print each as soon as it is acknowledged."""
    from strongroom.core import postgres

    command, environment = postgres.psql_command(server, "postgres")  # type: ignore[arg-type]
    psql = subprocess.Popen(
        [*command, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**environment, "PATH": "/usr/bin:/bin"},
        text=True,
        bufsize=1,
    )
    assert psql.stdin is not None and psql.stdout is not None
    psql.stdin.write("CREATE TABLE IF NOT EXISTS kept (n int PRIMARY KEY);\n")
    for number in range(1_000_000):
        psql.stdin.write("INSERT INTO kept SELECT 1 + coalesce(max(n), 0) FROM kept;\\echo ok\n")
        if psql.stdout.readline() != "ok\n":
            return
        print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
