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

-- What of a bank's answers could not be taken, word for word, until the bank tells better.
CREATE TABLE set_aside_rows (
    user_id       uuid NOT NULL,
    id            uuid NOT NULL,
    item_id       uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('transaction', 'removal', 'account', 'balance',
                      'holding', 'liability', 'stream')),
    plaid_id      text NOT NULL,             -- or a hash of raw, where the id is the trouble
    reason        text NOT NULL,
    raw           text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL,
    resolved_at   timestamptz,               -- taken in, or told no more
    dismissed_at  timestamptz,               -- seen by the person, who lets it be
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, item_id, kind, plaid_id),
    FOREIGN KEY (user_id, item_id) REFERENCES plaid_items (user_id, id) ON DELETE CASCADE
);
CREATE INDEX set_aside_rows_open ON set_aside_rows (user_id, item_id) WHERE resolved_at IS NULL;
CALL bind_to_tenant('set_aside_rows');

-- When each of Plaid's products was last read for an item, and what it said if it could not be.
CREATE TABLE item_products (
    user_id    uuid NOT NULL,
    item_id    uuid NOT NULL,
    product    text NOT NULL,
    tried_at   timestamptz NOT NULL,
    read_at    timestamptz,
    error_code text,
    PRIMARY KEY (user_id, item_id, product),
    FOREIGN KEY (user_id, item_id) REFERENCES plaid_items (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('item_products');

-- What investment accounts hold, as last told; ``place`` is the order in which it was.
CREATE TABLE holdings (
    user_id           uuid NOT NULL,
    account_id        uuid NOT NULL,
    place             integer NOT NULL,
    plaid_security_id text NOT NULL,
    name              text,
    ticker            text,
    isin              text,
    type              text,
    is_cash           boolean NOT NULL,
    quantity          numeric(28, 10) NOT NULL,
    price             numeric(28, 10),
    price_day         date,
    value             numeric(28, 10),
    cost_basis        numeric(28, 10),
    currency          text NOT NULL,
    PRIMARY KEY (user_id, account_id, place),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('holdings');

-- On what terms a card or loan is owed, as last told. Rates in percent a year, amounts unsigned.
CREATE TABLE liabilities (
    user_id            uuid NOT NULL,
    account_id         uuid NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('credit', 'mortgage', 'student')),
    apr                numeric(28, 10),
    aprs               jsonb NOT NULL,           -- of a card: type and percentage, as text
    minimum_payment    numeric(28, 10),
    due_on             date,
    is_overdue         boolean,
    past_due           numeric(28, 10),
    last_payment       numeric(28, 10),
    last_paid_on       date,
    statement_balance  numeric(28, 10),
    statement_on       date,
    original_principal numeric(28, 10),
    originated_on      date,
    ends_on            date,
    PRIMARY KEY (user_id, account_id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('liabilities');

-- Payments that come again and again, as Plaid sees them. Amounts: positive is money in.
CREATE TABLE recurring_streams (
    user_id         uuid NOT NULL,
    id              uuid NOT NULL,
    account_id      uuid NOT NULL,
    plaid_stream_id text NOT NULL,
    description     text NOT NULL,
    merchant        text,
    pfc_detailed    text,
    frequency       text NOT NULL,
    status          text NOT NULL,
    is_active       boolean NOT NULL,
    first_on        date,
    last_on         date,
    next_on         date,
    average         numeric(28, 10),
    last            numeric(28, 10),
    currency        text NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, plaid_stream_id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('recurring_streams');
