-- Search. A bank's rows say few things in many ways that differ in numbers only: every distinct text
-- without its digits is kept once, and a row points at its own by hash. A search looks through the
-- texts, thousands where there are a million rows, and reads the rows of those that fit by an index
-- on equal keys: which row security lets serve, as it does no index on a text's insides.

CREATE FUNCTION text_without_digits(merchant text, description text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT translate(lower(coalesce(merchant || ' ', '') || description), '0123456789', '')
    $$;

CREATE TABLE book_texts (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key     bigint NOT NULL,
    text    text NOT NULL,
    PRIMARY KEY (user_id, key)
);
CALL bind_to_tenant('book_texts', 'SELECT, INSERT');

ALTER TABLE transactions ADD COLUMN text_key bigint
    GENERATED ALWAYS AS (hashtextextended(text_without_digits(merchant, description), 0)) STORED;
CREATE INDEX transactions_text ON transactions (user_id, text_key);
CREATE INDEX transactions_amount ON transactions (user_id, amount);
CREATE INDEX transactions_noted ON transactions (user_id) WHERE note IS NOT NULL;

-- Texts that no row has any more stay: they find nothing.
CREATE FUNCTION learn_texts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO book_texts (user_id, key, text)
    SELECT DISTINCT ON (r.user_id, r.text_key) r.user_id, r.text_key,
           text_without_digits(r.merchant, r.description)
    FROM rows_after r
    WHERE NOT EXISTS (SELECT 1 FROM book_texts b
                      WHERE b.user_id = r.user_id AND b.key = r.text_key)
    ON CONFLICT (user_id, key) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER learn_texts_of_new AFTER INSERT ON transactions
    REFERENCING NEW TABLE AS rows_after FOR EACH STATEMENT EXECUTE FUNCTION learn_texts();
CREATE TRIGGER learn_texts_of_changed AFTER UPDATE ON transactions
    REFERENCING NEW TABLE AS rows_after FOR EACH STATEMENT EXECUTE FUNCTION learn_texts();
INSERT INTO book_texts (user_id, key, text)
SELECT DISTINCT ON (user_id, text_key) user_id, text_key, text_without_digits(merchant, description)
FROM transactions;
