"""Ten years of one person's rows, and those of many others, laid into the book's tables at once.

What a row's triggers and keys would do is done for all rows afterwards, as a migration would: a
million rows one by one take longer than all that is measured of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

import psycopg
from psycopg import sql

from benchmarks import people
from strongroom import audit, identity, net_worth, transactions
from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.time import clock
from tests.prove.ground import Base, ring

DAYS = 3650
_OTHERS, _ROWS_OF_OTHERS = 999, 300
PEOPLE = _OTHERS + 1


async def fill(base: Base, rows: dict[str, int]) -> list[UserId]:
    """Make somebody for each address, with five accounts and so many rows, and 999 others."""
    audit.use_key(ring().derive("audit chain"))
    identity.use_key(ring().derive("rate limit"))
    async with Database(base.app_dsn, base.system_dsn) as database:
        owners = [await people.person(database, email) for email in rows]
        for owner in owners:
            async with database.unit_of_work(owner) as db:
                await transactions.categories(db, owner=owner)
        with base.admin() as admin:
            _lay(admin, dict(zip(owners, rows.values(), strict=True)))
        for owner in owners:
            async with database.unit_of_work(owner) as db:
                await net_worth.refresh(db, owner=owner, now=clock())
    with base.admin() as admin:
        admin.execute("VACUUM ANALYZE")
        admin.execute("CHECKPOINT")
    return owners


def _lay(admin: psycopg.Connection, rows: dict[UserId, int]) -> None:
    others = _others(admin)
    _accounts(admin, [*rows, *others])
    with _past_keys(admin):
        for owner, count in rows.items():
            _rows(admin, [owner], count)
        _rows(admin, others, _ROWS_OF_OTHERS)
        _texts_and_sums(admin)


@contextmanager
def _past_keys(admin: psycopg.Connection) -> Iterator[None]:
    """Write without triggers and checks of foreign keys, and make the book's indexes at the end."""
    indexes = admin.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = 'transactions'::regclass AND NOT indisunique"
    ).fetchall()
    with admin.transaction():
        admin.execute("SET LOCAL session_replication_role = replica")
        admin.execute("SET LOCAL maintenance_work_mem = '256MB'")
        admin.execute("SET LOCAL work_mem = '128MB'")
        for name, _ in indexes:
            admin.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield
        for _, definition in indexes:
            admin.execute(definition)


def _others(admin: psycopg.Connection) -> list[UUID]:
    """Make people who have settings and categories, and nothing else so far."""
    admin.execute(
        """
        INSERT INTO users (id, email, password_hash, created_at, updated_at)
        SELECT gen_random_uuid(), 'other' || n || '@example.org', 'none', now(), now()
        FROM generate_series(1, %s) n
        """,
        (_OTHERS,),
    )
    admin.execute(
        """
        INSERT INTO settings (user_id, updated_at)
        SELECT id, now() FROM users u
        WHERE NOT EXISTS (SELECT 1 FROM settings s WHERE s.user_id = u.id)
        """
    )
    admin.execute(
        """
        INSERT INTO categories (user_id, id, key, kind, position)
        SELECT u.id, gen_random_uuid(), d.key, d.kind, d.position
        FROM users u CROSS JOIN default_categories d WHERE u.email LIKE 'other%'
        """
    )
    found = admin.execute("SELECT id FROM users WHERE email LIKE 'other%'").fetchall()
    return [row[0] for row in found]


def _accounts(admin: psycopg.Connection, owners: Sequence[UUID]) -> None:
    admin.execute(
        """
        INSERT INTO accounts (user_id, id, name, type, subtype, category, currency, is_manual,
                              created_at, updated_at)
        SELECT o, gen_random_uuid(), 'Account ' || n,
               CASE WHEN n = 4 THEN 'credit' ELSE 'depository' END, NULL,
               CASE WHEN n = 4 THEN 'credit_cards' ELSE 'cash' END, 'USD', true, now(), now()
        FROM unnest(%s::uuid[]) o, generate_series(1, 5) n
        """,
        (owners,),
    )
    admin.execute(
        """
        INSERT INTO account_balances (user_id, account_id, day, balance, currency, source)
        SELECT user_id, id, CURRENT_DATE, 1000, 'USD', 'manual'
        FROM accounts WHERE user_id = ANY(%s)
        """,
        (owners,),
    )


def _rows(admin: psycopg.Connection, owners: Sequence[UUID], rows: int) -> None:
    """Rows of people who have categories, ids in the order of days. A thirteenth are coffees."""
    admin.execute(
        """
        INSERT INTO transactions (user_id, id, account_id, origin, day, amount, currency,
            description, merchant, category_id, needs_review, created_at, updated_at)
        SELECT o, (lpad(to_hex((extract(epoch FROM made.day) * 1000)::bigint + n %% 1000), 12, '0')
                   || '7' || left(made.noise, 3) || '8' || substr(made.noise, 4, 15))::uuid,
               held.ids[1 + n %% 5], 'manual', made.day,
               CASE WHEN n %% 20 = 0 THEN 1 ELSE -1 END
                   * ((n::bigint * 7919) %% 25000 + 101) / 100.0,
               'USD',
               CASE WHEN n %% 13 = 0 THEN 'COFFEE CORNER ' WHEN n = 77 THEN 'ZITHER SHOP '
                    ELSE 'SHOP ' || chr(65 + n %% 26) || chr(65 + n / 26 %% 26) || ' ' END
                   || lpad(n::text, 7, '0'),
               NULL, sorts.ids[1 + n %% array_length(sorts.ids, 1)], false, now(), now()
        FROM unnest(%(owners)s::uuid[]) o
        CROSS JOIN LATERAL (SELECT array_agg(id) AS ids FROM accounts WHERE user_id = o) held
        CROSS JOIN LATERAL (SELECT array_agg(id) AS ids FROM categories
                            WHERE user_id = o AND kind = 'spending') sorts
        CROSS JOIN generate_series(%(rows)s - 1, 0, -1) n
        CROSS JOIN LATERAL (
            SELECT CURRENT_DATE - (n::bigint * %(days)s / %(rows)s)::int AS day,
                   md5(n::text) AS noise) made
        """,
        {"owners": owners, "rows": rows, "days": DAYS},
    )


def _texts_and_sums(admin: psycopg.Connection) -> None:
    """What the book keeps beside its rows: distinct texts, and sums by month."""
    admin.execute(
        """
        INSERT INTO book_texts (user_id, key, text)
        SELECT DISTINCT ON (user_id, text_key) user_id, text_key,
               text_without_digits(merchant, description)
        FROM transactions
        """
    )
    admin.execute(
        """
        INSERT INTO monthly_totals (user_id, month, account_id, category_id, currency, rows,
                                    to_review, amount, counted)
        SELECT user_id, date_trunc('month', day)::date, account_id, category_id, currency,
               count(*), 0, sum(amount), sum(amount)
        FROM transactions GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4
        """
    )
