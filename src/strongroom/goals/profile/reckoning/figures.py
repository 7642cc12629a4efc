"""All figures together, hashed in the one form in which jsonb writes them, and put into place."""

from __future__ import annotations

# Every figure, one row a person, with the hash of them all.
FIGURES = """
        figures AS (
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
"""
# Unless a later one is there.
STORE = """
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
