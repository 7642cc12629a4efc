"""Exports as people and programs ask for them: over HTTP, on the page, in a terminal."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from pathlib import Path
from typing import Any

import httpx

from tests.house import API, House, Person
from tests.transactions.exported import run, saved, tool


def everything(person: Person, **query: Any) -> dict[str, Any]:
    answer = person.api.get(f"{API}/export", params=query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.content)


def test_json_holds_every_account_and_transaction(kari: Person) -> None:
    told = everything(kari)
    assert {one["id"] for one in told["accounts"]} == {
        one["id"] for one in kari.get("/accounts")["items"]
    }
    assert any("holdings" in one for one in told["accounts"])
    count = kari.get("/transactions/summary")["count"]
    assert len(told["transactions"]) == count > 300
    assert [one["day"] for one in told["transactions"]] == sorted(
        one["day"] for one in told["transactions"]
    )


def test_it_comes_as_a_file_of_its_kind(kari: Person) -> None:
    answer = kari.api.get(f"{API}/export", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        r'attachment; filename="strongroom-\d{4}-\d\d-\d\d\.csv"',
        answer.headers["content-disposition"],
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    count = kari.get("/transactions/summary")["count"]
    assert sum(one["record"] == "transaction" for one in rows) == count


def test_real_tools_take_a_linked_household(kari: Person, tmp_path: Path) -> None:
    ledger = saved(tmp_path, "l", kari.api.get(f"{API}/export?format=ledger").content)
    run(tool("hledger", "hledger"), "-f", ledger, "check", "--strict")
    run(tool("ledger", "ledger"), "-f", ledger, "--strict", "--pedantic", "bal", "Nothing")
    told = saved(tmp_path, "b", kari.api.get(f"{API}/export?format=beancount").content)
    run(tool("bean-check", "beancount, on PyPI"), told)


def test_a_part_is_narrowed_and_a_bad_one_refused(kari: Person) -> None:
    account = everything(kari)["accounts"][0]["id"]
    told = everything(kari, account=account, since="2026-10-01")
    assert [one["id"] for one in told["accounts"]] == [account]
    assert all(one["day"] >= "2026-10-01" for one in told["transactions"])
    bad = {
        "format=pdf": 422, "account=acc_x": 404, "since=soon": 422,
        "since=2026-02-01&until=2026-01-01": 422, f"account=acc_{'0' * 32}": 404,
    }  # fmt: skip
    for query, status in bad.items():
        answer = kari.api.get(f"{API}/export?{query}")
        assert answer.status_code == status, query
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_needs_both_scopes(house: House) -> None:
    person = house.person()

    def ask(*scopes: str) -> httpx.Response:
        made = person.api.post(f"{API}/tokens", json={"name": "x", "scopes": list(scopes)})
        assert made.is_success, made.text
        headers = {"Authorization": f"Bearer {made.json()['secret']}"}
        return httpx.get(f"{house.url}{API}/export", headers=headers, timeout=60)

    assert ask("transactions:read").status_code == ask("accounts:read").status_code == 403
    both = ask("transactions:read", "accounts:read").json()
    assert "rules" in both
    assert not {"goals", "profile", "budgets", "settings"} & both.keys()
    more = ask("transactions:read", "accounts:read", "goals:read").json()
    assert more.keys() - both.keys() == {"goals", "profile"}


def test_nobody_gets_anything_without_signing_in(house: House) -> None:
    assert httpx.get(f"{house.url}{API}/export", timeout=60).status_code == 401


def test_the_page_offers_every_format_and_is_reached_from_where_one_looks(kari: Person) -> None:
    assert 'href="/settings/data"' in kari.page("/transactions")
    assert 'href="/settings/data"' in kari.page("/settings")
    html = kari.page("/settings/data")
    for format in ("zip", "csv", "json", "beancount", "ledger"):
        assert f'value="{format}"' in html
    assert "STRONGROOM_IMPORT_MB" in html  # an archive may be larger than an import takes
    answer = kari.pages.get("/settings/data/export?format=ledger&account=&since=&until=")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    wrong = kari.pages.get("/settings/data/export?format=json&since=soon")
    assert wrong.status_code == 422
    assert "could not be read" in wrong.text


def test_the_command_writes_a_private_file_or_standard_output(
    house: House, kari: Person, tmp_path: Path
) -> None:
    place = tmp_path / "book.beancount"
    done = house.run(kari, "export", "--format", "beancount", "--output", str(place))
    assert done.returncode == 0, done.stderr
    assert "transactions of" in done.stdout
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert place.read_text("utf-8").startswith("; Strongroom, for beancount")
    assert [one.name for one in tmp_path.iterdir()] == [place.name]
    streamed = house.run(kari, "export", "--since", "2026-10-01")
    assert json.loads(streamed.stdout)["since"] == "2026-10-01"


def test_a_household_moves_to_another_person(house: House, kari: Person, tmp_path: Path) -> None:
    """Out over HTTP, in at the terminal; the page says what came beside the rows."""
    code = kari.get("/accounts")["items"][0]["currency"]
    goal = {"name": "Boat", "goal_type": "custom", "target": {"amount": "9000", "currency": code},
            "timeline_months": 30}  # fmt: skip
    assert kari.api.post(f"{API}/goals", json=goal).is_success
    packed = kari.api.get(f"{API}/export", params={"format": "zip"})
    assert packed.headers["content-type"] == "application/zip"
    place, there = tmp_path / "book.zip", house.person()
    place.write_bytes(packed.content)
    done = house.run(there, "--json", "import", str(place))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["problem_count"], told["told"]["goals"]) == (0, 1)
    assert [one["name"] for one in there.get("/goals")["items"]] == ["Boat"]
    assert len(everything(there)["transfers"]) == len(everything(kari)["transfers"]) > 0
    assert "Goals: 1" in there.page(f"/imports/{told['id']}")
    again = house.run(there, "--json", "import", str(place))
    assert json.loads(again.stdout)["imported"] == 0
    undone = house.run(there, "imports", "undo", told["id"])
    assert undone.returncode == 0, undone.stderr
    assert there.get("/goals")["items"] == []


def test_the_command_leaves_nothing_where_it_fails(
    house: House, kari: Person, tmp_path: Path
) -> None:
    place = tmp_path / "old.json"
    place.write_text("old")
    words = ("--output", str(place), "--since", "2026-02-01", "--until", "2026-01-01")
    done = house.run(kari, "export", *words)
    assert done.returncode == 2
    assert "The last day is before the first one." in done.stderr
    assert place.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == [place.name]
    nowhere = house.run(kari, "export", "--output", str(tmp_path / "no" / "where"))
    assert nowhere.returncode == 2
    assert "cannot be written" in nowhere.stderr
