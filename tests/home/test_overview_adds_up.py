"""Figures of Overview are those of the pages that they lead to, and of the cards beside them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

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
    fund = holds(person, "Fund", "investment", "5000", ago)
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
    moves(person, fund, today, "-70", "Fund fee", "uncategorised")  # no account to live from
    moves(person, euros, today, "-10.33", "Boulangerie", "groceries", EUR)
    moves(person, euros, today, "-7.77", "Boulangerie again", "groceries", EUR)
    moves(person, purse, first - timedelta(days=1), "-15", "Earlier", "groceries")
    # Both look unsorted, and are one move between own accounts.
    legs = [moves(person, purse, today, "-500", "To the fund", "uncategorised"),
            moves(person, fund, today, "500", "From the purse", "uncategorised")]  # fmt: skip
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
        for title in ("Fund fee", "To the fund", "Boulangerie", "Earlier"):
            assert title not in rows, title
        sheet = re.search(r'id="sheet" href="([^"]+)"', rows)
        assert sheet is not None
        assert "Boulangerie" not in ola.page(unescape(sheet[1]))
    assert "Boulangerie" in text_of(ola.page(f"/reports/rows?since={today_of(ola)}&cur=NOK"))
