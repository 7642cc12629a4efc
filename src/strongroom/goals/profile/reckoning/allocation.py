"""How savings and investments are spread over kinds of them."""

from __future__ import annotations

ALLOCATION = """
        parts AS (
            SELECT m.user_id, s.class, s.value * r.rate AS value
            FROM marked m
            JOIN securities s ON s.user_id = m.user_id AND s.account_id = m.account_id
            JOIN rates r ON r.user_id = s.user_id AND r.currency = s.currency
            WHERE m.liquid AND m.category <> 'cash' AND m.category <> 'credit_cards'
            UNION ALL
            SELECT m.user_id,
                   CASE WHEN m.category = 'cash' OR m.subtype = ANY(%(cash_like)s::text[])
                        THEN 'cash' ELSE 'other' END, m.balance * m.rate
            FROM marked m
            WHERE m.liquid AND m.balance > 0
              AND (m.category IN ('investments', 'digital_assets')
                   OR m.category = 'cash' AND m.subtype = ANY(%(savings)s::text[]))
              AND NOT EXISTS (SELECT 1 FROM securities s
                              WHERE s.user_id = m.user_id AND s.account_id = m.account_id)
        ), spread AS (
            SELECT user_id,
                   round(coalesce(sum(value) FILTER (WHERE class = 'stocks'), 0) / sum(value), 4)
                       AS to_stocks,
                   round(coalesce(sum(value) FILTER (WHERE class IN ('stocks', 'bonds')), 0)
                         / sum(value), 4) AS to_bonds,
                   round(coalesce(sum(value) FILTER (WHERE class <> 'other'), 0) / sum(value), 4)
                       AS to_cash
            FROM parts WHERE value > 0 GROUP BY user_id
        ), allocation AS (
            SELECT user_id, jsonb_build_object(
                       'stocks', trim_scale(to_stocks)::text,
                       'bonds', trim_scale(to_bonds - to_stocks)::text,
                       'cash', trim_scale(to_cash - to_bonds)::text,
                       'other', trim_scale(1 - to_cash)::text) AS shares
            FROM spread
        ),
"""
