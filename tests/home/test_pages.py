"""Overview and an account's page as a browser without scripts sees them."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import httpx
import pytest

from tests.house import API, House, Person, text_of
from tests.processes import wait_until

MOST_BYTES = 60 * 1024


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


def dollars(text: str) -> str:
    """An exact amount as the headline rounds it."""
    return f"${Decimal(text).quantize(Decimal(1)):,}".replace("$-", "−$")


def chart_data(html: str, chart: str) -> dict[str, object]:
    box = html.index(f'id="{chart}-box"')
    block = re.search(r'<script type="application/json">(.*?)</script>', html[box:], re.DOTALL)
    assert block is not None
    found: dict[str, object] = json.loads(block[1])
    return found


def test_a_stranger_is_led_to_the_door(house: House) -> None:
    answer = httpx.get(house.url + "/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
    assert httpx.get(house.url + "/help", headers={"Accept": "text/html"}).status_code == 200
    assert httpx.get(house.url + "/status").status_code == 401


def test_before_any_bank_it_says_what_to_do(house: House) -> None:
    nobody = house.person()
    text = nobody.text("/")
    assert "Nothing here yet" in text
    assert "Link a bank" in text
    assert "Net worth" not in text
    assert nobody.pages.get("/net-worth.csv").text.count("\n") == 1


def test_headline_chart_table_and_csv_show_the_same_figure(kari: Person) -> None:
    worth = kari.get("/net-worth")["items"][0]["net_worth"]["amount"]
    for query in ("", "?rng=1m", "?rng=ytd", "?rng=all&view=breakdown"):
        html = kari.page(f"/{query}")
        assert f'data-read="value">{dollars(worth)}<' in html
        data = chart_data(html, "nw-chart")
        newest = data["series"][0]["values"][-1]  # type: ignore[index]
        assert newest == int(Decimal(worth).quantize(Decimal(1)))
    rows = list(csv.DictReader(StringIO(kari.pages.get("/net-worth.csv?rng=all").text)))
    assert rows[-1]["net_worth"] == worth
    series = kari.get("/net-worth/series", range="all")["items"]
    assert [row["net_worth"] for row in rows] == [day["net_worth"]["amount"] for day in series]


def test_the_parts_add_up_to_the_headline(kari: Person) -> None:
    html = kari.page("/")
    legend = html[html.index('class="legend parts"') :]
    shown = re.findall(r'<span class="value">([^<]+)<', legend[: legend.index("</ul>")])
    total = sum(int(text.replace("−", "-").replace("$", "").replace(",", "")) for text in shown)
    worth = Decimal(kari.get("/net-worth")["items"][0]["net_worth"]["amount"])
    assert abs(total - worth) <= len(shown)  # each is rounded by itself


def test_the_change_says_since_when(kari: Person) -> None:
    assert re.search(r"[+−]\$[\d,]+ (\([+−][\d.]+%\) )?past year", kari.text("/"))
    assert "past 6 months" in kari.text("/?rng=6m")
    assert re.search(r"since \d+ \w+ 20\d\d", kari.text("/?rng=all"))


def test_spending_and_cash_flow_agree_with_the_interface(kari: Person) -> None:
    text = kari.text("/")
    for line in kari.get("/spending")["items"]:
        amount = Decimal(line["this_month"]["amount"])
        if amount > 0:
            assert f"${amount:,.2f}" in text
    assert "Cash flow" in text
    groups = re.findall(r'href="(/reports/rows\?[^"]+)"', kari.page("/"))
    assert groups
    for path in groups:
        assert "Nothing matches" not in kari.text(path.replace("&amp;", "&"))


def test_currencies_are_added_at_known_rates_and_never_else(house: House) -> None:
    ola = house.person()
    for code, amount in (("ISK", "1000"), ("ISK", "500"), ("EUR", "7")):
        body = {
            "name": f"Thing {amount}",
            "subtype": "other",
            "value": {"amount": amount, "currency": code},
        }
        assert ola.api.post(f"{API}/accounts", json=body).status_code == 201
    house.until_quiet()
    text = ola.text("/")
    assert re.search(r"ISK.1,500", text)
    without = "Not in the figure above, for no rate from EUR to ISK is known: Thing 7."
    assert without in text
    assert "No rate from EUR to ISK is known." in ola.text("/net-worth")
    assert re.search(r'data-read="value">€7<', ola.page("/?cur=EUR"))
    day = ola.get("/net-worth")["total"]["day"]
    with house.admin() as db:
        db.execute(
            "INSERT INTO strongroom.exchange_rates"
            " VALUES ('EUR', 'ISK', %s, 143.5, 'a test', now())",
            (day,),
        )
    text = ola.text("/")
    assert without not in text
    assert re.search(r'data-read="value">ISK.2,505<', ola.page("/"))  # 1004.5 is rounded up
    assert re.search(r'data-read="value">ISK.2,505<', ola.page("/?cur=ISK&view=breakdown"))
    detail = ola.text("/net-worth")
    assert "143.5" in detail
    assert "a test" in detail
    assert "€17.45" in ola.text("/net-worth?cur=EUR")
    assert ola.pages.get("/net-worth.csv?cur=ISK").text.splitlines()[-1].split(",")[1] == "2505"


@pytest.mark.parametrize("path", [
    "/", "/net-worth", "/net-worth.csv", "/why", "/why/rows?flow=spending", "/why/spending",
    "/reports", "/reports/categories", "/reports/cash-flow.csv", "/reports/rows",
    "/reports/rows.csv", "/reports/print", "/reports/net-worth", "/reports/net-worth.csv",
    "/budgets/forecast", "/budgets/forecast.csv",
])  # fmt: skip
def test_a_currency_that_is_none_is_refused_in_one_way_everywhere(kari: Person, path: str) -> None:
    to = f"{path}{'&' if '?' in path else '?'}cur="
    for code in ("ZZZ", "%3F", "BTC"):  # of nobody, no code at all, of nobody here
        answer = kari.pages.get(to + code)
        assert answer.status_code == 422
        assert "is not a currency that is known." in text_of(answer.text)
        assert "such as NOK" in text_of(answer.text)
    assert kari.pages.get(to + "NOK").status_code == 200  # known, if nothing is held in it


def test_cards_come_in_the_order_that_their_person_gives_them(house: House, kari: Person) -> None:
    def places() -> list[str]:
        return re.findall(r'<tr id="(\w+)">', kari.page("/arrange"))

    usual = ["worth", "review", "spending", "accounts", "goals", "flow", "coming"]
    before = kari.page("/")
    assert places() == usual
    assert "Cash flow" in text_of(before)
    for card, action in (("flow", "hide"), ("spending", "up"), ("spending", "up"),
                         ("worth", "up"), ("rain", "up"), ("flow", "jump")):  # fmt: skip
        answer = kari.pages.post("/arrange", data={"card": card, "action": action})
        assert answer.status_code == 200
    assert places() == ["worth", "spending", "review", *usual[3:]]
    html = kari.page("/")
    assert 'id="flow-chart"' not in html
    assert 'id="flow-chart"' in before
    order = {name: html.rindex('<div class="order-', 0, html.index(mark))
             for name, mark in (("worth", 'id="nw"'), ("spending", 'id="spending"'))}  # fmt: skip
    assert html[order["worth"] :].startswith('<div class="order-1">')
    assert html[order["spending"] :].startswith('<div class="order-2">')
    assert kari.get("/settings")["dashboard_layout"]["hidden"] == ["flow"]
    kari.pages.post("/arrange", data={"action": "reset"})
    assert places() == usual
    assert 'id="flow-chart"' in kari.page("/")
    answer = kari.api.patch(f"{API}/settings", json={"dashboard_layout": {"order": ["rain"]}})
    assert (answer.status_code, answer.json()["field"]) == (422, "dashboard_layout")


def test_days_are_written_as_their_person_wants_them(house: House, kari: Person) -> None:
    assert kari.api.patch(f"{API}/settings", json={"date_format": "month-first"}).is_success
    for path in ("/", "/transactions", "/accounts"):
        html = kari.page(path)
        assert 'data-dates="MM/dd/yyyy"' in html
        months = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
        assert not re.search(rf"(?<![0-9.,])[0-9]{{1,2}} ({months}) 20", text_of(html))
    assert re.search(r"[0-9]{2}/[0-9]{2}/20[0-9]{2}", kari.text("/transactions"))
    assert kari.api.patch(f"{API}/settings", json={"date_format": "locale"}).is_success


def test_the_first_steps_go_away_when_done_or_put_away(kari: Person) -> None:
    assert "First steps" in kari.text("/")
    assert "Check 10 transactions" in kari.text("/")
    assert "First steps" not in text_of(kari.pages.post("/checklist").text)
    assert "First steps" not in kari.text("/")
    assert "First steps" in text_of(kari.pages.post("/checklist", data={"show": "1"}).text)


def test_hidden_amounts_are_hidden(kari: Person) -> None:
    kari.pages.cookies.set("hide_amounts", "1")
    try:
        html = kari.page("/?view=breakdown")
    finally:
        kari.pages.cookies.delete("hide_amounts")
    assert "•••••" in html
    assert not re.search(r"\$\d", text_of(html))
    series = chart_data(html, "nw-chart")["series"]
    assert all(not one.get("values") for one in series)  # type: ignore[attr-defined]


def test_every_page_is_small_and_norwegian_too(kari: Person) -> None:
    account = kari.get("/accounts")["items"][0]["id"]
    row = kari.get("/transactions", limit=1)["items"][0]["id"]
    paths = {
        "/": "Formue",
        "/?view=breakdown&rng=all": "Formue",
        "/net-worth?rng=all": "Det ingen transaksjon forklarer",
        "/transactions": "transaksjoner",
        f"/transactions/{row}": "Hva banken sa",
        "/accounts": "Kontoer",
        f"/accounts/{account}": "Saldo",
        "/accounts/new": "Hva er det?",
        "/accounts/link": "Koble til en bank",
        "/connections": "Tilkoblinger",
        f"/connections/{kari.items[0]}": "Kall til Plaid",
        "/help": "Hvor er dataene mine?",
    }
    kari.pages.cookies.set("locale", "nb")
    try:
        for path, word in paths.items():
            with kari.pages.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
                size = sum(len(part) for part in answer.iter_raw())
            assert size <= MOST_BYTES, path
            html = kari.page(path)
            assert word in html, path
            assert '<html lang="nb-NO"' in html
            assert "style=" not in html
    finally:
        kari.pages.cookies.set("locale", "en")


def test_an_account_s_page_shows_its_balance_and_rows(kari: Person) -> None:
    account = kari.get("/accounts")["items"][0]
    html = kari.page(f"/accounts/{account['id']}")
    assert f"${Decimal(account['balance']['amount']):,.2f}" in html
    count = kari.get("/transactions/summary", account=account["id"])["count"]
    assert f"See all {count:,} transactions" in text_of(html)
    assert f"/transactions?account={account['id']}" in html
    assert kari.pages.get("/accounts/acc_" + "0" * 32).status_code == 404


OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:UTF-8

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>NOK<BANKACCTFROM><BANKID>9710<ACCTID>97104133219
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261102<TRNAMT>-120.50<FITID>a1<NAME>Green Basket</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261110<TRNAMT>9000.00<FITID>a2<NAME>Acme Payroll</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>8879.50<DTASOF>20261110</LEDGERBAL></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>
"""


def test_the_page_of_an_account_that_no_bank_reports_shows_its_rows(house: House) -> None:
    ola = house.person()
    brought = ola.api.post(f"{API}/imports", files={"file": ("bank.ofx", OFX.encode())}).json()
    assert ola.api.post(f"{API}/imports/{brought['id']}/confirm", json={}).is_success
    house.until_quiet()
    (account,) = ola.get("/accounts")["items"]
    text = ola.text(f"/accounts/{account['id']}")
    for words in ("From your files", "Import a file", "Green Basket", "See all 2 transactions",
                  "What is the balance now?", "What no transaction explains"):  # fmt: skip
        assert words in text, words
    assert "Added by you" not in text + ola.text("/accounts") + ola.text("/")
    # So does one that its owner keeps by hand; what is only ever valued has none to show.
    value = {"amount": "50", "currency": "NOK"}
    made = {}
    for name, kind in (("Purse", "cash"), ("Boat", "other")):
        body = {"name": name, "subtype": kind, "value": value}
        made[name] = ola.api.post(f"{API}/accounts", json=body).json()["id"]
    day = ola.get("/net-worth")["total"]["day"]
    row = {"account": made["Purse"], "day": day, "amount": {"amount": "-7", "currency": "NOK"}}
    assert ola.api.post(f"{API}/transactions", json={**row, "text": "Ferry"}).is_success
    text = ola.text(f"/accounts/{made['Purse']}")
    assert "Added by you" in text
    assert "Ferry" in text
    assert f"/transactions?account={made['Purse']}" in ola.page(f"/accounts/{made['Purse']}")
    assert "transactions" not in ola.text(f"/accounts/{made['Boat']}").partition("Boat")[2]


def test_what_no_row_explains_is_summed_by_account(house: House) -> None:
    ola = house.person()
    today = date.fromisoformat(ola.get("/net-worth")["total"]["day"])
    nok = {"currency": "NOK"}
    body = {"name": "Purse", "subtype": "cash", "value": {"amount": "100", **nok},
            "day": str(today - timedelta(days=20))}  # fmt: skip
    purse = ola.api.post(f"{API}/accounts", json=body).json()["id"]
    row = {"account": purse, "day": str(today - timedelta(days=12)), "text": "Ferry",
           "amount": {"amount": "-7", **nok}}  # fmt: skip
    assert ola.api.post(f"{API}/transactions", json=row).is_success
    for days, amount in ((9, "90"), (3, "60")):
        told = {"value": {"amount": amount, **nok}, "day": str(today - timedelta(days=days))}
        assert ola.api.post(f"{API}/accounts/{purse}/balances", json=told).is_success
    house.until_quiet()
    page = ola.page("/net-worth?rng=1m")
    by_account = page[page.index('id="left-by-account"') :].partition("</ul>")[0]
    assert re.search(r"Purse .*−NOK.33\.00", text_of(by_account)), text_of(by_account)
    card = ola.page(f"/accounts/{purse}?rng=1m").partition('id="left-over"')[2]
    assert re.search(r"not explained −NOK.33\.00", text_of(card.partition("</dl>")[0]))
    assert re.search(r"−NOK.30\.00", text_of(card)), "each of its days is listed"
    # The days between are drawn, as held from the one before.
    drawn = chart_data(ola.page(f"/accounts/{purse}?rng=1m"), "balance-chart")["days"]
    assert len(drawn) == 21  # type: ignore[arg-type]


def test_status_is_short_and_tells_no_amount(kari: Person) -> None:
    answer = kari.pages.get("/status").json()
    assert answer == {"banks": 1, "syncing": False, "rows": 0, "need_you": 0}


def test_while_history_is_still_coming_it_says_so(house: House) -> None:
    ola = house.person()
    house.link(ola)
    count = ola.get("/transactions/summary")["count"]
    assert "Getting up to 24 months" not in ola.text("/")
    with house.admin() as db:
        db.execute(
            "UPDATE strongroom.sync_cursors SET update_status = 'INITIAL_UPDATE_COMPLETE'"
            " WHERE user_id = (SELECT id FROM strongroom.users WHERE email = %s)",
            (ola.email,),
        )
    text = ola.text("/")
    assert "Getting up to 24 months. You can leave this page." in text
    assert f"{count:,} transactions so far." in text


def test_the_made_up_household(house: House) -> None:
    with house.admin() as db:
        db.execute("DELETE FROM strongroom.rate_limits")
    headers = {"Origin": house.url, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with httpx.Client(
        base_url=house.url, headers=headers, follow_redirects=True, timeout=60
    ) as browser:
        first = browser.post("/demo")
        assert "This is a made-up household." in text_of(first.text)
        assert 'http-equiv="refresh"' in first.text
        wait_until(
            lambda: (
                'data-poll="2"' not in (page := browser.get("/")).text and "Mortgage" in page.text
            ),
            "the household is there",
        )
        house.until_quiet()
        text = text_of(browser.get("/").text)
        assert "Flat, Storgata 12" in text
        assert "$338,500" in text
        assert "Spending this month" in text
