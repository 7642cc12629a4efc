-- All kinds of accounts; what a person says of theirs: notes, rates, reminders, loans.

-- Every subtype that Plaid names. ``brokerage`` is what older links call ``investment``.
INSERT INTO account_type_config (type, subtype, display_name, category, icon, sort_order) VALUES
    ('other', 'payroll', 'Payroll account', 'other_assets', 'box', 83),
    ('manual_asset', 'cash', 'Cash in hand', 'cash', 'wallet', 12),
    ('manual_asset', 'bank_account', 'Account at another bank', 'cash', 'wallet', 12),
    ('manual_asset', 'investment', 'Funds, shares or pension elsewhere', 'investments',
        'trending-up', 81),
    ('manual_liability', 'student_loan', 'Student loan', 'loans', 'book', 103);
INSERT INTO account_type_config (type, subtype, display_name, category, icon, sort_order)
SELECT 'brokerage', subtype, display_name, category, icon, sort_order
FROM account_type_config WHERE type = 'investment'
ON CONFLICT DO NOTHING;

-- After the last value that was told, a rate or a loan's schedule may say more: projected.
ALTER TABLE account_balances DROP CONSTRAINT account_balances_source_check;
ALTER TABLE account_balances ADD CONSTRAINT account_balances_source_check
    CHECK (source IN ('plaid', 'manual', 'file', 'estimated', 'projected'));

-- What a person says of an account besides its name and values. ``reminded_of`` is the day of the
-- value whose age they were reminded of: once for each.
CREATE TABLE account_details (
    user_id        uuid NOT NULL,
    account_id     uuid NOT NULL,
    note           text CHECK (length(note) BETWEEN 1 AND 4000),
    yearly_percent numeric(9, 4) CHECK (yearly_percent > -100 AND yearly_percent <= 100),
    remind_months  integer CHECK (remind_months BETWEEN 1 AND 60),
    reminded_of    date,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, account_id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CREATE INDEX account_details_remind ON account_details (user_id)
    WHERE remind_months IS NOT NULL;
CREATE INDEX account_details_grow ON account_details (user_id)
    WHERE yearly_percent IS NOT NULL;
CALL bind_to_tenant('account_details');

-- On what terms a loan is paid back, as its owner says. Amounts unsigned, in the account's
-- currency; the rate in percent a year. ``payment`` is given where the number is not.
CREATE TABLE loan_terms (
    user_id        uuid NOT NULL,
    account_id     uuid NOT NULL,
    principal      numeric(28, 10) NOT NULL CHECK (principal > 0),
    yearly_percent numeric(9, 4) NOT NULL CHECK (yearly_percent BETWEEN 0 AND 100),
    method         text NOT NULL CHECK (method IN ('annuity', 'equal_principal', 'interest_only')),
    every_months   integer NOT NULL CHECK (every_months IN (1, 2, 3, 4, 6, 12)),
    first_payment  date NOT NULL,
    payments       integer CHECK (payments BETWEEN 1 AND 1200),
    payment        numeric(28, 10) CHECK (payment > 0),
    follows        boolean NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, account_id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE,
    CHECK (payments IS NOT NULL OR (payment IS NOT NULL AND method = 'annuity'))
);
CALL bind_to_tenant('loan_terms');
