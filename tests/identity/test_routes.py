"""Identity over the JSON interface: status, shape, scopes, and other people's things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from strongroom import web, wiring
from strongroom.core.ids import new_id
from strongroom.core.settings import Settings
from strongroom.identity import rules
from tests.conftest import TestDatabase
from tests.identity.conftest import PASSWORD
from tests.serving import serving

API = "/api/v1"


def services_for(place: TestDatabase, **settings: Any) -> wiring.Services:
    return wiring.assemble(
        Settings(home=Path("/nonexistent"), **settings),
        place.ring,
        admin_dsn=place.admin_dsn,
        role="web",
    )


@pytest.fixture(scope="module")
def address(module_database: TestDatabase) -> Iterator[str]:
    with serving(web.create_app(services_for(module_database))) as address:
        yield address


@pytest.fixture(autouse=True)
def _nobody_tried_before(module_database: TestDatabase) -> None:
    """All tests come from one address; a limit that one reaches must not stop the next."""
    with psycopg.connect(module_database.admin_dsn) as db:
        db.execute("DELETE FROM strongroom.rate_limits")


class Program:
    """A program with a cookie jar that says where it comes from."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address + API, headers={"Origin": address})

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def person(self) -> dict[str, Any]:
        email = f"{new_id().hex}@example.com"
        given = {"email": email, "password": PASSWORD}
        assert self.http.post("/users", json={**given, "name": "Kari"}).status_code == 202
        assert self.http.post("/session", json=given).status_code == 201
        return given

    def token(self, *scopes: str) -> httpx.Client:
        """A client that has nothing but a fresh token of this person."""
        made = self.http.post("/tokens", json={"name": "t", "scopes": [*scopes]})
        assert made.status_code == 201
        secret = made.json()["secret"]
        return httpx.Client(
            base_url=self.http.base_url, headers={"Authorization": f"Bearer {secret}"}
        )


@pytest.fixture
def kari(address: str) -> Iterator[Program]:
    with Program(address) as program:
        program.person()
        yield program


@pytest.fixture
def stranger(address: str) -> Iterator[Program]:
    with Program(address) as program:
        yield program


@pytest.fixture
def ola(address: str) -> Iterator[Program]:
    with Program(address) as program:
        program.person()
        yield program


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


def test_signing_up_in_and_out(stranger: Program) -> None:
    program = stranger
    given = program.person()
    me = program.http.get("/me").json()
    assert me["person"]["email"] == given["email"]
    assert me["person"]["id"].startswith("usr_")
    assert "password" not in str(me)
    cookie = program.http.cookies["strongroom_session"]
    assert len(cookie) == 43
    assert program.http.delete("/session").status_code == 204
    assert "strongroom_session" not in program.http.cookies
    found = problem(program.http.get("/me"), 401)
    assert found["code"] == "NotSignedIn"
    program.http.cookies.set("strongroom_session", cookie)
    problem(program.http.get("/me"), 401)


def test_a_taken_address_is_answered_as_a_fresh_one(kari: Program) -> None:
    given = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
    answers = [
        kari.http.post("/users", json=given),
        kari.http.post("/users", json={**given, "password": "quite another password"}),
    ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "password": PASSWORD}, "email"),
        ({"email": "a@b.c", "password": "short"}, "password"),
        ({"email": "a@b.c"}, "password"),
        ({"email": 7, "password": PASSWORD}, "email"),
        ({"email": "a@b.c", "password": PASSWORD, "role": "admin"}, "role"),
        ({"email": "a@b.c", "password": PASSWORD, "name": "x" * 101}, "name"),
        ({"email": "a@b.c", "password": "\ud800" * 12 + "abcdefgh"}, None),
    ],
)
def test_bad_input_names_the_field_and_stores_nothing(
    address: str, body: dict[str, Any], field: str | None
) -> None:
    with httpx.Client(base_url=address + API) as client:
        answer = client.post(
            "/users", content=json.dumps(body), headers={"Content-Type": "application/json"}
        )
        found = problem(answer, 422)
        assert field is None or field in str(found.get("field"))
        assert PASSWORD not in answer.text


def test_wrong_password_unknown_address_and_no_address_are_one_answer(kari: Program) -> None:
    known = {"email": f"{new_id().hex}@example.com", "password": PASSWORD}
    kari.http.post("/users", json=known)
    answers = set()
    for given in (
        {**known, "password": "wrong"},
        {"email": f"{new_id().hex}@example.com", "password": PASSWORD},
        {"email": "no address", "password": PASSWORD},
    ):
        found = problem(kari.http.post("/session", json=given), 401)
        answers.add((found["code"], found["detail"], found["hint"], found["title"]))
    assert len(answers) == 1


def test_the_cookie_is_out_of_scripts_reach_and_over_https_bound_to_the_host(
    stranger: Program, module_database: TestDatabase
) -> None:
    given = stranger.person()
    plain = stranger.http.post("/session", json=given).headers["set-cookie"]
    assert plain.startswith("strongroom_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in plain.split(";")}
    assert "Domain" not in plain

    services = services_for(module_database, public_url="https://money.example.com")
    with (
        serving(web.create_app(services)) as behind,
        httpx.Client(base_url=behind + API, headers={"Origin": "https://money.example.com"}) as c,
    ):
        answer = c.post("/session", json=given)
        secure = answer.headers["set-cookie"]
        assert secure.startswith("__Host-strongroom_session=")
        assert "Secure" in secure
        secret = secure.split("=")[1].split(";")[0]
        # A neighbouring host could set the plain cookie, so only the bound one counts.
        for name, status in (("strongroom_session", 401), ("__Host-strongroom_session", 200)):
            headers = {"Cookie": f"{name}={secret}"}
            assert c.get("/me", headers=headers).status_code == status


def test_sessions_are_listed_and_ended(stranger: Program, ola: Program) -> None:
    program, other = stranger, ola
    given = program.person()
    assert other.http.post("/session", json=given).status_code == 201
    listed = program.http.get("/sessions").json()
    assert [found["current"] for found in listed].count(True) == 1
    elsewhere = next(found["id"] for found in listed if not found["current"])
    assert program.http.delete(f"/sessions/{elsewhere}").status_code == 204
    problem(other.http.get("/me"), 401)
    problem(program.http.delete(f"/sessions/{elsewhere}"), 404)
    problem(program.http.delete("/sessions/ses_nonsense"), 404)
    assert other.http.post("/session", json=given).status_code == 201
    assert program.http.delete("/sessions").json() == {"ended": 1}
    assert program.http.get("/me").status_code == 200


def test_signing_in_again_rotates_the_session(address: str, stranger: Program) -> None:
    given = stranger.person()
    before = stranger.http.cookies["strongroom_session"]
    stranger.http.post("/session", json=given)
    after = stranger.http.cookies["strongroom_session"]
    with httpx.Client(base_url=address + API) as client:
        for secret, status in ((before, 401), (after, 200)):
            headers = {"Cookie": f"strongroom_session={secret}"}
            assert client.get("/me", headers=headers).status_code == status


def test_settings_are_read_and_patched(kari: Program) -> None:
    assert kari.http.get("/settings").json()["currency"] is None
    changed = kari.http.patch("/settings", json={"currency": "nok", "hide_amounts": True})
    assert changed.status_code == 200
    assert changed.json() == {
        "currency": "NOK",
        "language": "en",
        "theme": "auto",
        "time_zone": "UTC",
        "hide_amounts": True,
        "shortcuts": True,
        "date_format": "locale",
        "dashboard_layout": {},
    }
    for body, field in (
        ({"currency": "EURO"}, "currency"),
        ({"theme": None}, "theme"),
        ({"hide_amounts": "yes"}, "hide_amounts"),
        ({"dashboard": {}}, "dashboard"),
        ({"currency": "SEK", "time_zone": "Mars"}, "time_zone"),
    ):
        assert problem(kari.http.patch("/settings", json=body), 422)["field"] == field
    assert kari.http.get("/settings").json() == changed.json()


def test_a_person_is_renamed_and_marks_all_as_read(kari: Program) -> None:
    renamed = kari.http.patch("/me", json={"last_name": "Nordmann"}).json()
    assert (renamed["first_name"], renamed["last_name"]) == ("Kari", "Nordmann")
    long = {"first_name": "x" * 101}
    assert problem(kari.http.patch("/me", json=long), 422)["field"] == "first_name"
    assert kari.http.post("/notifications/read-all").json() == {"read": 0}


def test_a_changed_password_ends_every_other_session(address: str, kari: Program) -> None:
    email = kari.http.get("/me").json()["person"]["email"]
    with Program(address) as other:
        given = {"email": email, "password": PASSWORD}
        assert other.http.post("/session", json=given).status_code == 201
        wrong = {"current": "not this one at all", "new": "another four quiet lamps"}
        assert problem(kari.http.put("/me/password", json=wrong), 403)["field"] == "current"
        right = {**wrong, "current": PASSWORD}
        assert kari.http.put("/me/password", json=right).status_code == 200
        assert kari.http.get("/me").status_code == 200
        problem(other.http.get("/me"), 401)
    with kari.token("settings:write") as token:
        problem(token.put("/me/password", json=right), 403)


def test_people_read_their_own_log_page_by_page(kari: Program, ola: Program) -> None:
    kari.http.patch("/settings", json={"theme": "dark"})
    kari.http.patch("/me", json={"first_name": "Kari"})
    whole = kari.http.get("/audit").json()
    assert [one["seq"] for one in whole["items"]] == [*range(len(whole["items"]), 0, -1)]
    assert whole["items"][0]["action"] == "identity.profile_changed"
    assert PASSWORD not in str(whole)
    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = kari.http.get("/audit", params={"limit": 2, **cursor}).json()
        seen += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == whole["items"]
    assert len(ola.http.get("/audit").json()["items"]) < len(seen)
    with kari.token("accounts:read") as reader:
        problem(reader.get("/audit"), 403)
    with kari.token("audit:read") as reader:
        assert reader.get("/audit").status_code == 200


def test_a_token_does_what_its_scopes_say_and_nothing_more(kari: Program) -> None:
    with kari.token("accounts:read") as reader:
        assert reader.get("/me").json()["scopes"] == ["accounts:read", "profile:read"]
        found = problem(reader.patch("/settings", json={"theme": "dark"}), 403)
        assert "settings:write" in found["detail"]
    with kari.token("settings:write") as token:
        assert token.patch("/settings", json={"theme": "dark"}).json()["theme"] == "dark"
        for method, path in (
            ("GET", "/tokens"), ("POST", "/tokens"), ("GET", "/sessions"), ("DELETE", "/sessions"),
            ("DELETE", "/session"), ("DELETE", f"/tokens/tok_{new_id().hex}"),
        ):  # fmt: skip
            answer = token.request(
                method, path, json={"name": "x", "scopes": ["accounts:read"]} if "POST" in method
                else None,
            )  # fmt: skip
            assert problem(answer, 403)["code"] == "ScopeMissing"


def test_a_token_is_listed_without_its_secret_and_revoked(kari: Program, ola: Program) -> None:
    with kari.token("accounts:read") as token:
        (listed,) = kari.http.get("/tokens").json()
        assert "secret" not in listed
        problem(ola.http.delete(f"/tokens/{listed['id']}"), 404)
        assert token.get("/me").status_code == 200
        assert kari.http.delete(f"/tokens/{listed['id']}").status_code == 204
        assert problem(token.get("/me"), 401)["code"] == "NotSignedIn"
        problem(kari.http.delete(f"/tokens/{listed['id']}"), 404)


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["tokens:write"]}, "scopes"),
        ({"name": "x" * 101, "scopes": ["accounts:read"]}, "name"),
        ({"name": "x", "scopes": ["accounts:read"], "expires_at": "2020-01-01T00:00:00Z"},
         "expires_at"),
        ({"name": "x", "scopes": ["accounts:read"], "expires_at": "2099-01-01T00:00:00"},
         "expires_at"),
    ],
)  # fmt: skip
def test_a_token_that_cannot_be_is_refused(
    kari: Program, wanted: dict[str, Any], field: str
) -> None:
    assert problem(kari.http.post("/tokens", json=wanted), 422)["field"] == field
    assert kari.http.get("/tokens").json() == []


def test_a_token_with_an_end_says_when(kari: Program) -> None:
    ends = datetime.now(UTC) + timedelta(days=2)
    wanted = {"name": "x", "scopes": ["accounts:read"], "expires_at": ends.isoformat()}
    made = kari.http.post("/tokens", json=wanted).json()
    assert datetime.fromisoformat(made["expires_at"]) == ends


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer srt_", "Bearer srt_" + "A" * 43, "Basic YTpi", "srt_x"],
)
def test_a_bad_authorization_header_is_never_made_up_for_by_a_cookie(
    kari: Program, header: str
) -> None:
    problem(kari.http.get("/me", headers={"Authorization": header}), 401)


def test_other_peoples_notifications_are_not_found(
    kari: Program, ola: Program, module_database: TestDatabase
) -> None:
    me = kari.http.get("/me").json()["person"]["id"].removeprefix("usr_")
    found = new_id()
    with psycopg.connect(module_database.admin_dsn) as db:
        db.execute(
            "INSERT INTO strongroom.notifications (user_id, id, type, title, body, created_at)"
            " VALUES (%s, %s, 'test', 'Title', 'Body', now())",
            (me, found),
        )
    (listed,) = kari.http.get("/notifications").json()["items"]
    assert (listed["id"], listed["read_at"]) == (f"ntf_{found.hex}", None)
    assert ola.http.get("/notifications").json() == {"items": [], "next": None}
    problem(ola.http.post(f"/notifications/{listed['id']}/read"), 404)
    assert kari.http.post(f"/notifications/{listed['id']}/read").status_code == 204
    assert kari.http.get("/notifications").json()["items"][0]["read_at"] is not None
    problem(kari.http.get("/notifications", params={"cursor": "x"}), 422)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "OURS"}, 403),
        ({"Sec-Fetch-Site": "nonsense"}, 403),
        ({"Origin": "OURS"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "OURS.evil.example"}, 403),
        ({"Origin": ""}, 403),
        ({}, 403),
    ],
)
def test_a_change_with_a_cookie_must_come_from_our_own_pages(
    address: str, kari: Program, headers: dict[str, str], status: int
) -> None:
    cookie = f"strongroom_session={kari.http.cookies['strongroom_session']}"
    sent = {name: value.replace("OURS", address) for name, value in headers.items()}
    with httpx.Client(base_url=address + API, headers={"Cookie": cookie, **sent}) as client:
        answer = client.patch("/settings", json={"theme": "dark"})
        assert answer.status_code == status
        if status == 403:
            assert problem(answer, 403)["code"] == "CameFromElsewhere"
        theme = client.get("/settings").json()["theme"]  # reading changes nothing and is let in
        assert theme == ("dark" if status == 200 else "auto")


def test_a_program_with_a_token_needs_no_origin(kari: Program) -> None:
    with kari.token("settings:write") as client:
        assert client.patch("/settings", json={"theme": "dark"}).status_code == 200


def test_too_many_sign_ups_from_one_place_are_sent_away_with_a_time(
    database: TestDatabase,
) -> None:
    with (
        serving(web.create_app(services_for(database))) as address,
        httpx.Client(base_url=address + API) as client,
    ):
        most = rules.SIGN_UPS_PER_ADDRESS.count
        for number in range(most + 1):
            answer = client.post(
                "/users", json={"email": f"p{number}@example.com", "password": PASSWORD}
            )
            assert answer.status_code == (202 if number < most else 429)
        assert 0 < int(answer.headers["retry-after"]) <= 3600
        assert problem(answer, 429)["code"] == "TooManyAttempts"
