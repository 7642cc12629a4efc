from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from strongroom.core import errors, http, log
from strongroom.core.answers import forget_answers_for_all
from strongroom.core.db import Database, execute
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.core.plain import amount_text
from strongroom.core.time import clock
from strongroom.core.wire import WireId, WireMoney
from tests.conftest import TestDatabase
from tests.serving import client_of

JSON = {"Content-Type": "application/json"}
KINDS = [
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Refused, 422),
    (errors.Forbidden, 403),
    (errors.SignInNeeded, 401),
    (errors.Unavailable, 503),
    (errors.TooManyRequests, 429),
]


class AccountHasPendingPayment(errors.Conflict):
    """A domain's own error."""


class Rename(BaseModel, extra="forbid"):
    name: str
    amount: WireMoney | None = None
    day: date | None = None


@dataclass(frozen=True)
class AccountOut:
    id: Annotated[AccountId, WireId("acc")]
    balance: WireMoney


def page_for(request: Request, problem: http.Problem) -> Response:
    return PlainTextResponse(f"page: {problem.detail}", problem.status, media_type="text/html")


def make_app(**edge: Any) -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def answer(request: Request, error: Exception) -> Response:
        return http.answer(request, error, page_for)

    for kind in (errors.StrongroomError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)
    app.add_middleware(http.Edge, headers={"X-Always": "yes"}, page=page_for, **edge)

    @app.get("/fail/{name}")
    async def fail(name: str) -> None:
        if name == "own":
            raise AccountHasPendingPayment("A payment is on its way.", field="id", hint="Wait.")
        if name == "retry":
            raise errors.Unavailable("Later.", retry_after_seconds=7)
        kind = {kind.__name__: kind for kind, _ in KINDS}[name]
        raise kind("No.")

    @app.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError("access-sandbox-0192c3d4-secret and more")

    @app.post("/things", dependencies=[Depends(http.no_key_twice)])
    async def take(body: Rename, limit: Annotated[int, Query(ge=1, le=100)] = 10) -> Rename:
        return body

    @app.post("/raw")
    async def raw(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @app.post("/any", dependencies=[Depends(http.no_key_twice)])
    async def anything(body: dict[str, Any]) -> dict[str, Any]:
        return body

    @app.get("/accounts/{id}")
    async def account(id: Annotated[AccountId, WireId("acc")]) -> AccountOut:
        return AccountOut(id, Money(Decimal("12.3000000000"), Currency("NOK")))

    @app.get("/half")
    async def half() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"the first half"
            raise ZeroDivisionError

        return StreamingResponse(parts())

    @app.get("/who")
    async def who(request: Request) -> dict[str, str | None]:
        return {"address": http.client_address(request)}

    return app


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with client_of(make_app(max_body_bytes=1000)) as client:
        yield client


@pytest.mark.parametrize(("kind", "status"), KINDS)
def test_each_kind_of_refusal_has_its_status(
    client: httpx.Client, kind: type[errors.StrongroomError], status: int
) -> None:
    answer = client.get(f"/fail/{kind.__name__}")
    problem = answer.json()
    assert answer.status_code == problem["status"] == status == kind.status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["code"] == kind.__name__
    assert problem["title"]


def test_the_table_knows_every_kind() -> None:
    kinds = {errors.StrongroomError}
    for kind in list(vars(errors).values()):
        if isinstance(kind, type) and issubclass(kind, errors.StrongroomError):
            kinds.add(kind)
    assert kinds - {errors.StrongroomError} == set(http.KINDS)


def test_a_problem_says_what_where_and_what_next(client: httpx.Client) -> None:
    answer = client.get("/fail/own")
    assert answer.json() == {
        "type": "urn:problem-type:strongroom:AccountHasPendingPayment",
        "title": "Conflict",
        "status": 409,
        "detail": "A payment is on its way.",
        "code": "AccountHasPendingPayment",
        "field": "id",
        "hint": "Wait.",
        "request_id": answer.headers["x-request-id"],
    }


def test_when_to_try_again_is_said_where_it_is_known(client: httpx.Client) -> None:
    assert client.get("/fail/retry").headers["retry-after"] == "7"
    assert client.get("/fail/SignInNeeded").headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/fail/own", "/nowhere", "/bug"])
def test_a_browser_gets_a_page_and_a_program_gets_json(client: httpx.Client, path: str) -> None:
    browser = client.get(path, headers={"Accept": "text/html,application/xhtml+xml"})
    assert browser.headers["content-type"].startswith("text/html")
    assert browser.text.startswith("page: ")
    program = client.get(path, headers={"Accept": "application/json"})
    assert program.headers["content-type"] == "application/problem+json"
    assert program.status_code == browser.status_code


def test_the_api_speaks_json_even_to_a_browser(client: httpx.Client) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "NotFound"


def test_a_bug_is_logged_once_and_tells_nothing_of_itself(client: httpx.Client) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.Lines())
    logging.getLogger().addHandler(handler)
    try:
        answer = client.get("/bug", params={"iban": "NO9386011117947"})
    finally:
        logging.getLogger().removeHandler(handler)
    assert answer.status_code == 500
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert "ZeroDivision" not in answer.text and "Traceback" not in answer.text
    written = stream.getvalue()
    assert written.count("ZeroDivisionError") == 1
    assert answer.headers["x-request-id"] in written
    assert "NO9386011117947" not in written
    assert "0192c3d4" not in written


def test_a_log_line_tells_the_route_and_no_id_or_query(client: httpx.Client) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.Lines())
    logger = logging.getLogger("strongroom.core.http.edge")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    account = new_id()
    try:
        client.get(f"/accounts/acc_{account.hex}", params={"iban": "NO93"})
        client.get("/no/such/NO93")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    first, second = stream.getvalue().splitlines()
    assert "GET /accounts/{id} 200" in first
    assert "GET - 404" in second
    assert account.hex not in stream.getvalue() and "NO93" not in stream.getvalue()


NO_DAYS: tuple[object, ...] = (
    "20026-11-20", 20260101, 1.5, "2026-11-20T10:00", "20.11.2026", "", [],
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "query", "field", "says"),
    [
        ({}, "", "name", "name is missing."),
        ({"name": 3}, "", "name", "name should be a valid string."),
        ({"name": "x", "colour": 1}, "", "colour", "colour is not a field of this request."),
        ({"name": "x"}, "?limit=0", "limit", "limit should be greater than or equal to 1."),
        ({"name": "x"}, "?limit=many", "limit", "limit should be a valid integer"),
        ({"name": "x", "amount": 12.5}, "", "amount", "the amount as text"),
        ({"name": "x", "amount": {"amount": 1, "currency": "NOK"}}, "", "amount", "as text"),
        ({"name": "x", "amount": {"amount": "1x", "currency": "NOK"}}, "", "amount", "number"),
        ({"name": "x", "amount": {"amount": "NaN", "currency": "NOK"}}, "", "amount", "number"),
        ({"name": "x", "amount": {"amount": "1", "currency": "?"}}, "", "amount", "currency code"),
        *(({"name": "x", "day": day}, "", "day", "Write a day as 2026-11-20.") for day in NO_DAYS),
    ],
)
def test_bad_input_names_the_field_in_one_sentence(
    client: httpx.Client, body: object, query: str, field: str, says: str
) -> None:
    answer = client.post(f"/things{query}", json=body)
    problem = answer.json()
    assert answer.status_code == 422
    assert problem["field"] == field
    assert says in problem["detail"]
    assert "\n" not in problem["detail"]


@pytest.mark.parametrize("body", [b"{", b"", b"null", b"[]", b'"x"', b"\xff\xfe"])
def test_a_body_that_is_not_the_json_asked_for_is_refused(
    client: httpx.Client, body: bytes
) -> None:
    answer = client.post("/things", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert "body" in answer.json()["detail"].lower()


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('{"name": "x", "name": "x"}', "name"),
        ('{"name": "x", "\\u006eame": "y"}', "name"),
        ('{"one": 1, "list": [{"of": {"amount": "1", "code": 1, "amount": "2"}}]}', "amount"),
        ('{"b": 1, "a": 1, "b": 2, "a": 2}', "b"),
        ('{"": 1, "": 2}', ""),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_key_that_stands_twice_is_named(
    client: httpx.Client, body: str, key: str, kind: str
) -> None:
    answer = client.post("/any", content=body, headers={"Content-Type": kind})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "KeyStandsTwice", key)
    assert "twice" in problem["detail"]
    apart = [{"a": 1, "A": {"a": 1}}, {"a": {"a": 3}}]
    assert client.post("/any", json={"apart": apart}).json() == {"apart": apart}


def test_a_body_that_is_nested_deeply_breaks_nothing() -> None:
    with client_of(make_app()) as client:
        for deep in range(900, 1000):
            told = client.post(
                "/things", content=b'{"a":' * deep + b"1" + b"}" * deep, headers=JSON
            )
            assert told.status_code in (400, 422), (deep, told.text)
        assert told.status_code == 400
        assert "body" in told.json()["detail"]


def test_what_was_sent_is_not_repeated(client: httpx.Client) -> None:
    answer = client.post("/things", json={"name": ["hunter2"], "amount": {"amount": "hunter2"}})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(client: httpx.Client, chunked: bool) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    content: Any = parts() if chunked else b"x" * 2000
    answer = client.post("/raw", content=content)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.post("/raw", content=b"x" * 1000).json() == {"bytes": 1000}


def test_every_answer_carries_the_headers_and_an_id_of_its_own(client: httpx.Client) -> None:
    answers = [client.get(path, headers={"X-Request-Id": "forged"}) for path in ("/who", "/no")]
    assert all(answer.headers["x-always"] == "yes" for answer in answers)
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 2 and "forged" not in ids


def test_head_is_answered_as_get_is_without_the_body(client: httpx.Client) -> None:
    head, get = client.head("/who"), client.get("/who")
    assert head.status_code == get.status_code == 200
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.content == b""


def test_an_answer_that_breaks_off_is_seen_to_be_broken(client: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/half")
    assert client.get("/who").status_code == 200


def test_ids_and_money_on_the_wire(client: httpx.Client) -> None:
    account = AccountId(new_id())
    answer = client.get(f"/accounts/acc_{account.hex}")
    assert answer.json() == {
        "id": f"acc_{account.hex}",
        "balance": {"amount": "12.30", "currency": "NOK"},
    }
    for wrong in (str(account), f"usr_{account.hex}", "acc_x", account.hex):
        assert client.get(f"/accounts/{wrong}").status_code == 404


@given(
    st.decimals(-(10**17), 10**17, allow_nan=False, places=10),
    st.sampled_from(["NOK", "JPY", "KWD", "BTC"]),
)
def test_money_comes_back_as_it_went(amount: Decimal, code: str) -> None:
    wire: TypeAdapter[Money] = TypeAdapter(WireMoney)
    money = Money(amount, Currency(code))
    shown = wire.dump_python(money)
    assert isinstance(shown["amount"], str) and "E" not in shown["amount"]
    assert wire.validate_python(shown) == money


@pytest.mark.parametrize(
    ("amount", "code", "text"),
    [
        ("1200", "JPY", "1200"),
        ("1200", "NOK", "1200.00"),
        ("0E-10", "NOK", "0.00"),
        ("-0", "NOK", "0.00"),
        ("-0.5", "KWD", "-0.500"),
        ("0.1234500000", "EUR", "0.12345"),
        ("1E+3", "EUR", "1000.00"),
        (
            "-1234567890123456789012345678.1234567891",
            "EUR",
            "-1234567890123456789012345678.1234567891",
        ),
    ],
)
def test_an_amount_shows_its_currency_s_decimals(amount: str, code: str, text: str) -> None:
    assert amount_text(Decimal(amount), Currency(code)) == text


FORWARDED = [
    ((), {}, "127.0.0.1"),
    ((), {"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1"),
    (("127.0.0.0/8",), {"X-Forwarded-For": "203.0.113.9"}, "203.0.113.9"),
    (("127.0.0.1",), {"X-Forwarded-For": "1.2.3.4, 203.0.113.9"}, "203.0.113.9"),
    (("127.0.0.1", "10.0.0.0/8"), {"X-Forwarded-For": "9.9.9.9, 8.8.8.8, 10.1.1.1"}, "8.8.8.8"),
    (("127.0.0.1",), {"X-Forwarded-For": "lies"}, "127.0.0.1"),
    (("127.0.0.1",), {}, "127.0.0.1"),
    (("127.0.0.1",), {"X-Forwarded-For": "2001:db8::1"}, "2001:db8::1"),
]


@pytest.mark.parametrize(("proxies", "headers", "address"), FORWARDED)
def test_whose_word_counts_for_where_a_request_came_from(
    proxies: tuple[str, ...], headers: dict[str, str], address: str
) -> None:
    app = make_app()
    app.state.trusted_proxies = http.networks(proxies)
    with client_of(app) as client:
        assert client.get("/who", headers=headers).json() == {"address": address}


OLA, KARI = UserId(UUID(int=1)), UserId(UUID(int=2))


def idempotent_app(database: Database, effects: list[str], wait: threading.Event | None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with database:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/{owner}/open")
    async def open_(owner: int, body: dict[str, Any], asked: http.AskedOnce) -> Any:
        person = UserId(UUID(int=owner))
        async with (
            database.unit_of_work(person) as db,
            http.idempotent(db, asked, owner=person, now=clock()) as turn,
        ):
            if turn.stored is not None:
                return turn.stored
            effects.append(str(body))
            # An effect of the same unit of work, to see it stored or not with the answer.
            await execute(
                db,
                "INSERT INTO data_keys (user_id, id, key_id, wrapped, created_at)"
                " VALUES (%s, %s, 'effect', '', now())",
                (person, new_id()),
            )
            if wait is not None:
                await asyncio.to_thread(wait.wait, 30)
            if body.get("fail"):
                raise errors.Refused("The rule says no.")
            return turn.answer({"number": len(effects)}, status=201)

    async def answer(request: Request, error: Exception) -> Response:
        return http.answer(request, error)

    app.add_exception_handler(errors.StrongroomError, answer)
    return app


def count_effects(database: TestDatabase) -> int:
    import psycopg

    with psycopg.connect(database.admin_dsn) as db:
        row = db.execute("SELECT count(*) FROM strongroom.data_keys").fetchone()
    return 0 if row is None else int(row[0])


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def test_a_repeat_gets_the_first_answer_and_no_second_effect(database: TestDatabase) -> None:
    effects: list[str] = []
    with client_of(idempotent_app(Database(database.app_dsn), effects, None)) as client:
        first = client.post("/1/open", json={"a": 1}, headers=key("k1"))
        again = client.post("/1/open", json={"a": 1}, headers=key("k1"))
        assert first.status_code == again.status_code == 201
        assert first.content == again.content == b'{"number":1}'
        assert first.headers["content-type"] == again.headers["content-type"]
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"

        other_body = client.post("/1/open", json={"a": 2}, headers=key("k1"))
        other_address = client.post("/1/open?x=1", json={"a": 1}, headers=key("k1"))
        for conflict in (other_body, other_address):
            assert conflict.status_code == 409
            assert conflict.json()["field"] == "Idempotency-Key"

        assert client.post("/2/open", json={"a": 1}, headers=key("k1")).json() == {"number": 2}
        assert client.post("/1/open", json={"a": 1}).json() == {"number": 3}
        assert client.post("/1/open", json={"a": 1}).json() == {"number": 4}
    assert count_effects(database) == len(effects) == 4


def test_a_request_that_failed_stored_nothing_and_may_be_repeated(database: TestDatabase) -> None:
    effects: list[str] = []
    with client_of(idempotent_app(Database(database.app_dsn), effects, None)) as client:
        for _ in range(2):
            refused = client.post("/1/open", json={"fail": True}, headers=key("k"))
            assert refused.status_code == 422
        assert count_effects(database) == 0
        assert client.post("/1/open", json={"a": 1}, headers=key("k")).status_code == 201
    assert count_effects(database) == 1


def test_of_two_at_once_one_takes_effect_and_both_get_its_answer(database: TestDatabase) -> None:
    effects: list[str] = []
    gate = threading.Event()
    answers: list[httpx.Response] = []
    with client_of(
        idempotent_app(Database(database.app_dsn), effects, gate), timeout=30.0
    ) as client:

        def ask() -> None:
            answers.append(client.post("/1/open", json={"a": 1}, headers=key("same")))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        gate.wait(0.3)  # time for the others to run into the first one's key
        gate.set()
        for thread in threads:
            thread.join(30)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert {answer.content for answer in answers} == {b'{"number":1}'}
    assert count_effects(database) == len(effects) == 1


@pytest.mark.parametrize("bad", ["", "x" * 256, "tab\there"])
def test_a_bad_key_is_refused(database: TestDatabase, bad: str) -> None:
    effects: list[str] = []
    with client_of(idempotent_app(Database(database.app_dsn), effects, None)) as client:
        answer = client.post("/1/open", json={}, headers=key(bad))
    assert answer.status_code == 422
    assert answer.json()["field"] == "Idempotency-Key"
    assert effects == []


def test_answers_are_forgotten_after_a_while(database: TestDatabase) -> None:
    effects: list[str] = []

    async def forget(age: timedelta) -> int:
        async with (
            Database(database.app_dsn, database.system_dsn) as pools,
            pools.unit_of_work_for_all() as db,
        ):
            return await forget_answers_for_all(db, before=clock() - age)

    with client_of(idempotent_app(Database(database.app_dsn), effects, None)) as client:
        client.post("/1/open", json={}, headers=key("k"))
        assert asyncio.run(forget(timedelta(hours=1))) == 0
        assert asyncio.run(forget(timedelta(0))) == 1
        assert client.post("/1/open", json={}, headers=key("k")).json() == {"number": 2}


def test_a_text_that_cannot_be_stored_is_refused(database: TestDatabase) -> None:
    pools = Database(database.app_dsn)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with pools:
            yield

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(http.Edge, headers={})

    @app.post("/store")
    async def store(body: Rename) -> None:
        async with pools.unit_of_work_for_nobody() as db:
            await execute(db, "SELECT %s::text", (body.name,))

    with client_of(app) as client:
        for text in (rb'{"name": "a\u0000b"}', rb'{"name": "a\ud800b"}'):
            answer = client.post(
                "/store", content=text, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 422, answer.text
            assert "character" in answer.json()["detail"] or "string" in answer.json()["detail"]


def test_a_full_disk_is_said_plainly(database: TestDatabase) -> None:
    async def write() -> None:
        async with Database(database.app_dsn) as pools, pools.unit_of_work_for_nobody() as db:
            await execute(db, "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '53100'; END $$")

    with pytest.raises(errors.Unavailable) as refused:
        asyncio.run(write())
    assert "disk" in refused.value.message and refused.value.hint
