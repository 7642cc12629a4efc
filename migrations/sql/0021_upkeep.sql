-- What keeps the house by itself, when it last did and how that went. Nobody's rows: a job works
-- for everyone, and what it tells are counts.

-- The periodic jobs of the program that worked here last, as its worker declared them. ``cron`` is
-- in UTC; what fell due before ``known_since`` was never missed.
CREATE TABLE upkeep_jobs (
    name        text PRIMARY KEY,
    cron        text NOT NULL,
    says        text NOT NULL,
    known_since timestamptz NOT NULL
);

-- One row a run, the newest of each job kept. ``error`` is a sentence for people, or the name of
-- the error where it is a bug: then the log says more.
CREATE TABLE upkeep_runs (
    id         uuid PRIMARY KEY,
    job        text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    outcome    text NOT NULL CHECK (outcome IN ('running', 'done', 'failed', 'cut_short')),
    result     jsonb NOT NULL DEFAULT '{}',
    error      text,
    CHECK ((outcome = 'running') = (ended_at IS NULL))
);
CREATE INDEX upkeep_runs_newest ON upkeep_runs (job, started_at DESC, id DESC);

-- Statements that took long, as the newest report tells them: the program's own SQL, its values
-- replaced by $1, $2. Times in milliseconds.
CREATE TABLE slow_statements (
    id          uuid PRIMARY KEY,
    reported_at timestamptz NOT NULL,
    statement   text NOT NULL,
    calls       bigint NOT NULL,
    mean_ms     numeric(14, 3) NOT NULL,
    longest_ms  numeric(14, 3) NOT NULL,
    total_ms    numeric(18, 3) NOT NULL,
    rows        bigint NOT NULL
);

GRANT SELECT ON upkeep_jobs, upkeep_runs, slow_statements TO strongroom_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON upkeep_jobs, upkeep_runs, slow_statements
    TO strongroom_system;

-- Let the planner know how all tables are by now, partitioned ones too, which autovacuum leaves
-- out. Counts, not contents, leave this function.
CREATE FUNCTION analyse_tables() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    name text;
    done integer := 0;
BEGIN
    FOR name IN
        SELECT c.oid::regclass::text FROM pg_class c
        WHERE c.relnamespace = 'strongroom'::regnamespace AND c.relkind IN ('r', 'p')
          AND pg_has_role(c.relowner, 'USAGE')
        ORDER BY c.relkind, 1
    LOOP
        EXECUTE format('ANALYZE %s', name);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;
REVOKE ALL ON FUNCTION analyse_tables() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION analyse_tables() TO strongroom_system;

-- Whether the server counts statements; and those of this program's in this database that took
-- longer on average than ``least_ms``, the most costly in all first.
CREATE FUNCTION counts_statements() RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    PERFORM 1 FROM pg_extension WHERE extname = 'pg_stat_statements';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    EXECUTE format('SELECT 1 FROM %s LIMIT 1', (
        SELECT format('%I.pg_stat_statements', n.nspname)
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_stat_statements'));
    RETURN true;
EXCEPTION WHEN object_not_in_prerequisite_state OR insufficient_privilege OR undefined_table THEN
    RETURN false;
END
$$;
CREATE FUNCTION find_slow_statements(least_ms numeric, most integer)
    RETURNS TABLE (statement text, calls bigint, mean_ms numeric, longest_ms numeric,
                   total_ms numeric, rows bigint)
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    place text;
BEGIN
    SELECT format('%I.pg_stat_statements', n.nspname) INTO place
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements';
    RETURN QUERY EXECUTE format(
        'SELECT s.query, s.calls, round(s.mean_exec_time::numeric, 3), '
        'round(s.max_exec_time::numeric, 3), round(s.total_exec_time::numeric, 3), s.rows '
        'FROM %s s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid '
        'WHERE d.datname = current_database() '
        'AND r.rolname IN (''strongroom_app'', ''strongroom_system'') '
        'AND s.mean_exec_time >= $1 ORDER BY s.total_exec_time DESC LIMIT $2', place)
        USING least_ms, most;
END
$$;
REVOKE ALL ON FUNCTION counts_statements(), find_slow_statements(numeric, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION counts_statements(), find_slow_statements(numeric, integer)
    TO strongroom_system;
