"""Reads ``user_custom``: a person described by the JSON given as password.

Takes every shape that Plaid's template allows, nulls and missing members included. Nothing is
invented beside the file's own rows except what an ``inflow_model`` asks for.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid import categories
from strongroom.sandbox.plaid.errors import TABLE, PlaidError
from strongroom.sandbox.plaid.persona import Account, Persona, Row, owner
from strongroom.sandbox.plaid.wire import BadJson, loads

# Plaid takes 55 KB; its own sample of 223 rows is 68 KB indented, so a little more is taken.
MAX_BYTES: Final = 256_000
MAX_ACCOUNTS: Final = 10
_INFLOW_MONTHS: Final = 24
_DEFAULT_BALANCE: Final = Decimal("100")
_SUBTYPES: Final = {
    "depository": "checking", "credit": "credit card", "loan": "student",
    "investment": "brokerage", "payroll": "payroll", "other": "other",
}  # fmt: skip
_TYPES: Final = {"payroll": "other"}


def build(password: str, today: date, home_currency: str) -> Persona:
    """Build the persona; raises ``PlaidError``: INVALID_CREDENTIALS for unusable JSON.

    ``force_error`` in the file raises that error instead.
    """
    document = _document(password)
    forced = document.get("force_error")
    if isinstance(forced, str) and forced:
        code = forced.upper().removeprefix("ERROR_")
        raise PlaidError(code if code in TABLE else "INVALID_CREDENTIALS")
    overrides = [_object(one) for one in _list(document.get("override_accounts"))]
    if not overrides or len(overrides) > MAX_ACCOUNTS:
        raise _unusable(f"override_accounts must hold 1 to {MAX_ACCOUNTS} accounts")
    accounts: list[Account] = []
    rows: list[Row] = []
    for index, override in enumerate(overrides):
        account = _account(override, index, home_currency, today)
        accounts.append(account)
        rows += _rows(override, index, account.currency, today)
        rows += _inflow(override, index, account, today)
    return Persona(accounts, rows, all_history=True, mfa=_mfa(document.get("mfa")))


def _unusable(reason: str) -> PlaidError:
    return PlaidError(
        "INVALID_CREDENTIALS", f"the password of user_custom is not a usable user: {reason}"
    )


def _document(password: str) -> dict[str, Any]:
    if len(password.encode("utf-8", "replace")) > MAX_BYTES:
        raise _unusable(f"it is larger than {MAX_BYTES} bytes")
    try:
        document = loads(password)
    except BadJson as error:
        raise _unusable(str(error)) from error
    if not isinstance(document, dict):
        raise _unusable("it must be a JSON object")
    return document


def _list(value: Any) -> list[Any]:
    """Take null as nothing, and a single object as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _unusable("an object was expected")
    return value


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _unusable("a text was expected")
    return value


def _number(value: Any) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = loads(value)
        except BadJson as error:
            raise _unusable("a number was expected") from error
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _unusable("a number was expected")
    return Decimal(value)


def _date(value: Any) -> date | None:
    text = _text(value)
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise _unusable(f"{text[:20]!r} is not a date of the form YYYY-MM-DD") from error


def _currency(value: Any, otherwise: str) -> str:
    text = _text(value)
    return text.upper() if text and text.upper() != "NULL" else otherwise


def _account(override: Mapping[str, Any], index: int, home: str, today: date) -> Account:
    kind = (_text(override.get("type")) or "depository").lower()
    if kind not in _SUBTYPES:
        raise _unusable(f"unknown account type {kind[:20]!r}")
    subtype = _text(override.get("subtype")) or _SUBTYPES[kind]
    meta = _object(override.get("meta"))
    numbers = {
        key: str(value)
        for key, value in _object(override.get("numbers")).items()
        if value not in (None, "")
    }
    holdings = [_object(one) for one in _list(override.get("holdings"))]
    limit = _number(meta.get("limit"))
    current = _current(override, kind, holdings, index)
    available, rule = _available(override, kind, current, limit)
    kind_name = f"Plaid {subtype.title()}"
    return Account(
        type=_TYPES.get(kind, kind),
        subtype=subtype,
        name=_text(meta.get("name")) or kind_name,
        official_name=_text(meta.get("official_name")),
        mask=_mask(meta, numbers, index),
        current=current,
        available=available,
        available_rule=rule,
        limit=limit,
        currency=_currency(override.get("currency"), home),
        numbers=numbers,
        owners=_owners(_object(override.get("identity"))),
        liability=_liability(override, kind, subtype),
        holdings=[one for one in holdings if _number(one.get("quantity")) is not None],
        investment_transactions=[
            one
            for one in map(_object, _list(override.get("investment_transactions")))
            if _date(one.get("date")) is not None
        ],
        holder="business" if subtype == "business" else "personal",
    )


def _current(
    override: Mapping[str, Any], kind: str, holdings: Sequence[Mapping[str, Any]], index: int
) -> Decimal:
    """Give the starting balance, or else what the rest of the file says the account is worth."""
    current = _number(override.get("starting_balance"))
    if current is not None:
        return current
    if kind == "loan":
        owed = _number(_object(override.get("liability")).get("principal"))
        if owed is not None:
            return owed
    if kind == "investment":
        values = [
            (_number(one.get("institution_price")) or Decimal(0))
            * (_number(one.get("quantity")) or Decimal(0))
            for one in holdings
        ]
        if any(values):
            return sum(values, Decimal(0))
    return _DEFAULT_BALANCE * (index + 1)


def _available(
    override: Mapping[str, Any], kind: str, current: Decimal, limit: Decimal | None
) -> tuple[Decimal | None, str]:
    """Choose the available balance and how it moves afterwards."""
    forced = _number(override.get("force_available_balance"))
    if override.get("has_null_available_balance") is True:
        return None, "unknown"
    if forced is not None:
        return forced, "fixed"
    if kind == "credit" and limit is not None:
        return limit - current, "remaining"
    if kind == "depository":
        return current, "follow"
    return None, "unknown"


def _mask(meta: Mapping[str, Any], numbers: Mapping[str, str], index: int) -> str | None:
    if "mask" in meta and meta["mask"] is not None:
        mask = str(meta["mask"])
        if mask and not (2 <= len(mask) <= 4 and mask.isascii() and mask.isalnum()):
            raise _unusable("meta.mask must have 2 to 4 letters or digits, or be empty")
        return mask or None
    number = numbers.get("account") or numbers.get("international_iban")
    return number[-4:] if number and len(number) > 3 else str(index) * 4


def _owners(identity: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = [name for name in _list(identity.get("names")) if isinstance(name, str)]
    if not names:
        return [owner("Alberta Bobbeth Charleson", "2992 Cameron Road", "Malakoff", "NY", "14236",
                      "US", "accountholder0@example.com", "1112223333")]  # fmt: skip
    return [
        {
            "names": names,
            "emails": [
                {"data": one["data"], "primary": bool(one.get("primary")),
                 "type": one.get("type") or "primary"}
                for one in map(_object, _list(identity.get("emails"))) if one.get("data")
            ],
            "phone_numbers": [
                {"data": one["data"], "primary": bool(one.get("primary")),
                 "type": one.get("type") or "home"}
                for one in map(_object, _list(identity.get("phone_numbers"))) if one.get("data")
            ],
            "addresses": [
                {"data": place, "primary": bool(one.get("primary"))}
                for one in map(_object, _list(identity.get("addresses")))
                if (place := _place(_object(one.get("data")))) is not None
            ],
        }
    ]  # fmt: skip


def _place(data: Mapping[str, Any]) -> dict[str, str | None] | None:
    if not any(data.values()):
        return None
    names = ("city", "region", "street", "postal_code", "country")
    place = {name: _text(data.get(name)) for name in names}
    return place | {"street": place["street"] or ""}


def _liability(override: Mapping[str, Any], kind: str, subtype: str) -> dict[str, Any] | None:
    given = {
        name: value
        for name, value in _object(override.get("liability")).items()
        if value is not None
    }
    if given.get("type") not in ("credit", "student", "mortgage"):
        if not any(not isinstance(value, dict) for value in given.values()):
            given = {}
        given["type"] = {"credit": "credit"}.get(kind, subtype)
    supported = {"credit": "credit", "loan": given["type"]}.get(kind)
    return given if supported in ("credit", "student", "mortgage") else None


def _rows(override: Mapping[str, Any], index: int, currency: str, today: date) -> list[Row]:
    rows = []
    for one in map(_object, _list(override.get("transactions"))):
        amount = _number(one.get("amount"))
        posted = _date(one.get("date_posted")) or _date(one.get("date_transacted"))
        if amount is None or posted is None:
            continue  # a row of the blank template
        authorized = _date(one.get("date_transacted")) or posted
        name = _text(one.get("description")) or "Transaction"
        rows.append(
            Row(
                account=index,
                # Plaid's ``date`` of a pending row would be the day it happened; the file's
                # posting day is kept as ``posts_on`` and shown once it has come.
                day=posted if posted <= today else min(authorized, today),
                authorized=authorized,
                amount=amount,
                name=name,
                category=categories.guess(name, amount),
                currency=_currency(one.get("currency"), currency),
                pending=posted > today,
                posts_on=posted if posted > today else None,
                confidence="LOW",
            )
        )
    return rows


def _inflow(override: Mapping[str, Any], index: int, account: Account, today: date) -> list[Row]:
    """Give what an inflow model adds: monthly income, or monthly payments on a debt."""
    model = _object(override.get("inflow_model"))
    kind = _text(model.get("type"))
    name = _text(model.get("transaction_name"))
    if kind in (None, "none") or model.get("payment_day_of_month") is None:
        return []
    amount = _number(model.get("income_amount"))
    if kind == "monthly-income":
        if amount is None:
            raise _unusable("inflow_model.income_amount is required for monthly-income")
        category = "INCOME_SALARY"
    elif kind in ("monthly-balance-payment", "monthly-interest-only-payment"):
        owed = account.current or Decimal(0)
        apr = _number((account.liability or {}).get("purchase_apr")) or Decimal("12")
        share = Decimal(1) if kind == "monthly-balance-payment" else apr / 1200
        amount = amount or (owed * share).quantize(Decimal("0.01"))
        category = "LOAN_PAYMENTS_OTHER_PAYMENT"
    else:
        raise _unusable(f"unknown inflow_model.type {kind[:40]!r}" if kind else "no type")
    if not amount:
        return []
    return [
        Row(index, day, day, -abs(amount), name or "Inflow", category, currency=account.currency)
        for day in _monthly(model["payment_day_of_month"], today)
    ]


def _monthly(day_of_month: Any, today: date) -> Sequence[date]:
    number = 31 if day_of_month == "last" else int(_number(day_of_month) or 1)
    if not 1 <= number <= 31:
        raise _unusable("inflow_model.payment_day_of_month must be 1 to 28, or last")
    found = []
    month = today.replace(day=1)
    for _ in range(_INFLOW_MONTHS):
        last = calendar.monthrange(month.year, month.month)[1]
        day = month.replace(day=min(number, last))
        if day <= today:
            found.append(day)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def _mfa(value: Any) -> dict[str, int] | None:
    """Give the rounds and questions that Link must ask, or None."""
    mfa = _object(value)
    kind = _text(mfa.get("type"))
    if kind not in ("device", "questions", "selections"):
        return None

    def count(name: str, otherwise: int) -> int:
        return max(1, min(10, int(_number(mfa.get(name)) or otherwise)))

    if kind == "device":
        return {"device": 1}
    if kind == "questions":
        return {"rounds": count("question_rounds", 1), "questions": count("questions_per_round", 1)}
    return {
        "rounds": count("selection_rounds", 1),
        "questions": count("questions_per_round", 2),
        "selections": count("selections_per_question", 2),
    }
