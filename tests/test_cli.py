from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import typer

from strongroom import cli
from strongroom.connections.files import FileIsRefused
from strongroom.core import keys, terminal
from strongroom.core.db import Database
from strongroom.core.errors import Refused
from strongroom.core.ids import UserId, new_id
from strongroom.core.settings import Settings
from strongroom.core.vault import Vault
from tests import commands
from tests.conftest import TestDatabase
from tests.processes import processes_of, throwaway_home, wait_until

PASSWORD = "seven green bicycles at noon"


def strongroom(
    *arguments: str, given: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    own = {**commands.unconfigured(), "HOME": "/nonexistent", "COLUMNS": "100", **environment}
    return commands.strongroom(*arguments, environment=own, given=given)


def settings_for(database: TestDatabase) -> dict[str, str]:
    return {
        "STRONGROOM_HOME": "/nonexistent/home",
        "STRONGROOM_KEYS": database.ring.to_json(),
        "DATABASE_URL": database.admin_dsn,
    }


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("strongroom: ")
    return lines[0]


def test_the_help_lists_every_command_without_loading_any() -> None:
    heavy = ["fastapi", "procrastinate", "plaid", "uvicorn", "sqlalchemy", "jinja2", "rich"]
    code = (
        "import sys\nfrom strongroom import cli\nsys.argv = ['strongroom', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit as end:\n    assert not end.code\n"
        f"loaded = [name for name in {heavy!r} if name in sys.modules]\n"
        "sys.exit(f'loaded {loaded}' if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, command in cli.COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert command.says in " ".join(done.stdout.split())


def test_commands_and_the_worker_start_without_the_web() -> None:
    web = ["fastapi", "starlette", "jinja2"]
    commands = sorted({one.module for name, one in cli.COMMANDS.items() if name != "docs"})
    code = (
        "import sys\nfrom importlib import import_module\n"
        f"for name in {[*commands, 'strongroom.wiring', 'strongroom.worker']!r}:\n"
        "    import_module(name)\n"
        f"    heavy = {web!r} if name == 'strongroom.worker' else {[*web, 'procrastinate']!r}\n"
        "    loaded = [one for one in heavy if one in sys.modules]\n"
        "    if loaded:\n        sys.exit(f'{name} loads {loaded}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_command_loads_and_helps(name: str) -> None:
    loaded = cli.load(name, cli.COMMANDS[name])
    context = loaded.make_context(f"strongroom {name}", [], resilient_parsing=True)
    says = loaded.get_help(context)
    assert f"Usage: strongroom {name}" in says
    assert "completion" not in says


def test_the_version() -> None:
    done = strongroom("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("strongroom ")


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["accounts", "--nothing"], ["run", "--port", "x"]]
)
def test_a_wrong_command_line_is_said_plainly(arguments: list[str]) -> None:
    done = strongroom(*arguments)
    assert done.returncode == 2
    assert "Error: " in done.stderr and "Traceback" not in done.stderr


def test_a_day_that_is_none_is_told_how_to_write_one() -> None:
    add = ("transactions", "add", "Market", "--account", "acc_x", "--amount=-5")
    for day in ("20026-11-20", "20.11.2026", "20260101"):
        done = strongroom(*add, "--day", day)
        assert done.returncode == 2
        assert "'--day': Write a day as 2026-11-20." in done.stderr


@pytest.mark.parametrize(
    ("environment", "code", "says"),
    [
        ({"STRONGROOM_PORT": "http"}, 2, "STRONGROOM_PORT"),
        ({"STRONGROOM_PROXIES": "here"}, 2, "STRONGROOM_PROXIES"),
        ({"STRONGROOM_LOG": "loud"}, 2, "STRONGROOM_LOG"),
        ({"PLAID_CLIENT_ID": "x"}, 2, "PLAID_SECRET"),
        ({"STRONGROOM_KEYS": "{}"}, 2, "STRONGROOM_KEYS"),
        (
            {"DATABASE_URL": "postgresql://u:hunter2hunter2@127.0.0.1:1/x"},
            75,
            "The database does not answer.",
        ),
    ],
)
def test_a_bad_setting_is_one_plain_line_and_an_exit_code(
    tmp_path: Path, environment: dict[str, str], code: int, says: str
) -> None:
    defaults = {
        "STRONGROOM_HOME": str(tmp_path / "home"),
        "DATABASE_URL": "postgresql://u:hunter2hunter2@127.0.0.1:1/x",
    }
    done = strongroom("accounts", **defaults | environment)
    assert done.returncode == code
    assert says in one_line(done)
    assert done.stdout == ""
    assert "hunter2" not in done.stderr


def test_debug_shows_where_an_error_came_from(tmp_path: Path) -> None:
    done = strongroom("--debug", "accounts", STRONGROOM_PORT="http", STRONGROOM_HOME=str(tmp_path))
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("strongroom: ")


def test_a_bug_is_one_line_too_until_debug_is_asked_for(database: TestDatabase) -> None:
    with psycopg.connect(database.admin_dsn) as db:
        db.execute("DROP TABLE strongroom.users CASCADE")
    done = strongroom("users", "list", **settings_for(database))
    assert done.returncode == 70
    assert "--debug" in one_line(done)
    assert (
        "UndefinedTable" in strongroom("--debug", "users", "list", **settings_for(database)).stderr
    )


def test_whose_account_it_is_about(database: TestDatabase) -> None:
    env = settings_for(database)
    nobody = strongroom("accounts", **env)
    assert nobody.returncode == 4
    assert "Nobody has an account yet." in one_line(nobody)

    added = strongroom("users", "add", "ola@example.org", given=PASSWORD + "\n", **env)
    assert added.returncode == 0, added.stderr
    only = strongroom("accounts", "--json", **env)
    assert only.returncode == 0, only.stderr
    assert json.loads(only.stdout) == []

    strongroom("users", "add", "kari@example.org", given=PASSWORD + "\n", **env)
    several = strongroom("accounts", **env)
    assert several.returncode == 2
    assert "ola@example.org, kari@example.org" in one_line(several)
    assert "--as" in several.stderr

    for arguments in (
        ["accounts", "--as", "OLA@example.org"],
        ["--as", "ola@example.org", "accounts"],
    ):
        assert strongroom(*arguments, **env).returncode == 0
    unknown = strongroom("accounts", "--as", "per@example.org", **env)
    assert unknown.returncode == 4
    assert "per@example.org" in one_line(unknown)


@pytest.mark.parametrize(
    "command",
    ["accounts", "transactions", "networth", "connections list", "connections log",
     "imports list", "tokens list", "export --format json"],
)  # fmt: skip
def test_where_nobody_has_an_account_reading_says_so(database: TestDatabase, command: str) -> None:
    for arguments in (command.split(), [*command.split(), "--json"]):
        done = strongroom(*arguments, **settings_for(database))
        assert (done.returncode, done.stdout) == (4, ""), done.stderr
        assert "Nobody has an account yet." in one_line(done)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe\x00", "is not UTF-8"),
        (b"override_accounts: []", "is not JSON: line 1"),
        (b'{"seed": ' + b"9" * 5_000 + b"}", "is not JSON that can be read"),
        (b"[" * 100_000, "is not JSON that can be read"),
        (b"[]", "holds no JSON object"),
    ],
    ids=["bytes", "words", "digits", "deep", "a list"],
)
def test_a_household_that_is_none_is_said_plainly(
    tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "household.json"
    file.write_bytes(content)
    done = strongroom("link", "--sandbox", "--household", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in one_line(done)


def test_with_json_nothing_else_goes_to_standard_output(database: TestDatabase) -> None:
    env = settings_for(database)
    strongroom("users", "add", "ola@example.org", given=PASSWORD + "\n", **env)
    reading = ["accounts", "transactions", "networth", "connections list", "users list",
               "tokens list", "audit verify"]  # fmt: skip
    # Each is a program of its own: three at a time.
    with ThreadPoolExecutor(3) as pool:
        told = pool.map(lambda one: strongroom(*one.split(), "--json", **env), reading)
        for command, done in zip(reading, told, strict=True):
            assert (done.returncode, done.stderr) == (0, ""), command
            json.loads(done.stdout)
    before = strongroom("--json", "accounts", **env)
    assert json.loads(before.stdout) == []
    assert strongroom("accounts", **env).stdout


def test_the_password_is_not_taken_from_nor_shown_to_anybody(database: TestDatabase) -> None:
    env = settings_for(database)
    done = strongroom("users", "add", "ola@example.org", given="short\n", **env)
    assert done.returncode == 2
    assert "short" not in one_line(done).replace("too short", "")
    added = strongroom("users", "add", "ola@example.org", given=PASSWORD + "\n", **env)
    assert PASSWORD not in added.stdout + added.stderr


def test_the_database_can_be_set_up_and_looked_into(
    server_dsn: str, database: TestDatabase
) -> None:
    env = settings_for(database)
    migrated = strongroom("db", "migrate", **env)
    assert migrated.returncode == 0, migrated.stderr
    assert "is at version" in migrated.stdout
    path = strongroom("db", "path", **env)
    assert path.returncode == 2
    assert "DATABASE_URL" in one_line(path)
    looked = strongroom("db", "psql", **{**env, "PATH": "/nonexistent"})
    assert looked.returncode == 75
    assert "psql, PostgreSQL's own client, could not be started" in one_line(looked)


def test_keys_are_rotated_while_everything_opens(database: TestDatabase, tmp_path: Path) -> None:
    path, rows = tmp_path / "keys.json", {UserId(new_id()): new_id() for _ in range(3)}
    keys.save(path, database.ring)
    env = {"STRONGROOM_HOME": str(tmp_path), "DATABASE_URL": database.admin_dsn}
    place = {"table": "items", "column": "access_token"}
    sealed: dict[UserId, bytes] = {}

    async def work(*, seal: bool) -> list[tuple[str, int]]:
        vault = Vault(keys.load(Settings(home=tmp_path)))
        async with Database(database.app_dsn, database.system_dsn) as opened:
            for owner, row in rows.items():
                async with opened.unit_of_work(owner) as db:
                    if seal:
                        sealed[owner] = await vault.seal(
                            db, owner=owner, row=row, plaintext=owner.bytes, **place
                        )
                    found = await vault.unseal(
                        db, owner=owner, row=row, sealed=sealed[owner], **place
                    )
                    assert found == owner.bytes
            async with opened.unit_of_work_for_all() as db:
                query = "SELECT key_id, count(*) FROM data_keys GROUP BY 1 ORDER BY 1"
                return await (await db.execute(query)).fetchall()

    assert asyncio.run(work(seal=True)) == [("k1", 3)]
    rotated = strongroom("keys", "rotate", **env)
    assert rotated.returncode == 0, rotated.stderr
    assert "k2 is the new key; it wraps 3 more data keys" in rotated.stdout
    assert asyncio.run(work(seal=False)) == [("k2", 3)]
    # A ring that was saved before the power went: what is left is done, without another key.
    ring = keys.load(Settings(home=tmp_path)).with_new_key()
    keys.save(path, ring)
    assert asyncio.run(work(seal=False)) == [("k2", 3)]
    finished = strongroom("keys", "rotate", "--finish", **env)
    assert "k3 is the current key; it wraps 3 more data keys" in finished.stdout
    assert asyncio.run(work(seal=False)) == [("k3", 3)]
    assert keys.load(Settings(home=tmp_path)) == ring
    again = strongroom("keys", "rotate", "--finish", **env)
    assert "it wraps 0 more data keys" in again.stdout
    record = json.loads(strongroom("audit", "verify", "--json", **env).stdout)
    assert [(chain["rows"], chain["holds"]) for chain in record] == [(3, True)]


def test_keys_in_the_environment_are_not_rotated(database: TestDatabase) -> None:
    done = strongroom("keys", "rotate", **settings_for(database))
    assert done.returncode == 2
    said = one_line(done)
    assert "STRONGROOM_KEYS" in said and "--to FILE" in said
    assert all(key not in said for key in json.loads(database.ring.to_json())["keys"].values())


def test_a_command_from_another_home_makes_no_second_ring(
    database: TestDatabase, tmp_path: Path
) -> None:
    env = {"STRONGROOM_HOME": str(tmp_path / "other"), "DATABASE_URL": database.admin_dsn}
    done = strongroom("accounts", **env)
    assert done.returncode == 2
    assert "There is no key ring" in one_line(done)
    assert not (tmp_path / "other").exists()
    another = keys.new_ring().to_json()
    done = strongroom("accounts", **env, STRONGROOM_KEYS=another)
    assert done.returncode == 2
    assert "another key ring" in one_line(done)
    assert strongroom("users", "list", **settings_for(database)).returncode == 0


def test_a_table_is_not_cut_and_a_bank_s_text_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    session = terminal.Session(*[None] * 3)  # type: ignore[arg-type]
    name = "Coffee \x1b[2J[bold]" + "x" * 200
    session.print_table(["What", ">Amount"], [(name, "-12.30"), ("", None)])
    session.say("one\x07 two")
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x07" not in out
    assert "[bold]" + "x" * 200 in out
    first = out.splitlines()
    assert first[0].split() == ["What", "Amount"]
    assert first[1].rstrip().endswith("-12.30")


@pytest.mark.parametrize(
    ("message", "field", "hint", "says"),
    [
        ("Not known.", "goal.bogus", "Take it out.", "goal.bogus: Not known. Take it out."),
        ("The amount is odd.", "amount", None, "The amount is odd."),
        ("Amount is odd.", "amount", None, "Amount is odd."),
        ("That is a total.", "to", None, "to: That is a total."),
        ("Who?", "--as", "Say --as EMAIL.", "Who? Say --as EMAIL."),
        ("No.", None, None, "No."),
    ],
)  # fmt: skip
def test_a_refusal_names_the_input_at_fault_once(
    message: str, field: str | None, hint: str | None, says: str
) -> None:
    assert terminal.complaint(Refused(message, field=field, hint=hint)) == says


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("It declares entities.", "Line 12: It declares entities."),
        ("Line 12 is not XML.", "Line 12 is not XML."),
    ],
)
def test_a_refusal_of_a_file_says_where_once(message: str, says: str) -> None:
    assert terminal.complaint(FileIsRefused(message, line=12)) == says


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    session = terminal.Session(*[None] * 3)  # type: ignore[arg-type]
    session.print_table(["What"], [], empty="Nothing here.")
    assert capsys.readouterr().out == "Nothing here.\n"


def test_options_may_stand_before_or_after_the_command() -> None:
    app = typer.Typer()
    seen: list[tuple[bool, str | None]] = []

    @app.callback()
    def root(ctx: typer.Context) -> None:
        ctx.obj = terminal.Session(None, None, None, as_json=True, person="a@b")  # type: ignore[arg-type]

    @app.command()
    def show(ctx: typer.Context, json: terminal.AsJson = False) -> None:
        session = terminal.session(ctx, json=json)
        seen.append((session.as_json, session.person))

    typer.main.get_command(app)(["show"], standalone_mode=False)
    assert seen == [(True, "a@b")]


@pytest.mark.slow
def test_with_nothing_running_a_command_starts_the_database_and_stops_it_again() -> None:
    with throwaway_home() as home:
        env = {"STRONGROOM_HOME": str(home)}
        added = strongroom("users", "add", "ola@example.org", given=PASSWORD + "\n", **env)
        assert added.returncode == 0, added.stderr
        shown = strongroom("users", "list", "--json", **env)
        assert [person["email"] for person in json.loads(shown.stdout)] == ["ola@example.org"]
        path = strongroom("db", "path", **env).stdout.strip()
        assert Path(path, "PG_VERSION").is_file()
        counted = strongroom("db", "psql", "--", "-Atc", "SELECT count(*) FROM users", **env)
        assert counted.stdout.strip() == "1", counted.stderr
        wait_until(lambda: not processes_of(home), "every process of that home has ended")
