from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.paging import BadCursor, decode_cursor, encode_cursor

DAY, ID = date(2026, 11, 20), UUID("4f6c1d2e-93a5-4b7e-8d10-5a2f8c3b9e71")


@given(
    day=st.dates(),
    at=st.datetimes(timezones=st.just(UTC)),
    key=st.uuids(),
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=10),
    number=st.integers(-(2**63) + 1, 2**63 - 1),
    name=st.text(st.characters(categories=["L", "N", "Zs"], include_characters="-'"), max_size=60)
    .filter(str.isprintable),
)  # fmt: skip
def test_a_cursor_gives_back_what_went_in(
    day: date, at: datetime, key: UUID, amount: Decimal, number: int, name: str
) -> None:
    values = (day, at, key, amount, number, name)
    cursor = encode_cursor("by everything", *values)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    if len(cursor) <= 512:
        kinds = (date, datetime, UUID, Decimal, int, str)
        assert decode_cursor("by everything", cursor, *kinds) == values


def forged(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


GOOD = encode_cursor("newest", DAY, ID)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%%",
        "é",
        GOOD[:-1],
        GOOD + "=",
        GOOD + "A",
        GOOD.swapcase(),
        "A" * 600,
        "W" * 500,
        encode_cursor("oldest", DAY, ID),
        encode_cursor("newest", DAY),
        encode_cursor("newest", ID, DAY),
        forged({"newest": 1}),
        forged(None),
        forged(["newest", "2026-11-20", {}]),
        forged(["newest", "2026-11-20", "not an id"]),
        forged(["newest", "2026-99-20", str(ID)]),
        forged(["newest", 20261120, str(ID)]),
        forged(["newest", "20261120", str(ID)]),
        urlsafe_b64encode(b"[" * 300).decode(),
    ],
)
def test_a_bad_cursor_is_refused_naming_the_field(cursor: str) -> None:
    with pytest.raises(BadCursor) as refused:
        decode_cursor("newest", cursor, date, UUID, field="after")
    assert refused.value.field == "after"
    assert "after" in refused.value.message


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (datetime, "2026-11-20T10:00:00"),
        (Decimal, "NaN"),
        (Decimal, "1e5x"),
        (int, True),
        (int, 2**63),
        (int, "1"),
        (str, "a\0b"),
        (str, "a\nb"),
    ],
)
def test_values_that_no_row_could_have_are_refused(kind: type, value: object) -> None:
    with pytest.raises(BadCursor):
        decode_cursor("x", forged(["x", value]), kind)


@given(st.text(max_size=80))
def test_any_text_is_a_cursor_or_is_refused(text: str) -> None:
    try:
        found = decode_cursor("newest", text, date, UUID)
    except BadCursor:
        return
    assert encode_cursor("newest", *found) == text
