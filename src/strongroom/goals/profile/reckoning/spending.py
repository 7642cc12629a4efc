"""What is spent in each category in an average month, and whether one could do without it."""

from __future__ import annotations

SPENDING = """
        by_category AS (
            SELECT s.user_id, s.category_id, s.key, s.name,
                   coalesce(s.key = ANY(%(discretionary)s::text[]), false)
                       OR s.key IS NULL
                          AND coalesce(s.group_key = ANY(%(discretionary_groups)s::text[]), false)
                       AS discretionary,
                   round(-sum(s.counted * r.rate) / o.months, minor_units(p.base)) AS monthly
            FROM sums s
            JOIN months m ON m.user_id = s.user_id AND m.month = s.month
            JOIN rates r ON r.user_id = s.user_id AND r.currency = s.currency
            JOIN of_months o ON o.user_id = s.user_id
            JOIN people p ON p.user_id = s.user_id
            WHERE s.kind = 'spending' AND NOT s.is_loan AND r.rate IS NOT NULL
            GROUP BY s.user_id, s.category_id, s.key, s.name, s.group_key, o.months, p.base
        ), categories_spent AS (
            SELECT user_id, jsonb_agg(jsonb_build_object(
                       'category_id', category_id, 'key', key, 'name', name,
                       'monthly', trim_scale(monthly)::text, 'discretionary', discretionary)
                       ORDER BY monthly DESC, category_id) AS list
            FROM by_category WHERE monthly > 0 GROUP BY user_id
        ),
"""
