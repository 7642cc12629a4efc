-- What a person writes by hand: entries, their taking back, and the bank's rows they become.

-- Few rows of the book are written by hand, and every sync asks for them.
CREATE INDEX transactions_by_hand ON transactions (user_id, account_id, day)
    WHERE origin = 'manual';

-- Acts that were taken back, each by another act of the person, which can be taken back as well.
CREATE TABLE undone_edits (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    edit_id uuid NOT NULL,
    by_id   uuid NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, edit_id)
);
CALL bind_to_tenant('undone_edits');

-- Whole rows as they were before an act that the journal alone cannot take back: a deletion takes
-- with it what hangs on a row. ``source`` is the table; ``transactions`` is the row itself.
CREATE TABLE kept_rows (
    user_id        uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id             bigint GENERATED ALWAYS AS IDENTITY,
    edit_id        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    source         text NOT NULL,
    reference      text NOT NULL,             -- the column that names the row of the book
    content        jsonb NOT NULL,
    at             timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX kept_rows_edit ON kept_rows (user_id, edit_id);
CREATE INDEX kept_rows_at ON kept_rows (user_id, at);
CALL bind_to_tenant('kept_rows');

-- Tables whose rows go with a row of the book, and their columns that name it, whichever they are: a
-- mark that is thought of later must be kept, moved and brought back too.
CREATE VIEW hanging_tables WITH (security_invoker = true) AS
SELECT c.conrelid::regclass AS source, a.attname::text AS reference
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (ours, theirs)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.ours
JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.theirs
WHERE c.contype = 'f' AND c.confdeltype = 'c' AND f.attname = 'id'
  AND c.confrelid = 'strongroom.transactions'::regclass;
GRANT SELECT ON hanging_tables TO strongroom_app, strongroom_system;

-- Keep rows of the book as they are, with all that goes with them. Row security holds here and
-- below: these run as the caller.
CREATE FUNCTION keep_rows(owner uuid, ids uuid[], edit uuid, kept_at timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    hanging record;
BEGIN
    INSERT INTO kept_rows (user_id, edit_id, transaction_id, source, reference, content, at)
    SELECT owner, edit, t.id, 'transactions', 'id', to_jsonb(t), kept_at
    FROM transactions t WHERE t.user_id = owner AND t.id = ANY(ids) ORDER BY t.id;
    FOR hanging IN SELECT source::text, reference FROM hanging_tables ORDER BY 1, 2 LOOP
        EXECUTE format(
            'INSERT INTO kept_rows (user_id, edit_id, transaction_id, source, reference, content, '
            'at) SELECT $1, $3, x.%1$I, %2$L, %1$L, to_jsonb(x), $4 FROM %2$s x '
            'WHERE x.user_id = $1 AND x.%1$I = ANY($2)', hanging.reference, hanging.source)
            USING owner, ids, edit, kept_at;
    END LOOP;
END
$$;

-- Let what goes with one row of the book go with another one. What that has already (the same tag)
-- stays behind; so do the parts of a row where the other has parts of its own.
CREATE FUNCTION move_marks(owner uuid, from_id uuid, to_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    hanging record;
    place   tid;
BEGIN
    FOR hanging IN SELECT source::text, reference FROM hanging_tables ORDER BY 1, 2 LOOP
        CONTINUE WHEN hanging.source = 'transaction_splits' AND EXISTS (
            SELECT 1 FROM transaction_splits WHERE user_id = owner AND transaction_id = to_id);
        FOR place IN EXECUTE format(
            'SELECT ctid FROM %s WHERE user_id = $1 AND %I = $2', hanging.source, hanging.reference)
            USING owner, from_id
        LOOP
            BEGIN
                EXECUTE format(
                    'UPDATE %s SET %I = $1 WHERE ctid = $2', hanging.source, hanging.reference)
                    USING to_id, place;
            EXCEPTION WHEN unique_violation OR check_violation THEN
                NULL;  -- it has one like it
            END;
        END LOOP;
    END LOOP;
END
$$;

-- Take away from a row of the book what an act moved to it from another; to be put back there.
CREATE FUNCTION take_marks_back(owner uuid, edit uuid, from_id uuid, to_id uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    kept record;
BEGIN
    FOR kept IN
        SELECT source, reference, content FROM kept_rows
        WHERE user_id = owner AND edit_id = edit AND transaction_id = from_id
          AND source <> 'transactions'
    LOOP
        EXECUTE format(
            'DELETE FROM %1$s x WHERE x.user_id = $1 AND x.%2$I = $2 '
            'AND to_jsonb(x) - %2$L = $3 - %2$L', kept.source, kept.reference)
            USING owner, to_id, kept.content;
    END LOOP;
END
$$;

-- Put back the rows that an act kept, those of the book first; return how many of the book. Columns
-- that the database reckons itself it reckons anew. A mark whose tag or category is gone stays away.
CREATE FUNCTION put_rows_back(owner uuid, edit uuid) RETURNS integer
    LANGUAGE plpgsql SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    kept    record;
    columns text;
    told    integer := 0;
BEGIN
    FOR kept IN
        SELECT source, content FROM kept_rows WHERE user_id = owner AND edit_id = edit
        ORDER BY source <> 'transactions', id
    LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
        FROM pg_attribute
        WHERE attrelid = kept.source::regclass AND attnum > 0
          AND NOT attisdropped AND attgenerated = '';
        BEGIN
            EXECUTE format(
                'INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE '
                'SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1)', kept.source, columns)
                USING kept.content;
        EXCEPTION WHEN foreign_key_violation OR unique_violation THEN
            IF kept.source = 'transactions' THEN
                RAISE;
            END IF;
        END;
        IF kept.source = 'transactions' THEN
            told := told + 1;
        END IF;
    END LOOP;
    DELETE FROM kept_rows WHERE user_id = owner AND edit_id = edit;
    RETURN told;
END
$$;

-- An entry by hand and the bank's row that it may be: asked, and answered once. Neither has a
-- foreign key: a merge takes the bank's row out of the book, and the answer is to be remembered.
CREATE TABLE entry_matches (
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id          uuid NOT NULL,
    entry_id    uuid NOT NULL,                -- the row of the book that was written by hand
    bank_id     uuid NOT NULL,                -- the row of the book that the bank told
    score       integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    reason      jsonb NOT NULL,               -- days apart, amounts the same, likeness of the texts
    rival_id    uuid,                         -- the next best for the entry, and its score
    rival_score integer,
    state       text NOT NULL CHECK (state IN ('proposed', 'merged', 'rejected')),
    by_itself   boolean NOT NULL DEFAULT false,
    edit_id     uuid,                         -- the merge, to be taken back
    proposed_at timestamptz NOT NULL,
    decided_at  timestamptz,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, entry_id, bank_id),
    CHECK ((state = 'proposed') = (decided_at IS NULL))
);
CREATE INDEX entry_matches_open ON entry_matches (user_id, entry_id) WHERE state = 'proposed';
CREATE INDEX entry_matches_bank ON entry_matches (user_id, bank_id);
CALL bind_to_tenant('entry_matches');

-- The journal joins what rows were with what they are. Its plan is kept from the first act of a
-- session, which is one of one row, and compared each of ten thousand with each.
ALTER FUNCTION journal_of_updates() SET enable_nestloop = off;
