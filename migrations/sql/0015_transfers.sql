-- Transfers, refunds and doubles.
SELECT 1;
