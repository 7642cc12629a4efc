"""Figures of Overview are those of the pages that they lead to, and of the cards beside them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest

from strongroom.home import arranging
from tests.house import API, House, Person, text_of

NOK, EUR = "NOK", "EUR"


def today_of(person: Person) -> date:
    return date.fromisoformat(person.get("/net-worth")["total"]["day"])


def holds(person: Person, name: str, subtype: str, value: str, day: date, code: str = NOK) -> str:
    body = {"name": name, "subtype": subtype, "value": {"amount": value, "currency": code},
            "day": str(day)}  # fmt: skip
    made = person.api.post(f"{API}/accounts", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def moves(person: Person, account: str, day: date, amount: str, text: str, category: str,
          code: str = NOK) -> str:  # fmt: skip
    body = {"account": account, "day": str(day), "amount": {"amount": amount, "currency": code},
            "text": text, "category": category}  # fmt: skip
    made = person.api.post(f"{API}/transactions", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["transaction"]["id"])


def figure(text: str) -> Decimal:
    """An amount in NOK as pages write it."""
    return Decimal(re.sub(r"[^\d.]", "", text))


def signed(text: str) -> Decimal:
    """The same, below zero where a minus stands before it."""
    return -figure(text) if "−" in text else figure(text)


@pytest.fixture(scope="module")
def ola(house: House) -> Person:
    """Somebody with rows that count, and rows that look as if they did."""
    person = house.person()
    assert person.api.patch(f"{API}/settings", json={"currency": NOK}).is_success
    today = today_of(person)
    first = today.replace(day=1)
    ago = today - timedelta(days=400)
    purse = holds(person, "Purse", "cash", "9000", ago)
    card = holds(person, "Card", "credit_card", "100", ago)
    loan = holds(person, "Loan", "loan", "5000", ago)
    euros = holds(person, "Euros", "cash", "800", ago, EUR)
    with house.admin() as db:
        db.execute(
            "INSERT INTO strongroom.exchange_rates (base, quote, day, rate, source, loaded_at)"
            " VALUES ('EUR', 'NOK', %s, 11.6848, 'a test', now()) ON CONFLICT DO NOTHING",
            (first,),
        )
    moves(person, purse, first, "-120.55", "Green Basket", "groceries")
    moves(person, card, today, "-30.40", "Corner Coffee", "coffee")
    moves(person, purse, today, "-44.10", "No shop known", "uncategorised")
    moves(person, loan, today, "-70", "Loan fee", "uncategorised")  # no account to live from
    # Each is 120.70 NOK, and their sum would be 241.41.
    moves(person, euros, first, "-10.33", "Boulangerie", "groceries", EUR)
    moves(person, euros, first, "-10.33", "Boulangerie again", "groceries", EUR)
    moves(person, purse, first - timedelta(days=1), "-15", "Earlier", "groceries")
    # Both look unsorted, and are one move between own accounts.
    legs = [moves(person, purse, today, "-500", "To the loan", "uncategorised"),
            moves(person, loan, today, "500", "From the purse", "uncategorised")]  # fmt: skip
    house.until_quiet()
    answer = person.api.post(f"{API}/transfers", json={"one": legs[0], "other": legs[1]})
    assert answer.status_code in (201, 409), answer.text  # 409: they were matched by then
    return person


def test_a_category_s_figure_leads_to_the_rows_that_it_is_the_sum_of(ola: Person) -> None:
    html = ola.page("/")
    card = html[html.index('id="spending-rows"') :].partition("</table>")[0]
    found = re.findall(r'<tr>.*?href="([^"]+)"[^>]*>([^<]+)</a>.*?(NOK.[\d,.]+)', card, re.DOTALL)
    assert [(name, figure(shown)) for _, name, shown in found] == [
        ("Food", Decimal("150.95")), ("Other", Decimal("44.10")),
    ]  # fmt: skip
    for address, _, shown in found:
        rows = ola.page(unescape(address))
        told = re.search(r"Total ([−+]?NOK.[\d,.]+)", rows)
        assert told is not None
        assert figure(told[1]) == figure(shown)
        assert "no other currency is counted here" in rows
        for title in ("Loan fee", "To the loan", "Boulangerie", "Earlier"):
            assert title not in rows, title
        sheet = re.search(r'id="sheet" href="([^"]+)"', rows)
        assert sheet is not None
        assert "Boulangerie" not in ola.page(unescape(sheet[1]))
    assert "Boulangerie" in text_of(ola.page("/reports/rows?cur=NOK"))


def test_each_account_says_of_which_day_its_figure_is_and_whose(house: House) -> None:
    kari = house.person()
    today = today_of(kari)
    ago = today - timedelta(days=800)
    house_id = holds(kari, "Flat", "real_estate", "3000000", ago)
    boat = holds(kari, "Boat", "other", "90000", ago)
    rate = kari.api.put(f"{API}/accounts/{boat}/details", json={"yearly_percent": "-5"})
    assert rate.is_success, rate.text
    purse = holds(kari, "Purse", "cash", "500", ago)
    counted = holds(kari, "Box", "cash", "70", today)
    moves(kari, purse, today - timedelta(days=40), "-20", "Ferry", "transport")
    house.until_quiet()

    def said(account: str) -> str:
        html = kari.page("/")
        line = html[html.index(f'href="/accounts/{account}"') :].partition("</li>")[0]
        return text_of(line)

    year = str(ago.year)
    assert re.search(rf"· valued \d+ \w+ {year} ", said(house_id))
    assert re.search(rf"· estimated from its value of \d+ \w+ {year} ", said(boat))
    assert "valued" not in said(purse)
    assert "· with transactions up to " in said(purse)
    assert re.search(rf"· on {today.day} [A-Z][a-z]+ NOK", said(counted)), "of this year: no year"
    for account, words in ((boat, "estimated from its value of"), (purse, "with transactions up"),
                           (house_id, f"{ago.year}"), (counted, f"on {today.day} ")):  # fmt: skip
        assert words in kari.text(f"/accounts/{account}")
    kari.pages.cookies.set("locale", "nb")
    assert "med transaksjoner til og med" in said(purse)


def test_the_legend_and_the_accounts_beside_it_add_up(house: House) -> None:
    kari = house.person()
    assert kari.api.patch(f"{API}/settings", json={"currency": NOK}).is_success
    today = today_of(kari)
    accounts = (("Everyday", "cash", "4000"), ("Overdrawn", "bank_account", "-700"),
                ("Card", "credit_card", "1500"), ("Card in credit", "credit_card", "-200"),
                ("Bicycle", "other", "900"))  # fmt: skip
    for name, kind, value in accounts:
        holds(kari, name, kind, value, today)
    house.until_quiet()
    html = kari.page("/")
    legend = html[html.index('class="legend parts"') :].partition("</ul>")[0]
    told = dict(re.findall(r"</span> (\w+) <span class=\"value\">([^<]+)<", legend))
    assert {name: signed(text) for name, text in told.items()} == {
        "Other": 1100, "Cash": 4000, "Debt": -2200,
    }  # fmt: skip
    card = html[html.index('id="accounts"') :]
    shown = dict(re.findall(r'group-name"><span>(\w+)</span><span>([^<]+)</span>', card))
    turned = {
        key: re.search(rf'id="elsewhere-{key}">([^<]+) of this counts as (\w+)', card)
        for key in ("cash", "debt")
    }
    for name, key, to in (("Cash", "cash", "Debt"), ("Debt", "debt", "Other")):
        said = turned[key]
        assert said is not None
        assert said[2] == to
        other = turned["cash"] if key == "debt" else None
        counted = signed(shown[name]) - signed(said[1]) + (signed(other[1]) if other else 0)
        assert counted == signed(told[name])
    assert 'id="elsewhere-other"' not in html


def test_a_budget_is_what_the_reports_of_its_month_say(ola: Person) -> None:
    first = today_of(ola).replace(day=1)
    body = {"category": None, "amount": {"amount": "5000", "currency": NOK}, "every": "month",
            "starts_on": str(first), "carry": "nothing"}  # fmt: skip
    flow: str = ola.get("/reports/cash-flow", count=1, currency=NOK)["items"][-1]["spending"][
        "amount"
    ]
    lines = ola.get("/reports/spending", by="category", count=1, currency=NOK)["totals"]
    assert [one["amount"] for one in lines] == [flow]
    assert Decimal(flow) == Decimal("150.95") + Decimal("44.10") + Decimal("241.40")
    # Whole months, and days, which are read another way.
    for every in ("month", "week"):
        made = ola.api.post(f"{API}/budgets", json={**body, "every": every})
        assert made.status_code == 201, made.text
        budget = ola.get(f"/budgets/{made.json()['id']}")
        spent = sum(Decimal(one["spent"]["amount"]) for one in (budget["now"], *budget["past"]))
        assert spent == Decimal(flow)
        html = ola.page("/budgets")
        assert ola.api.delete(f"{API}/budgets/{made.json()['id']}").status_code == 204
        link = re.search(r'href="(/reports/rows[^"]+)"', html)
        assert link is not None
        if every == "month":
            told = re.search(r"Total ([−+]?NOK.[\d,.]+)", ola.page(unescape(link[1])))
            assert told is not None
            assert figure(told[1]) == Decimal(flow)


def test_the_columns_of_the_page_end_about_together(house: House) -> None:
    def wide(html: str) -> set[str]:
        columns = html[html.index('<div class="overview">') :].split('<div class="stack"><div')
        names = {"flow": 'id="flow"', "accounts": 'id="accounts"', "coming": 'id="coming"'}
        return {name for name, mark in names.items() if mark in columns[1]}

    kari = house.person()
    today = today_of(kari)
    for count in (1, 4):
        while len(kari.get("/accounts")["items"]) < count:
            holds(kari, f"Purse {uuid4().hex[:4]}", "cash", "5", today)
        assert wide(kari.page("/")) == ({"flow"} if count > 1 else set())
    assert arranging.wide(20, steps=False) >= {"flow", "coming", "goals"}
    assert "flow" in arranging.wide(1, steps=True)
