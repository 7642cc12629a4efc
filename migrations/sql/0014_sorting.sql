-- A person's rules.
SELECT 1;
