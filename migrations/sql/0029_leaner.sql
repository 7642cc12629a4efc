-- The same promises for less work, where very many rows come at once.

-- A text is made once for each key that is new, and not once for each row: all rows of a key have it.
CREATE OR REPLACE FUNCTION learn_texts() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO book_texts (user_id, key, text)
    SELECT n.user_id, n.text_key, text_without_digits(NULL, n.text)
    FROM (SELECT r.user_id, r.text_key,
                 any_value(coalesce(r.merchant || ' ', '') || r.description) AS text
          FROM rows_after r
          GROUP BY r.user_id, r.text_key) n
    WHERE NOT EXISTS (SELECT 1 FROM book_texts b
                      WHERE b.user_id = n.user_id AND b.key = n.text_key)
    ON CONFLICT (user_id, key) DO NOTHING;
    RETURN NULL;
END
$$;
