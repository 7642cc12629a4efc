"""Reports over HTTP: pages, sheets, JSON and the command line tell the same figures."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest

from strongroom import transactions, ui
from strongroom.core.money import Currency, zero
from strongroom.transactions import Kind, Step
from strongroom.transactions.reports import sheets
from strongroom.transactions.reports.types import Line, LineReport, Unknown
from strongroom.ui import Preferences
from tests.house import House, Person


def table(person: Person, path: str) -> list[list[str]]:
    answer = person.pages.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(StringIO(answer.text)))


def test_pages_are_shown_in_every_way_they_can_be_asked_for(kari: Person) -> None:
    for path in ("/reports", "/reports/categories", "/reports/merchants", "/reports/print"):
        for query in ("", "?by=quarter", "?by=year&n=2", "?kind=income", "?until=2026-06&n=3",
                      "?cur=JPY", "?by=x&until=20026&n=9999&kind=transfer"):  # fmt: skip
            text = kari.text(path + query)
            assert "Report" in text
            unread = "by=x" in query and path != "/reports/print"
            assert ("could not be read and was left out" in text) is unread
            assert ("no exchange rate" in text) is ("JPY" in query)


def test_figures_lead_to_exactly_their_rows(kari: Person) -> None:
    html = kari.page("/reports/categories?n=2")
    links = re.findall(r'<td class="num"><a href="(/reports/rows[^"]+)">([^<]+)</a>', html)
    assert len(links) > 10
    for address, shown in links[:6]:
        rows = kari.page(address.replace("&amp;", "&"))
        total = re.search(r"Total ([−+]?\$[\d,.]+)", rows)
        assert total is not None, address
        told = abs(Decimal(re.sub(r"[^\d.]", "", total[1])))
        assert abs(told - Decimal(re.sub(r"[^\d.]", "", shown))) <= Decimal("0.5")
        sheet = re.search(r'id="sheet" href="([^"]+)"', rows)
        assert sheet is not None
        lines = table(kari, sheet[1].replace("&amp;", "&"))
        assert sum(Decimal(line[6]) for line in lines[1:]) in (told, -told)


def test_a_sheet_speaks_its_reader_s_language() -> None:
    nothing, code = zero(Currency("NOK")), Currency("NOK")
    periods = transactions.periods(Step.MONTH, date(2026, 11, 1), 1)
    line = Line(amounts=[nothing], merchant="Ferry")
    lack = Unknown(nothing, 2, date(2026, 11, 1), date(2026, 11, 2))
    report = LineReport(Kind.SPENDING, code, periods, [line], [lack], rest=line, rest_count=3)
    with ui.using(Preferences(locale="nb")):
        told = sheets.line_sheet(report)
    assert "3 andre" in told
    assert "ikke regnet med: 2 rader" in told
    assert "3 others" in sheets.line_sheet(report)


def test_sheets_hold_what_pages_show(kari: Person) -> None:
    flow = table(kari, "/reports/cash-flow.csv?n=3")
    assert flow[0] == ["period", "income", "spending", "left_over", "currency"]
    assert len(flow) == 4
    for _, income, spending, left, _ in flow[1:]:
        assert Decimal(income) - Decimal(spending) == Decimal(left)
    by_category = table(kari, "/reports/categories.csv?n=3")
    by_merchant = table(kari, "/reports/merchants.csv?n=3")
    for column, line in zip((2, 3, 4), flow[1:], strict=True):
        for sheet in (by_category, by_merchant):
            assert sum(Decimal(one[column]) for one in sheet[1:]) == Decimal(line[2])


def test_what_changed_spending(kari: Person) -> None:
    text = kari.text("/why/spending")
    assert "Why spending changed" in text
    assert "Food" in text
    against = kari.text("/why/spending?of=2026-08&against=2026-03")
    assert "Aug 2026" in against
    assert "Mar 2026" in against
    known = kari.text("/why/spending?of=2026-09&known=2026-10-01")
    assert "Came later from the bank" in known
    assert "could not be read" in kari.text("/why/spending?of=soon&against=x&known=y")


def test_the_json_tells_the_same(kari: Person) -> None:
    flow = kari.get("/reports/cash-flow", count=3)
    sheet = table(kari, "/reports/cash-flow.csv?n=3")
    assert [one["spending"]["amount"] for one in flow["items"]] == [one[2] for one in sheet[1:]]
    for by in ("category", "merchant"):
        found = kari.get("/reports/spending", by=by, count=3)
        assert [one["amount"] for one in found["totals"]] == [one[2] for one in sheet[1:]]
    lines = kari.get("/reports/spending", by="category", count=3)["items"]
    first, last = lines[0], flow["items"][-1]
    rows = kari.get(
        "/reports/rows", category=first["category"]["id"], flow="spending",
        since=last["first"], until=last["last"],
    )  # fmt: skip
    told = first["amounts"][-1]["amount"]
    assert rows["sum"]["amount"].lstrip("-") == told.lstrip("-")
    why = kari.get("/reports/spending/why", period="2026-09", against="2026-08")
    total = sum(Decimal(one["amount"]["amount"]) for one in why["causes"])
    assert total == Decimal(why["difference"]["amount"])
    since = kari.get("/reports/spending/since", period="2026-09", known_at="2026-10-01T00:00:00Z")
    total = sum(Decimal(one["amount"]["amount"]) for one in since["causes"])
    assert total == Decimal(since["difference"]["amount"])


@pytest.mark.parametrize(
    ("path", "query", "status", "field"),
    [
        ("/reports/cash-flow", {"until": "20026"}, 422, "until"),
        ("/reports/cash-flow", {"count": "61"}, 422, "count"),
        ("/reports/spending", {"by": "moon"}, 422, "by"),
        ("/reports/rows", {"since": "2026-02-02", "until": "2026-01-01"}, 422, "until"),
        ("/reports/rows", {"category": "cat_x"}, 404, None),
        ("/reports/spending/why", {"period": "x", "against": "2026-01"}, 422, "until"),
    ],
)
def test_bad_questions_name_the_part(
    kari: Person, path: str, query: dict[str, str], status: int, field: str | None
) -> None:
    answer = kari.api.get(f"/api/v1{path}", params=query)
    assert (answer.status_code, answer.json().get("field")) == (status, field)


def test_somebody_new_has_empty_reports(house: House) -> None:
    nobody = house.person(language="nb")
    for path in ("/reports", "/reports/categories", "/reports/rows", "/why/spending"):
        assert nobody.page(path)
    assert nobody.get("/reports/cash-flow", count=1)["items"][0]["income"]["amount"] == "0.00"


def test_the_command_line_tells_the_same(house: House, kari: Person) -> None:
    printed = house.command(kari, "reports", "--count", "3")
    flow = kari.get("/reports/cash-flow", count=3)
    assert [one["spending"] for one in printed["flows"]] == [
        one["spending"] for one in flow["items"]
    ]
