"""Matching judged by households whose every fact is known: transfers, refunds, doubles, merges.

Rows that no sum can tell apart (one account, day and amount) count as one another. The households
are others than those that the rules were made with.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Hashable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import psycopg

from benchmarks import recurring_found
from benchmarks import told as telling
from benchmarks.figures import show, timed
from benchmarks.labelled import Household, HouseRow, household
from tests.prove.ground import Base, Ground

HOUSEHOLDS = 50
_SEED = 2026
_SIDE_BY_SIDE = 2 * (os.cpu_count() or 1)
"""A process of theirs and one of the database take turns: fewer leave processors idle."""


@dataclass
class Score:
    """What was found beside what is true, as bags: a pair that is found twice is right once."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, found: Iterable[Hashable], true: Iterable[Hashable]) -> None:
        """Count a household in."""
        said, are = Counter(found), Counter(true)
        self.right += (said & are).total()
        self.wrong += (said - are).total()
        self.missed += (are - said).total()

    def join(self, other: Score) -> None:
        """Count what another has counted in."""
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed

    @property
    def precision(self) -> float:
        """The share of what was found that is true; of nothing it is 1."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of what is true that was found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


_KINDS = ("transfer", "card_payment", "exchange")
_SCORES = ("transfers", *_KINDS, "refunds", "doubles", "merges", "pending", "asked_transfers")


@dataclass
class Result:
    """All scores, and how many rows look like another one and were found all the same."""

    scores: dict[str, Score] = field(default_factory=lambda: {name: Score() for name in _SCORES})
    twins: int = 0
    twins_merged: int = 0
    rows: int = 0

    def join(self, other: Result) -> None:
        """Count other households in."""
        for name, score in other.scores.items():
            self.scores[name].join(score)
        self.twins += other.twins
        self.twins_merged += other.twins_merged
        self.rows += other.rows


def run(ground: Ground, rows: int) -> None:
    """Measure and print. ``rows`` is not asked: the households have as many as they have.

    They live side by side, for what is asked is what is found and not how fast; nor does anybody
    wait for the disk.
    """
    result = Result()
    with ground.database("bench_matching") as base, timed() as took:
        with base.admin() as admin:
            admin.execute("ALTER DATABASE bench_matching SET synchronous_commit = off")
        seeds = range(_SEED * 1_000, _SEED * 1_000 + HOUSEHOLDS)
        with ProcessPoolExecutor(_SIDE_BY_SIDE, get_context("spawn")) as pool:
            for one in pool.map(_live, [base] * HOUSEHOLDS, seeds):
                result.join(one)
    show(f"{HOUSEHOLDS} households, sync by sync", f"{result.rows:,} rows", f"{took.seconds:.0f} s")
    scores = result.scores
    _line("transfers matched", scores["transfers"], "targets: 0.995 and 0.95")
    for name, words in (("transfer", "between accounts"), ("card_payment", "payments of cards"),
                        ("exchange", "between currencies")):  # fmt: skip
        show(f"  of them {words}: found", f"{scores[name].recall:.4f}",
             f"of {scores[name].right + scores[name].missed}")  # fmt: skip
    asked = scores["asked_transfers"]
    show("transfers that are asked about instead", f"{asked.right + asked.wrong}",
         f"{asked.right} of them right")  # fmt: skip
    _line("refunds linked to their purchase", scores["refunds"], "")
    _line("doubles asked about or merged", scores["doubles"], "target: precision 0.95")
    _line("merges without asking", scores["merges"], "target: precision 0.999")
    _line("  of them pending rows that were booked", scores["pending"], "")
    show("twins", f"{result.twins}", f"{result.twins_merged} of them merged; target: none")
    recurring_found.measure([household(seed) for seed in seeds])


def _line(what: str, score: Score, note: str) -> None:
    figures = f"{score.right} right, {score.wrong} wrong, {score.missed} missed"
    show(f"{what}: precision", f"{score.precision:.4f}", figures)
    show(f"{what}: recall", f"{score.recall:.4f}", note)


def _live(base: Base, seed: int) -> Result:
    result = Result()
    asyncio.run(measure(base, [household(seed)], result))
    return result


async def measure(base: Base, houses: Iterable[Household], result: Result) -> None:
    """Let households live through their months, and count what was made of them."""
    with base.admin() as admin:
        async with telling.opened(base) as database:
            for house in houses:
                told = await telling.tell(database, admin, house)
                _judge(admin, told, result)


def _judge(admin: psycopg.Connection, told: telling.Told, result: Result) -> None:
    house, rows = told.house, {row.key: row for row in told.house.rows}
    same = {one.row: one.bank for one in house.doubles}
    key_of = _keys(admin, told)
    result.rows += len(rows)

    def fact(key: str) -> Hashable:
        row = rows[same.get(key, key)]
        return row.account, row.day, row.amount

    def facts(pairs: Iterable[tuple[str, str]]) -> list[Hashable]:
        return [(fact(one), fact(other)) for one, other in pairs]

    def keys(query: str) -> list[tuple[str, str]]:
        found = admin.execute(query, (told.owner,)).fetchall()
        return [(key_of[one], key_of[other]) for one, other in found]

    scores = result.scores
    of_transfers = "SELECT out_id, into_id FROM transfers WHERE user_id = %s AND state = "
    matched = facts(keys(of_transfers + "'matched'"))
    scores["transfers"].add(matched, facts((one.out, one.into) for one in house.transfers))
    for kind in _KINDS:
        true = facts((one.out, one.into) for one in house.transfers if one.kind == kind)
        scores[kind].add([one for one in matched if one in set(true)], true)
    left = Counter(facts((one.out, one.into) for one in house.transfers)) - Counter(matched)
    scores["asked_transfers"].add(facts(keys(of_transfers + "'proposed'")), left.elements())
    scores["refunds"].add(
        facts(keys("SELECT refund_id, purchase_id FROM refunds WHERE user_id = %s"
                   " AND state = 'matched'")),
        facts((one.refund, one.purchase) for one in house.refunds),
    )  # fmt: skip
    by_itself = _merged(admin, told)
    asked = [(key_of[one], key_of[other]) for one, other in told.asked]
    asked += keys("SELECT row_id, kept_id FROM doubles WHERE user_id = %s")
    asked += [(one, key_of[other]) for one, other in _entries(admin, told, "proposed")]
    scores["doubles"].add(
        _alike(rows, [*asked, *by_itself]),
        _alike(rows, ((one.row, one.bank) for one in house.doubles)),
    )
    booked = _booked(admin, told)
    posted = [(one.pending, one.posted) for one in house.pending if not one.said]
    scores["pending"].add(_alike(rows, booked), _alike(rows, posted))
    entries = [(one.row, one.bank) for one in house.doubles if rows[one.row].origin == "manual"]
    scores["merges"].add(_alike(rows, [*booked, *by_itself]), _alike(rows, [*posted, *entries]))
    _count_twins(house, set(key_of.values()), result)


def _alike(rows: dict[str, HouseRow], pairs: Iterable[tuple[str, str]]) -> list[Hashable]:
    """Pairs as what tells them apart: twins that go with twins go right in either order."""
    return [
        tuple((rows[key].account, rows[key].day, rows[key].amount, rows[key].text) for key in pair)
        for pair in pairs
    ]


def _keys(admin: psycopg.Connection, told: telling.Told) -> dict[UUID, str]:
    """The household's key of each row of the book."""
    found = admin.execute(
        "SELECT t.id, p.plaid_transaction_id FROM transactions t JOIN plaid_transactions p"
        " ON p.user_id = t.user_id AND p.id = t.bank_row_id WHERE t.user_id = %s",
        (told.owner,),
    ).fetchall()
    return {id: key for key, id in told.rows.items()} | {row[0]: row[1] for row in found}


def _entries(admin: psycopg.Connection, told: telling.Told, state: str) -> list[tuple[str, UUID]]:
    """Pairs of an entry by hand, as its key, and the bank's row of the book."""
    by_id = {id: key for key, id in told.rows.items()}
    found: list[Any] = admin.execute(
        "SELECT entry_id, bank_id FROM entry_matches WHERE user_id = %s AND state = %s"
        " AND (by_itself OR state = 'proposed')",
        (told.owner, state),
    ).fetchall()
    return [(by_id[entry], bank) for entry, bank in found]


def _merged(admin: psycopg.Connection, told: telling.Told) -> list[tuple[str, str]]:
    """Entries by hand that were merged without asking, and the bank's row that each became."""
    by_id = {id: key for key, id in told.rows.items()}
    found: list[Any] = admin.execute(
        "SELECT m.entry_id, first.plaid_transaction_id FROM entry_matches m"
        " JOIN transactions t ON t.user_id = m.user_id AND t.id = m.entry_id"
        " JOIN plaid_transactions first ON first.user_id = t.user_id AND first.id = t.bank_row_id"
        " WHERE m.user_id = %s AND m.state = 'merged' AND m.by_itself",
        (told.owner,),
    ).fetchall()
    return [(by_id[entry], key) for entry, key in found]


def _booked(admin: psycopg.Connection, told: telling.Told) -> list[tuple[str, str]]:
    """Pending rows and the booked ones that they were found to be, where the bank did not say."""
    return admin.execute(
        "SELECT was.plaid_transaction_id, next.plaid_transaction_id FROM plaid_transactions was"
        " JOIN plaid_transactions next ON next.user_id = was.user_id AND next.id = was.replaced_by"
        " WHERE was.user_id = %s AND next.pending_transaction_id IS DISTINCT FROM"
        " was.plaid_transaction_id",
        (told.owner,),
    ).fetchall()


def _count_twins(house: Household, alive: set[str], result: Result) -> None:
    """Each of rows that look the same must still be a row of its own."""
    for group in house.twins:
        result.twins += len(group)
        result.twins_merged += sum(key not in alive for key in group)
