-- Manual assets and loans.
SELECT 1;
