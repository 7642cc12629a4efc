-- Why something was kept aside, to be said in the language of whoever reads it: a text of the
-- catalogue with what fills it. ``reason`` is the same in English.
ALTER TABLE set_aside_rows ADD COLUMN said jsonb;

-- A person sees what banks announced of their own links, never the words of it: those that came
-- before one, newest first.
DROP FUNCTION webhooks_of(uuid, integer);
CREATE FUNCTION webhooks_of(items uuid[], before timestamptz, before_id uuid, newest integer)
    RETURNS TABLE (
        id uuid, webhook_type text, webhook_code text, state text, attempts integer,
        times_seen integer, received_at timestamptz, handled_at timestamptz)
    LANGUAGE sql STABLE
    AS $$
        SELECT w.id, w.webhook_type, w.webhook_code, w.state, w.attempts, w.times_seen,
               w.received_at, w.handled_at
        FROM webhook_events w
        JOIN plaid_items i ON i.plaid_item_id = w.plaid_item_id
        WHERE i.user_id = (SELECT tenant()) AND i.id = ANY (items)
          AND (before IS NULL OR (w.received_at, w.id) < (before, before_id))
        ORDER BY w.received_at DESC, w.id DESC LIMIT newest
    $$;
CALL narrow_lookup('webhooks_of(uuid[], timestamptz, uuid, integer)');
