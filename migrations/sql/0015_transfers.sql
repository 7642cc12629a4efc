-- Rows of the book that belong together: transfers, refunds, doubles; and what a person said is not.

-- Two legs of one movement between a person's own accounts. ``matched``: both legs count neither as
-- income nor as spending; ``proposed``: the person is asked. A row is leg of one transfer at most.
CREATE TABLE transfers (
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id           uuid NOT NULL,
    out_id       uuid NOT NULL,                -- the leg that leaves an account
    into_id      uuid NOT NULL,                -- the leg that arrives
    kind         text NOT NULL CHECK (kind IN ('transfer', 'card_payment', 'exchange')),
    state        text NOT NULL CHECK (state IN ('matched', 'proposed')),
    score        integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    reasons      jsonb NOT NULL,               -- what spoke for and against it, with its points
    rival_id     uuid,                         -- the best row that was passed over for one of the legs
    rival_side   text CHECK (rival_side IN ('out', 'into')),
    rival_score  integer,
    made_by      text NOT NULL CHECK (made_by IN ('match', 'person')),
    confirmed_at timestamptz,                  -- the person said so: no match changes it any more
    made_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, out_id),
    UNIQUE (user_id, into_id),
    FOREIGN KEY (user_id, out_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, into_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    CHECK (out_id <> into_id),
    CHECK ((rival_id IS NULL) = (rival_side IS NULL) AND (rival_id IS NULL) = (rival_score IS NULL))
);
CREATE INDEX transfers_newest ON transfers (user_id, state, made_at DESC, id DESC);
CALL bind_to_tenant('transfers');

-- Money that came back, and the purchase it came back for. A purchase may have several refunds.
-- ``category_before``: where the refund stood before it took its purchase's category.
CREATE TABLE refunds (
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id              uuid NOT NULL,
    refund_id       uuid NOT NULL,
    purchase_id     uuid NOT NULL,
    state           text NOT NULL CHECK (state IN ('matched', 'proposed')),
    score           integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    reasons         jsonb NOT NULL,
    rival_id        uuid,                      -- another purchase that it might be for
    rival_score     integer,
    made_by         text NOT NULL CHECK (made_by IN ('match', 'person')),
    confirmed_at    timestamptz,
    category_before uuid,
    made_at         timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, refund_id),
    FOREIGN KEY (user_id, refund_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, purchase_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, category_before) REFERENCES categories (user_id, id),
    CHECK (refund_id <> purchase_id),
    CHECK ((rival_id IS NULL) = (rival_score IS NULL))
);
CREATE INDEX refunds_purchase ON refunds (user_id, purchase_id);
CREATE INDEX refunds_category ON refunds (user_id, category_before)
    WHERE category_before IS NOT NULL;
CALL bind_to_tenant('refunds');

-- One event that may stand in the book twice, told by two sources. Only asked, never acted on.
CREATE TABLE doubles (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id      uuid NOT NULL,
    row_id  uuid NOT NULL,                     -- the one that would go
    kept_id uuid NOT NULL,                     -- the one that would stay: the bank's, if either is
    score   integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    days    integer NOT NULL,                  -- how many days apart they are
    made_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, row_id),
    UNIQUE (user_id, kept_id),
    FOREIGN KEY (user_id, row_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, kept_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    CHECK (row_id <> kept_id)
);
CALL bind_to_tenant('doubles');

-- Pairs of which a person said that they are none: never matched nor proposed again. ``one_id`` is
-- what leaves, came back, or would go.
CREATE TABLE rejected_pairs (
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('transfer', 'refund', 'double')),
    one_id      uuid NOT NULL,
    other_id    uuid NOT NULL,
    rejected_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, kind, one_id, other_id),
    FOREIGN KEY (user_id, one_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, other_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE
);
CREATE INDEX rejected_pairs_other ON rejected_pairs (user_id, other_id);
CALL bind_to_tenant('rejected_pairs');

-- Months whose sums a change to a transfer made stale, until the unit of work sums them anew.
CREATE TABLE stale_months (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    month   date NOT NULL,
    PRIMARY KEY (user_id, month)
);
CALL bind_to_tenant('stale_months');

-- What a row is leg of stands in the row itself. The database keeps the two in step, whatever
-- statement ends a transfer: a leg that is deleted takes the transfer along, and the other leg
-- counts again. Rows that go because their person is erased are left alone. That a row is a leg
-- follows from something else: it is no part of a person's act, and is not undone with it.
CREATE FUNCTION legs_of_transfers_begin() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    act text := coalesce(current_setting('strongroom.edit_id', true), '');
BEGIN
    PERFORM set_config('strongroom.edit_id', '', true);
    WITH legs AS (
        UPDATE transactions t SET transfer_id = n.id
        FROM (SELECT user_id, id, out_id AS leg FROM transfers_after WHERE state = 'matched'
              UNION ALL SELECT user_id, id, into_id FROM transfers_after WHERE state = 'matched') n
        WHERE t.user_id = n.user_id AND t.id = n.leg AND t.transfer_id IS DISTINCT FROM n.id
        RETURNING t.user_id, t.day
    )
    INSERT INTO stale_months (user_id, month)
    SELECT DISTINCT user_id, date_trunc('month', day)::date FROM legs
    ON CONFLICT DO NOTHING;
    PERFORM set_config('strongroom.edit_id', act, true);
    RETURN NULL;
END
$$;
CREATE FUNCTION legs_of_transfers_end() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    act text := coalesce(current_setting('strongroom.edit_id', true), '');
BEGIN
    PERFORM set_config('strongroom.edit_id', '', true);
    WITH legs AS (
        UPDATE transactions t SET transfer_id = NULL
        FROM (SELECT user_id, id, out_id AS leg FROM transfers_before WHERE state = 'matched'
              UNION ALL SELECT user_id, id, into_id FROM transfers_before WHERE state = 'matched') o
        WHERE t.user_id = o.user_id AND t.id = o.leg AND t.transfer_id = o.id
          AND EXISTS (SELECT 1 FROM users WHERE users.id = o.user_id)
        RETURNING t.user_id, t.day
    )
    INSERT INTO stale_months (user_id, month)
    SELECT DISTINCT user_id, date_trunc('month', day)::date FROM legs
    ON CONFLICT DO NOTHING;
    PERFORM set_config('strongroom.edit_id', act, true);
    RETURN NULL;
END
$$;
-- A transfer that goes over to another row, or is asked about again, leaves its earlier leg.
CREATE FUNCTION legs_of_transfers_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    act text := coalesce(current_setting('strongroom.edit_id', true), '');
BEGIN
    PERFORM set_config('strongroom.edit_id', '', true);
    WITH legs AS (
        UPDATE transactions t SET transfer_id = NULL
        FROM (SELECT user_id, id, out_id AS leg FROM transfers_before
              UNION ALL SELECT user_id, id, into_id FROM transfers_before) o
        WHERE t.user_id = o.user_id AND t.id = o.leg AND t.transfer_id = o.id
          AND NOT EXISTS (SELECT 1 FROM transfers f
                          WHERE f.user_id = t.user_id AND f.id = t.transfer_id
                            AND f.state = 'matched' AND t.id IN (f.out_id, f.into_id))
        RETURNING t.user_id, t.day
    )
    INSERT INTO stale_months (user_id, month)
    SELECT DISTINCT user_id, date_trunc('month', day)::date FROM legs
    ON CONFLICT DO NOTHING;
    PERFORM set_config('strongroom.edit_id', act, true);
    RETURN NULL;
END
$$;
CREATE TRIGGER legs_begin AFTER INSERT ON transfers
    REFERENCING NEW TABLE AS transfers_after
    FOR EACH STATEMENT EXECUTE FUNCTION legs_of_transfers_begin();
CREATE TRIGGER legs_begin_anew AFTER UPDATE ON transfers
    REFERENCING NEW TABLE AS transfers_after
    FOR EACH STATEMENT EXECUTE FUNCTION legs_of_transfers_begin();
CREATE TRIGGER legs_change AFTER UPDATE ON transfers
    REFERENCING OLD TABLE AS transfers_before
    FOR EACH STATEMENT EXECUTE FUNCTION legs_of_transfers_change();
CREATE TRIGGER legs_end AFTER DELETE ON transfers
    REFERENCING OLD TABLE AS transfers_before
    FOR EACH STATEMENT EXECUTE FUNCTION legs_of_transfers_end();

-- Half a transfer is none: it ends when the bank takes a leg back or never books it. One that nobody
-- confirmed also ends when its person says otherwise of a leg: splits it, or puts it under income or
-- spending.
CREATE FUNCTION leg_fits_no_longer() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM transfers f
    WHERE f.user_id = NEW.user_id AND f.id = NEW.transfer_id
      AND (NEW.removed_by_bank IS NOT NULL OR NEW.never_booked_at IS NOT NULL
           OR f.confirmed_at IS NULL
              AND (NEW.is_split
                   OR NEW.category_by = 'person' AND EXISTS (
                       SELECT 1 FROM categories c
                       WHERE c.user_id = NEW.user_id AND c.id = NEW.category_id
                         AND c.kind <> 'transfer')));
    RETURN NULL;
END
$$;
CREATE TRIGGER leg_fits_no_longer
    AFTER UPDATE OF removed_by_bank, never_booked_at, is_split, category_id ON transactions
    FOR EACH ROW
    WHEN (NEW.transfer_id IS NOT NULL
          AND (OLD.removed_by_bank, OLD.never_booked_at, OLD.is_split, OLD.category_id)
              IS DISTINCT FROM
              (NEW.removed_by_bank, NEW.never_booked_at, NEW.is_split, NEW.category_id))
    EXECUTE FUNCTION leg_fits_no_longer();

-- What a person confirmed was these two amounts. Another amount is another question, and so is a leg
-- that stands on the other's account or over a month from it: then it ends and is looked at anew.
CREATE FUNCTION leg_is_another() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM transfers f
    USING transactions other
    WHERE f.user_id = NEW.user_id AND f.id = NEW.transfer_id
      AND other.user_id = NEW.user_id AND other.id <> NEW.id
      AND other.id IN (f.out_id, f.into_id)
      AND ((OLD.amount, OLD.currency) IS DISTINCT FROM (NEW.amount, NEW.currency)
           OR other.account_id = NEW.account_id OR abs(other.day - NEW.day) > 30);
    RETURN NULL;
END
$$;
CREATE TRIGGER leg_is_another
    AFTER UPDATE OF account_id, day, amount, currency ON transactions
    FOR EACH ROW
    WHEN (NEW.transfer_id IS NOT NULL
          AND (OLD.account_id, OLD.day, OLD.amount, OLD.currency)
              IS DISTINCT FROM (NEW.account_id, NEW.day, NEW.amount, NEW.currency))
    EXECUTE FUNCTION leg_is_another();

-- Whatever is written into transfer_id, what stands there is what transfers say.
CREATE FUNCTION transfer_of_leg() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.transfer_id := (
        SELECT f.id FROM transfers f
        WHERE f.user_id = NEW.user_id AND f.state = 'matched' AND f.out_id = NEW.id
        UNION ALL
        SELECT f.id FROM transfers f
        WHERE f.user_id = NEW.user_id AND f.state = 'matched' AND f.into_id = NEW.id);
    RETURN NEW;
END
$$;
CREATE TRIGGER transfer_of_new_row BEFORE INSERT ON transactions
    FOR EACH ROW WHEN (NEW.transfer_id IS NOT NULL) EXECUTE FUNCTION transfer_of_leg();
CREATE TRIGGER transfer_of_row BEFORE UPDATE OF transfer_id ON transactions
    FOR EACH ROW EXECUTE FUNCTION transfer_of_leg();
