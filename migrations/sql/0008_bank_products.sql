-- What a bank tells beside balances and transactions, and what of it could not be taken in.

-- A person may rename an account; the bank's own name is what tells it from its neighbours when the
-- bank is linked again.
ALTER TABLE accounts
    ADD COLUMN told_name        text,
    ADD COLUMN unreported_since timestamptz; -- the bank's list lacks it; its history is kept
UPDATE accounts SET told_name = name WHERE NOT is_manual;
