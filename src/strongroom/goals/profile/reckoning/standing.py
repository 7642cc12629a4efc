"""What is owned and owed today: liquid money, debt on cards, loans."""

from __future__ import annotations

STANDING = """
        marked AS (
            SELECT b.*, r.rate,
                   CASE WHEN b.category IN ('investments', 'digital_assets') THEN
                            b.category = 'digital_assets' OR b.subtype = ''
                            OR b.subtype = ANY(%(sellable)s::text[])
                        WHEN b.category = 'cash' THEN b.subtype <> ALL(%(tied)s::text[])
                        WHEN b.category = 'credit_cards' THEN b.balance >= 0
                        ELSE false END AS liquid
            FROM balances b
            LEFT JOIN rates r ON r.user_id = b.user_id AND r.currency = b.currency
        ), stands AS (
            SELECT m.user_id, count(*) AS accounts,
                   round(CASE WHEN bool_or(liquid AND (rate IS NOT NULL OR balance = 0))
                        THEN coalesce(sum(balance * rate) FILTER (WHERE liquid), 0) END,
                        minor_units(p.base)) AS liquid,
                   round(CASE WHEN bool_or(owes AND category = 'credit_cards' AND rate IS NOT NULL)
                             OR NOT bool_or(owes AND category = 'credit_cards')
                        THEN coalesce(-sum(balance * rate) FILTER (
                            WHERE owes AND category = 'credit_cards'), 0) END,
                        minor_units(p.base)) AS credit,
                   round(CASE WHEN bool_or(owes AND category = ANY(%(loan_kinds)s::text[])
                                           AND rate IS NOT NULL)
                             OR NOT bool_or(owes AND category = ANY(%(loan_kinds)s::text[]))
                        THEN coalesce(-sum(balance * rate) FILTER (
                            WHERE owes AND category = ANY(%(loan_kinds)s::text[])), 0) END,
                        minor_units(p.base)) AS loan
            FROM (SELECT *, balance < 0 AS owes FROM marked) m
            JOIN people p ON p.user_id = m.user_id
            GROUP BY m.user_id, p.base
        ),
"""
