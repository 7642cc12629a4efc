-- The book as a person keeps it: whose hand is on a row, its parts, and every change to it.

-- ``merchant_by`` as ``category_by``: what a person or a rule chose, no sync changes. ``is_split``:
-- some of the amount stands in transaction_splits. ``transfer_id``: the row is one leg of a matched
-- transfer between the person's own accounts, and so neither income nor spending. ``edited_at``:
-- when the person last changed anything of the row. Such a row is never dropped by a sync.
ALTER TABLE transactions
    ADD COLUMN merchant_by text NOT NULL DEFAULT 'bank'
        CHECK (merchant_by IN ('bank', 'rule', 'person')),
    ADD COLUMN is_split    boolean NOT NULL DEFAULT false,
    ADD COLUMN transfer_id uuid,
    ADD COLUMN edited_at   timestamptz;
UPDATE transactions SET edited_at = updated_at
WHERE origin <> 'file' AND (category_by = 'person' OR note IS NOT NULL OR reviewed_at IS NOT NULL);
CREATE INDEX transactions_split ON transactions (user_id, day) WHERE is_split;
CREATE INDEX transactions_transfer ON transactions (user_id, transfer_id)
    WHERE transfer_id IS NOT NULL;

-- Parts of a row that stand in categories of their own. They add up to the row when they are made;
-- what they do not cover, because the bank changed the amount later, stays in the row's category.
CREATE TABLE transaction_splits (
    user_id        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    position       integer NOT NULL CHECK (position > 0),
    category_id    uuid NOT NULL,
    amount         numeric(28, 10) NOT NULL CHECK (amount <> 0),
    note           text,
    PRIMARY KEY (user_id, transaction_id, position),
    FOREIGN KEY (user_id, transaction_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, category_id) REFERENCES categories (user_id, id)
);
CALL bind_to_tenant('transaction_splits');

-- Every part of every row, each once: what all sums by category read. Position 0 is the row itself,
-- or what its splits leave of it. ``counts`` is false where a part is neither income nor spending
-- whatever its category: taken back by the bank, never booked, or leg of a transfer.
CREATE VIEW transaction_parts WITH (security_invoker = true) AS
SELECT t.user_id, t.id AS transaction_id, 0 AS position, t.account_id, t.day, t.category_id,
       t.currency, t.amount,
       t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AND t.transfer_id IS NULL AS counts
FROM transactions t
WHERE NOT t.is_split
UNION ALL
SELECT t.user_id, t.id, 0, t.account_id, t.day, t.category_id, t.currency, t.amount - s.amount,
       t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AND t.transfer_id IS NULL
FROM transactions t
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount), 0) AS amount FROM transaction_splits
    WHERE user_id = t.user_id AND transaction_id = t.id) s
WHERE t.is_split AND t.amount <> s.amount
UNION ALL
SELECT t.user_id, t.id, s.position, t.account_id, t.day, s.category_id, t.currency, s.amount,
       t.removed_by_bank IS NULL AND t.never_booked_at IS NULL AND t.transfer_id IS NULL
FROM transactions t
JOIN transaction_splits s ON s.user_id = t.user_id AND s.transaction_id = t.id
WHERE t.is_split;
GRANT SELECT ON transaction_parts TO strongroom_app, strongroom_system;

-- Rows stand under their own category; the parts that splits put into another are counted apart.
ALTER TABLE monthly_totals ADD COLUMN split_parts integer NOT NULL DEFAULT 0;

-- Every change to a row of the book: by what hand, and what it was before and after. Rows that came
-- are not written down again: transactions.created_at tells when. ``edit_id`` is one act of a
-- person, which is undone as a whole.
CREATE TABLE book_changes (
    user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    transaction_id uuid NOT NULL,
    at             timestamptz NOT NULL,
    cause          text NOT NULL
                   CHECK (cause IN ('sync', 'file', 'person', 'rule', 'match', 'upkeep')),
    cause_id       uuid,                         -- the rule, the import, the transfer
    edit_id        uuid,
    before         jsonb,                        -- null: the row was made
    after          jsonb,                        -- null: the row is gone
    PRIMARY KEY (user_id, id)
);
CREATE INDEX book_changes_row ON book_changes (user_id, transaction_id, id);
CREATE INDEX book_changes_at ON book_changes (user_id, at);
CREATE INDEX book_changes_edit ON book_changes (user_id, edit_id) WHERE edit_id IS NOT NULL;
CALL bind_to_tenant('book_changes', 'SELECT, INSERT');

-- What of a row a change is told of. Amounts are text: exact, whoever reads them.
CREATE FUNCTION book_facts(t transactions) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT jsonb_build_object(
            'account_id', t.account_id, 'day', t.day, 'amount', trim_scale(t.amount)::text,
            'currency', t.currency, 'description', t.description, 'merchant', t.merchant,
            'merchant_by', t.merchant_by, 'category_id', t.category_id,
            'category_by', t.category_by, 'pending', t.pending, 'note', t.note,
            'reviewed', t.reviewed_at IS NOT NULL, 'is_split', t.is_split,
            'transfer_id', t.transfer_id, 'removed_by_bank', t.removed_by_bank IS NOT NULL,
            'never_booked', t.never_booked_at IS NOT NULL)
    $$;

-- What of ``facts`` is otherwise in ``others``.
CREATE FUNCTION facts_that_differ(facts jsonb, others jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT coalesce(jsonb_object_agg(key, value), '{}')
        FROM jsonb_each(facts) WHERE value IS DISTINCT FROM others -> key
    $$;

-- The database writes the journal, so that no statement can change the book without it. By whose
-- hand is what the unit of work said (transactions/journal.py), or else a sync's.
CREATE FUNCTION journal_of_updates() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO book_changes (user_id, transaction_id, at, cause, cause_id, edit_id, before, after)
    SELECT n.user_id, n.id,
           coalesce(nullif(current_setting('strongroom.cause_at', true), '')::timestamptz, now()),
           coalesce(nullif(current_setting('strongroom.cause', true), ''), 'sync'),
           nullif(current_setting('strongroom.cause_id', true), '')::uuid,
           nullif(current_setting('strongroom.edit_id', true), '')::uuid,
           facts_that_differ(o.facts, n.facts), facts_that_differ(n.facts, o.facts)
    FROM (SELECT user_id, id, book_facts(rows_before) AS facts FROM rows_before) o
    JOIN (SELECT user_id, id, book_facts(rows_after) AS facts FROM rows_after) n USING (user_id, id)
    WHERE o.facts <> n.facts;
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_of_updates AFTER UPDATE ON transactions
    REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION journal_of_updates();

-- A person or an account that is erased takes its journal along: rows that go with it are not told.
CREATE FUNCTION journal_of_deletions() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO book_changes (user_id, transaction_id, at, cause, cause_id, edit_id, before)
    SELECT user_id, id,
           coalesce(nullif(current_setting('strongroom.cause_at', true), '')::timestamptz, now()),
           coalesce(nullif(current_setting('strongroom.cause', true), ''), 'sync'),
           nullif(current_setting('strongroom.cause_id', true), '')::uuid,
           nullif(current_setting('strongroom.edit_id', true), '')::uuid,
           book_facts(rows_before) || jsonb_build_object('created_at', created_at)
    FROM rows_before
    WHERE EXISTS (SELECT 1 FROM accounts a
                  WHERE a.user_id = rows_before.user_id AND a.id = rows_before.account_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_of_deletions AFTER DELETE ON transactions
    REFERENCING OLD TABLE AS rows_before
    FOR EACH STATEMENT EXECUTE FUNCTION journal_of_deletions();
