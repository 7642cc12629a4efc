-- Net worth in one currency of a person's choice, days that need no reckoning anew, what no
-- transaction explains, and balances that are put away.

-- One leg between two currencies: the newest rate of the ten days up to a day, or its inverse; of
-- the two on one day, the rate as it was told.
CREATE OR REPLACE FUNCTION fx_leg(from_currency text, to_currency text, on_day date)
    RETURNS TABLE (rate numeric, day date, source text)
    LANGUAGE sql STABLE
    AS $$
        SELECT r.rate, r.day, r.source FROM (
            (SELECT e.rate, e.day, e.source, false AS turned FROM exchange_rates e
             WHERE e.base = from_currency AND e.quote = to_currency
               AND e.day BETWEEN on_day - 10 AND on_day
             ORDER BY e.day DESC LIMIT 1)
            UNION ALL
            (SELECT 1 / e.rate, e.day, e.source, true FROM exchange_rates e
             WHERE e.base = to_currency AND e.quote = from_currency
               AND e.day BETWEEN on_day - 10 AND on_day
             ORDER BY e.day DESC LIMIT 1)
        ) r
        ORDER BY r.day DESC, r.turned LIMIT 1
    $$;

-- As before, and where two ways are as good as each other, always the same one.
CREATE OR REPLACE FUNCTION fx_rate(from_currency text, to_currency text, on_day date)
    RETURNS TABLE (rate numeric, day date, source text, over_currency text)
    LANGUAGE sql STABLE
    AS $$
        SELECT known.rate, known.day, known.source, known.over_currency FROM (
            SELECT 1::numeric AS rate, on_day AS day, 'same currency' AS source,
                   NULL::text AS over_currency, 0 AS place
            WHERE from_currency = to_currency
            UNION ALL
            SELECT l.rate, l.day, l.source, NULL, 0
            FROM fx_leg(from_currency, to_currency, on_day) l
            WHERE from_currency <> to_currency
            UNION ALL
            SELECT a.rate * b.rate, least(a.day, b.day),
                   CASE WHEN a.source = b.source THEN a.source ELSE a.source || ', ' || b.source END,
                   p.pivot, p.place
            FROM (VALUES ('EUR', 1), ('USD', 2), ('NOK', 3), ('GBP', 4)) p (pivot, place)
            CROSS JOIN LATERAL fx_leg(from_currency, p.pivot, on_day) a
            CROSS JOIN LATERAL fx_leg(p.pivot, to_currency, on_day) b
            WHERE p.pivot NOT IN (from_currency, to_currency) AND from_currency <> to_currency
        ) known
        ORDER BY known.place > 0, known.day DESC, known.place LIMIT 1
    $$;

-- What fx_leg answers for each day of a span, in one pass over the rates. This and the next are not
-- plain SQL, so that the planner cannot take them apart and walk a leg once for each day of another.
CREATE FUNCTION fx_leg_days(from_currency text, to_currency text, since date, until date)
    RETURNS TABLE (on_day date, rate numeric, day date)
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN QUERY
    SELECT d::date, k.rate, k.day
    FROM (
        SELECT r.rate, r.day, lead(r.day) OVER (ORDER BY r.day) AS next FROM (
            SELECT DISTINCT ON (b.day) b.day, b.rate FROM (
                SELECT e.day, e.rate, false AS turned FROM exchange_rates e
                WHERE e.base = from_currency AND e.quote = to_currency
                  AND e.day BETWEEN since - 10 AND until
                UNION ALL
                SELECT e.day, 1 / e.rate, true FROM exchange_rates e
                WHERE e.base = to_currency AND e.quote = from_currency
                  AND e.day BETWEEN since - 10 AND until
            ) b ORDER BY b.day, b.turned
        ) r
    ) k
    CROSS JOIN LATERAL generate_series(
        greatest(k.day, since), least(k.day + 10, k.next - 1, until), interval '1 day') d;
END
$$;

-- What fx_rate answers for each day of a span; days that nobody knows a rate of have no row.
CREATE FUNCTION fx_days(from_currency text, to_currency text, since date, until date)
    RETURNS TABLE (on_day date, rate numeric)
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF from_currency = to_currency THEN
        RETURN QUERY SELECT d::date, 1::numeric
                     FROM generate_series(since, until, interval '1 day') d;
        RETURN;
    END IF;
    RETURN QUERY
    WITH known AS (
        SELECT l.on_day, l.rate, l.day, 0 AS place
        FROM fx_leg_days(from_currency, to_currency, since, until) l
        UNION ALL
        SELECT a.on_day, a.rate * b.rate, least(a.day, b.day), 1
        FROM fx_leg_days(from_currency, 'EUR', since, until) a
        JOIN fx_leg_days('EUR', to_currency, since, until) b ON b.on_day = a.on_day
        WHERE 'EUR' NOT IN (from_currency, to_currency)
        UNION ALL
        SELECT a.on_day, a.rate * b.rate, least(a.day, b.day), 2
        FROM fx_leg_days(from_currency, 'USD', since, until) a
        JOIN fx_leg_days('USD', to_currency, since, until) b ON b.on_day = a.on_day
        WHERE 'USD' NOT IN (from_currency, to_currency)
        UNION ALL
        SELECT a.on_day, a.rate * b.rate, least(a.day, b.day), 3
        FROM fx_leg_days(from_currency, 'NOK', since, until) a
        JOIN fx_leg_days('NOK', to_currency, since, until) b ON b.on_day = a.on_day
        WHERE 'NOK' NOT IN (from_currency, to_currency)
        UNION ALL
        SELECT a.on_day, a.rate * b.rate, least(a.day, b.day), 4
        FROM fx_leg_days(from_currency, 'GBP', since, until) a
        JOIN fx_leg_days('GBP', to_currency, since, until) b ON b.on_day = a.on_day
        WHERE 'GBP' NOT IN (from_currency, to_currency)
    )
    SELECT DISTINCT ON (k.on_day) k.on_day, k.rate FROM known k
    ORDER BY k.on_day, k.place > 0, k.day DESC, k.place;
END
$$;

-- Rows that are in no balance yet, or never will be: few, and found without the others.
CREATE INDEX transactions_unbooked ON transactions (user_id, account_id, day)
    WHERE pending OR removed_by_bank IS NOT NULL OR never_booked_at IS NOT NULL;

-- What was booked on an account after one day and up to another. Whole months come from the
-- monthly sums, so that ten years cost as little as ten weeks.
CREATE FUNCTION booked_between(
    owner uuid, account uuid, code text, after date, until date) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
        WITH span AS (
            SELECT (date_trunc('month', after::timestamp) + interval '1 month')::date AS first,
                   date_trunc('month', (until + 1)::timestamp)::date AS next
        ), edges AS (
            SELECT after + 1 AS lo, CASE WHEN first < next THEN first - 1 ELSE until END AS hi
            FROM span
            UNION ALL
            SELECT next, until FROM span WHERE first < next
        )
        SELECT coalesce((
                   SELECT sum(m.amount) FROM edges e
                   CROSS JOIN LATERAL (
                       SELECT sum(t.amount) AS amount FROM transactions t
                       WHERE t.user_id = owner AND t.account_id = account
                         AND t.day BETWEEN e.lo AND e.hi AND t.currency = code AND NOT t.pending
                         AND t.removed_by_bank IS NULL AND t.never_booked_at IS NULL) m), 0)
             + coalesce((
                   SELECT sum(m.amount) FROM span s
                   JOIN monthly_totals m ON m.user_id = owner AND m.account_id = account
                    AND m.month >= s.first AND m.month < s.next
                   WHERE m.currency = code AND s.first < s.next), 0)
             - coalesce((
                   SELECT sum(m.amount) FROM span s
                   CROSS JOIN LATERAL (
                       SELECT sum(t.amount) AS amount FROM transactions t
                       WHERE t.user_id = owner AND t.account_id = account
                         AND t.day >= s.first AND t.day < s.next AND t.currency = code
                         AND (t.pending OR t.removed_by_bank IS NOT NULL
                              OR t.never_booked_at IS NOT NULL)) m
                   WHERE s.first < s.next), 0)
    $$;

-- How many decimals money of a currency moves with: ISO 4217, and 8 for what it does not list.
CREATE FUNCTION minor_units(code text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT CASE
            WHEN code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF',
                          'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
            WHEN code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
            WHEN code IN ('CLF', 'UYW') THEN 4
            WHEN code = ANY ('{AED,AFN,ALL,AMD,AOA,ARS,AUD,AWG,AZN,BAM,BBD,BDT,BGN,BMD,BND,BOB,BOV,BRL,BSD,BTN,BWP,BYN,BZD,CAD,CDF,CHE,CHF,CHW,CNY,COP,COU,CRC,CUP,CVE,CZK,DKK,DOP,DZD,EGP,ERN,ETB,EUR,FJD,FKP,GBP,GEL,GHS,GIP,GMD,GTQ,GYD,HKD,HNL,HTG,HUF,IDR,ILS,INR,IRR,JMD,KES,KGS,KHR,KPW,KYD,KZT,LAK,LBP,LKR,LRD,LSL,MAD,MDL,MGA,MKD,MMK,MNT,MOP,MRU,MUR,MVR,MWK,MXN,MXV,MYR,MZN,NAD,NGN,NIO,NOK,NPR,NZD,PAB,PEN,PGK,PHP,PKR,PLN,QAR,RON,RSD,RUB,SAR,SBD,SCR,SDG,SEK,SGD,SHP,SLE,SOS,SRD,SSP,STN,SVC,SYP,SZL,THB,TJS,TMT,TOP,TRY,TTD,TWD,TZS,UAH,USD,USN,UYU,UZS,VED,VES,WST,XAG,XAU,XBA,XBB,XBC,XBD,XCD,XCG,XDR,XPD,XPT,XSU,XTS,XUA,XXX,YER,ZAR,ZMW,ZWG}'::text[]) THEN 2
            ELSE 8 END
    $$;

-- From which day on a person's snapshots are not what their balances say. ``is_news``: because
-- something was written; else because that day has not come yet. Rows are only ever added by those
-- who write balances, so that nobody waits for anybody; who reckons anew takes them away.
CREATE TABLE net_worth_stale (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id      bigint GENERATED ALWAYS AS IDENTITY,
    since   date NOT NULL,
    is_news boolean NOT NULL,
    PRIMARY KEY (user_id, id)
);
CALL bind_to_tenant('net_worth_stale');

-- The database itself says so, so that no statement can change a balance unseen. Of a person who is
-- erased nothing is told.
CREATE FUNCTION balances_came_or_went() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO net_worth_stale (user_id, since, is_news)
    SELECT c.user_id, min(c.day), true FROM changed c
    WHERE TG_OP = 'INSERT' OR EXISTS (SELECT 1 FROM users u WHERE u.id = c.user_id)
    GROUP BY c.user_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION balances_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO net_worth_stale (user_id, since, is_news)
    SELECT user_id, min(day), true FROM (
        (SELECT user_id, account_id, day, balance, currency, source FROM rows_before
         EXCEPT SELECT user_id, account_id, day, balance, currency, source FROM rows_after)
        UNION ALL
        (SELECT user_id, account_id, day, balance, currency, source FROM rows_after
         EXCEPT SELECT user_id, account_id, day, balance, currency, source FROM rows_before)
    ) other
    GROUP BY user_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER balances_came AFTER INSERT ON account_balances
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION balances_came_or_went();
CREATE TRIGGER balances_went AFTER DELETE ON account_balances
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION balances_came_or_went();
CREATE TRIGGER balances_changed AFTER UPDATE ON account_balances
    REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_after
    FOR EACH STATEMENT EXECUTE FUNCTION balances_changed();

-- An account that closes, opens again, or counts elsewhere. The day is the earliest it can be in
-- any time zone.
CREATE FUNCTION account_counts_otherwise() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO net_worth_stale (user_id, since, is_news)
    VALUES (NEW.user_id,
            CASE WHEN (OLD.category, OLD.currency) IS DISTINCT FROM (NEW.category, NEW.currency)
                 THEN '-infinity'
                 ELSE (least(OLD.closed_at, NEW.closed_at) AT TIME ZONE 'UTC')::date - 1 END,
            true);
    RETURN NULL;
END
$$;
CREATE TRIGGER account_counts_otherwise AFTER UPDATE ON accounts FOR EACH ROW
    WHEN ((OLD.closed_at, OLD.category, OLD.currency)
          IS DISTINCT FROM (NEW.closed_at, NEW.category, NEW.currency))
    EXECUTE FUNCTION account_counts_otherwise();

-- An account that is erased, unless its person is; and another time zone, which moves the day that
-- accounts close on.
CREATE FUNCTION all_days_are_otherwise() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO net_worth_stale (user_id, since, is_news)
    SELECT u.id, '-infinity', true FROM users u WHERE u.id = OLD.user_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER account_is_gone AFTER DELETE ON accounts FOR EACH ROW
    EXECUTE FUNCTION all_days_are_otherwise();
CREATE TRIGGER zone_is_another AFTER UPDATE ON settings FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone)
    EXECUTE FUNCTION all_days_are_otherwise();

-- By day first: the newest day, and the days from one on, are found without the others.
ALTER TABLE net_worth_snapshots
    DROP CONSTRAINT net_worth_snapshots_pkey, ADD PRIMARY KEY (user_id, day, currency);

-- One row a person, in the currency of their choice, or the one that most of their open accounts
-- are in. ``unknown`` are currencies that they hold and nobody knows a rate of: not in the sums.
DROP VIEW user_net_worth_summary;
CREATE VIEW user_net_worth_summary WITH (security_invoker = true) AS
SELECT p.user_id, p.currency,
       sum(v.assets - v.liabilities) AS current_net_worth, sum(v.assets) AS total_assets,
       sum(v.liabilities) AS total_liabilities, p.last_updated,
       coalesce(array_agg(s.currency ORDER BY s.currency) FILTER (
           WHERE v.assets IS NULL), '{}') AS unknown
FROM (
    SELECT t.user_id, n.day AS last_updated, coalesce(t.currency, (
               SELECT a.currency FROM accounts a
               WHERE a.user_id = t.user_id AND a.closed_at IS NULL
               GROUP BY a.currency ORDER BY count(*) DESC, a.currency LIMIT 1)) AS currency
    FROM settings t
    CROSS JOIN LATERAL (
        SELECT day FROM net_worth_snapshots n
        WHERE n.user_id = t.user_id ORDER BY n.day DESC LIMIT 1) n
) p
JOIN net_worth_snapshots s ON s.user_id = p.user_id AND s.day = p.last_updated
LEFT JOIN LATERAL fx_rate(s.currency, p.currency, s.day) r
    ON s.total_assets <> 0 OR s.total_liabilities <> 0
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.currency = p.currency THEN s.total_assets
                WHEN s.total_assets = 0 AND s.total_liabilities = 0 THEN 0
                ELSE round(s.total_assets * r.rate, minor_units(p.currency)) END AS assets,
           CASE WHEN s.currency = p.currency THEN s.total_liabilities
                WHEN s.total_assets = 0 AND s.total_liabilities = 0 THEN 0
                ELSE round(s.total_liabilities * r.rate, minor_units(p.currency)) END
               AS liabilities) v
GROUP BY p.user_id, p.currency, p.last_updated;
GRANT SELECT ON user_net_worth_summary TO strongroom_app, strongroom_system;

-- Put balances older than a day away: the partitions of months that ended before it go into the
-- one for earlier days. They are drawn and summed as before, and the months that are read and
-- written daily stay few. Rows move in their order, so that an account's days lie together. The
-- owner this runs as sees them: row security is forced on the parent and not on the parts.
CREATE FUNCTION archive_balances(before_day date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = strongroom, pg_temp
    AS $$
DECLARE
    part  record;
    count bigint;
    moved bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('strongroom.make_balance_partitions'));
    FOR part IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'account_balances'::regclass
          AND c.relname ~ '^account_balances_\d{4}_\d{2}$'
          AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before_day
        ORDER BY c.relname
    LOOP
        -- What dropping the part takes in the end, in the order in which others read: asked for
        -- later, it would wait for those who wait for us.
        LOCK TABLE accounts, account_balances IN ACCESS EXCLUSIVE MODE;
        EXECUTE format('ALTER TABLE account_balances DETACH PARTITION %I', part.relname);
        EXECUTE format(
            'INSERT INTO account_balances_earlier SELECT * FROM %I '
            'ORDER BY user_id, account_id, day', part.relname);
        GET DIAGNOSTICS count = ROW_COUNT;
        EXECUTE format('DROP TABLE %I', part.relname);
        moved := moved + count;
    END LOOP;
    RETURN moved;
END
$$;
REVOKE ALL ON FUNCTION archive_balances(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION archive_balances(date) TO strongroom_system;

-- A person's snapshots of a span with what one unit of their currency was worth that day; each
-- so-many-th day, counted from the end, and the first. Rates are thousands of rows of which the
-- planner expects a few hundred: it must not compare each with each.
CREATE FUNCTION snapshots_with_rates(
    owner uuid, base text, others text[], since date, until date, every integer)
    RETURNS TABLE (day date, currency text, total_assets numeric, total_liabilities numeric,
                   asset_breakdown jsonb, liability_breakdown jsonb, estimated boolean,
                   rate numeric)
    LANGUAGE sql STABLE SET enable_nestloop = off
    AS $$
        WITH rates AS MATERIALIZED (
            SELECT c.code, r.on_day, r.rate
            FROM unnest(others) c (code)
            CROSS JOIN LATERAL fx_days(c.code, base, since, until) r
        )
        SELECT s.day, s.currency, s.total_assets, s.total_liabilities, s.asset_breakdown,
               s.liability_breakdown, s.estimated,
               CASE WHEN s.currency = base THEN 1 ELSE r.rate END
        FROM net_worth_snapshots s
        LEFT JOIN rates r ON r.code = s.currency AND r.on_day = s.day
        WHERE s.user_id = owner AND (s.currency = base OR s.currency = ANY(others))
          AND s.day BETWEEN since AND until
          AND ((until - s.day) % every = 0 OR s.day = since)
    $$;
