"""Transfers: found as rows come, counted as neither, confirmed, rejected, ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom import transactions
from strongroom.core.ids import AccountId, TransactionId, UserId
from strongroom.core.money import Money
from strongroom.transactions import manual, transfers
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, row
from tests.identity.conftest import World

OUT: dict[str, Any] = {"pfc_detailed": "TRANSFER_OUT_ACCOUNT_TRANSFER", "merchant_name": None}
INTO: dict[str, Any] = {"pfc_detailed": "TRANSFER_IN_ACCOUNT_TRANSFER", "merchant_name": None}


@pytest.fixture
def home(world: World) -> Home:
    return Home(world)


class Home:
    """Somebody with a checking account, savings and a card."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.owner: UserId = made.person(world)
        self.known: dict[str, AccountId] = made.take_in(
            world,
            self.owner,
            made.item(world, self.owner),
            made.report("checking", "1000", name="Brukskonto", mask="1111"),
            made.report("savings", "5000", name="Sparekonto", mask="2222", subtype="savings"),
            made.report("card", "300", name="Visa", mask="3333", type="credit",
                        subtype="credit card"),
        )  # fmt: skip

    def told(self, *rows: Any, **more: Any) -> None:
        made.apply(self.world, self.owner, self.known, page(*rows, **more))

    def do(self, verb: Any, **facts: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **facts))

    def id(self, text: str) -> TransactionId:
        return made.by_name(self.world, self.owner)[text].id

    def of(self, text: str) -> Any:
        return self.do(transfers.find_of, transaction_id=self.id(text))

    def flow(self) -> Any:
        (month,) = self.do(transactions.cash_flow, currency=NOK, today=TODAY, months=1)
        return month.money_in.amount, month.money_out.amount

    def sums_are_those_of_the_rows(self) -> None:
        wrong = made.values(
            self.world,
            "SELECT 1 FROM (SELECT date_trunc('month', day)::date AS month, account_id,"
            " category_id, currency, sum(amount) FILTER (WHERE counts) AS counted"
            " FROM transaction_parts WHERE user_id = %s GROUP BY 1, 2, 3, 4) p"
            " FULL JOIN (SELECT * FROM monthly_totals WHERE user_id = %s) m"
            " USING (month, account_id, category_id, currency)"
            " WHERE coalesce(p.counted, 0) <> coalesce(m.counted, 0)",
            self.owner,
            self.owner,
        )
        assert not wrong
        assert not made.values(
            self.world, "SELECT 1 FROM stale_months WHERE user_id = %s", self.owner
        )


def pair(amount: str = "500", **more: Any) -> list[Any]:
    """Two legs that their bank does not know as such: one counts as spending, one as income."""
    out = row("out", amount, name="Betaling 123", pfc_detailed=None, **more)
    into = row("into", f"-{amount}", plaid_account_id="savings", name="Fra konto ••1111",
               pfc_detailed="INCOME_OTHER")  # fmt: skip
    return [out, into]


def test_two_legs_count_as_neither_income_nor_spending(home: Home) -> None:
    home.told(*pair(), row("food", "80"))
    found = home.of("Betaling 123")
    assert found.state == "matched"
    assert (found.out.account_name, found.into.account_name) == ("Brukskonto", "Sparekonto")
    assert {one.fact for one in found.reasons} >= {"same_amount", "into_has_its_number"}
    assert home.flow() == (0, 80)
    home.sums_are_those_of_the_rows()


def test_the_second_leg_may_come_with_a_later_sync(home: Home) -> None:
    out, into = pair()
    home.told(out)
    assert home.flow() == (0, 500)
    home.told(into)
    assert home.flow() == (0, 0)
    assert home.of("Betaling 123").into.id == home.id("Fra konto ••1111")


def test_a_card_payment_is_one_of_its_own_kind(home: Home) -> None:
    home.told(
        row("pays", "1234.50", TODAY - timedelta(days=3), name="Nettgiro", **OUT),
        row("paid", "-1234.50", plaid_account_id="card", name="Innbetaling",
            pfc_detailed="LOAN_PAYMENTS_CREDIT_CARD_PAYMENT"),
    )  # fmt: skip
    assert home.of("Nettgiro").kind == "card_payment"


def test_money_from_somebody_else_is_none(home: Home) -> None:
    home.told(
        row("rent", "500", name="Til konto ••9876", **OUT),
        row("ola", "-500", plaid_account_id="savings", name="Vipps Ola Hansen", **INTO),
    )
    assert home.of("Vipps Ola Hansen") is None


def test_an_unclear_one_is_asked_about_and_counts_until_then(home: Home) -> None:
    home.told(
        row("one", "500", name="Betaling", pfc_detailed=None),
        row("two", "-500", TODAY - timedelta(days=1), plaid_account_id="savings",
            name="Ola Hansen", pfc_detailed="INCOME_OTHER"),
    )  # fmt: skip
    if (asked := home.of("Betaling")) is not None:
        assert asked.state == "proposed"
    assert home.flow() == (500, 500)


def test_the_best_that_was_passed_over_is_kept(home: Home) -> None:
    home.told(
        *pair(),
        row("late", "-500", TODAY - timedelta(days=1), plaid_account_id="savings",
            name="Overføring", **INTO),
    )  # fmt: skip
    found = home.of("Betaling 123")
    assert found.into.title == "Fra konto ••1111"
    assert (found.rival.title, found.rival_side) == ("Overføring", "into")
    assert found.rival_score < found.score


def test_a_leg_that_goes_ends_the_transfer_and_the_other_counts_again(home: Home) -> None:
    last = TODAY - timedelta(days=TODAY.day)  # of the month before: both months are summed anew
    home.told(
        row("out", "500", last, name="Betaling 123", pfc_detailed=None),
        row("into", "-500", last + timedelta(days=2), plaid_account_id="savings",
            name="Fra konto ••1111", pfc_detailed="INCOME_OTHER"),
    )  # fmt: skip
    assert home.flow() == (0, 0)
    home.told(removed=["out"])
    assert home.flow() == (500, 0)
    assert home.of("Fra konto ••1111") is None
    home.sums_are_those_of_the_rows()


def test_a_leg_that_lost_the_other_goes_with_the_next_best(home: Home) -> None:
    out, into = pair()
    home.told(out, into, replace(into, plaid_transaction_id="next", name="Fra konto ••1111 igjen",
                                 day=TODAY + timedelta(days=1), raw='{"a": 1}'))  # fmt: skip
    assert home.of("Betaling 123").into.id == home.id("Fra konto ••1111")
    home.told(removed=["into"])
    assert home.of("Betaling 123").into.id == home.id("Fra konto ••1111 igjen")
    home.sums_are_those_of_the_rows()


def test_a_confirmed_leg_that_the_bank_takes_back_ends_it_too(home: Home) -> None:
    home.told(*pair())
    home.do(transfers.confirm, transfer_id=home.of("Betaling 123").id, now=NOW)
    home.told(removed=["out"])
    assert home.of("Fra konto ••1111") is None
    assert home.flow() == (500, 0)
    home.sums_are_those_of_the_rows()


def test_a_changed_amount_ends_what_nobody_confirmed(home: Home) -> None:
    home.told(*pair())
    home.told(modified=[row("out", "510", name="Betaling 123", pfc_detailed=None)])
    found = home.of("Betaling 123")
    assert found is None or found.state == "proposed"
    assert home.flow() == (500, 510)
    home.sums_are_those_of_the_rows()


def test_a_question_that_no_longer_fits_is_not_asked(home: Home) -> None:
    later = TODAY - timedelta(days=1)
    home.told(
        row("one", "500", TODAY - timedelta(days=4), name="Betaling", **OUT),
        row("two", "-500", later, plaid_account_id="savings", name="Innskudd", pfc_detailed=None),
    )
    assert home.of("Betaling").state == "proposed"
    home.told(modified=[row("two", "-510", later, plaid_account_id="savings", name="Innskudd",
                            pfc_detailed=None)])  # fmt: skip
    assert home.of("Betaling") is None
    assert home.do(transfers.count_proposed) == 0


def test_a_rejection_is_remembered(home: Home) -> None:
    home.told(*pair())
    transfer = home.of("Betaling 123")
    home.do(transfers.reject, transfer_id=transfer.id, now=NOW)
    assert home.flow() == (500, 500)
    home.told(modified=[row("out", "500", name="Betaling 123", merchant_name="Bank")])
    home.told(modified=pair())
    assert home.of("Betaling 123") is None
    home.sums_are_those_of_the_rows()


def test_a_rejection_can_be_undone_by_linking_the_two(home: Home) -> None:
    home.told(*pair())
    home.do(transfers.reject, transfer_id=home.of("Betaling 123").id, now=NOW)
    ids = (home.id("Fra konto ••1111"), home.id("Betaling 123"))
    linked = home.do(transfers.link, transaction_ids=ids, now=NOW)
    assert (linked.made_by, linked.out.title) == ("person", "Betaling 123")
    assert home.flow() == (0, 0)
    home.sums_are_those_of_the_rows()


def test_a_confirmed_one_stays_whatever_comes(home: Home) -> None:
    out, into = pair()
    home.told(out, row("late", "-500", plaid_account_id="savings", name="Overføring", **INTO))
    first = home.of("Betaling 123")
    home.do(transfers.confirm, transfer_id=first.id, now=NOW)
    home.told(into)
    assert home.of("Betaling 123").into.title == "Overføring"
    assert home.of("Fra konto ••1111") is None


def test_a_better_leg_that_comes_later_takes_the_place_of_one_nobody_confirmed(home: Home) -> None:
    out, into = pair()
    home.told(out, row("late", "-500", plaid_account_id="savings", name="Overføring", **INTO))
    assert home.of("Betaling 123").into.title == "Overføring"
    home.told(into)
    assert home.of("Betaling 123").into.title == "Fra konto ••1111"
    home.sums_are_those_of_the_rows()


def test_what_a_person_puts_under_spending_is_no_leg(home: Home) -> None:
    home.told(*pair())
    made.choose(home.world, home.owner, "groceries", home.id("Betaling 123"))
    assert home.of("Betaling 123") is None
    assert home.flow() == (500, 500)
    home.told(modified=pair())
    assert home.of("Betaling 123") is None
    home.sums_are_those_of_the_rows()


def test_each_of_very_many_alike_finds_another(home: Home) -> None:
    home.told(
        *(row(f"out {n}", "100", name=f"Til konto ••2222 {n}", **OUT) for n in range(500)),
        *(row(f"into {n}", "-100", plaid_account_id="savings", name=f"Fra konto ••1111 {n}", **INTO)
          for n in range(500)),
    )  # fmt: skip
    assert home.flow() == (0, 0)
    home.sums_are_those_of_the_rows()


def test_the_same_again_changes_nothing(home: Home) -> None:
    home.told(*pair())
    before = made.values(home.world, "SELECT * FROM transfers WHERE user_id = %s", home.owner)
    written = "SELECT count(*) FROM book_changes WHERE user_id = %s"
    changes = made.values(home.world, written, home.owner)
    home.told(modified=pair())
    home.do(transfers.match, days=[TODAY], now=NOW + timedelta(days=1))
    assert (
        made.values(home.world, "SELECT * FROM transfers WHERE user_id = %s", home.owner) == before
    )
    assert made.values(home.world, written, home.owner) == changes
    causes = made.values(
        home.world, "SELECT DISTINCT cause FROM book_changes WHERE user_id = %s", home.owner
    )
    assert causes == [("match",)]


def test_an_exchange_needs_a_rate(home: Home) -> None:
    def rows(number: int) -> list[Any]:
        return [
            row(f"nok{number}", "1150", name=f"Overføring til Euro {number}", **OUT),
            row(f"eur{number}", "-100", plaid_account_id="euro", currency=made.EUR,
                name=f"Overføring fra Brukskonto {number}", **INTO),
        ]  # fmt: skip

    item = made.item(home.world, home.owner)
    report = made.report("euro", "10", currency=made.EUR, name="Euro")
    home.known |= made.take_in(home.world, home.owner, item, report)
    home.told(*rows(1))
    assert home.of("Overføring til Euro 1") is None
    made_up = "INSERT INTO exchange_rates VALUES ('EUR', 'NOK', %s, 11.45, 'test', now())"
    home.world.within_all(lambda db: db.execute(made_up, (TODAY,)))
    home.told(modified=[row("nok1", "1150", name="Overføring til Euro 1", payment_channel="x",
                            **OUT)])  # fmt: skip
    found = home.of("Overføring til Euro 1")
    assert (found.kind, found.state) == ("exchange", "matched")


@pytest.mark.parametrize(
    ("first", "second", "because"),
    [
        (("1", "500", "checking"), ("2", "-500", "checking"), "two accounts"),
        (("1", "500", "checking"), ("2", "500", "savings"), "leaves an account"),
        (("1", "500", "checking"), ("2", "-400", "savings"), "too far apart"),
    ],
)
def test_two_rows_that_are_no_transfer_are_refused(
    home: Home, first: Any, second: Any, because: str
) -> None:
    home.told(*(row(key, amount, plaid_account_id=account, merchant_name="Shop")
                for key, amount, account in (first, second)))  # fmt: skip
    ids = (home.id("ROW 1"), home.id("ROW 2"))
    with pytest.raises(transfers.NotTwoLegs, match=because):
        home.do(transfers.link, transaction_ids=ids, now=NOW)


def test_a_leg_of_a_confirmed_one_is_not_taken_from_it(home: Home) -> None:
    home.told(*pair(), row("late", "-500", plaid_account_id="savings", name="Shop"))
    home.do(transfers.confirm, transfer_id=home.of("Betaling 123").id, now=NOW)
    ids = (home.id("Betaling 123"), home.id("Shop"))
    with pytest.raises(transfers.LegIsTaken):
        home.do(transfers.link, transaction_ids=ids, now=NOW)


def test_somebody_elses_is_not_found(home: Home, world: World) -> None:
    home.told(*pair())
    transfer = home.of("Betaling 123")
    other = Home(world)
    for verb in (transfers.confirm, transfers.reject):
        with pytest.raises(transfers.TransferNotFound):
            other.do(verb, transfer_id=transfer.id, now=NOW)
    ids = (home.id("Betaling 123"), home.id("Fra konto ••1111"))
    with pytest.raises(transfers.LegNotFound):
        other.do(transfers.link, transaction_ids=ids, now=NOW)


def test_a_person_can_be_erased_with_their_transfers(home: Home) -> None:
    home.told(*pair())
    home.world.within_all(lambda db: db.execute("DELETE FROM users WHERE id = %s", (home.owner,)))
    assert not made.values(home.world, "SELECT 1 FROM transfers WHERE user_id = %s", home.owner)


def test_a_category_that_ended_a_transfer_is_undone_with_it(home: Home) -> None:
    home.told(*pair())
    known = home.do(transactions.categories)
    groceries = next(one.id for one in known if one.key == "groceries")
    edit = home.do(
        manual.change,
        transaction_ids=[home.id("Betaling 123")],
        change=manual.RowChange(category_id=groceries),
        now=NOW,
    )
    assert home.flow() == (500, 500)
    home.do(manual.undo, edit_id=edit.id, now=NOW)
    assert home.flow() == (0, 0)
    home.sums_are_those_of_the_rows()


def test_an_entry_by_hand_is_matched_and_can_be_undone(home: Home) -> None:
    _out, into = pair()
    home.told(into)
    entry = manual.NewEntry(home.known["checking"], TODAY, Money(Decimal(-500), NOK), "Overføring")
    made_id, edit = home.do(manual.add, new=entry, now=NOW)
    assert home.do(transfers.find_of, transaction_id=made_id).state == "matched"
    home.do(manual.undo, edit_id=edit.id, now=NOW)
    assert home.of("Fra konto ••1111") is None
    assert home.flow() == (500, 0)
    home.sums_are_those_of_the_rows()


def test_a_confirmed_leg_that_is_edited_ends_it_and_it_is_looked_at_anew(home: Home) -> None:
    _out, into = pair("77.77")
    home.told(into)
    entry = manual.NewEntry(
        home.known["checking"], TODAY, Money(Decimal("-77.77"), NOK), "Overføring"
    )
    made_id, _edit = home.do(manual.add, new=entry, now=NOW)
    first = home.do(transfers.find_of, transaction_id=made_id)

    def found() -> Any:
        return home.do(transfers.find_of, transaction_id=made_id)

    def edited(**facts: Any) -> Any:
        change = manual.EntryChange(**facts)
        return home.do(manual.change_entry, transaction_id=made_id, change=change, now=NOW)

    home.do(transfers.confirm, transfer_id=first.id, now=NOW)
    edit = edited(amount=Money(Decimal(-50), NOK))
    assert found() is None
    assert home.flow() == (Decimal("77.77"), 50)
    home.do(manual.undo, edit_id=edit.id, now=NOW)
    assert (found().state, home.flow()) == ("matched", (0, 0))
    for apart in ({"account_id": home.known["savings"]}, {"day": TODAY - timedelta(days=40)}):
        home.do(transfers.confirm, transfer_id=found().id, now=NOW)
        edit = edited(text="Still one", day=TODAY - timedelta(days=2))
        assert found().confirmed_at == NOW, "two days later it may well be the same one"
        edit = edited(**apart)
        assert found() is None
        home.do(manual.undo, edit_id=edit.id, now=NOW)
        assert found() is not None
    home.sums_are_those_of_the_rows()


def test_a_leg_whose_other_one_was_never_booked_goes_with_the_next_at_once(home: Home) -> None:
    out, into = pair()
    home.told(out, replace(into, pending=True), replace(
        into, plaid_transaction_id="later", name="Fra konto ••1111 igjen",
        day=TODAY + timedelta(days=2)))  # fmt: skip
    assert home.of("Betaling 123").into.id == home.id("Fra konto ••1111")
    # A sync that brings nothing: the pending leg is too old by now.
    made.apply(home.world, home.owner, home.known, page(), now=NOW + timedelta(days=15))
    assert home.of("Betaling 123").into.id == home.id("Fra konto ••1111 igjen")
    home.sums_are_those_of_the_rows()
