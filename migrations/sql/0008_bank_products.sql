-- What a bank tells beside balances and transactions, and what of it could not be taken in.

-- A person may rename an account; the bank's own name is what tells it from its neighbours when the
-- bank is linked again.
ALTER TABLE accounts
    ADD COLUMN told_name        text,
    ADD COLUMN unreported_since timestamptz; -- the bank's list lacks it; its history is kept
UPDATE accounts SET told_name = name WHERE NOT is_manual;

-- A bank row that became another one points at it: pending that posted without Plaid saying so, and
-- rows told again under new ids after a bank was linked anew. Until it is found again there, a row
-- of the earlier link is left behind: history, which no sync takes back.
ALTER TABLE plaid_transactions
    ADD COLUMN replaced_by    uuid,
    ADD COLUMN left_behind_at timestamptz;
CREATE INDEX plaid_transactions_left_behind ON plaid_transactions (user_id, account_id, date)
    WHERE left_behind_at IS NOT NULL AND removed_at IS NULL;
CREATE INDEX plaid_transactions_replaced ON plaid_transactions (user_id, replaced_by)
    WHERE replaced_by IS NOT NULL;
CREATE INDEX plaid_transactions_pending ON plaid_transactions (user_id, account_id, date)
    WHERE pending;
CREATE INDEX plaid_transactions_follows ON plaid_transactions (user_id, pending_transaction_id)
    WHERE pending_transaction_id IS NOT NULL;

-- Pending for more than 14 days: the bank never booked it. It is shown and counts in no sum.
ALTER TABLE transactions ADD COLUMN never_booked_at timestamptz;
CREATE INDEX transactions_pending ON transactions (user_id, account_id) WHERE pending;
