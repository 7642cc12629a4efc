-- Recurring items.
SELECT 1;
