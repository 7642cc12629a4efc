-- Net worth in the base currency.
SELECT 1;
