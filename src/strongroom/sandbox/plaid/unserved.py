"""Plaid's products and endpoints that the sandbox does not serve.

Who asks for one is answered as Plaid answers a client that has not been given it. Serves none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.institutions import INSTITUTIONS

_SERVED: Final = frozenset(product for bank in INSTITUTIONS for product in bank.products)

# Start of the path -> product, or "" for what Plaid grants by the route. The longest start counts.
_STARTS: Final = {
    "/application": "",
    "/asset_report": "assets",
    "/auth/verify": "auth",
    "/bank_transfer": "transfer",
    "/beacon": "beacon",
    "/beta": "",
    "/beta/credit": "income_verification",
    "/business_verification": "identity_verification",
    "/cashflow_report": "cra_cashflow_insights",
    "/consent": "",
    "/consumer_report": "cra_base_report",
    "/cra": "cra_base_report",
    "/cra/check_report/cashflow_insights": "cra_cashflow_insights",
    "/cra/check_report/income_insights": "cra_income_insights",
    "/cra/check_report/lend_score": "cra_lend_score",
    "/cra/check_report/network_insights": "cra_network_insights",
    "/cra/check_report/partner_insights": "cra_partner_insights",
    "/cra/monitoring_insights": "cra_monitoring",
    "/cra/partner_insights": "cra_partner_insights",
    "/credit": "income_verification",
    "/credit/asset_report": "assets",
    "/credit/audit_copy_token": "assets",
    "/credit/employment": "employment",
    "/credit/freddie_mac": "assets",
    "/credit/relay": "assets",
    "/dashboard_user": "",
    "/employers": "employment",
    "/employment": "employment",
    "/fdx": "",
    "/identity/documents": "identity",
    "/identity/match": "identity_match",
    "/identity/refresh": "identity",
    "/identity_verification": "identity_verification",
    "/idv_classic": "identity_verification",
    "/income": "income_verification",
    "/investments/auth": "investments_auth",
    "/investments/refresh": "investments",
    "/issues": "",
    "/item/activity": "",
    "/item/application": "",
    "/item/products": "",
    "/items/transactions": "",
    "/link/oauth": "",
    "/link_delivery": "",
    "/network": "layer",
    "/oauth": "",
    "/partner": "",
    "/payment_initiation": "payment_initiation",
    "/payment_profile": "transfer",
    "/processor": "",
    "/profile": "profile",
    "/protect": "protect_linked_bank",
    "/sandbox/bank_income": "income_verification",
    "/sandbox/bank_transfer": "transfer",
    "/sandbox/cra": "cra_base_report",
    "/sandbox/income": "income_verification",
    "/sandbox/item/application": "",
    "/sandbox/item/set_verification_status": "auth",
    "/sandbox/oauth": "",
    "/sandbox/payment": "payment_initiation",
    "/sandbox/payment_profile": "transfer",
    "/sandbox/processor_token": "",
    "/sandbox/transfer": "transfer",
    "/sandbox/user": "",
    "/session": "layer",
    "/signal": "signal",
    "/statements": "statements",
    "/transactions/enrich": "",
    "/transactions/recurring/deactivate": "recurring_transactions",
    "/transfer": "transfer",
    "/user": "",
    "/user_account": "layer",
    "/wallet": "payment_initiation",
    "/watchlist_screening": "identity_verification",
}  # fmt: skip


def refusal(path: str) -> PlaidError | None:
    """Give what Plaid says to a client without access to ``path``; None where Plaid has no such.

    Paths are told by how they start, so that a newer SDK's endpoints of a known product are too.
    """
    parts = path.rstrip("/").split("/")
    for length in range(len(parts), 1, -1):
        product = _STARTS.get("/".join(parts[:length]))
        if product:
            return _not_given([product], f"; the local Plaid does not serve {path[:100]}")
        if product is not None:
            return PlaidError("UNAUTHORIZED_ROUTE_ACCESS")
    return None


def check_products(products: Iterable[str]) -> None:
    """Raise INVALID_PRODUCT, naming them, for products that no practice bank has."""
    lacking = [product for product in dict.fromkeys(products) if product not in _SERVED]
    if lacking:
        raise _not_given(lacking)


def _not_given(products: list[str], more: str = "") -> PlaidError:
    named = json.dumps(products)
    return PlaidError(
        "INVALID_PRODUCT",
        f"client is not authorized to access the following products: {named}{more}",
    )
