"""The financial profile over JSON, as a page and at the terminal, of a whole Strongroom."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from strongroom.goals.profile import FigureName
from strongroom.goals.profile.labels import made_of
from tests.house import API, House, Person
from tests.processes import wait_until


def _is_reckoned(house: House, person: Person) -> bool:
    with house.admin() as db:
        found = db.execute(
            "SELECT 1 FROM strongroom.financial_profiles p"
            " JOIN strongroom.users u ON u.id = p.user_id WHERE u.email = %s",
            (person.email,),
        ).fetchone()
    return found is not None


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    wait_until(lambda: _is_reckoned(house, person), "the worker reckons the profile")
    house.until_quiet()
    return person


def put(kari: Person, figure: str, **body: Any) -> Any:
    return kari.api.put(f"{API}/profile/figures/{figure}", json=body)


def test_the_profile_is_there_once_a_bank_is_read(house: House, kari: Person) -> None:
    found = kari.get("/profile")
    payers = {one["payer"]: one["monthly"]["amount"] for one in found["income_by_payer"]}
    assert payers["Northfell Design"] == "4520.00"
    assert found["months_of_history"] == 12
    income = Decimal(found["monthly_income"]["amount"]["amount"])
    assert income == sum(Decimal(one) for one in payers.values())
    spending, bills = (
        Decimal(found[name]["amount"]["amount"]) for name in ("monthly_spending", "monthly_bills")
    )
    assert 0 < bills < spending < income * 2
    assert 0 < Decimal(found["spending_volatility"]["amount"]) < 1
    page = kari.text("/goals/profile")
    for text in ("Your numbers", "Northfell Design", "4,520.00", "Full months of history"):
        assert text in page


def test_a_figure_is_said_and_taken_back_on_the_page(kari: Person) -> None:
    before = kari.get("/profile")
    path = "/goals/profile/monthly_income"
    code = before["currency"]
    form = kari.page("/goals/profile?change=monthly_income")
    assert f'action="{path}"' in form
    said = kari.pages.post(path, data={"amount": "5 100,50", "currency": code})
    assert said.status_code == 200
    after = kari.get("/profile")["monthly_income"]
    assert (after["amount"]["amount"], after["overridden"]) == ("5100.50", True)
    assert after["derived"] == before["monthly_income"]["amount"]
    assert "You said so" in kari.text("/goals/profile")
    assert kari.pages.post(path, data={"action": "forget"}).status_code == 200
    assert kari.get("/profile") == {
        **before, "computed_at": kari.get("/profile")["computed_at"],
    }  # fmt: skip
    spread = {"stocks": "60", "bonds": "30", "cash": "10", "other": ""}
    done = kari.pages.post("/goals/profile/investment_allocation", data=spread)
    assert done.status_code == 200
    told = kari.get("/profile")["investment_allocation"]
    assert {kind: Decimal(share) for kind, share in told["shares"].items()} == {
        "stocks": Decimal("0.6"), "bonds": Decimal("0.3"), "cash": Decimal("0.1"), "other": 0,
    }  # fmt: skip
    assert kari.api.delete(f"{API}/profile/figures/investment_allocation").is_success


def test_what_cannot_be_is_refused_with_its_field(kari: Person) -> None:
    code = kari.get("/profile")["currency"]
    before = kari.get("/profile")
    for figure, body in (
        ("monthly_income", {"amount": {"amount": "-1", "currency": code}}),
        ("monthly_income", {"amount": {"amount": "NaN", "currency": code}}),
        ("monthly_income", {"number": "5"}),
        ("monthly_income", {"amount": {"amount": "1", "currency": code}, "number": "1"}),
        ("monthly_income", {"sum": "5"}),
        ("monthly_income", {}),
        ("income_volatility", {"number": "1.5"}),
        ("investment_allocation", {"shares": {"stocks": "0.5"}}),
        ("investment_allocation", {"shares": {"gold": "1"}}),
        ("height", {"number": "1"}),
    ):
        answer = put(kari, figure, **body)
        assert answer.status_code == 422, (figure, body, answer.text)
        assert answer.json()["detail"]
    refused = kari.pages.post(
        "/goals/profile/income_volatility", data={"amount": "250"}, follow_redirects=False
    )
    assert refused.status_code == 422
    assert "Give a percentage from 0 to 100." in refused.text
    for typed, shown in (("12.5", "12.5%"), ("0.05", "0.05%")):
        kari.pages.post("/goals/profile/income_volatility", data={"amount": typed})
        assert shown in kari.text("/goals/profile")
    kari.pages.post("/goals/profile/income_volatility", data={"action": "forget"})
    assert kari.pages.post("/goals/profile/height", data={"amount": "2"}).status_code == 404
    after = kari.get("/profile")  # the worker may reckon it anew at any moment
    assert after == {**before, "computed_at": after["computed_at"]}


def test_the_terminal_says_the_same(house: House, kari: Person) -> None:
    found = kari.get("/profile")
    told = house.command(kari, "goals", "profile", "--set", "monthly_bills=1234.50")
    assert told["data_hash"] != found["data_hash"]
    assert (told["monthly_bills"]["amount"], told["monthly_bills"]["overridden"]) == (
        "1234.50", True,
    )  # fmt: skip
    assert kari.get("/profile")["data_hash"] == told["data_hash"]
    back = house.command(kari, "goals", "profile", "--forget", "monthly_bills")
    assert back["data_hash"] == found["data_hash"]


def test_the_terminal_names_what_figures_are_from_and_consist_of(
    house: House, kari: Person
) -> None:
    found = kari.get("/profile")
    shown = house.run(kari, "goals", "profile")
    assert shown.returncode == 0, shown.stderr
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    spending = found["monthly_spending"]["amount"]
    said = f"Spending a month {text(spending)} {made_of(FigureName.MONTHLY_SPENDING)}"
    assert said in lines
    assert found["income_by_payer"] and found["loans"] and found["spending_by_category"]
    for one in found["income_by_payer"]:
        assert f"{one['payer']} {text(one['monthly'])}" in lines
    for one in found["loans"]:
        begins = f"{one['name']} {one['balance']['amount']} {text(one['monthly_payment'])} "
        assert any(line.startswith(begins) for line in lines)
    for one in found["spending_by_category"]:
        assert any(f" {text(one['monthly'])}" in line for line in lines)
    refused = house.run(kari, "goals", "profile", "--set", "income_volatility=1.2")
    assert refused.returncode == 2
    assert refused.stderr.startswith("strongroom: --set income_volatility: Give a number")
    refused = house.run(kari, "goals", "profile", "--set", "investment_allocation=stocks:2")
    assert "--set investment_allocation.stocks: " in refused.stderr


def text(money: dict[str, str]) -> str:
    return f"{money['amount']} {money['currency']}"


def test_without_data_nothing_is_made_up(house: House) -> None:
    nobody = house.person()
    found = nobody.get("/profile")
    assert {found[name]["amount"] for name in found if name.startswith("monthly_")} == {None}
    page = nobody.text("/goals/profile")
    assert "Not enough history" in page
    assert "Link a bank" in page
