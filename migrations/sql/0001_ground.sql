-- The ground: privileges of the two roles, tenant setting, queue, rate limits, idempotency, keys.
--
-- strongroom_owner owns everything and never logs in; strongroom_app is who the web process is;
-- strongroom_system is who works across users. Neither owns a table or may bypass row security.

GRANT USAGE ON SCHEMA strongroom TO strongroom_app, strongroom_system;
GRANT SELECT ON schema_version TO strongroom_app, strongroom_system;   -- is it the right one?

-- Every row of a tenant's table is visible to its owner only. No tenant set: no rows. The setting
-- comes back as '' once it was set in a session, and '' is no uuid: hence nullif.
CREATE FUNCTION tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('strongroom.user_id', true), '')::uuid $$;

-- Bind a table to its owner: row-level security, enabled and forced, for both roles. ``verbs`` is
-- what the application may do with its rows; the system role works across users.
CREATE PROCEDURE bind_to_tenant(
    tbl regclass, verbs text DEFAULT 'SELECT, INSERT, UPDATE, DELETE', owner_column text DEFAULT 'user_id'
)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', tbl);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', tbl);
    EXECUTE format(
        'CREATE POLICY tenant ON %s TO strongroom_app USING (%I = (SELECT tenant())) '
        'WITH CHECK (%I = (SELECT tenant()))', tbl, owner_column, owner_column);
    EXECUTE format(
        'CREATE POLICY system ON %s TO strongroom_system USING (true) WITH CHECK (true)', tbl);
    EXECUTE format('GRANT %s ON %s TO strongroom_app', verbs, tbl);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO strongroom_system', tbl);
END
$$;

-- Give a look-up that must precede a tenant to the system role, so that it can see through row
-- security for the one question it answers; the application may call it and nothing more.
CREATE PROCEDURE narrow_lookup(func regprocedure)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = strongroom, pg_temp', func);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', func);
    EXECUTE format('ALTER FUNCTION %s OWNER TO strongroom_system', func);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO strongroom_app', func);
END
$$;

-- The queue. Jobs of all users stand in one table, so the application may add one and see none.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers
    TO strongroom_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA strongroom TO strongroom_system;

-- Add a job, unless one with the same queueing lock waits already.
CREATE FUNCTION enqueue(name text, lock text, once text, arguments jsonb, at timestamptz)
    RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM procrastinate_defer_jobs_v1(ARRAY[
        ROW('default', name, 0, lock, once, arguments, at)::procrastinate_job_to_defer_v1
    ]);
EXCEPTION WHEN unique_violation THEN
    NULL;
END
$$;
CALL narrow_lookup('enqueue(text, text, text, jsonb, timestamptz)');

-- A job's ``once`` holds while it waits, not from its start on: what is told after that is news. If
-- it were kept, a job that is to be tried again could not go back into the queue past the one that
-- was added meanwhile, and it would stay "doing", its lock taken, for good.
CREATE FUNCTION forget_once() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.queueing_lock := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER forget_once BEFORE UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW WHEN (NEW.status = 'doing') EXECUTE FUNCTION forget_once();

-- Rate limits: a key is a keyed hash, so the table tells nothing about anybody.
CREATE UNLOGGED TABLE rate_limits (
    key      text PRIMARY KEY,
    count    integer NOT NULL CHECK (count > 0),
    reset_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limits TO strongroom_app, strongroom_system;

-- What was answered to a request that carried an Idempotency-Key, so that a repeat gets the same.
CREATE TABLE idempotency_keys (
    user_id      uuid NOT NULL,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL,
    status       smallint,
    body         bytea,
    content_type text,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CALL bind_to_tenant('idempotency_keys');

-- One data key per person, wrapped by the key ring's current key; destroying it is erasure.
CREATE TABLE data_keys (
    user_id    uuid NOT NULL,
    id         uuid NOT NULL,
    key_id     text NOT NULL,          -- which key of the ring wrapped it
    wrapped    bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CALL bind_to_tenant('data_keys');
