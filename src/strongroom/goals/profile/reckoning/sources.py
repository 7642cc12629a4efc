"""What figures are found in: accounts, sums of months, holdings, what comes again and again."""

from __future__ import annotations

# What open accounts hold; sums of the accounts lived from, by month; what investments consist of.
SOURCES = """
        balances AS MATERIALIZED (
            SELECT p.user_id, a.id AS account_id, a.name, a.category, b.currency, b.balance,
                   coalesce(a.subtype, '') AS subtype
            FROM people p
            JOIN accounts a ON a.user_id = p.user_id AND a.closed_at IS NULL
            CROSS JOIN LATERAL (
                SELECT b.currency, b.balance FROM account_balances b
                WHERE b.user_id = a.user_id AND b.account_id = a.id
                ORDER BY b.day DESC LIMIT 1) b
        ), sums AS MATERIALIZED (
            SELECT p.user_id, m.month, m.account_id, m.category_id, m.currency, m.rows, m.counted,
                   c.kind, c.key, c.name, g.key AS group_key,
                   coalesce(c.key = ANY(%(loan_keys)s::text[]), false) AS is_loan
            FROM people p
            JOIN monthly_totals m ON m.user_id = p.user_id
             AND m.month BETWEEN (p.this_month - interval '12 months')::date AND p.this_month
            JOIN accounts a ON a.user_id = m.user_id AND a.id = m.account_id
             AND a.category IN ('cash', 'credit_cards')
            JOIN categories c ON c.user_id = m.user_id AND c.id = m.category_id
            LEFT JOIN categories g ON g.user_id = c.user_id AND g.id = c.parent_id
        ), securities AS MATERIALIZED (
            SELECT b.user_id, b.account_id, h.currency, h.value,
                   CASE WHEN h.is_cash OR h.type = 'cash' THEN 'cash'
                        WHEN h.type = 'fixed income' THEN 'bonds'
                        WHEN h.type IN ('etf', 'mutual fund') AND h.name ~* %(bonds)s THEN 'bonds'
                        WHEN h.type IN ('equity', 'etf', 'mutual fund') THEN 'stocks'
                        ELSE 'other' END AS class
            FROM balances b
            JOIN holdings h ON h.user_id = b.user_id AND h.account_id = b.account_id
             AND h.value > 0
        ),
"""
# What comes again and again: what its newest row is decides what it is.
ITEMS = """
        into_loans AS (
            SELECT o.user_id, o.transfer_id, o.account_id
            FROM accounts l
            JOIN transactions o ON o.user_id = l.user_id AND o.account_id = l.id
             AND o.transfer_id IS NOT NULL AND o.amount > 0
            WHERE l.category = ANY(%(loan_kinds)s::text[])
              AND (%(owner)s::uuid IS NULL OR l.user_id = %(owner)s)
        ), items AS MATERIALIZED (
            SELECT DISTINCT ON (i.user_id, i.id)
                   i.user_id, i.title, i.currency, c.key, c.kind, n.account_id AS loan_id,
                   i.amount * (%(a_year)s::jsonb ->> i.cadence)::integer / 12 AS monthly,
                   t.transfer_id IS NOT NULL AS matched
            FROM recurring_items i
            JOIN accounts a ON a.user_id = i.user_id AND a.id = i.account_id
             AND a.closed_at IS NULL
            JOIN recurring_rows s ON s.user_id = i.user_id AND s.item_id = i.id
            JOIN transactions t ON t.user_id = s.user_id AND t.id = s.transaction_id
             AND t.day = i.last_on
            JOIN categories c ON c.user_id = t.user_id AND c.id = t.category_id
            LEFT JOIN into_loans n ON n.user_id = t.user_id AND n.transfer_id = t.transfer_id
            WHERE i.standing <> 'ended' AND i.verdict IS DISTINCT FROM 'dismissed'
              AND NOT i.inner_move AND (%(owner)s::uuid IS NULL OR i.user_id = %(owner)s)
            ORDER BY i.user_id, i.id, t.id DESC
        ),
"""
