"""Which account of ours is one that a bank reports under another id: one to one, never guessed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from strongroom.accounts import rules
from strongroom.accounts.types import BankAccount
from tests.book import report

_looks = st.fixed_dictionaries(
    {
        "persistent_account_id": st.sampled_from([None, None, "p1", "p2"]),
        "name": st.sampled_from(["Everyday", "everyday ", "Savings"]),
        "mask": st.sampled_from([None, "0001", "0002"]),
        "type": st.sampled_from(["depository", "credit"]),
        "subtype": st.sampled_from([None, "checking"]),
    }
)


def _accounts(prefix: str) -> st.SearchStrategy[list[BankAccount]]:
    return st.lists(_looks, max_size=6).map(
        lambda many: [report(f"{prefix}{place}", "1", **looks) for place, looks in enumerate(many)]
    )


@given(_accounts("a"), _accounts("b"))
def test_each_account_is_matched_once_and_only_to_its_like(
    known: list[BankAccount], told: list[BankAccount]
) -> None:
    pairs = rules.match_accounts(known, told)
    assert len({one for one, _ in pairs}) == len(pairs) == len({other for _, other in pairs})
    for one, other in pairs:
        ours, theirs = known[one], told[other]
        if ours.persistent_account_id is None or theirs.persistent_account_id is None:
            assert (ours.type, ours.subtype, ours.mask) == (
                theirs.type,
                theirs.subtype,
                theirs.mask,
            )
            assert ours.name.strip().casefold() == theirs.name.strip().casefold()
        else:
            assert ours.persistent_account_id == theirs.persistent_account_id


@given(_accounts("a"), st.randoms(use_true_random=False), _accounts("b"))
def test_the_order_in_which_accounts_are_told_matches_nothing_else(
    known: list[BankAccount], random: Any, told: list[BankAccount]
) -> None:
    mixed = list(told)
    random.shuffle(mixed)

    def ids(told: list[BankAccount]) -> set[tuple[str, str]]:
        return {
            (known[one].plaid_account_id, told[other].plaid_account_id)
            for one, other in rules.match_accounts(known, told)
        }

    assert ids(mixed) == ids(told)


@given(_accounts("a"))
def test_an_account_is_itself_and_twins_are_not_told_apart(known: list[BankAccount]) -> None:
    same = rules.match_accounts(known, known)
    assert same == [(place, place) for place in range(len(known))]
    renumbered = [replace(one, plaid_account_id=f"new {one.plaid_account_id}") for one in known]
    for one, other in rules.match_accounts(known, renumbered):
        assert one == other


def test_a_renamed_account_with_another_lasting_id_is_another() -> None:
    ours = report("old", "1", persistent_account_id="p1")
    assert rules.match_accounts([ours], [replace(ours, plaid_account_id="new")]) == [(0, 0)]
    other = replace(ours, plaid_account_id="new", persistent_account_id="p2")
    assert rules.match_accounts([ours], [other]) == []
    unsaid = replace(ours, plaid_account_id="new", persistent_account_id=None)
    assert rules.match_accounts([ours], [unsaid]) == [(0, 0)]
    assert rules.match_accounts([ours, ours], [unsaid]) == []


def test_a_report_that_contradicts_an_account_is_told_from_one_that_adds_to_it() -> None:
    class Ours:
        category, currency = "cash", "NOK"

    assert rules.contradiction(Ours(), report("a", "1")) is None
    assert rules.contradiction(Ours(), report("a", "1", subtype="savings")) is None
    assert rules.contradiction(Ours(), report("a", "1", type="investment")) is None
    assert "in EUR" in str(rules.contradiction(Ours(), report("a", "1", currency="EUR")))
    assert "a debt" in str(rules.contradiction(Ours(), report("a", "1", type="credit")))
    assert "without" in str(rules.contradiction(Ours(), report("a", "1", currency="XXX")))
    silent = report("a", None, currency="XXX")
    assert rules.contradiction(Ours(), silent) is None
    assert rules.contradiction(Ours(), replace(silent, available=Decimal(1))) is not None
