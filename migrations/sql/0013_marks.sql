-- Tags, splits, attachments and own categories.
SELECT 1;
