-- Budgets.
SELECT 1;
