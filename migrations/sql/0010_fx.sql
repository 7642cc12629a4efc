-- Dated exchange rates, the same for everyone: one unit of ``base`` is ``rate`` units of ``quote``.
-- Nothing here is a person's, so no row security: the application reads, the system role writes.

CREATE TABLE exchange_rates (
    base      text NOT NULL,
    quote     text NOT NULL,
    day       date NOT NULL,
    rate      numeric(28, 14) NOT NULL CHECK (rate > 0),
    source    text NOT NULL,
    loaded_at timestamptz NOT NULL,
    PRIMARY KEY (base, quote, day),
    CHECK (base <> quote)
);
GRANT SELECT ON exchange_rates TO strongroom_app, strongroom_system;
GRANT INSERT, UPDATE ON exchange_rates TO strongroom_system;

-- One leg between two currencies: the newest rate of the ten days up to a day, or its inverse.
CREATE FUNCTION fx_leg(from_currency text, to_currency text, on_day date)
    RETURNS TABLE (rate numeric, day date, source text)
    LANGUAGE sql STABLE
    AS $$
        SELECT r.rate, r.day, r.source FROM (
            (SELECT e.rate, e.day, e.source FROM exchange_rates e
             WHERE e.base = from_currency AND e.quote = to_currency
               AND e.day BETWEEN on_day - 10 AND on_day
             ORDER BY e.day DESC LIMIT 1)
            UNION ALL
            (SELECT 1 / e.rate, e.day, e.source FROM exchange_rates e
             WHERE e.base = to_currency AND e.quote = from_currency
               AND e.day BETWEEN on_day - 10 AND on_day
             ORDER BY e.day DESC LIMIT 1)
        ) r
        ORDER BY r.day DESC LIMIT 1
    $$;

-- What one unit of a currency was worth in another on a day: straight, or over one currency that
-- both are quoted in. No row if nobody knows: an unknown rate is never 1.
CREATE FUNCTION fx_rate(from_currency text, to_currency text, on_day date)
    RETURNS TABLE (rate numeric, day date, source text, over_currency text)
    LANGUAGE sql STABLE
    AS $$
        SELECT * FROM (
            SELECT 1::numeric AS rate, on_day AS day, 'same currency' AS source,
                   NULL::text AS over_currency
            WHERE from_currency = to_currency
            UNION ALL
            SELECT l.rate, l.day, l.source, NULL
            FROM fx_leg(from_currency, to_currency, on_day) l
            WHERE from_currency <> to_currency
            UNION ALL
            SELECT a.rate * b.rate, least(a.day, b.day),
                   CASE WHEN a.source = b.source THEN a.source ELSE a.source || ', ' || b.source END,
                   p.pivot
            FROM (VALUES ('EUR'), ('USD'), ('NOK'), ('GBP')) p (pivot)
            CROSS JOIN LATERAL fx_leg(from_currency, p.pivot, on_day) a
            CROSS JOIN LATERAL fx_leg(p.pivot, to_currency, on_day) b
            WHERE p.pivot NOT IN (from_currency, to_currency) AND from_currency <> to_currency
        ) known
        ORDER BY known.over_currency IS NOT NULL, known.day DESC LIMIT 1
    $$;
