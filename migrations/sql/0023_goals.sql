-- Goals: what a person's own numbers say (profile), what they want, and what simulations found.
-- Amounts are in the currency that stands beside them; shares and chances are 0 to 1.

-- What the book and the accounts say of a household: derived, reckoned anew after each change.
-- Debts, bills and spending are positive. NULL: too little is known to say. ``left_out``: currencies
-- that no rate reaches, whose amounts are in no figure. ``data_hash``: of all figures together.
CREATE TABLE financial_profiles (
    user_id               uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    currency              text NOT NULL,
    as_of                 date NOT NULL,
    liquid_assets         numeric(28, 10),
    credit_debt           numeric(28, 10) CHECK (credit_debt >= 0),
    loan_debt             numeric(28, 10) CHECK (loan_debt >= 0),
    monthly_income        numeric(28, 10) CHECK (monthly_income >= 0),
    monthly_bills         numeric(28, 10) CHECK (monthly_bills >= 0),
    monthly_loan_payments numeric(28, 10) CHECK (monthly_loan_payments >= 0),
    monthly_spending      numeric(28, 10) CHECK (monthly_spending >= 0),
    income_volatility     numeric(9, 6) CHECK (income_volatility BETWEEN 0 AND 1),
    spending_volatility   numeric(9, 6) CHECK (spending_volatility BETWEEN 0 AND 1),
    income_by_payer       jsonb NOT NULL DEFAULT '[]',
    spending_by_category  jsonb NOT NULL DEFAULT '[]',
    loans                 jsonb NOT NULL DEFAULT '[]',
    investment_allocation jsonb,
    months_of_history     integer NOT NULL CHECK (months_of_history >= 0),
    left_out              text[] NOT NULL DEFAULT '{}',
    data_hash             bytea NOT NULL CHECK (length(data_hash) = 32),
    computed_at           timestamptz NOT NULL
);
CALL bind_to_tenant('financial_profiles');

-- What a person says instead of what was derived, figure by figure.
CREATE TABLE profile_overrides (
    user_id  uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    figure   text NOT NULL CHECK (figure IN (
        'liquid_assets', 'credit_debt', 'loan_debt', 'monthly_income', 'monthly_bills',
        'monthly_loan_payments', 'monthly_spending', 'income_volatility', 'spending_volatility',
        'investment_allocation')),
    currency text,
    amount   numeric(28, 10),
    shares   jsonb,
    set_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, figure),
    CHECK ((amount IS NULL) <> (shares IS NULL))
);
CALL bind_to_tenant('profile_overrides');

-- What a person wants. ``timeline_months`` is what was agreed on the day it was made; ``due_on``
-- is the day that it comes to. ``priority`` 1 comes first, and several may share one.
-- ``monthly_contribution`` NULL: whatever is left over. ``assumptions``: those that differ from the
-- defaults, by name.
CREATE TABLE goals (
    user_id              uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id                   uuid NOT NULL,
    name                 text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    goal_text            text NOT NULL CHECK (length(goal_text) <= 2000),
    goal_type            text NOT NULL CHECK (goal_type IN (
        'retirement', 'major_purchase', 'emergency_fund', 'debt_payoff', 'travel', 'education',
        'investment', 'custom')),
    target_amount        numeric(28, 10) NOT NULL CHECK (target_amount > 0),
    currency             text NOT NULL,
    timeline_months      integer NOT NULL CHECK (timeline_months BETWEEN 1 AND 720),
    due_on               date NOT NULL,
    priority             integer NOT NULL CHECK (priority BETWEEN 1 AND 99),
    monthly_contribution numeric(28, 10) CHECK (monthly_contribution >= 0),
    todays_money         boolean NOT NULL,
    assumptions          jsonb NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CALL bind_to_tenant('goals');

-- The accounts whose money is put aside for a goal.
CREATE TABLE goal_accounts (
    user_id    uuid NOT NULL,
    goal_id    uuid NOT NULL,
    account_id uuid NOT NULL,
    PRIMARY KEY (user_id, goal_id, account_id),
    FOREIGN KEY (user_id, goal_id) REFERENCES goals (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CREATE INDEX goal_accounts_account ON goal_accounts (user_id, account_id);
CALL bind_to_tenant('goal_accounts');

-- One simulation: all that decides it (``inputs``, ``paths``, ``seed``, ``engine``), so that it can
-- be run again to the last bit; the data that it was made of, as a hash; and what it found
-- (``outcome``, and its hash). Figures that lists need stand in columns of their own. ``asked_by``:
-- the person, or the program after their data changed.
CREATE TABLE simulation_runs (
    user_id              uuid NOT NULL,
    id                   uuid NOT NULL,
    goal_id              uuid NOT NULL,
    state                text NOT NULL CHECK (state IN (
        'queued', 'running', 'done', 'stopped', 'failed')),
    asked_by             text NOT NULL CHECK (asked_by IN ('person', 'refresh')),
    paths                integer NOT NULL CHECK (paths BETWEEN 1000 AND 10000000),
    paths_done           integer NOT NULL DEFAULT 0 CHECK (paths_done BETWEEN 0 AND paths),
    stop_asked           boolean NOT NULL DEFAULT false,
    seed                 bigint NOT NULL CHECK (seed >= 0),
    engine               text NOT NULL,
    inputs               jsonb NOT NULL,
    data_hash            bytea NOT NULL CHECK (length(data_hash) = 32),
    currency             text NOT NULL,
    target_amount        numeric(28, 10) NOT NULL CHECK (target_amount > 0),
    months               integer NOT NULL CHECK (months BETWEEN 1 AND 720),
    success_probability  numeric(9, 6) CHECK (success_probability BETWEEN 0 AND 1),
    median_outcome       numeric(28, 10),
    outcome              jsonb,
    outcome_hash         bytea CHECK (length(outcome_hash) = 32),
    error                text,
    asked_at             timestamptz NOT NULL,
    ended_at             timestamptz,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, goal_id) REFERENCES goals (user_id, id) ON DELETE CASCADE,
    CHECK ((state = 'done') = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (outcome_hash IS NULL)),
    CHECK ((outcome IS NULL) = (success_probability IS NULL)),
    CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL))
);
CREATE INDEX simulation_runs_newest ON simulation_runs (user_id, goal_id, asked_at DESC, id DESC);
CREATE INDEX simulation_runs_old ON simulation_runs (asked_at);
CALL bind_to_tenant('simulation_runs');

-- Runs of more than 30 days ago: what lists need in columns, inputs and outcome in ``body``, JSON
-- compressed by Zstandard (RFC 8878).
CREATE TABLE simulation_archive (
    user_id             uuid NOT NULL,
    id                  uuid NOT NULL,
    goal_id             uuid NOT NULL,
    asked_by            text NOT NULL CHECK (asked_by IN ('person', 'refresh')),
    paths               integer NOT NULL,
    seed                bigint NOT NULL,
    engine              text NOT NULL,
    data_hash           bytea NOT NULL CHECK (length(data_hash) = 32),
    currency            text NOT NULL,
    target_amount       numeric(28, 10) NOT NULL,
    months              integer NOT NULL,
    success_probability numeric(9, 6) NOT NULL CHECK (success_probability BETWEEN 0 AND 1),
    median_outcome      numeric(28, 10) NOT NULL,
    outcome_hash        bytea NOT NULL CHECK (length(outcome_hash) = 32),
    body                bytea NOT NULL,
    asked_at            timestamptz NOT NULL,
    ended_at            timestamptz NOT NULL,
    archived_at         timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, goal_id) REFERENCES goals (user_id, id) ON DELETE CASCADE
);
CREATE INDEX simulation_archive_newest
    ON simulation_archive (user_id, goal_id, asked_at DESC, id DESC);
CALL bind_to_tenant('simulation_archive');

-- Simulations as lists show them, in full or compressed.
CREATE VIEW kept_simulations WITH (security_invoker = true) AS
SELECT user_id, id, goal_id, state, asked_by, paths, paths_done, seed, engine, data_hash, currency,
       target_amount, months, success_probability, median_outcome, outcome_hash, error, asked_at,
       ended_at, false AS archived
FROM simulation_runs
UNION ALL
SELECT user_id, id, goal_id, 'done', asked_by, paths, paths, seed, engine, data_hash, currency,
       target_amount, months, success_probability, median_outcome, outcome_hash, NULL, asked_at,
       ended_at, true
FROM simulation_archive;
GRANT SELECT ON kept_simulations TO strongroom_app, strongroom_system;
