"""What comes in and goes out again and again, by payer; payments on loans stand apart."""

from __future__ import annotations

FLOWS = """
        valued AS MATERIALIZED (
            SELECT i.*, i.monthly * r.rate AS value
            FROM items i
            JOIN rates r ON r.user_id = i.user_id AND r.currency = i.currency
            WHERE r.rate IS NOT NULL
        ), payers AS (
            SELECT v.user_id, v.title, round(sum(v.value), minor_units(p.base)) AS monthly
            FROM valued v
            JOIN people p ON p.user_id = v.user_id
            WHERE v.monthly > 0 AND v.kind = 'income' AND NOT v.matched
              AND v.key IS DISTINCT FROM 'tax_refund'
            GROUP BY v.user_id, v.title, p.base
        ), income AS (
            SELECT user_id, sum(monthly) AS monthly, jsonb_agg(jsonb_build_object(
                       'payer', title, 'monthly', trim_scale(monthly)::text)
                       ORDER BY monthly DESC, title) AS list
            FROM payers GROUP BY user_id
        ), outflows AS (
            SELECT user_id,
                   coalesce(-sum(value) FILTER (
                       WHERE kind = 'spending' AND NOT matched
                         AND NOT coalesce(key = ANY(%(loan_keys)s::text[]), false)), 0) AS bills,
                   coalesce(-sum(value) FILTER (WHERE loan_id IS NOT NULL), 0) AS into_loans,
                   coalesce(-sum(value) FILTER (
                       WHERE NOT matched AND key = ANY(%(loan_keys)s::text[])), 0) AS as_loans
            FROM valued WHERE monthly < 0 GROUP BY user_id
        ), paid AS (
            SELECT p.user_id, coalesce(f.into_loans, 0)
                   + greatest(0, coalesce(f.as_loans, 0), coalesce(o.repaid, 0)) AS to_loans
            FROM people p
            LEFT JOIN outflows f ON f.user_id = p.user_id
            LEFT JOIN of_months o ON o.user_id = p.user_id
        ),
"""
