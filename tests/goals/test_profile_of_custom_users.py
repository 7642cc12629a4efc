"""The financial profiles of Plaid's published custom users, linked and read.

The files are Plaid's own (github.com/plaid/sandbox-custom-users, MIT licence). They end in August.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from strongroom import budgets
from strongroom.goals import profile
from strongroom.goals.profile import NotEnoughHistory, Profile, WhyUnknown
from tests.connections.conftest import Kari, inbox, kari, make_kari, sandbox
from tests.sandbox_plaid import openapi

__all__ = ["inbox", "kari", "make_kari", "sandbox"]

NOW = datetime(2026, 8, 24, 12, tzinfo=UTC)
FILES = {path.stem: path for path in openapi.CUSTOM_USERS.glob("*.json")}


def of(*values: object) -> tuple[object, ...]:
    """Values side by side, to compare them with whole numbers."""
    return values


def profiled(kari: Kari, file: Path) -> Profile:
    kari.sync(kari.linked("user_custom", file.read_text("utf-8")).id)
    kari.run(budgets.look_through(kari.world.database, owner=kari.owner, now=NOW))
    found: Profile = kari.ask(profile.get, now=NOW)
    return found


needed = pytest.mark.skipif(
    not FILES, reason=f"Plaid's custom users are not at {openapi.CUSTOM_USERS}"
)


@needed
def test_five_payers_are_five_incomes(kari: Kari) -> None:
    found = profiled(kari, FILES["bank_income_custom_user_5_income_sources"])
    assert {one.payer: one.monthly for one in found.income_by_payer} == {
        "Plaid Direct Dep": 2000,
        "Social Security Administration": 2500,
        "bank interest payment": 25,
        "Uber Payment": 2000,  # twice a month
        "Lyft Payment": 5200,  # 52 weeks
    }
    assert of(found.monthly_income.amount, found.monthly_income.thin) == (11725, True)
    assert found.spending_volatility.amount is None


@needed
def test_loans_and_cards_are_no_spending_and_a_refund_is_no_income(kari: Kari) -> None:
    found = profiled(kari, FILES["bank_income_basic"])
    assert [of(one.payer, one.monthly) for one in found.income_by_payer] == [
        ("Plaid Direct Dep", 5500)
    ]
    # A mortgage, a car and studies, told by nothing but their payments.
    assert of(found.monthly_loan_payments.amount, list(found.loans)) == (267 + 524 + 2745, [])
    money = {"mortgage", "loan_payment", "card_payment", "own_transfer"}
    assert not money & {one.key for one in found.spending_by_category}
    home = profile.household(found, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
    spent = found.monthly_spending.amount
    assert spent is not None
    assert home.monthly_spending == spent + 3536  # nobody tells when they end


@needed
def test_what_is_held_and_owed_is_what_the_files_say(kari: Kari) -> None:
    card = profiled(kari, FILES["credit_card_custom_user"])
    assert card.credit_debt.amount == Decimal("1245.67")
    assert of(card.liquid_assets.amount, card.liquid_assets.why_unknown) == (
        None, WhyUnknown.NO_ACCOUNTS,
    )  # fmt: skip


@needed
@pytest.mark.parametrize("name", ["SMBCustomUser", "assets_credit_categories"])
def test_a_few_days_are_no_history_and_nothing_is_made_up(kari: Kari, name: str) -> None:
    found = profiled(kari, FILES[name])
    assert found.months_of_history == 0
    for one in (found.monthly_income, found.monthly_spending, found.monthly_bills):
        assert of(one.amount, one.why_unknown) == (None, WhyUnknown.NO_HISTORY)
    assert found.liquid_assets.amount is not None
    with pytest.raises(NotEnoughHistory):
        profile.household(found, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
