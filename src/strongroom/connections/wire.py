"""Reads Plaid's JSON exactly: decimals as decimals, each transaction's own text kept as sent.

One row that makes no sense does not take the others with it: it is told apart, with its reason.

Amounts hold ten decimals, as the database does; what is finer is rounded, half to even.
Pure: no network, no clock. Nothing here knows our tables.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from strongroom.accounts import BankAccount
from strongroom.connections.errors import BankAnswerMakesNoSense
from strongroom.connections.types import (
    ChangePage,
    Institution,
    ItemReport,
    LinkAccount,
    LinkOutcome,
    Unreadable,
)
from strongroom.connections.words import Nonsense, reason_of
from strongroom.core.errors import Refused
from strongroom.core.money import NO_CURRENCY, Currency, check_amount, currency
from strongroom.transactions import BankPage, BankTransaction
from strongroom.ui import N_, Sentence

T = TypeVar("T")

_DECIMALS = 10
_SPACE = " \t\r\n"
# What JSON can spell and PostgreSQL's text cannot hold: NUL and halves of surrogate pairs.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NONSENSE = (
    ArithmeticError, AttributeError, LookupError, RecursionError, Refused, TypeError, ValueError,
)  # fmt: skip


def _no_constant(name: str) -> Any:
    raise Nonsense(N_("It holds %(name)s where a number belongs."), name=name)


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=Decimal)


def _vast(number: str) -> Decimal:
    """Read a number that is too long or too large for the usual way: no amount is like that."""
    try:
        return Decimal(number)
    except ArithmeticError:
        return Decimal("Infinity")


_PATIENT = json.JSONDecoder(parse_float=_vast, parse_int=_vast, parse_constant=Decimal)
_STRICT = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
_KEPT_AS_SENT = frozenset({"added", "modified", "removed", "accounts"})
_SPELLS_NO_NUMBER = ("NaN", "Infinity")


@contextmanager
def making_sense(what: str) -> Iterator[None]:
    """Turn whatever goes wrong in reading ``what`` into ``BankAnswerMakesNoSense``."""
    try:
        yield
    except _NONSENSE as error:
        raise BankAnswerMakesNoSense(f"{what} cannot be read. {reason_of(error)}") from error


def sorted_out(
    kind: str, many: Iterable[tuple[Any, str]], read_one: Callable[[Any, str], T], place: int = 0
) -> tuple[list[T], list[Unreadable]]:
    """Read each of ``many`` (a value and its own text); what cannot be read is told apart."""
    good: list[T] = []
    bad: list[Unreadable] = []
    for one, raw in many:
        try:
            good.append(read_one(one, raw))
        except _NONSENSE as error:
            bad.append(unreadable(kind, one, raw, reason_of(error), place))
    return good, bad


NAMELESS = "sha256:"
"""What begins the name of something that Plaid gave none."""


def unreadable(kind: str, one: Any, raw: str, reason: Sentence, place: int = 0) -> Unreadable:
    """Return what is kept of something that cannot be read."""
    plaid_id = one.get(_NAMED_BY[kind]) if isinstance(one, dict) else None
    if not isinstance(plaid_id, str) or not plaid_id or _UNSTORABLE.search(plaid_id):
        plaid_id = NAMELESS + hashlib.sha256(raw.encode(errors="replace")).hexdigest()
    facts = {name: shown(fact) for name, fact in reason.facts.items()}
    return Unreadable(kind, plaid_id, replace(reason, facts=facts), shown(raw), place)


_NAMED_BY = {
    "transaction": "transaction_id",
    "removal": "transaction_id",
    "account": "account_id",
    "balance": "account_id",
    "holding": "account_id",
    "liability": "account_id",
    "stream": "stream_id",
}


def read(text: str) -> dict[str, Any]:
    """Read one JSON object, decimals exact. Raises ``BankAnswerMakesNoSense``."""
    answer = _decoded(lambda decoder: decoder.decode(text))
    if not isinstance(answer, dict):
        raise BankAnswerMakesNoSense("Plaid's answer is not an object.")
    return answer


def read_keeping_text(text: str, keys: frozenset[str]) -> dict[str, Any]:
    """Read one JSON object; under ``keys``, lists become lists of ``(value, its own text)``.

    One pass: the text of a row is cut from the answer, never written anew, so that no digit of
    what the bank said can change.
    """
    answer: dict[str, Any] = _decoded(lambda decoder: _members(text, keys, decoder))
    return answer


def _decoded(decode: Callable[[json.JSONDecoder], Any]) -> Any:
    """Decode the quick way, and patiently where a number is beyond all measure."""
    try:
        try:
            return decode(_DECODER)
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, json.JSONDecodeError):
                raise
            return decode(_PATIENT)
    except _NONSENSE as error:
        raise BankAnswerMakesNoSense("Plaid's answer is not JSON.") from error


def _members(text: str, keys: frozenset[str], decoder: json.JSONDecoder) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    at = _skip(text, _skip(text, 0, "{"))
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at, ":"))
        if key in keys and text[at] == "[":
            answer[key], at = _rows(text, at, decoder)
        else:
            answer[key], at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    return answer


def _rows(text: str, at: int, decoder: json.JSONDecoder) -> tuple[list[tuple[Any, str]], int]:
    rows: list[tuple[Any, str]] = []
    at = _skip(text, at + 1)
    while text[at] != "]":
        value, end = decoder.raw_decode(text, at)
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


def change_page(text: str, now: datetime, known: Collection[str] = frozenset()) -> ChangePage:
    """Read an answer of /transactions/sync.

    An added row whose MD5 (in hex, of its own text) is ``known`` is told by its id alone.
    """
    answer = read_keeping_text(text, _KEPT_AS_SENT)
    read_row = _careful if any(word in text for word in _SPELLS_NO_NUMBER) else transaction
    with making_sense("A page of transactions"):
        same, rows = _set_apart(answer["added"], known)
        added, bad = sorted_out("transaction", rows, read_row, 0)
        modified, worse = sorted_out("transaction", answer["modified"], read_row, 1)
        removed, lost = sorted_out("removal", answer["removed"], _removed, 2)
        return ChangePage(
            page=BankPage(added=added, modified=modified, removed=removed, same=same),
            accounts=_accounts(answer.get("accounts") or (), now)[0],
            next_cursor=str(answer["next_cursor"]),
            has_more=bool(answer["has_more"]),
            update_status=str(
                answer.get("transactions_update_status") or "TRANSACTIONS_UPDATE_STATUS_UNKNOWN"
            ),
            unreadable=[*bad, *worse, *lost],
        )


def _set_apart(
    rows: list[tuple[Any, str]], known: Collection[str]
) -> tuple[list[str], list[tuple[Any, str]]]:
    if not known:
        return [], rows
    same: list[str] = []
    news: list[tuple[Any, str]] = []
    for row, raw in rows:
        digest = hashlib.md5(raw.encode(errors="replace"), usedforsecurity=False).hexdigest()
        if digest in known:
            same.append(row["transaction_id"])
        else:
            news.append((row, raw))
    return same, news


def _removed(row: Mapping[str, Any], _: str) -> str:
    return word(row, "transaction_id")


def accounts(text: str, now: datetime) -> tuple[list[BankAccount], list[Unreadable]]:
    """Read the accounts of an answer, and tell apart those that cannot be read."""
    answer = read_keeping_text(text, frozenset({"accounts"}))
    with making_sense("A list of accounts"):
        return _accounts(answer["accounts"], now)


def _accounts(
    many: Iterable[tuple[Any, str]], now: datetime
) -> tuple[list[BankAccount], list[Unreadable]]:
    """Read accounts; one whose figures alone make no sense is read without them."""
    good: list[BankAccount] = []
    bad: list[Unreadable] = []
    for one, raw in many:
        try:
            good.append(account(one, now))
        except _NONSENSE as error:
            reason, kind = reason_of(error), "account"
            with suppress(*_NONSENSE):
                good.append(account({**one, "balances": _figureless(one)}, now))
                kind = "balance"
            bad.append(unreadable(kind, one, raw, reason))
    return good, bad


def _figureless(one: Mapping[str, Any]) -> dict[str, Any]:
    names = ("iso_currency_code", "unofficial_currency_code")
    return {name: one["balances"].get(name) for name in names}


def text_of(one: Any) -> str:
    """Return one value of an answer as text again, its numbers as they were."""
    if isinstance(one, Mapping):
        inside = (f"{json.dumps(name)}: {text_of(value)}" for name, value in one.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(one, list):
        return "[" + ", ".join(text_of(value) for value in one) + "]"
    return str(one) if isinstance(one, Decimal) else json.dumps(one)


def account(one: Mapping[str, Any], now: datetime) -> BankAccount:
    """Read one account. ``now`` is when it was read; how old its figures are, few banks say."""
    balances = one["balances"]
    return BankAccount(
        plaid_account_id=word(one, "account_id"),
        persistent_account_id=code(one.get("persistent_account_id")),
        name=shown(str(one["name"])),
        official_name=text(one, "official_name"),
        type=shown(str(one["type"])),
        subtype=text(one, "subtype"),
        mask=text(one, "mask"),
        currency=currency_of(balances),
        current=amount_of(balances, "current"),
        available=amount_of(balances, "available"),
        credit_limit=amount_of(balances, "limit"),
        reported_at=now,
        told_at=_moment(balances, "last_updated_datetime"),
    )


def item(answer: Mapping[str, Any]) -> ItemReport:
    """Read an answer of /item/get."""
    with making_sense("An item"):
        one = answer.get("item") or {}
        error = one.get("error") or {}
        return ItemReport(
            institution_id=text(one, "institution_id"),
            institution_name=text(one, "institution_name"),
            error_code=code(error.get("error_code")),
            consent_expires_at=instant(one.get("consent_expiration_time")),
            products=[name for name in one.get("products") or () if code(name)],
        )


def institution(one: Mapping[str, Any]) -> Institution:
    """Read one institution."""
    with making_sense("An institution"):
        return Institution(
            id=word(one, "institution_id"),
            name=shown(str(one["name"])),
            countries=[str(code) for code in one.get("country_codes") or ()],
            oauth=bool(one.get("oauth")),
            url=one.get("url"),
        )


def link_outcomes(answer: Mapping[str, Any]) -> list[LinkOutcome]:
    """Read the sessions of an answer of /link/token/get, oldest first."""
    with making_sense("A link session"):
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
        institution_id=code(bank.get("institution_id")),
        institution_name=text(bank, "name"),
        error_type=code(error.get("error_type")),
        error_code=code(error.get("error_code")),
        request_id=code(metadata.get("request_id")) if error else None,
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
            plaid_account_id=text(one, "id"),
            persistent_account_id=text(one, "persistent_account_id"),
            name=text(one, "name") or "",
            mask=text(one, "mask"),
            type=text(one, "type") or "other",
            subtype=text(one, "subtype") or None,
        )
        for one in told
    )


def _careful(row: Mapping[str, Any], raw: str) -> BankTransaction:
    """Read a row of a page that somewhere spells what is no number, and no JSON."""
    _STRICT.decode(raw)
    return transaction(row, raw)


def transaction(row: Mapping[str, Any], raw: str) -> BankTransaction:
    """Read one transaction; ``raw`` is its own text."""
    pfc = row.get("personal_finance_category") or {}
    amount = amount_of(row, "amount")
    if amount is None:
        raise Nonsense(_LACKS, member="amount")
    told_in = currency_of(row)
    if told_in == NO_CURRENCY:
        raise Nonsense(N_("It names no currency, so that it cannot be summed with the others."))
    return BankTransaction(
        plaid_transaction_id=word(row, "transaction_id"),
        plaid_account_id=word(row, "account_id"),
        pending_transaction_id=code(row.get("pending_transaction_id")),
        pending=bool(row["pending"]),
        amount=amount,
        currency=told_in,
        day=_day(row["date"], "date"),
        authorized_date=day_of(row, "authorized_date"),
        name=text(row, "name") or text(row, "merchant_name") or "",
        merchant_name=text(row, "merchant_name"),
        pfc_primary=code(pfc.get("primary")),
        pfc_detailed=code(pfc.get("detailed")),
        payment_channel=code(row.get("payment_channel")),
        raw=raw,
    )


def transaction_again(raw: str) -> BankTransaction | None:
    """Read a transaction that was kept aside once more, or return None if it is as bad as then."""
    try:
        return transaction(_STRICT.decode(raw), raw)
    except _NONSENSE:
        return None


def word(one: Mapping[str, Any], name: str) -> str:
    """Return an identifier, which must be there."""
    word = one[name]
    if not isinstance(word, str) or not word or _UNSTORABLE.search(word):
        raise Nonsense(N_("Its %(member)s is no identifier."), member=name)
    return word


def code(value: Any) -> str | None:
    """Return a code or identifier that may be missing; what cannot be one is as good as none."""
    return value if isinstance(value, str) and value and not _UNSTORABLE.search(value) else None


def text(one: Mapping[str, Any], name: str) -> str | None:
    """Return a text for people, if there is one."""
    text = one.get(name)
    return None if text is None else shown(str(text))


def shown(text: str) -> str:
    """Return ``text`` with a mark in the place of characters that cannot be stored."""
    return _UNSTORABLE.sub("\ufffd", text)


def currency_of(one: Mapping[str, Any]) -> Currency:
    """Return the currency that a value is in, official or not; ``NO_CURRENCY`` if none is told."""
    code = one.get("iso_currency_code") or one.get("unofficial_currency_code")
    try:
        return NO_CURRENCY if not code else currency(str(code))
    except Refused:
        raise Nonsense(_NO_CODE, member="iso_currency_code", told=repr(str(code)[:40])) from None


_NO_CODE = N_("Its %(member)s, %(told)s, is no code of one.")


def amount_of(one: Mapping[str, Any], name: str) -> Decimal | None:
    """Return a number that may be missing, in at most ten decimals. Raises ``Nonsense``."""
    value = one.get(name)
    if value is None:
        return None
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise Nonsense(_NO_NUMBER, member=name)
    amount = Decimal(value)
    if amount.is_nan():
        raise Nonsense(_NO_NUMBER, member=name)
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_DECIMALS:
        # A binary number's noise (4.029999999999999); no account moves in finer parts than these.
        amount = round(amount, _DECIMALS)
    try:
        return check_amount(amount)
    except Refused as error:
        raise Nonsense(_TOO_LARGE, member=name) from error


_NO_NUMBER = N_("Its %(member)s is no number.")
_TOO_LARGE = N_("Its %(member)s cannot be kept: it has more than 18 digits before the point.")


def day_of(one: Mapping[str, Any], name: str) -> date | None:
    """Return a day that may be missing. Raises ``Nonsense``."""
    value = one.get(name)
    return _day(value, name) if value else None


def _day(value: Any, name: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        if value is None:
            raise Nonsense(_LACKS, member=name) from error
        told = repr(shown(str(value))[:40])
        raise Nonsense(_NO_DAY, member=name, told=told) from error


_LACKS = N_("It lacks its %(member)s.")
_NO_DAY = N_("Its %(member)s, %(told)s, is no day.")


def _moment(one: Mapping[str, Any], name: str) -> datetime | None:
    """Return a moment that may be missing or nonsense: nothing hangs on it."""
    try:
        return instant(one.get(name))
    except BankAnswerMakesNoSense:
        return None


def instant(text: str | None) -> datetime | None:
    """Read a moment; one without a zone is in UTC. Raises ``BankAnswerMakesNoSense``."""
    if not text:
        return None
    with making_sense("A moment"):
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
