-- Why a figure changed: what moved balances, and what a split was before it was changed.

-- Every part of every row that moves its account's balance, and as what: income, spending,
-- transfer (between the person's own accounts, matched or by its category) or debt (a loan's own
-- rows: what it was lent, paid back, charged). Pending rows, and rows that the bank took back,
-- move nothing. Of accounts whose value moves by itself only matched transfers are told: their
-- other rows turn one holding into another.
CREATE VIEW balance_parts WITH (security_invoker = true) AS
SELECT p.user_id, p.transaction_id, p.position, p.account_id, p.day, p.category_id, p.currency,
       p.amount,
       CASE WHEN t.transfer_id IS NOT NULL OR c.kind = 'transfer' THEN 'transfer'
            WHEN a.category IN ('loans', 'mortgages') THEN 'debt'
            ELSE c.kind END AS flow
FROM transaction_parts p
JOIN transactions t ON t.user_id = p.user_id AND t.id = p.transaction_id
JOIN accounts a ON a.user_id = p.user_id AND a.id = p.account_id
JOIN categories c ON c.user_id = p.user_id AND c.id = p.category_id
WHERE NOT t.pending AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL
  AND t.currency = a.currency
  AND (a.category IN ('cash', 'credit_cards', 'loans', 'mortgages') OR t.transfer_id IS NOT NULL);
GRANT SELECT ON balance_parts TO strongroom_app, strongroom_system;

-- What the parts of a split were before a change: beside book_changes, which tells of the row
-- itself, and in one order with it. Null before: the part was made; null after: it is gone.
CREATE TABLE split_changes (
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id              bigint NOT NULL DEFAULT nextval('book_changes_id_seq'),
    transaction_id  uuid NOT NULL,
    at              timestamptz NOT NULL,
    cause           text NOT NULL
                    CHECK (cause IN ('sync', 'file', 'person', 'rule', 'match', 'upkeep')),
    position        integer NOT NULL,
    category_before uuid,
    amount_before   numeric(28, 10),
    category_after  uuid,
    amount_after    numeric(28, 10),
    PRIMARY KEY (user_id, id)
);
CREATE INDEX split_changes_at ON split_changes (user_id, at);
CALL bind_to_tenant('split_changes', 'SELECT, INSERT');
GRANT USAGE ON SEQUENCE book_changes_id_seq TO strongroom_app, strongroom_system;

-- A row that is deleted takes its parts along, and they are told; an account or a person that is
-- erased takes everything along, and nothing is.
CREATE FUNCTION journal_of_splits() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    told_at timestamptz :=
        coalesce(nullif(current_setting('strongroom.cause_at', true), '')::timestamptz, now());
    told    text := coalesce(nullif(current_setting('strongroom.cause', true), ''), 'sync');
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO split_changes (user_id, transaction_id, at, cause, position,
                                   category_after, amount_after)
        SELECT user_id, transaction_id, told_at, told, position, category_id, amount
        FROM parts_after;
    ELSIF TG_OP = 'DELETE' THEN
        IF pg_trigger_depth() <= 2 THEN
            INSERT INTO split_changes (user_id, transaction_id, at, cause, position,
                                       category_before, amount_before)
            SELECT user_id, transaction_id, told_at, told, position, category_id, amount
            FROM parts_before;
        END IF;
    ELSE
        INSERT INTO split_changes (user_id, transaction_id, at, cause, position, category_before,
                                   amount_before, category_after, amount_after)
        SELECT a.user_id, a.transaction_id, told_at, told, a.position, b.category_id, b.amount,
               a.category_id, a.amount
        FROM parts_after a
        JOIN parts_before b USING (user_id, transaction_id, position)
        WHERE (a.category_id, a.amount) <> (b.category_id, b.amount);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER journal_of_new_splits AFTER INSERT ON transaction_splits
    REFERENCING NEW TABLE AS parts_after
    FOR EACH STATEMENT EXECUTE FUNCTION journal_of_splits();
CREATE TRIGGER journal_of_changed_splits AFTER UPDATE ON transaction_splits
    REFERENCING OLD TABLE AS parts_before NEW TABLE AS parts_after
    FOR EACH STATEMENT EXECUTE FUNCTION journal_of_splits();
CREATE TRIGGER journal_of_gone_splits AFTER DELETE ON transaction_splits
    REFERENCING OLD TABLE AS parts_before
    FOR EACH STATEMENT EXECUTE FUNCTION journal_of_splits();
