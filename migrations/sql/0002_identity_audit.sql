-- Who a person is to Strongroom, and the record of who did what.

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    password_hash text NOT NULL,
    first_name    text NOT NULL DEFAULT '',
    last_name     text NOT NULL DEFAULT '',
    phone         text,
    date_of_birth date,
    kyc_status    text NOT NULL DEFAULT 'pending'
                  CHECK (kyc_status IN ('pending', 'approved', 'rejected')),
    role          text NOT NULL DEFAULT 'user'
                  CHECK (role IN ('user', 'merchant', 'compliance', 'admin')),
    is_demo       boolean NOT NULL DEFAULT false,   -- a made-up household, marked on every page
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    last_login_at timestamptz
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CALL bind_to_tenant('users', 'SELECT, INSERT, UPDATE, DELETE', 'id');

CREATE TABLE settings (
    user_id          uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    currency         text,                        -- null: the currency most accounts are in
    language         text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'nb')),
    theme            text NOT NULL DEFAULT 'auto' CHECK (theme IN ('auto', 'light', 'dark')),
    date_format      text NOT NULL DEFAULT 'locale'
                     CHECK (date_format IN ('locale', 'iso', 'day-first', 'month-first')),
    time_zone        text NOT NULL DEFAULT 'UTC',
    dashboard_layout jsonb NOT NULL DEFAULT '{}',
    hide_amounts     boolean NOT NULL DEFAULT false,
    shortcuts        boolean NOT NULL DEFAULT true,
    push_enabled     boolean NOT NULL DEFAULT true,
    email_enabled    boolean NOT NULL DEFAULT true,
    updated_at       timestamptz NOT NULL
);
CALL bind_to_tenant('settings');

CREATE TABLE sessions (
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id           uuid NOT NULL,
    token_hash   bytea NOT NULL CHECK (length(token_hash) = 32),   -- SHA-256 of 256 random bits
    ip_address   inet,
    user_agent   text,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_until   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CALL bind_to_tenant('sessions');

CREATE TABLE api_tokens (
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    token_hash   bytea NOT NULL CHECK (length(token_hash) = 32),
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX api_tokens_token ON api_tokens (token_hash);
CALL bind_to_tenant('api_tokens');

CREATE TABLE notifications (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id         uuid NOT NULL,
    type       text NOT NULL,
    title      text NOT NULL,
    body       text NOT NULL,
    arguments  jsonb NOT NULL DEFAULT '{}',   -- fill %(name)s in title and body, once translated
    link       text,
    created_at timestamptz NOT NULL,
    read_at    timestamptz,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX notifications_newest ON notifications (user_id, created_at DESC);
CALL bind_to_tenant('notifications');

-- Look-ups that must precede a tenant. Each answers one narrow question.
CREATE FUNCTION find_login(wanted_email text)
    RETURNS TABLE (user_id uuid, password_hash text)
    LANGUAGE sql STABLE
    AS $$ SELECT u.id, u.password_hash FROM users u WHERE lower(u.email) = lower(wanted_email) $$;
CALL narrow_lookup('find_login(text)');

CREATE FUNCTION find_session(wanted_hash bytea, at timestamptz)
    RETURNS TABLE (user_id uuid, session_id uuid)
    LANGUAGE sql STABLE
    AS $$
        SELECT s.user_id, s.id FROM sessions s
        WHERE s.token_hash = wanted_hash AND s.revoked_at IS NULL
          AND s.idle_until > at AND s.expires_at > at
    $$;
CALL narrow_lookup('find_session(bytea, timestamptz)');

CREATE FUNCTION find_api_token(wanted_hash bytea, at timestamptz)
    RETURNS TABLE (user_id uuid, token_id uuid, scopes text[])
    LANGUAGE sql STABLE
    AS $$
        SELECT t.user_id, t.id, t.scopes FROM api_tokens t
        WHERE t.token_hash = wanted_hash AND t.revoked_at IS NULL
          AND (t.expires_at IS NULL OR t.expires_at > at)
    $$;
CALL narrow_lookup('find_api_token(bytea, timestamptz)');

-- Whether nobody but the made-up households has an account yet: the first person becomes admin.
CREATE FUNCTION no_person_yet() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$ SELECT NOT EXISTS (SELECT 1 FROM users WHERE NOT is_demo) $$;
CALL narrow_lookup('no_person_yet()');

-- The audit log: one hash chain per person (and one for the system, under the nil id). Rows are
-- added, never changed: neither role has the privilege.
CREATE TABLE audit_log (
    user_id       uuid NOT NULL,
    seq           bigint NOT NULL CHECK (seq > 0),
    at            timestamptz NOT NULL,
    actor         text NOT NULL,        -- 'person', 'token:<id>', 'system', 'cli'
    action        text NOT NULL,        -- '<domain>.<verb>'
    resource_type text,
    resource_id   text,
    details       jsonb NOT NULL DEFAULT '{}',
    ip_address    inet,
    user_agent    text,
    prev_hash     bytea NOT NULL,
    hash          bytea NOT NULL,
    PRIMARY KEY (user_id, seq)
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_action ON audit_log (action, at);
CALL bind_to_tenant('audit_log', 'SELECT, INSERT');
REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM strongroom_system;

-- Remove people and every row of theirs, in whatever table has a user_id: the catalogue is asked, so
-- that no table is left out by being forgotten. What refers to others goes before them. The audit
-- log stays: nobody may change it. Jobs that wait for these people go too.
CREATE PROCEDURE forget_people(people uuid[])
    LANGUAGE plpgsql
    AS $$
DECLARE
    tbl regclass;
BEGIN
    FOR tbl IN
        WITH RECURSIVE theirs AS (
            SELECT c.oid FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id' AND NOT a.attisdropped
            WHERE c.relnamespace = 'strongroom'::regnamespace AND c.relkind IN ('r', 'p')
              AND NOT c.relispartition AND c.oid <> 'audit_log'::regclass
        ),
        below (oid, depth) AS (
            SELECT oid, 0 FROM theirs
            UNION
            SELECT f.conrelid, b.depth + 1 FROM below b
            JOIN pg_constraint f ON f.confrelid = b.oid AND f.contype = 'f' AND f.conrelid <> b.oid
            WHERE f.conrelid IN (SELECT oid FROM theirs)
        )
        SELECT b.oid FROM below b GROUP BY b.oid ORDER BY max(b.depth) DESC, b.oid
    LOOP
        EXECUTE format('DELETE FROM %s WHERE user_id = ANY ($1)', tbl) USING people;
    END LOOP;
    DELETE FROM users WHERE id = ANY (people);
    DELETE FROM procrastinate_jobs
    WHERE status = 'todo' AND args ->> 'owner' = ANY (people::text[]);
END
$$;
REVOKE ALL ON PROCEDURE forget_people(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE forget_people(uuid[]) TO strongroom_system;
