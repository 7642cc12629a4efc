"""Bank rows that become others: pending that posts, history told anew, rows that are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom import transactions
from strongroom.core.ids import new_id
from strongroom.transactions import Applied, Transaction, rules
from strongroom.transactions.types import Told
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, row
from tests.identity.conftest import World

_ACCOUNTS = [new_id(), new_id()]


class Kari:
    """Someone with a linked account."""

    def __init__(self, world: World) -> None:
        self.world, self.owner = world, made.person(world)
        self.item = made.item(world, self.owner)
        self.known = made.take_in(world, self.owner, self.item, made.report("checking", "1"))

    def apply(self, *pages: Any, now: Any = NOW, **more: Any) -> Applied:
        return self.world.within(
            self.owner,
            lambda db: transactions.apply(
                db, owner=self.owner, accounts=self.known, pages=pages, now=now, **more
            ),
        )

    def book(self) -> dict[str, Transaction]:
        return made.by_name(self.world, self.owner)

    def only(self) -> Transaction:
        (found,) = made.book(self.world, self.owner)
        return found

    def edit(self, one: Transaction) -> None:
        made.choose(self.world, self.owner, "travel", one.id)
        made.note(self.world, self.owner, one.id, "with Ola")

    def is_edited(self, one: Transaction) -> bool:
        return (one.category_key, one.category_by, one.note) == ("travel", "person", "with Ola")

    def stored(self) -> list[Any]:
        return [
            made.values(self.world, f"SELECT * FROM {table} WHERE user_id = %s ORDER BY 2, 3, 4",
                        self.owner)
            for table in ("transactions", "plaid_transactions", "monthly_totals")
        ]  # fmt: skip

    def counted(self) -> Decimal:
        ((total,),) = made.values(
            self.world, "SELECT coalesce(sum(counted), 0) FROM monthly_totals WHERE user_id = %s",
            self.owner,
        )  # fmt: skip
        return Decimal(total)


def pending(plaid_id: str, amount: str, day: date = TODAY, **more: Any) -> Any:
    return row(plaid_id, amount, day, pending=True, **{"name": "BAKER HANSEN OSLO", **more})


def posted(plaid_id: str, amount: str, day: date = TODAY, **more: Any) -> Any:
    return row(plaid_id, amount, day, **{"name": "Baker Hansen Oslo 4711", **more})


# --- pending to posted, where Plaid gives no link


def test_edits_go_over_within_one_run(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39", TODAY - timedelta(days=2))))
    was = kari.only()
    kari.edit(was)
    kari.apply(page(posted("q", "39"), removed=["p"]))
    now = kari.only()
    assert (now.id, now.pending, now.description) == (was.id, False, "Baker Hansen Oslo 4711")
    assert kari.is_edited(now) and now.removed_by_bank is None


def test_edits_wait_for_a_posted_row_that_comes_later(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39", TODAY - timedelta(days=2))))
    kari.edit(kari.only())
    kari.apply(page(removed=["p"]))
    assert kari.only().removed_by_bank is not None
    kari.apply(page(posted("q", "39")))
    assert kari.is_edited(kari.only()) and kari.only().removed_by_bank is None
    assert kari.counted() == Decimal(-39)


def test_edits_go_over_to_a_posted_row_that_was_there_first(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39", TODAY - timedelta(days=2))))
    kari.edit(kari.only())
    kari.apply(page(posted("q", "39")))
    assert len(kari.book()) == 2
    kari.apply(page(removed=["p"]))
    assert kari.is_edited(kari.only()) and kari.only().description == "Baker Hansen Oslo 4711"
    assert kari.counted() == Decimal(-39)


def test_a_tip_is_part_of_the_same_event_and_another_amount_is_not(world: World) -> None:
    for kind, amount, found in (
        ("RESTAURANT", "46", 1), ("RESTAURANT", "60", 2), ("GROCERIES", "46", 2),
    ):  # fmt: skip
        tip: dict[str, Any] = {"pfc_detailed": f"FOOD_AND_DRINK_{kind}"}
        kari = Kari(world)
        kari.apply(page(pending("p", "40", **tip)))
        kari.edit(kari.only())
        kari.apply(page(posted("q", amount, TODAY + timedelta(days=1), **tip), removed=["p"]))
        assert len(kari.book()) == found
        edited = [one for one in kari.book().values() if kari.is_edited(one)]
        assert len(edited) == 1
        assert (edited[0].removed_by_bank is None) == (found == 1)


def test_no_bank_row_is_dropped_for_looking_like_another(world: World) -> None:
    kari = Kari(world)
    twins = [posted("q1", "39"), replace(posted("q2", "39"), plaid_transaction_id="q2")]
    kari.apply(page(pending("p", "39")))
    kari.apply(page(*twins, removed=["p"]))
    assert [one.amount.amount for one in made.book(world, kari.owner)] == [Decimal(-39)] * 2


def test_a_pending_row_that_comes_back_is_there_again(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39")))
    kari.apply(page(posted("q", "39"), removed=["p"]))
    assert len(kari.book()) == 1
    kari.apply(page(pending("p", "39")))
    assert {one.pending for one in kari.book().values()} == {True, False}


# --- pending rows that the bank forgets


def test_a_pending_row_ages_out_and_comes_back_when_it_is_booked(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39"), row("a", "1")))
    assert kari.counted() == Decimal(-40)
    kari.apply(now=NOW + timedelta(days=14))
    assert kari.counted() == Decimal(-40)
    kari.apply(now=NOW + timedelta(days=15))
    aged = kari.book()["BAKER HANSEN OSLO"]
    assert aged.never_booked_at == NOW + timedelta(days=15)
    assert kari.counted() == Decimal(-1)
    stored = kari.stored()
    kari.apply(now=NOW + timedelta(days=16))
    assert kari.stored() == stored
    late = posted("q", "39", TODAY + timedelta(days=16), pending_transaction_id="p")
    kari.apply(page(late, removed=["p"]), now=NOW + timedelta(days=16))
    back = kari.book()["Baker Hansen Oslo 4711"]
    assert (back.id, back.never_booked_at) == (aged.id, None)
    assert kari.counted() == Decimal(-40)


# --- history told anew


def _renewed(kari: Kari, *rows: Any) -> None:
    """The bank is linked again: its account and every row come under new ids."""
    item = made.item(kari.world, kari.owner)
    for which in (kari.item, item):
        status = "disconnected" if which == kari.item else "active"
        made.values(
            kari.world,
            "UPDATE plaid_items SET institution_id = 'ins_1', status = %s,"
            " access_token = CASE WHEN %s = 'active' THEN 'sealed'::bytea END"
            " WHERE user_id = %s AND id = %s RETURNING 1",
            status, status, kari.owner, which,
        )  # fmt: skip
    was = dict(kari.known)
    kari.known = made.take_in(
        kari.world, kari.owner, item, made.report("new", "1", name="Checking")
    )
    assert kari.known["new"] == was["checking"]
    fresh = [
        replace(one, plaid_transaction_id=f"new {one.plaid_transaction_id}",
                plaid_account_id="new", raw=one.raw + " ")
        for one in rows
    ]  # fmt: skip
    kari.apply(page(*fresh), moved=list(kari.known.values()))


def test_an_account_linked_again_keeps_its_history_once(world: World) -> None:
    kari = Kari(world)
    days = [TODAY - timedelta(days=n) for n in range(4)]
    twin = row("t", "39", name="COFFEE")
    rows = [
        *(row(f"a{n}", str(n + 1), day) for n, day in enumerate(days)),
        twin,
        replace(twin, plaid_transaction_id="t2"),
    ]
    kari.apply(page(*rows))
    before = {one.id: one for one in made.book(world, kari.owner)}
    edited = next(one for one in before.values() if one.description == "ROW a2")
    kari.edit(edited)
    _renewed(kari, *rows[:3], *rows[4:], row("b", "7"))
    after = {one.id: one for one in made.book(world, kari.owner)}
    assert before.keys() < after.keys()
    assert len(after) == len(before) + 1
    assert kari.is_edited(after[edited.id])
    # What the new link does not tell stays as history, also when the bank tells everything.
    kari.apply(whole=True)
    assert "ROW a3" in {one.description for one in made.book(world, kari.owner)}


def test_told_anew_in_two_parts(world: World) -> None:
    kari = Kari(world)
    old, recent = row("old", "5", TODAY - timedelta(days=60)), row("recent", "6")
    kari.apply(page(old, recent))
    ids = {one.id for one in made.book(world, kari.owner)}
    _renewed(kari, recent)
    later = replace(old, plaid_transaction_id="new old", plaid_account_id="new", raw=old.raw + " ")
    kari.apply(page(later))
    assert {one.id for one in made.book(world, kari.owner)} == ids


def test_a_pending_row_that_posted_while_the_bank_changed_its_ids_is_followed(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39", TODAY - timedelta(days=2))))
    was = kari.only()
    kari.edit(was)
    _renewed(kari, posted("q", "39", pending_transaction_id="an id that nobody told us"))
    now = kari.only()
    assert (now.id, now.pending) == (was.id, False)
    assert kari.is_edited(now)


def test_a_row_told_anew_is_known_by_the_pending_one_it_was(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39", TODAY - timedelta(days=2))))
    kari.edit(kari.only())
    kari.apply(page(posted("q", "40", pending_transaction_id="p"), removed=["p"]))
    was = kari.only()
    _renewed(kari, posted("q", "41", pending_transaction_id="p", name="BAKER"))
    now = kari.only()
    assert (now.id, now.amount.amount) == (was.id, Decimal(-41))
    assert kari.is_edited(now)


def test_a_row_told_anew_at_another_amount_is_known_once_that_is_corrected(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(row("was", "4.10", name="TRAM"), row("other", "20", name="SHOP")))
    was = kari.book()["TRAM"]
    kari.edit(was)
    again = page(row("is", "5", name="TRAM"), row("another", "20", name="SHOP"))
    kari.apply(again, now=NOW + timedelta(days=1), moved=list(kari.known.values()))
    assert len(made.book(world, kari.owner)) == 3, "nothing says so far that two are one"
    kari.apply(page(modified=[row("is", "4.10", name="TRAM")]), now=NOW + timedelta(days=2))
    now = kari.book()["TRAM"]
    assert now.id == was.id and kari.is_edited(now)
    assert kari.counted() == Decimal("-24.10")
    kari.apply(page(row("new", "4.10", name="TRAM")), now=NOW + timedelta(days=3))
    assert len(made.book(world, kari.owner)) == 3, "found once: another ride is another row"


def test_a_row_that_was_pending_since_is_none_that_was_left_behind(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(row("was", "4.10", name="TRAM"), row("other", "20", name="SHOP")))
    kari.edit(kari.book()["TRAM"])
    again = page(row("another", "20", name="SHOP"), row("p", "4.10", name="RIDE", pending=True))
    kari.apply(again, now=NOW + timedelta(days=1), moved=list(kari.known.values()))
    ride = kari.book()["RIDE"]
    is_ = row("is", "4.10", name="RIDE", pending_transaction_id="p")
    kari.apply(page(is_, removed=["p"]), now=NOW + timedelta(days=2))
    assert kari.book()["RIDE"].id == ride.id
    told_better = replace(is_, name="RIDE 7")
    kari.apply(page(modified=[told_better]), now=NOW + timedelta(days=3))
    assert sorted(kari.book()) == ["RIDE 7", "SHOP", "TRAM"]
    assert kari.counted() == Decimal("-28.20")


def test_of_two_rows_that_posted_alike_each_is_followed_by_one(world: World) -> None:
    kari = Kari(world)
    days = [TODAY - timedelta(days=back) for back in (4, 3, 2)]
    first = posted("q", "39", days[0], pending_transaction_id="nobody told us of this")
    kari.apply(page(first, pending("p", "39", days[1])))
    before = {one.id: one.pending for one in made.book(world, kari.owner)}
    _renewed(
        kari, first, posted("r", "39", days[2], pending_transaction_id="nor of this, which was p")
    )
    after = {one.id: one.day for one in made.book(world, kari.owner)}
    assert after == {one: days[2 if was_pending else 0] for one, was_pending in before.items()}


def test_a_posted_row_that_names_another_pending_one_is_not_ours(world: World) -> None:
    kari = Kari(world)
    kari.apply(page(pending("p", "39", TODAY - timedelta(days=2))))
    kari.edit(kari.only())
    named = posted("q", "39", pending_transaction_id="an id that nobody told us")
    kari.apply(page(named, removed=["p"]))
    assert len(made.book(world, kari.owner)) == 2


# --- all of it again


def test_everything_again_changes_nothing_and_buries_what_is_gone(world: World) -> None:
    kari = Kari(world)
    rows = [row(f"a{n}", str(n + 1), TODAY - timedelta(days=n % 90)) for n in range(250)]
    assert kari.apply(page(*rows)).added == 250
    stored = kari.stored()
    assert kari.apply(page(*rows), whole=True, now=NOW + timedelta(hours=1)) == Applied()
    assert kari.stored() == stored
    changed = row("a7", "99")
    told = page(*rows[:7], changed, *rows[8:240], row("new", "1"))
    done = kari.apply(told, whole=True, now=NOW + timedelta(hours=2))
    assert (done.added, done.modified, done.removed) == (1, 1, 10)
    names = {one.description for one in made.book(world, kari.owner)}
    assert names == {*(f"ROW a{n}" for n in range(240)), "ROW new"}


# --- the pure rules


_TOLD = st.builds(
    Told,
    id=st.builds(new_id),
    account_id=st.sampled_from(_ACCOUNTS),
    amount=st.sampled_from([Decimal(n) for n in (-20, 1, 40, 46, 60)]),
    currency=st.sampled_from([NOK, "EUR"]),
    day=st.integers(0, 20).map(lambda n: date(2026, 11, 1) + timedelta(days=n)),
    pending=st.just(False),
    text=st.sampled_from(["BAKER HANSEN", "Baker Hansen 12", "SHELL 12", "", "123"]),
    pfc_detailed=st.sampled_from([None, "FOOD_AND_DRINK_COFFEE", "TRANSPORTATION_GAS"]),
    left_behind_on=st.none() | st.just(date(2026, 11, 10)),
    names_pending=st.booleans(),
)
_MANY = st.lists(_TOLD, max_size=7)


def _ids(rows: list[Told]) -> dict[UUID, Told]:
    return {one.id: one for one in rows}


@given(_MANY, _MANY)
def test_a_pending_row_becomes_one_row_of_its_like(before: list[Told], after: list[Told]) -> None:
    pairs = rules.pending_match(before, after)
    assert len({one for one, _ in pairs}) == len(pairs) == len({other for _, other in pairs})
    for one, other in pairs:
        was, now = _ids(before)[one], _ids(after)[other]
        assert (was.account_id, was.currency) == (now.account_id, now.currency)
        assert (was.amount < 0) == (now.amount < 0)
        assert -1 <= (now.day - was.day).days <= 14
        assert rules.likeness(was, now) >= 80
        assert was.left_behind_on is not None or not now.names_pending
    taken = {one for one, _ in pairs}, {other for _, other in pairs}
    for was in before:
        for now in after:
            if was.id not in taken[0] and now.id not in taken[1]:
                assert rules.likeness(was, now) < 80


@given(_MANY)
def test_what_posts_unchanged_is_found(before: list[Told]) -> None:
    after = [replace(one, id=new_id(), names_pending=False) for one in before]
    assert len(rules.pending_match(before, after)) == len(before)


@given(_MANY, _MANY)
def test_rows_told_again_are_the_same_in_fact(ours: list[Told], told: list[Told]) -> None:
    pairs = rules.same_rows(ours, told)
    assert len({one for one, _ in pairs}) == len(pairs) == len({other for _, other in pairs})

    def fact(one: Told) -> Any:
        return (one.account_id, one.currency, one.amount, one.day)

    for one, other in pairs:
        assert fact(_ids(ours)[one]) == fact(_ids(told)[other])
    facts = [fact(one) for one in ours]
    news = [fact(one) for one in told]
    assert len(pairs) == sum(min(facts.count(one), news.count(one)) for one in set(facts))


@given(_MANY)
def test_a_history_told_again_is_found_whole_and_in_order(ours: list[Told]) -> None:
    told = [replace(one, id=new_id()) for one in ours]
    assert sorted(rules.same_rows(ours, told)) == sorted(
        (one.id, other.id) for one, other in zip(ours, told, strict=True)
    )


_PENDING = Told(
    id=new_id(), account_id=_ACCOUNTS[0], amount=Decimal(-20), currency=NOK,
    day=date(2026, 11, 1), pending=True, text="", pfc_detailed=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("pending", "posted", "same"),
    [
        ("ICA", "AMERICAN AIRLINES", False),
        ("ICA", "ICARUS TRAVEL OSLO", False),
        ("REMA", "PREMATUR AS", False),
        ("ICA", "ICA MAXI BROMMA", True),
        ("MAXI", "ICA MAXI BROMMA", True),
        ("BAKER HANS", "BAKER HANSEN TORSHOV", True),
        ("STARBUCKS 1234", "Starbucks", True),
    ],
)
def test_a_text_is_the_same_by_whole_words(pending: str, posted: str, same: bool) -> None:
    was, now = replace(_PENDING, text=pending), replace(_PENDING, id=new_id(), text=posted)
    for one, other in ((was, now), (now, was)):
        assert (rules.likeness(one, other) >= 80) == same
