"""Walks every address as one person with another's ids: each must answer that there is nothing.

What a person's own lists and pages show is searched for anything of the other's. An answer to
another's id must not differ from the answer to an id that nobody has.
"""

from __future__ import annotations

import re
from collections.abc import Set
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import httpx
import psycopg

from strongroom.core.ids import new_id
from tests.prove import addresses
from tests.prove.addresses import TABLE_OF_PREFIX, Address, place_of
from tests.prove.bodies import BODIES, GO_BACK, QUERIES, REFERENCES, filled
from tests.prove.house import House, PersonAtHome

Ids = dict[str, str]
_FOUND_NOTHING, _GOES_BACK = 404, 303
_UNREADABLE = 422
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


def differences(home: House, mine: PersonAtHome, other: PersonAtHome) -> list[str]:
    """Everything that ``mine`` can learn or change of ``other``, in words. Empty: nothing."""
    with home.base.admin() as db:
        marks = _all_ids(db, other) - _all_ids(db, mine)
        walk = _Walk(mine, newest_ids(db, mine), newest_ids(db, other), marks)
        before = _state(db, other)
    known = addresses.every()
    found = [f"the walk does not know what to send to {one}" for one in known if _unknown(one)]
    for one in known:
        if one.ids and not _unknown(one):
            found += walk.with_their_ids(one)
        elif one.method == "GET" and not one.ids:
            found += walk.own_list(one)
    for address, sent, due in REFERENCES:
        found += walk.by_reference(address, sent, due)
    home.until_quiet()
    with home.base.admin() as db:
        after = _state(db, other)
    found += [f"changed {table}" for table, was in before.items() if after[table] != was]
    return found + _can_fail(other, known, walk.theirs)


def _unknown(one: Address) -> bool:
    if not one.ids:
        return False
    return "" in one.ids.values() or (one.has_body and str(one) not in BODIES)


class _Walk:
    """One person who asks, the ids they ask with, and ``marks``: ids that only the other has."""

    def __init__(self, person: PersonAtHome, mine: Ids, theirs: Ids, marks: set[str]) -> None:
        self._person = person
        self._mine = mine
        self.theirs = theirs
        self._nobodys = {prefix: f"{prefix}_{new_id().hex}" for prefix in theirs}
        self._marks = marks

    def own_list(self, one: Address) -> list[str]:
        """Look at what is the person's own."""
        answer = self._person.http.get(one.filled({}), params=QUERIES.get(str(one)))
        found = self._shown(f"{one}", answer)
        if answer.is_client_error:
            found.append(f"{one} shows nothing: {answer.status_code} {answer.text[:120]!r}")
        return found

    def with_their_ids(self, one: Address) -> list[str]:
        """Ask for the other's by the path."""
        bodies = BODIES.get(str(one))
        due = _GOES_BACK if str(one) in GO_BACK else _FOUND_NOTHING
        found = []
        for body in bodies if isinstance(bodies, list) else [bodies]:
            sent: dict[str, Any] = {} if body is None else {"data" if one.page else "json": body}
            answers = [
                self._ask(one.method, one.filled(ids), sent, ids)
                for ids in (self.theirs, self._nobodys)
            ]
            found += self._judged(f"{one} with another's id", answers, due)
        return found

    def by_reference(self, address: str, sent: dict[str, Any], due: int | None) -> list[str]:
        """Ask with the other's ids in a body, a form or a query."""
        method, _, path = address.partition(" ")
        answers = [
            self._ask(method, filled(path, self._mine, ids), sent, ids)
            for ids in (self.theirs, self._nobodys)
        ]
        return self._judged(f"{address} {sent}", answers, due)

    def _ask(self, method: str, path: str, sent: dict[str, Any], ids: Ids) -> httpx.Response:
        # What the page before said would be said on this one.
        with suppress(KeyError):
            self._person.http.cookies.delete("toast")
        return self._person.http.request(method, path, **filled(sent, self._mine, ids))

    def _judged(self, what: str, answers: list[httpx.Response], due: int | None) -> list[str]:
        theirs, nobodys = answers
        found = self._shown(what, theirs, echoed=set(self.theirs.values()))
        if due is not None and theirs.status_code != due:
            found.append(f"{what}: {theirs.status_code} {theirs.text[:120]!r}")
        if due == _UNREADABLE and "There is no such" not in theirs.text:
            found.append(f"{what} is refused for another reason: {theirs.text[:2000]!r}")
        if _told(theirs) != _told(nobodys):
            found.append(f"{what} differs from an id that nobody has: {_first_difference(answers)}")
        return found

    def _shown(
        self, what: str, answer: httpx.Response, echoed: Set[str] = frozenset()
    ) -> list[str]:
        """What of the other's an answer shows; the id that was asked for may be said back."""
        if answer.status_code >= 500:
            return [f"{what}: {answer.status_code} {answer.text[:200]!r}"]
        said = {one.rpartition("_")[2] for one in echoed}
        text = answer.text + unquote(unquote(str(answer.headers)))
        seen = {one.replace("-", "") for one in _ID.findall(text)} & self._marks - said
        found = [f"{what} shows {len(seen)} ids of another's"] if seen else []
        if "bob canary" in text or "bob-canary" in text:
            found.append(f"{what} shows another's text")
        return found


def _told(answer: httpx.Response) -> tuple[int, str, str, str]:
    """What an answer tells apart from the ids in it."""
    toast = unquote(unquote(answer.headers.get("set-cookie", "")))
    parts = (answer.text, answer.headers.get("location", ""), toast)
    return answer.status_code, *(_ID.sub("id", part) for part in parts)  # type: ignore[return-value]


def _first_difference(answers: list[httpx.Response]) -> str:
    for told in zip(*(_told(answer) for answer in answers), strict=True):
        one, other = map(str, told)
        if one != other:
            letters = enumerate(zip(one, other, strict=False))
            at = next((number for number, (a, b) in letters if a != b), 0)
            about = slice(max(0, at - 60), at + 60)
            return f"{one[about]!r}, {other[about]!r}"
    return "nothing"


def _can_fail(other: PersonAtHome, known: list[Address], theirs: Ids) -> list[str]:
    """The same ids must open for their owner, or the walk would have shown nothing."""
    found = []
    for one in known:
        if one.method == "GET" and one.ids and not _unknown(one):
            answer = other.http.get(one.filled(theirs))
            if not answer.is_success:
                found.append(f"{one} is closed to its owner too: {answer.status_code}")
    return found


def newest_ids(db: psycopg.Connection, person: PersonAtHome) -> Ids:
    """One id of each kind that a person has: the newest of those that tell their time."""
    found = {}
    for prefix in TABLE_OF_PREFIX:
        table, column = place_of(prefix)
        row = db.execute(
            f"SELECT {column} FROM {table} WHERE user_id = %s AND {column} IS NOT NULL"
            f" ORDER BY substr({column}::text, 15, 1) = '7' DESC, {column} DESC LIMIT 1",
            (person.id,),
        ).fetchone()
        assert row is not None, f"the person has no {table}"
        found[prefix] = f"{prefix}_{row[0].hex}"
    return found


def _all_ids(db: psycopg.Connection, person: PersonAtHome) -> set[str]:
    ids = {person.id.hex}
    for prefix in TABLE_OF_PREFIX:
        table, column = place_of(prefix)
        rows = db.execute(
            f"SELECT {column} FROM {table} WHERE user_id = %s AND {column} IS NOT NULL",
            (person.id,),
        ).fetchall()
        ids |= {row[0].hex for row in rows}
    return ids


def owned(db: psycopg.Connection) -> list[tuple[str, str]]:
    """Every table that holds people's rows, and the column that says whose."""
    rows = db.execute(
        """
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'strongroom'::regnamespace AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition
          AND (a.attname = 'user_id' OR (c.relname = 'users' AND a.attname = 'id'))
        ORDER BY 1
        """
    ).fetchall()
    return [(name, column) for name, column in rows]


def _state(db: psycopg.Connection, person: PersonAtHome) -> dict[str, Any]:
    found = {}
    for table, column in owned(db):
        row = db.execute(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
            f" WHERE {column} = %s",
            (person.id,),
        ).fetchone()
        found[table] = row
    return found
