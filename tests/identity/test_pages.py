"""The pages as a browser without JavaScript sees them, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from strongroom import ui, web, wiring
from strongroom.core.ids import new_id
from strongroom.core.settings import Settings
from tests.conftest import TestDatabase
from tests.identity.conftest import PASSWORD
from tests.serving import serving


class Forms(HTMLParser):
    """Collects forms: action, and what a browser would send if nothing was typed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1][1][given["name"]] = given.get("value", "")


class Browser:
    """Follows redirects, keeps cookies and says where it comes from, as browsers do."""

    def __init__(self, address: str, *, language: str = "en") -> None:
        self.address = address
        self.http = httpx.Client(
            base_url=address,
            follow_redirects=True,
            headers={
                "Accept": "text/html",
                "Accept-Language": language,
                "Sec-Fetch-Site": "same-origin",
                "Origin": address,
            },
        )

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(self, path: str, **form: Any) -> httpx.Response:
        return self.http.post(path, data=form)

    def sign_up(self, email: str, password: str = PASSWORD) -> httpx.Response:
        self.post("/signup", email=email, name="Kari Nordmann", password=password)
        if not self.is_signed_in():
            self.post("/login", email=email, password=password)
        assert self.is_signed_in()
        return self.get("/settings")

    def is_signed_in(self) -> bool:
        return self.http.get("/settings", follow_redirects=False).status_code == 200


@pytest.fixture(scope="module")
def address(module_database: TestDatabase) -> Iterator[str]:
    settings = Settings(home=Path("/nonexistent"))
    services = wiring.assemble(
        settings, module_database.ring, admin_dsn=module_database.admin_dsn, role="web"
    )
    with serving(web.create_app(services)) as address:
        yield address


@pytest.fixture(autouse=True)
def _nobody_tried_before(module_database: TestDatabase) -> None:
    """All tests come from one address; a limit that one reaches must not stop the next."""
    with psycopg.connect(module_database.admin_dsn) as db:
        db.execute("DELETE FROM strongroom.rate_limits")


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    found = Browser(address)
    yield found
    found.http.close()


@pytest.fixture
def other(address: str) -> Iterator[Browser]:
    found = Browser(address)
    yield found
    found.http.close()


@pytest.fixture(scope="module", autouse=True)
def _someone_was_first(address: str) -> None:
    first = Browser(address)
    first.sign_up("first@example.com")
    first.http.close()


def an_email() -> str:
    return f"{new_id().hex}@example.com"


def text_of(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.mark.parametrize("path", ["/welcome", "/signup", "/login"])
@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_ways_in_are_open_to_strangers(address: str, path: str, language: str) -> None:
    stranger = Browser(address, language=language)
    page = stranger.get(path)
    stranger.http.close()
    assert page.status_code == 200
    tag = {"en": "en-GB", "nb": "nb-NO"}[language]
    assert f'<html lang="{tag}"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "style=" not in page.text


def test_sign_up_sign_in_and_sign_out(browser: Browser) -> None:
    email = an_email()
    page = browser.post("/signup", email=email, name="Kari", password=PASSWORD)
    assert page.url.path == "/login"
    assert "If this address was new" in page.text
    assert not browser.is_signed_in()
    browser.post("/login", email=email, password=PASSWORD)
    assert browser.is_signed_in()
    cookie = browser.http.cookies["strongroom_session"]
    page = browser.post("/logout")
    assert page.url.path == "/welcome"
    assert "strongroom_session" not in browser.http.cookies
    browser.http.cookies.set("strongroom_session", cookie)
    assert not browser.is_signed_in()  # ended in the database, not only in the browser


def test_the_answer_to_a_sign_up_does_not_tell_whether_the_address_was_taken(
    browser: Browser,
) -> None:
    email = an_email()
    answers = [
        browser.http.post(
            "/signup",
            data={"email": email, "name": "Kari", "password": password},
            follow_redirects=False,
        )
        for password in (PASSWORD, "quite another password")
    ]
    seen = [
        (
            answer.status_code,
            answer.text,
            {name: value for name, value in answer.headers.items() if name not in _MOVING},
        )
        for answer in answers
    ]
    assert seen[0] == seen[1]


_MOVING = ("date", "x-request-id")


def test_a_refused_sign_up_keeps_what_was_typed_and_says_what_is_wrong(browser: Browser) -> None:
    page = browser.post("/signup", email="kari", name="Kari <b>", password=PASSWORD)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert "That is not an e-mail address." in page.text
    assert 'value="kari"' in page.text
    assert "Kari &lt;b&gt;" in page.text
    assert PASSWORD not in page.text
    page = browser.post("/signup", email=an_email(), name="Kari", password="hunter2")
    assert "The password is too short" in page.text
    assert "hunter2" not in page.text
    assert browser.http.post("/signup").status_code == 422


def test_wrong_password_and_unknown_address_show_the_same_page(browser: Browser) -> None:
    email = an_email()
    browser.post("/signup", email=email, name="", password=PASSWORD)
    pages = []
    for given, password in ((email, "wrong"), (an_email(), PASSWORD)):
        page = browser.post("/login", email=given, password=password)
        assert page.status_code == 401
        pages.append(page.text.replace(given, "THE ADDRESS"))
    assert pages[0] == pages[1]
    assert "The e-mail address or the password is wrong." in pages[0]


@pytest.mark.parametrize(
    ("wanted", "lands_on"),
    [
        ("/settings/security?x=1", "/settings/security?x=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_only_to_pages_of_ours(
    browser: Browser, wanted: str, lands_on: str
) -> None:
    email = an_email()
    browser.post("/signup", email=email, name="", password=PASSWORD)
    answer = browser.http.post(
        "/login",
        data={"email": email, "password": PASSWORD, "next": wanted},
        follow_redirects=False,
    )
    assert (answer.status_code, answer.headers["location"]) == (303, lands_on)
    again = browser.http.get("/login", params={"next": wanted}, follow_redirects=False)
    assert again.headers["location"] == lands_on


def test_a_stranger_is_sent_to_sign_in_and_comes_back(browser: Browser) -> None:
    email = an_email()
    browser.post("/signup", email=email, name="", password=PASSWORD)
    page = browser.get("/settings/security?x=1")
    assert page.url.path == "/login"
    _, form = next(found for found in Forms(page.text).forms if found[0] == "/login")
    page = browser.post("/login", **{**form, "email": email, "password": PASSWORD})
    assert str(page.url).removeprefix(browser.address) == "/settings/security?x=1"


ENDED = "Your session has ended. What you sent was not saved. Sign in to go on."


@pytest.mark.parametrize(
    ("sent_to", "came_from", "comes_back_to"),
    [
        ("/settings/profile", "{own}/settings?x=1&y=%2F", "/settings?x=1&y=%2F"),
        ("/transactions/new", None, "/transactions/new"),
        ("/transactions/new", "https://evil.example/settings", "/transactions/new"),
        ("/transactions/new", "{own}//evil.example/", "/transactions/new"),
        ("/transactions/new", "{own}/nowhere", "/transactions/new"),
        ("/transactions/new", "nonsense", "/transactions/new"),
        ("/transactions/new", "http://[", "/transactions/new"),
        ("/settings/password", "{own}/settings/tokens", "/"),  # both are only sent to
        ("/settings/password", None, "/"),
    ],
)
def test_a_form_that_came_after_its_session_says_so_and_leads_back_to_its_page(
    browser: Browser, sent_to: str, came_from: str | None, comes_back_to: str
) -> None:
    email = an_email()
    browser.sign_up(email)
    browser.http.cookies.delete("strongroom_session")
    came = {} if came_from is None else {"Referer": came_from.format(own=browser.address)}
    page = browser.http.post(sent_to, data={"text": "Kaffe"}, headers=came)
    assert page.url.path == "/login"
    assert ENDED in text_of(page)
    _, form = next(found for found in Forms(page.text).forms if found[0] == "/login")
    answer = browser.http.post(
        "/login", data={**form, "email": email, "password": PASSWORD}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, comes_back_to)
    assert browser.get(comes_back_to).status_code == 200


def test_only_a_form_hears_that_its_session_ended(browser: Browser, other: Browser) -> None:
    for path in ("/login", "/settings", "/login?next=/settings"):
        assert "session has ended" not in text_of(browser.get(path))
    other.http.headers["Accept-Language"] = "nb"
    assert "Økten er avsluttet. Det du sendte, ble ikke lagret." in text_of(
        other.post("/transactions/new")
    )
    for path in ("/transactions/new", "/api/v1/transactions"):
        answer = browser.http.post(path, headers={"Accept": "application/json"}, json={})
        assert (answer.status_code, answer.json()["code"]) == (401, "NotSignedIn")


def test_too_many_attempts_are_answered_with_when_to_come_back(browser: Browser) -> None:
    email = an_email()
    for _ in range(21):
        page = browser.post("/login", email=email, password="wrong")
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= 15 * 60
    assert "Try again in 15 minutes." in text_of(page)


@pytest.mark.parametrize("path", ["/logout", "/demo", "/settings/password", "/settings/profile"])
def test_nothing_changes_by_following_a_link(browser: Browser, path: str) -> None:
    browser.sign_up(an_email())
    assert browser.get(path).status_code == 405
    assert browser.is_signed_in()


def test_another_site_cannot_act_for_a_person(browser: Browser) -> None:
    browser.sign_up(an_email())
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    ):
        answer = browser.http.post("/logout", headers=headers)
        assert answer.status_code == 403
        assert "another website" in answer.text
    for path in ("/login", "/signup", "/demo"):  # nor sign them in as somebody else
        assert browser.http.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.is_signed_in()


def test_profile_and_display_are_kept_and_shown(browser: Browser, other: Browser) -> None:
    email = an_email()
    browser.sign_up(email)
    browser.post("/settings/profile", first_name="Åse", last_name="Æble")
    page = browser.post(
        "/settings/display",
        language="nb",
        currency="nok",
        time_zone="Europe/Oslo",
        theme="dark",
        hide_amounts="1",
        date_format="iso",
    )
    assert page.status_code == 200
    assert '<html lang="nb-NO" data-theme="dark">' in page.text
    assert "Åse Æble" in page.text
    assert "Lagret." in page.text
    other.post("/login", email=email, password=PASSWORD)
    page = other.get("/settings")
    assert '<html lang="nb-NO" data-theme="dark">' in page.text
    assert 'value="NOK"' in page.text
    assert '<option value="Europe/Oslo" selected>' in page.text
    assert 'data-shortcuts="off"' in page.text
    assert '<option value="iso" selected>' in page.text
    assert re.search(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}</dd>", page.text)  # a member since then


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("currency", "EURO!", "That is not the code of a currency."),
        ("currency", "XXX", "That is not the code of a currency."),
        ("time_zone", "Mars/Olympus", "That is not the name of a time zone."),
        ("time_zone", "../../etc/passwd", "That is not the name of a time zone."),
        ("theme", "pink", "theme must be one of"),
        ("language", "tlh", "language must be one of"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_of_it_is_stored(
    browser: Browser, field: str, value: str, message: str
) -> None:
    browser.sign_up(an_email())
    usual = {"language": "en", "currency": "SEK", "theme": "light", "time_zone": "Europe/Oslo"}
    page = browser.post("/settings/display", **{**usual, field: value})
    assert page.status_code == 422
    assert message in page.text
    assert "SEK" not in browser.get("/settings").text


def test_sessions_are_listed_and_ended_one_by_one_and_all_at_once(
    browser: Browser, other: Browser
) -> None:
    email = an_email()
    browser.sign_up(email)
    other.http.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux) Gecko Firefox/130.0"
    other.post("/login", email=email, password=PASSWORD)
    page = browser.get("/settings/security")
    assert "Firefox · Linux" in page.text
    record = page.text[page.text.index('id="record"') :]
    assert "identity.sign_in" in record and "by you" in record
    action = next(a for a, _ in Forms(page.text).forms if re.match(r"/settings/sessions/ses_", a))
    assert browser.post(action).status_code == 200
    assert not other.is_signed_in()
    assert browser.post(action).status_code == 404
    other.post("/login", email=email, password=PASSWORD)
    browser.post("/settings/sessions/end-others")
    assert browser.is_signed_in()
    assert not other.is_signed_in()


def test_changing_the_password_keeps_this_browser_and_ends_the_others(
    browser: Browser, other: Browser
) -> None:
    email = an_email()
    browser.sign_up(email)
    other.post("/login", email=email, password=PASSWORD)
    page = browser.post("/settings/password", current="wrong", new="seven wooden boats at dawn")
    assert page.status_code == 403
    assert "That is not your current password." in page.text
    page = browser.post("/settings/password", current=PASSWORD, new="password1234")
    assert page.status_code == 422
    page = browser.post("/settings/password", current=PASSWORD, new="seven wooden boats at dawn")
    assert "Password changed. It is strong." in page.text
    assert browser.is_signed_in()
    assert not other.is_signed_in()


def test_an_api_token_is_shown_once_and_revoked(browser: Browser) -> None:
    browser.sign_up(an_email())
    page = browser.post("/settings/tokens", name="  ", scope=[], days="")
    assert page.status_code == 422
    page = browser.post(
        "/settings/tokens", name="My script", scope=["accounts:read", "net_worth:read"], days="30"
    )
    found = re.search(r'value="(srt_[A-Za-z0-9_-]{43})"', page.text)
    assert found is not None
    bearer = {"Authorization": f"Bearer {found[1]}"}
    with httpx.Client(base_url=browser.address) as program:
        me = program.get("/api/v1/me", headers=bearer)
        assert me.json()["scopes"] == ["accounts:read", "net_worth:read", "profile:read"]
        page = browser.get("/settings/security")
        assert "My script" in page.text
        assert found[1] not in page.text
        action = next(a for a, _ in Forms(page.text).forms if "/tokens/tok_" in a)
        browser.post(action)
        assert program.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_page_that_shows_a_new_token_makes_no_second_one_when_loaded_again(
    browser: Browser,
) -> None:
    browser.sign_up(an_email())
    form = re.search(r'name="token" value="(tok_\w+)"', browser.get("/settings/security").text)
    assert form is not None
    wish = {"name": "My script", "scope": ["accounts:read"], "days": "", "token": form[1]}
    assert "srt_" in browser.post("/settings/tokens", **wish).text
    again = browser.post("/settings/tokens", **wish)
    assert again.status_code == 409
    assert "its secret was shown then" in again.text
    assert again.text.count('action="/settings/tokens/tok_') == 1


def test_the_made_up_household_is_one_press_away(
    browser: Browser, module_database: TestDatabase
) -> None:
    page = browser.http.post("/demo", follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/")
    assert browser.is_signed_in()
    page = browser.get("/settings")
    assert "Made-up household" in page.text
    assert "demo.invalid" not in page.text
    assert "demo.invalid" not in browser.get("/settings/security").text
    assert "Change password" not in browser.get("/settings/security").text
    with psycopg.connect(module_database.admin_dsn) as db:
        jobs = db.execute(
            "SELECT args->>'owner' FROM strongroom.procrastinate_jobs"
            " WHERE task_name = 'connections.link_demo'"
        ).fetchall()
        demo = db.execute("SELECT id::text FROM strongroom.users WHERE is_demo").fetchall()
    assert jobs == demo != []


def test_wrong_tries_of_others_do_not_keep_the_owners_browser_out(database: TestDatabase) -> None:
    services = wiring.assemble(
        Settings(home=Path("/nonexistent")),
        database.ring,
        admin_dsn=database.admin_dsn,
        role="web",
    )
    with serving(web.create_app(services)) as address:
        owner, stranger = Browser(address), Browser(address)
        owner.sign_up("first@example.com")
        owner.post("/logout")
        assert [cookie.name for cookie in owner.http.cookies.jar] == ["strongroom_known"]
        tries = [
            stranger.post("/login", email="first@example.com", password="wrong").status_code
            for _ in range(21)
        ]
        assert tries == [401] * 20 + [429]
        stranger.post("/login", email="first@example.com", password=PASSWORD)
        assert not stranger.is_signed_in()
        owner.post("/login", email="first@example.com", password=PASSWORD)
        assert owner.is_signed_in()
        owner.http.close()
        stranger.http.close()


def test_where_real_banks_are_linked_no_household_is_made_up(database: TestDatabase) -> None:
    settings = Settings(home=Path("/nonexistent"), plaid_env="sandbox")
    services = wiring.assemble(settings, database.ring, admin_dsn=database.admin_dsn, role="web")
    with serving(web.create_app(services)) as address:
        browser = Browser(address)
        page = browser.get("/welcome")
        assert page.status_code == 200
        assert "/demo" not in [action for action, _ in Forms(page.text).forms]
        assert "made-up" not in page.text
        refused = browser.post("/demo")
        assert refused.status_code == 404
        assert not browser.is_signed_in()
        browser.http.close()
    with psycopg.connect(database.admin_dsn) as db:
        assert db.execute("SELECT count(*) FROM strongroom.users").fetchone() == (0,)


def test_the_first_pages_offer_a_made_up_household_where_banks_are_made_up(
    browser: Browser,
) -> None:
    assert "/demo" in [action for action, _ in Forms(browser.get("/welcome").text).forms]


def test_notifications_speak_the_language_of_who_reads_and_every_page_counts_them(
    browser: Browser, module_database: TestDatabase
) -> None:
    email = an_email()
    assert ">1<" not in browser.sign_up(email).text
    with psycopg.connect(module_database.admin_dsn) as db:
        db.execute(
            "INSERT INTO strongroom.notifications"
            " (user_id, id, type, title, body, arguments, link, created_at)"
            " SELECT id, %s, 'connection', '%%(bank)s is linked.', 'Your 100%% own words.',"
            " '{}', '/connections', now() FROM strongroom.users WHERE email = %s",
            (new_id(), email),
        )
        db.execute(
            "UPDATE strongroom.notifications SET body = 'Nothing to tell you.',"
            """ arguments = '{"bank": "Bank <b> 5 %%"}'"""
            " WHERE user_id = (SELECT id FROM strongroom.users WHERE email = %s)",
            (email,),
        )
    for path in ("/settings", "/help", "/settings/security"):
        assert re.search(
            r'class="count">1<span class="hidden-text"> unread', browser.get(path).text
        )
    page = browser.get("/notifications").text
    assert "Bank &lt;b&gt; 5 % is linked." in page
    assert "Nothing to tell you." in page
    browser.post("/settings/display", language="nb", time_zone="Europe/Oslo")
    page = browser.get("/notifications").text
    assert "Bank &lt;b&gt; 5 % er koblet til." in page
    assert "Nothing to tell you." not in page
    told = browser.http.get("/api/v1/notifications").json()["items"][0]
    assert told["title"] == "Bank <b> 5 % er koblet til."
    browser.post("/notifications/read-all")
    assert 'class="count"' not in browser.get("/settings").text


def test_an_empty_list_of_notifications_says_so(browser: Browser) -> None:
    browser.sign_up(an_email())
    assert "Nothing to tell you." in browser.get("/notifications").text


def test_where_sign_up_is_closed_the_page_says_so(database: TestDatabase) -> None:
    services = wiring.assemble(
        Settings(home=Path("/nonexistent"), signup=False),
        database.ring,
        admin_dsn=database.admin_dsn,
        role="web",
    )
    with serving(web.create_app(services)) as address:
        first = Browser(address)
        first.sign_up("first@example.com")
        second = Browser(address)
        assert "Create account" not in second.get("/welcome").text
        page = second.post("/signup", email="second@example.com", password=PASSWORD)
        assert page.status_code == 403
        assert "New accounts are not open on this server." in page.text
        first.http.close()
        second.http.close()


def test_every_text_is_translated() -> None:
    from strongroom.ui.catalogue import problems

    assert ui.LANGUAGES.keys() == {"en", "nb"}
    assert problems("identity", "nb") == []
