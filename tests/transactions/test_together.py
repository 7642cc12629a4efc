"""Refunds and doubles: linked, asked about, merged by the person alone; and the pages of pairs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from strongroom import transactions
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id
from strongroom.core.money import Money
from strongroom.transactions import FileTarget, doubles, manual, refunds
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, row
from tests.identity.conftest import World

SHOP: dict[str, Any] = {
    "merchant_name": "Nordic Outfit",
    "pfc_detailed": "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES",
}


class Home:
    """Somebody with one account that a bank tells, and files that tell it too."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.owner: UserId = made.person(world)
        item = made.item(world, self.owner)
        report = made.report("checking", "1000")
        self.known: dict[str, AccountId] = made.take_in(world, self.owner, item, report)

    def told(self, *rows: Any, **more: Any) -> None:
        made.apply(self.world, self.owner, self.known, page(*rows), **more)

    def do(self, verb: Any, **facts: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **facts))

    def ids(self, text: str) -> list[TransactionId]:
        return [one.id for one in made.book(self.world, self.owner) if one.description == text]

    def file(self, *told: tuple[str, str, int]) -> UUID:
        """Bring a file of texts, amounts and how many days ago, before all else that day."""

        async def bring(db: Any) -> UUID:
            import_id, target = new_id(), FileTarget(self.known["checking"], NOK)
            await transactions.begin_file(db)
            await transactions.stage_file(db, rows=[
                (new_id(), line, "", TODAY - timedelta(days=days), Decimal(amount), "NOK", text,
                 None, None, None, None, None, False, False, None, text, False)
                for line, (text, amount, days) in enumerate(told, 1)
            ])  # fmt: skip
            await transactions.keep_file(db, owner=self.owner, import_id=import_id)
            await transactions.take_in_file(
                db, owner=self.owner, import_id=import_id, accounts={"": target}, include=None,
                now=NOW - timedelta(hours=1),
            )  # fmt: skip
            return import_id

        return self.world.within(self.owner, bring)

    def summed(self, month: date) -> dict[str, Decimal]:
        """What the kept sums of a month say, by category; sums of nothing left out."""
        return dict(made.values(
            self.world,
            "SELECT c.key, m.counted FROM monthly_totals m"
            " JOIN categories c ON c.user_id = m.user_id AND c.id = m.category_id"
            " WHERE m.user_id = %s AND m.month = %s AND m.rows > 0",
            self.owner, month,
        ))  # fmt: skip

    def asked(self) -> Any:
        return self.do(doubles.list_asked)


@pytest.fixture
def home(world: World) -> Home:
    return Home(world)


def test_a_refund_is_linked_to_its_purchase(home: Home) -> None:
    home.told(
        row("bought", "499.90", TODAY - timedelta(days=20), name="VISA 1 NORDIC OUTFIT", **SHOP),
        row("other", "120", TODAY - timedelta(days=9), name="VISA 2 NORDIC OUTFIT", **SHOP),
        row("back", "-499.90", name="RETUR NORDIC OUTFIT", **SHOP),
    )
    (found,) = home.do(refunds.of_row, transaction_id=home.ids("RETUR NORDIC OUTFIT")[0])
    assert (found.state, found.purchase.title) == ("matched", "Nordic Outfit")
    assert found.purchase.amount == Money(Decimal("-499.90"), NOK)
    assert {one.fact for one in found.reasons} >= {"same_shop", "same_amount", "says_refund"}


def test_a_refund_that_the_bank_takes_for_income_goes_to_its_purchase(home: Home) -> None:
    home.told(row("bought", "499.90", TODAY - timedelta(days=3), name="NORDIC OUTFIT", **SHOP))
    back: dict[str, Any] = {"merchant_name": "Nordic Outfit", "pfc_detailed": "INCOME_OTHER"}
    home.told(row("back", "-499.90", name="REFUND NORDIC OUTFIT", **back))
    rows = made.by_name(home.world, home.owner)
    assert rows["REFUND NORDIC OUTFIT"].category_key == rows["NORDIC OUTFIT"].category_key
    (found,) = home.do(refunds.of_row, transaction_id=rows["NORDIC OUTFIT"].id)
    home.do(refunds.reject, refund_id=found.id, now=NOW)
    rows = made.by_name(home.world, home.owner)
    assert rows["REFUND NORDIC OUTFIT"].category_key == "other_income"
    pair = (found.refund.id, found.purchase.id)
    assert home.do(refunds.ask_again, pair=pair, now=NOW).purchase.id == found.purchase.id


def test_a_refund_told_again_stays_where_its_purchase_is(home: Home) -> None:
    bought = row("buy", "499.90", TODAY - timedelta(days=9), name="NORDIC OUTFIT", **SHOP)
    back = row("back", "-499.90", name="REFUND NORDIC OUTFIT", merchant_name="Nordic Outfit",
               pfc_detailed="INCOME_OTHER")  # fmt: skip
    home.told(bought, back)

    def stands() -> list[Any]:
        return [
            made.values(home.world, f"SELECT * FROM {table} WHERE user_id = %s ORDER BY 2, 3, 4",
                        home.owner)
            for table in ("transactions", "monthly_totals", "refunds", "book_changes")
        ]  # fmt: skip

    before = stands()
    home.told(back, now=NOW + timedelta(hours=1))
    assert stands() == before
    home.told(replace(back, pfc_detailed="INCOME_TAX_REFUND", raw='{"other": "words"}'))
    assert {one.category_key for one in made.book(home.world, home.owner)} == {"clothing"}
    (found,) = home.do(refunds.of_row, transaction_id=home.ids("NORDIC OUTFIT")[0])
    home.do(refunds.reject, refund_id=found.id, now=NOW)
    rows = made.by_name(home.world, home.owner)
    assert rows["REFUND NORDIC OUTFIT"].category_key == "tax_refund"


def test_a_refund_whose_purchase_goes_stands_where_its_bank_put_it(home: Home) -> None:
    home.told(
        row("buy", "499.90", TODAY - timedelta(days=40), name="NORDIC OUTFIT", **SHOP),
        row("back", "-499.90", name="REFUND NORDIC OUTFIT", merchant_name="Nordic Outfit",
            pfc_detailed="INCOME_OTHER"),
    )  # fmt: skip
    made.apply(home.world, home.owner, home.known, page(removed=["buy"]))
    (left,) = made.book(home.world, home.owner)
    assert (left.category_key, left.category_by) == ("other_income", "bank")


def test_a_refund_whose_purchase_goes_with_its_import_stands_where_its_bank_put_it(
    home: Home,
) -> None:
    import_id = home.file(("NORDIC OUTFIT", "-499.90", 40))
    made.choose(home.world, home.owner, "clothing", *home.ids("NORDIC OUTFIT"))
    home.told(row("back", "-499.90", name="REFUND NORDIC OUTFIT", pfc_detailed="INCOME_OTHER"))
    rows = made.by_name(home.world, home.owner)
    if rows["REFUND NORDIC OUTFIT"].category_key != "clothing":
        found = home.do(
            refunds.link,
            refund=rows["REFUND NORDIC OUTFIT"].id, purchase=rows["NORDIC OUTFIT"].id, now=NOW,
        )  # fmt: skip
        assert found.state == "matched"
    month = TODAY.replace(day=1)
    assert home.summed(month) == {"clothing": Decimal("499.90")}
    gone = home.do(transactions.undo_import, import_id=import_id, now=NOW)
    assert gone == 1
    (left,) = made.book(home.world, home.owner)
    assert (left.category_key, left.category_by) == ("other_income", "bank")
    assert home.summed(month) == {"other_income": Decimal("499.90")}


def test_the_months_of_refunds_are_summed_anew_where_only_their_purchase_was_touched(
    home: Home,
) -> None:
    november, then = date(2026, 11, 1), datetime(2026, 11, 4, 9, tzinfo=UTC)
    back = row("back", "-499.90", date(2026, 11, 3), name="REFUND NORDIC OUTFIT",
               merchant_name="Nordic Outfit", pfc_detailed="INCOME_OTHER")  # fmt: skip
    bought = row("buy", "499.90", date(2026, 10, 28), name="NORDIC OUTFIT", pending=True, **SHOP)
    home.told(back, now=then)
    assert home.summed(november) == {"other_income": Decimal("499.90")}
    home.told(bought, now=then)
    assert home.summed(november) == {"clothing": Decimal("499.90")}
    home.told(now=NOW)
    rows = made.by_name(home.world, home.owner)
    assert rows["NORDIC OUTFIT"].never_booked_at == NOW
    assert home.summed(november) == {"other_income": Decimal("499.90")}


def test_a_purchase_is_not_refunded_for_more_than_it_cost(home: Home) -> None:
    home.told(
        row("bought", "500", TODAY - timedelta(days=9), name="NORDIC OUTFIT", **SHOP),
        row("first", "-300", TODAY - timedelta(days=3), name="RETUR 1", **SHOP),
        row("second", "-300", name="RETUR 2", **SHOP),
    )
    linked = home.do(refunds.of_row, transaction_id=home.ids("NORDIC OUTFIT")[0])
    assert len(linked) == 1
    (left,) = {*home.ids("RETUR 1"), *home.ids("RETUR 2")} - {linked[0].refund.id}
    with pytest.raises(refunds.NotARefund, match="more than is left"):
        home.do(refunds.link, refund=left, purchase=linked[0].purchase.id, now=NOW)


def test_pay_from_a_shop_is_no_refund(home: Home) -> None:
    home.told(
        row("bought", "900", TODAY - timedelta(days=9), name="NORDIC OUTFIT", **SHOP),
        row("pay", "-900", name="NORDIC OUTFIT wages", merchant_name=None,
            pfc_detailed="INCOME_WAGES"),
    )  # fmt: skip
    assert home.do(refunds.of_row, transaction_id=home.ids("NORDIC OUTFIT")[0]) == []


def test_a_file_and_the_bank_that_came_after_it_are_asked_about(home: Home) -> None:
    home.file(("Green Basket 4411", "-120.50", 3), ("Kiosk", "-30", 3))
    home.told(row("bank", "120.50", TODAY - timedelta(days=2), name="GREEN BASKET OSLO"))
    (found,) = home.asked()
    assert (found.row.origin, found.kept.origin, found.days) == ("file", "bank", 1)
    assert len(made.book(home.world, home.owner)) == 3


def test_each_of_very_many_alike_is_asked_about(home: Home) -> None:
    home.file(*(("KAFFEBRENNERIET", "-45", 0) for _ in range(400)))
    home.told(*(row(f"c{n}", "45", name="KAFFEBRENNERIET") for n in range(400)))
    assert home.do(doubles.count_asked) == 400


def test_two_coffees_stay_two(home: Home) -> None:
    home.file(("Harbour Coffee", "-45", 1))
    yesterday = TODAY - timedelta(days=1)
    home.told(row("one", "45", yesterday, name="HARBOUR COFFEE"),
              row("two", "45", yesterday, name="HARBOUR COFFEE"))  # fmt: skip
    assert len(home.asked()) == 1
    home.do(doubles.merge, double_id=home.asked()[0].id, now=NOW)
    assert home.asked() == []
    assert len(made.book(home.world, home.owner)) == 2


def test_merging_keeps_what_the_person_chose_and_can_be_undone(home: Home) -> None:
    home.file(("Green Basket", "-120.50", 0))
    (of_file,) = home.ids("Green Basket")
    made.choose(home.world, home.owner, "dining", of_file)
    made.note(home.world, home.owner, of_file, "with Mia")
    home.told(row("bank", "120.50", name="GREEN BASKET OSLO"))
    left, edit = home.do(doubles.merge, double_id=home.asked()[0].id, now=NOW)
    (kept,) = made.book(home.world, home.owner)
    assert (kept.id, kept.origin, kept.note, kept.category_key) == (
        left, "bank", "with Mia", "dining",
    )  # fmt: skip
    home.do(manual.undo, edit_id=edit, now=NOW)
    rows = {one.origin.value: one for one in made.book(home.world, home.owner)}
    assert (rows["file"].note, rows["bank"].note) == ("with Mia", None)


def test_both_kept_is_remembered_until_it_is_taken_back(home: Home) -> None:
    home.file(("Green Basket", "-120.50", 0))
    bank = row("bank", "120.50", name="GREEN BASKET OSLO")
    home.told(bank)
    kept = home.do(doubles.reject, double_id=home.asked()[0].id, now=NOW)
    home.told(row("other", "10", name="Kiosk"))
    assert home.asked() == []
    home.do(doubles.ask_again, pair=(kept.row.id, kept.kept.id), now=NOW)
    assert len(home.asked()) == 1


def test_somebody_elses_is_not_found(home: Home, world: World) -> None:
    home.file(("Green Basket", "-120.50", 0))
    home.told(row("bank", "120.50", name="GREEN BASKET OSLO"))
    (asked,) = home.asked()
    for verb in (doubles.merge, doubles.reject):
        with pytest.raises(doubles.DoubleNotFound):
            Home(world).do(verb, double_id=asked.id, now=NOW)
