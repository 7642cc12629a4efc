"""What a person writes by hand: entries, changes of any rows, undoing, and meeting the bank's."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts, transactions
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import TransactionId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import Filter, Transaction, manual, sorting, splits, tags
from strongroom.transactions.manual import EntryChange, NewEntry, RowChange
from tests import book as made
from tests.book import NOK, NOW, TODAY, USD, page, row
from tests.identity.conftest import World
from tests.transactions.counted import statements
from tests.transactions.test_service import Kari, somebody

HOUR = timedelta(hours=1)
LATER = NOW + HOUR


@pytest.fixture
def kari(world: World) -> Kari:
    return somebody(world)


def wrote(
    kari: Kari, text: str, amount: str, day: date = TODAY, **more: Any
) -> tuple[TransactionId, manual.Edit]:
    """An entry on the checking account, and the act that wrote it."""
    new = NewEntry(kari.known["checking"], day, Money(Decimal(amount), NOK), text, **more)
    return kari.ask(manual.add, new=new, now=NOW)


def changed(kari: Kari, *ids: TransactionId, now: Any = LATER, **what: Any) -> manual.Edit:
    return kari.ask(manual.change, transaction_ids=ids, change=RowChange(**what), now=now)


def undone(kari: Kari, edit: manual.Edit, now: Any = LATER) -> manual.Edit:
    return kari.ask(manual.undo, edit_id=edit.id, now=now)


def found(kari: Kari, transaction_id: TransactionId) -> Transaction:
    return next(one for one in kari.book() if one.id == transaction_id)


def facts(kari: Kari) -> list[tuple[Any, ...]]:
    return sorted(
        (one.id, one.origin, one.day, one.amount.amount, one.description, one.merchant,
         one.category_key, one.category_by, one.note, one.reviewed_at is None, one.pending)
        for one in kari.book()
    )  # fmt: skip


def sums_are_true(kari: Kari) -> None:
    """The kept monthly sums are those of the rows."""
    kept = made.values(
        kari.world,
        "SELECT month, account_id, category_id, sum(rows)::int, sum(counted), sum(to_review)::int"
        " FROM monthly_totals WHERE user_id = %s GROUP BY 1, 2, 3",
        kari.owner,
    )
    told: defaultdict[Any, list[Any]] = defaultdict(lambda: [0, Decimal(0), 0])
    for one in kari.book():
        line = told[one.day.replace(day=1), one.account_id, one.category_id]
        line[0] += 1
        line[1] += one.amount.amount
        line[2] += one.needs_review and not one.pending
    assert {tuple(line[:3]): list(line[3:]) for line in kept if line[3]} == dict(told)


def test_an_entry_stands_beside_the_banks_rows_and_counts(kari: Kari) -> None:
    kari.apply(page(row("a", "10.00", name="Green Basket")))
    one, edit = wrote(kari, "  Farmers'   market ", "-45.50", note="cash\r\nonly")
    entry = found(kari, one)
    assert (entry.title, entry.origin, entry.note) == ("Farmers' market", "manual", "cash\nonly")
    assert (entry.category_key, entry.category_by) == ("uncategorised", "bank")
    assert entry.reviewed_at == NOW
    assert edit.changed == 1
    assert wrote(kari, "Flea market", "45")[0] in [row.id for row in kari.book(text="flea")]
    assert kari.book(text="flea")[0].category_key == "other_income"
    sums_are_true(kari)


@pytest.mark.parametrize(
    ("given_", "error", "field"),
    [
        ({"amount": Money(Decimal("1.234"), NOK)}, "TooManyDecimals", "amount"),
        ({"amount": Money(Decimal(0), NOK)}, "BadEntry", "amount"),
        ({"amount": Money(Decimal(10) ** 18, NOK)}, "BadAmount", "amount"),
        ({"amount": Money(Decimal(-(10**15)), NOK)}, "BadAmount", "amount"),
        ({"amount": Money(Decimal(1), USD)}, "OtherCurrency", "currency"),
        ({"amount": Money(Decimal(1), Currency("NKR"))}, "OtherCurrency", "currency"),
        ({"day": date(1969, 12, 31)}, "BadEntry", "day"),
        ({"day": TODAY + timedelta(days=367)}, "BadEntry", "day"),
        ({"text": " \t "}, "BadEntry", "text"),
        ({"text": "x" * 201}, "BadEntry", "text"),
        ({"note": "x" * 2001}, "NoteTooLong", "note"),
        ({"category_id": new_id()}, "CategoryNotFound", "category"),
        ({"account_id": new_id()}, "AccountNotFound", None),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field_and_nothing_is_stored(
    kari: Kari, given_: dict[str, Any], error: str, field: str | None
) -> None:
    told = {
        "account_id": kari.known["checking"], "day": TODAY, "text": "Market",
        "amount": Money(Decimal(-5), NOK), **given_,
    }  # fmt: skip
    with pytest.raises(StrongroomError) as refused:
        kari.ask(manual.add, new=NewEntry(**told), now=NOW)
    assert (refused.value.code, refused.value.field) == (error, field)
    assert kari.book() == []


@pytest.mark.parametrize(
    ("code", "amount", "fits"),
    [("JPY", "-1200", True), ("JPY", "-1200.5", False), ("KWD", "-1.234", True),
     ("KWD", "-1.2345", False), ("NOK", "-1.20", True)],
)  # fmt: skip
def test_an_amount_has_no_more_decimals_than_its_currency(
    world: World, code: str, amount: str, fits: bool
) -> None:
    owner = made.person(world)
    money = Currency(code)
    known = made.take_in(
        world, owner, made.item(world, owner), made.report("checking", "100", currency=money)
    )
    kari = Kari(world, owner, known)
    new = NewEntry(known["checking"], TODAY, Money(Decimal(amount), money), "Market")
    if fits:
        kari.ask(manual.add, new=new, now=NOW)
        assert kari.only().amount == new.amount
    else:
        with pytest.raises(manual.TooManyDecimals, match=code):
            kari.ask(manual.add, new=new, now=NOW)


def test_a_closed_account_takes_only_what_was_before(kari: Kari) -> None:
    kari.ask(accounts.close, account_id=kari.known["checking"], now=NOW - timedelta(days=10))
    with pytest.raises(manual.AccountIsClosed):
        wrote(kari, "Market", "-5")
    wrote(kari, "Market", "-5", TODAY - timedelta(days=20))


def test_an_entry_is_changed_and_a_banks_row_is_not(kari: Kari) -> None:
    one, _ = wrote(kari, "Market", "-5")
    last_month = TODAY.replace(day=1) - timedelta(days=3)
    change = EntryChange(day=last_month, amount=Money(Decimal(-7), NOK), text="Market hall")
    edit = kari.ask(manual.change_entry, transaction_id=one, change=change, now=LATER)
    entry = found(kari, one)
    assert (entry.day, entry.amount.amount, entry.title) == (last_month, Decimal(-7), "Market hall")
    sums_are_true(kari)
    again = kari.ask(manual.change_entry, transaction_id=one, change=change, now=LATER)
    assert (edit.changed, again.changed) == (1, 0)
    with pytest.raises(manual.TooManyDecimals):
        kari.ask(
            manual.change_entry,
            transaction_id=one,
            change=EntryChange(text="Other", amount=Money(Decimal("-0.001"), NOK)),
            now=LATER,
        )
    assert found(kari, one).title == "Market hall"
    kari.apply(page(row("a", "10.00")))
    bank = next(row for row in kari.book() if row.origin == "bank")
    with pytest.raises(manual.NotAnEntry):
        kari.ask(manual.change_entry, transaction_id=bank.id, change=change, now=LATER)
    with pytest.raises(manual.NotAnEntry):
        kari.ask(manual.delete, transaction_ids=[one, bank.id], now=LATER)
    assert len(kari.book()) == 2


def test_what_is_deleted_comes_back_with_all_that_hung_on_it(kari: Kari) -> None:
    one, _ = wrote(kari, "Market", "-50", note="with Ola")
    kari.choose("gifts", one)
    transport = made.category(kari.world, kari.owner, "transport")

    async def split(db: Any) -> None:
        await db.execute(
            "INSERT INTO transaction_splits (user_id, transaction_id, position, category_id,"
            " amount) VALUES (%s, %s, 1, %s, -20)",
            (kari.owner, one, transport),
        )
        await db.execute("UPDATE transactions SET is_split = true WHERE id = %s", (one,))

    kari.world.within(kari.owner, split)
    before = facts(kari)
    gone = kari.ask(manual.delete, transaction_ids=[one], now=LATER)
    assert kari.book() == []
    sums_are_true(kari)
    back = undone(kari, gone)
    assert facts(kari) == before
    parts = made.values(
        kari.world, "SELECT amount FROM transaction_splits WHERE transaction_id = %s", one
    )
    assert parts == [(Decimal(-20),)]
    undone(kari, back)
    assert kari.book() == []
    with pytest.raises(manual.AlreadyUndone):
        undone(kari, gone)


def test_writing_is_undone_and_done_again(kari: Kari) -> None:
    _, edit = wrote(kari, "Market", "-50")
    before = facts(kari)
    back = undone(kari, edit)
    assert kari.book() == []
    undone(kari, back)
    assert facts(kari) == before
    sums_are_true(kari)


def test_a_change_of_many_rows_is_one_act_and_is_undone_as_one(kari: Kari) -> None:
    kari.apply(page(*(row(f"r{n}", f"{n + 1}.00", name=f"Shop {n}") for n in range(5))))
    kari.choose("gifts", kari.book()[0].id)
    before = facts(kari)
    pets = made.category(kari.world, kari.owner, "pets")
    ids = kari.ask(manual.ids_of, filter=Filter(text="Shop"))
    edit = changed(kari, *ids, category_id=pets, merchant="The shop", reviewed=True, note="one act")
    assert edit.changed == 5
    assert {(one.category_key, one.title, one.note) for one in kari.book()} == {
        ("pets", "The shop", "one act")
    }
    sums_are_true(kari)
    assert undone(kari, edit).changed == 5
    assert facts(kari) == before
    sums_are_true(kari)


def test_a_fact_that_was_changed_again_is_left_alone(kari: Kari) -> None:
    kari.apply(page(row("a", "1.00"), row("b", "2.00")))
    first, second = kari.book()
    pets, gifts = (made.category(kari.world, kari.owner, key) for key in ("pets", "gifts"))
    edit = changed(kari, first.id, second.id, category_id=pets)
    later = changed(kari, first.id, category_id=gifts)
    assert undone(kari, edit).changed == 1
    assert found(kari, first.id).category_key == "gifts"
    assert found(kari, second.id).category_key == second.category_key
    assert undone(kari, later).changed == 1
    assert found(kari, first.id).category_key == "pets"
    note = changed(kari, first.id, note="one")
    changed(kari, first.id, note="two")
    with pytest.raises(manual.ChangedSince):
        undone(kari, note)
    assert found(kari, first.id).note == "two"
    undo_category = changed(kari, first.id, category_id=gifts)
    undone(kari, undo_category)
    assert (found(kari, first.id).category_key, found(kari, first.id).note) == ("pets", "two")


def test_a_merchant_that_a_person_chose_stays_and_an_empty_one_is_the_banks(kari: Kari) -> None:
    told = row("a", "10.00", merchant_name="Green Basket AS")
    kari.apply(page(told))
    one = kari.only().id
    changed(kari, one, merchant=" Green  Basket ")
    kari.apply(page(modified=[row("a", "11.00", merchant_name="GB")]), now=LATER)
    assert (kari.only().title, kari.only().amount.amount) == ("Green Basket", Decimal(-11))
    changed(kari, one, merchant="")
    assert kari.only().title == "GB"
    kari.apply(page(modified=[row("a", "11.00", merchant_name="Green B")]), now=LATER + HOUR)
    assert kari.only().title == "Green B"


def test_rules_sort_what_is_written_down_without_a_category(kari: Kari) -> None:
    pets = made.category(kari.world, kari.owner, "pets")
    draft = sorting.Draft(
        name="Animals",
        conditions=sorting.Conditions(merchants=("Dyrebua",)),
        actions=sorting.Actions(category_id=pets),
    )
    kari.ask(sorting.add_rule, draft=draft, now=NOW)
    one, edit = wrote(kari, "Dyrebua", "-50")
    assert (found(kari, one).category_key, found(kari, one).category_by) == ("pets", "rule")
    gifts = made.category(kari.world, kari.owner, "gifts")
    other, _ = wrote(kari, "Dyrebua", "-60", category_id=gifts)
    assert found(kari, other).category_key == "gifts"
    sums_are_true(kari)
    assert undone(kari, edit).changed == 1
    assert [row.id for row in kari.book()] == [other]


def test_someone_elses_rows_and_acts_are_none(world: World) -> None:
    kari, ola = somebody(world), somebody(world)
    one, edit = wrote(kari, "Market", "-5")
    pets = made.category(world, kari.owner, "pets")
    for verb, arguments in (
        (manual.undo, {"edit_id": edit.id}),
        (manual.delete, {"transaction_ids": [one]}),
        (manual.change, {"transaction_ids": [one], "change": RowChange(note="x")}),
        (manual.change_entry, {"transaction_id": one, "change": EntryChange(text="x")}),
    ):
        with pytest.raises(StrongroomError) as refused:
            ola.ask(verb, now=LATER, **arguments)
        assert refused.value.status == 404
    with pytest.raises(StrongroomError):
        ola.ask(manual.change, transaction_ids=[one], change=RowChange(pets), now=LATER)
    assert ola.ask(manual.history, transaction_id=one) == []
    assert found(kari, one).note is None


def test_the_history_names_every_hand(kari: Kari) -> None:
    one, _ = wrote(kari, "Market", "-5")
    edit = changed(kari, one, note="first")
    undone(kari, edit)
    lines = kari.ask(manual.history, transaction_id=one)
    assert [(line.cause, line.undone) for line in lines] == [
        ("person", False), ("person", True), ("person", False),
    ]  # fmt: skip
    assert lines[-1].before is None
    assert lines[1].after == {"note": "first"}
    assert [manual.can_be_undone(line) for line in lines] == [True, False, True]
    kari.apply(page(row("a", "10.00")))
    bank = next(row for row in kari.book() if row.origin == "bank")
    kari.apply(page(modified=[row("a", "12.00")]), now=LATER)
    (line,) = kari.ask(manual.history, transaction_id=bank.id)
    assert (line.cause, line.before, line.after) == ("sync", {"amount": "-10"}, {"amount": "-12"})
    assert not manual.can_be_undone(line)


def test_the_newest_acts_are_listed(kari: Kari) -> None:
    one, _ = wrote(kari, "Market", "-5")
    other, _ = wrote(kari, "Flea market", "-6")
    both = changed(kari, one, other, reviewed=False)
    gone = kari.ask(manual.delete, transaction_ids=[other], now=LATER + HOUR)
    undone(kari, gone, LATER + 2 * HOUR)
    acts = kari.ask(manual.acts, now=LATER + 3 * HOUR)
    assert [(act.verb, act.rows, act.title, act.undone) for act in acts] == [
        ("added", 1, "Flea market", False),
        ("deleted", 1, "Flea market", True),
        ("changed", 2, None, False),
        ("added", 1, "Flea market", False),
        ("added", 1, "Market", False),
    ]
    assert acts[2].id == both.id
    assert acts[2].fields == ["reviewed"]


def test_tags_and_parts_are_undone_as_other_changes_are(kari: Kari) -> None:
    kari.apply(page(row("a", "100.00"), row("b", "2.00")))
    one, other = kari.book()
    if one.amount.amount != -100:
        one, other = other, one
    pets, gifts = (made.category(kari.world, kari.owner, key) for key in ("pets", "gifts"))

    def tagged() -> list[list[str]]:
        found = kari.ask(tags.tags_of, transaction_ids=[one.id, other.id])
        return [[tag.name for tag in found.get(row.id, [])] for row in (one, other)]

    def parts() -> list[Decimal]:
        found = kari.ask(splits.split_of, transaction_id=one.id)
        return [part.amount.amount for part in found.parts]

    first, second, third, fourth = (new_id() for _ in range(4))
    both = [one.id, other.id]
    kari.ask(tags.set_tags, transaction_id=one.id, names=["old"], now=NOW, edit_id=first)
    kari.ask(tags.change_tags, transaction_ids=both, add=["trip"], now=NOW, edit_id=second)
    halves = [splits.Part(pets, Decimal(-60)), splits.Part(gifts, Decimal(-40))]
    kari.ask(splits.split, transaction_id=one.id, parts=halves, now=NOW, edit_id=third)
    others = [splits.Part(pets, Decimal(-10)), splits.Part(gifts, Decimal(-90))]
    kari.ask(splits.split, transaction_id=one.id, parts=others, now=NOW, edit_id=fourth)
    with pytest.raises(manual.ChangedSince):
        kari.ask(manual.undo, edit_id=third, now=LATER)
    back = kari.ask(manual.undo, edit_id=fourth, now=LATER)
    assert parts() == [Decimal(-60), Decimal(-40)]
    kari.ask(manual.undo, edit_id=third, now=LATER)
    assert parts() == []
    with pytest.raises(manual.ChangedSince):
        undone(kari, back)
    assert kari.ask(manual.undo, edit_id=second, now=LATER).changed == 2
    assert tagged() == [["old"], []]
    assert kari.ask(manual.undo, edit_id=first, now=LATER).changed == 1
    assert tagged() == [[], []]


# ------------------------------------------------------------------ meeting the bank's rows


def asked(kari: Kari, **of: Any) -> list[manual.Proposal]:
    return kari.ask(manual.proposals, **of)


def test_an_entry_becomes_the_banks_row_by_itself_where_nothing_else_can_be_meant(
    kari: Kari,
) -> None:
    one, _ = wrote(kari, "Kopper", "-45", note="with Ola")
    kari.choose("gifts", one)
    day = TODAY + timedelta(days=1)
    told = row("a", "45.00", day, name="KOPPER KAFFEBAR OSLO", merchant_name="Kopper")
    kari.apply(page(told), now=LATER)
    entry = kari.only()
    assert (entry.id, entry.origin, entry.day) == (one, "bank", day)
    assert (entry.description, entry.title) == ("KOPPER KAFFEBAR OSLO", "Kopper")
    assert (entry.note, entry.category_key, entry.category_by) == ("with Ola", "gifts", "person")
    sums_are_true(kari)
    # The bank goes on to own its facts, the person theirs.
    kari.apply(page(modified=[row("a", "46.00", day, name="KOPPER")]), now=LATER + HOUR)
    assert (kari.only().amount.amount, kari.only().note) == (Decimal(-46), "with Ola")
    # Told again it changes nothing, and it can be taken apart for good.
    merge = next(
        line for line in kari.ask(manual.history, transaction_id=one) if line.cause == "match"
    )
    assert manual.can_be_undone(merge)
    assert merge.edit_id is not None
    parted = kari.ask(manual.undo, edit_id=merge.edit_id, now=LATER + HOUR)
    apart = {row.origin.value: row for row in kari.book()}
    assert apart["manual"].id == one
    assert (apart["manual"].amount.amount, apart["manual"].day) == (Decimal(-45), TODAY)
    assert (apart["bank"].amount.amount, apart["bank"].description) == (Decimal(-46), "KOPPER")
    assert apart["bank"].note is None
    sums_are_true(kari)
    kari.apply(page(modified=[row("a", "45.00", day, name="KOPPER")]), now=LATER + 2 * HOUR)
    assert len(kari.book()) == 2
    assert asked(kari) == []
    undone(kari, parted, LATER + 3 * HOUR)
    assert kari.only().id == one
    sums_are_true(kari)


def test_many_entries_meet_their_rows_in_as_few_statements_as_few(world: World) -> None:
    taken = []
    for count in (2, 7):
        kari = somebody(world)
        shops = [f"{name} Deli" for name in ("Arctic", "Bjørk", "Cedar", "Dalen", "Eik", "Fjell",
                                             "Granit")[:count]]  # fmt: skip
        entries = {wrote(kari, name, f"-{n}7.50")[0] for n, name in enumerate(shops, 1)}
        rows = [row(f"m{n}", f"{n}7.50", name=name.upper()) for n, name in enumerate(shops, 1)]
        sent = statements(
            world, kari.owner, transactions.apply, accounts=kari.known, pages=[page(*rows)],
            now=LATER,
        )  # fmt: skip
        assert {one.id for one in kari.book() if one.origin == "bank"} == entries
        lines = [kari.ask(manual.history, transaction_id=one)[0] for one in entries]
        assert len({line.edit_id for line in lines}) == count  # each is an act of its own
        assert undone(kari, manual.Edit(lines[0].edit_id, 1)).changed
        sums_are_true(kari)
        taken.append(sent)
    assert taken[0] == taken[1]


def test_of_twins_none_is_merged_without_asking(kari: Kari) -> None:
    one, _ = wrote(kari, "Kopper", "-45")
    kari.apply(page(row("a", "45.00", name="KOPPER"), row("b", "45.00", name="KOPPER")), now=LATER)
    assert len(kari.book()) == 3
    (proposal,) = asked(kari)
    assert proposal.entry_id == one
    assert proposal.rival_id is not None
    assert asked(kari, transaction_id=proposal.bank_id) == [proposal]
    merged, edit = kari.ask(manual.confirm, proposal_id=proposal.id, now=LATER)
    assert (merged, len(kari.book())) == (one, 2)
    assert {row.origin for row in kari.book()} == {"bank"}
    undone(kari, edit, LATER + HOUR)
    assert len(kari.book()) == 3
    sums_are_true(kari)


def test_two_entries_for_one_row_are_asked_about(kari: Kari) -> None:
    wrote(kari, "Kopper", "-45")
    wrote(kari, "Kopper", "-45")
    kari.apply(page(row("a", "45.00", name="KOPPER")), now=LATER)
    assert len(kari.book()) == 3
    assert len(asked(kari)) == 1


def test_other_words_or_a_tip_are_asked_about_and_a_no_is_remembered(kari: Kari) -> None:
    wrote(kari, "Lunch", "-180")
    wrote(kari, "Kaffistova", "-300")
    day = TODAY + timedelta(days=1)
    rows = [
        row("a", "180.00", day, name="SUMUP *OSLO 4432"),
        row("b", "330.00", day, name="KAFFISTOVA RESTAURANT"),
        row("c", "95.00", day, name="KIOSK"),
    ]
    kari.apply(page(*rows), now=LATER)
    assert len(kari.book()) == 5
    proposals = asked(kari)
    assert sorted(one.reason.same_amount for one in proposals) == [False, True]
    for one in proposals:
        kari.ask(manual.reject, proposal_id=one.id, now=LATER)
    kari.apply(page(modified=[row("a", "180.00", day, name="SUMUP")]), now=LATER + HOUR)
    assert (asked(kari), len(kari.book())) == ([], 5)
    with pytest.raises(manual.ProposalNotFound):
        kari.ask(manual.confirm, proposal_id=proposals[0].id, now=LATER)


def test_an_entry_for_what_the_bank_told_before_is_asked_about(kari: Kari) -> None:
    kari.apply(page(row("a", "45.00", name="KOPPER")), now=NOW - HOUR)
    one, _ = wrote(kari, "Kopper", "-45")
    kari.ask(manual.look_at, transaction_id=one, account_id=kari.known["checking"], now=NOW)
    (proposal,) = asked(kari)
    assert proposal.reason.text == 100
    assert len(kari.book()) == 2


def test_a_pending_row_that_was_merged_posts_and_stays_one(kari: Kari) -> None:
    one, _ = wrote(kari, "Kopper", "-45")
    kari.apply(page(row("p", "45.00", name="KOPPER", pending=True)), now=LATER)
    assert (kari.only().id, kari.only().pending) == (one, True)
    day = TODAY + timedelta(days=2)
    posted = row("a", "47.00", day, name="KOPPER", pending_transaction_id="p")
    kari.apply(page(posted, removed=["p"]), now=LATER + HOUR)
    assert (kari.only().id, kari.only().amount.amount) == (one, Decimal(-47))
    sums_are_true(kari)


def test_what_the_person_made_of_the_banks_row_comes_along(kari: Kari) -> None:
    kari.apply(page(row("a", "45.00", name="SUMUP")), now=NOW - HOUR)
    bank = kari.only()
    kari.note(bank, "from the bank's row")
    one, _ = wrote(kari, "Lunch", "-45")
    kari.ask(manual.look_at, transaction_id=one, account_id=kari.known["checking"], now=NOW)
    kari.ask(manual.confirm, proposal_id=asked(kari)[0].id, now=LATER)
    assert (kari.only().id, kari.only().note) == (one, "from the bank's row")
    kari.apply(page(removed=["a"]), now=LATER + HOUR)
    assert kari.only().removed_by_bank is not None


# ------------------------------------------------------------------ whatever a person does

_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "category", "merchant", "note", "review", "amount", "delete"]),
        st.integers(0, 5),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=8)
@given(acts=_ACTS)
def test_undoing_every_act_from_the_last_to_the_first_brings_back_what_was(
    world: World, acts: list[tuple[str, int, int]]
) -> None:
    kari = somebody(world)
    kari.apply(page(row("a", "10.00"), row("b", "20.00")))
    wrote(kari, "Market", "-5")
    before = facts(kari)
    done: list[manual.Edit] = []
    for number, (act, which, what) in enumerate(acts):
        edit = _act(kari, act, which, what, NOW + number * HOUR)
        if edit is not None and edit.changed:
            done.append(edit)
    after = facts(kari)
    late = NOW + timedelta(days=1)
    backs = [undone(kari, edit, late) for edit in reversed(done)]
    assert facts(kari) == before
    sums_are_true(kari)
    for back in reversed(backs):
        undone(kari, back, late + HOUR)
    assert facts(kari) == after
    sums_are_true(kari)


def _act(kari: Kari, act: str, which: int, what: int, now: Any) -> manual.Edit | None:
    rows = sorted(kari.book(), key=lambda one: one.id)
    entries = [one for one in rows if one.origin == "manual"]
    if act == "add":
        return wrote(kari, f"New {what}", f"-{what + 1}")[1]
    if act in ("amount", "delete"):
        if not entries:
            return None
        one = entries[which % len(entries)].id
        if act == "delete":
            return kari.ask(manual.delete, transaction_ids=[one], now=now)
        change = EntryChange(
            amount=Money(Decimal(what + 3), NOK), day=TODAY - timedelta(days=30 * what)
        )
        return kari.ask(manual.change_entry, transaction_id=one, change=change, now=now)
    if not rows:
        return None
    keys = ["gifts", "pets", "coffee"]
    changes: dict[str, dict[str, Any]] = {
        "category": {"category_id": made.category(kari.world, kari.owner, keys[what])},
        "merchant": {"merchant": ["", "One", "Two"][what]},
        "note": {"note": ["", "one", "two"][what]},
        "review": {"reviewed": bool(what)},
    }
    return changed(kari, rows[which % len(rows)].id, now=now, **changes[act])
