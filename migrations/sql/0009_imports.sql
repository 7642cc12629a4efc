-- Files: the second source of money data.
SELECT 1;
