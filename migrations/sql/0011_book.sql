-- The book's journal, parts and marks.
SELECT 1;
