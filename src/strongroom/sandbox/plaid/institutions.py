"""The practice banks: who they are, where they work, and how they misbehave.

Builds Plaid's institution objects; holds no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid.clock import stamp

_US: Final = ("US",)
_UK_EU: Final = ("GB", "IE", "ES", "FR", "NL", "DE", "IT", "PL", "DK", "NO", "SE", "EE", "LT", "LV",
                 "PT", "BE", "AT", "FI")  # fmt: skip
_ALL_PRODUCTS: Final = (
    "auth", "balance", "identity", "investments", "liabilities", "transactions",
    "recurring_transactions", "transactions_refresh",
)  # fmt: skip
_BASIC: Final = ("auth", "balance", "identity", "transactions", "recurring_transactions",
                 "transactions_refresh")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Institution:
    """One practice bank. ``health``: HEALTHY, DEGRADED, DOWN or UNSUPPORTED."""

    institution_id: str
    name: str
    countries: tuple[str, ...] = _US
    products: tuple[str, ...] = _ALL_PRODUCTS
    routing_numbers: tuple[str, ...] = ()
    oauth: bool = False
    health: str = "HEALTHY"
    slow_balance: bool = False
    color: str = "#1f4f7a"
    url: str = "https://plaid.com"
    currency: str = "USD"

    @property
    def asks_consent_again(self) -> bool:
        """Say whether the user's consent ends by law (United Kingdom, European Union)."""
        return self.currency not in ("USD", "CAD")


INSTITUTIONS: Final = (
    Institution("ins_109508", "First Platypus Bank", routing_numbers=("011401533",)),
    Institution("ins_109509", "First Gingham Credit Union", color="#7a3e1f"),
    Institution("ins_109510", "Tattersall Federal Credit Union", color="#4a5d23"),
    Institution("ins_109511", "Tartan Bank", color="#7a1f33"),
    Institution(
        "ins_109512", "Houndstooth Bank", color="#004966",
        routing_numbers=("011000138", "011200365", "011400495"),
    ),
    Institution("ins_130016", "First Platypus Balance Bank", slow_balance=True),
    Institution(
        "ins_43", "Tartan-Dominion Bank of Canada", countries=("CA",), color="#7a1f1f",
        currency="CAD",
    ),
    Institution(
        "ins_116834", "Flexible Platypus Open Banking", countries=("GB",), products=_BASIC,
        oauth=True, currency="GBP", color="#2b4a8b",
    ),
    Institution(
        "ins_117181", "Flexible Platypus Open Banking", countries=("GB",), products=_BASIC,
        oauth=True, currency="GBP", color="#2b4a8b",
    ),
    Institution(
        "ins_117650", "Royal Bank of Plaid", countries=_UK_EU, currency="GBP", color="#4b2b8b",
    ),
    Institution("ins_127287", "Platypus OAuth Bank", oauth=True, color="#1f6f5c"),
    Institution("ins_132241", "First Platypus OAuth App2App Bank", oauth=True, color="#1f6f5c"),
    Institution("ins_135858", "Windowpane Bank", color="#355c7d"),
    Institution("ins_132363", "Unhealthy Platypus Bank - Degraded", health="DEGRADED"),
    Institution("ins_132361", "Unhealthy Platypus Bank - Down", health="DOWN"),
    Institution("ins_133402", "Unsupported Platypus Bank", health="UNSUPPORTED"),
)  # fmt: skip
BY_ID: Final = {bank.institution_id: bank for bank in INSTITUTIONS}
MOST_SEARCH_RESULTS: Final = 10


def find(
    countries: Iterable[str],
    *,
    query: str = "",
    products: Iterable[str] = (),
    oauth: bool | None = None,
    routing_numbers: Iterable[str] = (),
) -> list[Institution]:
    """List the banks that serve any of ``countries`` and meet every other wish.

    The whole query, and else each of its words, must occur in the name, ignoring case.
    """
    words = query.casefold().split()
    wanted = set(products) - {"balance"}
    numbers = set(routing_numbers)
    return [
        bank
        for bank in INSTITUTIONS
        if set(bank.countries) & set(countries)
        and all(word in bank.name.casefold() for word in words)
        and wanted <= set(bank.products)
        and oauth in (None, bank.oauth)
        and (not numbers or numbers & set(bank.routing_numbers))
    ]


def as_object(bank: Institution, options: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Build Plaid's institution object with the metadata that ``options`` ask for."""
    body: dict[str, Any] = {
        "country_codes": list(bank.countries),
        "dtc_numbers": [],
        "institution_id": bank.institution_id,
        "name": bank.name,
        "oauth": bank.oauth,
        "products": list(bank.products),
        "routing_numbers": list(bank.routing_numbers),
        # Demanded by SDKs newer than the published document.
        "connection_availability": (
            "NOT_SUPPORTED" if bank.health == "UNSUPPORTED" else "SUPPORTED"
        ),
    }
    if options.get("include_optional_metadata"):
        body |= {"url": bank.url, "primary_color": bank.color, "logo": None}
    if options.get("include_auth_metadata"):
        body["auth_metadata"] = {
            "supported_methods": {
                "instant_auth": True,
                "instant_match": True,
                "automated_micro_deposits": False,
                "instant_micro_deposits": False,
            }
        }
    if options.get("include_payment_initiation_metadata"):
        body["payment_initiation_metadata"] = _payments(bank)
    if options.get("include_status"):
        body["status"] = _status(bank, now)
    return body


def _payments(bank: Institution) -> dict[str, Any] | None:
    """Give what payments the bank could make; None outside the United Kingdom and the EU."""
    if not bank.asks_consent_again:
        return None
    return {
        "supports_international_payments": True,
        "supports_sepa_instant": False,
        # In the smallest unit, as Plaid writes it.
        "maximum_payment_amount": {bank.currency: "1000000"},
        "supports_refund_details": True,
        "standing_order_metadata": None,
        "supports_payment_consents": False,
    }


def _status(bank: Institution, now: datetime) -> dict[str, Any]:
    shares = {
        "HEALTHY": ("0.95", "0.02", "0.03"),
        "DEGRADED": ("0.43", "0.05", "0.52"),
        "DOWN": ("0.0", "0.0", "1.0"),
        "UNSUPPORTED": ("0.0", "0.0", "1.0"),
    }[bank.health]
    success, plaid, institution = map(Decimal, shares)
    health = "DOWN" if bank.health == "UNSUPPORTED" else bank.health
    since = stamp((now - timedelta(days=2)).replace(hour=8, minute=0, second=0))

    def one(*, refreshes: bool) -> dict[str, Any]:
        breakdown: dict[str, Any] = {
            "success": success,
            "error_plaid": plaid,
            "error_institution": institution,
        }
        if refreshes:
            breakdown["refresh_interval"] = "STOPPED" if health == "DOWN" else "NORMAL"
        return {"status": health, "last_status_change": since, "breakdown": breakdown}

    return {
        "item_logins": one(refreshes=False),
        "transactions_updates": one(refreshes=True),
        "auth": one(refreshes=False),
        "identity": one(refreshes=False),
        "investments_updates": one(refreshes=True),
        "liabilities_updates": one(refreshes=True),
        "liabilities": one(refreshes=False),
        "investments": one(refreshes=False),
        "health_incidents": [],
    }
