"""Files over HTTP, by a form without scripts, and by command, at a whole Strongroom."""

from __future__ import annotations

import os
import pty
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.connections.test_imports import OFX
from tests.house import API, House, Person
from tests.processes import wait_until

CSV = "Date,Description,Amount\n2026-11-02,=cmd|' /C calc'!A0,-120.50\n2026-11-03,Kaffe,-45.00\n"


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    return house.person()


def bring(person: Person, text: str = CSV, name: str = "bank.csv") -> dict[str, Any]:
    answer = person.api.post("/api/v1/imports", files={"file": (name, text.encode(), "text/csv")})
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def count(person: Person) -> int:
    return int(person.get("/transactions/summary")["count"])


def test_a_file_goes_in_and_out_over_json(house: House) -> None:
    kari = house.person()
    found = bring(kari)
    assert (found["state"], found["rows"], found["new"]) == ("preview", 2, 2)
    path = f"/imports/{found['id']}"
    rows = kari.get(f"{path}/rows")["items"]
    assert [row["amount"] for row in rows] == ["-120.50", "-45.00"]
    account = {"new": {"name": "Drift", "type": "depository", "currency": "NOK"}}
    answer = kari.api.patch(f"/api/v1{path}", json={"accounts": {"": account}})
    assert answer.json()["accounts"][0]["new"]["name"] == "Drift", answer.text
    done = kari.api.post(f"/api/v1{path}/confirm").json()
    assert (done["state"], done["imported"]) == ("done", 2)
    assert kari.get("/accounts")["items"][0]["name"] == "Drift"
    assert count(kari) == 2
    assert "'=cmd|" in kari.page("/transactions.csv")
    assert kari.api.post(f"/api/v1{path}/undo").json()["state"] == "undone"
    assert kari.api.post(f"/api/v1{path}/undo").status_code == 409
    assert count(kari) == 0
    house.until_quiet()


def test_a_raw_body_and_a_bad_mapping(house: House, kari: Person) -> None:
    answer = kari.api.post(
        "/api/v1/imports", params={"name": "x.csv"}, content=CSV.encode(),
        headers={"Content-Type": "text/csv"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    path = f"/api/v1/imports/{answer.json()['id']}"
    refused = kari.api.patch(path, json={"guess": {"sign": "sideways"}})
    assert (refused.status_code, refused.json()["field"]) == (422, "sign")
    refused = kari.api.patch(path, json={"guess": {"columns": {"amount": 77}}})
    assert (refused.status_code, refused.json()["field"]) == (422, "columns.amount")
    assert kari.api.delete(path).status_code == 204
    assert kari.api.get(path).status_code == 404
    assert kari.api.post("/api/v1/imports").status_code == 422


def test_accounts_to_choose_from_are_named_with_their_bank(house: House) -> None:
    person = house.person()
    house.link(person)
    found = bring(person)
    options = re.findall(r"<option [^>]*>([^<]*)</option>", person.page(f"/imports/{found['id']}"))
    named = [one.strip() for one in options if "Everyday" in one]
    assert [one.split(" (")[0] for one in named] == ["Everyday •• 4021 · First Platypus Bank"]


def test_nobody_reaches_somebody_elses_import(house: House, kari: Person) -> None:
    found = bring(kari)
    other = house.person()
    for method, tail in (("GET", ""), ("GET", "/rows"), ("POST", "/confirm"), ("POST", "/undo")):
        answer = other.api.request(method, f"/api/v1/imports/{found['id']}{tail}")
        assert answer.status_code == 404, (method, tail, answer.text)
    assert other.pages.get(f"/imports/{found['id']}").status_code == 404


def test_a_stranger_brings_nothing(house: House) -> None:
    import httpx

    answer = httpx.post(f"{house.url}/api/v1/imports", files={"file": ("a.csv", CSV.encode())})
    assert answer.status_code in (401, 403)


def test_two_confirmations_at_once_are_one(house: House) -> None:
    person = house.person()
    found = bring(person)
    path = f"/api/v1/imports/{found['id']}/confirm"
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: person.api.post(path), range(6)))
    assert {answer.status_code for answer in answers} == {200}, [one.text for one in answers]
    assert count(person) == 2


def test_two_imports_of_one_file_at_once_bring_it_once(house: House) -> None:
    person = house.person()
    first = bring(person)
    account = {"accounts": {"": {"new": {"name": "One", "currency": "NOK"}}}}
    person.api.patch(f"/api/v1/imports/{first['id']}", json=account)
    person.api.post(f"/api/v1/imports/{first['id']}/confirm")
    person.api.post(f"/api/v1/imports/{first['id']}/undo")
    opened = person.api.post(
        "/api/v1/accounts",
        json={"name": "Two", "subtype": "other", "value": {"amount": "1", "currency": "NOK"}},
    )
    assert opened.is_success, opened.text
    chosen = {"accounts": {"": {"account": opened.json()["id"]}}}
    both = [bring(person)["id"] for _ in range(2)]
    for one in both:
        assert person.api.patch(f"/api/v1/imports/{one}", json=chosen).is_success
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(lambda one: person.api.post(f"/api/v1/imports/{one}/confirm"), both)
        )
    assert sorted(answer.json()["imported"] for answer in answers) == [0, 2]
    assert count(person) == 2


def test_a_large_file_is_read_and_taken_in_by_a_job(house: House) -> None:
    person = house.person()
    said = "that sells what people need in a town of some size " * 4  # a megabyte in few rows
    lines = [
        f"2026-{1 + n % 10:02}-{1 + n % 28:02},Shop number {n} {said},-{n % 90 + 1}.25"
        for n in range(6_000)
    ]
    found = bring(person, "Date,Description,Amount\n" + "\n".join(lines) + "\n")
    assert found["state"] == "reading"
    path = f"/imports/{found['id']}"
    wait_until(lambda: person.get(path)["state"] == "preview", "the file is read", seconds=120)
    assert person.get(path)["rows"] == 6_000
    answer = person.api.post(f"/api/v1{path}/confirm")
    assert answer.status_code == 202, answer.text
    wait_until(lambda: person.get(path)["state"] == "done", "the rows are in", seconds=120)
    assert count(person) == 6_000
    assert person.api.post(f"/api/v1{path}/undo").json()["state"] == "undone"
    assert count(person) == 0
    house.until_quiet()


def test_without_scripts_a_file_is_chosen_looked_at_imported_and_undone(house: House) -> None:
    person = house.person()
    sent = person.pages.post("/imports", files={"file": ("bank.csv", CSV.encode())})
    assert sent.status_code == 200, sent.text[:500]
    path = sent.url.path
    assert "Import 2 rows" in sent.text
    assert "=cmd|&#39; /C calc&#39;!A0" in sent.text
    form = {"account-0": "new", "name-0": "Drift", "type-0": "depository", "currency-0": "NOK",
            "balance-0": "1 000,50"}  # fmt: skip
    compared = person.pages.post(f"{path}/accounts", data=form)
    assert 'value="1000.50"' in compared.text
    done = person.pages.post(f"{path}/confirm", data=form)
    assert "2 rows are imported." in done.text
    assert "Rows of Drift" in done.text
    assert count(person) == 2
    assert "Undo this import?" in person.page(f"{path}/undo")
    undone = person.pages.post(f"{path}/undo", data={})
    assert "This import was undone" in undone.text
    assert count(person) == 0


def test_a_file_that_cannot_be_read_is_refused_on_the_page(house: House, kari: Person) -> None:
    answer = kari.pages.post("/imports", files={"file": ("x.pdf", b"%PDF-1.7 nothing")})
    assert answer.status_code == 422
    assert "That file cannot be read." in answer.text
    assert "Nothing was stored." in answer.text


def test_a_refused_file_says_in_which_line(house: House, kari: Person, tmp_path: Path) -> None:
    hostile = "OFXHEADER:100\n\n<OFX>\n<!DOCTYPE x [<!ENTITY a 'b'>]>\n<BANKMSGSRSV1>\n"
    refused = kari.api.post(f"{API}/imports", params={"name": "a.ofx"}, content=hostile.encode())
    assert (refused.status_code, refused.json()["line"]) == (422, 4)
    file = tmp_path / "a.ofx"
    file.write_text(hostile)
    assert "Line 4: The file declares entities" in house.run(kari, "import", str(file)).stderr
    page = kari.pages.post("/imports", files={"file": ("a.ofx", hostile, "text/plain")})
    assert page.status_code == 422 and page.text.count("Line 4.") == 1


def test_files_go_on_where_a_page_of_them_ended(house: House) -> None:
    ola = house.person()
    for number in range(3):
        body = f"Date,Description,Amount\n2026-11-0{number + 1},Tea,-1.00\n"
        assert ola.api.post(f"{API}/imports", content=body.encode()).status_code == 201
    whole = [one["id"] for one in ola.get("/imports")["items"]]
    first = ola.get("/imports", limit=2)
    rest = ola.get("/imports", limit=2, cursor=first["next"])
    assert [one["id"] for one in [*first["items"], *rest["items"]]] == whole
    assert (len(rest["items"]), rest["next"]) == (1, None)
    assert 'rel="prev"' in ola.page(f"/imports?before={first['next']}")
    told = house.command(ola, "imports", "list", "--limit", "2")
    every = house.command(ola, "imports", "list")["items"]
    assert house.command(ola, "imports", "list", "--before", told["next"])["items"] == every[2:]


def test_files_without_end_are_not_taken(house: House) -> None:
    person = house.person()
    for _ in range(60):  # counted before any of a file is taken
        assert person.api.post("/api/v1/imports").status_code == 422
    for client, path in ((person.api, "/api/v1/imports"), (person.pages, "/imports")):
        answer = client.post(path, files={"file": ("bank.csv", CSV.encode(), "text/csv")})
        assert answer.status_code == 429, answer.text
    assert person.get("/imports")["items"] == []


def test_a_column_number_without_end_is_refused(house: House, kari: Person) -> None:
    found = bring(kari)
    answer = kari.pages.post(f"/imports/{found['id']}/guess", data={"column-date": "9" * 5_000})
    assert answer.status_code == 422
    assert "The file has no column" in answer.text
    assert kari.get(f"/imports/{found['id']}")["guess"] == found["guess"]


def test_the_command_imports_looks_and_undoes(house: House, tmp_path: Path) -> None:
    person = house.person()
    file = tmp_path / "bank.csv"
    file.write_text("Dato,Hva,Sum\n2026-11-02,Rema,-120.50\n2026-11-03,Kaffe,-45.00\n")
    mapped = ["--map", "Dato=date", "--map", "2=description", "--map", "Sum=amount"]
    looked = house.command(person, "import", str(file), *mapped, "--dry-run")
    assert (looked["new"], looked["dry_run"]) == (2, True)
    assert house.command(person, "imports", "list")["items"] == []
    done = house.command(person, "import", str(file), *mapped)
    assert done["imported"] == 2
    account = person.get("/accounts")["items"][0]["id"]
    again = house.command(person, "import", str(file), *mapped, "--account", account)
    assert (again["imported"], again["known"]) == (0, 2)
    assert house.command(person, "imports", "undo", done["id"])["state"] == "undone"
    assert count(person) == 0


OTHER = CSV.replace("Kaffe", "Te")
"""Another account's file, with the same headings."""


def test_headings_alone_choose_nothing_over_json_and_on_the_page(house: House) -> None:
    person = house.person()
    first = bring(person, name="checking.csv")
    person.api.post(f"/api/v1/imports/{first['id']}/confirm")
    found = bring(person, OTHER, "savings.csv")
    (account,) = found["accounts"]
    assert (account["account"], account["new"], account["kept_aside"]) == (None, None, True)
    assert (account["why"], found["new"], found["kept_aside"]) == ("headings", 0, 2)
    assert "Only the headings" in account["problem"]
    path = f"/api/v1/imports/{found['id']}"
    refused = person.api.post(f"{path}/confirm")
    assert (refused.status_code, refused.json()["field"]) == (422, "account")
    page = person.page(f"/imports/{found['id']}")
    assert "Only the headings are those of an earlier file, which went to checking." in page
    assert '<option value="aside" selected>' in page
    assert "Import into the account chosen" in page
    form = {"account-0": "new", "name-0": "Savings", "type-0": "depository", "currency-0": "EUR"}
    done = person.pages.post(f"/imports/{found['id']}/confirm", data=form)
    assert "2 rows are imported." in done.text
    later = bring(person, OTHER + "2026-11-04,Bok,-1.00\n", "savings (1).csv")
    assert later["accounts"][0]["why"] == "file_name"
    page = person.page(f"/imports/{later['id']}")
    assert "A file of this name with the same headings went there before." in page
    assert {one["name"] for one in person.get("/accounts")["items"]} == {"checking", "Savings"}


def test_a_balance_that_contradicts_can_be_kept_or_left_out_on_the_page(house: House) -> None:
    person = house.person()
    first = bring(person, OFX, "a.ofx")
    person.api.post(f"/api/v1/imports/{first['id']}/confirm")
    later = OFX.replace("40000.00", "123.45").replace("20261118", "20261119")
    found = bring(person, later, "b.ofx")
    (account,) = found["accounts"]
    assert account["why"] == "number"
    assert not account["balance_kept"]
    assert "123.45" in account["balance_problem"]
    assert "40000" in account["balance_problem"]
    page = person.page(f"/imports/{found['id']}")
    assert "123.45" in page
    assert "Keep the balance that the file says" in page
    form = {"account-0": account["account"], "asked-balance-0": "1"}
    done = person.pages.post(f"/imports/{found['id']}/confirm", data=form)
    assert "The balance of this file was left out." in done.text
    (held,) = person.get("/accounts")["items"]
    assert held["balance"]["amount"] == "40000.00"
    again = bring(person, later, "c.ofx")
    form["keep-balance-0"] = "1"
    person.pages.post(f"/imports/{again['id']}/confirm", data=form)
    (held,) = person.get("/accounts")["items"]
    assert held["balance"]["amount"] == "123.45"


def test_the_command_names_the_account_and_never_takes_it_by_headings_alone(
    house: House, tmp_path: Path
) -> None:
    person = house.person()
    checking, savings = tmp_path / "checking.csv", tmp_path / "savings.csv"
    checking.write_text(CSV)
    savings.write_text(OTHER)
    looked = house.command(person, "import", str(checking), "--dry-run")
    assert (looked["accounts"][0]["account_name"], looked["accounts"][0]["is_new"]) == (
        "checking", True,
    )  # fmt: skip
    said = house.run(person, "import", str(checking)).stdout
    assert "2 rows go to a new account: checking (acc_" in said
    looked = house.command(person, "import", str(savings), "--dry-run")
    assert looked["accounts"][0]["kept_aside"]
    refused = house.run(person, "import", str(savings))
    assert refused.returncode == 2
    assert "Say --account acc_… or --account new." in refused.stderr
    assert count(person) == 2
    done = house.command(person, "import", str(savings), "--account", "new")
    assert (done["imported"], done["accounts"][0]["is_new"]) == (2, True)
    said = house.run(person, "import", str(savings), "--dry-run").stdout
    assert "2 rows go to savings (acc_" in said
    assert count(person) == 4


LIKE = """Date,Description,Amount
2026-11-06,TAXI AIRPORT,-20.00
2026-11-05,SUSHI PLACE,-9.90
2026-11-07,BURGER BAR,-9.90
"""


@pytest.fixture
def by_hand(house: House) -> tuple[Person, str]:
    """Somebody with an account and two rows on it that were written down."""
    person = house.person()
    first = bring(person, "Date,Description,Amount\n2026-01-01,Rent,-1.00\n")
    person.api.post(f"/api/v1/imports/{first['id']}/confirm")
    (account,) = person.get("/accounts")["items"]
    for text, amount in (("Taxi home", "-20.00"), ("Burger Bar", "-9.90")):
        body = {
            "account": account["id"], "day": "2026-11-05", "text": text,
            "amount": {"amount": amount, "currency": account["currency"]},
        }  # fmt: skip
        assert person.api.post("/api/v1/transactions", json=body).is_success
    return person, account["id"]


def test_the_command_names_what_it_left_out_and_how_to_bring_it(
    house: House, by_hand: tuple[Person, str], tmp_path: Path
) -> None:
    person, account = by_hand
    file = tmp_path / "bank.csv"
    file.write_text(LIKE)
    said = house.run(person, "import", str(file), "--account", account).stdout
    assert "1 rows imported, 2 left out" in said
    for left, like in (("TAXI AIRPORT", "Taxi home"), ("BURGER BAR", "Burger Bar")):
        assert any(left in line and like in line for line in said.splitlines()), said
    assert "SUSHI PLACE" not in said
    assert f"strongroom import {file} --all" in said
    again = house.command(person, "import", str(file), "--account", account)
    assert [one["text"] for one in again["left_out"]] == ["TAXI AIRPORT", "BURGER BAR"]
    assert again["left_out"][0]["looks_like"]["text"] == "Taxi home"
    assert (
        house.command(person, "import", str(file), "--account", account, "--all")["imported"] == 2
    )
    assert count(person) == 6


def test_the_command_asks_at_a_terminal_which_of_them_to_take(
    house: House, by_hand: tuple[Person, str], tmp_path: Path
) -> None:
    person, account = by_hand
    file = tmp_path / "bank.csv"
    file.write_text(LIKE)
    words = ["--as", person.email, "import", str(file), "--account", account]
    command = [sys.executable, "-m", "strongroom.cli", *words]

    def waits() -> bool:
        # Seen by others while the command asks: no unit of work is open then.
        return any(one["state"] == "preview" for one in person.get("/imports")["items"])

    for typed, ends in (("\x04", False), ("99\n2\n", True)):
        hand, terminal = pty.openpty()
        try:
            with subprocess.Popen(
                command, env=house.environment, stdin=terminal, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True,
            ) as asking:  # fmt: skip
                wait_until(waits, "it asks")
                os.write(hand, typed.encode())
                said, _ = asking.communicate(timeout=120)
        finally:
            os.close(hand)
            os.close(terminal)
        assert (asking.returncode == 0) is ends
        assert not waits()  # of what was given up, nothing is kept
    assert "There is no such line among them." in said
    assert "2 rows imported, 1 left out" in said
    assert person.get("/transactions/summary", q="TAXI AIRPORT")["count"] == 1
    assert person.get("/transactions/summary", q="BURGER BAR")["count"] == 1


def test_the_command_tells_how_to_undo_only_what_changed_something(
    house: House, tmp_path: Path
) -> None:
    person = house.person()
    file = tmp_path / "bank.csv"
    file.write_text(CSV)
    first = house.run(person, "import", str(file)).stdout
    assert "Undo it with: strongroom imports undo imp_" in first
    account = person.get("/accounts")["items"][0]["id"]
    again = house.run(person, "import", str(file), "--account", account).stdout
    assert "0 rows imported, 2 left out" in again
    assert "Undo it" not in again


SPOILT = CSV.encode() + b"2026-11-04,Caf\xe9,-1.00\n2026-11-05,B\xc3\xb8ker,-2.00\n"
"""One line of it is in another encoding than the rest."""


def test_the_command_takes_a_file_with_unreadable_lines_only_when_told(
    house: House, tmp_path: Path
) -> None:
    person = house.person()
    cut, spoilt = tmp_path / "cut.ofx", tmp_path / "bank.csv"
    cut.write_text(OFX[: OFX.index("<NAME>Acme")])
    spoilt.write_bytes(SPOILT)
    for file, line, rows in ((cut, 16, 1), (spoilt, 4, 3)):
        words = ["import", str(file), "--account", "new"]
        looked = house.run(person, *words, "--dry-run")
        assert looked.returncode == 0
        assert f"Line {line}: " in looked.stdout
        assert "1 line could not be read." in looked.stdout
        assert "Add --without-unreadable to import the rest." in looked.stdout
        refused = house.run(person, *words)
        assert refused.returncode == 2
        assert f"Line {line}: " in refused.stdout
        assert "1 line could not be read. Nothing was imported." in refused.stderr
        assert "--without-unreadable" in refused.stderr
        assert house.run(person, *words, "--json").returncode == 2
        before = count(person)
        done = house.run(person, *words, "--without-unreadable")
        assert done.returncode == 0, done.stderr
        assert f"{rows} rows imported, 0 left out" in done.stdout
        assert "1 line could not be read." in done.stdout
        assert "Undo it with" in done.stdout
        assert count(person) == before + rows
    held = [one["state"] for one in person.get("/imports")["items"]]
    assert held == ["done", "done"]  # of what was refused, nothing is kept


def test_unreadable_lines_are_asked_about_over_json_and_on_the_page(house: House) -> None:
    person = house.person()
    cut = OFX[: OFX.index("<NAME>Acme")]
    found = bring(person, cut, "cut.ofx")
    assert (found["rows"], found["problem_count"]) == (1, 1)
    path = f"/imports/{found['id']}"
    refused = person.api.post(f"{API}{path}/confirm")
    assert (refused.status_code, refused.json()["field"]) == (422, "without_unreadable")
    page = person.page(path)
    assert re.search(r'<input type="checkbox"[^>]* name="without_unreadable"[^>]* required', page)
    assert "1 line of the file could not be read." in page
    form = {"account-0": "new", "name-0": "Cut", "type-0": "depository", "currency-0": "NOK"}
    form["all"] = "1"
    asked = person.pages.post(f"{path}/confirm", data=form)
    assert asked.status_code == 422
    assert "Some lines of the file could not be read." in asked.text
    assert 'value="Cut"' in asked.text
    assert (count(person), person.get(path)["state"]) == (0, "preview")
    done = person.pages.post(f"{path}/confirm", data=form | {"without_unreadable": "1"})
    assert "1 row is imported." in done.text
    again = bring(person, cut + " ", "cut.ofx")
    said = {"without_unreadable": True}
    assert person.api.post(f"{API}/imports/{again['id']}/confirm", json=said).is_success
    whole = bring(person, OFX, "whole.ofx")
    assert "without_unreadable" not in person.page(f"/imports/{whole['id']}")


@pytest.mark.parametrize("name", ["", "nothing.csv"], ids=["a directory", "no file"])
def test_the_command_refuses_what_is_no_file(house: House, tmp_path: Path, name: str) -> None:
    refused = house.run(house.person(), "import", str(tmp_path / name))
    assert refused.returncode == 2
    assert str(tmp_path) in refused.stderr
    assert "inside Strongroom" not in refused.stderr


@pytest.mark.parametrize("declared", [True, False], ids=["with its length", "in chunks"])
def test_a_body_that_is_too_large_is_told_so_in_words(house: House, declared: bool) -> None:
    person = house.person()
    size, chunk = 5 * 1024 * 1024, b"x" * 65536
    content: Any = chunk * (size // len(chunk))
    if not declared:
        content = (chunk for _ in range(size // len(chunk)))
    answer = person.api.post("/api/v1/session", content=content)
    assert answer.status_code == 413, answer.text
    assert answer.json()["detail"] == "The body is larger than 2 MiB."
    assert answer.json()["hint"] == "Send it in smaller parts."


def test_a_client_that_only_sends_still_reads_the_refusal(house: House) -> None:
    host, port = house.url.removeprefix("http://").split(":")
    size = 6 * 1024 * 1024
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(
            f"POST /api/v1/session HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {size}\r\n"
            f"Content-Type: application/json\r\nOrigin: {house.url}\r\n\r\n".encode()
        )
        for _ in range(size // 65536):
            client.sendall(b"x" * 65536)
        said = b""
        while part := client.recv(65536):
            said += part
    assert said.startswith(b"HTTP/1.1 413")
    assert b"larger than 2 MiB" in said
