"""Loans: what is paid on each by its terms, by its bank, or as seen; else what would repay it."""

from __future__ import annotations

LOANS = """
        seen AS (
            SELECT user_id, loan_id, -sum(value) AS payment
            FROM valued WHERE loan_id IS NOT NULL AND monthly < 0 GROUP BY user_id, loan_id
        ), owed AS (
            SELECT b.user_id, b.account_id, b.name, b.category, b.subtype,
                   round(-b.balance * r.rate, minor_units(p.base)) AS balance,
                   coalesce(t.yearly_percent, l.apr) / 100 AS told_rate,
                   CASE WHEN t.account_id IS NOT NULL THEN 'terms'
                        WHEN l.apr IS NOT NULL THEN 'bank' ELSE 'assumed' END AS rate_by,
                   round(r.rate * CASE
                       WHEN t.method = 'interest_only' THEN -b.balance * q.rate
                       WHEN t.method = 'equal_principal'
                           THEN t.principal / t.payments - b.balance * q.rate
                       WHEN t.payment IS NOT NULL THEN t.payment
                       WHEN q.rate = 0 THEN t.principal / t.payments
                       ELSE t.principal * q.rate / (1 - power(1 + q.rate, -t.payments)) END
                       / t.every_months, minor_units(p.base)) AS by_terms,
                   round(r.rate * nullif(l.minimum_payment, 0), minor_units(p.base)) AS by_bank,
                   round(v.payment, minor_units(p.base)) AS by_book
            FROM balances b
            JOIN people p ON p.user_id = b.user_id
            JOIN rates r ON r.user_id = b.user_id AND r.currency = b.currency
            LEFT JOIN liabilities l ON l.user_id = b.user_id AND l.account_id = b.account_id
            LEFT JOIN loan_terms t ON t.user_id = b.user_id AND t.account_id = b.account_id
            LEFT JOIN seen v ON v.user_id = b.user_id AND v.loan_id = b.account_id
            LEFT JOIN LATERAL (
                SELECT t.yearly_percent * t.every_months / 1200 AS rate) q ON true
            WHERE b.category IN ('mortgages', 'loans', 'other_liabilities') AND b.balance < 0
              AND r.rate IS NOT NULL
        ), known AS (
            SELECT o.*, coalesce(o.told_rate, %(loan_rate)s::numeric) AS rate,
                   coalesce(o.by_terms, o.by_bank, o.by_book) AS told,
                   coalesce((%(loan_months)s::jsonb ->> o.subtype)::integer,
                            (%(loan_months)s::jsonb ->> o.category)::integer, 60) AS repaid_in
            FROM owed o
        ), shared AS (
            SELECT k.*, greatest(0, f.to_loans
                       - coalesce(sum(k.told) OVER (PARTITION BY k.user_id), 0))
                       * k.balance / nullif(sum(k.balance) FILTER (WHERE k.told IS NULL)
                                            OVER (PARTITION BY k.user_id), 0) AS left_over
            FROM known k
            JOIN paid f ON f.user_id = k.user_id
        ), loans AS (
            SELECT s.user_id, s.account_id, s.name, s.balance, s.rate, s.rate_by,
                   CASE WHEN s.told IS NOT NULL THEN s.told
                        WHEN s.left_over > s.balance * s.rate / 12
                            THEN round(s.left_over, minor_units(p.base))
                        WHEN s.rate = 0 THEN round(s.balance / s.repaid_in, minor_units(p.base))
                        ELSE round(s.balance * s.rate / 12
                                   / (1 - power(1 + s.rate / 12, -s.repaid_in)),
                                   minor_units(p.base)) END AS payment,
                   CASE WHEN s.by_terms IS NOT NULL THEN 'terms'
                        WHEN s.by_bank IS NOT NULL THEN 'bank'
                        WHEN s.by_book IS NOT NULL OR s.left_over > s.balance * s.rate / 12
                            THEN 'book'
                        ELSE 'assumed' END AS payment_by
            FROM shared s
            JOIN people p ON p.user_id = s.user_id
        ), debts AS (
            SELECT user_id, sum(payment) AS payments, jsonb_agg(jsonb_build_object(
                       'account_id', account_id, 'name', name,
                       'balance', trim_scale(balance)::text,
                       'monthly_payment', trim_scale(payment)::text,
                       'annual_rate', trim_scale(round(rate, 6))::text,
                       'payment_by', payment_by, 'rate_by', rate_by)
                       ORDER BY balance DESC, account_id) AS list
            FROM loans GROUP BY user_id
        ),
"""
