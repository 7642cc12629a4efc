-- The whole life of a bank link: paused, asked for new accounts, its token renewed; and what a bank
-- withdrew or renamed under our hands.

ALTER TABLE plaid_items
    ADD COLUMN paused_at        timestamptz,             -- the person stopped reading for a while
    ADD COLUMN new_accounts_at  timestamptz,             -- the bank has accounts to offer; null once answered
    ADD COLUMN token_renewed_at timestamptz,             -- null: since the item was made
    ADD COLUMN token_asked_at   timestamptz,             -- a new token was asked for; its answer is not stored yet
    ADD COLUMN products         text[] NOT NULL DEFAULT '{}'; -- what Plaid reads for it
UPDATE plaid_items SET token_renewed_at = created_at;

ALTER TABLE accounts
    ADD COLUMN revoked_at timestamptz,      -- the bank no longer lets us read this one
    ADD COLUMN told_at    timestamptz;      -- when the bank itself says its newest figure is from

-- A link that may be a second one to accounts we have: kept unexchanged until the person chooses
-- to repair the link there is, or to link anyway.
ALTER TABLE link_sessions DROP CONSTRAINT link_sessions_state_check;
ALTER TABLE link_sessions
    ADD CONSTRAINT link_sessions_state_check CHECK (state IN (
        'open', 'duplicate', 'exchanging', 'done', 'exited', 'expired', 'lost')),
    ADD COLUMN duplicate_of uuid,           -- the item whose accounts it seems to be
    ADD COLUMN accounts     jsonb,          -- what Link told of the accounts chosen; null: nothing
    ADD COLUMN purpose      text NOT NULL DEFAULT 'link' CHECK (purpose IN (
        'link', 'repair', 'consent', 'accounts'));
CREATE INDEX plaid_items_asked_token ON plaid_items (token_asked_at) WHERE token_asked_at IS NOT NULL;

-- What decides a link's state beside the bank's own answer: when its person set it right (a warning
-- sent before that may come for a day after it), until when a warning of its end stands, and when its
-- person was last told that it does not work.
ALTER TABLE plaid_items
    ADD COLUMN repaired_at    timestamptz,
    ADD COLUMN disconnects_at timestamptz,              -- the bank said that the link ends then
    ADD COLUMN alerted_at     timestamptz;              -- null once it was read well again
CREATE INDEX plaid_items_institution ON plaid_items (institution_id);

-- What is told again is folded into what stands there, and what has passed says so.
ALTER TABLE notifications
    ADD COLUMN settled_at timestamptz,                  -- what it told of has passed
    ADD COLUMN times      integer NOT NULL DEFAULT 1 CHECK (times > 0); -- newest: created_at
-- A sign-in page may turn out to have linked what was linked already.
ALTER TABLE link_events DROP CONSTRAINT link_events_type_check;
ALTER TABLE link_events
    ADD CONSTRAINT link_events_type_check CHECK (type IN ('exit', 'success', 'duplicate'));
CREATE INDEX webhook_events_item ON webhook_events (plaid_item_id, received_at DESC);

-- A person sees what the bank announced of their own links, never the words of it.
CREATE FUNCTION webhooks_of(item uuid, newest integer)
    RETURNS TABLE (
        id uuid, webhook_type text, webhook_code text, state text, attempts integer,
        times_seen integer, received_at timestamptz, handled_at timestamptz)
    LANGUAGE sql STABLE
    AS $$
        SELECT w.id, w.webhook_type, w.webhook_code, w.state, w.attempts, w.times_seen,
               w.received_at, w.handled_at
        FROM webhook_events w
        JOIN plaid_items i ON i.plaid_item_id = w.plaid_item_id
        WHERE i.user_id = (SELECT tenant()) AND i.id = item
        ORDER BY w.received_at DESC, w.id DESC LIMIT newest
    $$;
CALL narrow_lookup('webhooks_of(uuid, integer)');
