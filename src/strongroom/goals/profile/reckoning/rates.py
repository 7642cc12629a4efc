"""One rate for each pair of currencies and day, however many people need it; and who lacks one."""

from __future__ import annotations

RATES = """
        used AS MATERIALIZED (
            SELECT user_id, currency FROM balances WHERE balance <> 0
            UNION SELECT user_id, currency FROM sums WHERE counted <> 0 AND kind <> 'transfer'
            UNION SELECT user_id, currency FROM securities
            UNION SELECT user_id, currency FROM items
        ), pairs AS MATERIALIZED (
            SELECT w.currency, w.base, w.today, r.rate
            FROM (SELECT DISTINCT u.currency, p.base, p.today
                  FROM used u JOIN people p ON p.user_id = u.user_id) w
            LEFT JOIN LATERAL fx_rate(w.currency, w.base, w.today) r ON true
        ), rates AS MATERIALIZED (
            SELECT u.user_id, u.currency, r.rate
            FROM used u
            JOIN people p ON p.user_id = u.user_id
            JOIN pairs r ON r.currency = u.currency AND r.base = p.base AND r.today = p.today
        ), missing AS (
            SELECT user_id, array_agg(currency ORDER BY currency) AS currencies
            FROM rates WHERE rate IS NULL GROUP BY user_id
        ),
"""
