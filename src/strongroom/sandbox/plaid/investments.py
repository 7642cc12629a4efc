"""Builds holdings, securities and investment transactions from what an account's facts say."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid.ids import stable_id
from strongroom.sandbox.plaid.persona import split_currency
from strongroom.sandbox.plaid.wire import loads

_CENT: Final = Decimal("0.01")
# type -> (subtype, sign of the amount); positive amounts leave the cash position
_KINDS: Final = {
    "buy": ("buy", 1), "sell": ("sell", -1), "cash": ("deposit", -1),
    "fee": ("miscellaneous fee", 1), "transfer": ("transfer", 1), "cancel": ("trade", 1),
}  # fmt: skip


def holdings(
    rows: Sequence[sqlite3.Row], today: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give (holdings, securities) of the accounts."""
    found: list[dict[str, Any]] = []
    securities: dict[str, dict[str, Any]] = {}
    for row in rows:
        for one in loads(row["facts"])["holdings"]:
            currency = one.get("currency") or row["currency"]
            price = _number(one.get("institution_price"))
            security = _security(one.get("security"), currency, price, one, today)
            securities[security["security_id"]] = security
            found.append(_holding(row, one, security["security_id"], currency, price, today))
    return found, list(securities.values())


def _holding(
    row: sqlite3.Row,
    one: Mapping[str, Any],
    security_id: str,
    currency: str,
    price: Decimal,
    today: date,
) -> dict[str, Any]:
    quantity = _number(one.get("quantity"))
    value = one.get("institution_value")
    cost = one.get("cost_basis")
    iso, unofficial = split_currency(currency)
    return {
        "account_id": row["account_id"],
        "cost_basis": None if cost is None else Decimal(cost),
        "institution_price": price,
        "institution_price_as_of": one.get("institution_price_as_of") or today.isoformat(),
        "institution_price_datetime": None,
        "institution_value": (price * quantity) if value is None else Decimal(value),
        "iso_currency_code": iso,
        "quantity": quantity,
        "security_id": security_id,
        "unofficial_currency_code": unofficial,
        "vested_quantity": None,
        "vested_value": None,
    }


def transactions(
    rows: Sequence[sqlite3.Row], start: date, end: date, today: date
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give (investment transactions from ``start`` to ``end``, newest first; securities)."""
    found: list[dict[str, Any]] = []
    securities: dict[str, dict[str, Any]] = {}
    for row in rows:
        for index, one in enumerate(loads(row["facts"])["investment_transactions"]):
            if not start.isoformat() <= one["date"][:10] <= end.isoformat():
                continue
            currency = one.get("currency") or row["currency"]
            price = _number(one.get("price"))
            security = _security(one.get("security"), currency, price, one, today)
            securities[security["security_id"]] = security
            found.append(_transaction(row, index, one, security["security_id"], currency, price))
    found.sort(key=lambda one: str(one["date"]), reverse=True)
    return found, list(securities.values())


def _transaction(
    row: sqlite3.Row,
    index: int,
    one: Mapping[str, Any],
    security_id: str,
    currency: str,
    price: Decimal,
) -> dict[str, Any]:
    kind = one.get("type") if one.get("type") in _KINDS else "buy"
    subtype, sign = _KINDS[str(kind)]
    quantity = _number(one.get("quantity"))
    fees = _number(one.get("fees"))
    amount = one.get("amount")
    if amount is None:
        amount = sign * (abs(quantity) * price).quantize(_CENT) + fees
    iso, unofficial = split_currency(currency)
    return {
        "account_id": row["account_id"],
        "amount": Decimal(amount),
        "cancel_transaction_id": None,
        "date": one["date"][:10],
        "fees": fees,
        "investment_transaction_id": stable_id(row["account_id"], "investment", index),
        "iso_currency_code": iso,
        "name": one.get("name") or "Investment transaction",
        "price": price,
        "quantity": -abs(quantity) if kind == "sell" else quantity,
        "security_id": security_id,
        "subtype": subtype,
        "type": kind,
        "unofficial_currency_code": unofficial,
    }


def _number(value: Any) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal | str) and value != "" else Decimal(0)


def _security(
    given: Mapping[str, Any] | None,
    currency: str,
    price: Decimal,
    source: Mapping[str, Any],
    today: date,
) -> dict[str, Any]:
    told = given or {}
    ticker, name = told.get("ticker_symbol"), told.get("name")
    code = told.get("currency") or currency
    iso, unofficial = split_currency(code)
    crypto_or_cash = bool(ticker) and str(ticker).startswith("CUR:")
    is_cash = crypto_or_cash and str(ticker)[4:] == code
    kind = told.get("type") or (
        "cash" if is_cash else "cryptocurrency" if crypto_or_cash else "equity"
    )
    return {
        "cfi_code": None,
        "close_price": price,
        "close_price_as_of": source.get("institution_price_as_of") or today.isoformat(),
        "cusip": told.get("cusip"),
        # Demanded by SDKs newer than the published document.
        "figi": None,
        "fixed_income": None,
        "industry": None,
        "institution_id": None,
        "institution_security_id": None,
        "is_cash_equivalent": is_cash,
        "isin": told.get("isin"),
        "iso_currency_code": iso,
        "market_identifier_code": None,
        "name": name or ticker or told.get("isin") or told.get("cusip") or "Security",
        "option_contract": None,
        "proxy_security_id": None,
        "sector": None,
        "security_id": stable_id(
            "security", ticker, told.get("isin"), told.get("cusip"), name, code
        ),
        "sedol": told.get("sedol"),
        "subtype": None,
        "ticker_symbol": ticker,
        "type": kind,
        "unofficial_currency_code": unofficial,
        "update_datetime": None,
    }
