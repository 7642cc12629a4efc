"""A purchase written by hand goes, and what came back for it stands where it stood before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from strongroom.core.ids import TransactionId
from strongroom.core.money import Money
from strongroom.transactions import manual, refunds
from tests import book as made
from tests.book import NOK, NOW, TODAY, row
from tests.identity.conftest import World
from tests.transactions.test_together import Home

MONTH = TODAY.replace(day=1)
BOUGHT = TODAY - timedelta(days=120)


@pytest.fixture
def home(world: World) -> Home:
    return Home(world)


def bought(home: Home, text: str = "Lamp", day: date = BOUGHT) -> tuple[TransactionId, UUID]:
    """Write a present down; return it and the act."""
    entry = manual.NewEntry(
        account_id=home.known["checking"], day=day, amount=Money(Decimal(-400), NOK), text=text,
        category_id=made.category(home.world, home.owner, "gifts"),
    )  # fmt: skip
    row_id, edit = home.do(manual.add, new=entry, now=NOW)
    return row_id, edit.id


def came_back(home: Home, purchase: TransactionId) -> TransactionId:
    """Let the bank tell money in, and say that it is for that purchase."""
    home.told(row("back", "-400", name="VIPPS OLA", pfc_detailed="INCOME_OTHER"))
    (refund,) = home.ids("VIPPS OLA")
    home.do(refunds.link, refund=refund, purchase=purchase, now=NOW)
    assert home.summed(MONTH) == {"gifts": Decimal(400)}
    return refund


def stands(home: Home, refund: TransactionId) -> tuple[str | None, str]:
    (found,) = [one for one in made.book(home.world, home.owner) if one.id == refund]
    return found.category_key, found.category_by


def test_what_came_back_for_a_deleted_purchase_stands_where_its_bank_put_it(home: Home) -> None:
    purchase, _added = bought(home)
    refund = came_back(home, purchase)
    gone = home.do(manual.delete, transaction_ids=[purchase], now=NOW)
    assert gone.changed == 1
    assert stands(home, refund) == ("other_income", "bank")
    assert home.summed(MONTH) == {"other_income": Decimal(400)}
    assert home.summed(BOUGHT.replace(day=1)) == {}

    back = home.do(manual.undo, edit_id=gone.id, now=NOW)
    assert back.changed == 1
    (link,) = home.do(refunds.of_row, transaction_id=refund)
    assert (link.purchase.id, link.made_by) == (purchase, "person")
    assert stands(home, refund) == ("gifts", "bank")
    assert home.summed(MONTH) == {"gifts": Decimal(400)}
    assert home.summed(BOUGHT.replace(day=1)) == {"gifts": Decimal(-400)}

    home.do(manual.undo, edit_id=back.id, now=NOW)
    assert stands(home, refund) == ("other_income", "bank")
    assert home.summed(MONTH) == {"other_income": Decimal(400)}


def test_a_purchase_that_is_not_written_after_all_has_no_refund(home: Home) -> None:
    purchase, added = bought(home)
    refund = came_back(home, purchase)
    home.do(manual.undo, edit_id=added, now=NOW)
    assert home.do(refunds.of_row, transaction_id=refund) == []
    assert stands(home, refund) == ("other_income", "bank")
    assert home.summed(MONTH) == {"other_income": Decimal(400)}


def test_many_purchases_deleted_at_once_leave_no_refund_behind(home: Home) -> None:
    purchase, _added = bought(home)
    other, _also = bought(home, "Vase", BOUGHT - timedelta(days=40))
    refund = came_back(home, purchase)
    gone = home.do(manual.delete, transaction_ids=[purchase, other], now=NOW)
    assert home.summed(MONTH) == {"other_income": Decimal(400)}
    home.do(manual.undo, edit_id=gone.id, now=NOW)
    assert stands(home, refund) == ("gifts", "bank")
    assert home.summed(MONTH) == {"gifts": Decimal(400)}


def test_where_the_person_put_a_refund_it_stays(home: Home) -> None:
    purchase, _added = bought(home)
    refund = came_back(home, purchase)
    made.choose(home.world, home.owner, "pets", refund)
    gone = home.do(manual.delete, transaction_ids=[purchase], now=NOW)
    assert stands(home, refund) == ("pets", "person")
    home.do(manual.undo, edit_id=gone.id, now=NOW)
    assert stands(home, refund) == ("pets", "person")
    assert home.summed(MONTH) == {"pets": Decimal(400)}


def test_a_refund_that_goes_with_its_purchase_comes_back_with_it(home: Home) -> None:
    purchase, _added = bought(home)
    entry: Any = manual.NewEntry(
        account_id=home.known["checking"], day=TODAY, amount=Money(Decimal(400), NOK), text="Back"
    )
    refund, _edit = home.do(manual.add, new=entry, now=NOW)
    home.do(refunds.link, refund=refund, purchase=purchase, now=NOW)
    before = home.summed(MONTH)
    gone = home.do(manual.delete, transaction_ids=[purchase, refund], now=NOW)
    assert made.book(home.world, home.owner) == []
    assert home.summed(MONTH) == {}
    home.do(manual.undo, edit_id=gone.id, now=NOW)
    assert home.summed(MONTH) == before
    assert len(home.do(refunds.of_row, transaction_id=refund)) == 1
