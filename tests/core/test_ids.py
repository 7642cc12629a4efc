"""Ids: new ones in order, and the same after a trip outside."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.errors import NotFound
from strongroom.core.ids import SYSTEM, new_id, parse, show


@given(st.uuids(), st.from_regex(r"[a-z]{2,4}", fullmatch=True))
def test_there_and_back(value: UUID, prefix: str) -> None:
    shown = show(prefix, value)
    assert parse(prefix, shown) == value
    assert shown.isascii() and "-" not in shown


def test_new_ids_are_version_7_and_in_order() -> None:
    made = [new_id() for _ in range(2000)]
    assert sorted(made) == made
    assert len(set(made)) == len(made)
    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert SYSTEM.int == 0


_GOOD = show("acc", UUID("01a1fde2-e3f5-74d8-8119-578701e752ea"))


@pytest.mark.parametrize(
    "text",
    ["", "acc_", "acc", _GOOD[4:], _GOOD + "0", _GOOD[:-1], _GOOD + "\n", " " + _GOOD,
     _GOOD.upper(), _GOOD.replace("acc", "trn"), "acc_" + "g" * 32, "acc_" + "١" * 32,
     "acc-" + _GOOD[4:], f"acc_{UUID(_GOOD[4:])}", "../" + _GOOD, "acc_' OR 1=1 --"],
)  # fmt: skip
def test_what_is_no_id_is_not_found(text: str) -> None:
    with pytest.raises(NotFound) as refused:
        parse("acc", text)
    assert refused.value.status == 404


@given(st.text(max_size=50))
def test_any_text_is_an_id_or_not_found(text: str) -> None:
    with suppress(NotFound):
        assert show("acc", parse("acc", text)) == text
