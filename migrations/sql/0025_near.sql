-- Misspelt words. Where a search by words fits nothing, the words that a person's texts do have are
-- compared with those that were typed by PostgreSQL's own trigrams (pg_trgm), with the person's
-- own rights: row security shows what is theirs, and no index on a text's insides is asked for.

-- For each word asked for, by its place: whether it stands in some text, and, one a row, the words
-- most like it of texts that have all the other known words. Looked for is what stands nowhere; or,
-- where all stand somewhere and only not together, each. An empty word is looked for nowhere. The
-- extension stands where somebody has put it, and may be missing on a server of the person's
-- own: then nothing is near.
CREATE FUNCTION nearest_words(owner uuid, asked text[], patterns text[], most integer)
    RETURNS TABLE (place bigint, known boolean, word text)
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    home text := (SELECT e.extnamespace::regnamespace::text FROM pg_extension e
                  WHERE e.extname = 'pg_trgm' AND has_schema_privilege(e.extnamespace, 'USAGE'));
    marks text := '.,;:!?*/\|-_()[]{}<>#&+=%@"''`´“”«»…';
BEGIN
    IF home IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($query$
        WITH texts AS MATERIALIZED (
            SELECT b.text FROM book_texts b WHERE b.user_id = $1
            UNION ALL
            SELECT text_without_digits(concat_ws(' ', n.merchant, n.description), n.note)
            FROM (SELECT t.merchant, t.description, t.note FROM transactions t
                  WHERE t.user_id = $1 AND t.note IS NOT NULL LIMIT 2000) n
        ), asked AS MATERIALIZED (
            SELECT a.word, a.pattern, a.place,
                   EXISTS (SELECT 1 FROM texts b WHERE b.text LIKE a.pattern) AS known
            FROM unnest($2, $3) WITH ORDINALITY AS a (word, pattern, place)
        ), wanted AS MATERIALIZED (
            SELECT a.*, ARRAY(SELECT o.pattern FROM asked o
                              WHERE o.known AND o.place <> a.place ORDER BY o.place) AS others
            FROM asked a
            WHERE a.word <> '' AND (NOT a.known OR (SELECT bool_and(o.known) FROM asked o))
        ), told AS MATERIALIZED (
            SELECT DISTINCT w.others, said.word
            FROM (SELECT DISTINCT others FROM wanted) w
            JOIN texts b ON b.text LIKE ALL (w.others)
            CROSS JOIN LATERAL string_to_table(translate(b.text, $5, $6), ' ') AS said (word)
        )
        SELECT a.place, a.known, near.word
        FROM asked a
        LEFT JOIN LATERAL (
            SELECT t.word FROM wanted w JOIN told t USING (others)
            WHERE w.place = a.place
              AND length(t.word) BETWEEN length(w.word) / 2 AND length(w.word) * 2
            ORDER BY %1$s.similarity(t.word, w.word) DESC, t.word
            LIMIT $4
        ) near ON true
        ORDER BY a.place
    $query$, home) USING owner, asked, patterns, most, marks, repeat(' ', length(marks));
END
$$;

-- Let an entry become the bank's row, as one act: both are kept as they were, what hangs on the
-- bank's row goes over, and the question is answered. What the person chose for the entry stays;
-- what they chose for the bank's row alone comes along. Called for many pairs by one statement;
-- by whose hand is told beforehand, and here for which pair and under which act.
CREATE FUNCTION merge_entry(
    owner uuid, match_id uuid, entry uuid, bank uuid, edit uuid, itself boolean, told_at timestamptz
) RETURNS void
    LANGUAGE plpgsql SET search_path = strongroom, pg_temp
    AS $$
BEGIN
    PERFORM set_config('strongroom.cause_id', match_id::text, true),
            set_config('strongroom.edit_id', edit::text, true);
    PERFORM keep_rows(owner, ARRAY[entry, bank], edit, told_at);
    PERFORM move_marks(owner, bank, entry);
    WITH gone AS (
        DELETE FROM transactions WHERE user_id = owner AND id = bank AND origin = 'bank'
        RETURNING *
    )
    UPDATE transactions e SET
        origin = 'bank', bank_row_id = gone.bank_row_id, day = gone.day,
        happened_on = gone.happened_on, amount = gone.amount, currency = gone.currency,
        description = gone.description, pending = gone.pending,
        category_id = CASE WHEN e.category_by = 'person' THEN e.category_id
                           ELSE gone.category_id END,
        category_by = CASE WHEN e.category_by = 'person' THEN 'person' ELSE gone.category_by END,
        note = coalesce(e.note, gone.note), is_split = e.is_split OR gone.is_split,
        transfer_id = coalesce(e.transfer_id, gone.transfer_id),
        removed_by_bank = NULL, never_booked_at = gone.never_booked_at, updated_at = told_at
    FROM gone
    WHERE e.user_id = owner AND e.id = entry AND e.origin = 'manual';
    UPDATE entry_matches
    SET state = 'merged', by_itself = itself, edit_id = edit, decided_at = told_at
    WHERE user_id = owner AND id = match_id;
END
$$;
