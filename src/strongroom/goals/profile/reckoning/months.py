"""Full months of the last twelve, what was spent and earned in each, and how much that varies.

From when the accounts that matter tell, to when the book ends. An account that began while its
bank was watched began then; one that came with a history may have had rows before it that nobody
told.
"""

from __future__ import annotations

MONTHS = """
        moved AS (
            SELECT s.user_id, s.account_id, sum(abs(s.counted)) AS amount
            FROM sums s
            JOIN people p ON p.user_id = s.user_id
            WHERE s.month >= p.this_month - interval '3 months'
            GROUP BY s.user_id, s.account_id
        ), told AS (
            SELECT p.user_id, p.this_month, p.today, first.day AS first_day, newest.day AS last_day,
                   k.last_successful_update::date AS read_on,
                   first.day <= a.created_at::date AND (
                       a.item_id IS NULL OR a.created_at - interval '1 day' <= min(a.created_at)
                           OVER (PARTITION BY a.user_id, a.item_id)) AS came_with_history,
                   coalesce(v.amount, 0) AS moved
            FROM people p
            JOIN accounts a ON a.user_id = p.user_id AND a.category IN ('cash', 'credit_cards')
            LEFT JOIN moved v ON v.user_id = a.user_id AND v.account_id = a.id
            LEFT JOIN plaid_items k ON k.user_id = a.user_id AND k.id = a.item_id
            CROSS JOIN LATERAL (
                SELECT t.day FROM transactions t
                WHERE t.user_id = a.user_id AND t.account_id = a.id ORDER BY t.day LIMIT 1) first
            CROSS JOIN LATERAL (
                SELECT t.day FROM transactions t
                WHERE t.user_id = a.user_id AND t.account_id = a.id AND t.day <= p.today
                ORDER BY t.day DESC LIMIT 1) newest
        ), weighed AS (
            SELECT *, came_with_history
                   AND moved * 5 > sum(moved) OVER (PARTITION BY user_id) AS matters
            FROM told
        ), spans AS (
            SELECT user_id, this_month,
                   coalesce(max(first_day) FILTER (WHERE matters), min(first_day)) AS since,
                   greatest(max(last_day), max(read_on)) AS until
            FROM weighed GROUP BY user_id, this_month
        ), months AS MATERIALIZED (
            SELECT s.user_id, m::date AS month
            FROM spans s
            CROSS JOIN LATERAL generate_series(
                greatest(s.this_month - interval '12 months', date_trunc('month', s.since)),
                s.this_month - interval '1 month', interval '1 month') m
            WHERE s.since <= m::date + %(slack)s::integer - 1
              AND s.until >= (m + interval '1 month')::date - %(slack)s::integer
              AND EXISTS (SELECT 1 FROM sums r
                          WHERE r.user_id = s.user_id AND r.month = m::date AND r.rows > 0)
        ), by_month AS (
            SELECT m.user_id, m.month,
                   coalesce(-sum(s.counted * r.rate) FILTER (
                       WHERE s.kind = 'spending' AND NOT s.is_loan), 0) AS spent,
                   coalesce(sum(s.counted * r.rate) FILTER (
                       WHERE s.kind = 'income' AND s.key IS DISTINCT FROM 'tax_refund'), 0)
                       AS earned,
                   coalesce(-sum(s.counted * r.rate) FILTER (WHERE s.is_loan), 0) AS repaid,
                   row_number() OVER (PARTITION BY m.user_id ORDER BY m.month DESC) AS ago,
                   bool_or(r.rate IS NOT NULL AND s.kind = 'spending') AS knows_spending,
                   bool_or(r.rate IS NULL AND s.kind = 'spending' AND s.counted <> 0)
                       AS lacks_spending
            FROM months m
            JOIN sums s ON s.user_id = m.user_id AND s.month = m.month
            LEFT JOIN rates r ON r.user_id = s.user_id AND r.currency = s.currency
            GROUP BY m.user_id, m.month
        ), of_months AS (
            SELECT user_id, count(*)::integer AS months,
                   bool_or(knows_spending) OR NOT bool_or(lacks_spending) AS knows_spending,
                   (percentile_disc(0.5) WITHIN GROUP (ORDER BY spent)
                    + percentile_disc(0.5) WITHIN GROUP (ORDER BY spent DESC)) / 2 AS spent,
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY repaid) FILTER (
                       WHERE ago <= 3) AS repaid,
                   CASE WHEN count(*) >= %(least_months)s::integer AND avg(spent) > 0
                        THEN least(1, stddev_samp(spent) / avg(spent)) END AS spending_volatility,
                   CASE WHEN count(*) >= %(least_months)s::integer AND avg(earned) > 0
                        THEN least(1, stddev_samp(earned) / avg(earned)) END AS income_volatility
            FROM by_month GROUP BY user_id
        ),
"""
