-- Budgets: what a person plans to spend in a category, period by period.

-- ``starts_on`` is the first day of the first period, such as a pay day: every later one begins so
-- many weeks, months or years after it, on the last of a month that is too short. ``category_id``
-- null: all spending together. What is left or was too much goes on to the next period as ``carry``
-- says. Nothing that was spent stands here: it is read from the book.
CREATE TABLE budgets (
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id          uuid NOT NULL,
    category_id uuid,
    currency    text NOT NULL,
    every       text NOT NULL CHECK (every IN ('week', 'month', 'year')),
    starts_on   date NOT NULL,
    carry       text NOT NULL CHECK (carry IN ('nothing', 'surplus', 'deficit', 'both')),
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, category_id) REFERENCES categories (user_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX budgets_one_each ON budgets (user_id, every, category_id) NULLS NOT DISTINCT;
CREATE INDEX budgets_category ON budgets (user_id, category_id);
CALL bind_to_tenant('budgets');

-- How much a period has: the newest amount up to its first day. Past periods keep theirs.
CREATE TABLE budget_amounts (
    user_id   uuid NOT NULL,
    budget_id uuid NOT NULL,
    since     date NOT NULL,
    amount    numeric(28, 10) NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (user_id, budget_id, since),
    FOREIGN KEY (user_id, budget_id) REFERENCES budgets (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('budget_amounts');
