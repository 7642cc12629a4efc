"""Pages are for browsers: whatever an API token may do, it opens none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from strongroom import identity, web, wiring
from strongroom.core.ids import new_id
from strongroom.core.settings import Settings
from tests.conftest import TestDatabase
from tests.identity.conftest import PASSWORD
from tests.serving import client_of

API = "/api/v1"
NO_PAGE = ("/healthz", "/readyz", "/openapi.json", API)


@pytest.fixture(scope="module")
def app(module_database: TestDatabase) -> FastAPI:
    settings = Settings(home=Path("/nonexistent"))
    return web.create_app(
        wiring.assemble(
            settings, module_database.ring, admin_dsn=module_database.admin_dsn, role="web"
        )
    )


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with client_of(app, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        yield client


def routes_of(router: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield from ((method, prefix + route.path) for method in sorted(route.methods or ()))
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router, prefix + route.include_context.prefix)


def pages_of(app: FastAPI) -> list[tuple[str, str]]:
    """Every page's method and address, with some id where one is wanted."""
    found = [
        (method, re.sub(r"\{[^}]*\}", str(new_id()), path))
        for method, path in routes_of(app)
        if not path.startswith(NO_PAGE)
    ]
    assert len(found) > 35
    assert {("GET", "/"), ("GET", "/settings"), ("POST", "/preferences")} <= {*found}
    return found


def a_token(client: httpx.Client, *scopes: str) -> dict[str, str]:
    given = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
    assert client.post(f"{API}/users", json=given).is_success
    assert client.post(f"{API}/session", json=given).is_success
    made = client.post(f"{API}/tokens", json={"name": "a program", "scopes": [*scopes]})
    assert made.status_code == 201, made.text
    client.cookies.clear()
    return {"Authorization": f"Bearer {made.json()['secret']}"}


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_a_token_of_every_scope_opens_no_page(
    app: FastAPI, client: httpx.Client, module_database: TestDatabase, accept: str
) -> None:
    bearer = a_token(client, *identity.SCOPES)
    assert client.get(f"{API}/accounts", headers=bearer).status_code == 200
    for method, path in pages_of(app):
        answer = client.request(method, path, headers={**bearer, "Accept": accept})
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
        assert "an API token opens none" in answer.text, f"{method} {path}"
    with psycopg.connect(module_database.admin_dsn) as db:
        rows = db.execute("SELECT count(*) FROM strongroom.data_refresh_logs").fetchone()
        assert rows == (0,)


def test_a_browser_that_also_sends_a_token_is_refused_pages_too(client: httpx.Client) -> None:
    bearer = a_token(client, "settings:write")
    given = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
    client.post(f"{API}/users", json=given)
    client.post(f"{API}/session", json=given)
    assert client.get("/").status_code == 200
    assert client.get("/", headers=bearer).status_code == 403
    assert client.get("/", headers={"Authorization": "bearer srt_unknown"}).status_code == 403
    client.cookies.clear()
