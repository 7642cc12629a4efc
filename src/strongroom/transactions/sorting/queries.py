"""SQL of a person's rules, one function a statement: the rules themselves, and their marks.

Rows of the book are ``row_queries``'. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, LiteralString
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db

# Whether what a rule set on a row (a mark m of t) still stands there: an act may have been undone.
_STANDS: LiteralString = """
    CASE m.field
        WHEN 'category' THEN t.category_by = 'rule'
        WHEN 'merchant' THEN t.merchant_by = 'rule'
        WHEN 'split' THEN t.is_split
        WHEN 'review' THEN t.reviewed_at IS NOT NULL
        ELSE EXISTS (SELECT 1 FROM transaction_tags x
                     WHERE x.user_id = m.user_id AND x.transaction_id = t.id
                       AND x.tag_id::text = m.value) END
"""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule's columns, with its accounts, tags and parts as lists."""

    id: UUID
    name: str
    position: int
    is_on: bool
    merchant_how: str
    merchants: list[str]
    text_how: str
    texts: list[str]
    without: list[str]
    amount_from: Decimal | None
    amount_to: Decimal | None
    currency: str | None
    direction: str | None
    since: date | None
    until: date | None
    any_account: bool
    accounts: list[UUID]
    category_id: UUID | None
    is_transfer: bool
    merchant: str | None
    tags: list[str]
    part_categories: list[UUID]
    part_percents: list[Decimal]
    review: bool
    kept_out_because: str | None
    created_at: datetime
    updated_at: datetime
    touched: int


async def rules(
    db: Db, owner: UUID, rule_id: UUID | None = None, *, counted: bool = True
) -> list[RuleRow]:
    """Return a person's rules in their order, or one; a category that went is where it went to.

    The rows that bear their hand are counted if that is asked for, else none.
    """
    return await core_db.many(
        db,
        RuleRow,
        """
        WITH RECURSIVE went AS (
            SELECT id, id AS now_id, goes_to FROM categories WHERE user_id = %(owner)s
            UNION
            SELECT w.id, c.id, c.goes_to FROM went w
            JOIN categories c ON c.user_id = %(owner)s AND c.id = w.goes_to
        ), settled AS (
            SELECT id, now_id FROM went WHERE goes_to IS NULL
        )
        SELECT r.id, r.name, r.position, r.is_on, r.merchant_how, r.merchants, r.text_how, r.texts,
               r.without, r.amount_from, r.amount_to, r.currency, r.direction, r.since, r.until,
               r.any_account, r.is_transfer, r.merchant, r.review, r.kept_out_because,
               r.created_at, r.updated_at,
               (SELECT now_id FROM settled WHERE id = r.category_id) AS category_id,
               ARRAY(SELECT a.account_id FROM sorting_rule_accounts a
                     WHERE a.user_id = r.user_id AND a.rule_id = r.id
                     ORDER BY a.account_id) AS accounts,
               ARRAY(SELECT n.name FROM sorting_rule_tags g
                     JOIN tags n ON n.user_id = g.user_id AND n.id = g.tag_id
                     WHERE g.user_id = r.user_id AND g.rule_id = r.id
                     ORDER BY lower(n.name)) AS tags,
               ARRAY(SELECT s.now_id FROM sorting_rule_parts p
                     JOIN settled s ON s.id = p.category_id
                     WHERE p.user_id = r.user_id AND p.rule_id = r.id
                     ORDER BY p.position) AS part_categories,
               ARRAY(SELECT p.percent FROM sorting_rule_parts p
                     WHERE p.user_id = r.user_id AND p.rule_id = r.id
                     ORDER BY p.position) AS part_percents,
               CASE WHEN %(counted)s
                    THEN (SELECT count(DISTINCT m.transaction_id)::int FROM sorting_marks m
                          JOIN transactions t
                            ON t.user_id = m.user_id AND t.id = m.transaction_id
                          WHERE m.user_id = r.user_id AND m.rule_id = r.id AND
        """  # noqa: S608 - all parts are written here
        + _STANDS
        + """
                    ) ELSE 0 END AS touched
        FROM sorting_rules r
        WHERE r.user_id = %(owner)s AND r.deleted_at IS NULL
          AND (%(rule_id)s::uuid IS NULL OR r.id = %(rule_id)s)
        ORDER BY r.position, r.id
        """,
        {"owner": owner, "rule_id": rule_id, "counted": counted},
    )


async def any_that_run(db: Db, owner: UUID) -> bool:
    """Return whether a person has a rule that is run."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM sorting_rules WHERE user_id = %(owner)s AND is_on
                           AND deleted_at IS NULL AND kept_out_because IS NULL)
            """,
            {"owner": owner},
        )
    )


async def write_rule(db: Db, columns: dict[str, Any]) -> None:
    """Store a rule, new or changed; a changed one is tried again where it was kept out."""
    await db.execute(
        """
        INSERT INTO sorting_rules AS r (
            user_id, id, name, position, is_on, merchant_how, merchants, text_how, texts, without,
            amount_from, amount_to, currency, direction, since, until, any_account, category_id,
            is_transfer, merchant, review, created_at, updated_at)
        VALUES (
            %(owner)s, %(id)s, %(name)s, %(position)s, %(is_on)s, %(merchant_how)s, %(merchants)s,
            %(text_how)s, %(texts)s, %(without)s, %(amount_from)s, %(amount_to)s, %(currency)s,
            %(direction)s, %(since)s, %(until)s, %(any_account)s, %(category_id)s, %(is_transfer)s,
            %(merchant)s, %(review)s, %(now)s, %(now)s)
        ON CONFLICT (user_id, id) DO UPDATE SET
            name = excluded.name, is_on = excluded.is_on, merchant_how = excluded.merchant_how,
            merchants = excluded.merchants, text_how = excluded.text_how, texts = excluded.texts,
            without = excluded.without, amount_from = excluded.amount_from,
            amount_to = excluded.amount_to, currency = excluded.currency,
            direction = excluded.direction, since = excluded.since, until = excluded.until,
            any_account = excluded.any_account, category_id = excluded.category_id,
            is_transfer = excluded.is_transfer, merchant = excluded.merchant,
            review = excluded.review, kept_out_because = NULL, updated_at = excluded.updated_at
        """,
        columns,
    )


async def write_rule_lists(
    db: Db,
    owner: UUID,
    rule_id: UUID,
    accounts: Sequence[UUID],
    tags: Sequence[UUID],
    parts: Sequence[tuple[UUID, Decimal]],
) -> None:
    """Store a rule's accounts, tags and parts in place of those it had."""
    params = {
        "owner": owner,
        "rule": rule_id,
        "accounts": list(accounts),
        "tags": list(tags),
        "categories": [category_id for category_id, _ in parts],
        "percents": [percent for _, percent in parts],
    }
    of_rule = "WHERE user_id = %(owner)s AND rule_id = %(rule)s"
    await db.execute(f"DELETE FROM sorting_rule_accounts {of_rule}", params)  # noqa: S608
    await db.execute(f"DELETE FROM sorting_rule_tags {of_rule}", params)  # noqa: S608
    await db.execute(f"DELETE FROM sorting_rule_parts {of_rule}", params)  # noqa: S608
    await db.execute(
        """
        INSERT INTO sorting_rule_accounts (user_id, rule_id, account_id)
        SELECT %(owner)s, %(rule)s, unnest(%(accounts)s::uuid[])
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO sorting_rule_tags (user_id, rule_id, tag_id)
        SELECT %(owner)s, %(rule)s, unnest(%(tags)s::uuid[])
        """,
        params,
    )
    await db.execute(
        """
        INSERT INTO sorting_rule_parts (user_id, rule_id, position, category_id, percent)
        SELECT %(owner)s, %(rule)s, p.position, p.category_id, p.percent
        FROM unnest(%(categories)s::uuid[], %(percents)s::numeric[])
             WITH ORDINALITY AS p (category_id, percent, position)
        """,
        params,
    )


async def write_order(db: Db, owner: UUID, rule_ids: Sequence[UUID]) -> None:
    """Give rules their positions anew, in the order given."""
    await db.execute(
        """
        UPDATE sorting_rules r SET position = o.position
        FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS o (id, position)
        WHERE r.user_id = %(owner)s AND r.id = o.id AND r.position <> o.position
        """,
        {"owner": owner, "ids": list(rule_ids)},
    )


async def every_id(db: Db, owner: UUID) -> list[UUID]:
    """Return the ids of a person's rules, of those that are gone too."""
    cursor = await db.execute(
        "SELECT id FROM sorting_rules WHERE user_id = %(owner)s", {"owner": owner}
    )
    return [row[0] for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class GoneRule:
    """A rule that was taken away, and whose name is still told."""

    id: UUID
    name: str
    deleted_at: datetime


async def gone_but_seen(db: Db, owner: UUID) -> list[GoneRule]:
    """Return the rules that were taken away and whose hand is still on some row."""
    return await core_db.many(
        db,
        GoneRule,
        """
        SELECT r.id, r.name, r.deleted_at FROM sorting_rules r
        WHERE r.user_id = %(owner)s AND r.deleted_at IS NOT NULL
          AND EXISTS (SELECT 1 FROM sorting_marks m
                      WHERE m.user_id = r.user_id AND m.rule_id = r.id)
        ORDER BY r.id
        """,
        {"owner": owner},
    )


async def add_gone(db: Db, owner: UUID, rule_id: UUID, name: str, deleted_at: datetime) -> None:
    """Store that there was a rule of this name."""
    await db.execute(
        """
        INSERT INTO sorting_rules (user_id, id, name, position, is_on, created_at, updated_at,
                                   deleted_at)
        VALUES (%(owner)s, %(id)s, %(name)s, 0, false, %(at)s, %(at)s, %(at)s)
        """,
        {"owner": owner, "id": rule_id, "name": name, "at": deleted_at},
    )


async def count_changed(db: Db, owner: UUID, ids: Sequence[UUID], since: datetime) -> int:
    """Return how many of these rules, of those that are there, were written after an instant."""
    found = await core_db.value(
        db,
        """
        SELECT count(*) FROM sorting_rules
        WHERE user_id = %(owner)s AND id = ANY(%(ids)s) AND updated_at > %(since)s
          AND deleted_at IS NULL
        """,
        {"owner": owner, "ids": list(ids), "since": since},
    )
    return int(found)


async def forget(db: Db, owner: UUID, rule_ids: Sequence[UUID]) -> None:
    """Delete rules for good, with every mark of theirs."""
    await db.execute(
        "DELETE FROM sorting_rules WHERE user_id = %(owner)s AND id = ANY(%(ids)s)",
        {"owner": owner, "ids": list(rule_ids)},
    )


async def delete_rule(db: Db, owner: UUID, rule_id: UUID, now: datetime) -> None:
    """Take a rule away; its name stays for the rows that bear its hand."""
    await db.execute(
        """
        UPDATE sorting_rules SET deleted_at = %(now)s, is_on = false
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": rule_id, "now": now},
    )


async def set_on(db: Db, owner: UUID, rule_id: UUID, is_on: bool, now: datetime) -> None:
    """Switch a rule on or off."""
    await db.execute(
        """
        UPDATE sorting_rules SET is_on = %(is_on)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": rule_id, "is_on": is_on, "now": now},
    )


async def keep_out(db: Db, owner: UUID, rule_id: UUID, because: str, now: datetime) -> None:
    """Let a rule be run no more until it is changed."""
    await db.execute(
        """
        UPDATE sorting_rules SET kept_out_because = %(because)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(id)s
        """,
        {"owner": owner, "id": rule_id, "because": because, "now": now},
    )


@dataclass(frozen=True, slots=True)
class HandRow:
    """A mark on a row, with the name of its rule."""

    field: str
    value: str
    rule_id: UUID | None
    rule_name: str
    at: datetime


async def hands_on(db: Db, owner: UUID, transaction_id: UUID) -> list[HandRow]:
    """Return what rules set on a row and still stands there, oldest first."""
    return await core_db.many(
        db,
        HandRow,
        """
        SELECT m.field, coalesce(g.name, '') AS value, m.at, r.name AS rule_name,
               CASE WHEN r.deleted_at IS NULL THEN r.id END AS rule_id
        FROM sorting_marks m
        JOIN transactions t ON t.user_id = m.user_id AND t.id = m.transaction_id
        JOIN sorting_rules r ON r.user_id = m.user_id AND r.id = m.rule_id
        LEFT JOIN tags g ON g.user_id = m.user_id AND g.id::text = m.value AND m.field = 'tag'
        WHERE m.user_id = %(owner)s AND m.transaction_id = %(id)s
          AND
        """  # noqa: S608 - all parts are written here
        + _STANDS
        + """
        ORDER BY m.at, m.field, value
        """,
        {"owner": owner, "id": transaction_id},
    )


@dataclass(frozen=True, slots=True)
class OfferRow:
    """The merchant and category of a row that a person sorted, and how many others there are."""

    merchant: str
    category_id: UUID
    category_key: str | None
    category_name: str | None
    count: int


# Rows of the same merchant, or of the same text where none is known, that no person sorted. Their
# texts are looked up first: those that begin as this one's are few, and lead to rows by an index.
_OTHERS = """
        FROM transactions t
        JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
        CROSS JOIN LATERAL (
            SELECT o.id FROM transactions o
            WHERE o.user_id = t.user_id
              AND o.text_key = ANY(ARRAY(
                  SELECT b.key FROM book_texts b
                  WHERE b.user_id = t.user_id AND starts_with(b.text, translate(
                      lower(coalesce(t.merchant, t.description)), '0123456789', ''))))
              AND o.id <> t.id AND o.category_by <> 'person' AND o.category_id <> t.category_id
              AND o.removed_by_bank IS NULL AND NOT o.is_split
              AND lower(coalesce(o.merchant, o.description))
                  = lower(coalesce(t.merchant, t.description))) o
        WHERE t.user_id = %(owner)s AND t.id = %(id)s AND t.category_by = 'person'
"""


async def offer(db: Db, owner: UUID, transaction_id: UUID) -> OfferRow | None:
    """Return how many rows of a row's merchant stand in another category than the person chose.

    None unless a person chose this row's category, or where there is no other such row.
    """
    return await core_db.one(
        db,
        OfferRow,
        """
        SELECT coalesce(t.merchant, t.description) AS merchant, t.category_id,
               c.key AS category_key, c.name AS category_name, count(*)::int AS count
        """
        + _OTHERS
        + """
        GROUP BY t.merchant, t.description, t.category_id, c.key, c.name
        """,
        {"owner": owner, "id": transaction_id},
    )


async def others_of_merchant(db: Db, owner: UUID, transaction_id: UUID) -> list[UUID]:
    """Return the rows that an offer is about, in the order of their ids."""
    cursor = await db.execute(
        "SELECT o.id" + _OTHERS + " ORDER BY o.id", {"owner": owner, "id": transaction_id}
    )
    return [row[0] for row in await cursor.fetchall()]
