-- What is held, and what happened on it.

CREATE TABLE plaid_items (
    user_id                uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id                     uuid NOT NULL,
    plaid_item_id          text NOT NULL,
    environment            text NOT NULL CHECK (environment IN ('local', 'sandbox', 'production')),
    access_token           bytea,               -- sealed; null once destroyed
    institution_id         text,
    institution_name       text NOT NULL,
    status                 text NOT NULL DEFAULT 'active' CHECK (status IN (
                               'active', 'login_required', 'pending_expiration',
                               'pending_disconnect', 'error', 'revoked', 'disconnected')),
    error_code             text,
    error_message          text,
    consent_expires_at     timestamptz,
    last_successful_update timestamptz,
    last_attempt_at        timestamptz,
    failures               integer NOT NULL DEFAULT 0,
    next_try_at            timestamptz,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, plaid_item_id),
    CHECK ((access_token IS NULL) = (status = 'disconnected'))
);
CREATE INDEX plaid_items_routing ON plaid_items (plaid_item_id);
CALL bind_to_tenant('plaid_items');

-- What each of Plaid's types and subtypes is called and where it counts.
CREATE TABLE account_type_config (
    type         text NOT NULL,
    subtype      text NOT NULL,
    display_name text NOT NULL,
    category     text NOT NULL,
    icon         text NOT NULL,
    sort_order   integer NOT NULL DEFAULT 0,
    PRIMARY KEY (type, subtype)
);
GRANT SELECT ON account_type_config TO strongroom_app, strongroom_system;

CREATE TABLE accounts (
    user_id               uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id                    uuid NOT NULL,
    item_id               uuid,
    plaid_account_id      text,
    persistent_account_id text,
    name                  text NOT NULL,
    official_name         text,
    type                  text NOT NULL CHECK (type IN (
                              'depository', 'credit', 'loan', 'investment', 'brokerage', 'other',
                              'manual_asset', 'manual_liability')),
    subtype               text,
    category              text NOT NULL CHECK (category IN (
                              'cash', 'investments', 'property', 'vehicles', 'precious_metals',
                              'digital_assets', 'other_assets',
                              'credit_cards', 'mortgages', 'loans', 'other_liabilities')),
    mask                  text,
    iban                  text,
    currency              text NOT NULL,
    institution_name      text,
    is_manual             boolean NOT NULL DEFAULT false,
    is_primary            boolean NOT NULL DEFAULT false,
    hidden_at             timestamptz,
    closed_at             timestamptz,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, plaid_account_id),
    FOREIGN KEY (user_id, item_id) REFERENCES plaid_items (user_id, id),
    CHECK (is_manual = (item_id IS NULL))
);
CREATE INDEX accounts_item ON accounts (user_id, item_id);
CREATE UNIQUE INDEX accounts_one_primary ON accounts (user_id) WHERE is_primary;
CALL bind_to_tenant('accounts');

-- One row an account and day. ``balance`` counts towards net worth as it stands: positive is
-- owned, negative is owed, whatever sign the bank uses for it. It is as wide as a sum: days before
-- the first report are one.
CREATE TABLE account_balances (
    user_id      uuid NOT NULL,
    account_id   uuid NOT NULL,
    day          date NOT NULL,
    balance      numeric(38, 10) NOT NULL,
    available    numeric(28, 10),
    credit_limit numeric(28, 10),
    currency     text NOT NULL,
    source       text NOT NULL CHECK (source IN ('plaid', 'manual', 'file', 'estimated')),
    reported_at  timestamptz,
    PRIMARY KEY (user_id, account_id, day),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
) PARTITION BY RANGE (day);
CALL bind_to_tenant('account_balances');
-- Days before the first month below. Months ahead are made by a job before they begin.
CREATE TABLE account_balances_earlier PARTITION OF account_balances DEFAULT;
ALTER TABLE account_balances_earlier ENABLE ROW LEVEL SECURITY;

-- Make the monthly partitions from one day's month to another's that do not exist yet; return how
-- many. A partition is reached through its parent only: no role may touch it by itself.
--
-- While no worker ran, days of a month may have gone into the default partition, and no partition
-- can be attached for days that lie there. So a month is made apart, given its rows, and attached.
-- The owner this runs as sees them: row security is forced on the parent and not on the parts. The
-- foreign key is laid on the empty table, for a check of it row by row looks through the forced
-- row security of accounts, and a check of the whole table at once does not. Locks are taken in
-- the order in which syncs take them: accounts, then balances.
CREATE FUNCTION make_balance_partitions(first_day date, last_day date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    month date := date_trunc('month', first_day)::date;
    next  date;
    name  text;
    made  integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('strongroom.make_balance_partitions'));
    WHILE month <= last_day LOOP
        name := 'account_balances_' || to_char(month, 'YYYY_MM');
        next := (month + interval '1 month')::date;
        IF to_regclass('strongroom.' || name) IS NULL THEN
            LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE;
            LOCK TABLE account_balances_earlier IN ACCESS EXCLUSIVE MODE;
            EXECUTE format('CREATE TABLE %I (LIKE account_balances INCLUDING ALL)', name);
            EXECUTE format(
                'ALTER TABLE %I ENABLE ROW LEVEL SECURITY, ADD FOREIGN KEY (user_id, account_id) '
                'REFERENCES accounts (user_id, id) ON DELETE CASCADE', name);
            EXECUTE format(
                'WITH moved AS (DELETE FROM account_balances_earlier '
                'WHERE day >= %L AND day < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
                month, next, name);
            EXECUTE format(
                'ALTER TABLE account_balances ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                name, month, next);
            made := made + 1;
        END IF;
        month := next;
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION make_balance_partitions(date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_balance_partitions(date, date) TO strongroom_system;
SELECT make_balance_partitions(
    (CURRENT_DATE - interval '25 months')::date, (CURRENT_DATE + interval '3 months')::date);

-- Categories: two levels, each person's own. A default has a key that the pages translate; a
-- person's own has a name.
CREATE TABLE categories (
    user_id   uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id        uuid NOT NULL,
    parent_id uuid,
    key       text,
    name      text,
    kind      text NOT NULL CHECK (kind IN ('income', 'spending', 'transfer')),
    position  integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, key),
    FOREIGN KEY (user_id, parent_id) REFERENCES categories (user_id, id),
    CHECK (key IS NOT NULL OR name IS NOT NULL)
);
CALL bind_to_tenant('categories');

-- The defaults that every person starts with, and which of them each of Plaid's detailed personal
-- finance categories (PFC, v1 and v2) falls into.
CREATE TABLE default_categories (
    key      text PRIMARY KEY,
    parent   text REFERENCES default_categories,
    kind     text NOT NULL CHECK (kind IN ('income', 'spending', 'transfer')),
    position integer NOT NULL
);
CREATE TABLE pfc_categories (
    pfc_detailed text PRIMARY KEY,
    key          text NOT NULL REFERENCES default_categories
);
GRANT SELECT ON default_categories, pfc_categories TO strongroom_app, strongroom_system;

-- The bank's own facts as Plaid sent them: written by sync, never edited. ``amount`` has Plaid's
-- sign here and only here: positive leaves the account. A removed row stays as a tombstone.
CREATE TABLE plaid_transactions (
    user_id                uuid NOT NULL,
    id                     uuid NOT NULL,
    account_id             uuid NOT NULL,
    plaid_transaction_id   text NOT NULL,
    pending_transaction_id text,
    pending                boolean NOT NULL,
    amount                 numeric(28, 10) NOT NULL,
    currency               text NOT NULL,
    date                   date NOT NULL,
    authorized_date        date,
    name                   text NOT NULL,
    merchant_name          text,
    pfc_detailed           text,
    payment_channel        text,
    raw                    json NOT NULL,        -- json, not jsonb: decimals as the bank wrote them
    first_seen_at          timestamptz NOT NULL,
    changed_at             timestamptz NOT NULL,
    removed_at             timestamptz,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, plaid_transaction_id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('plaid_transactions');

-- The book: one row an event, whatever told us of it. Sync owns the bank's columns; what a person
-- chose (category_by = 'person', note, reviewed_at) is never overwritten and survives pending to
-- posted. ``amount``: positive is money in.
CREATE TABLE transactions (
    user_id         uuid NOT NULL,
    id              uuid NOT NULL,
    account_id      uuid NOT NULL,
    bank_row_id     uuid,                         -- no foreign key: see below
    origin          text NOT NULL CHECK (origin IN ('bank', 'file', 'manual')),
    day             date NOT NULL,
    happened_on     date,                         -- when it was authorised, if the bank says
    amount          numeric(28, 10) NOT NULL,
    currency        text NOT NULL,
    description     text NOT NULL,
    merchant        text,
    category_id     uuid NOT NULL,
    category_by     text NOT NULL DEFAULT 'bank' CHECK (category_by IN ('bank', 'rule', 'person')),
    pending         boolean NOT NULL DEFAULT false,
    note            text,
    needs_review    boolean NOT NULL DEFAULT true, -- a long history is not asked to be gone through
    reviewed_at     timestamptz,
    removed_by_bank timestamptz,                  -- the bank took it back, but a person had edited it
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, bank_row_id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, category_id) REFERENCES categories (user_id, id),
    CHECK ((origin = 'bank') = (bank_row_id IS NOT NULL))
);
-- bank_row_id has no foreign key. Sync writes it from a join with the bank's rows, in the same
-- unit of work; those rows are never deleted but with their account; and every use joins on
-- (user_id, id), so that it cannot reach another person's row. The key's check locks each of
-- 100,000 rows singly and took a fifth of a first sync's writing.
CREATE INDEX transactions_newest ON transactions (user_id, day DESC, id DESC);
CREATE INDEX transactions_to_review ON transactions (user_id, day DESC, id DESC) WHERE needs_review;
CREATE INDEX transactions_account ON transactions (user_id, account_id, day DESC);
CALL bind_to_tenant('transactions');

-- Sums of the book by month, kept true by the unit of work that writes its rows, so that counts
-- and sums stay fast however long the history is.
CREATE TABLE monthly_totals (
    user_id     uuid NOT NULL,
    month       date NOT NULL,
    account_id  uuid NOT NULL,
    category_id uuid NOT NULL,
    currency    text NOT NULL,
    rows        integer NOT NULL,
    to_review   integer NOT NULL,
    amount      numeric(38, 10) NOT NULL,
    counted     numeric(38, 10) NOT NULL,    -- the amount without rows that the bank took back
    PRIMARY KEY (user_id, month, account_id, category_id, currency),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, category_id) REFERENCES categories (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('monthly_totals');

-- After a large sync the planner must not go by what it knew of an empty table until autovacuum
-- comes by. Counts, not contents, leave this function: none at all.
CREATE FUNCTION refresh_statistics() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = strongroom, pg_temp
    AS $$ BEGIN ANALYZE plaid_transactions; ANALYZE transactions; END $$;
REVOKE ALL ON FUNCTION refresh_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refresh_statistics() TO strongroom_system;
