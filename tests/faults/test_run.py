"""``strongroom run`` from outside: started, stopped, killed, started twice, refused in words."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from strongroom.core import postgres, running
from tests.processes import full, processes_of, small_disk, throwaway_home, wait_until

pytestmark = pytest.mark.slow

SOURCE = Path(postgres.__file__).parents[3]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all of these tests: each leaves it stopped."""
    with throwaway_home() as directory:
        yield directory


@dataclass
class Run:
    process: subprocess.Popen[str]
    home: Path

    @property
    def where(self) -> running.Running:
        found = running.find(self.home)
        assert found is not None
        return found

    def child(self, module: str) -> psutil.Process:
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # one that was killed and is not reaped yet
                if module in " ".join(child.cmdline()):
                    return child
        raise LookupError(module)

    def stop(self, number: int = signal.SIGINT) -> str:
        self.process.send_signal(number)
        return self.process.communicate(timeout=60)[0]


def start(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "strongroom.cli", "run", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **kept,
            "PYTHONPATH": str(SOURCE),
            "STRONGROOM_HOME": str(home),
            "STRONGROOM_PORT": "0",
            **environment,
        },
    )


def refused(home: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code and the words of a start that must not succeed."""
    process = start(home, *arguments, **environment)
    said = process.communicate(timeout=120)[0]
    assert "Traceback" not in said
    return process.returncode, said


@contextmanager
def started(home: Path, *arguments: str, **environment: str) -> Iterator[Run]:
    process = start(home, *arguments, **environment)
    try:
        wait_until(
            lambda: running.find(home) or process.poll() is not None, "it is ready", seconds=120
        )
        if process.poll() is not None:
            pytest.fail(f"it ended: {process.communicate()[0]}")
        yield Run(process, home)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=60)
        process.kill()
        process.communicate()


def is_ready(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
        return bool(json.load(answer)["status"] == "ok")
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_says_where_it_is_and_stops_without_a_trace(home: Path, number: int) -> None:
    with started(home) as run:
        url = run.where.url
        assert is_ready(url)
        said = run.stop(number)
    assert run.process.returncode == 0
    for told in (url, "Ctrl-C", str(home), "logs"):
        assert told in said
    assert processes_of(home) == []
    assert running.find(home) is None


def test_kill_9_leaves_no_orphans_and_loses_nothing(home: Path) -> None:
    with started(home) as run:
        server = postgres.ensure(home)
        with psycopg.connect(server.admin_dsn) as db:
            db.execute("DROP TABLE IF EXISTS kept")
            db.execute("CREATE TABLE kept AS SELECT 42 AS n")
        server.release()
        run.process.kill()
        wait_until(lambda: not processes_of(home), "every process of it has ended")
    with started(home) as run:
        assert is_ready(run.where.url)
        server = postgres.ensure(home)
        with psycopg.connect(server.admin_dsn) as db:
            assert db.execute("SELECT n FROM kept").fetchone() == (42,)
        server.release()
        run.stop()


@pytest.mark.parametrize("module", ["strongroom.web", "strongroom.worker", "strongroom.sandbox"])
def test_a_part_that_is_killed_is_started_again(home: Path, module: str) -> None:
    with started(home) as run:
        first = run.child(module)
        first.kill()

        def another() -> bool:
            with suppress(LookupError, psutil.Error):
                return run.child(module).pid != first.pid
            return False

        wait_until(another, "another process has taken its place")
        wait_until(lambda: is_ready(run.where.url), "it serves again")
        said = run.stop()
    name = module.rpartition(".")[2]
    assert f"The {name} process ended (ended by SIGKILL); starting it again" in said


def test_a_part_that_keeps_on_ending_holds_no_other_up(home: Path) -> None:
    def killed(run: Run, module: str) -> psutil.Process:
        found = run.child(module)
        found.kill()
        return found

    def next_one(run: Run, module: str, former: psutil.Process) -> psutil.Process:
        found: list[psutil.Process] = []

        def is_there() -> bool:
            with suppress(LookupError, psutil.Error):
                found[:] = [run.child(module)]
            return bool(found) and found[0].pid != former.pid

        wait_until(is_there, f"another {module} has taken its place")
        return found[0]

    with started(home) as run:
        for _ in range(3):  # each time it is left alone for longer
            next_one(run, "strongroom.worker", killed(run, "strongroom.worker"))
        worker = killed(run, "strongroom.worker")
        web = killed(run, "strongroom.web")
        web_began = next_one(run, "strongroom.web", web).create_time()
        worker_began = next_one(run, "strongroom.worker", worker).create_time()
        assert web_began < worker_began
        run.stop()


def test_a_database_server_that_is_killed_comes_back(home: Path) -> None:
    with started(home) as run:
        (server,) = [p for p in processes_of(home) if p.cmdline()[1:2] == ["-D"]]
        server.kill()
        server.wait(60)
        wait_until(lambda: is_ready(run.where.url), "the web pages are served again")
        run.stop()
    assert processes_of(home) == []


def test_a_second_start_says_where_the_first_is(home: Path) -> None:
    with started(home) as run:
        code, said = refused(home)
        assert code == 5
        assert run.where.url in said
        assert str(run.process.pid) in said
        assert is_ready(run.where.url)
        run.stop()


def test_a_port_in_use_is_named_with_its_program_and_another_can_be_had(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused(home, STRONGROOM_PORT=port)
        assert code == 5
        assert f"Port {port} is already in use" in said
        assert f"(process {os.getpid()})" in said
        assert "make run ARGS=--pick-port" in said
        with started(home, "--pick-port", STRONGROOM_PORT=port) as run:
            assert not run.where.url.endswith(f":{port}")
            assert is_ready(run.where.url)
            run.stop()


def test_no_secret_is_in_an_argument_or_told(home: Path) -> None:
    with started(home) as run:
        ring = json.loads((home / "keys.json").read_text())
        password = (home / "postgres.pgpass").read_text().strip().rsplit(":", 1)[1]
        secrets = [*ring["keys"].values(), ring["root"], password]
        for process in processes_of(home):
            with suppress(psutil.Error):
                assert not any(secret in " ".join(process.cmdline()) for secret in secrets)
        said = run.stop()
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert not any(secret in said + logs for secret in secrets)
    for name in ("keys.json", "postgres.pgpass"):
        assert (home / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("environment", "code", "words"),
    [
        ({"PLAID_CLIENT_ID": "an-id"}, 2, "PLAID_SECRET is not set"),
        ({"STRONGROOM_PORT": "eighty"}, 2, "STRONGROOM_PORT must be a port number"),
        ({"STRONGROOM_HOST": "192.0.2.1"}, 5, "not an address of this machine"),
        ({"STRONGROOM_PG_BIN": "/nowhere"}, 75, "has no program named postgres"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, 75, "does not answer"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    home: Path, environment: dict[str, str], code: int, words: str
) -> None:
    assert refused(home, **environment)[0] == code
    assert words in refused(home, **environment)[1]
    assert processes_of(home) == []


def test_a_home_that_cannot_be_written_is_refused_in_words(home: Path) -> None:
    in_the_way = home.parent / "a-file"
    in_the_way.write_text("")
    code, said = refused(in_the_way / "home")
    assert code == 75
    assert "STRONGROOM_HOME" in said


def test_a_directory_of_somebody_elses_is_left_as_it_is(home: Path) -> None:
    theirs = home.parent / "pictures"
    theirs.mkdir()
    (theirs / "holiday.jpg").write_text("a picture")
    code, said = refused(theirs)
    assert code == 2
    assert "is not empty" in said
    assert [path.name for path in theirs.iterdir()] == ["holiday.jpg"]


def test_a_disk_that_fills_up_is_told_and_once_there_is_room_all_is_well(home: Path) -> None:
    with small_disk(home.parent / "disk", "160m") as disk:
        with full(disk):
            code, said = refused(disk / "home")
        assert code == 75
        assert "is full" in said
        with started(disk / "home") as run:
            server = postgres.ensure(disk / "home")
            with psycopg.connect(server.admin_dsn, autocommit=True) as db:
                db.execute("CREATE TABLE kept AS SELECT 1 AS n")
            with (
                full(disk),
                pytest.raises(psycopg.OperationalError),
                psycopg.connect(server.admin_dsn, autocommit=True) as db,
            ):
                while True:  # until the write-ahead log needs another file
                    db.execute("CREATE TABLE more AS SELECT generate_series(1, 99999) AS n")
                    db.execute("DROP TABLE more")
            wait_until(lambda: is_ready(run.where.url), "the web pages are served again")

            def kept() -> bool:
                with suppress(psycopg.OperationalError), psycopg.connect(server.admin_dsn) as db:
                    return db.execute("SELECT n FROM kept").fetchone() == (1,)
                return False

            wait_until(kept, "the row is there")
            server.release()
            run.stop()


def test_a_data_directory_that_is_not_ours_is_refused(home: Path) -> None:
    data = home.parent / "another" / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "holiday.jpg").write_text("a picture")
    (data.parents[1] / "run.lock").touch()
    code, said = refused(data.parents[1])
    assert code == 75
    assert "belongs to user id 0" in said or "holds no PostgreSQL database" in said
    assert [path.name for path in data.iterdir()] == ["holiday.jpg"]
    assert processes_of(home.parent) == []


def test_a_database_newer_than_the_program_is_left_alone(home: Path) -> None:
    newer = home.parent / "newer"
    with started(newer) as run:
        run.stop()
    with postgres.ensure(newer) as server, psycopg.connect(server.admin_dsn) as db:
        db.execute("UPDATE strongroom.schema_version SET version_num = '9999'")
    code, said = refused(newer)
    assert code == 2
    assert "9999" in said
    with postgres.ensure(newer) as server, psycopg.connect(server.admin_dsn) as db:
        found = db.execute("SELECT version_num FROM strongroom.schema_version").fetchone()
        assert found == ("9999",)
