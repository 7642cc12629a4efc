"""The life of a bank link in a real browser: MFA, a new sign-in, a second link, new accounts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.connections.test_routes import plaid_item
from tests.house import BANK, House, Person
from tests.journeys.conftest import Open
from tests.processes import wait_until

pytestmark = pytest.mark.browser
NAME = "First Platypus Bank"


def signed_in(open_browser: Open, house: House, person: Person, **options: Any) -> Any:
    """A browser in which ``person`` is signed in."""
    page = open_browser(**options)
    page.context.add_cookies(
        [
            {"name": name, "value": value, "url": house.url}
            for name, value in person.api.cookies.items()
        ]
    )
    return page


def leave_for_the_bank(page: Any) -> None:
    page.get_by_role("link", name=NAME, exact=True).click()
    page.get_by_role("button", name=f"Continue to {NAME}").click()
    page.get_by_role("link", name="Continue to sign-in").click()


def sign_in(page: Any, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def share(page: Any) -> None:
    page.get_by_role("button", name="Share these accounts").click()


def accounts_of(person: Person) -> dict[str, str]:
    return {one["id"]: one["name"] for one in person.get("/accounts")["items"]}


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_bank_that_asks_for_a_code_is_linked(
    house: House, open_browser: Open, scripts: bool
) -> None:
    ola = house.person()
    page = signed_in(open_browser, house, ola, java_script_enabled=scripts)
    page.goto("/accounts/link")
    leave_for_the_bank(page)
    sign_in(page, "user_good", "mfa_device")
    page.get_by_role("heading", name="One more step").wait_for()
    page.locator("input[name=answer]").fill("4321")
    page.locator("form[action$='/mfa'] button").click()
    page.locator("input[name=answer]").fill("1234")
    page.locator("form[action$='/mfa'] button").click()
    share(page)
    page.get_by_text(f"{NAME} is linked.").wait_for()
    wait_until(lambda: len(accounts_of(ola)) == 12, "all accounts arrived")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_bank_wants_a_new_sign_in_and_goes_on_with_the_same_accounts(
    house: House, open_browser: Open, scripts: bool
) -> None:
    ola = house.person()
    item = house.link(ola)
    before = accounts_of(ola)
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/error", code="ITEM_LOGIN_REQUIRED")
    wait_until(lambda: ola.get(f"/connections/{item}")["needs_person"], "it needs its person")
    page = signed_in(open_browser, house, ola, java_script_enabled=scripts)
    page.goto("/")
    notice = page.locator(".notice", has_text=f"{NAME} wants you to sign in again")
    notice.get_by_role("button", name=re.compile("Reconnect")).click()
    page.get_by_text("It stays the same link").wait_for()
    page.get_by_role("link", name="Continue to sign-in").click()
    sign_in(page, "user_household", "pass_good")
    page.get_by_text(f"{NAME} is connected again.").wait_for()
    wait_until(lambda: ola.get(f"/connections/{item}")["status"] == "active", "all is well")
    house.until_quiet()
    assert accounts_of(ola) == before
    assert len(ola.get("/connections")["items"]) == 1
    page.goto("/")
    assert page.locator(".notice", has_text="sign in again").count() == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_second_link_to_the_same_accounts_is_offered_as_a_repair(
    house: House, open_browser: Open, scripts: bool
) -> None:
    ola = house.person()
    item = house.link(ola)
    before = accounts_of(ola)
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/error", code="ITEM_LOGIN_REQUIRED")
    wait_until(lambda: ola.get(f"/connections/{item}")["needs_person"], "it needs its person")
    page = signed_in(open_browser, house, ola, java_script_enabled=scripts)
    page.goto("/accounts/link")
    leave_for_the_bank(page)
    sign_in(page, "user_household", "pass_good")
    share(page)
    page.get_by_text("You have these accounts already.").wait_for()
    page.get_by_text("Needs sign-in").wait_for()
    for name in before.values():
        assert page.get_by_role("link", name=name, exact=True).is_visible(), name
    page.get_by_role("button", name="Reconnect").click()
    page.get_by_role("link", name="Continue to sign-in").click()
    sign_in(page, "user_household", "pass_good")
    page.get_by_text(f"{NAME} is connected again.").wait_for()
    house.until_quiet()
    assert accounts_of(ola) == before
    (only,) = ola.get("/connections")["items"]
    assert (only["id"], only["status"]) == (item, "active")


def test_a_second_link_is_left_or_made_anyway(house: House, open_browser: Open) -> None:
    ola = house.person()
    house.link(ola)
    page = signed_in(open_browser, house, ola)
    for choice in ("Leave it", "Link anyway"):
        page.goto("/accounts/link")
        page.get_by_role("link", name=NAME, exact=True).click()
        page.get_by_text(f"You have a link to {NAME}.").wait_for()
        page.get_by_role("button", name=f"Continue to {NAME}").click()
        page.get_by_role("link", name="Continue to sign-in").click()
        sign_in(page, "user_household", "pass_good")
        share(page)
        page.get_by_role("button", name=choice).click()
        if choice == "Leave it":
            page.locator(".toast", has_text="Nothing was changed.").wait_for()
            assert len(ola.get("/connections")["items"]) == 1
    page.get_by_text(f"{NAME} is linked.").wait_for()
    wait_until(lambda: len(accounts_of(ola)) == 10, "all accounts arrived")
    assert len(ola.get("/connections")["items"]) == 2


def test_unlinked_with_its_accounts_closed_and_linked_again(
    house: House, open_browser: Open
) -> None:
    ola = house.person()
    item = house.link(ola)
    before = accounts_of(ola)
    page = signed_in(open_browser, house, ola)
    page.goto(f"/connections/{item}/unlink")
    page.get_by_label("Close its accounts").check()
    page.get_by_role("button", name=f"Unlink {NAME}").click()
    page.locator(".toast", has_text=f"{NAME} is unlinked.").wait_for()
    page.goto(f"/accounts/link?bank={BANK}")
    page.get_by_text("Your history is picked up again.").wait_for()
    page.get_by_role("button", name=f"Continue to {NAME}").click()
    page.get_by_role("link", name="Continue to sign-in").click()
    sign_in(page, "user_household", "pass_good")
    share(page)
    page.get_by_text(f"{NAME} is linked.").wait_for()
    page.get_by_text("5 accounts found.").wait_for()
    house.until_quiet()
    assert accounts_of(ola) == before


def test_new_accounts_are_offered_and_added_when_chosen(house: House, open_browser: Open) -> None:
    ola = house.person()
    item = house.link(ola)
    before = accounts_of(ola)
    house.sandbox(f"/_sandbox/items/{plaid_item(house, ola)}/new_account", name="Holiday savings")
    wait_until(lambda: ola.get(f"/connections/{item}")["new_accounts_at"], "it is offered")
    page = signed_in(open_browser, house, ola)
    page.goto(f"/connections/{item}/new-accounts")
    page.get_by_role("heading", name=f"{NAME} has new accounts").wait_for()
    page.get_by_role("button", name="Choose accounts there").click()
    page.get_by_role("link", name="Continue to sign-in").click()
    sign_in(page, "user_household", "pass_good")
    page.get_by_label(re.compile("Holiday savings")).check()
    share(page)
    page.get_by_text(f"{NAME} has your choice.").wait_for()
    wait_until(lambda: "Holiday savings" in accounts_of(ola).values(), "the account arrived")
    house.until_quiet()
    assert before.items() < accounts_of(ola).items()
    assert ola.get(f"/connections/{item}")["new_accounts_at"] is None
