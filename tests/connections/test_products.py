"""What a bank tells beside balances and rows, read apart: one that fails holds nothing up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from strongroom import accounts, connections, transactions
from strongroom.connections import Item, wire_products
from strongroom.connections.errors import BankAnswerMakesNoSense
from strongroom.core.ids import AccountId
from tests import book as made
from tests.connections.conftest import Kari
from tests.connections.test_syncing import break_item, saying
from tests.sandbox_plaid.conftest import Sandbox


def read(kari: Kari, item: Item) -> None:
    """Read the item, then do the job that it asks for."""
    kari.sync(item.id)
    ((waiting),) = kari.waiting("read_products")
    made.values(
        kari.world, "DELETE FROM procrastinate_jobs WHERE task_name = 'connections.read_products'"
        " AND args->>'owner' = %s RETURNING 1", str(kari.owner),
    )  # fmt: skip
    kari.run(kari.jobs()["read_products"](**waiting))


def by_mask(kari: Kari, mask: str) -> AccountId:
    return next(one.id for one in kari.ask(accounts.list_all) if one.mask == mask)


def noted(kari: Kari) -> dict[str, str | None]:
    return dict(
        made.values(
            kari.world, "SELECT product, error_code FROM item_products WHERE user_id = %s",
            kari.owner,
        )
    )  # fmt: skip


def stored(kari: Kari) -> list[Any]:
    return [
        made.values(kari.world, f"SELECT xmin, * FROM {table} WHERE user_id = %s ORDER BY 3, 4",
                    kari.owner)
        for table in ("holdings", "liabilities", "recurring_streams")
    ]  # fmt: skip


def test_holdings_terms_and_what_recurs_are_read_and_told_again(kari: Kari) -> None:
    item = kari.linked()
    read(kari, item)
    assert noted(kari) == {"investments": None, "liabilities": None, "transactions": None}
    held = kari.ask(accounts.holdings, account_id=by_mask(kari, "6666"))
    assert held and all(one.title != "?" for one in held)
    worth = [one.value.amount for one in held if one.value is not None]
    assert worth == sorted(worth, reverse=True)
    card = kari.ask(accounts.liability, account_id=by_mask(kari, "3333"))
    assert (card.kind, card.apr > 0, card.minimum_payment.amount > 0) == ("credit", True, True)
    assert isinstance(card.due_on, date)
    assert {one.type for one in card.aprs} >= {"purchase_apr"}
    loan = kari.ask(accounts.liability, account_id=by_mask(kari, "8888"))
    assert (loan.kind, loan.apr > 0) == ("mortgage", True)
    assert kari.ask(accounts.liability, account_id=by_mask(kari, "0000")) is None
    before = stored(kari)
    read(kari, item)
    assert stored(kari) == before


def test_streams_have_our_sign(kari: Kari) -> None:
    item = kari.linked("user_household")
    read(kari, item)
    streams = kari.ask(transactions.recurring_streams)
    assert {one.average.amount > 0 for one in streams} == {True, False}
    one = streams[0]
    assert kari.ask(transactions.recurring_streams, account_id=one.account_id)
    assert all(
        each.account_id == one.account_id
        for each in kari.ask(transactions.recurring_streams, account_id=one.account_id)
    )


def test_a_product_that_fails_keeps_what_was_told_and_fails_no_sync(
    kari: Kari, calm: Sandbox
) -> None:
    item = kari.linked()
    read(kari, item)
    before = stored(kari)
    calm.control("POST", "/faults", rates={"error": 1},
                 endpoints=["/liabilities/get", "/investments/holdings/get"])  # fmt: skip
    read(kari, item)
    assert {name for name, code in noted(kari).items() if code} == {"investments", "liabilities"}
    assert stored(kari) == before
    assert kari.item(item.id).error_code is None
    calm.control("DELETE", "/faults")
    read(kari, item)
    assert set(noted(kari).values()) == {None}


def test_terms_that_cannot_be_read_leave_the_last_ones(
    kari: Kari, make_kari: Callable[..., Kari]
) -> None:
    item = kari.linked()
    read(kari, item)
    card, loan = by_mask(kari, "3333"), by_mask(kari, "8888")
    plaid_id = {one.id: one.plaid_account_id for one in kari.ask(accounts.list_all)}
    before = kari.ask(accounts.liability, account_id=card)

    def told(*credit: dict[str, Any]) -> None:
        answers = {
            "/investments/holdings/get": {"holdings": [], "securities": []},
            "/liabilities/get": {"liabilities": {"credit": credit}},
            "/transactions/recurring/get": {"inflow_streams": [], "outflow_streams": []},
        }
        texts = {path: json.dumps(answer).encode() for path, answer in answers.items()}
        with saying(kari, make_kari, texts) as there:
            read_one = connections.read_products(there.links, owner=kari.owner, item_id=item.id)
            assert "liabilities" in kari.run(read_one)

    told({"minimum_payment_amount": 1})  # nobody knows whose
    assert kari.ask(accounts.liability, account_id=card) == before is not None
    assert kari.ask(accounts.liability, account_id=loan) is not None
    told({"account_id": plaid_id[card], "minimum_payment_amount": 10**30})
    assert kari.ask(accounts.liability, account_id=card) == before
    assert kari.ask(accounts.liability, account_id=loan) is None
    assert [one.kind for one in kari.ask(connections.set_aside).items] == ["liability"]
    told()
    assert kari.ask(accounts.liability, account_id=card) is None
    assert kari.ask(connections.set_aside).items == []


def test_a_bank_that_wants_a_sign_in_is_only_noted_here(kari: Kari) -> None:
    item = kari.linked()
    read(kari, item)
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    assert kari.run(connections.read_products(kari.links, owner=kari.owner, item_id=item.id)) == []
    assert set(noted(kari).values()) == {"ITEM_LOGIN_REQUIRED"}


def test_somebody_elses_account_has_no_holdings(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.linked()
    kari.sync(item.id)
    account_id, other = by_mask(kari, "6666"), make_kari()
    for verb in (accounts.holdings, accounts.liability):
        with pytest.raises(accounts.AccountNotFound):
            other.ask(verb, account_id=account_id)
    assert other.ask(transactions.recurring_streams, account_id=account_id) == []


# --- what may be missing, and what makes no sense


def test_null_is_taken_everywhere() -> None:
    text = json.dumps({"holdings": [{"account_id": "a", "security_id": "s", "quantity": 2}]})
    ((one,), bad) = wire_products.holdings(text)
    assert (one.name, one.price, one.value, one.cost_basis, bad) == (None, None, None, None, [])
    told = {"liabilities": {"credit": [{"account_id": "a", "aprs": []}], "mortgage": None,
                            "student": [{"account_id": "b"}]}}  # fmt: skip
    ((card, loan), bad) = wire_products.liabilities(json.dumps(told))
    assert (card.kind, card.apr, loan.kind, loan.minimum_payment, bad) == (
        "credit", None, "student", None, [],
    )  # fmt: skip
    stream = {"stream_id": "s", "account_id": "a"}
    text = json.dumps({"inflow_streams": [stream], "outflow_streams": []})
    ((flow,), bad) = wire_products.streams(text)
    assert (flow.average, flow.next_on, flow.frequency, bad) == (None, None, "UNKNOWN", [])


def test_a_bad_one_is_told_apart_from_the_good() -> None:
    good = {"account_id": "a", "security_id": "s", "quantity": 2}
    many = [good, {**good, "quantity": None}, {**good, "institution_value": "much"}, 5]
    (found, bad) = wire_products.holdings(json.dumps({"holdings": many}))
    assert [one.quantity for one in found] == [Decimal(2)]
    assert [one.kind for one in bad] == ["holding"] * 3
    huge = {"account_id": "b", "minimum_payment_amount": 10**30}
    told = {"liabilities": {"student": [huge, {"account_id": "c"}]}}
    (terms, bad) = wire_products.liabilities(json.dumps(told))
    assert ([one.plaid_account_id for one in terms], bad[0].plaid_id) == (["c"], "b")
    streams = {"inflow_streams": [{"stream_id": "s"}], "outflow_streams": []}
    (flows, bad) = wire_products.streams(json.dumps(streams))
    assert (flows, bad[0].plaid_id) == ([], "s")
    for read_one in (wire_products.holdings, wire_products.liabilities, wire_products.streams):
        with pytest.raises(BankAnswerMakesNoSense):
            read_one("{}")
