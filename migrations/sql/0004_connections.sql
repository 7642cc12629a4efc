-- Bank links through Plaid: what was asked, what came, and what support needs to know.

CREATE TABLE sync_cursors (
    user_id        uuid NOT NULL,
    item_id        uuid NOT NULL,
    cursor         text NOT NULL DEFAULT '',
    update_status  text NOT NULL DEFAULT 'NOT_READY',
    last_synced_at timestamptz,
    PRIMARY KEY (user_id, item_id),
    FOREIGN KEY (user_id, item_id) REFERENCES plaid_items (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('sync_cursors');

-- One attempt to link or repair a bank. The public token is kept, sealed, from the moment it is
-- known until its exchange is stored, so that a crash in between is found and finished.
CREATE TABLE link_sessions (
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id               uuid NOT NULL,
    link_token       bytea NOT NULL,               -- sealed
    link_token_hash  bytea NOT NULL,               -- SHA-256: finds the session of a webhook
    hosted_link_url  text,
    mode             text NOT NULL CHECK (mode IN ('link', 'update')),
    item_id          uuid,                          -- the item repaired, or made
    state            text NOT NULL DEFAULT 'open' CHECK (state IN (
                         'open', 'exchanging', 'done', 'exited', 'expired', 'lost')),
    public_token     bytea,                         -- sealed
    link_session_id  text,
    institution_id   text,
    institution_name text,
    error_code       text,
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, item_id) REFERENCES plaid_items (user_id, id)
);
CREATE INDEX link_sessions_unfinished ON link_sessions (updated_at)
    WHERE state IN ('open', 'exchanging');
CREATE INDEX link_sessions_token ON link_sessions (link_token_hash);
CALL bind_to_tenant('link_sessions');

-- What Link told us, in three flows: left without an error; left with one; success.
CREATE TABLE link_events (
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id              uuid NOT NULL,
    type            text NOT NULL CHECK (type IN ('exit', 'success')),
    link_session_id text,
    request_id      text,
    error_type      text,
    error_code      text,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    CHECK (type = 'exit' OR (request_id IS NULL AND error_type IS NULL AND error_code IS NULL)),
    CHECK ((request_id IS NULL) = (error_code IS NULL))
);
CALL bind_to_tenant('link_events', 'SELECT, INSERT');

-- Every call made to Plaid, secrets removed. Survives the item. Calls made for nobody in
-- particular stand under the nil user.
CREATE TABLE plaid_api_events (
    user_id     uuid NOT NULL,
    id          uuid NOT NULL,
    item_id     uuid,
    method      text NOT NULL,
    arguments   jsonb NOT NULL,
    request_id  text,
    error_type  text,
    error_code  text,
    duration_ms integer NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX plaid_api_events_newest ON plaid_api_events (user_id, created_at DESC);
CALL bind_to_tenant('plaid_api_events', 'SELECT, INSERT');

-- Every webhook, stored before it is answered. Its owner is not known at that moment, so the
-- application may add one and see none; the worker drains them. Of Link's, which hold tokens, the body is kept
-- as their kind and the hash of the link token only.
CREATE TABLE webhook_events (
    id           uuid PRIMARY KEY,
    body_hash    bytea NOT NULL UNIQUE,
    body         bytea NOT NULL,
    webhook_type text NOT NULL,
    webhook_code text NOT NULL,
    plaid_item_id text,
    state        text NOT NULL DEFAULT 'received'
                 CHECK (state IN ('received', 'done', 'failed', 'dead')),
    attempts     integer NOT NULL DEFAULT 0,
    times_seen   integer NOT NULL DEFAULT 1,
    error        text,
    received_at  timestamptz NOT NULL,
    handled_at   timestamptz
);
CREATE INDEX webhook_events_inbox ON webhook_events (received_at) WHERE state IN ('received', 'failed');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_events TO strongroom_system;

-- A webhook has no number of its own: the next news of an item may read, byte for byte, as the last.
-- So the same body waits once, and one that comes after it was handled is handled again.
CREATE FUNCTION store_webhook(
    new_id uuid, hash bytea, raw bytea, kind text, code text, item text, at timestamptz
)
    RETURNS boolean
    LANGUAGE sql
    AS $$
        INSERT INTO webhook_events AS w
            (id, body_hash, body, webhook_type, webhook_code, plaid_item_id, received_at)
        VALUES (new_id, hash, raw, kind, code, item, at)
        ON CONFLICT (body_hash) DO UPDATE SET
            times_seen = w.times_seen + 1,
            state = CASE WHEN w.state IN ('done', 'dead') THEN 'received' ELSE w.state END,
            attempts = CASE WHEN w.state IN ('done', 'dead') THEN 0 ELSE w.attempts END,
            received_at = CASE WHEN w.state IN ('done', 'dead') THEN excluded.received_at
                               ELSE w.received_at END
        RETURNING w.times_seen = 1
    $$;
CALL narrow_lookup('store_webhook(uuid, bytea, bytea, text, text, text, timestamptz)');

-- Every refresh of data, by whom it was asked and how it ended. Survives the item.
CREATE TABLE data_refresh_logs (
    user_id          uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id               uuid NOT NULL,
    item_id          uuid,
    refresh_type     text NOT NULL CHECK (refresh_type IN ('manual', 'scheduled', 'webhook')),
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN (
                         'pending', 'running', 'success', 'partial_success', 'failed')),
    accounts_updated integer NOT NULL DEFAULT 0,
    added            integer NOT NULL DEFAULT 0,
    modified         integer NOT NULL DEFAULT 0,
    removed          integer NOT NULL DEFAULT 0,
    rows_fetched     integer NOT NULL DEFAULT 0,      -- progress while running
    error_code       text,
    error_message    text,
    started_at       timestamptz NOT NULL,
    completed_at     timestamptz,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX data_refresh_logs_newest ON data_refresh_logs (user_id, started_at DESC);
CALL bind_to_tenant('data_refresh_logs');
