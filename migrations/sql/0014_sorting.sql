-- A person's rules: which rows they are about, what they set there, and where their hand was.

-- Every condition that is given must hold; of several values of one condition any will do. Texts are
-- compared without regard to case. Amounts are without their sign. ``kept_out_because``: the rule is
-- not run any more since its pattern took too long; the person reads it and mends the pattern.
CREATE TABLE sorting_rules (
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    position         integer NOT NULL,
    is_on            boolean NOT NULL DEFAULT true,
    merchant_how     text NOT NULL DEFAULT 'is'
                     CHECK (merchant_how IN ('is', 'contains', 'starts', 'ends', 'matches')),
    merchants        text[] NOT NULL DEFAULT '{}',
    text_how         text NOT NULL DEFAULT 'contains'
                     CHECK (text_how IN ('is', 'contains', 'starts', 'ends', 'matches')),
    texts            text[] NOT NULL DEFAULT '{}',
    without          text[] NOT NULL DEFAULT '{}',   -- texts that must not stand in the row
    amount_from      numeric(28, 10) CHECK (amount_from >= 0),
    amount_to        numeric(28, 10) CHECK (amount_to >= 0),
    currency         text,
    direction        text CHECK (direction IN ('in', 'out')),
    since            date,
    until            date,
    any_account      boolean NOT NULL DEFAULT true,  -- false: those of sorting_rule_accounts
    category_id      uuid,
    is_transfer      boolean NOT NULL DEFAULT false,
    merchant         text CHECK (length(merchant) BETWEEN 1 AND 200),
    review           boolean NOT NULL DEFAULT false,
    kept_out_because text,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    deleted_at       timestamptz,                    -- its hand stays visible, and so its name
    PRIMARY KEY (user_id, id),
    -- A category that goes leaves the rule without it, and not the person without the rule.
    FOREIGN KEY (user_id, category_id) REFERENCES categories (user_id, id)
        ON DELETE SET NULL (category_id),
    CHECK (amount_from <= amount_to),
    CHECK (since <= until),
    CHECK (NOT is_transfer OR category_id IS NULL)
);
CREATE INDEX sorting_rules_in_order ON sorting_rules (user_id, position) WHERE deleted_at IS NULL;
CREATE INDEX sorting_rules_category ON sorting_rules (user_id, category_id);
CALL bind_to_tenant('sorting_rules');

CREATE TABLE sorting_rule_accounts (
    user_id    uuid NOT NULL,
    rule_id    uuid NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (user_id, rule_id, account_id),
    FOREIGN KEY (user_id, rule_id) REFERENCES sorting_rules (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CREATE INDEX sorting_rule_accounts_account ON sorting_rule_accounts (user_id, account_id);
CALL bind_to_tenant('sorting_rule_accounts');

-- Parts of a row that a rule puts into other categories, in percent of its amount. What they leave
-- stays in the row's own category.
CREATE TABLE sorting_rule_parts (
    user_id     uuid NOT NULL,
    rule_id     uuid NOT NULL,
    position    integer NOT NULL CHECK (position > 0),
    category_id uuid NOT NULL,
    percent     numeric(5, 2) NOT NULL CHECK (percent > 0 AND percent <= 100),
    PRIMARY KEY (user_id, rule_id, position),
    FOREIGN KEY (user_id, rule_id) REFERENCES sorting_rules (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, category_id) REFERENCES categories (user_id, id) ON DELETE CASCADE
);
CREATE INDEX sorting_rule_parts_category ON sorting_rule_parts (user_id, category_id);
CALL bind_to_tenant('sorting_rule_parts');

-- Tags a rule puts on a row.
CREATE TABLE sorting_rule_tags (
    user_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    tag_id  uuid NOT NULL,
    PRIMARY KEY (user_id, rule_id, tag_id),
    FOREIGN KEY (user_id, rule_id) REFERENCES sorting_rules (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, tag_id) REFERENCES tags (user_id, id) ON DELETE CASCADE
);
CREATE INDEX sorting_rule_tags_tag ON sorting_rule_tags (user_id, tag_id);
CALL bind_to_tenant('sorting_rule_tags');

-- The hand of rules on rows: who set what, and when. ``value`` tells several tags apart. What a rule
-- did once to a row's tags, parts or review mark it does not do again: the person may have taken it
-- back. ``was`` is the merchant as it was told before.
CREATE TABLE sorting_marks (
    user_id        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    field          text NOT NULL
                   CHECK (field IN ('category', 'merchant', 'tag', 'split', 'review')),
    value          text NOT NULL DEFAULT '',
    rule_id        uuid NOT NULL,
    was            text,
    at             timestamptz NOT NULL,
    PRIMARY KEY (user_id, transaction_id, field, value),
    FOREIGN KEY (user_id, transaction_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, rule_id) REFERENCES sorting_rules (user_id, id) ON DELETE CASCADE
);
CREATE INDEX sorting_marks_rule ON sorting_marks (user_id, rule_id);
CALL bind_to_tenant('sorting_marks');
