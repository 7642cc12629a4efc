"""Checks request bodies against small tables: required, unknown and mistyped fields.

A table maps a field name to a ``Field``. Says nothing about what a value means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid.errors import PlaidError

CREDENTIALS: Final = ("client_id", "secret")
PRODUCTS: Final = frozenset(
    "assets auth balance balance_plus beacon identity identity_match investments investments_auth "
    "liabilities payment_initiation identity_verification transactions credit_details income "
    "income_verification standing_orders transfer employment recurring_transactions "
    "transactions_refresh signal statements processor_payments processor_identity profile "
    "cra_base_report cra_income_insights cra_partner_insights cra_network_insights "
    "cra_cashflow_insights cra_monitoring cra_lend_score cra_plaid_credit_score layer pay_by_bank "
    "protect_linked_bank protect_transactions cra_home_lending cra_qualify".split()
)
COUNTRIES: Final = frozenset("US GB ES NL FR IE CA DE IT PL DK NO SE EE LT LV PT BE AT FI".split())


@dataclass(frozen=True, slots=True)
class Field:
    """What one field may be.

    ``kind``: str, url, int, bool, number, date, moment, object, objects, any, strings, products,
    countries. ``nullable`` lets null stand for absent. ``members`` is the table of an object, or
    of each of ``objects``; where it is ``open``, members beside the table are taken as they are.
    """

    kind: str = "any"
    required: bool = False
    nullable: bool = False
    low: int | None = None
    high: int | None = None
    choices: tuple[str, ...] = ()
    members: Mapping[str, Field] | None = None
    open: bool = False


Table = Mapping[str, Field]

REQUIRED_TEXT: Final = Field("str", required=True)
TEXT: Final = Field("str")
FLAG: Final = Field("bool", nullable=True)
ANY: Final = Field("any", nullable=True)


def check(
    table: Table, body: Mapping[str, Any], prefix: str = "", *, open_ended: bool = False
) -> dict[str, Any]:
    """Return the body without nulls that mean absent.

    Members that the table does not name stay when it is ``open_ended``. Raises ``PlaidError``
    MISSING_FIELDS, UNKNOWN_FIELDS or INVALID_FIELD, naming the field.
    """
    ignored = CREDENTIALS if not prefix else ()
    unknown = [prefix + name for name in body if name not in table and name not in ignored]
    if unknown and not open_ended:
        raise PlaidError(
            "UNKNOWN_FIELDS",
            f"the following fields are not recognized by this endpoint: {', '.join(unknown)}",
        )
    missing = [
        prefix + name for name, field in table.items() if field.required and _lacks(body, name)
    ]
    if missing:
        raise PlaidError(
            "MISSING_FIELDS", f"the following required fields are missing: {', '.join(missing)}"
        )
    clean: dict[str, Any] = {}
    for name, value in body.items():
        if name in ignored:
            continue
        field = table.get(name, ANY)
        if value is None and field.nullable:
            continue
        clean[name] = _value(prefix + name, field, value)
    return clean


def invalid(name: str, problem: str) -> PlaidError:
    """Build the INVALID_FIELD error for a named field."""
    return PlaidError("INVALID_FIELD", f"{name} {problem}")


def _lacks(body: Mapping[str, Any], name: str) -> bool:
    return body.get(name) is None or body[name] == ""


def _value(name: str, field: Field, value: Any) -> Any:
    if field.kind == "any":
        return value
    checker = _CHECKS[field.kind]
    return checker(name, field, value)


def _text(name: str, field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(name, "must be a string")
    if field.choices and value not in field.choices:
        raise invalid(name, f"must be one of: {', '.join(field.choices)}")
    if field.high is not None and len(value) > field.high:
        raise invalid(name, f"must have at most {field.high} characters")
    return value


def _url(name: str, field: Field, value: Any) -> str:
    text = _text(name, field, value)
    if text and not text.startswith(("http://", "https://")):
        raise invalid(name, "must be an http or https URL")
    return text


def _whole(name: str, field: Field, value: Any) -> int:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(name, "must be an integer")
    if field.low is not None and value < field.low:
        raise invalid(name, f"must be at least {field.low}")
    if field.high is not None and value > field.high:
        raise invalid(name, f"must be at most {field.high}")
    return value


def _flag(name: str, field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise invalid(name, "must be a boolean")
    return value


def _number(name: str, field: Field, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid(name, "must be a number")
    return Decimal(value)


def _date(name: str, field: Field, value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or value != day.isoformat():
        raise invalid(name, "must be a date of the form YYYY-MM-DD")
    return day


def _moment(name: str, field: Field, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise invalid(name, "must be a date and time of the form YYYY-MM-DDTHH:MM:SSZ")
    return moment


def _object(name: str, field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(name, "must be an object")
    if field.members is None:
        return value
    return check(field.members, value, f"{name}.", open_ended=field.open)


def _objects(name: str, field: Field, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise invalid(name, "must be an array of objects")
    return [_object(f"{name}[{index}]", field, one) for index, one in enumerate(value)]


def _strings(name: str, field: Field, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid(name, "must be an array of strings")
    if field.low is not None and len(value) < field.low:
        raise invalid(name, f"must have at least {field.low} element(s)")
    return value


def _products(name: str, field: Field, value: Any) -> list[str]:
    names = _strings(name, field, value)
    wrong = [item for item in names if item not in PRODUCTS]
    if wrong:
        raise PlaidError("INVALID_PRODUCT", f"{name} has an unknown product: {wrong[0]}")
    return names


def _countries(name: str, field: Field, value: Any) -> list[str]:
    names = _strings(name, field, value)
    wrong = [item for item in names if item not in COUNTRIES]
    if wrong:
        raise invalid(name, f"has an unknown country code: {wrong[0]}")
    return names


_CHECKS: Final = {
    "str": _text,
    "url": _url,
    "int": _whole,
    "bool": _flag,
    "number": _number,
    "date": _date,
    "moment": _moment,
    "object": _object,
    "objects": _objects,
    "strings": _strings,
    "products": _products,
    "countries": _countries,
}
