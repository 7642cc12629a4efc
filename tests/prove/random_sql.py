"""Makes up SQL from a seed, over every table and view there is, partitions included.

Knows nothing of who may see what: that is for the proof to judge.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

# The narrow functions answer questions that must precede a tenant; these columns are looked up
# by them, and their being unique is known to everybody: a taken e-mail address cannot be taken.
_UNIQUE_ACROSS_PEOPLE = {("users", "email")}


@dataclass(frozen=True)
class Table:
    """A table or view and its columns, each with its type."""

    name: str
    columns: dict[str, str]
    kind: str


@dataclass(frozen=True)
class Statement:
    """One made-up statement. ``writes``: it may change rows."""

    text: str
    writes: bool


def tables(db: psycopg.Connection) -> list[Table]:
    """Every table, partition and view of the schema."""
    rows = db.execute(
        """
        SELECT c.relname, c.relkind::text, a.attname, format_type(a.atttypid, NULL)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'strongroom'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
          AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        ORDER BY c.relname, a.attnum
        """
    ).fetchall()
    found: dict[str, Table] = {}
    for name, kind, column, kind_of in rows:
        found.setdefault(name, Table(name, {}, kind)).columns[column] = kind_of
    return list(found.values())


class Maker:
    """Makes statements. ``values`` are literals worth asking for, by type: ids, days, texts."""

    def __init__(self, known: Sequence[Table], values: dict[str, list[str]]) -> None:
        self._known = known
        self._values = values
        self._rng = random.Random()

    def statement(self, seed: int) -> Statement:
        """The statement of a seed."""
        self._rng = random.Random(f"sql {seed}")
        kinds = (
            (self._select, 4), (self._aggregate, 3), (self._join, 4), (self._exists, 2),
            (self._grouped, 2), (self._union, 1), (self._catalogue, 1), (self._update, 4),
            (self._delete, 2), (self._insert, 4), (self._copy_rows, 2), (self._forbidden, 1),
        )  # fmt: skip
        make = self._rng.choices([one for one, _ in kinds], [weight for _, weight in kinds])[0]
        return make()

    def _table(self) -> Table:
        return self._rng.choice(self._known)

    def _some(self, table: Table, most: int = 4) -> list[str]:
        names = list(table.columns)
        return self._rng.sample(names, self._rng.randint(1, min(most, len(names))))

    def _value(self, kind: str) -> str:
        pool = self._values.get(kind)
        if kind.endswith("[]") or not pool:
            return "NULL"
        return f"{_quote(self._rng.choice(pool))}::{kind}"

    def _where(self, table: Table, alias: str = "") -> str:
        if self._rng.random() < 0.3:
            return ""
        column = self._rng.choice(list(table.columns))
        name, kind = f"{alias}{column}", table.columns[column]
        ways = [f"{name} IS NOT NULL", f"{name}::text <> ''", "true"]
        if self._values.get(kind):
            value = self._value(kind)
            ways += [f"{name} = {value}", f"{name} <> {value}", f"{name} IN ({value}, {value})"]
            if kind not in ("json", "jsonb"):
                ways += [f"{name} >= {value}", f"{name} < {value}"]
        if kind == "json":
            ways = [f"{name}::text <> ''"]
        return " WHERE " + self._rng.choice(ways)

    def _select(self) -> Statement:
        table = self._table()
        shown = ", ".join(f"{name}::text" for name in self._some(table))
        distinct = self._rng.choice(("", "", "DISTINCT "))
        return Statement(f"SELECT {distinct}{shown} FROM {table.name}{self._where(table)}", False)

    def _aggregate(self) -> Statement:
        table = self._table()
        column = self._rng.choice(list(table.columns))
        what = self._rng.choice(
            ("count(*)", f"min({column}::text)", f"max({column}::text)",
             f"count(DISTINCT {column}::text)",
             f"md5(string_agg({column}::text, ',' ORDER BY {column}::text))")
        )  # fmt: skip
        return Statement(f"SELECT {what} FROM {table.name}{self._where(table)}", False)

    def _grouped(self) -> Statement:
        table = self._table()
        column = self._rng.choice(list(table.columns))
        having = self._rng.choice(("", " HAVING count(*) > 1"))
        return Statement(
            f"SELECT {column}::text, count(*) FROM {table.name}{self._where(table)}"
            f" GROUP BY {column}::text{having}", False,
        )  # fmt: skip

    def _join(self) -> Statement:
        one, two = self._table(), self._table()
        pairs = [
            (a, b) for a, kind in one.columns.items() for b, other in two.columns.items()
            if kind == other and kind != "json"
        ]  # fmt: skip
        if not pairs:
            return self._select()
        a, b = self._rng.choice(pairs)
        how = self._rng.choice(("JOIN", "LEFT JOIN", "FULL JOIN"))
        if how == "FULL JOIN" and one.columns[a] == "jsonb":
            how = "JOIN"
        shown = f"x.{self._rng.choice(list(one.columns))}::text"
        shown += f", y.{self._rng.choice(list(two.columns))}::text"
        return Statement(
            f"SELECT {shown} FROM {one.name} x {how} {two.name} y ON x.{a} = y.{b}"
            f"{self._where(one, 'x.')} LIMIT 100000", False,
        )  # fmt: skip

    def _exists(self) -> Statement:
        one, two = self._table(), self._table()
        way = self._rng.choice(("EXISTS", "NOT EXISTS"))
        return Statement(
            f"SELECT count(*) FROM {one.name} x WHERE {way}"
            f" (SELECT 1 FROM {two.name} y{self._where(two, 'y.')})", False,
        )  # fmt: skip

    def _union(self) -> Statement:
        one, two = self._table(), self._table()
        a, b = self._rng.choice(list(one.columns)), self._rng.choice(list(two.columns))
        way = self._rng.choice(("UNION ALL", "INTERSECT", "EXCEPT"))
        return Statement(
            f"SELECT {a}::text FROM {one.name} {way} SELECT {b}::text FROM {two.name}", False
        )

    def _catalogue(self) -> Statement:
        table = self._table()
        return Statement(
            self._rng.choice(
                (
                    "SELECT tablename, attname, most_common_vals::text, histogram_bounds::text"
                    f" FROM pg_stats WHERE tablename = '{table.name}'",
                    f"SELECT * FROM pg_statistic WHERE starelid = '{table.name}'::regclass",
                    f"TABLE {table.name}" if "json" not in table.columns.values()
                    else f"SELECT count(*) FROM {table.name}",
                    f"SELECT query_to_xml('SELECT * FROM {table.name}', true, false, '')::text",
                )
            ),
            False,
        )  # fmt: skip

    def _update(self) -> Statement:
        table = self._table()
        names = [one for one in table.columns if (table.name, one) not in _UNIQUE_ACROSS_PEOPLE]
        column = self._rng.choice(names)
        value = self._rng.choice((self._value(table.columns[column]), column))
        extra = ""
        if self._rng.random() < 0.3:
            extra = f" RETURNING {self._rng.choice(names)}::text"
        return Statement(
            f"UPDATE {table.name} SET {column} = {value}{self._where(table)}{extra}", True
        )

    def _delete(self) -> Statement:
        table = self._table()
        if self._rng.random() < 0.3:
            other = self._table()
            return Statement(f"DELETE FROM {table.name} x USING {other.name} y"
                             f"{self._where(other, 'y.')}", True)  # fmt: skip
        return Statement(f"DELETE FROM {table.name}{self._where(table)}", True)

    def _insert(self) -> Statement:
        table = self._table()
        names = [one for one in table.columns if (table.name, one) not in _UNIQUE_ACROSS_PEOPLE]
        values = ", ".join(self._value(table.columns[name]) for name in names)
        then = self._rng.choice(("", " ON CONFLICT DO NOTHING"))
        return Statement(
            f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values}){then}", True
        )

    def _copy_rows(self) -> Statement:
        """Insert a table's own rows again as somebody's, perhaps somebody else's."""
        table = self._table()
        owner = next((one for one in ("user_id", "id") if one in table.columns), None)
        if owner is None:
            return self._insert()
        names = list(table.columns)
        taken = [self._value("uuid") if one == owner else one for one in names]
        if "id" in names and owner != "id":
            taken[names.index("id")] = "gen_random_uuid()"
        return Statement(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(taken)}"
            f" FROM {table.name} ON CONFLICT DO NOTHING", True,
        )  # fmt: skip

    def _forbidden(self) -> Statement:
        table = self._table()
        return Statement(
            self._rng.choice(
                (
                    f"TRUNCATE {table.name}",
                    f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY",
                    f"ALTER TABLE {table.name} NO FORCE ROW LEVEL SECURITY",
                    f"DROP POLICY tenant ON {table.name}",
                    f"CREATE POLICY mine ON {table.name} USING (true)",
                    "SET ROLE strongroom_system",
                    "SET ROLE strongroom_owner",
                    "SET SESSION AUTHORIZATION strongroom_system",
                    "ALTER ROLE strongroom_app BYPASSRLS",
                    "ALTER ROLE strongroom_app SUPERUSER",
                    f"CREATE TRIGGER t AFTER INSERT ON {table.name} EXECUTE FUNCTION forget_once()",
                    "CREATE TABLE strongroom.mine (a int)",
                    f"COPY {table.name} TO PROGRAM 'cat'",
                )
            ),
            True,
        )


def _quote(text: str) -> str:
    return sql.quote(text)
