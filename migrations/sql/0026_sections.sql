-- What an exported book tells beside its rows (rules, budgets, goals …), and what was made of it: by
-- section, how many there are, and the keys of what an undoing takes away again.
ALTER TABLE file_imports
    ADD COLUMN told jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN made jsonb NOT NULL DEFAULT '{}';
