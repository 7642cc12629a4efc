-- The same promises for less work, however large the book or the table of rates.

-- What 0025_near.sql says, but for how much is read: of a book with very many texts, those of its
-- newest rows. All texts are one while words are told apart and cut at their marks; and only those
-- words are compared that begin much like the one asked for, or end like it: the first letter or the
-- second may be wrong, missing, in each other's place or one too many.
CREATE OR REPLACE FUNCTION nearest_words(owner uuid, asked text[], patterns text[], most integer)
    RETURNS TABLE (place bigint, known boolean, word text)
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    home text := (SELECT e.extnamespace::regnamespace::text FROM pg_extension e
                  WHERE e.extname = 'pg_trgm' AND has_schema_privilege(e.extnamespace, 'USAGE'));
    marks text := '[].,;:!?*/\\|_()[{}<>#&+=%@"''`´“”«»…-]+';
    bound integer := 10000;
    is_large boolean;
BEGIN
    IF home IS NULL THEN
        RETURN;
    END IF;
    is_large := EXISTS (SELECT 1 FROM book_texts b WHERE b.user_id = owner OFFSET bound);
    RETURN QUERY EXECUTE format($query$
        WITH texts AS MATERIALIZED (
            SELECT b.text FROM book_texts b WHERE b.user_id = $1 AND NOT $6
            UNION ALL
            SELECT b.text
            FROM (SELECT DISTINCT n.text_key
                  FROM (SELECT t.text_key FROM transactions t WHERE t.user_id = $1
                        ORDER BY t.day DESC, t.id DESC LIMIT $7) n
                  WHERE $6) newest
            JOIN book_texts b ON b.user_id = $1 AND b.key = newest.text_key
            UNION ALL
            SELECT text_without_digits(concat_ws(' ', n.merchant, n.description), n.note)
            FROM (SELECT t.merchant, t.description, t.note FROM transactions t
                  WHERE t.user_id = $1 AND t.note IS NOT NULL LIMIT 2000) n
        ), whole AS MATERIALIZED (
            SELECT coalesce(string_agg(b.text, ' '), '') AS text FROM texts b
        ), asked AS MATERIALIZED (
            SELECT a.word, a.pattern, a.place, position(
                       regexp_replace(substr(a.pattern, 2, length(a.pattern) - 2),
                                      '\\(.)', '\1', 'g') IN whole.text) > 0 AS known
            FROM unnest($2, $3) WITH ORDINALITY AS a (word, pattern, place)
            CROSS JOIN whole
        ), wanted AS MATERIALIZED (
            SELECT a.*, ARRAY(SELECT o.pattern FROM asked o
                              WHERE o.known AND o.place <> a.place ORDER BY o.place) AS others
            FROM asked a
            WHERE a.word <> '' AND (NOT a.known OR (SELECT bool_and(o.known) FROM asked o))
        ), told AS MATERIALIZED (
            SELECT beside.places, said.word, length(said.word) AS letters,
                   left(said.word, 1) AS first, substr(said.word, 2, 1) AS second,
                   right(said.word, 2) AS ends
            FROM (SELECT w.others, array_agg(w.place) AS places FROM wanted w GROUP BY 1) beside
            CROSS JOIN LATERAL (
                SELECT string_agg(uncut.word, ' ') AS text
                FROM (SELECT DISTINCT s.word
                      FROM string_to_table((SELECT string_agg(b.text, ' ') FROM texts b
                                            WHERE b.text LIKE ALL (beside.others)), ' ')
                           AS s (word)) uncut
            ) fitting
            CROSS JOIN LATERAL (
                SELECT DISTINCT s.word
                FROM string_to_table(regexp_replace(fitting.text, $5, ' ', 'g'), ' ') AS s (word)
            ) said
        )
        SELECT a.place, a.known, near.word
        FROM asked a
        LEFT JOIN LATERAL (
            SELECT t.word FROM wanted w JOIN told t ON w.place = ANY (t.places)
            WHERE w.place = a.place
              AND t.letters BETWEEN length(w.word) / 2 AND length(w.word) * 2
              AND (t.first IN (left(w.word, 1), substr(w.word, 2, 1))
                   OR t.second IN (left(w.word, 1), substr(w.word, 2, 1))
                   OR t.ends = right(w.word, 2))
            ORDER BY %1$s.similarity(t.word, w.word) DESC, t.word
            LIMIT $4
        ) near ON true
        ORDER BY a.place
    $query$, home) USING owner, asked, patterns, most, marks, is_large, bound;
END
$$;

-- The list of rates shows the newest first, of all currencies.
CREATE INDEX exchange_rates_newest ON exchange_rates (day DESC, base, quote);
