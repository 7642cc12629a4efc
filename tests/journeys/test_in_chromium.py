"""What people do in a real browser: sign up, link a bank, see their money; scripts on and off."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from tests.house import PASSWORD, House, Person
from tests.journeys.conftest import Open
from tests.judging import faults, faults_of_all
from tests.processes import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def as_(person: Person, page: Any, house: House) -> Any:
    """Sign the browser in as ``person``."""
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": house.url}
            for name, value in person.api.cookies.items()
        ]
    )
    return page


def until(page: Any, condition: str, what: str) -> None:
    """Wait for a condition in the page; Playwright's own waiting needs eval, which we forbid."""

    def holds() -> bool:
        page.wait_for_timeout(20)
        return bool(page.evaluate(condition))

    wait_until(holds, what)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_sign_up_link_a_bank_and_see_net_worth(
    house: House, open_browser: Open, scripts: bool
) -> None:
    page = open_browser(java_script_enabled=scripts)
    email = f"{uuid4().hex}@example.com"
    page.goto("/")
    assert page.url.endswith("/welcome")
    page.get_by_role("link", name="Create account").first.click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Name").fill("Kari Nordmann")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    if "/login" in page.url:
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Nothing here yet").wait_for()
    page.get_by_role("main").get_by_role("link", name="Link a bank").first.click()
    page.get_by_role("link", name="First Platypus Bank", exact=True).click()
    page.get_by_text("What First Platypus Bank will let us read").wait_for()
    page.get_by_role("button", name="Continue to First Platypus Bank").click()
    page.get_by_role("link", name="Continue to sign-in").click()
    assert page.url.startswith(house.sandbox_url)
    page.get_by_label("User name").fill("user_household")
    page.get_by_label("Password").fill("pass_good")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Share these accounts").click()
    # Back on our page, which looks again by itself: with a script, or without by a refresh.
    page.get_by_text("First Platypus Bank is linked.").wait_for()
    page.get_by_text("5 accounts found.").wait_for()
    page.get_by_role("link", name="Go to Overview").click()
    page.get_by_role("heading", name="Net worth").wait_for()
    page.locator("#nw-chart svg.chart").wait_for()
    assert re.fullmatch(r"−\$\d{3},\d{3}", page.locator("#nw .hero").inner_text())
    assert page.get_by_role("link", name="Mortgage", exact=True).is_visible()
    house.until_quiet()
    page.get_by_role("link", name="Activity").first.click()
    page.get_by_role("heading", name="Transactions", exact=True).wait_for()
    page.get_by_label("Search", exact=True).fill("kopper")
    if not scripts:
        page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="“kopper”").wait_for()
    titles = page.locator("#tx-table .what a").all_inner_texts()
    assert set(titles) == {"Kopper Coffee"}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_made_up_household(house: House, open_browser: Open, scripts: bool) -> None:
    page = open_browser(java_script_enabled=scripts)
    page.goto("/")
    page.get_by_role("button", name="Try with a made-up household").click()
    page.get_by_text("This is a made-up household.").wait_for()
    page.get_by_role("link", name="Meridian Card", exact=True).wait_for()
    page.get_by_role("link", name="Flat, Storgata 12", exact=True).wait_for()
    page.locator("#nw-chart svg.chart").wait_for()
    house.until_quiet()
    page.goto("/")
    assert re.fullmatch(r"\$\d{3},\d{3}", page.locator("#nw .hero").inner_text())
    page.get_by_role("link", name="Breakdown", exact=True).click()
    page.locator("#nw svg.bands").wait_for()
    assert "view=breakdown" in page.url
    page.get_by_role("link", name="1M", exact=True).click()
    page.get_by_text("past month").wait_for()
    assert "rng=1m" in page.url


def test_the_keyboard_reads_the_chart_and_back_undoes_a_swap(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    page.goto("/")
    headline = page.locator("#nw .hero").inner_text()
    page.locator("#nw-chart").focus()
    page.keyboard.press("Home")
    assert page.locator("#nw .hero").inner_text() != headline
    page.keyboard.press("End")
    assert page.locator("#nw .hero").inner_text() == headline
    page.locator("#nw-rng-6m").click()
    until(page, "location.search.includes('6m')", "the address changed")
    until(page, "document.activeElement.id === 'nw-rng-6m'", "the focus stayed")
    page.go_back()
    until(page, "document.querySelector('#nw-rng-1y[aria-current]') !== null", "back undid it")


def test_rows_are_chosen_and_reviewed_by_keys(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    page.goto("/transactions?to_review=1")
    rows = page.locator("[data-row]")
    waiting = kari.get("/transactions/summary", to_review=True)["count"]
    first = page.locator("[data-row] .what a").first.get_attribute("href")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert rows.first.locator("input[type=checkbox]").is_checked()
    page.keyboard.press("e")
    page.locator(".toast", has_text="1 row reviewed.").wait_for()
    assert page.locator(f'.what a[href="{first}"]').count() == 0
    assert kari.get("/transactions/summary", to_review=True)["count"] == waiting - 1
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_typing_filters_without_losing_the_place(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    page.goto("/transactions")
    page.get_by_label("Search", exact=True).press_sequentially("brightwell", delay=20)
    until(page, "location.search.includes('brightwell')", "the address holds the search")
    until(
        page,
        "[...document.querySelectorAll('.what a')].every((a) => /Brightwell/.test(a.textContent))",
        "only its rows are left",
    )
    assert page.evaluate("document.activeElement.id") == "q"
    page.locator("#by-category").select_option("utilities")
    until(page, "location.search.includes('category=utilities')", "the category joined it")
    page.goto("/transactions")
    page.get_by_label("Search", exact=True).fill("koper cofee")
    page.locator("#tx .notice", has_text="Shown: “kopper coffee”.").wait_for()
    titles = page.locator("#tx-table .what a").all_inner_texts()
    assert set(titles) == {"Kopper Coffee"}


def test_overview_is_as_its_person_arranged_it(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(width=390), house)  # one column
    page.goto("/")
    assert page.locator("#flow-chart").count() == 1
    page.locator("#arrange").click()
    page.locator("#switch-flow").click()
    page.locator("#flow", has_text="(hidden)").wait_for()
    page.locator("#up-accounts").click()
    page.wait_for_url("**/arrange#accounts")
    page.locator(".crumb a").click()
    page.locator("#nw .hero").wait_for()
    assert page.locator("#flow-chart").count() == 0
    tops = [page.locator(f"#{card}").bounding_box()["y"] for card in ("accounts", "spending")]
    assert tops == sorted(tops)
    page.goto("/arrange")
    page.locator("#reset").click()
    page.locator("#flow:not(:has-text('(hidden)'))").wait_for()


def test_a_row_opens_beside_its_list_where_there_is_room(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(bypass_csp=True, reduced_motion="reduce"), house)
    page.goto("/transactions?category=groceries")
    link = page.locator("[data-row] .what a").nth(1)
    place, name = link.get_attribute("href"), link.inner_text()
    ref = place.rpartition("/")[2]
    page.locator("[data-row]").nth(1).locator("td.num .amount").click()  # the row, not its link
    page.locator("#beside[open] #details").wait_for()
    assert (page.locator("#beside-title").inner_text(), page.url) == (name, house.url + place)
    assert faults(page) == []
    # Saving leaves it open; Escape leads back to the list, which is read anew.
    page.locator("#note").fill("Said in the drawer")
    page.locator("#details button.primary").first.click()
    page.locator("#beside .toast", has_text="Saved.").wait_for()
    assert kari.get(place)["note"] == "Said in the drawer"
    page.keyboard.press("Escape")
    until(page, "location.search.includes('groceries')", "the list's address is back")
    page.locator("[data-row]", has_text="Said in the drawer").wait_for()
    assert page.locator("#beside[open]").count() == 0
    until(page, f"document.activeElement.id === 'open-{ref}'", "the focus is where it was")
    # By keys to its category, and back by the browser's own button.
    page.keyboard.press("c")
    page.locator("#beside[open] #category").wait_for()
    until(page, "document.activeElement.id === 'category'", "the category has the focus")
    page.go_back()
    until(page, "!document.querySelector('#beside').open", "going back closed it")
    assert "groceries" in page.url
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator(f"#open-{ref}").click()
    page.locator("h1", has_text=name).wait_for()  # a page of its own


def test_nothing_typed_beside_a_list_is_lost_unasked(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    asked: list[str] = []

    def stays(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stays)
    page.goto("/transactions?category=groceries")
    link = page.locator("[data-row] .what a").nth(2)
    place = link.get_attribute("href")
    link.click()
    page.locator("#beside[open] #note").fill("Half a note")
    for leave in (
        lambda: page.keyboard.press("Escape"),
        lambda: page.keyboard.press("Escape"),  # which a browser may not let be refused
        lambda: page.locator("#beside .dialog-head button").click(),
        page.go_back,
    ):
        asked.clear()
        leave()
        wait_until(lambda: page.wait_for_timeout(20) is None and asked != [], "it asks")
        until(page, f"location.pathname === '{place}'", "its address is still there")
        until(page, "document.querySelector('#beside').open", "it is still open")
        assert asked == ["Close this without saving what you changed?"]
        assert page.locator("#note").input_value() == "Half a note"
    # Saving the tags keeps the note, and saving the note leaves nothing to ask about.
    page.locator("#tag-names").fill("market")
    page.locator("#save-tags").click()
    page.locator("#beside .toast", has_text="Saved.").wait_for()
    until(
        page,
        "/Saved/.test(document.querySelector('#beside [role=status]').textContent)",
        "it is told inside the dialog",
    )
    assert page.locator("#note").input_value() == "Half a note"
    # Sent twice at once, it arrives once.
    methods: list[str] = []
    page.on("request", lambda request: methods.append(request.method))
    page.evaluate(
        "() => { const form = document.querySelector('#note').form;"
        " form.requestSubmit(); form.requestSubmit(); }"
    )
    wait_until(lambda: kari.get(place)["note"] == "Half a note", "the note is stored")
    until(page, "!document.querySelector('#beside [aria-busy]')", "it is answered")
    assert methods.count("POST") == 1
    row = kari.get(place)
    assert (row["note"], row["tags"]) == ("Half a note", ["market"])
    asked.clear()
    page.keyboard.press("Escape")
    until(page, "location.search.includes('groceries')", "it closed")
    assert asked == []


def test_what_may_have_been_done_is_not_sent_again(
    house: House, kari: Person, open_browser: Open
) -> None:
    """A proxy gives up on an answer: that is told beside the list, and what was typed stays."""
    page = as_(kari, open_browser(), house).context.new_page()  # Chromium logs every 502
    sent: list[str] = []

    def give_up(route: Any) -> None:
        sent.append(route.request.method)
        route.fulfill(status=502, content_type="text/html", body="<h1>Bad gateway</h1>")

    page.goto("/transactions?category=groceries")
    link = page.locator("[data-row] .what a").nth(1)
    place = link.get_attribute("href")
    link.click()
    page.locator("#beside[open] #note").fill("Half a note")
    page.route(f"**{place}", give_up)
    page.locator("#details button.primary").first.click()
    page.locator("#beside .toast", has_text="That did not load.").wait_for()
    until(page, "!document.querySelector('#beside [aria-busy]')", "it is ready again")
    assert sent == ["POST"]
    assert page.locator("#note").input_value() == "Half a note"


def test_of_two_rows_asked_for_at_once_one_opens(
    house: House, kari: Person, open_browser: Open
) -> None:
    page = as_(kari, open_browser(), house)
    page.goto("/transactions?category=groceries")
    depth = page.evaluate("history.length")
    first, second = (page.locator("[data-row] .what a").nth(n) for n in (0, 3))
    place, name = second.get_attribute("href"), second.inner_text()
    page.evaluate(
        "(ids) => ids.forEach((id) => document.getElementById(id).click())",
        [first.get_attribute("id"), second.get_attribute("id")],
    )
    page.locator("#beside[open] #details").wait_for()
    page.wait_for_load_state("networkidle")
    assert (page.locator("#beside-title").inner_text(), page.url) == (name, house.url + place)
    assert page.evaluate("history.length") == depth + 1


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_overflows(
    house: House, kari: Person, open_browser: Open
) -> None:
    account = kari.get("/accounts")["items"][0]["id"]
    row = kari.get("/transactions", limit=1)["items"][0]["id"]
    page = as_(kari, open_browser(bypass_csp=True), house)
    paths = (
        "/", "/?view=breakdown&rng=all", "/transactions", "/transactions?to_review=1&category=food",
        "/transactions?q=nothing+like+it", f"/transactions/{row}", "/accounts",
        f"/accounts/{account}", "/accounts/new", "/accounts/link",
        "/accounts/link?bank=ins_109508", "/connections", f"/connections/{kari.items[0]}",
        f"/connections/{kari.items[0]}/unlink", "/help", "/net-worth?rng=all", "/rates",
    )  # fmt: skip
    assert faults_of_all(page, paths) == []
