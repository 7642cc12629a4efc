"""Proof: no secret is found where it must not be, in any of the forms it could take there.

Every secret of a whole Strongroom is made unique, everything that could go wrong goes wrong at
debug level, and then logs, a dump of the database, answers, pages, files and the arguments of
processes are searched.
"""

from __future__ import annotations

import base64
import json
import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil

from strongroom.core.postgres.binaries import find_binaries
from strongroom.core.schema import role_dsn
from tests.prove import addresses, bodies, furnish, house, outside, walk
from tests.prove.ground import Ground, ring
from tests.prove.house import API, House, PersonAtHome

_OTHER_BANK = "ins_109511"
_TRIES = 12
_AT_ONCE = 6
_LOUD = {"web": ["tests.prove.loud", "web"], "worker": ["tests.prove.loud", "worker"]}
_FAULTS = {
    "rates": {"error": 0.3, "cut": 0.2, "webhook_double": 0.2, "webhook_forge": 0.4},
    "error_codes": ["INTERNAL_SERVER_ERROR", "ITEM_LOGIN_REQUIRED", "INVALID_API_KEYS", "HTML"],
}


class _Hunt:
    """The secrets that were planted, and what was heard and seen of the program."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"secrets {seed}")
        self.planted: dict[str, str] = {}
        self.said: list[tuple[str, bytes]] = []
        self.unseen: list[str] = []

    def plant(self, name: str) -> str:
        """Make a secret up and remember it."""
        self.planted[name] = f"Canary{self._rng.getrandbits(96):024x}"
        return self.planted[name]

    def keep(self, name: str, secret: str) -> None:
        """Remember a secret that the program or the bank made up."""
        self.planted[name] = secret

    def hear(self, where: str, what: str | bytes) -> None:
        """Remember something that somebody outside could see."""
        self.said.append((where, what.encode() if isinstance(what, str) else what))

    def found(self) -> Iterator[str]:
        """Every secret that was seen, and where."""
        for name, secret in self.planted.items():
            forms = list(_forms(secret))
            for where, what in self.said:
                for how, form in forms:
                    if form in what:
                        at = what.index(form)
                        about = what[max(0, at - 60) : at].decode(errors="replace")
                        yield f"{name} ({how}) in {where}, after {about!r}"
                        break


def _forms(secret: str) -> Iterator[tuple[str, bytes]]:
    raw = secret.encode()
    yield "as it is", raw
    yield "in hex", raw.hex().encode()
    yield "in upper hex", raw.hex().upper().encode()
    yield "backwards", raw[::-1]
    yield "in a URL", quote(secret, safe="").encode()
    for shift in range(3):
        # Wherever it begins in a longer text: the characters that no neighbour changes.
        text = base64.b64encode(b"\0" * shift + raw)
        first, last = (shift * 8 + 5) // 6, len(text.rstrip(b"=")) - 1
        yield "in base64", text[first:last]
        yield "in URL base64", text[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def holds(ground: Ground, seed: int) -> list[str]:
    """Plant, stir, search; return what was found where."""
    hunt = _Hunt(seed)
    with ground.database(f"secrets_{seed}") as base:
        given = {
            "PLAID_CLIENT_ID": hunt.plant("the Plaid client id"),
            "PLAID_SECRET": hunt.plant("the Plaid secret"),
            "PLAID_ENV": "local",
            "STRONGROOM_LOG": "json" if seed % 2 else "text",
        }
        with house.opened(ground, base, f"secrets-{seed}", _LOUD, **given) as home:
            _keys(hunt, home)
            _live(hunt, home)
            _argue(hunt, home)
            _dump(hunt, home)
        _refuse_to_start(hunt, home)
        for log in home.logs:
            hunt.hear(f"the log {log.name}", log.read_bytes())
        _files(hunt, home)
        _bank_secrets(hunt, home)
    return [*hunt.found(), *_can_fail(hunt)]


def _keys(hunt: _Hunt, home: House) -> None:
    held = json.loads(ring().to_json())
    for name, key in {**held["keys"], "root": held["root"]}.items():
        # As text, and as the bytes it stands for.
        hunt.keep(f"key {name}", key)
        hunt.keep(f"key {name} in hex", base64.b64decode(key).hex())
    for role in ("app", "system"):
        dsn = role_dsn(home.base.admin_dsn, role, ring())
        found = re.search(r"password=(\S+)", dsn)
        assert found is not None
        hunt.keep(f"the password of role {role}", found[1])
    for purpose in ("audit chain", "rate limit"):
        hunt.keep(f"the {purpose} key", ring().derive(purpose).hex())


def _live(hunt: _Hunt, home: House) -> None:
    """Sign up, link, sync through faults, fail to sign in, send nonsense."""
    kari = home.person("kari@example.org", hunt.plant("a password"))
    ola = home.person("ola@example.org", hunt.plant("another password"))
    for person in (kari, ola):
        for cookie in person.http.cookies.jar:
            hunt.keep(f"a session of {person.email}", str(cookie.value))
    scopes = ["accounts:read", "transactions:read", "connections:read"]
    made = kari.call("POST", "/tokens", json={"name": "t", "scopes": scopes}).json()
    hunt.keep("an API token", made["secret"])
    home.link(kari, password=hunt.plant("a password at the bank"))
    _link_at_the_banks_page(hunt, home, kari)
    furnish.furnish(home, kari, "kari")  # last: what is newest is looked at
    _attach(hunt, ola)
    home.sandbox.control("POST", "/faults", seed=1, **_FAULTS)
    _stumble(hunt, home, kari, made["secret"])
    _look(hunt, home, kari)
    home.sandbox.control("DELETE", "/faults")
    item = kari.items[0]
    kari.http.post(f"{API}/connections/{item}/sync")
    home.until_quiet()
    change = {"current": kari.password, "new": hunt.plant("a new password")}
    hunt.hear("a change of password", kari.http.post("/settings/password", data=change).text)
    hunt.hear("unlinking", kari.http.delete(f"{API}/connections/{item}").text)


def _link_at_the_banks_page(hunt: _Hunt, home: House, kari: PersonAtHome) -> None:
    """Link as most people do: the end of it is told by a webhook that holds tokens."""
    # Another bank than the first: the same accounts again would be taken for a second link.
    made = kari.call("POST", "/links", json={"institution_id": _OTHER_BANK}).json()
    hunt.hear("the start of a link", json.dumps(made))
    steps: list[tuple[str, dict[str, object]]] = [
        ("institution", {"institution_id": _OTHER_BANK}),
        ("credentials", {"username": "user_transactions_dynamic",
                         "password": hunt.plant("a password at the bank's page")}),
        ("accounts", {"account": ["0", "1"]}),
    ]  # fmt: skip
    with httpx.Client(timeout=60) as visitor:
        page = str(made["hosted_link_url"])
        visitor.get(page)
        for step, form in steps:
            answer = visitor.post(f"{page}/{step}", data=form)
            assert answer.status_code == 303, answer.text

    def webhooks_of_link() -> int:
        with home.base.admin() as db:
            row = db.execute(
                "SELECT count(*) FROM webhook_events"
                " WHERE webhook_code = 'SESSION_FINISHED' AND state = 'done'"
            ).fetchone()
        return 0 if row is None else int(row[0])

    home.until(webhooks_of_link, "the end of the link was told and handled")
    home.until(
        lambda: len(kari.call("GET", "/connections").json()["items"]) == len(kari.items) + 1,
        "the bank of the page is linked",
    )
    home.until_quiet()


def _stumble(hunt: _Hunt, home: House, kari: PersonAtHome, token: str) -> None:
    """Everything that is refused, with a secret in every place it could come in by."""
    wrong = hunt.plant("a wrong password")
    tries: list[tuple[str, str, dict[str, object]]] = [
        ("POST", f"{API}/session", {"json": {"email": kari.email, "password": wrong}}),
        ("POST", f"{API}/session", {"json": {"email": wrong, "password": [wrong]}}),
        ("POST", f"{API}/session", {"content": f'{{"password": "{wrong}'}),
        ("POST", f"{API}/users", {"json": {"email": "x@example.org", "password": wrong[:7]}}),
        ("POST", f"{API}/users", {"json": {"email": kari.email, "password": wrong}}),
        ("POST", "/login", {"data": {"email": kari.email, "password": wrong}}),
        ("POST", "/settings/password", {"data": {"current": wrong, "new": wrong}}),
        ("GET", f"{API}/accounts", {"headers": {"Authorization": f"Bearer {wrong}"}}),
        ("GET", f"{API}/accounts", {"headers": {"Authorization": f"Bearer {token}x"}}),
        ("GET", f"{API}/settings", {"headers": {"Authorization": f"Bearer {token}"}}),
        ("GET", f"{API}/accounts", {"cookies": {"strongroom_session": wrong}}),
        ("POST", f"{API}/links/sandbox", {"json": _login("user_good", wrong)}),
        ("POST", f"{API}/links/sandbox", {"json": _login("user_custom", f'{{"a": "{wrong}')}),
        ("POST", f"{API}/links/sandbox", {"json": _login("user_good", "error_ITEM_LOCKED")}),
        ("POST", connections_webhook(), {"content": f'{{"secret": "{wrong}"}}',
                                         "headers": {"Plaid-Verification": f"e30.{wrong}.x"}}),
    ]  # fmt: skip
    for method, path, sent in tries:
        answer = home_call(home, kari, method, path, sent)
        hunt.hear(f"the answer to {method} {path}", answer)
    for item in kari.items:
        for _ in range(6):
            home.sandbox.control(
                "POST", f"/items/{_plaid_id(home, item)}/mutate", count=2, webhook=True
            )
            hunt.hear("a sync", kari.http.post(f"{API}/connections/{item}/sync").text)
        home.sandbox.control(
            "POST", f"/items/{_plaid_id(home, item)}/error", code="ITEM_LOGIN_REQUIRED"
        )
        home.sandbox.control("POST", f"/items/{_plaid_id(home, item)}/error", code=None)
    home.until_quiet()


def connections_webhook() -> str:
    """Where Plaid sends webhooks."""
    from strongroom import connections

    return connections.WEBHOOK_PATH


def home_call(
    home: House, kari: PersonAtHome, method: str, path: str, sent: dict[str, object]
) -> str:
    """Call as a signed-in browser unless credentials of its own are sent; return what came."""
    if "headers" in sent or "cookies" in sent:
        with httpx.Client(base_url=home.url, timeout=60) as stranger:
            if "cookies" in sent:
                stranger.cookies.update(sent.pop("cookies"))  # type: ignore[arg-type]
            answer = stranger.request(method, path, **sent)  # type: ignore[arg-type]
    else:
        answer = kari.http.request(method, path, **sent)  # type: ignore[arg-type]
    return str(answer.headers) + answer.text if path != "/login" else answer.text


def _login(username: str, password: str) -> dict[str, str]:
    return {"institution_id": outside.INSTITUTION, "username": username, "password": password}


def _plaid_id(home: House, item: str) -> str:
    with home.base.admin() as db:
        row = db.execute(
            "SELECT plaid_item_id FROM plaid_items WHERE id = %s::uuid", (item.split("_")[1],)
        ).fetchone()
    assert row is not None
    return str(row[0])


def _attach(hunt: _Hunt, ola: PersonAtHome) -> None:
    """Attach a secret to a row: it is stored sealed, and nobody fetches it."""
    value = {"amount": "100.00", "currency": "USD"}
    account = ola.call(
        "POST", "/accounts", json={"name": "purse", "subtype": "cash", "value": value}
    ).json()["id"]
    row = {"account": account, "day": "2026-11-02", "amount": value, "text": "found"}
    made = ola.call("POST", "/transactions", json=row).json()["transaction"]["id"]
    content = hunt.plant("what is in an attachment").encode()
    where = {"transaction": made, "name": "receipt.txt"}
    hunt.hear("attaching", ola.call("POST", "/attachments", params=where, content=content).text)


def _look(hunt: _Hunt, home: House, kari: PersonAtHome) -> None:
    """Every list, every page, every single thing."""
    with home.base.admin() as db:
        ids = walk.newest_ids(db, kari)
    for one in addresses.every():
        if one.method == "GET":
            path = one.filled(ids)
            for _ in range(_TRIES):  # banks are asked for some, and faults may strike them
                answer = kari.http.get(path, params=bodies.QUERIES.get(str(one)))
                hunt.hear(f"GET {path}", str(answer.headers) + answer.text)
                if not answer.is_error:
                    break
            if answer.is_error:
                hunt.unseen.append(f"GET {path}: {answer.status_code} {answer.text[:200]}")


def _argue(hunt: _Hunt, home: House) -> None:
    """The arguments of every process on this machine."""
    for process in psutil.process_iter():
        try:
            hunt.hear(f"the arguments of {process.name()}", "\0".join(process.cmdline()))
        except psutil.Error:
            continue


def _dump(hunt: _Hunt, home: House) -> None:
    program = find_binaries().program("pg_dump")
    done = subprocess.run(
        [program, "--dbname", home.base.admin_dsn, "--inserts"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"plaid_items" in done.stdout
    hunt.hear("a dump of the database", done.stdout)


def _refuse_to_start(hunt: _Hunt, home: House) -> None:
    """What the processes say when they cannot start, with a secret in every variable."""
    secret = hunt.plant("a password in an address")
    ways = (
        {"DATABASE_URL": f"postgresql://u:{secret}@127.0.0.1:1/x"},
        {"DATABASE_URL": f"postgresql://u:{secret}@[nonsense/x"},
        {"STRONGROOM_KEYS": f'{{"current": "{secret}", "keys": {{"{secret}": 1}}}}'},
        {"STRONGROOM_KEYS": secret},
        {"PLAID_SECRET": secret, "PLAID_CLIENT_ID": ""},
        {"PLAID_ENV": "nowhere", "PLAID_SECRET": secret},
    )
    tries = [(module, way) for module in ("web", "worker", "cli") for way in ways]
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # some of them wait for a database first
        for said in pool.map(lambda one: _start(home, *one), tries):
            hunt.hear(*said)


def _start(home: House, module: str, way: dict[str, str]) -> tuple[str, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", f"strongroom.{module}", *(["accounts"] if module == "cli" else [])],
        env={**home.environment, **way},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0, f"{module} started with {list(way)}"
    return f"what {module} says of {', '.join(way)}", done.stdout + done.stderr


def _files(hunt: _Hunt, home: House) -> None:
    """Everything under the home; the bank's own file is the bank's."""
    for path in _under(home.place / "home"):
        hunt.hear(f"the file {path.name}", path.read_bytes())


def _under(place: Path) -> Iterable[Path]:
    return (path for path in place.rglob("*") if path.is_file())


def _bank_secrets(hunt: _Hunt, home: House) -> None:
    """The tokens that the bank gave out: read where the bank keeps them, when all is over."""
    with sqlite3.connect(home.place / "plaid.sqlite") as bank:
        for number, (token,) in enumerate(
            bank.execute("SELECT access_token FROM items WHERE access_token IS NOT NULL")
        ):
            hunt.keep(f"access token {number}", token)
        for number, (token,) in enumerate(bank.execute("SELECT public_token FROM public_tokens")):
            hunt.keep(f"public token {number}", token)
        for number, (token,) in enumerate(bank.execute("SELECT link_token FROM link_tokens")):
            hunt.keep(f"link token {number}", token)


def _can_fail(hunt: _Hunt) -> list[str]:
    """A search that found nothing must have had something to search."""
    missing = hunt.unseen + [
        name for name in ("access token 0", "public token 0", "an API token", "a session of"
                          " kari@example.org") if name not in hunt.planted
    ]  # fmt: skip
    heard = {where for where, _ in hunt.said}
    for needed in ("the log web.log", "the log worker.log", "a dump of the database"):
        if needed not in heard:
            missing.append(needed)
    return [f"nothing was planted or heard: {name}" for name in missing]
