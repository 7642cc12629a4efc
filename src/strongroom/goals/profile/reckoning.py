"""SQL that reckons profiles from accounts and book: one statement, for a person or for everybody.

What the figures mean is said in ``types``; which kinds count as what, in ``rules``. Amounts in
other currencies are put into the person's at the rates of their today; a currency without one
joins no rate, is in no sum, and is named.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.goals.profile import rules

# Whose profile, in which currency, and on which day it is where they live.
_PEOPLE = """
        WITH zone AS MATERIALIZED (
            SELECT d.time_zone, (%(now)s AT TIME ZONE z.zone)::date AS today
            FROM (SELECT DISTINCT time_zone FROM settings
                  WHERE %(owner)s::uuid IS NULL OR user_id = %(owner)s) d
            CROSS JOIN LATERAL zone_or_utc(d.time_zone) AS z (zone)
        ), mostly AS (
            SELECT DISTINCT ON (user_id) user_id, currency
            FROM accounts
            WHERE closed_at IS NULL AND (%(owner)s::uuid IS NULL OR user_id = %(owner)s)
            GROUP BY user_id, currency
            ORDER BY user_id, count(*) DESC, currency
        ), people AS MATERIALIZED (
            SELECT s.user_id, z.today, date_trunc('month', z.today)::date AS this_month,
                   coalesce(s.currency, m.currency, %(otherwise)s::text) AS base
            FROM settings s
            JOIN zone z ON z.time_zone = s.time_zone
            LEFT JOIN mostly m ON m.user_id = s.user_id
            WHERE %(owner)s::uuid IS NULL OR s.user_id = %(owner)s
"""
# What open accounts hold; sums of the accounts lived from, by month; what investments consist of.
_SOURCES = """
        ), balances AS MATERIALIZED (
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
"""
# What comes again and again: what its newest row is decides what it is.
_ITEMS = """
        ), into_loans AS (
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
"""
# One rate for each pair and day, however many people need it; and who lacks one.
_RATES = """
        ), used AS MATERIALIZED (
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
"""
# Full months of the last twelve: from when the accounts that matter tell, to when the book ends.
# An account that began while its bank was watched began then; one that came with a history may
# have had rows before it that nobody told.
_MONTHS = """
        ), moved AS (
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
        ), by_category AS (
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
"""
# What comes in and goes out again and again; payments on loans stand apart.
_FLOWS = """
        ), valued AS MATERIALIZED (
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
"""
# Loans: what is paid on each by its terms, by its bank, or as seen; else what would repay it.
_LOANS = """
        ), seen AS (
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
"""
# What is owned and owed, and how savings and investments are spread.
_HELD = """
        ), marked AS (
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
        ), parts AS (
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
"""
# All of it together, hashed in the one form in which jsonb writes it, and put into place.
_STORE = """
        ), figures AS (
            SELECT p.user_id, p.base AS currency, p.today AS as_of,
                   s.liquid AS liquid_assets, s.credit AS credit_debt, s.loan AS loan_debt,
                   i.monthly AS monthly_income,
                   CASE WHEN o.months > 0 OR f.user_id IS NOT NULL
                        THEN round(coalesce(f.bills, 0), minor_units(p.base)) END AS monthly_bills,
                   CASE WHEN s.accounts > 0 OR o.months > 0 THEN
                        greatest(coalesce(d.payments, 0),
                                 round(v.to_loans, minor_units(p.base))) END
                       AS monthly_loan_payments,
                   CASE WHEN o.knows_spending
                        THEN round(greatest(0, o.spent), minor_units(p.base)) END
                       AS monthly_spending,
                   round(o.income_volatility, 6) AS income_volatility,
                   round(o.spending_volatility, 6) AS spending_volatility,
                   coalesce(i.list, '[]') AS income_by_payer,
                   coalesce(c.list, '[]') AS spending_by_category,
                   coalesce(d.list, '[]') AS loans,
                   a.shares AS investment_allocation,
                   coalesce(o.months, 0) AS months_of_history,
                   coalesce(m.currencies, '{}') AS left_out
            FROM people p
            LEFT JOIN stands s ON s.user_id = p.user_id
            LEFT JOIN of_months o ON o.user_id = p.user_id
            LEFT JOIN categories_spent c ON c.user_id = p.user_id
            LEFT JOIN income i ON i.user_id = p.user_id
            LEFT JOIN outflows f ON f.user_id = p.user_id
            LEFT JOIN paid v ON v.user_id = p.user_id
            LEFT JOIN debts d ON d.user_id = p.user_id
            LEFT JOIN allocation a ON a.user_id = p.user_id
            LEFT JOIN missing m ON m.user_id = p.user_id
        ), hashed AS (
            SELECT f.*, sha256(convert_to(jsonb_build_array(
                       currency, trim_scale(liquid_assets)::text, trim_scale(credit_debt)::text,
                       trim_scale(loan_debt)::text, trim_scale(monthly_income)::text,
                       trim_scale(monthly_bills)::text, trim_scale(monthly_loan_payments)::text,
                       trim_scale(monthly_spending)::text, trim_scale(income_volatility)::text,
                       trim_scale(spending_volatility)::text, income_by_payer,
                       spending_by_category, loans, investment_allocation, months_of_history,
                       left_out)::text, 'UTF8')) AS data_hash
            FROM figures f
        )
        INSERT INTO financial_profiles AS k (
            user_id, currency, as_of, liquid_assets, credit_debt, loan_debt, monthly_income,
            monthly_bills, monthly_loan_payments, monthly_spending, income_volatility,
            spending_volatility, income_by_payer, spending_by_category, loans,
            investment_allocation, months_of_history, left_out, data_hash, computed_at)
        SELECT user_id, currency, as_of, liquid_assets, credit_debt, loan_debt, monthly_income,
               monthly_bills, monthly_loan_payments, monthly_spending, income_volatility,
               spending_volatility, income_by_payer, spending_by_category, loans,
               investment_allocation, months_of_history, left_out, data_hash, %(now)s
        FROM hashed
        ON CONFLICT (user_id) DO UPDATE SET
            currency = excluded.currency, as_of = excluded.as_of,
            liquid_assets = excluded.liquid_assets, credit_debt = excluded.credit_debt,
            loan_debt = excluded.loan_debt, monthly_income = excluded.monthly_income,
            monthly_bills = excluded.monthly_bills,
            monthly_loan_payments = excluded.monthly_loan_payments,
            monthly_spending = excluded.monthly_spending,
            income_volatility = excluded.income_volatility,
            spending_volatility = excluded.spending_volatility,
            income_by_payer = excluded.income_by_payer,
            spending_by_category = excluded.spending_by_category, loans = excluded.loans,
            investment_allocation = excluded.investment_allocation,
            months_of_history = excluded.months_of_history, left_out = excluded.left_out,
            data_hash = excluded.data_hash, computed_at = excluded.computed_at
            WHERE k.computed_at <= excluded.computed_at
"""


async def take_turn(db: Db, owner: UUID | None) -> None:
    """Wait until no other unit of work reckons these profiles; one for all waits for each one.

    A statement of its own: what comes after it sees what the others stored.
    """
    if owner is None:
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('profiles', 0))")
    else:
        await db.execute(
            """
            SELECT pg_advisory_xact_lock_shared(hashtextextended('profiles', 0)),
                   pg_advisory_xact_lock(hashtextextended(%s, 0))
            """,
            (f"profile {owner}",),
        )


async def reckon(db: Db, owner: UUID | None, now: datetime) -> int:
    """Reckon and store the profile of one owner, or (as the system role) of everybody.

    Returns how many were stored. A profile that is reckoned later than ``now`` already stays.
    """
    if owner is None:
        # The planner takes what it has just reckoned for a handful, and would compare each with
        # each: two minutes instead of two seconds for 300 people, before statistics are there.
        await db.execute("SELECT set_config('enable_nestloop', 'off', true)")
    return await core_db.execute(
        db,
        _PEOPLE + _SOURCES + _ITEMS + _RATES + _MONTHS + _FLOWS + _LOANS + _HELD + _STORE,
        {"owner": owner, "now": now, **rules.KINDS},
    )
