"""What a practice bank knows of one person: accounts and rows, as plain values.

Shared by every kind of test user; holds no database and no wire format.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

# ISO 4217 codes in use; any other code is passed on as an unofficial one (crypto, points).
ISO_CURRENCIES: Final = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR "
    "KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
    "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS "
    "UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction at the bank; ``amount`` has Plaid's sign (positive leaves the account).

    ``day`` is the posting date, or for a pending row the date it happened. ``posts_on`` is when
    a pending row will post (None: not by itself). ``account`` counts the persona's accounts.
    """

    account: int
    day: date
    authorized: date
    amount: Decimal
    name: str
    category: str = "OTHER_OTHER"
    merchant: str | None = None
    website: str | None = None
    channel: str = "other"
    currency: str = "USD"
    pending: bool = False
    posts_on: date | None = None
    confidence: str = "HIGH"
    counterparty: str = "merchant"
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One account at the bank, as the bank sees it.

    ``available_rule`` says how the available balance moves: follow (with current, less what is
    pending), fixed, unknown (null), remaining (limit less current). ``current`` of credit and
    loan accounts is what is owed, positive.
    """

    type: str
    subtype: str | None
    name: str
    official_name: str | None
    mask: str | None
    current: Decimal | None
    available: Decimal | None = None
    available_rule: str = "follow"
    limit: Decimal | None = None
    currency: str = "USD"
    numbers: Mapping[str, str] = field(default_factory=dict)
    owners: Sequence[Mapping[str, Any]] = ()
    liability: Mapping[str, Any] | None = None
    holdings: Sequence[Mapping[str, Any]] = ()
    investment_transactions: Sequence[Mapping[str, Any]] = ()
    holder: str = "personal"


@dataclass(frozen=True, slots=True)
class Persona:
    """A test user's whole bank. ``grows``: new rows appear as the sandbox's days pass.

    ``lively``: /transactions/refresh changes things. ``all_history``: rows are reported however
    old they are, unless the client itself set a shorter window.
    """

    accounts: Sequence[Account]
    rows: Sequence[Row]
    grows: bool = False
    lively: bool = False
    all_history: bool = False
    mfa: Mapping[str, int] | None = None


def split_currency(code: str) -> tuple[str | None, str | None]:
    """Give (iso_currency_code, unofficial_currency_code): exactly one is set."""
    return (code, None) if code in ISO_CURRENCIES else (None, code)


def owes(account_type: str) -> bool:
    """Say whether a positive balance of this account type is debt."""
    return account_type in ("credit", "loan")


def balance_change(account_type: str, amount: Decimal) -> Decimal:
    """Give by how much a posted row of ``amount`` moves the current balance."""
    return amount if owes(account_type) else -amount


def owner(name: str, street: str, city: str, region: str | None, code: str, country: str,
          email: str, phone: str) -> dict[str, Any]:  # fmt: skip
    """Build one owner in Plaid's identity shape."""
    place = {"street": street, "city": city, "region": region, "postal_code": code,
             "country": country}  # fmt: skip
    return {
        "names": [name],
        "emails": [{"data": email, "primary": True, "type": "primary"}],
        "phone_numbers": [{"data": phone, "primary": True, "type": "home"}],
        "addresses": [{"data": place, "primary": True}],
    }
