-- Runs of periodic work.
SELECT 1;
