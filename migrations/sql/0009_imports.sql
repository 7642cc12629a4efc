-- Files: the second source of money data. What a file says is kept as told; the book takes from it.

-- How a person had files of one source read the last time: columns, sign, order of dates.
CREATE TABLE import_sources (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id         uuid NOT NULL,
    signature  text NOT NULL,              -- format and headings: what makes two files of one source
    guess      jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    UNIQUE (user_id, signature)
);
CALL bind_to_tenant('import_sources');

-- Which account of the person's each of a source's accounts went to. One number in two currencies,
-- or owned and owed, is two accounts.
CREATE TABLE import_source_accounts (
    user_id    uuid NOT NULL,
    source_id  uuid NOT NULL,
    key        text NOT NULL,              -- as the file names it; '' where it names none
    currency   text NOT NULL,              -- as the file tells it; '' where it tells none
    kind       text NOT NULL CHECK (kind IN ('', 'owned', 'owed')),
    file_name  text NOT NULL,              -- what lasts of it, where key is ''; else ''
    account_id uuid NOT NULL,
    PRIMARY KEY (user_id, source_id, key, currency, kind, file_name),
    FOREIGN KEY (user_id, source_id) REFERENCES import_sources (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('import_source_accounts');

-- One file that a person brought, from its upload to its undoing.
CREATE TABLE file_imports (
    user_id         uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    id              uuid NOT NULL,
    source_id       uuid,
    file_name       text NOT NULL,
    size            bigint NOT NULL,
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),
    state           text NOT NULL CHECK (state IN (
                        'reading', 'preview', 'importing', 'done', 'undone', 'failed')),
    format          text NOT NULL,
    guess           jsonb NOT NULL,
    accounts        jsonb NOT NULL DEFAULT '[]',  -- what the file says of each, and what was chosen
    problems        jsonb NOT NULL DEFAULT '[]',  -- the first of them: line, field, message
    problem_count   integer NOT NULL DEFAULT 0,
    rows_read       integer NOT NULL DEFAULT 0,   -- progress while reading and importing
    rows            integer NOT NULL DEFAULT 0,
    known           integer NOT NULL DEFAULT 0,   -- rows that are in the book from an earlier file
    alike           integer NOT NULL DEFAULT 0,   -- rows that look like one in the book
    imported        integer NOT NULL DEFAULT 0,
    skipped         integer NOT NULL DEFAULT 0,
    choices         jsonb NOT NULL DEFAULT '{}',  -- which likely doubles to take all the same
    made_accounts   uuid[] NOT NULL DEFAULT '{}',
    made_categories uuid[] NOT NULL DEFAULT '{}',
    error           text,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    done_at         timestamptz,
    undone_at       timestamptz,
    PRIMARY KEY (user_id, id),
    FOREIGN KEY (user_id, source_id) REFERENCES import_sources (user_id, id)
);
CREATE INDEX file_imports_newest ON file_imports (user_id, created_at DESC);
CREATE INDEX file_imports_unfinished ON file_imports (updated_at) WHERE state <> 'done';
CALL bind_to_tenant('file_imports');

-- The file itself, in parts, until it is imported or forgotten. Not compressed: it is read once or
-- twice and gone.
CREATE TABLE import_parts (
    user_id   uuid NOT NULL,
    import_id uuid NOT NULL,
    part      integer NOT NULL,
    bytes     bytea NOT NULL,
    PRIMARY KEY (user_id, import_id, part),
    FOREIGN KEY (user_id, import_id) REFERENCES file_imports (user_id, id) ON DELETE CASCADE
);
ALTER TABLE import_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
CALL bind_to_tenant('import_parts');

-- A file's own facts as it told them: never edited. A row that was taken into the book has the same
-- id there. ``identity`` is what makes two rows of two files one: the source's own id, or day,
-- amount, text and the how-manieth of such. ``amount``: positive is money in.
CREATE TABLE file_transactions (
    user_id         uuid NOT NULL,
    id              uuid NOT NULL,
    import_id       uuid NOT NULL,               -- no foreign key: see below
    line            integer NOT NULL,
    account_key     text NOT NULL,
    day             date NOT NULL,
    amount          numeric(28, 10) NOT NULL,
    currency        text,
    description     text NOT NULL,
    payee           text,
    note            text,
    category        text,
    fitid           text,
    counter_account text,
    pending         boolean NOT NULL,
    reviewed        boolean NOT NULL,
    balance_after   numeric(28, 10),
    identity        uuid NOT NULL,
    raw             text NOT NULL,
    PRIMARY KEY (user_id, import_id, id)         -- ids follow the file's order
);
-- import_id has no foreign key: rows are written in the unit of work that holds the import, and go
-- with it by name. The key's check locks the one import a hundred thousand times.
CREATE INDEX file_transactions_identity ON file_transactions (user_id, identity);
CALL bind_to_tenant('file_transactions');

-- Of a file's rows those that the book has already, or has one like. Others are new.
CREATE TABLE file_marks (
    user_id   uuid NOT NULL,
    id        uuid NOT NULL,                     -- the file's row
    import_id uuid NOT NULL,
    mark      text NOT NULL CHECK (mark IN ('known', 'alike')),
    rival_id  uuid NOT NULL,                     -- the book's row
    score     integer NOT NULL,
    days      integer NOT NULL,
    PRIMARY KEY (user_id, import_id, id)
);
CREATE INDEX file_marks_rival ON file_marks (user_id, import_id, rival_id);
CALL bind_to_tenant('file_marks');

-- What files, and people as they brought one, said of accounts' balances. Those of imports that
-- stand make the balances of source 'file'.
CREATE TABLE file_balances (
    user_id    uuid NOT NULL,
    import_id  uuid NOT NULL,
    account_id uuid NOT NULL,
    day        date NOT NULL,
    balance    numeric(28, 10) NOT NULL,
    currency   text NOT NULL,
    PRIMARY KEY (user_id, import_id, account_id, day),
    FOREIGN KEY (user_id, import_id) REFERENCES file_imports (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, account_id) REFERENCES accounts (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('file_balances');

-- What an exported book tells besides its rows (accounts, balances by day, categories), until it is
-- taken in.
CREATE TABLE import_books (
    user_id   uuid NOT NULL,
    import_id uuid NOT NULL,
    book      json NOT NULL,
    PRIMARY KEY (user_id, import_id),
    FOREIGN KEY (user_id, import_id) REFERENCES file_imports (user_id, id) ON DELETE CASCADE
);
CALL bind_to_tenant('import_books');
