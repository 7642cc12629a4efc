"""A chain holds as it was recorded, and any altered, removed or reordered row is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.audit import rules
from strongroom.audit.types import Entry, Verified

KEY = bytes(range(32))
OWNER = UUID(int=7)
texts = st.text(max_size=20)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), texts)
entries = st.builds(
    Entry,
    user_id=st.just(OWNER),
    seq=st.just(0),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=texts,
    action=texts,
    resource_type=st.none() | texts,
    resource_id=st.none() | texts,
    details=st.dictionaries(texts, scalars | st.lists(scalars, max_size=3), max_size=3),
    ip_address=st.none() | st.ip_addresses().map(str),
    user_agent=st.none() | texts,
    prev_hash=st.just(b""),
    hash=st.just(b""),
)
chains = st.lists(entries, min_size=1, max_size=8).map(lambda rows: chained(rows))


def chained(rows: list[Entry]) -> list[Entry]:
    made: list[Entry] = []
    before = rules.GENESIS
    for seq, row in enumerate(rows, start=1):
        linked = replace(row, seq=seq, prev_hash=before)
        linked = replace(linked, hash=rules.link(KEY, linked))
        before = linked.hash
        made.append(linked)
    return made


def verdict(rows: list[Entry], published: dict[int, bytes] | None = None) -> Verified:
    kept = published or {}
    found = rules.check(KEY, rows, so_far=rules.start(OWNER), published=kept)
    return rules.finish(found, kept)


@given(chain=chains)
def test_a_chain_holds_as_recorded(chain: list[Entry]) -> None:
    found = verdict(chain, {row.seq: row.hash for row in chain})
    assert found.holds
    assert (found.count, found.head) == (len(chain), chain[-1].hash)


changes = st.sampled_from(
    [
        lambda row: replace(row, at=row.at + timedelta(microseconds=1)),
        lambda row: replace(row, actor=row.actor + "x"),
        lambda row: replace(row, action=row.action + "x"),
        lambda row: replace(row, resource_type="x" if row.resource_type is None else None),
        lambda row: replace(row, resource_id="x" if row.resource_id is None else None),
        lambda row: replace(row, details={**row.details, "added": True}),
        lambda row: replace(row, ip_address="9.9.9.9" if row.ip_address is None else None),
        lambda row: replace(row, user_agent="x" if row.user_agent is None else None),
        lambda row: replace(row, user_id=UUID(int=row.user_id.int + 1)),
        lambda row: replace(row, hash=bytes([row.hash[0] ^ 1]) + row.hash[1:]),
        lambda row: replace(row, prev_hash=bytes([row.prev_hash[0] ^ 1]) + row.prev_hash[1:]),
    ]
)


@given(chain=chains, change=changes, data=st.data())
def test_an_altered_row_is_found(chain: list[Entry], change: object, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    altered = [*chain[:at], change(chain[at]), *chain[at + 1 :]]  # type: ignore[operator]
    assert verdict(altered).broken_at == at + 1


@given(chain=chains, data=st.data())
def test_a_removed_row_is_found(chain: list[Entry], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(chain) - 1))
    published = {chain[-1].seq: chain[-1].hash}
    found = verdict(chain[:at] + chain[at + 1 :], published)
    assert found.broken_at == at + 1
    assert found.fault == ("cut off" if at == len(chain) - 1 else "missing")
    if at < len(chain) - 1:
        # Renumbering the rest does not hide it.
        rest = [replace(row, seq=row.seq - 1) for row in chain[at + 1 :]]
        assert verdict(chain[:at] + rest).broken_at == at + 1


@given(chain=chains.filter(lambda chain: len(chain) > 1), data=st.data())
def test_reordered_rows_are_found(chain: list[Entry], data: st.DataObject) -> None:
    one, other = data.draw(
        st.lists(st.integers(0, len(chain) - 1), min_size=2, max_size=2, unique=True).map(sorted)
    )
    swapped = list(chain)
    swapped[one] = replace(chain[other], seq=one + 1)
    swapped[other] = replace(chain[one], seq=other + 1)
    assert verdict(swapped).broken_at == one + 1


@given(chain=chains)
def test_a_chain_written_anew_differs_from_its_published_head(chain: list[Entry]) -> None:
    published = {chain[-1].seq: chain[-1].hash}
    anew = chained([replace(row, action=row.action + "!") for row in chain])
    assert verdict(anew).holds
    assert verdict(anew, published).broken_at == len(chain)


def test_another_key_makes_no_chain_that_holds() -> None:
    row = Entry(
        OWNER, 1, datetime(2026, 1, 2, tzinfo=UTC), "person", "a.b", None, None, {}, None, None,
        rules.GENESIS, b"",
    )  # fmt: skip
    forged = replace(row, hash=rules.link(bytes(32), row))
    assert verdict([forged]).fault == "altered"


def test_the_hash_does_not_depend_on_how_the_instant_is_written() -> None:
    oslo = timezone(timedelta(hours=1))
    row = Entry(
        OWNER, 1, datetime(2026, 1, 2, 3, tzinfo=UTC), "person", "a.b", None, None,
        {"b": 1, "a": 2}, None, None, rules.GENESIS, b"",
    )  # fmt: skip
    same = replace(row, at=row.at.astimezone(oslo), details={"a": 2, "b": 1})
    assert rules.canonical(row) == rules.canonical(same)


@pytest.mark.parametrize("value", [1.5, b"bytes", {"nested": 1}, object()])
def test_a_detail_that_would_not_read_back_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        rules.clean_details({"detail": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("given_address", "kept"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::FFFF:10.0.0.1", "10.0.0.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("testclient", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_has_one_form(given_address: str | None, kept: str | None) -> None:
    assert rules.clean_address(given_address) == kept
