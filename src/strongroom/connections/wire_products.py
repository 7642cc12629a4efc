"""Reads what Plaid tells beside balances and transactions: holdings, liabilities, streams.

Tolerant of null everywhere, as Plaid's document is. Pure: no network, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from strongroom.accounts import Apr, BankHolding, BankLiability
from strongroom.connections import wire
from strongroom.connections.types import Unreadable
from strongroom.transactions import BankStream

_KINDS = ("credit", "mortgage", "student")
_PURCHASES = "purchase_apr"
_KIND = " kind"  # not a name that Plaid could give


def holdings(text: str) -> tuple[list[BankHolding], list[Unreadable]]:
    """Read an answer of /investments/holdings/get."""
    answer = wire.read_keeping_text(text, frozenset({"holdings"}))
    with wire.making_sense("A list of holdings"):
        securities = {
            one["security_id"]: one
            for one in answer.get("securities") or ()
            if isinstance(one, dict) and isinstance(one.get("security_id"), str)
        }
        return wire.sorted_out(
            "holding",
            answer["holdings"],
            lambda one, _: _holding(one, securities.get(one.get("security_id")) or {}),
        )


def _holding(one: Mapping[str, Any], security: Mapping[str, Any]) -> BankHolding:
    quantity = wire.amount_of(one, "quantity")
    if quantity is None:
        raise KeyError("quantity")
    return BankHolding(
        plaid_account_id=wire.word(one, "account_id"),
        plaid_security_id=wire.word(one, "security_id"),
        name=wire.text(security, "name"),
        ticker=wire.text(security, "ticker_symbol"),
        isin=wire.text(security, "isin"),
        type=wire.text(security, "type"),
        is_cash=bool(security.get("is_cash_equivalent")),
        quantity=quantity,
        price=wire.amount_of(one, "institution_price"),
        price_day=wire.day_of(one, "institution_price_as_of"),
        value=wire.amount_of(one, "institution_value"),
        cost_basis=wire.amount_of(one, "cost_basis"),
        currency=wire.currency_of(one),
    )


def liabilities(text: str) -> tuple[list[BankLiability], list[Unreadable]]:
    """Read an answer of /liabilities/get."""
    answer = wire.read(text)
    with wire.making_sense("A list of liabilities"):
        told = answer["liabilities"]
        return wire.sorted_out("liability", _each(told), lambda one, _: _liability(one))


def _each(told: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    for kind in _KINDS:
        for one in told.get(kind) or ():
            yield one if not isinstance(one, dict) else {**one, _KIND: kind}, wire.text_of(one)


def _liability(one: Mapping[str, Any]) -> BankLiability:
    kind = one[_KIND]
    aprs = [
        Apr(wire.text(each, "apr_type") or "", percentage)
        for each in one.get("aprs") or ()
        if (percentage := wire.amount_of(each, "apr_percentage")) is not None
    ]
    monthly = "next_monthly_payment" if kind == "mortgage" else "minimum_payment_amount"
    return BankLiability(
        plaid_account_id=wire.word(one, "account_id"),
        kind=kind,
        apr=_rate(kind, one, aprs),
        aprs=aprs,
        minimum_payment=wire.amount_of(one, monthly),
        due_on=wire.day_of(one, "next_payment_due_date"),
        is_overdue=one.get("is_overdue") if isinstance(one.get("is_overdue"), bool) else None,
        past_due=wire.amount_of(one, "past_due_amount"),
        last_payment=wire.amount_of(one, "last_payment_amount"),
        last_paid_on=wire.day_of(one, "last_payment_date"),
        statement_balance=wire.amount_of(one, "last_statement_balance"),
        statement_on=wire.day_of(one, "last_statement_issue_date"),
        original_principal=wire.amount_of(one, "origination_principal_amount"),
        originated_on=wire.day_of(one, "origination_date"),
        ends_on=wire.day_of(one, "maturity_date" if kind == "mortgage" else "expected_payoff_date"),
    )


def _rate(kind: str, one: Mapping[str, Any], aprs: list[Apr]) -> Decimal | None:
    if kind == "credit":
        purchases = [each.percentage for each in aprs if each.type == _PURCHASES]
        return next(iter(purchases or [each.percentage for each in aprs]), None)
    if kind == "mortgage":
        return wire.amount_of(one.get("interest_rate") or {}, "percentage")
    return wire.amount_of(one, "interest_rate_percentage")


def streams(text: str) -> tuple[list[BankStream], list[Unreadable]]:
    """Read an answer of /transactions/recurring/get; money in comes first."""
    answer = wire.read_keeping_text(text, frozenset({"inflow_streams", "outflow_streams"}))
    with wire.making_sense("A list of recurring payments"):
        both = [*answer["inflow_streams"], *answer["outflow_streams"]]
        return wire.sorted_out("stream", both, lambda one, _: _stream(one))


def _stream(one: Mapping[str, Any]) -> BankStream:
    average, last = one.get("average_amount") or {}, one.get("last_amount") or {}
    pfc = one.get("personal_finance_category") or {}
    return BankStream(
        plaid_stream_id=wire.word(one, "stream_id"),
        plaid_account_id=wire.word(one, "account_id"),
        description=wire.text(one, "description") or wire.text(one, "merchant_name") or "",
        merchant=wire.text(one, "merchant_name") or None,
        pfc_detailed=wire.code(pfc.get("detailed")),
        frequency=wire.code(one.get("frequency")) or "UNKNOWN",
        status=wire.code(one.get("status")) or "UNKNOWN",
        is_active=bool(one.get("is_active")),
        first_on=wire.day_of(one, "first_date"),
        last_on=wire.day_of(one, "last_date"),
        next_on=wire.day_of(one, "predicted_next_date"),
        average=wire.amount_of(average, "amount"),
        last=wire.amount_of(last, "amount"),
        currency=wire.currency_of(average or last),
    )
