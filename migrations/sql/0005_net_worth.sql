-- Net worth by day and currency, and the views over what is current. Sums are wider than an
-- account's balance: none that balances allow may fail to be stored.

CREATE TABLE net_worth_snapshots (
    user_id             uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    day                 date NOT NULL,
    currency            text NOT NULL,
    total_assets        numeric(38, 10) NOT NULL CHECK (total_assets >= 0),
    total_liabilities   numeric(38, 10) NOT NULL CHECK (total_liabilities >= 0),
    net_worth           numeric(38, 10) GENERATED ALWAYS AS (total_assets - total_liabilities) STORED,
    asset_breakdown     jsonb NOT NULL,     -- {"cash": "12.30", ...}: amounts as text, exact
    liability_breakdown jsonb NOT NULL,
    estimated           boolean NOT NULL,   -- some account had no report from its bank that day
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (user_id, currency, day)
);
CALL bind_to_tenant('net_worth_snapshots');

-- The zone to reckon someone's days in: theirs, or UTC where this server's tables lack it. One
-- person's setting must not stop the statement that works for all.
CREATE FUNCTION zone_or_utc(zone text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    PERFORM CURRENT_TIMESTAMP AT TIME ZONE zone;
    RETURN zone;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN 'UTC';
END
$$;

CREATE VIEW current_account_balances WITH (security_invoker = true) AS
SELECT a.user_id, a.id, a.name, a.type, a.category, a.institution_name, a.currency,
       b.balance, b.available, b.credit_limit, b.day AS balance_day, b.source, b.reported_at
FROM accounts a
LEFT JOIN LATERAL (
    SELECT * FROM account_balances b
    WHERE b.user_id = a.user_id AND b.account_id = a.id
    ORDER BY b.day DESC LIMIT 1
) b ON true
WHERE a.closed_at IS NULL;

CREATE VIEW user_net_worth_summary WITH (security_invoker = true) AS
SELECT DISTINCT ON (s.user_id, s.currency)
       s.user_id, s.currency, s.net_worth AS current_net_worth, s.total_assets,
       s.total_liabilities, s.day AS last_updated
FROM net_worth_snapshots s
ORDER BY s.user_id, s.currency, s.day DESC;

GRANT SELECT ON current_account_balances, user_net_worth_summary TO strongroom_app, strongroom_system;
