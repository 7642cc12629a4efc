"""The book through its door: what a bank sends, what people choose, and sums that stay true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import transactions
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id
from strongroom.core.money import NO_CURRENCY, Currency, Money
from strongroom.transactions import (
    Applied,
    BankTransaction,
    CategoryNotFound,
    Filter,
    Kind,
    NoteTooLong,
    Page,
    Position,
    Transaction,
    TransactionNotFound,
    manual,
)
from strongroom.transactions.manual import RowChange
from tests import book as made
from tests.book import NOK, NOW, TODAY, USD, page, row
from tests.identity.conftest import World

LATER = NOW + timedelta(hours=1)
_NOTHING = Decimal(0)


@dataclass
class Kari:
    """Someone with two accounts, and the verbs of the book in her name."""

    world: World
    owner: UserId
    known: dict[str, AccountId]

    def apply(self, *pages: Any, now: Any = NOW) -> Applied:
        return made.apply(self.world, self.owner, self.known, *pages, now=now)

    def book(self, **narrowed: Any) -> list[Transaction]:
        return made.book(self.world, self.owner, **narrowed)

    def only(self) -> Transaction:
        (found,) = self.book()
        return found

    def choose(self, key: str, *ids: TransactionId) -> None:
        made.choose(self.world, self.owner, key, *ids)

    def note(self, one: Transaction, text: str) -> Transaction:
        return made.note(self.world, self.owner, one.id, text)

    def review(self, *ids: TransactionId, reviewed: bool = True) -> None:
        made.review(self.world, self.owner, *ids, reviewed=reviewed)

    def ask(self, verb: Callable[..., Any], **arguments: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **arguments))


@pytest.fixture
def kari(world: World) -> Kari:
    return somebody(world)


def somebody(world: World) -> Kari:
    owner = made.person(world)
    known = made.take_in(
        world,
        owner,
        made.item(world, owner),
        made.report("checking", "1000"),
        made.report("card", "50", type="credit", subtype="credit card"),
        made.report("fund", "900", type="investment", subtype="brokerage"),
        made.report("dollars", "5", currency=USD),
    )
    return Kari(world, owner, known)


# --- taking in what a bank sends


def test_plaids_sign_is_turned_and_facts_are_kept(kari: Kari) -> None:
    one = row("a", "10.10", merchant_name="Kiwi", authorized_date=TODAY - timedelta(days=1))
    assert kari.apply(page(one)) == Applied(added=1, since=TODAY)
    found = kari.only()
    assert found.amount == Money(Decimal("-10.10"), NOK)
    assert (found.title, found.description, found.merchant) == ("Kiwi", "ROW a", "Kiwi")
    assert (found.day, found.happened_on) == (TODAY, TODAY - timedelta(days=1))
    assert (found.category_key, found.category_by, found.kind) == (
        "groceries", "bank", Kind.SPENDING,
    )  # fmt: skip
    assert (found.account_id, found.account_name) == (kari.known["checking"], "Checking")
    assert not found.pending and found.reviewed_at is None


def test_what_the_bank_said_is_kept_in_its_own_words(kari: Kari) -> None:
    raw = '{"amount":  10.10, "name":"Café", "count": 1.0}'
    kari.apply(page(row("a", "10.10", raw=raw)))
    kept = made.values(
        kari.world, "SELECT raw::text FROM plaid_transactions WHERE user_id = %s", kari.owner
    )
    assert kept == [(raw,)]
    said = kari.ask(transactions.bank_record, transaction_id=kari.only().id)
    assert said == {"amount": "10.10", "name": "Café", "count": "1.0"}
    assert kari.ask(transactions.bank_record, transaction_id=TransactionId(new_id())) == {}


def test_twins_are_two_rows(kari: Kari) -> None:
    twin = row("a", "39", name="COFFEE")
    kari.apply(page(twin, replace(twin, plaid_transaction_id="b")))
    assert [one.description for one in kari.book()] == ["COFFEE", "COFFEE"]


def test_the_same_pages_twice_change_nothing(kari: Kari) -> None:
    pages = [page(row("a", "1"), row("b", "-2"), row("c", "3")), page(removed=["c", "unheard-of"])]
    kari.apply(*pages)
    before = whole(kari)
    assert kari.apply(*pages, now=LATER) == Applied()
    assert whole(kari) == before


def whole(kari: Kari) -> list[Any]:
    return [
        made.values(kari.world, f"SELECT * FROM {table} WHERE user_id = %s ORDER BY 2, 3, 4",
                    kari.owner)
        for table in ("transactions", "plaid_transactions", "monthly_totals")
    ]  # fmt: skip


def test_rows_of_an_unlisted_account_are_handed_back(kari: Kari) -> None:
    stranger = row("b", "1", plaid_account_id="stranger")
    applied = kari.apply(page(row("a", "1"), stranger))
    assert applied == Applied(added=1, since=TODAY, homeless=(stranger,))
    assert [one.description for one in kari.book()] == ["ROW a"]


def test_modified_rows_change_the_banks_side_only(kari: Kari) -> None:
    kari.apply(page(row("a", "100"), row("b", "5")))
    first = made.by_name(kari.world, kari.owner)
    kari.choose("gifts", first["ROW a"].id)
    kari.note(first["ROW a"], "for Ola")
    changed = row("a", "120.50", TODAY - timedelta(days=40), name="NEW NAME",
                  pfc_detailed="TRAVEL_FLIGHTS", plaid_account_id="card")  # fmt: skip
    untouched_category = row("b", "5", pfc_detailed="TRAVEL_FLIGHTS")
    applied = kari.apply(page(modified=[changed, untouched_category]), now=LATER)
    assert (applied.added, applied.modified) == (0, 2)
    assert applied.since == TODAY - timedelta(days=40)
    after = made.by_name(kari.world, kari.owner)
    edited, plain = after["NEW NAME"], after["ROW b"]
    assert edited.id == first["ROW a"].id
    assert (edited.amount.amount, edited.day) == (Decimal("-120.50"), TODAY - timedelta(days=40))
    assert edited.account_id == kari.known["card"]
    assert (edited.category_key, edited.category_by, edited.note) == ("gifts", "person", "for Ola")
    assert (plain.category_key, plain.category_by) == ("travel", "bank")
    true_sums(kari)


@pytest.mark.parametrize(
    ("pfc", "amount", "key"),
    [
        ("SOMETHING_NEW_AT_PLAID", "5", "uncategorised"),
        ("SOMETHING_NEW_AT_PLAID", "-5", "other_income"),
        (None, "5", "uncategorised"),
        (None, "-5", "other_income"),
        ("INCOME_WAGES", "-5", "salary"),
        ("LOAN_PAYMENTS_CREDIT_CARD_PAYMENT", "5", "card_payment"),
    ],
)
def test_categories_from_the_banks(kari: Kari, pfc: str | None, amount: str, key: str) -> None:
    kari.apply(page(row("a", amount, pfc_detailed=pfc, pfc_primary=None)))
    assert kari.only().category_key == key


def test_unofficial_currencies_and_none(kari: Kari) -> None:
    btc = Currency("BTC")
    kari.apply(page(row("a", "0.0000000001", currency=btc), row("b", "7", currency=NO_CURRENCY)))
    found = made.by_name(kari.world, kari.owner)
    assert found["ROW a"].amount == Money(Decimal("-0.0000000001"), btc)
    assert found["ROW b"].amount.currency == NO_CURRENCY
    summary = kari.ask(transactions.summary, filter=Filter())
    assert {one.currency: one.amount for one in summary.totals} == {
        btc: Decimal("-0.0000000001"), NO_CURRENCY: Decimal(-7),
    }  # fmt: skip


def test_a_row_without_a_merchant_is_called_by_the_banks_text(kari: Kari) -> None:
    kari.apply(page(row("a", "1", merchant_name=None, name="VISA 1234 🍕 Grünerløkka")))
    assert kari.only().title == "VISA 1234 🍕 Grünerløkka"


# --- pending and posted


def test_pending_becomes_posted_with_what_the_person_chose(kari: Kari) -> None:
    for how, runs in _ORDERS.items():
        one = somebody(kari.world)
        one.apply(page(row("p", "20", pending=True, name="HOLD")))
        held = one.only()
        assert held.pending
        one.choose("gifts", held.id)
        one.note(held, "dinner")
        one.review(held.id)
        for run in runs:
            one.apply(*run, now=LATER)
        posted = one.only()
        assert posted.id == held.id, how
        assert (posted.amount.amount, posted.pending) == (Decimal("-23.50"), False), how
        assert posted.description == "ROW q"
        assert (posted.category_key, posted.note, posted.reviewed_at) == ("gifts", "dinner", NOW)
        assert posted.removed_by_bank is None, how
        true_sums(one)


_POSTED = row("q", "23.50", pending_transaction_id="p")
_ORDERS: dict[str, list[list[Any]]] = {
    "one page": [[page(_POSTED, removed=["p"])]],
    "one run, posted first": [[page(_POSTED), page(removed=["p"])]],
    "one run, removal first": [[page(removed=["p"]), page(_POSTED)]],
    "two runs, posted first": [[page(_POSTED)], [page(removed=["p"])]],
    "two runs, removal first": [[page(removed=["p"])], [page(_POSTED)]],
    "sent again": [[page(_POSTED, removed=["p"])], [page(_POSTED, removed=["p"])]],
    "corrected once more while it posts": [
        [page(_POSTED, modified=[row("p", "21", pending=True)])], [page(removed=["p"])],
    ],
    "corrected after it posted": [
        [page(_POSTED)], [page(modified=[row("p", "21", pending=True)])], [page(removed=["p"])],
    ],
}  # fmt: skip


def test_an_unedited_pending_row_keeps_its_id_as_it_posts(kari: Kari) -> None:
    kari.apply(page(row("p", "20", pending=True)))
    held = kari.only()
    kari.apply(page(_POSTED, removed=["p"]), now=LATER)
    posted = kari.only()
    assert (posted.id, posted.pending, posted.category_by) == (held.id, False, "bank")


def test_a_pending_row_never_stands_beside_its_posted_one(kari: Kari) -> None:
    """Plaid may report the removal in a later run; until then the event counts once."""
    kari.apply(page(row("p", "20", pending=True), _POSTED))
    assert kari.only().description == "ROW q"
    true_sums(kari)
    kari.apply(page(modified=[row("p", "22", pending=True)]), now=LATER)
    assert kari.only().description == "ROW q"
    kari.apply(page(removed=["p"]), now=LATER)
    assert kari.only().description == "ROW q"


def test_a_pending_row_that_vanishes_leaves_the_book(kari: Kari) -> None:
    kari.apply(page(row("p", "20", pending=True), row("b", "1")))
    assert kari.apply(page(removed=["p"]), now=LATER).removed == 1
    assert kari.only().description == "ROW b"
    tombstone = made.values(
        kari.world,
        "SELECT removed_at FROM plaid_transactions"
        " WHERE user_id = %s AND plaid_transaction_id = 'p'",
        kari.owner,
    )
    assert tombstone == [(LATER,)]
    true_sums(kari)


@pytest.mark.parametrize("how", ["category", "note", "reviewed"])
def test_removed_rows_that_a_person_edited_stay_marked(kari: Kari, how: str) -> None:
    kari.apply(page(row("a", "20")))
    edited = kari.only()
    if how == "category":
        kari.choose("gifts", edited.id)
    elif how == "note":
        kari.note(edited, "mine")
    else:
        kari.review(edited.id)
    kari.apply(page(removed=["a"]), now=LATER)
    assert kari.only().removed_by_bank == LATER
    assert kari.apply(page(removed=["a"]), now=LATER) == Applied()
    flow = kari.ask(transactions.cash_flow, currency=NOK, today=TODAY)
    assert flow[-1].money_out.amount == 0
    true_sums(kari)
    kari.apply(page(row("a", "20")), now=LATER)
    assert kari.only().removed_by_bank is None
    true_sums(kari)


# --- what people do


def test_editing_says_what_is_wrong_and_changes_nothing(kari: Kari) -> None:
    kari.apply(page(row("a", "1")))
    mine, unknown = kari.only().id, TransactionId(new_id())
    gifts = made.category(kari.world, kari.owner, "gifts")
    with pytest.raises(CategoryNotFound):
        kari.ask(transactions.set_category, transaction_ids=[mine], category_id=new_id(), now=NOW)
    with pytest.raises(TransactionNotFound):
        kari.ask(
            transactions.set_category, transaction_ids=[mine, unknown], category_id=gifts, now=NOW
        )
    with pytest.raises(TransactionNotFound):
        kari.ask(
            manual.change, transaction_ids=[mine, unknown], change=RowChange(reviewed=True), now=NOW
        )
    with pytest.raises(NoteTooLong) as refused:
        kari.ask(manual.change, transaction_ids=[mine], change=RowChange(note="x" * 2001), now=NOW)
    assert refused.value.field == "note"
    after = kari.only()
    assert (after.category_by, after.reviewed_at, after.note) == ("bank", None, None)


def test_notes_and_reviews_come_and_go(kari: Kari) -> None:
    kari.apply(page(row("a", "1"), row("p", "1", pending=True)))
    booked = made.by_name(kari.world, kari.owner)["ROW a"]
    assert kari.note(booked, "  split with Ola  ").note == "split with Ola"
    assert kari.note(booked, "  ").note is None
    assert kari.ask(transactions.count_to_review) == 1
    kari.review(booked.id, booked.id)
    assert kari.ask(transactions.count_to_review) == 0
    assert kari.book(to_review=True) == []
    kari.review(booked.id, reviewed=False)
    assert kari.ask(transactions.count_to_review) == 1
    assert [one.id for one in kari.book(to_review=True)] == [booked.id]


def test_another_person_sees_and_changes_nothing(kari: Kari, world: World) -> None:
    kari.apply(page(row("a", "1")))
    mine = kari.only()
    ola = somebody(world)
    assert ola.book() == []
    assert ola.ask(transactions.summary, filter=Filter()) == transactions.Summary(0, [])
    assert ola.ask(transactions.bank_record, transaction_id=mine.id) == {}
    gifts = made.category(world, ola.owner, "gifts")
    attempts: list[tuple[Any, dict[str, Any]]] = [
        (transactions.get, {"transaction_id": mine.id}),
        (manual.change,
         {"transaction_ids": [mine.id], "change": RowChange(note="x"), "now": NOW}),
        (transactions.set_category,
         {"transaction_ids": [mine.id], "category_id": gifts, "now": NOW}),
        (manual.change,
         {"transaction_ids": [mine.id], "change": RowChange(reviewed=True), "now": NOW}),
    ]  # fmt: skip
    for verb, arguments in attempts:
        with pytest.raises(TransactionNotFound):
            ola.ask(verb, **arguments)
    # Nor where the wrong owner is named: row security is the second lock.
    for verb, arguments in (attempts[0], attempts[1], attempts[3]):
        with pytest.raises(TransactionNotFound):
            world.within(ola.owner, partial(verb, owner=kari.owner, **arguments))
    assert kari.only() == mine


# --- finding


def pages_of(kari: Kari, limit: int, **narrowed: Any) -> list[Transaction]:
    found: list[Transaction] = []
    after: Position | None = None
    while True:
        one: Page = kari.ask(
            transactions.search, filter=Filter(**narrowed), after=after, limit=limit
        )
        assert len(one.items) <= limit
        found += one.items
        after = one.next
        if after is None:
            return found


def test_paging_visits_every_row_once_newest_first_under_ties(kari: Kari) -> None:
    kari.apply(page(*(row(f"r{n}", "1", TODAY - timedelta(days=n % 3)) for n in range(40))))
    for limit in (1, 7, 20, 40, 41):
        found = pages_of(kari, limit)
        places = [(one.day, one.id) for one in found]
        assert places == sorted(places, reverse=True)
        assert len({one.id for one in found}) == len(found) == 40
    assert len(pages_of(kari, 3, until=TODAY - timedelta(days=1))) == 26


def test_filters(kari: Kari) -> None:
    kari.apply(
        page(
            row("a", "12.50", merchant_name="Blå Kaffe", name="CARD 99", pfc_detailed=_COFFEE),
            row("b", "-900", TODAY - timedelta(days=40), name="100% LØNN_JAN",
                pfc_detailed="INCOME_SALARY"),
            row("c", "3", plaid_account_id="card", name="back\\slash", pending=True),
            row("d", "4", TODAY - timedelta(days=3), name="plain"),
        )
    )  # fmt: skip
    kari.note(made.by_name(kari.world, kari.owner)["plain"], "shared with Åse")

    def names(**narrowed: Any) -> set[str]:
        found = kari.book(**narrowed)
        assert kari.ask(transactions.summary, filter=Filter(**narrowed)).count == len(found)
        return {one.description for one in found}

    everything = {"CARD 99", "100% LØNN_JAN", "back\\slash", "plain"}
    assert names() == everything
    assert names(text="   ") == everything
    assert names(text="kaffe") == names(text="BLÅ") == {"CARD 99"}
    assert names(text="åse") == {"plain"}
    assert names(text="100%") == {"100% LØNN_JAN"}
    assert names(text="%") == {"100% LØNN_JAN"}
    assert names(text="_") == {"100% LØNN_JAN"}
    assert names(text="\\") == {"back\\slash"}
    assert names(text="12,5") == names(text="-12.50") == {"CARD 99"}
    assert names(text="900.00") == {"100% LØNN_JAN"}
    assert names(text="no such row") == set()
    assert names(category="coffee") == {"CARD 99"}
    assert names(category="food") == everything - {"100% LØNN_JAN"}
    assert names(category="income") == {"100% LØNN_JAN"}
    assert names(category="nonsense") == set()
    assert names(account_id=kari.known["card"]) == {"back\\slash"}
    assert names(since=TODAY - timedelta(days=3)) == everything - {"100% LØNN_JAN"}
    assert names(until=TODAY - timedelta(days=3)) == {"plain", "100% LØNN_JAN"}
    assert names(since=TODAY, until=TODAY) == {"CARD 99", "back\\slash"}
    assert names(pending=True) == {"back\\slash"}
    assert names(pending=False) == everything - {"back\\slash"}
    # Not what is pending, and not what was more than 30 days old when it first came.
    assert names(to_review=True) == {"CARD 99", "plain"}
    assert names(category="food", account_id=kari.known["card"], text="SLASH") == {"back\\slash"}


_COFFEE = "FOOD_AND_DRINK_COFFEE"


def test_a_search_for_what_no_row_can_hold_finds_nothing(kari: Kari) -> None:
    kari.apply(page(row("a", "1")))
    for text in ("9" * 150, "1" + "0" * 200 + ".5", "🍕" * 200, "'; DROP TABLE x"):
        assert kari.book(text=text) == []


# --- sums


def true_sums(kari: Kari) -> None:
    """Counts and sums equal what the rows say, by every account, category and month."""
    rows = kari.book()
    summary = kari.ask(transactions.summary, filter=Filter())
    assert summary.count == len(rows)
    assert {one.currency: one.amount for one in summary.totals} == sums(rows)
    for account_id in kari.known.values():
        found = kari.ask(transactions.summary, filter=Filter(account_id=account_id))
        mine = [one for one in rows if one.account_id == account_id]
        assert (found.count, {m.currency: m.amount for m in found.totals}) == (
            len(mine), sums(mine),
        )  # fmt: skip
    for key in ("food", "groceries", "gifts", "travel", "salary", "income"):
        found = kari.ask(transactions.summary, filter=Filter(category=key))
        assert found.count == len(kari.book(category=key))
    waiting = [one for one in rows if one.needs_review and not one.pending]
    assert kari.ask(transactions.count_to_review) == len(waiting)
    for code in (NOK, USD):
        true_flow(kari, rows, code)


def sums(rows: Sequence[Transaction]) -> dict[Currency, Decimal]:
    found: dict[Currency, Decimal] = defaultdict(Decimal)
    for one in rows:
        found[one.amount.currency] += one.amount.amount
    return dict(found)


def true_flow(kari: Kari, rows: Sequence[Transaction], code: Currency) -> None:
    lived_from = {kari.known[name] for name in ("checking", "card", "dollars")}
    moved: dict[tuple[date, Kind], Decimal] = defaultdict(Decimal)
    for one in rows:
        stands = one.removed_by_bank is None and one.never_booked_at is None
        counts = stands and one.account_id in lived_from
        if counts and one.amount.currency == code:
            moved[one.day.replace(day=1), one.kind] += one.amount.amount
    flow = kari.ask(transactions.cash_flow, currency=code, today=TODAY, months=4)
    assert [one.month for one in flow] == [date(2026, month, 1) for month in (8, 9, 10, 11)]
    for one in flow:
        income, spent = moved[one.month, Kind.INCOME], -moved[one.month, Kind.SPENDING]
        assert one.money_in.amount == max(income, _NOTHING) + max(-spent, _NOTHING)
        assert one.money_out.amount == max(spent, _NOTHING) + max(-income, _NOTHING)


_PLAID_IDS = st.sampled_from([f"t{n}" for n in range(8)])
_BANK_ROWS = st.builds(
    lambda plaid_id, cents, ago, account, pfc, pending, before: row(
        plaid_id,
        str(Decimal(cents).scaleb(-2)),
        TODAY - timedelta(days=ago),
        plaid_account_id=account,
        currency=USD if account == "dollars" else NOK,
        pfc_detailed=pfc,
        pending=pending,
        pending_transaction_id=None if pending or before == plaid_id else before,
    ),
    _PLAID_IDS,
    st.integers(-20_000, 20_000),
    st.integers(0, 75),
    st.sampled_from(["checking", "card", "fund", "dollars"]),
    st.sampled_from(
        [
            "INCOME_SALARY",
            "TRAVEL_FLIGHTS",
            "FOOD_AND_DRINK_GROCERIES",
            "TRANSFER_OUT_SAVINGS",
            None,
        ]
    ),
    st.booleans(),
    st.none() | _PLAID_IDS,
)
_STEPS = st.one_of(
    st.tuples(
        st.just("apply"),
        st.builds(
            lambda added, modified, removed: page(*added, modified=modified, removed=removed),
            st.lists(_BANK_ROWS, max_size=4),
            st.lists(_BANK_ROWS, max_size=2),
            st.lists(_PLAID_IDS, max_size=2),
        ),
    ),
    st.tuples(st.sampled_from(["gifts", "salary", "own_transfer"]), st.integers(0, 9)),
    st.tuples(st.sampled_from(["reviewed", "unreviewed", "note"]), st.integers(0, 9)),
)


@settings(max_examples=25)
@given(steps=st.lists(_STEPS, min_size=1, max_size=10))
def test_sums_stay_true_whatever_happens(world: World, steps: list[tuple[str, Any]]) -> None:
    kari = somebody(world)
    for number, (what, detail) in enumerate(steps):
        if what == "apply":
            kari.apply(detail, now=NOW + timedelta(minutes=number))
            continue
        rows = kari.book()
        if not rows:
            continue
        chosen = rows[detail % len(rows)]
        if what == "note":
            kari.note(chosen, "noted")
        elif what in ("reviewed", "unreviewed"):
            kari.review(chosen.id, reviewed=what == "reviewed")
        else:
            kari.choose(what, chosen.id)
    true_sums(kari)


@pytest.mark.parametrize(
    ("today", "through"),
    [(date(2026, 11, 21), date(2026, 10, 21)), (date(2026, 3, 31), date(2026, 2, 28))],
)
def test_spending_compares_the_same_days(kari: Kari, today: date, through: date) -> None:
    def spent(name: str, amount: str, day: date, **more: Any) -> BankTransaction:
        return row(name, amount, day, **{"pfc_detailed": "TRAVEL_FLIGHTS", **more})

    kari.apply(
        page(
            spent("today", "1", today),
            spent("first", "2", today.replace(day=1)),
            spent("tomorrow", "4", today + timedelta(days=1)),
            spent("through", "8", through),
            spent("first last month", "16", through.replace(day=1)),
            spent("month before", "32", through.replace(day=1) - timedelta(days=1)),
            spent("refund", "-64", today),
            spent("by card", "128", today, plaid_account_id="card"),
            spent("fund", "256", today, plaid_account_id="fund"),
            spent("dollars", "512", today, plaid_account_id="dollars", currency=USD),
            spent("salary", "-1024", today, pfc_detailed="INCOME_SALARY"),
            spent("moved", "2048", today, pfc_detailed="TRANSFER_OUT_SAVINGS"),
            spent("removed", "4096", today),
            row("food", "5", today),
        )
    )
    if today.month == 11:  # a day after the one that is compared
        kari.apply(page(spent("later last month", "8192", through + timedelta(days=1))))
    kari.note(made.by_name(kari.world, kari.owner)["ROW removed"], "kept")
    kari.apply(page(removed=["removed"]), now=LATER)
    lines = {
        one.key: (one.this_month.amount, one.last_month.amount)
        for one in kari.ask(transactions.spending, currency=NOK, today=today)
    }
    assert lines == {
        "leisure": (Decimal(1 + 2 - 64 + 128), Decimal(8 + 16)),
        "food": (Decimal(5), Decimal(0)),
    }


def test_refunds_may_outweigh_spending(kari: Kari) -> None:
    kari.apply(page(row("bought", "10"), row("came back", "-25")))
    (line,) = kari.ask(transactions.spending, currency=NOK, today=TODAY)
    assert (line.this_month.amount, line.last_month.amount) == (-15, 0)


def test_default_categories_are_made_once(kari: Kari) -> None:
    first = kari.ask(transactions.categories)
    assert first == kari.ask(transactions.categories)
    assert {one.key for one in first if one.parent_id is None} >= {"income", "food", "transfers"}
    groups = {one.id: one.kind for one in first if one.parent_id is None}
    assert all(one.parent_id in groups for one in first if one.parent_id is not None)


def test_pages_are_never_larger_than_the_most(kari: Kari) -> None:
    kari.apply(page(*(row(f"r{n}", "1") for n in range(3))))
    found: Page = kari.ask(transactions.search, filter=Filter(), limit=0)
    assert len(found.items) == 1
    assert found.next is not None
