"""Plaid's request limits a minute, for each item and each client, when they are switched on.

Counts by the minute of the sandbox's own clock; without a tier nothing is counted.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.store import get_meta, set_meta
from strongroom.sandbox.plaid.world import World

OFF: Final = "off"
TIERS: Final = (OFF, "sandbox", "production")
_META: Final = "rate_limits"


class Limit(NamedTuple):
    """Requests a minute: (item, client) in the sandbox and in production; None is no limit."""

    item_code: str
    client_code: str
    sandbox: tuple[int | None, int]
    production: tuple[int | None, int]


_ACCOUNTS: Final = "ACCOUNTS_LIMIT"
_TRANSACTIONS: Final = "TRANSACTIONS_LIMIT"
_HOLDINGS: Final = "INVESTMENT_HOLDINGS_GET_LIMIT"
_INVESTMENTS: Final = "INVESTMENT_TRANSACTIONS_LIMIT"
_ANY: Final = "RATE_LIMIT"
_BANKS: Final = "INSTITUTIONS_GET_LIMIT"
_BANK: Final = "INSTITUTIONS_GET_BY_ID_LIMIT"
LIMITS: Final = {
    "/accounts/balance/get": Limit(
        "BALANCE_LIMIT", "ACCOUNTS_BALANCE_GET_LIMIT", (25, 100), (5, 1200)
    ),
    "/accounts/get": Limit(_ACCOUNTS, _ACCOUNTS, (100, 5000), (15, 15000)),
    "/auth/get": Limit("AUTH_LIMIT", "AUTH_LIMIT", (100, 500), (15, 12000)),
    "/identity/get": Limit("IDENTITY_LIMIT", "IDENTITY_LIMIT", (100, 1000), (15, 2000)),
    "/investments/holdings/get": Limit(_HOLDINGS, _HOLDINGS, (100, 1000), (15, 2000)),
    "/investments/transactions/get": Limit(_INVESTMENTS, _INVESTMENTS, (100, 1000), (30, 20000)),
    "/item/get": Limit("ITEM_GET_LIMIT", "ITEM_GET_LIMIT", (40, 5000), (15, 5000)),
    "/item/remove": Limit(_ANY, _ANY, (100, 500), (30, 2000)),
    "/liabilities/get": Limit(_ANY, _ANY, (10, 1000), (15, 1000)),
    "/transactions/get": Limit(_TRANSACTIONS, _TRANSACTIONS, (80, 1000), (30, 20000)),
    "/transactions/sync": Limit(_TRANSACTIONS, _TRANSACTIONS, (50, 1000), (50, 2500)),
    "/transactions/recurring/get": Limit(_TRANSACTIONS, _TRANSACTIONS, (20, 1000), (20, 1000)),
    "/transactions/refresh": Limit(_TRANSACTIONS, _TRANSACTIONS, (2, 100), (2, 100)),
    "/institutions/get": Limit(_BANKS, _BANKS, (None, 10), (None, 50)),
    "/institutions/get_by_id": Limit(_BANK, _BANK, (None, 400), (None, 400)),
    "/sandbox/transactions/create": Limit(_ANY, _ANY, (2, 50), (2, 50)),
}


def code_of(path: str) -> str:
    """Give the error code with which Plaid limits an endpoint for one item."""
    return LIMITS[path].item_code if path in LIMITS else _ANY


def tier_of(world: World) -> str:
    """Give the limits in force: off, sandbox or production."""
    return get_meta(world.db, _META) or OFF


def set_tier(world: World, tier: str) -> None:
    """Put other limits in force; counting begins anew."""
    set_meta(world.db, _META, None if tier == OFF else tier)
    world.counted.clear()


def count(world: World, path: str, client_id: str, access_token: str) -> None:
    """Count one request; raises the endpoint's RATE_LIMIT_EXCEEDED error beyond its limit."""
    tier = tier_of(world)
    limit = LIMITS.get(path)
    if tier == OFF or limit is None:
        return
    minute = int(world.now().timestamp() // 60)
    if minute != world.counted_minute:
        world.counted.clear()
        world.counted_minute = minute
    of_item, of_client = limit.sandbox if tier == "sandbox" else limit.production
    for key, most, code in (
        ((path, access_token), of_item, limit.item_code),
        ((path, "", client_id), of_client, limit.client_code),
    ):
        world.counted[key] += 1
        if most is not None and world.counted[key] > most:
            raise PlaidError(code, f"rate limit exceeded: {most} requests a minute")
