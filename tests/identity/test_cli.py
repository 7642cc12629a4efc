"""``strongroom users``, ``tokens`` and ``audit`` as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from tests.commands import strongroom
from tests.conftest import TestDatabase
from tests.identity.conftest import PASSWORD

pytestmark = pytest.mark.slow

NEW = "seven wooden boats at dawn"


class Terminal:
    """Runs commands against one database, with a home of its own."""

    def __init__(self, place: TestDatabase, home: Path) -> None:
        self.environment = {
            "PATH": os.environ["PATH"],
            "STRONGROOM_HOME": str(home),
            "STRONGROOM_KEYS": place.ring.to_json(),
            "DATABASE_URL": place.admin_dsn,
        }

    def run(
        self, *arguments: str, typed: str = "", status: int = 0
    ) -> subprocess.CompletedProcess[str]:
        done = strongroom(*arguments, environment=self.environment, given=typed)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture
def terminal(database: TestDatabase, tmp_path: Path) -> Terminal:
    return Terminal(database, tmp_path)


def test_accounts_are_added_listed_and_given_new_passwords(terminal: Terminal) -> None:
    terminal.run("users", "add", "kari@example.com", "--name", "Kari N", typed=PASSWORD + "\n")
    again = terminal.run("users", "add", "Kari@Example.com", typed=PASSWORD + "\n", status=5)
    assert "has an account already" in again.stderr
    weak = terminal.run("users", "add", "ola@example.com", typed="hunter2\n", status=2)
    assert "too short" in weak.stderr
    assert "hunter2" not in weak.stderr + weak.stdout
    people = json.loads(terminal.run("users", "list", "--json").stdout)
    assert [(person["email"], person["role"]) for person in people] == [
        ("kari@example.com", "admin")
    ]
    assert "kari@example.com" in terminal.run("users", "list").stdout
    reset = terminal.run("users", "reset-password", "kari@example.com", typed=NEW + "\n")
    assert "0 sessions ended" in reset.stdout
    assert NEW not in reset.stdout + reset.stderr
    terminal.run("users", "reset-password", "nobody@example.com", typed=NEW + "\n", status=4)
    terminal.run("users", "reset-password", "kari@example.com", typed="", status=2)


def test_tokens_are_made_listed_and_revoked(terminal: Terminal) -> None:
    terminal.run("users", "add", "kari@example.com", typed=PASSWORD + "\n")
    made = terminal.run("tokens", "create", "--name", "script", "--scope", "accounts:read")
    assert made.stdout.startswith("srt_")
    assert made.stdout.strip() not in made.stderr
    bad = terminal.run("tokens", "create", "--name", "x", "--scope", "everything", status=2)
    assert "everything" in bad.stderr
    (listed,) = json.loads(terminal.run("tokens", "list", "--json").stdout)
    assert listed["scopes"] == ["accounts:read"]
    assert "secret" not in listed
    terminal.run("tokens", "revoke", listed["id"])
    terminal.run("tokens", "revoke", listed["id"], status=4)
    assert json.loads(terminal.run("tokens", "list", "--json").stdout) == []


def test_the_log_is_published_and_checked(terminal: Terminal, database: TestDatabase) -> None:
    terminal.run("users", "add", "kari@example.com", typed=PASSWORD + "\n")
    terminal.run("tokens", "create", "--name", "script", "--scope", "accounts:read")
    page = json.loads(terminal.run("audit", "list", "--json", "--limit", "1").stdout)
    assert [one["action"] for one in page["items"]] == ["identity.token_made"]
    rest = json.loads(terminal.run("audit", "list", "--json", "--before", page["next"]).stdout)
    assert [one["seq"] for one in rest["items"]] == [1] and rest["next"] is None
    assert "identity.token_made" in terminal.run("audit", "list").stdout
    assert "1 heads were new" in terminal.run("audit", "publish").stdout
    assert "holds" in terminal.run("audit", "verify").stdout
    with psycopg.connect(database.admin_dsn) as db:
        db.execute("DELETE FROM strongroom.audit_log WHERE seq = 2")
    (found,) = json.loads(terminal.run("audit", "verify", "--json", status=1).stdout)
    assert (found["holds"], found["broken_at"], found["fault"]) == (False, 2, "cut off")
    assert "cut off at row 2" in terminal.run("audit", "verify", status=1).stdout
