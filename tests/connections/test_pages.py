"""Linking, looking after and unlinking a bank by plain forms and links, without scripts."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.connections.test_routes import go_through_the_page, plaid_item
from tests.house import API, BANK, House, Person, text_of
from tests.processes import wait_until

LEAVES = re.compile(r'id="leave-link" href="([^"]+)"')


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def begin(person: Person, **form: str) -> tuple[str, str]:
    """Begin to link; return our page that one goes on from, and where its link leads."""
    answer = person.pages.post("/accounts/link", data=form)
    assert answer.url.path.endswith("/continue"), answer.text
    leaves = LEAVES.search(answer.text)
    assert leaves is not None
    return answer.url.path.removesuffix("/continue"), leaves[1]


def test_the_whole_way_from_choosing_to_the_first_rows(house: House) -> None:
    ola = house.person()
    assert "Link a bank to begin" in ola.text("/")
    choose = ola.page("/accounts/link?q=platypus")
    assert "First Platypus Bank" in choose
    assert "Houndstooth" not in choose
    there = re.search(r'id="choose-there" href="([^"]+)"', ola.page("/accounts/link"))
    assert there is not None and "What your bank will let us read" in ola.text(there[1])
    allow = ola.text(f"/accounts/link?bank={BANK}")
    assert "What First Platypus Bank will let us read" in allow
    assert "up to 24 months" in allow and "Investments" in allow and "recur" in allow
    back, url = begin(ola, bank=BANK)
    assert url.startswith(house.sandbox_url)
    assert "We have not heard yet" in ola.text(back)
    go_through_the_page(url)
    # The bank's webhook may be finishing the attempt at the same moment; the page looks again.
    wait_until(lambda: "is linked." in ola.text(back), "the bank is linked")
    wait_until(lambda: ola.get("/connections")["items"][0]["history_complete"], "all arrived")
    house.until_quiet()
    settled = ola.page(back)
    assert "2 accounts found." in text_of(settled)
    assert 'http-equiv="refresh"' not in settled
    assert "Net worth" in ola.text("/")


def test_leaving_the_bank_s_page_changes_nothing_and_says_so(house: House) -> None:
    ola = house.person()
    back, url = begin(ola, bank=BANK)
    with httpx.Client(timeout=30) as browser:
        browser.get(url)
        browser.post(f"{url}/cancel")
    text = ola.text(back)
    assert "You left before the bank was linked." in text
    assert "Nothing was changed." in text
    assert "This attempt is over." in ola.text(f"{back}/continue")
    assert "No bank is linked." in ola.text("/connections")
    assert "Left" in ola.text("/connections/log")


def test_an_attempt_that_nobody_finished_in_time_has_expired(house: House) -> None:
    ola = house.person()
    back, _ = begin(ola)
    with house.admin() as db:
        db.execute(
            "UPDATE strongroom.link_sessions SET expires_at = now() - interval '1 minute'"
            " WHERE user_id = (SELECT id FROM strongroom.users WHERE email = %s)",
            (ola.email,),
        )
    assert "open too long" in ola.text(back)


def test_a_link_whose_key_got_lost_says_to_link_again(house: House) -> None:
    ola = house.person()
    back, _ = begin(ola)
    with house.admin() as db:
        db.execute(
            "UPDATE strongroom.link_sessions"
            " SET state = 'lost', error_code = 'INVALID_PUBLIC_TOKEN'"
            " WHERE user_id = (SELECT id FROM strongroom.users WHERE email = %s)",
            (ola.email,),
        )
    assert "nothing will be doubled" in ola.text(back)


def test_a_bank_that_needs_its_person_is_said_everywhere_and_reconnected(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/error", code="ITEM_LOGIN_REQUIRED")
    wait_until(lambda: ola.get(f"/connections/{item}")["needs_person"], "it needs its person")
    for path in ("/", "/connections", f"/connections/{item}"):
        text = ola.text(path)
        assert "wants you to sign in again. Your history is kept." in text, path
        assert "Reconnect" in text
    assert "Needs sign-in" in ola.text("/")
    with house.admin() as db:
        row = db.execute(
            "SELECT id FROM strongroom.plaid_items p WHERE user_id ="
            " (SELECT id FROM strongroom.users WHERE email = %s)",
            (ola.email,),
        ).fetchone()
    assert row is not None
    assert "wants you to sign in" in ola.text(f"/connections/{row[0]}")  # as notifications link
    back, url = begin(ola, repair=str(row[0]))
    with httpx.Client(timeout=30) as browser:
        browser.get(url)
        form = {"username": "user_household", "password": "pass_good"}
        browser.post(f"{url}/credentials", data=form)
    assert "is connected again." in ola.text(back)
    wait_until(lambda: "Up to date" in ola.text("/connections"), "all is well again")


def test_sync_now_and_too_soon(kari: Person) -> None:
    path = f"/connections/{kari.items[0]}"
    first = kari.pages.post(f"{path}/sync")
    assert "Reading the bank now." in text_of(first.text)
    second = kari.pages.post(f"{path}/sync")
    assert re.search(r"Try again in \d+ seconds\.", text_of(second.text))
    assert "You asked" in kari.text(path)
    # On its page are the newest calls alone, which may be those for what it has beside rows.
    assert "/transactions/sync" in kari.text(f"/connections/log?bank={kari.items[0]}")


def test_a_link_rests_and_is_woken_and_each_page_says_so(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    path = f"/connections/{item}"
    paused = ola.pages.post(f"{path}/pause")
    assert "is paused since" in text_of(paused.text)
    assert "Resume" in ola.text("/connections")
    assert "is paused since" in ola.text("/")
    assert ola.pages.post(f"{path}/sync").status_code == 422
    awake = ola.pages.post(f"{path}/resume")
    assert "is read again." in text_of(awake.text)
    wait_until(lambda: "Up to date" in ola.text("/connections"), "it was read")
    assert "You asked" in ola.text(path)


def test_reading_all_again_changes_nothing_that_did_not_change(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    before = ola.get("/transactions/summary")
    answer = ola.pages.post(f"/connections/{item}/reread")
    assert "Reading the bank now." in text_of(answer.text)

    def newest() -> dict[str, Any]:
        found: list[dict[str, Any]] = ola.get(f"/connections/{item}/log")["refreshes"]
        return next(one for one in found if one["reason"] == "manual")

    wait_until(lambda: newest()["status"] == "success", "all was read again")
    done = newest()
    assert (done["added"], done["modified"], done["removed"]) == (0, 0, 0)
    assert ola.get("/transactions/summary") == before


def test_the_log_has_what_support_asks_for(house: House, kari: Person) -> None:
    item = kari.items[0]
    log = kari.get(f"/connections/{item}/log", limit=200)
    page = kari.text(f"/connections/log?bank={item}")
    for told in (log["calls"][0]["request_id"], log["webhooks"][0]["code"],
                 log["link_events"][0]["link_session_id"]):  # fmt: skip
        assert told in page
    assert log["calls"][0]["request_id"] in kari.text(f"/connections/{item}")
    assert log["link_events"][0]["link_session_id"] in kari.text("/connections/log")


def test_what_goes_wrong_comes_to_open_pages_by_itself(house: House, kari: Person) -> None:
    """Each region that holds a bank's news is asked for again within a minute."""
    house.until_quiet()
    for path, region in (("/", "bank-news"), ("/connections", "links"),
                         (f"/connections/{kari.items[0]}", "health")):  # fmt: skip
        every = re.search(rf'id="{region}" data-poll="(\d+)"', kari.page(path))
        assert every is not None, path
        assert int(every[1]) <= 30, path


def test_the_bank_s_own_trouble_is_said_with_its_code(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/error", code="INSTITUTION_DOWN")
    ola.api.post(f"{API}/connections/{item}/sync")
    wait_until(lambda: ola.get(f"/connections/{item}")["trouble"], "the trouble is known")
    trouble = ola.get(f"/connections/{item}")["trouble"]
    assert (trouble["will_pass"], trouble["way"]) == (True, "nothing")
    for path in ("/", "/connections", f"/connections/{item}"):
        text = ola.text(path)
        assert "is not answering." in text, path
        assert "Code: INSTITUTION_DOWN" in text, path
    norsk = house.person(language="nb")
    house.link(norsk)
    assert "Oppdatert" in norsk.text("/connections") or "Synk" in norsk.text("/connections")


def test_unlinking_asks_first_and_keeps_history(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    question = ola.text(f"/connections/{item}/unlink")
    assert "5 accounts with their history" in question
    assert ola.get(f"/connections/{item}")["status"] == "active"
    answer = ola.pages.post(f"/connections/{item}/unlink")
    assert "is unlinked." in text_of(answer.text)
    assert "History is kept." in ola.text("/connections")
    assert "unlinked" in ola.text("/")
    assert ola.get("/transactions/summary")["count"] > 1000


def test_a_bank_list_that_does_not_load_says_what_to_do(house: House, kari: Person) -> None:
    house.sandbox(
        "/_sandbox/faults",
        rates={"error": 1},
        error_codes=["INTERNAL_SERVER_ERROR"],
        endpoints=["/institutions/search", "/institutions/get"],
    )
    try:
        assert "The list of banks did not load." in kari.text("/accounts/link?q=platypus")
    finally:
        assert httpx.delete(f"{house.sandbox_url}/_sandbox/faults").is_success


def test_a_link_that_is_made_but_needs_a_sign_in_says_so_and_is_not_asked_for_again(
    house: House,
) -> None:
    ola = house.person()
    house.until_quiet()
    house.sandbox(
        "/_sandbox/faults",
        rates={"error": 1},
        error_codes=["ITEM_LOGIN_REQUIRED"],
        endpoints=["/accounts/get"],
    )
    try:
        body = {"institution_id": BANK, "username": "user_good", "password": "pass_good"}
        assert not ola.api.post(f"{API}/links/sandbox", json=body).is_success
        (item,) = ola.get("/connections")["items"]
        wait_until(
            lambda: ola.get(f"/connections/{item['id']}")["status"] == "login_required",
            "it is told",
        )
        with house.admin() as db:
            made = db.execute(
                "SELECT id FROM strongroom.link_sessions ORDER BY created_at DESC LIMIT 1"
            ).fetchone()
        assert made is not None
        html = ola.page(f"/accounts/link/{made[0]}")
    finally:
        assert httpx.delete(f"{house.sandbox_url}/_sandbox/faults").is_success
    assert "wants you to sign in again." in text_of(html)
    assert 'http-equiv="refresh"' not in html and "data-poll" not in html


def test_no_secret_stands_in_a_page_or_an_address(house: House, kari: Person) -> None:
    link = kari.api.post(f"{API}/links", json={}).json()
    for path in ("/connections", f"/connections/{kari.items[0]}"):
        html = kari.page(path)
        assert "access-" not in html
        assert "public-" not in html
        assert link["hosted_link_url"] not in html


def test_somebody_elses_link_is_not_there(house: House, kari: Person) -> None:
    back, _ = begin(kari)
    stranger = house.person()
    item = kari.items[0]
    for method, path in (
        ("GET", f"/connections/{item}"),
        ("GET", f"/connections/{item}/unlink"),
        ("POST", f"/connections/{item}/unlink"),
        ("POST", f"/connections/{item}/sync"),
        ("POST", f"/connections/{item}/pause"),
        ("POST", f"/connections/{item}/resume"),
        ("POST", f"/connections/{item}/reread"),
        ("POST", f"/connections/{item}/renew-token"),
        ("GET", f"/connections/log?bank={item}"),
        ("GET", back),
        ("GET", f"{back}/continue"),
        ("GET", "/connections/nonsense"),
    ):
        assert stranger.pages.request(method, path).status_code == 404, (method, path)
    assert kari.get(f"/connections/{item}")["status"] == "active"


def test_what_is_kept_aside_is_said_wherever_the_bank_stands(house: House) -> None:
    ola = house.person()
    item = house.link(ola)
    assert "Up to date" in ola.text("/connections")
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/bad_row", kind="null_currency")
    wait_until(lambda: ola.get(f"/connections/{item}")["kept_aside"] == 1, "it is kept aside")
    for path in ("/", "/connections"):
        text = ola.text(path)
        assert "Something of it is kept aside" in text
        assert "Up to date" not in text
    page = ola.text(f"/connections/{item}")
    assert "1 row of this bank is kept aside." in page
    assert "It could not be taken in as it came. The reason stands below" in page
    assert page.count("It names no currency") == 1
    assert "transaction_id" not in page
    (told,) = house.command(ola, "connections", "list")
    assert told["kept_aside"] == 1
