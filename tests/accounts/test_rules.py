"""Where a bank's account counts, and the sign its balance has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from strongroom.accounts import Category, rules
from tests.book import report


@pytest.mark.parametrize(
    ("plaid_type", "subtype", "category", "debt"),
    [
        ("depository", "checking", Category.CASH, False),
        ("depository", None, Category.CASH, False),
        ("credit", "credit card", Category.CREDIT_CARDS, True),
        ("loan", "student", Category.LOANS, True),
        ("loan", "mortgage", Category.MORTGAGES, True),
        ("loan", "home equity", Category.MORTGAGES, True),
        ("investment", "401k", Category.INVESTMENTS, False),
        ("brokerage", "brokerage", Category.INVESTMENTS, False),
        ("investment", "crypto exchange", Category.DIGITAL_ASSETS, False),
        ("other", None, Category.OTHER_ASSETS, False),
        ("something new", "at Plaid", Category.OTHER_ASSETS, False),
    ],
)
def test_where_it_counts(
    plaid_type: str, subtype: str | None, category: Category, debt: bool
) -> None:
    assert rules.category(plaid_type, subtype) is category
    assert category.is_debt is debt


def test_types_that_plaid_adds_later_are_other() -> None:
    assert rules.account_type("depository") == "depository"
    assert rules.account_type("something new") == "other"


@pytest.mark.parametrize(
    ("facts", "balance"),
    [
        ({"type": "depository", "current": "100.01"}, "100.01"),
        ({"type": "depository", "current": "-20"}, "-20"),  # an overdraft is owed
        ({"type": "credit", "current": "410.00"}, "-410.00"),
        ({"type": "credit", "current": "-15"}, "15"),  # paid too much: the bank owes
        ({"type": "loan", "current": "65262"}, "-65262"),
        ({"type": "investment", "current": "320.76"}, "320.76"),
        ({"type": "other", "current": "7"}, "7"),
        ({"type": "depository", "current": "0", "available": "9"}, "0"),
        ({"type": "depository", "current": None, "available": "88"}, "88"),
        ({"type": "depository", "current": None}, None),
        ({"type": "credit", "current": None, "available": "700", "limit": "1000"}, "-300"),
        ({"type": "credit", "current": None, "available": "700"}, None),
        ({"type": "credit", "current": None, "limit": "1000"}, None),
    ],
)
def test_what_it_adds_to_net_worth(facts: dict[str, Any], balance: str | None) -> None:
    def exact(name: str) -> Decimal | None:
        return None if facts.get(name) is None else Decimal(facts[name])

    said = report(
        "a",
        facts["current"],
        type=facts["type"],
        available=exact("available"),
        credit_limit=exact("limit"),
    )
    assert rules.net_worth_balance(said) == (None if balance is None else Decimal(balance))
