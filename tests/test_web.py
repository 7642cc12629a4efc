from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import hypothesis
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom import ui, web, wiring
from strongroom.core.settings import Settings
from strongroom.ui.assets import static_url
from tests.conftest import TestDatabase
from tests.processes import throwaway_home, wait_until
from tests.serving import client_of

pytestmark = pytest.mark.slow


def services_for(database: TestDatabase, **settings: object) -> wiring.Services:
    return wiring.assemble(
        Settings(home=Path("/nonexistent"), **settings),  # type: ignore[arg-type]
        database.ring,
        admin_dsn=database.admin_dsn,
        role="web",
    )


@pytest.fixture(scope="module")
def client(module_database: TestDatabase) -> Iterator[httpx.Client]:
    with client_of(web.create_app(services_for(module_database))) as client:
        yield client


def test_it_is_alive_and_ready(client: httpx.Client) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ok", "database": "ok", "schema": "ok", "queue": "ok"}


def test_it_is_not_ready_over_a_schema_of_another_version(database: TestDatabase) -> None:
    with client_of(web.create_app(services_for(database))) as client:
        with psycopg.connect(database.admin_dsn) as db:
            db.execute("UPDATE strongroom.schema_version SET version_num = '9999'")
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "9999" in ready.json()["schema"]
        assert client.get("/healthz").status_code == 200


def test_it_is_not_ready_while_the_database_is_away(database: TestDatabase) -> None:
    with client_of(web.create_app(services_for(database))) as client:
        assert client.get("/readyz").status_code == 200
        with psycopg.connect(database.admin_dsn, dbname="postgres", autocommit=True) as db:
            db.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                (database.name,),
            )
            try:
                away = client.get("/readyz")
            finally:
                db.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")
        assert away.status_code == 503
        assert away.json()["database"] != "ok"
        wait_until(lambda: client.get("/readyz").status_code == 200, "the database is back")


PATHS = ["/healthz", "/openapi.json", "/nowhere", "/api/v1/nowhere", "/login"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_answer_has_the_security_headers_and_is_not_stored(
    client: httpx.Client, path: str, accept: str
) -> None:
    answer = client.get(path, headers={"Accept": accept})
    for name, value in ui.SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers


def test_behind_tls_browsers_are_told_to_stay_there(database: TestDatabase) -> None:
    services = services_for(database, public_url="https://money.example")
    with client_of(web.create_app(services)) as client:
        assert "max-age" in client.get("/healthz").headers["strict-transport-security"]


def test_files_that_carry_their_hash_are_kept_for_ever(client: httpx.Client) -> None:
    answer = client.get(static_url("app.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"


def test_the_interface_describes_itself_and_loads_no_page_from_elsewhere(
    client: httpx.Client,
) -> None:
    document = client.get("/api/v1/openapi.json").json()
    assert document == client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document)
    for path in ("/docs", "/redoc"):
        assert client.get(path).status_code == 404


# What makes something and is not to be repeated under a key, and why.
_WITHOUT_KEY = {
    "/api/v1/session": "a session's secret is not kept",
    "/api/v1/tokens": "a token's secret is not kept",
    "/api/v1/imports": "the same file again is known, and changes nothing",
    "/api/v1/attachments": "its body is a file",
}


def test_whatever_makes_something_may_be_asked_for_once() -> None:
    paths = web.create_app(None).openapi()["paths"]
    lacking = {
        path
        for path, methods in paths.items()
        if "201" in methods.get("post", {}).get("responses", {})
        and "Idempotency-Key" not in {one["name"] for one in methods["post"].get("parameters", [])}
    }
    assert lacking == set(_WITHOUT_KEY)


def test_a_key_that_stands_twice_in_a_body_is_refused_everywhere(client: httpx.Client) -> None:
    told = {"Content-Type": "application/json"}
    asked = 0
    for method, path, operation in OPERATIONS:
        takes = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in takes:
            continue
        answer = client.request(
            method, path.replace("{", "").replace("}", ""), headers=told,
            content=b'{"twice": 1, "twice": 2}',
        )  # fmt: skip
        assert answer.status_code == 422, (method, path, answer.text)
        assert answer.json()["field"] == "twice", (method, path)
        asked += 1
    assert asked > 20


def test_an_unknown_address_is_a_page_to_a_person_in_their_language(client: httpx.Client) -> None:
    english = client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "en"})
    assert english.status_code == 404
    assert "There is nothing here" in english.text
    norwegian = client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": "nb"})
    assert 'lang="nb-NO"' in norwegian.text


def test_http_s_own_words_are_told_in_the_person_s_language(client: httpx.Client) -> None:
    for path, method, english, norwegian in (
        ("/nowhere", "GET", "The address is wrong", "Adressen er feil"),
        ("/preferences", "DELETE", "cannot be used in that way", "kan ikke brukes på den måten"),
    ):
        for language, says in (("en", english), ("nb", norwegian)):
            headers = {"Accept": "text/html", "Accept-Language": language}
            headers["Sec-Fetch-Site"] = "same-origin"
            text = client.request(method, path, headers=headers).text
            assert says in text
            assert "Method Not Allowed" not in text and "Not Found." not in text


def test_another_site_cannot_make_a_browser_post(client: httpx.Client) -> None:
    forged = client.post("/preferences", headers={"Sec-Fetch-Site": "cross-site"})
    assert forged.status_code == 403
    own = client.post(
        "/preferences", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert own.status_code == 303


def test_large_answers_are_compressed(client: httpx.Client) -> None:
    assert client.get("/openapi.json").headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("name", "status"),
    [("localhost", 200), ("127.0.0.1", 200), ("[::1]", 200), ("money.example", 200),
     ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("", 421)],
)  # fmt: skip
def test_on_loopback_only_our_own_names_are_answered(
    database: TestDatabase, name: str, status: int
) -> None:
    services = services_for(database, public_url="https://money.example")
    app = web.OwnNamesOnly(web.create_app(services), services.settings)
    with client_of(app) as client:
        port = client.base_url.port
        host = f"{name}:{port}" if name and name != "money.example" else name
        assert client.get("/healthz", headers={"Host": host}).status_code == status


def environment(database: TestDatabase, home: Path, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "STRONGROOM_HOME": str(home),
        "STRONGROOM_PORT": str(port),
        "STRONGROOM_KEYS": database.ring.to_json(),
        "DATABASE_URL": database.admin_dsn,
    }


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_the_process_serves_until_it_is_told_to_stop(database: TestDatabase) -> None:
    port = free_port()
    with throwaway_home() as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "strongroom.web"],
            env=environment(database, home, port), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"

            def ready() -> bool:
                assert process.poll() is None
                try:
                    return httpx.get(f"{url}/readyz").status_code == 200
                except httpx.TransportError:
                    return False

            wait_until(ready, "the web process is ready")
            httpx.get(f"{url}/nowhere", params={"q": "NO9386011117947"})
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert "GET - 404" in errors
    assert "NO9386011117947" not in errors


def test_a_port_in_use_is_said_plainly(database: TestDatabase) -> None:
    with throwaway_home() as home, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "strongroom.web"],
            env=environment(database, home, port), capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert done.returncode == 75
    assert str(port) in done.stderr and "STRONGROOM_PORT" in done.stderr
    assert "Traceback" not in done.stderr


TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "\0", "a\0b", "null", "-1", "9" * 40, "1e999", "NaN", "2026-02-30",
                     "9999-12-31", "0001-01-01", "NOK", "'; DROP TABLE users; --", "%", "\u202e",
                     "../../etc/passwd", "a" * 3000, "true", "[]", "0x10", "𝟙𝟚", "éÅ"]),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.integers(-(10**40), 10**40),
        st.floats(allow_nan=False, allow_infinity=False), TEXTS,
        st.sampled_from([{"amount": "12.34", "currency": "NOK"}, {"amount": "1e400"}]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
CONTRACT = json.loads((Path(__file__).parents[1] / "docs/reference/openapi.json").read_text())
OPERATIONS = [
    (method, path, operation)
    for path, operations in CONTRACT["paths"].items()
    for method, operation in operations.items()
    if (method, path) != ("delete", "/api/v1/session")  # takes nothing, and signs out for all
]


@pytest.fixture(scope="module")
def person(module_database: TestDatabase) -> Iterator[httpx.Client]:
    # Plaid is where nothing listens: what calls it must say so, and nothing worse.
    services = services_for(module_database, plaid_url="http://127.0.0.1:1")
    with client_of(web.create_app(services)) as client:
        client.headers["Origin"] = str(client.base_url).rstrip("/")
        who = {"email": "ola@example.org", "password": "seven green bicycles at noon"}
        assert client.post("/api/v1/users", json={**who, "name": "Ola"}).status_code < 300
        client.cookies.clear()
        assert client.post("/api/v1/session", json=who).status_code < 300
        assert client.get("/api/v1/me").status_code == 200
        # Kept apart from what answers set and delete.
        client.headers["Cookie"] = "; ".join(f"{c.name}={c.value}" for c in client.cookies.jar)
        client.cookies.clear()
        yield client


def properties_of(operation: dict[str, Any]) -> list[str]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    schemas = CONTRACT["components"]["schemas"]
    return list(schemas.get(name, {}).get("properties", {}))


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS]
)
def test_no_input_breaks_the_program(
    person: httpx.Client, method: str, path: str, operation: dict[str, Any]
) -> None:
    parameters = {part["name"]: part for part in operation.get("parameters", [])}
    properties = properties_of(operation)

    @hypothesis.settings(max_examples=8)
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        address, query = path, {}
        for name, parameter in parameters.items():
            if parameter["in"] == "path":
                prefix = parameter["schema"].get("pattern", "^x_")[1:].partition("_")[0]
                real = data.draw(st.uuids().map(lambda key: key.hex))
                text = data.draw(st.just(f"{prefix}_{real}") | TEXTS.filter(bool), label=name)
                address = address.replace(f"{{{name}}}", quote(text, safe=""))
            elif parameter["in"] == "query" and data.draw(st.booleans()):
                query[name] = data.draw(TEXTS, label=name)
        body = None
        if bool(properties) and data.draw(st.integers(0, 9)):
            names = data.draw(st.sets(st.sampled_from(properties)))
            body = {name: data.draw(VALUES, label=name) for name in sorted(names)}
        content = json.dumps(body).encode()
        person.cookies.clear()
        answer = person.request(
            method, address, params=query, content=content,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            problem = answer.json()
            assert problem["status"] == answer.status_code
            assert problem["code"] and problem["detail"]

    ask()
    assert person.get("/api/v1/me").status_code == 200, "the person was signed in all the while"
