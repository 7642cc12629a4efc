-- What comes again and again, as we find it in the book, and where it leads.

-- One item: a payment that keeps a cadence. It is found anew after each change of the book and
-- keeps its id as long as it shares rows with what was found before. ``verdict`` is the person's
-- and survives. Amounts: above zero is money in. ``was`` and ``changed_on``: the newest change of
-- price within a year. ``due_on``: the day of the one that was missed. ``inner_move``: between own
-- accounts. Its category is that of its newest row.
CREATE TABLE recurring_items (
    user_id     uuid NOT NULL,
    id          uuid NOT NULL,
    account_id  uuid NOT NULL,
    payee       text NOT NULL,
    title       text NOT NULL,
    cadence     text NOT NULL CHECK (cadence IN (
                    'weekly', 'biweekly', 'four_weekly', 'semi_monthly', 'monthly', 'bimonthly',
                    'quarterly', 'half_yearly', 'yearly')),
    standing    text NOT NULL CHECK (standing IN ('active', 'missed', 'ended')),
    verdict     text CHECK (verdict IN ('confirmed', 'dismissed')),
    count       integer NOT NULL CHECK (count > 1),
    first_on    date NOT NULL,
    last_on     date NOT NULL,
    next_on     date NOT NULL,
    due_on      date,
    amount      numeric(28, 10) NOT NULL,
    low         numeric(28, 10) NOT NULL,
    high        numeric(28, 10) NOT NULL,
    last        numeric(28, 10) NOT NULL,
    currency    text NOT NULL,
    varies      boolean NOT NULL,
    was         numeric(28, 10),
    changed_on  date,
    inner_move  boolean NOT NULL,
    found_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE,
    CHECK ((was IS NULL) = (changed_on IS NULL))
);
CREATE INDEX recurring_items_next ON recurring_items (user_id, next_on) WHERE standing <> 'ended';
CALL bind_to_tenant('recurring_items');

-- The rows that an item was seen in.
CREATE TABLE recurring_rows (
    user_id        uuid NOT NULL,
    item_id        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    PRIMARY KEY (user_id, transaction_id),
    FOREIGN KEY (user_id, item_id) REFERENCES recurring_items (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, transaction_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE
);
CREATE INDEX recurring_rows_item ON recurring_rows (user_id, item_id);
CALL bind_to_tenant('recurring_rows');

-- When a person's book was last looked through, and up to which day.
CREATE TABLE recurring_looks (
    user_id   uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    looked_at timestamptz NOT NULL,
    day       date NOT NULL
);
CALL bind_to_tenant('recurring_looks');

-- A forecast of what the accounts that a person lives from will hold, in one currency. ``lacking``
-- says as JSON what is missing where there is none. ``inside_...`` is how often reality fell inside
-- the bands in the person's own past, out of ``checks`` days looked at from ``origins`` days.
CREATE TABLE forecasts (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    currency   text NOT NULL,
    made_at    timestamptz NOT NULL,
    day        date NOT NULL,
    begins     numeric(38, 10) NOT NULL,
    history    integer NOT NULL,
    lacking    jsonb,
    origins    integer NOT NULL DEFAULT 0,
    checks     integer NOT NULL DEFAULT 0,
    inside_50  integer,
    inside_80  integer,
    inside_95  integer,
    PRIMARY KEY (user_id, currency)
);
CALL bind_to_tenant('forecasts');

-- Its days. ``planned``: what recurring items are expected to add on that day.
CREATE TABLE forecast_days (
    user_id  uuid NOT NULL,
    currency text NOT NULL,
    day      date NOT NULL,
    low_95   numeric(38, 10) NOT NULL,
    low_80   numeric(38, 10) NOT NULL,
    low_50   numeric(38, 10) NOT NULL,
    middle   numeric(38, 10) NOT NULL,
    high_50  numeric(38, 10) NOT NULL,
    high_80  numeric(38, 10) NOT NULL,
    high_95  numeric(38, 10) NOT NULL,
    planned  numeric(38, 10) NOT NULL,
    PRIMARY KEY (user_id, currency, day),
    FOREIGN KEY (user_id, currency) REFERENCES forecasts (user_id, currency) ON DELETE CASCADE,
    CHECK (low_95 <= low_80 AND low_80 <= low_50 AND low_50 <= middle AND middle <= high_50
           AND high_50 <= high_80 AND high_80 <= high_95)
);
CALL bind_to_tenant('forecast_days');
