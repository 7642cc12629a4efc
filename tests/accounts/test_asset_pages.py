"""Pages, JSON and commands of what people hold without a bank, over real HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.house import API, House, Person, text_of


@pytest.fixture(scope="module")
def ola(house: House) -> Person:
    return house.person()


@pytest.fixture(scope="module")
def nora(house: House) -> Person:
    return house.person(language="nb")


def add(person: Person, name: str, subtype: str, amount: str, day: str = "2026-01-31") -> str:
    """Add something over JSON; returns its page's path."""
    value = {"amount": amount, "currency": "NOK"}
    body = {"name": name, "subtype": subtype, "value": value, "day": day}
    answer = person.api.post(f"{API}/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return f"/accounts/{answer.json()['id']}"


def post(person: Person, path: str, **form: str) -> tuple[int, str, str]:
    answer = person.pages.post(path, data=form)
    return answer.status_code, answer.url.path, text_of(answer.text)


def test_an_account_is_edited_on_one_page(ola: Person) -> None:
    car = add(ola, "Car", "vehicle", "200000")
    assert "Edit account" in ola.text(f"{car}/edit")
    form = {"name": "Blue car", "subtype": "other", "note": "Winter tyres\nin the shed",
            "rate": "-15,5", "remind": "6", "primary": "1"}  # fmt: skip
    status, path, text = post(ola, f"{car}/edit", **form)
    assert (status, path) == (200, car)
    for told in ("Saved.", "Blue car", "Something else owned", "Winter tyres", "15.5%",
                 "When its value is 6 months old", "estimated from its value of"):  # fmt: skip
        assert told in text, told
    assert ola.get(f"{car}/details") == {
        "note": "Winter tyres\nin the shed", "yearly_percent": "-15.5000", "remind_months": 6,
    }  # fmt: skip
    found = ola.get(car)
    assert (found["primary"], found["subtype"], found["balance_source"]) == (
        True, "other", "projected",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": ""}, "A name has 1 to 100 characters."),
        ({"rate": "fast"}, "Give a rate above -100"),
        ({"rate": "-100"}, "Give a rate above -100"),
        ({"remind": "often"}, "Choose one of the times."),
        ({"subtype": "mortgage"}, "Choose one of the kinds."),
    ],
)
def test_a_form_that_is_refused_keeps_what_was_typed(
    ola: Person, form: dict[str, str], says: str
) -> None:
    car = add(ola, "Car", "vehicle", "200000")
    before = ola.get(car), ola.get(f"{car}/details")
    typed = {"name": "Renamed", "subtype": "vehicle", "note": "As typed", **form}
    answer = ola.pages.post(f"{car}/edit", data=typed)
    assert answer.status_code == 422
    assert says in (text_of(answer.text) if "remind" not in form else says)
    assert "As typed" in answer.text
    assert (ola.get(car), ola.get(f"{car}/details")) == before


def test_values_are_told_corrected_and_deleted_by_form(ola: Person) -> None:
    flat = add(ola, "Flat", "real_estate", "3000000")
    values = f"{flat}/values"
    assert "Saved." in post(ola, values, action="tell", value="3 200 000", day="2026-06-30")[2]
    page = ola.pages.get(values, params={"day": "2026-06-30"}).text
    assert re.search(r'name="value"[^>]* value="3200000"', page)
    post(ola, values, action="correct", was="2026-06-30", value="3150000.50", day="2026-07-01")
    told = ola.get(values)["items"]
    assert [(one["day"], one["value"]["amount"], one["source"]) for one in told] == [
        ("2026-07-01", "3150000.50", "manual"), ("2026-01-31", "3000000.00", "manual"),
    ]  # fmt: skip
    for form, says in (
        ({"action": "tell", "value": "1,234", "day": "2026-02-01"}, "Saved."),
        ({"action": "tell", "value": "1.2345", "day": "2026-02-01"}, "no more decimals than its"),
        ({"action": "tell", "value": "lots", "day": "2026-02-01"}, "is not an amount"),
        ({"action": "tell", "value": "1", "day": "20026-02-01"}, "between 1970 and today"),
        ({"action": "correct", "was": "2026-07-01", "value": "1", "day": "2026-01-31"},
         "a value of that day already"),
    ):  # fmt: skip
        assert says in post(ola, values, **form)[2], form
    for day in ("2026-07-01", "2026-02-01"):
        assert "Deleted." in post(ola, values, action="forget", was=day)[2]
    assert "the only value" in post(ola, values, action="forget", was="2026-01-31")[2]
    assert ola.get(flat)["balance"]["amount"] == "3000000.00"


def test_a_loan_tells_each_payment_and_what_more_would_do(ola: Person) -> None:
    loan = add(ola, "Home loan", "mortgage", "1000000", "2026-11-01")
    assert "Tell the terms" in ola.text(loan)
    terms = {"principal": "1 000 000", "rate": "6", "first": "2026-12-15", "payments": "120",
             "method": "annuity", "every": "1", "follows": "1"}  # fmt: skip
    status, path, text = post(ola, f"{loan}/loan", **terms)
    assert (status, path) == (200, f"{loan}/loan")
    found = ola.get(f"{loan}/loan")
    assert len(found["payments"]) == 120
    assert found["payments"][0]["amount"]["amount"] == "11102.05"
    assert found["ends_on"] == "2036-11-15"
    assert "11,102.05" in text
    assert "All payments and terms" in ola.text(loan)
    more = ola.get(f"{loan}/loan", extra="5000")
    assert len(more["payments"]) < 120
    assert "Interest saved" in ola.text(f"{loan}/loan?extra=5000")
    for change, says in (
        ({"rate": "101"}, "from 0 to 100 percent"), ({"payments": ""}, "how many payments"),
        ({"payments": "", "payment": "100"}, "covers the interest"),
        ({"first": "20026-01-01"}, "between 1970 and 2200"), ({"principal": "-1"}, "above zero"),
    ):  # fmt: skip
        status, _, text = post(ola, f"{loan}/loan", **{**terms, **change})
        assert status == 422
        assert says in text, change
    unfit = {**found["terms"], "payment": {"amount": "20000", "currency": "NOK"}}
    answer = ola.api.put(f"{API}{loan}/loan", json=unfit)
    assert (answer.status_code, answer.json()["code"]) == (422, "TermsDoNotFit")
    assert "is paid off after 58, not 120" in answer.json()["detail"]
    status, _, text = post(ola, f"{loan}/loan", **{**terms, "payment": "20000"})
    assert status == 422
    assert "as many payments as you wrote" in text
    rounded = {**unfit, "payment": {"amount": "11102", "currency": "NOK"}}
    assert ola.api.put(f"{API}{loan}/loan", json=rounded).status_code == 200
    assert post(ola, f"{loan}/loan", **terms)[0] == 200
    foreign = {**found["terms"], "principal": {"amount": "1", "currency": "EUR"}}
    answer = ola.api.put(f"{API}{loan}/loan", json=foreign)
    assert (answer.status_code, answer.json()["field"]) == (422, "principal")
    assert answer.json()["detail"] == "The account is in NOK, and the amount in EUR."
    assert ola.get(f"{loan}/loan") == found
    post(ola, f"{loan}/loan", action="forget")
    assert ola.api.get(f"{API}{loan}/loan").status_code == 404


def test_pages_speak_norwegian_and_read_what_they_show(nora: Person) -> None:
    flat = add(nora, "Leilighet", "real_estate", "1234.50")
    assert "Rediger konto" in nora.text(f"{flat}/edit")
    page = nora.page(f"{flat}/values?day=2026-01-31")
    assert 'value="1234,5"' in page
    loan = add(nora, "Lån", "loan", "1000")
    assert "Vilkår" in nora.text(f"{loan}/loan")


def test_json_refuses_by_field_and_changes_nothing(ola: Person) -> None:
    car = add(ola, "Car", "vehicle", "1")
    before = ola.get("/accounts")

    def refused(method: str, path: str, body: Any, code: str) -> None:
        answer = ola.api.request(method, API + path, json=body)
        assert answer.status_code in (404, 409, 422), answer.text
        assert answer.json()["code"] == code

    nok = {"amount": "1", "currency": "NOK"}
    refused("PATCH", f"{car}/values/2026-02-01", {"value": nok}, "ValueNotFound")
    refused("DELETE", f"{car}/values/2026-01-31", None, "OnlyValue")
    refused("PUT", f"{car}/details", {"yearly_percent": "-200"}, "BadRate")
    refused("PATCH", car, {"name": "Other", "subtype": "loan"}, "BadSubtype")
    refused("PUT", f"{car}/loan", {"principal": nok, "yearly_percent": "1", "payments": 2,
                                   "first_payment": "2026-01-01"}, "NotALoan")  # fmt: skip
    wrong = {"name": "Coin", "subtype": "crypto", "value": {"amount": "1", "currency": "QQQ"}}
    refused("POST", "/accounts", wrong, "UnknownCurrency")
    assert ola.get("/accounts") == before


def test_what_was_added_by_mistake_goes(ola: Person) -> None:
    car = add(ola, "Mistake", "vehicle", "1")
    assert "Mistake is deleted." in post(ola, f"{car}/delete")[2]
    assert ola.pages.get(car).status_code == 404


def test_a_stranger_reaches_none_of_it(house: House, ola: Person) -> None:
    stranger, car = house.person(), add(ola, "Car", "vehicle", "1")
    for path in ("edit", "values", "loan"):
        assert stranger.pages.get(f"{car}/{path}").status_code == 404
        assert stranger.pages.post(f"{car}/{path}", data={"name": "Mine"}).status_code == 404
    for path in ("values", "details", "loan"):
        assert stranger.api.get(f"{API}{car}/{path}").status_code == 404
    assert stranger.api.delete(API + car).status_code == 404
    assert ola.get(car)["name"] == "Car"


def test_the_command_line_does_the_same(house: House) -> None:
    kari = house.person()

    def assets(*words: str) -> Any:
        return house.command(kari, "assets", *words)

    (boat,) = assets("add", "Boat", "--kind", "vehicle", "--value", "90000", "--currency", "NOK",
                     "--on", "2026-01-31")  # fmt: skip
    assert boat["balance"] == {"amount": "90000.00", "currency": "NOK"}
    assert assets("describe", "boat", "--rate=-10", "--remind", "12")["remind_months"] == 12
    (closed,) = assets("close", boat["id"])
    assert closed["closed_at"] is not None
    assert len(assets("values", "Boat")) == 1


def test_every_kind_has_its_place(ola: Person) -> None:
    kinds = {(one["type"], one["subtype"]): one for one in ola.get("/account-types")["items"]}
    assert kinds["depository", "checking"]["category"] == "cash"
    assert kinds["manual_asset", "real_estate"]["name"] == "Home or land"


def test_a_banks_account_says_why_it_is_not_deleted(house: House) -> None:
    person = house.person()
    house.link(person)
    account = person.get("/accounts")["items"][0]
    status, _, text = post(person, f"/accounts/{account['id']}/delete")
    assert status == 422
    assert f"{account['name']} gets its balance from the bank." in text
    assert "Transactions stand on it" not in text
