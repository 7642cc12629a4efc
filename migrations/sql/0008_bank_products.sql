-- What a bank tells beside balances and transactions, and what of it could not be taken in.
SELECT 1;
