-- Whether somebody has looked at ten rows yet is asked each time Overview is shown.
CREATE INDEX transactions_reviewed ON transactions (user_id) WHERE reviewed_at IS NOT NULL;
