-- What a person hangs on rows of the book: tags and attachments; and categories of their own.

-- A category that a person does away with stays, so that what spoke of it can be read still, and
-- so that a bank's code for it leads to the one that took its place.
ALTER TABLE categories
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN goes_to    uuid,
    ADD FOREIGN KEY (user_id, goes_to) REFERENCES categories (user_id, id),
    ADD CHECK ((removed_at IS NULL) = (goes_to IS NULL)),
    ADD CHECK (goes_to <> id);
CREATE INDEX categories_goes_to ON categories (user_id, goes_to) WHERE goes_to IS NOT NULL;
-- Under which the parts of split rows are found when their category goes.
CREATE INDEX transaction_splits_category ON transaction_splits (user_id, category_id);

CREATE TABLE tags (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX tags_name ON tags (user_id, lower(name));
CALL bind_to_tenant('tags');

CREATE TABLE transaction_tags (
    user_id        uuid NOT NULL,
    transaction_id uuid NOT NULL,
    tag_id         uuid NOT NULL,
    tagged_by      text NOT NULL CHECK (tagged_by IN ('person', 'rule', 'file')),
    PRIMARY KEY (user_id, transaction_id, tag_id),
    FOREIGN KEY (user_id, transaction_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, tag_id) REFERENCES tags (user_id, id) ON DELETE CASCADE
);
CREATE INDEX transaction_tags_tag ON transaction_tags (user_id, tag_id, transaction_id);
CALL bind_to_tenant('transaction_tags');

-- Receipts and the like. ``sealed`` is what core/vault.py made of the content, ``size`` the bytes
-- of the content itself; ``media_type`` is what was found in it, never what somebody said.
CREATE TABLE attachments (
    user_id        uuid NOT NULL,
    id             uuid NOT NULL,
    transaction_id uuid NOT NULL,
    name           text NOT NULL,
    media_type     text NOT NULL,
    size           integer NOT NULL CHECK (size > 0),
    sealed         bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, transaction_id) REFERENCES transactions (user_id, id) ON DELETE CASCADE
);
-- What is sealed cannot be made smaller: do not try.
ALTER TABLE attachments ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX attachments_transaction ON attachments (user_id, transaction_id);
CALL bind_to_tenant('attachments');
