-- Rows a person writes.
SELECT 1;
