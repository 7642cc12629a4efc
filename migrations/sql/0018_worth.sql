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

-- What fx_leg answers for each day of a span, in one pass over the rates.
CREATE FUNCTION fx_leg_days(from_currency text, to_currency text, since date, until date)
    RETURNS TABLE (on_day date, rate numeric, day date)
    LANGUAGE sql STABLE
    AS $$
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
            greatest(k.day, since), least(k.day + 10, k.next - 1, until), interval '1 day') d
    $$;

-- What fx_rate answers for each day of a span; days that nobody knows a rate of have no row.
CREATE FUNCTION fx_days(from_currency text, to_currency text, since date, until date)
    RETURNS TABLE (on_day date, rate numeric)
    LANGUAGE sql STABLE
    AS $$
        SELECT DISTINCT ON (known.on_day) known.on_day, known.rate FROM (
            SELECT d::date AS on_day, 1::numeric AS rate, d::date AS day, 0 AS place
            FROM generate_series(since, until, interval '1 day') d
            WHERE from_currency = to_currency
            UNION ALL
            SELECT l.on_day, l.rate, l.day, 0
            FROM fx_leg_days(from_currency, to_currency, since, until) l
            WHERE from_currency <> to_currency
            UNION ALL
            SELECT a.on_day, a.rate * b.rate, least(a.day, b.day), p.place
            FROM (VALUES ('EUR', 1), ('USD', 2), ('NOK', 3), ('GBP', 4)) p (pivot, place)
            CROSS JOIN LATERAL fx_leg_days(from_currency, p.pivot, since, until) a
            JOIN LATERAL fx_leg_days(p.pivot, to_currency, since, until) b ON b.on_day = a.on_day
            WHERE p.pivot NOT IN (from_currency, to_currency) AND from_currency <> to_currency
        ) known
        ORDER BY known.on_day, known.place > 0, known.day DESC, known.place
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
                   SELECT sum(t.amount) FROM edges e
                   JOIN transactions t ON t.user_id = owner AND t.account_id = account
                    AND t.day BETWEEN e.lo AND e.hi
                   WHERE t.currency = code AND NOT t.pending AND t.removed_by_bank IS NULL
                     AND t.never_booked_at IS NULL), 0)
             + coalesce((
                   SELECT sum(m.amount) FROM span s
                   JOIN monthly_totals m ON m.user_id = owner AND m.account_id = account
                    AND m.month >= s.first AND m.month < s.next
                   WHERE m.currency = code AND s.first < s.next), 0)
             - coalesce((
                   SELECT sum(t.amount) FROM span s
                   JOIN transactions t ON t.user_id = owner AND t.account_id = account
                    AND t.day >= s.first AND t.day < s.next
                   WHERE t.currency = code AND s.first < s.next
                     AND (t.pending OR t.removed_by_bank IS NOT NULL
                          OR t.never_booked_at IS NOT NULL)), 0)
    $$;
