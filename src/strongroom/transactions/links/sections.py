"""The lists ``rejections``, ``transfers`` and ``refunds`` of an export.

There may be many, so that each list is stored at once. Links go with the rows that they are of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import UserId
from strongroom.core.sections import BroughtBack, Known, Record, Section, own_id
from strongroom.core.time import month_start
from strongroom.transactions import totals
from strongroom.transactions.links import queries
from strongroom.transactions.refunds import queries as refund_queries
from strongroom.transactions.transfers import State, TransferKind

_CANNOT_BE: Final = (
    NotFound, LookupError, TypeError, ValueError, ArithmeticError, AttributeError,
)  # fmt: skip
_MADE_BY: Final = ("match", "person")
_PAIRINGS: Final = ("transfer", "refund", "double")
_MOST_REASONS: Final = 40
_LONGEST_FACT: Final = 60
_Read = Callable[[Record, Known], dict[str, Any]]


def _read_all(
    records: Sequence[Record], known: Known, read: _Read
) -> tuple[list[dict[str, Any]], int]:
    """Return the records as they are stored, and how many cannot be."""
    found = []
    for record in records:
        try:
            found.append(read(record, known))
        except _CANNOT_BE:
            continue
    return found, len(records) - len(found)


class Rejections(Section):
    """The list ``rejections``: pairs of which a person said that they are none."""

    name, reads, writes = "rejections", "transactions:read", "transactions:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the pairs in the order in which it was said."""
        return [
            {
                "kind": one.kind,
                "one": ids.show("trn", one.one_id),
                "other": ids.show("trn", one.other_id),
                "rejected_at": one.rejected_at.isoformat(),
            }
            for one in await queries.rejected(db, owner)
        ]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Say so again of pairs that are not linked here; what their rows' coming matched ends."""
        await totals.take_turn(db, owner)
        told, left_out = _read_all(records, known, _rejection)
        made = await queries.reject(db, owner, told, now)
        unlinked = await queries.rejected_refunds(db, owner, now)
        await refund_queries.unlink(db, owner, [one.id for one in unlinked])
        await totals.roll_up(db, owner, [month_start(one.day) for one in unlinked])
        return BroughtBack([" ".join(map(str, pair)) for pair in made], left_out)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Forget it of rows that were there before; other pairs went with their rows."""
        await queries.unreject(db, owner, [one.split(" ") for one in made])


def _rejection(record: Record, known: Known) -> dict[str, Any]:
    return {
        "kind": _one_of(_PAIRINGS, record["kind"]),
        "one_id": _row(known, record["one"]),
        "other_id": _row(known, record["other"]),
        "rejected_at": _instant(record["rejected_at"]),
    }


class Transfers(Section):
    """The list ``transfers``: legs that were matched, linked by hand, or are proposed."""

    name, reads, writes = "transfers", "transactions:read", "transactions:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the transfers by the days of their first legs."""
        return [
            _shown("trf", asdict(one), ("out", "into", "rival"))
            for one in await queries.transfers(db, owner)
        ]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Link rows again that are leg of nothing else."""
        await totals.take_turn(db, owner)
        told, left_out = _read_all(records, known, _transfer)
        made = await queries.link_transfers(db, owner, told)
        await totals.roll_up(db, owner, [])
        return BroughtBack([str(one) for one in made], left_out)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """End transfers of legs that were there before; others went with their legs."""
        await queries.unlink_transfers(db, owner, [UUID(one) for one in made])
        await totals.roll_up(db, owner, [])


def _transfer(record: Record, known: Known) -> dict[str, Any]:
    rival = _find(known, record["rival"], "trn")
    return {
        **_link(record, "trf"),
        "out_id": _row(known, record["out"]),
        "into_id": _row(known, record["into"]),
        "kind": TransferKind(record["kind"]).value,
        "rival_id": rival,
        "rival_side": None if rival is None else _one_of(("out", "into"), record["rival_side"]),
        "rival_score": None if rival is None else _score(record["rival_score"]),
    }


class Refunds(Section):
    """The list ``refunds``: money that came back, and the purchase it came back for."""

    name, reads, writes = "refunds", "transactions:read", "transactions:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the links by the days on which money came back."""
        told = []
        for one in await queries.refunds(db, owner):
            facts = asdict(one)
            before = facts.pop("category_before")
            record = _shown("rfd", facts, ("refund", "purchase", "rival"))
            record["category_before"] = None if before is None else ids.show("cat", before)
            told.append(record)
        return told

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Link rows again that are linked to nothing else."""
        await totals.take_turn(db, owner)
        told, left_out = _read_all(records, known, _refund)
        made = await queries.link_refunds(db, owner, told)
        return BroughtBack([str(one) for one in made], left_out)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """End links of rows that were there before; others went with their rows."""
        await queries.unlink_refunds(db, owner, [UUID(one) for one in made])


def _refund(record: Record, known: Known) -> dict[str, Any]:
    rival = _find(known, record["rival"], "trn")
    return {
        **_link(record, "rfd"),
        "refund_id": _row(known, record["refund"]),
        "purchase_id": _row(known, record["purchase"]),
        "rival_id": rival,
        "rival_score": None if rival is None else _score(record["rival_score"]),
        "category_before": _find(known, record["category_before"], "cat"),
    }


def _shown(prefix: str, facts: Mapping[str, Any], rows: Sequence[str]) -> dict[str, Any]:
    """Return a link as a record: its rows by their ids as they are shown."""
    record = {name: value for name, value in facts.items() if name.removesuffix("_id") not in rows}
    record["id"] = ids.show(prefix, facts["id"])
    for name in rows:
        row_id = facts[f"{name}_id"]
        record[name] = None if row_id is None else ids.show("trn", row_id)
    for name in ("confirmed_at", "made_at"):
        record[name] = None if facts[name] is None else facts[name].isoformat()
    return record


def _link(record: Record, prefix: str) -> dict[str, Any]:
    """Return what both kinds of links tell. Raises what it cannot be."""
    confirmed = record["confirmed_at"]
    return {
        "id": str(own_id(prefix, record)),
        "state": State(record["state"]).value,
        "score": _score(record["score"]),
        "reasons": [_reason(one) for one in record["reasons"][:_MOST_REASONS]],
        "made_by": _one_of(_MADE_BY, record["made_by"]),
        "confirmed_at": None if confirmed is None else _instant(confirmed),
        "made_at": _instant(record["made_at"]),
    }


def _reason(told: Mapping[str, Any]) -> dict[str, Any]:
    fact = str(told["fact"])
    if len(fact) > _LONGEST_FACT:
        raise ValueError(fact)
    return {"fact": fact, "points": int(told["points"])}


def _row(known: Known, told: object) -> str:
    """Return a row of the book. Raises ``LookupError``, also for an account or a category."""
    found = _find(known, told, "trn")
    if found is None:
        raise LookupError(told)
    return found


def _find(known: Known, told: object, prefix: str) -> str | None:
    found = known.rows.get(str(told)) if str(told).startswith(f"{prefix}_") else None
    return None if found is None else str(found)


def _score(told: object) -> int:
    score = int(str(told))
    if not 0 <= score <= 100:
        raise ValueError(score)
    return score


def _one_of(known: Sequence[str], told: object) -> str:
    return known[known.index(str(told))]


def _instant(text: str) -> str:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.isoformat()
