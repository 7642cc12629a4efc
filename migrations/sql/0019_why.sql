-- Why a figure changed.
SELECT 1;
