"""What of a bank's answers cannot be taken: it neither holds the rest up nor vanishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from strongroom import accounts, connections, transactions, ui
from strongroom.connections import FeedError, SetAside, SetAsideNotFound
from strongroom.core.ids import new_id
from tests import book as made
from tests.connections.conftest import Kari
from tests.connections.test_syncing import answers_with, saying
from tests.serving import serving

_ACCOUNT: dict[str, Any] = {
    "account_id": "a1", "name": "Everyday", "type": "depository", "subtype": "checking",
    "mask": "0001", "balances": {"current": 10.5, "iso_currency_code": "NOK"},
}  # fmt: skip
_ROW: dict[str, Any] = {
    "transaction_id": "good", "account_id": "a1", "pending": False, "amount": 1,
    "date": "2026-11-01", "name": "GOOD", "iso_currency_code": "NOK",
}  # fmt: skip


def account(**changes: Any) -> bytes:
    return json.dumps(_ACCOUNT | changes).encode()


def row(**changes: Any) -> bytes:
    return json.dumps(_ROW | changes).encode()


def aside(kari: Kari) -> list[SetAside]:
    found: list[SetAside] = list(kari.ask(connections.set_aside, limit=500).items)
    return found


def names(kari: Kari) -> set[str]:
    return {one.description for one in made.book(kari.world, kari.owner)}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(transaction_id="bad", amount=1).replace(b'"amount": 1', b'"amount": 1e30'), "18"),
        (row(transaction_id="bad").replace(b'"amount": 1', b'"amount": NaN'), "NaN"),
        (row(transaction_id="bad").replace(b'"amount": 1', b'"amount": -Infinity'), "Infinity"),
        (row(transaction_id="bad", date="2026-02-30"), "2026-02-30"),
        (row(transaction_id=None), "identifier"),
        (row(transaction_id="bad", account_id="stranger"), "does not list its account"),
        (b"[]", "not as Plaid writes it"),
    ],
)
def test_a_bad_row_is_kept_aside_and_the_rest_goes_in(
    kari: Kari, make_kari: Callable[..., Kari], bad: bytes, reason: str
) -> None:
    item = kari.link()
    answers = answers_with(row(), bad, row(transaction_id="last", name="LAST"), accounts=account())
    with saying(kari, make_kari, answers) as there:
        refresh = there.sync(item.id)
    assert (refresh.status, refresh.added, refresh.error_code) == ("partial_success", 2, None)
    assert names(kari) == {"GOOD", "LAST"}
    assert kari.cursor(item.id) == "c"
    (kept,) = aside(kari)
    assert (kept.kind, kept.raw) == ("transaction", bad.decode())
    assert reason in kept.reason
    # The same again is the same row; what the bank then tells well is taken, and shown no more.
    with saying(kari, make_kari, answers) as there:
        assert there.sync(item.id).status == "partial_success"
    assert [one.id for one in aside(kari)] == [kept.id]
    well = row(transaction_id="bad", name="NOW GOOD")
    with saying(kari, make_kari, answers_with(well, accounts=account())) as there:
        assert there.sync(item.id).status == "success"
    assert names(kari) == {"GOOD", "LAST", "NOW GOOD"}
    assert [one.plaid_id for one in aside(kari)] == (
        [] if kept.plaid_id == "bad" else [kept.plaid_id]
    )


def test_a_row_waits_for_its_account(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.link()
    with saying(kari, make_kari, answers_with(row())) as there:
        assert there.sync(item.id).status == "partial_success"
    assert names(kari) == set()
    with saying(kari, make_kari, answers_with(accounts=account())) as there:
        assert there.sync(item.id).status == "success"
    assert names(kari) == {"GOOD"}
    assert aside(kari) == []


def test_a_person_lets_a_row_be(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.link()
    bad = row(transaction_id="bad", date="never")
    with saying(kari, make_kari, answers_with(bad, accounts=account())) as there:
        there.sync(item.id)
        (kept,) = aside(kari)
        kari.ask(connections.dismiss, row_id=kept.id, now=kari.clock())
        assert aside(kari) == []
        there.sync(item.id)
        assert aside(kari) == []
    worse = row(transaction_id="bad", date="2026-13-13")
    with saying(kari, make_kari, answers_with(worse, accounts=account())) as there:
        there.sync(item.id)
    assert [one.id for one in aside(kari)] == [kept.id]
    with pytest.raises(SetAsideNotFound):
        kari.ask(connections.dismiss, row_id=new_id(), now=kari.clock())
    other = make_kari()
    with pytest.raises(SetAsideNotFound):
        other.ask(connections.dismiss, row_id=kept.id, now=kari.clock())


@pytest.mark.parametrize(
    ("changed", "kind", "reason"),
    [
        (account(balances={"current": 99, "iso_currency_code": "EUR"}), "account", "EUR"),
        (account(type="credit", subtype="credit card"), "account", "a debt"),
        (account().replace(b"10.5", b"1e30"), "balance", "18 digits"),
        (account(name=7).replace(b'"name": 7, ', b""), "account", "its name"),
    ],
)
def test_an_account_that_makes_no_sense_keeps_its_last_state(
    kari: Kari, make_kari: Callable[..., Kari], changed: bytes, kind: str, reason: str
) -> None:
    item = kari.link()
    with saying(kari, make_kari, answers_with(row(), accounts=account())) as there:
        there.sync(item.id)
    (before,) = kari.ask(accounts.list_all)
    more = row(transaction_id="more", name="MORE")
    with saying(kari, make_kari, answers_with(more, accounts=changed)) as there:
        assert there.sync(item.id).status == "partial_success"
    (after,) = kari.ask(accounts.list_all)
    assert (after.balance, after.currency, after.type) == (before.balance, "NOK", "depository")
    assert after.unreported_since is None
    kept = [one for one in aside(kari) if one.kind == kind]
    assert len(kept) == 1 and reason in kept[0].reason
    with saying(kari, make_kari, answers_with(accounts=account())) as there:
        assert there.sync(item.id).status == "success"
    assert (aside(kari), names(kari)) == ([], {"GOOD", "MORE"})


def test_a_type_of_the_same_side_is_taken_over(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.link()
    for told in (account(), account(type="investment", subtype="brokerage")):
        with saying(kari, make_kari, answers_with(accounts=told)) as there:
            assert there.sync(item.id).status == "success"
    (one,) = kari.ask(accounts.list_all)
    assert (one.type, one.category.value) == ("investment", "investments")


def test_an_account_that_the_bank_lists_no_more_is_said_so(
    kari: Kari, make_kari: Callable[..., Kari]
) -> None:
    item = kari.link()
    with saying(kari, make_kari, answers_with(row(), accounts=account())) as there:
        there.sync(item.id)
    with saying(
        kari, make_kari, answers_with(accounts=account(account_id="a2", mask="2"))
    ) as there:
        there.sync(item.id)
    gone, new = kari.ask(accounts.list_all)
    assert gone.unreported_since is not None and new.unreported_since is None
    assert names(kari) == {"GOOD"}
    with saying(kari, make_kari, answers_with(accounts=account())) as there:
        there.sync(item.id)
    back, _ = kari.ask(accounts.list_all)
    assert back.unreported_since is None


# --- all of it again


def test_all_of_it_again_changes_nothing(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)

    def stored() -> list[Any]:
        return [
            made.values(kari.world, f"SELECT * FROM {table} WHERE user_id = %s ORDER BY 2, 3",
                        kari.owner)
            for table in ("transactions", "plaid_transactions", "monthly_totals")
        ]  # fmt: skip

    before = stored()
    refresh = kari.refresh(item.id)
    again = kari.run(
        connections.sync(
            kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id, full=True
        )
    )
    assert again.rows_fetched == kari.count("transactions")
    assert (again.status, again.added, again.modified, again.removed) == ("success", 0, 0, 0)
    assert stored() == before


def test_a_cursor_that_plaid_does_not_know_is_left_for_the_beginning(kari: Kari) -> None:
    item, other = kari.linked(), kari.linked("user_transactions_dynamic", "x")
    kari.sync(item.id)
    kari.sync(other.id)
    made.values(
        kari.world, "UPDATE sync_cursors SET cursor = %s WHERE item_id = %s RETURNING 1",
        kari.cursor(other.id), item.id,
    )  # fmt: skip
    before = kari.count("transactions")
    again = kari.sync(item.id)
    assert (again.status, again.added, again.removed) == ("success", 0, 0)
    assert kari.count("transactions") == before
    refused = [one for one in kari.ask(connections.api_events, item_id=item.id) if one.error_code]
    assert [one.error_code for one in refused] == ["INVALID_FIELD"]
    assert kari.sync(item.id).status == "success"


def test_a_refusal_in_words_that_cannot_be_stored_is_noted_all_the_same(
    kari: Kari, make_kari: Callable[..., Kari]
) -> None:
    item = kari.linked()

    async def refuse(request: Request) -> Response:
        said = b'{"error_code": "OD\\u0000D", "error_type": "ITEM_ERROR", "request_id": [1],'
        said += b' "error_message": "half \\ud800"}'
        return Response(said, status_code=400, media_type="application/json")

    with serving(Starlette(routes=[Route("/{rest:path}", refuse, methods=["POST"])])) as address:
        provider = make_kari(url=address).links.provider
        elsewhere = replace(kari, links=replace(kari.links, provider=provider))
        refresh = kari.refresh(item.id)
        with pytest.raises(FeedError):
            elsewhere.sync(item.id)
    ended = kari.ask(connections.get_refresh, refresh_id=refresh.id)
    assert (ended.status, ended.error_code) == ("failed", "OD\ufffdD")
    assert ended.error_message == "half \ufffd"


def test_a_row_without_a_currency_is_kept_aside(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.link()
    bad = row(transaction_id="bad", iso_currency_code=None)
    with saying(kari, make_kari, answers_with(row(), bad, accounts=account())) as there:
        assert there.sync(item.id).status == "partial_success"
    assert names(kari) == {"GOOD"}
    found = kari.ask(transactions.summary, filter=transactions.Filter())
    assert [one.currency for one in found.totals] == ["NOK"]
    (kept,) = aside(kari)
    assert "no currency" in kept.reason
    assert kari.item(item.id).kept_aside == 1


def test_a_row_without_an_id_that_is_told_with_one_later_is_kept_no_more(
    kari: Kari, make_kari: Callable[..., Kari]
) -> None:
    item = kari.link()
    bad = row(transaction_id=None, name="NAMELESS")
    with saying(kari, make_kari, answers_with(bad, accounts=account())) as there:
        there.sync(item.id)
    (kept,) = aside(kari)
    other = row(transaction_id="other", name="ANOTHER")
    with saying(kari, make_kari, answers_with(other, accounts=account())) as there:
        there.sync(item.id)
    assert aside(kari) == [replace(kept, last_seen_at=aside(kari)[0].last_seen_at)]
    well = row(transaction_id="well", name="NAMELESS")
    with saying(kari, make_kari, answers_with(well, accounts=account())) as there:
        there.sync(item.id)
    assert aside(kari) == []
    assert names(kari) == {"ANOTHER", "NAMELESS"}


def test_reasons_are_words_for_people(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.link()
    bad = [
        row(transaction_id=None),
        row(transaction_id="stray", account_id="a9"),
        row(transaction_id="big").replace(b'"amount": 1', b'"amount": 1e30'),
    ]
    broken = account(balances={"current": "much", "iso_currency_code": "NOK"})
    with saying(kari, make_kari, answers_with(*bad, accounts=broken)) as there:
        there.sync(item.id)
    found = {one.kind: one for one in aside(kari)}
    assert found["balance"].reason == "Its current balance is no number."
    told = connections.told_of(found["balance"])
    assert (told.plaid_account_id, told.description, told.amount) == ("a1", "Everyday", "much")
    for one in aside(kari):
        assert "_" not in one.reason and "a9" not in one.reason, one.reason
    with ui.using(ui.Preferences(locale="nb")):
        assert found["balance"].why == "«saldo nå» er ikke et tall."
    assert found["balance"].why == found["balance"].reason


def test_many_rows_are_healed_however_many_stand_before_them(
    kari: Kari, make_kari: Callable[..., Kari]
) -> None:
    """Some come with an account that lists them, some are told well, some had no id at first."""
    item = kari.link()
    count, rows = 300, range(300)
    bad = [
        *(row(transaction_id=f"b{number}", date="never") for number in rows),
        *(row(transaction_id=None, name=f"N{number}") for number in rows),
        *(row(transaction_id=f"h{number}", account_id="a2") for number in rows),
    ]
    with saying(kari, make_kari, answers_with(*bad, accounts=account())) as there:
        there.sync(item.id)
    assert kari.item(item.id).kept_aside == 3 * count
    well = [
        *(row(transaction_id=f"b{number}") for number in rows),
        *(row(transaction_id=f"n{number}", name=f"N{number}") for number in rows),
    ]
    both = account() + b"," + account(account_id="a2", name="Other", mask="2")
    with saying(kari, make_kari, answers_with(*well, accounts=both)) as there:
        assert there.sync(item.id).status == "success"
    assert kari.item(item.id).kept_aside == 0
    assert kari.count("transactions") == 3 * count


def test_what_is_kept_aside_is_listed_page_by_page_as_the_bank_told_it(
    kari: Kari, make_kari: Callable[..., Kari]
) -> None:
    item = kari.link()
    bad = [row(transaction_id=f"b{number}", date="never", amount=number) for number in range(5)]
    with saying(kari, make_kari, answers_with(*bad, accounts=account())) as there:
        there.sync(item.id)
    seen: list[SetAside] = []
    cursor = None
    while True:
        page = kari.ask(connections.set_aside, item_id=item.id, after=cursor, limit=2)
        seen += page.items
        cursor = page.next
        if cursor is None:
            break
    told = [connections.told_of(one) for one in seen]
    assert {one.amount for one in told} == {"0", "-1", "-2", "-3", "-4"}
    assert {(one.description, one.currency, one.day) for one in told} == {("GOOD", "NOK", "never")}
    assert len(seen) == 5
