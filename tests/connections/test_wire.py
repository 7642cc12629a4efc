"""Plaid's JSON read exactly: every digit, every row in its own words, and nonsense refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.connections import wire
from strongroom.connections.errors import BankAnswerMakesNoSense
from strongroom.connections.types import Unreadable
from strongroom.connections.words import in_words
from strongroom.core.money import NO_CURRENCY

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ROW: dict[str, Any] = {
    "transaction_id": "t1",
    "account_id": "a1",
    "pending_transaction_id": None,
    "pending": False,
    "amount": 10,
    "iso_currency_code": "NOK",
    "unofficial_currency_code": None,
    "date": "2026-11-20",
    "authorized_date": "2026-11-19",
    "name": "KIWI 123",
    "merchant_name": "Kiwi",
    "personal_finance_category": {"primary": "FOOD_AND_DRINK", "detailed": "FOOD_AND_DRINK_COFFEE"},
    "payment_channel": "in store",
}
ACCOUNT: dict[str, Any] = {
    "account_id": "a1",
    "balances": {
        "available": 100.5, "current": 110, "limit": None, "iso_currency_code": "NOK",
        "unofficial_currency_code": None, "last_updated_datetime": "2026-11-21T08:00:00Z",
    },
    "mask": "0001",
    "name": "Everyday",
    "official_name": None,
    "persistent_account_id": "p1",
    "subtype": "checking",
    "type": "depository",
}  # fmt: skip
NAMES = ("transaction_id", "account_id", "pending", "amount", "date")


def answer(*rows: str, **more: Any) -> str:
    """An answer of /transactions/sync with these rows as text."""
    facts = {"modified": [], "removed": [], "next_cursor": "c", "has_more": False, **more}
    return '{"added": [' + ", ".join(rows) + "], " + json.dumps(facts)[1:]


def text_of(**changes: Any) -> str:
    return json.dumps({**ROW, **changes})


def with_amount(number: str) -> str:
    return text_of(amount="HERE").replace('"HERE"', number)


def read_amount(number: str) -> Decimal:
    (row,) = wire.change_page(answer(with_amount(number)), NOW).page.added
    return row.amount


@pytest.mark.parametrize(
    "number",
    ["10.10", "0.1", "0.2", "0.3", "-0.01", "1.10000", "0", "-0.0", "123456789012345678.1234567891",
     "1e3", "1E-10", "99999999999999.99", "8.05"],
)  # fmt: skip
def test_amounts_keep_every_digit(number: str) -> None:
    assert read_amount(number) == Decimal(number)
    assert str(read_amount(number)) == str(Decimal(number))


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("4.029999999999999", "4.03"),
        ("0.30000000000000004", "0.3"),
        ("-1245.6700000000001", "-1245.67"),
        ("0.00000000005", "0"),
        ("0.00000000015", "0.0000000002"),
        ("123456789012345678.12345678915", "123456789012345678.1234567892"),
        ("1e-300", "0"),
    ],
)
def test_what_is_finer_than_ten_decimals_is_rounded(number: str, read: str) -> None:
    assert read_amount(number) == Decimal(read)
    (row,) = wire.change_page(answer(with_amount(number)), NOW).page.added
    assert number in row.raw


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert read_amount("0.1") + read_amount("0.2") == read_amount("0.3")


@pytest.mark.parametrize(
    "number",
    ["1e30", "-1e30", "1e999999999999999999999", "NaN", "Infinity", "-Infinity",
     "null", '"10.10"', "true", "[]", "{}", "1" + "0" * 5000],
)  # fmt: skip
def test_amounts_that_no_account_holds_are_told_apart(number: str) -> None:
    good = text_of(transaction_id="good")
    found = wire.change_page(answer(with_amount(number), good), NOW)
    assert [one.plaid_transaction_id for one in found.page.added] == ["good"]
    (bad,) = found.unreadable
    assert (bad.kind, bad.plaid_id, bad.place) == ("transaction", "t1", 0)
    assert bad.raw == with_amount(number)
    assert 10 < len(str(bad.reason)) < 200
    assert wire.transaction_again(bad.raw) is None


def test_each_row_keeps_its_own_words() -> None:
    texts = [
        with_amount("10.10"),
        '{ "transaction_id":"t2","account_id" : "a1",\n "pending":true, "amount":1.50,'
        ' "date":"2026-01-02", "iso_currency_code":"NOK",'
        ' "name":"a \\"]} {[\\u00e5 å 🍕", "x": [1.0, {"y": 2.00}]}',
    ]
    pretty = json.dumps(json.loads(text_of(transaction_id="t3")), indent=2)
    got = wire.change_page(answer(*texts, pretty), NOW).page.added
    assert [one.raw for one in got] == [*texts, pretty]
    assert got[1].name == 'a "]} {[å å 🍕'
    assert (got[1].merchant_name, got[1].authorized_date, got[1].pfc_detailed) == (None, None, None)
    assert (got[1].currency, got[1].pending) == ("NOK", True)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    extra=st.dictionaries(st.text(max_size=5), _JSON, max_size=4),
    indent=st.none() | st.integers(0, 4),
    ascii_only=st.booleans(),
    names=st.lists(st.text(), min_size=1, max_size=4),
)
def test_any_writing_of_an_answer_is_read(
    extra: dict[str, Any], indent: int | None, ascii_only: bool, names: list[str]
) -> None:
    rows = [{**ROW, "name": name, "extra": extra} for name in names]
    whole = {"zeta": extra, "added": rows[:-1], "modified": rows[-1:], "removed": [{
        "transaction_id": "gone"}], "has_more": True, "next_cursor": "c2"}  # fmt: skip
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii_only)
    found = wire.change_page(text, NOW)
    got = [*found.page.added, *found.page.modified]
    assert [json.loads(one.raw) for one in got] == rows
    assert all(one.raw in text for one in got)
    assert list(found.page.removed) == ["gone"]
    assert (found.next_cursor, found.has_more) == ("c2", True)
    for one, name in zip(got, names, strict=True):
        shown = one.name.encode().decode()  # what can be stored
        assert shown == (name or "Kiwi").replace("\x00", "\ufffd")


def test_characters_that_cannot_be_stored_are_marked() -> None:
    row = text_of(name="A\x00B\ud800C", merchant_name="\udfff")
    (got,) = wire.change_page(answer(row), NOW).page.added
    assert (got.name, got.merchant_name) == ("A\ufffdB\ufffdC", "\ufffd")
    assert got.raw == row  # escaped, it can be kept as it was sent


def test_a_row_in_full() -> None:
    (row,) = wire.change_page(
        answer(text_of(amount=-5, pending_transaction_id="p0")), NOW
    ).page.added
    assert (row.plaid_transaction_id, row.plaid_account_id) == ("t1", "a1")
    assert (row.pending_transaction_id, row.pending) == ("p0", False)
    assert (row.amount, row.currency) == (Decimal(-5), "NOK")
    assert (row.day, row.authorized_date) == (date(2026, 11, 20), date(2026, 11, 19))
    assert (row.name, row.merchant_name) == ("KIWI 123", "Kiwi")
    assert (row.pfc_primary, row.pfc_detailed) == ("FOOD_AND_DRINK", "FOOD_AND_DRINK_COFFEE")
    assert row.payment_channel == "in store"


@pytest.mark.parametrize(
    ("codes", "currency"),
    [
        ({"iso_currency_code": "nok"}, "NOK"),
        ({"iso_currency_code": None, "unofficial_currency_code": "BTC"}, "BTC"),
    ],
)
def test_currencies(codes: dict[str, Any], currency: str) -> None:
    (row,) = wire.change_page(answer(text_of(**codes)), NOW).page.added
    assert row.currency == currency


@pytest.mark.parametrize("code", [None, ""])
def test_a_row_without_a_currency_is_told_apart(code: str | None) -> None:
    assert "no currency" in str(only_bad(text_of(iso_currency_code=code)).reason)


def only_bad(*rows: str) -> Unreadable:
    found = wire.change_page(answer(*rows), NOW)
    assert found.page.added == []
    (bad,) = found.unreadable
    return bad


@pytest.mark.parametrize("name", NAMES)
def test_rows_that_lack_a_member_are_told_apart(name: str) -> None:
    row = {key: value for key, value in ROW.items() if key != name}
    assert in_words(name) in str(only_bad(json.dumps(row)).reason)


@pytest.mark.parametrize("name", ["amount", "date"])
def test_what_is_null_lacks(name: str) -> None:
    assert str(only_bad(text_of(**{name: None})).reason) == f"It lacks its {in_words(name)}."


@pytest.mark.parametrize("name", ["modified", "removed", "next_cursor", "has_more"])
def test_answers_that_lack_a_member_are_refused(name: str) -> None:
    whole = json.loads(answer(text_of()))
    del whole[name]
    with pytest.raises(BankAnswerMakesNoSense, match=name):
        wire.change_page(json.dumps(whole), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"transaction_id": None}, {"transaction_id": ""}, {"transaction_id": 7},
        {"account_id": None}, {"account_id": "a\x00"}, {"date": "yesterday"}, {"date": None},
        {"date": 20261120}, {"personal_finance_category": "FOOD"}, {"iso_currency_code": "Kr!"},
        {"authorized_date": "2026-13-01"},
    ],
)  # fmt: skip
def test_rows_with_nonsense_are_told_apart(changes: dict[str, Any]) -> None:
    bad = only_bad(text_of(**changes))
    assert json.loads(bad.raw) == ROW | changes
    assert len(str(bad.reason)) < 200
    known = changes.get("transaction_id", "t1") == "t1"
    assert (bad.plaid_id == "t1") is known
    assert known or bad.plaid_id.startswith("sha256:")


def test_a_number_that_is_none_anywhere_keeps_its_row_aside() -> None:
    row = text_of().replace('"KIWI 123"', '"Infinity is a name", "location": {"lat": NaN}')
    found = wire.change_page(answer(row, text_of(transaction_id="t2", name="NaN")), NOW)
    assert [one.name for one in found.page.added] == ["NaN"]
    assert [str(one.reason) for one in found.unreadable] == ["It holds NaN where a number belongs."]


def test_codes_that_cannot_be_codes_are_left_out() -> None:
    odd = {"payment_channel": 7, "pending_transaction_id": ["p"],
           "personal_finance_category": {"primary": "A\x00", "detailed": {}}}  # fmt: skip
    (row,) = wire.change_page(answer(text_of(**odd)), NOW).page.added
    assert (row.payment_channel, row.pending_transaction_id) == (None, None)
    assert (row.pfc_primary, row.pfc_detailed) == (None, None)


def test_a_removal_without_an_id_and_rows_that_are_none() -> None:
    text = answer(text_of(), "5", '"row"').replace('"removed": []', '"removed": [{}]')
    found = wire.change_page(text, NOW)
    assert [one.kind for one in found.unreadable] == ["transaction", "transaction", "removal"]
    assert len(found.page.added) == 1


_REST = '"modified": [], "removed": [], "next_cursor": "c", "has_more": false'


@pytest.mark.parametrize(
    "text",
    ["", " ", "null", "[]", "7", '"added"', "<html>", "{", '{"added"', '{"added":', '{"added": [',
     '{"added": [{}', f'{{"added": 5, {_REST}}}', f'{{"added": {{"x": 1}}, {_REST}}}',
     "[" * 100_000],
)  # fmt: skip
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(BankAnswerMakesNoSense):
        wire.change_page(text, NOW)
    if text not in ("", " "):
        with pytest.raises(BankAnswerMakesNoSense):
            wire.accounts(text, NOW)


@given(cut=st.integers(0, 700))
def test_an_answer_that_was_cut_short_is_refused(cut: int) -> None:
    text = answer(text_of(), text_of(transaction_id="t2"))
    if cut < len(text):
        with pytest.raises(BankAnswerMakesNoSense):
            wire.change_page(text[:cut], NOW)


def test_accounts() -> None:
    text = json.dumps({"accounts": [ACCOUNT]}).replace("100.5", "100.50")
    ((one,), _) = wire.accounts(text, NOW)
    assert (one.plaid_account_id, one.persistent_account_id) == ("a1", "p1")
    assert (one.name, one.official_name, one.mask) == ("Everyday", None, "0001")
    assert (one.type, one.subtype, one.currency) == ("depository", "checking", "NOK")
    assert (one.current, str(one.available), one.credit_limit) == (Decimal(110), "100.50", None)
    assert (one.reported_at, one.told_at) == (NOW, datetime(2026, 11, 21, 8, tzinfo=UTC))
    bare = {"account_id": "a2", "name": "B", "type": "other", "balances": {}}
    ((one,), _) = wire.accounts(json.dumps({"accounts": [bare]}), NOW)
    assert (one.current, one.currency, one.reported_at) == (None, NO_CURRENCY, NOW)


@pytest.mark.parametrize("name", ["account_id", "name", "type", "balances"])
def test_accounts_that_lack_a_member_are_told_apart(name: str) -> None:
    lacking = {key: value for key, value in ACCOUNT.items() if key != name}
    good = ACCOUNT | {"account_id": "a2"}
    found, (bad,) = wire.accounts(json.dumps({"accounts": [lacking, good]}), NOW)
    assert [one.plaid_account_id for one in found] == ["a2"]
    assert (bad.kind, in_words(name) in str(bad.reason)) == ("account", True)
    with pytest.raises(BankAnswerMakesNoSense, match="accounts"):
        wire.accounts("{}", NOW)


@pytest.mark.parametrize("number", ["1e30", "NaN", "-Infinity", '"much"'])
def test_an_account_with_a_figure_that_is_none_is_read_without_it(number: str) -> None:
    text = json.dumps({"accounts": [ACCOUNT]}).replace("110", number)
    (one,), (bad,) = wire.accounts(text, NOW)
    assert (one.plaid_account_id, one.currency) == ("a1", "NOK")
    assert (one.current, one.available, one.credit_limit) == (None, None, None)
    assert (bad.kind, bad.plaid_id) == ("balance", "a1")
    assert number in bad.raw


def test_nonsense_about_items_banks_and_sessions_is_refused() -> None:
    with pytest.raises(BankAnswerMakesNoSense):
        wire.item({"item": {"consent_expiration_time": "soon"}})
    with pytest.raises(BankAnswerMakesNoSense):
        wire.item({"item": [1]})
    with pytest.raises(BankAnswerMakesNoSense, match="name"):
        wire.institution({"institution_id": "ins_1"})
    with pytest.raises(BankAnswerMakesNoSense):
        wire.link_outcomes({"link_sessions": ["x"]})
    for odd in ({"x": 1}, "NO\0", "\ud800"):
        assert wire.item({"item": {"error": {"error_code": odd}}}).error_code is None
        left = {"exit": {"error": {"error_code": odd, "error_type": odd}}}
        (one,) = wire.link_outcomes({"link_sessions": [left]})
        assert (one.error_code, one.error_type) == (None, None)
    nothing = wire.item({})
    assert (nothing.institution_id, nothing.error_code) == (None, None)
    assert wire.link_outcomes({}) == []
