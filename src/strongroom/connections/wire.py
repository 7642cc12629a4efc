"""Reads Plaid's JSON exactly: decimals as decimals, each transaction's own text kept as sent.

Amounts hold ten decimals, as the database does; what is finer is rounded, half to even.
Pure: no network, no clock. Nothing here knows our tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from strongroom.accounts import BankAccount
from strongroom.connections.errors import BankAnswerMakesNoSense
from strongroom.connections.types import (
    ChangePage,
    Institution,
    ItemReport,
    LinkAccount,
    LinkOutcome,
)
from strongroom.core.errors import Refused
from strongroom.core.money import NO_CURRENCY, Currency, check_amount, currency
from strongroom.transactions import BankPage, BankTransaction

_DECIMALS = 10
_SPACE = " \t\r\n"
# What JSON can spell and PostgreSQL's text cannot hold: NUL and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NONSENSE = (
    ArithmeticError, AttributeError, LookupError, RecursionError, Refused, TypeError, ValueError,
)  # fmt: skip


def _no_constant(name: str) -> Any:
    raise BankAnswerMakesNoSense(f"The bank sent {name} where a number belongs.")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)


@contextmanager
def _making_sense(what: str) -> Iterator[None]:
    """Turn whatever goes wrong in reading ``what`` into ``BankAnswerMakesNoSense``."""
    try:
        yield
    except _NONSENSE as error:
        lacks = f"lacks {error}" if isinstance(error, KeyError) else "is not as Plaid writes it"
        reason = error.message if isinstance(error, Refused) else f"It {lacks}."
        raise BankAnswerMakesNoSense(f"{what} cannot be read. {reason}") from error


def read(text: str) -> dict[str, Any]:
    """Read one JSON object, decimals exact. Raises ``BankAnswerMakesNoSense``."""
    try:
        answer = _DECODER.decode(text)
    except _NONSENSE as error:
        raise BankAnswerMakesNoSense("Plaid's answer is not JSON.") from error
    if not isinstance(answer, dict):
        raise BankAnswerMakesNoSense("Plaid's answer is not an object.")
    return answer


def read_keeping_text(text: str, keys: frozenset[str]) -> dict[str, Any]:
    """Read one JSON object; under ``keys``, lists become lists of ``(value, its own text)``.

    One pass: the text of a row is cut from the answer, never written anew, so that no digit of
    what the bank said can change.
    """
    answer: dict[str, Any] = {}
    try:
        at = _skip(text, _skip(text, 0, "{"))
        while text[at] != "}":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at, ":"))
            if key in keys and text[at] == "[":
                answer[key], at = _rows(text, at)
            else:
                answer[key], at = _DECODER.raw_decode(text, at)
            at = _skip(text, at)
            at = _skip(text, at + 1) if text[at] == "," else at
    except _NONSENSE as error:
        raise BankAnswerMakesNoSense("Plaid's answer is not JSON.") from error
    return answer


def _rows(text: str, at: int) -> tuple[list[tuple[Any, str]], int]:
    rows: list[tuple[Any, str]] = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, end = _DECODER.raw_decode(text, at)
        rows.append((value, text[at:end]))
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return rows, at + 1


def _skip(text: str, at: int, expected: str | None = None) -> int:
    while text[at] in _SPACE:
        at += 1
    if expected is None:
        return at
    if text[at] != expected:
        raise ValueError(expected)
    return at + 1


def change_page(text: str, now: datetime) -> ChangePage:
    """Read an answer of /transactions/sync."""
    answer = read_keeping_text(text, frozenset({"added", "modified"}))
    with _making_sense("A page of transactions"):
        return ChangePage(
            page=BankPage(
                added=[_transaction(row, raw) for row, raw in answer["added"]],
                modified=[_transaction(row, raw) for row, raw in answer["modified"]],
                removed=[_word(row, "transaction_id") for row in answer["removed"]],
            ),
            accounts=[account(one, now) for one in answer.get("accounts") or ()],
            next_cursor=str(answer["next_cursor"]),
            has_more=bool(answer["has_more"]),
            update_status=str(
                answer.get("transactions_update_status") or "TRANSACTIONS_UPDATE_STATUS_UNKNOWN"
            ),
        )


def accounts(answer: Mapping[str, Any], now: datetime) -> list[BankAccount]:
    """Read the accounts of an answer."""
    with _making_sense("A list of accounts"):
        return [account(one, now) for one in answer["accounts"]]


def account(one: Mapping[str, Any], now: datetime) -> BankAccount:
    """Read one account; ``now`` stands for its balance's age where the bank does not say it."""
    balances = one["balances"]
    return BankAccount(
        plaid_account_id=_word(one, "account_id"),
        persistent_account_id=one.get("persistent_account_id"),
        name=shown(str(one["name"])),
        official_name=_text(one, "official_name"),
        type=str(one["type"]),
        subtype=one.get("subtype"),
        mask=_text(one, "mask"),
        currency=_currency(balances),
        current=_amount(balances.get("current")),
        available=_amount(balances.get("available")),
        credit_limit=_amount(balances.get("limit")),
        reported_at=now,
        told_at=instant(balances.get("last_updated_datetime")),
    )


def item(answer: Mapping[str, Any]) -> ItemReport:
    """Read an answer of /item/get."""
    with _making_sense("An item"):
        one = answer.get("item") or {}
        error = one.get("error") or {}
        return ItemReport(
            institution_id=_text(one, "institution_id"),
            institution_name=_text(one, "institution_name"),
            error_code=error.get("error_code"),
            consent_expires_at=instant(one.get("consent_expiration_time")),
        )


def institution(one: Mapping[str, Any]) -> Institution:
    """Read one institution."""
    with _making_sense("An institution"):
        return Institution(
            id=_word(one, "institution_id"),
            name=shown(str(one["name"])),
            countries=[str(code) for code in one.get("country_codes") or ()],
            oauth=bool(one.get("oauth")),
            url=one.get("url"),
        )


def link_outcomes(answer: Mapping[str, Any]) -> list[LinkOutcome]:
    """Read the sessions of an answer of /link/token/get, oldest first."""
    with _making_sense("A link session"):
        return [_outcome(session) for session in answer.get("link_sessions") or ()]


def _outcome(session: Mapping[str, Any]) -> LinkOutcome:
    results = (session.get("results") or {}).get("item_add_results") or []
    success = results[0] if results else None
    if success is None and session.get("on_success"):
        told = session["on_success"]
        success = {**(told.get("metadata") or {}), "public_token": told.get("public_token")}
    left = session.get("exit") or session.get("on_exit") or {}
    error = left.get("error") or {}
    metadata = left.get("metadata") or {}
    bank = (success or metadata).get("institution") or {}
    return LinkOutcome(
        link_session_id=str(session.get("link_session_id")),
        public_token=None if success is None else success.get("public_token"),
        institution_id=bank.get("institution_id"),
        institution_name=_text(bank, "name"),
        error_type=error.get("error_type"),
        error_code=error.get("error_code"),
        request_id=metadata.get("request_id") if error else None,
        finished=bool(session.get("finished_at") or success or left),
        accounts=_link_accounts(success),
    )


def _link_accounts(success: Mapping[str, Any] | None) -> tuple[LinkAccount, ...] | None:
    """Read which accounts were chosen in Link; None where that is not told."""
    told = None if success is None else success.get("accounts")
    if not told:
        return None
    return tuple(
        LinkAccount(
            plaid_account_id=_text(one, "id"),
            persistent_account_id=_text(one, "persistent_account_id"),
            name=_text(one, "name") or "",
            mask=_text(one, "mask"),
            type=_text(one, "type") or "other",
            subtype=_text(one, "subtype") or None,
        )
        for one in told
    )


def _transaction(row: Mapping[str, Any], raw: str) -> BankTransaction:
    pfc = row.get("personal_finance_category") or {}
    amount = _amount(row["amount"])
    if amount is None:
        raise ValueError("amount")
    return BankTransaction(
        plaid_transaction_id=_word(row, "transaction_id"),
        plaid_account_id=_word(row, "account_id"),
        pending_transaction_id=row.get("pending_transaction_id"),
        pending=bool(row["pending"]),
        amount=amount,
        currency=_currency(row),
        day=date.fromisoformat(row["date"]),
        authorized_date=_day(row.get("authorized_date")),
        name=_text(row, "name") or _text(row, "merchant_name") or "",
        merchant_name=_text(row, "merchant_name"),
        pfc_primary=pfc.get("primary"),
        pfc_detailed=pfc.get("detailed"),
        payment_channel=row.get("payment_channel"),
        raw=raw,
    )


def _word(one: Mapping[str, Any], name: str) -> str:
    """Return an identifier, which must be there."""
    word = one[name]
    if not isinstance(word, str) or not word or _UNSTORABLE.search(word):
        raise ValueError(name)
    return word


def _text(one: Mapping[str, Any], name: str) -> str | None:
    """Return a text for people, if there is one."""
    text = one.get(name)
    return None if text is None else shown(str(text))


def shown(text: str) -> str:
    """Return ``text`` with a mark in the place of characters that cannot be stored."""
    return _UNSTORABLE.sub("\ufffd", text)


def _currency(one: Mapping[str, Any]) -> Currency:
    code = one.get("iso_currency_code") or one.get("unofficial_currency_code")
    return NO_CURRENCY if not code else currency(str(code))


def _amount(value: Any) -> Decimal | None:
    if value is None:
        return None
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise ValueError("a number")
    amount = Decimal(value)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_DECIMALS:
        # A binary number's noise (4.029999999999999); no account moves in finer parts than these.
        amount = round(amount, _DECIMALS)
    return check_amount(amount)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def instant(text: str | None) -> datetime | None:
    """Read a moment; one without a zone is in UTC. Raises ``BankAnswerMakesNoSense``."""
    if not text:
        return None
    with _making_sense("A moment"):
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
