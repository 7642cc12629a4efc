"""The bank feed that Plaid is: its official client's transport, answers read as exact decimals.

The client's models are left aside on purpose: they turn money into floats and cost 300 times the
time (decision record 0003). Keeps a log entry of every call, without secrets.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import plaid
import urllib3
from plaid.exceptions import ApiException

from strongroom.accounts import BankAccount, BankHolding, BankLiability
from strongroom.connections import wire, wire_products
from strongroom.connections.errors import AGAIN, NO_ANSWER, BankAnswerMakesNoSense, FeedError
from strongroom.connections.types import (
    ApiCall,
    ChangePage,
    Exchanged,
    Institution,
    ItemReport,
    LinkOutcome,
    LinkToken,
    Unreadable,
)
from strongroom.core.settings import PLAID_COUNTRIES
from strongroom.transactions import BankStream

HOSTS = {
    "sandbox": "https://sandbox.plaid.com",
    "production": "https://production.plaid.com",
}
_SECRETS = frozenset({"access_token", "public_token", "link_token", "client_id", "secret"})
_SECRET_OPTIONS = frozenset({"override_password"})
_DAYS_REQUESTED = 730
_PRODUCTS = ["transactions"]
_MORE = ["investments", "liabilities"]
_LACKING = frozenset(
    {
        "INVALID_PRODUCT",
        "NO_INVESTMENT_ACCOUNTS",
        "NO_LIABILITY_ACCOUNTS",
        "PRODUCTS_NOT_SUPPORTED",
    }
)
_PAGE = 500
_TIMEOUT_SECONDS = (5.0, 30.0)


class Plaid:
    """Plaid's API under one set of credentials; ``session`` gives a feed for one flow.

    ``timeout_seconds``: how long to wait for a connection, and for each part of an answer.
    """

    def __init__(
        self,
        *,
        host: str,
        client_id: str,
        secret: str,
        countries: Sequence[str] = PLAID_COUNTRIES,
        timeout_seconds: tuple[float, float] = _TIMEOUT_SECONDS,
    ) -> None:
        configuration = plaid.Configuration(
            host=host,
            api_key={"clientId": client_id, "secret": secret, "plaidVersion": "2020-09-14"},
        )
        self._client = plaid.ApiClient(configuration, pool_threads=1)
        self.countries = list(countries)
        self._timeout_seconds = timeout_seconds

    def session(self, clock: Callable[[], datetime]) -> PlaidFeed:
        """Return a feed that logs its own calls, so that a flow can store them with its rows."""
        return PlaidFeed(self._client, self.countries, clock, self._timeout_seconds)


class PlaidFeed:
    """One flow's calls to Plaid. Each raises ``FeedError`` and is added to ``calls``."""

    def __init__(
        self,
        client: plaid.ApiClient,
        countries: Sequence[str],
        clock: Callable[[], datetime],
        timeout_seconds: tuple[float, float] = _TIMEOUT_SECONDS,
    ) -> None:
        self._client = client
        self._countries = countries
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self.calls: list[ApiCall] = []
        self.unreadable: list[Unreadable] = []

    async def create_link_token(
        self,
        *,
        user_ref: str,
        language: str,
        webhook: str,
        completion_uri: str,
        institution_id: str | None,
        access_token: str | None,
        select_accounts: bool = False,
    ) -> LinkToken:
        """Start a Hosted Link session; with ``access_token`` it repairs that item."""
        body: dict[str, Any] = {
            "client_name": "Strongroom",
            "language": language,
            "country_codes": self._countries,
            "user": {"client_user_id": user_ref},
            "hosted_link": {"completion_redirect_uri": completion_uri},
        }
        if access_token is not None:
            body["access_token"] = access_token
            if select_accounts:
                body["update"] = {"account_selection_enabled": True}
        else:
            body |= {
                "products": _PRODUCTS,
                "optional_products": _MORE,
                "transactions": {"days_requested": _DAYS_REQUESTED},
                "webhook": webhook,
            }
            if institution_id is not None:
                body["institution_id"] = institution_id
        answer = wire.read(await self._call("/link/token/create", body))
        return LinkToken(
            token=_text(answer, "link_token"),
            hosted_link_url=answer.get("hosted_link_url"),
            expires_at=wire.instant(answer.get("expiration"))
            or self._clock() + timedelta(minutes=30),
        )

    async def link_outcomes(self, link_token: str) -> list[LinkOutcome]:
        """Return how the sessions of a link token went, oldest first."""
        return wire.link_outcomes(
            wire.read(await self._call("/link/token/get", {"link_token": link_token}))
        )

    async def create_public_token(
        self, *, institution_id: str, username: str, password: str, webhook: str
    ) -> str:
        """Link without a page, which only a sandbox allows; return the public token."""
        options = {
            "override_username": username,
            "override_password": password,
            "webhook": webhook,
            "transactions": {"days_requested": _DAYS_REQUESTED},
        }
        body = {"institution_id": institution_id, "options": options}
        path = "/sandbox/public_token/create"
        try:
            text = await self._call(path, body | {"initial_products": [*_PRODUCTS, *_MORE]})
        except FeedError as error:
            if error.error_code not in _LACKING:
                raise
            # Without a page, products cannot be asked for only where the bank has them.
            text = await self._call(path, body | {"initial_products": _PRODUCTS})
        return _text(wire.read(text), "public_token")

    async def exchange(self, public_token: str) -> Exchanged:
        """Turn a public token into an item, once."""
        body = {"public_token": public_token}
        answer = wire.read(await self._call("/item/public_token/exchange", body))
        return Exchanged(_text(answer, "item_id"), _text(answer, "access_token"))

    async def item(self, access_token: str) -> ItemReport:
        """Return what is known of an item."""
        return wire.item(wire.read(await self._call("/item/get", {"access_token": access_token})))

    async def accounts(self, access_token: str) -> list[BankAccount]:
        """Return the item's accounts with their balances as last read from the bank."""
        body = {"access_token": access_token}
        found, bad = wire.accounts(await self._call("/accounts/get", body), self._clock())
        self.unreadable += bad
        return found

    async def changes(
        self, access_token: str, cursor: str, known: Collection[str] = frozenset()
    ) -> ChangePage:
        """Return the next page of changes after ``cursor`` (empty: from the beginning).

        An added row whose MD5 is ``known`` comes as its id alone, as ``same``.
        """
        body: dict[str, Any] = {
            "access_token": access_token,
            "count": _PAGE,
            "options": {
                "personal_finance_category_version": "v2",
                "include_original_description": True,
                "days_requested": _DAYS_REQUESTED,
            },
        }
        if cursor:
            body["cursor"] = cursor
        text = await self._call("/transactions/sync", body)
        return await asyncio.to_thread(wire.change_page, text, self._clock(), known)

    async def holdings(self, access_token: str) -> list[BankHolding]:
        """Return what the item's investment accounts hold."""
        body = {"access_token": access_token}
        found, bad = wire_products.holdings(await self._call("/investments/holdings/get", body))
        self.unreadable += bad
        return found

    async def liabilities(self, access_token: str) -> list[BankLiability]:
        """Return the terms of what is owed on the item's cards and loans."""
        body = {"access_token": access_token}
        found, bad = wire_products.liabilities(await self._call("/liabilities/get", body))
        self.unreadable += bad
        return found

    async def recurring(self, access_token: str) -> list[BankStream]:
        """Return the payments that come again and again, as Plaid sees them."""
        options = {"personal_finance_category_version": "v2"}
        body = {"access_token": access_token, "options": options}
        found, bad = wire_products.streams(await self._call("/transactions/recurring/get", body))
        self.unreadable += bad
        return found

    async def refresh(self, access_token: str) -> None:
        """Ask Plaid to look at the bank now; what it finds is told by webhook and sync."""
        await self._call("/transactions/refresh", {"access_token": access_token})

    async def remove(self, access_token: str) -> None:
        """End an item at Plaid."""
        await self._call("/item/remove", {"access_token": access_token})

    async def renew_token(self, access_token: str) -> str:
        """Return a new access token of an item; the one given is dead from that moment."""
        body = {"access_token": access_token}
        answer = wire.read(await self._call("/item/access_token/invalidate", body))
        return _text(answer, "new_access_token")

    async def institutions(self, query: str, countries: Sequence[str] = ()) -> list[Institution]:
        """Return the banks that match a query, or the first ones when it is empty."""
        body: dict[str, Any] = {"country_codes": list(countries or self._countries)}
        if query.strip():
            body |= {"query": query.strip(), "products": ["transactions"]}
            path = "/institutions/search"
        else:
            body |= {"count": 50, "offset": 0, "options": {"products": ["transactions"]}}
            path = "/institutions/get"
        answer = wire.read(await self._call(path, body))
        return [wire.institution(one) for one in answer.get("institutions") or ()]

    async def webhook_key(self, key_id: str) -> dict[str, Any]:
        """Return the JSON web key that signs webhooks under ``key_id``."""
        answer = wire.read(await self._call("/webhook_verification_key/get", {"key_id": key_id}))
        key = answer.get("key")
        if not isinstance(key, dict):
            raise BankAnswerMakesNoSense("Plaid's answer lacks the key.")
        return key

    async def _call(self, path: str, body: dict[str, Any]) -> str:
        arguments, at = _without_secrets(body), self._clock()
        started = time.monotonic()
        error: FeedError | None = None
        text = ""
        try:
            text = await asyncio.to_thread(self._post, path, body)
        except ApiException as refusal:
            error = _refusal(refusal)
        except UnicodeDecodeError as nonsense:
            error = BankAnswerMakesNoSense("Plaid's answer is not text.")
            error.__cause__ = nonsense
        except (urllib3.exceptions.HTTPError, OSError) as silence:
            error = _no_answer()
            error.__cause__ = silence
        request_id = error.request_id if error is not None else _request_id(text)
        self.calls.append(
            ApiCall(
                method=path,
                arguments=arguments,
                request_id=request_id,
                error_type=None if error is None else error.error_type,
                error_code=None if error is None else error.error_code,
                duration_ms=round((time.monotonic() - started) * 1000),
                created_at=at,
            )
        )
        if error is not None:
            raise error
        return text

    def _post(self, path: str, body: dict[str, Any]) -> str:
        response = self._client.call_api(
            path,
            "POST",
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            auth_settings=["clientId", "plaidVersion", "secret"],
            _preload_content=False,
            _request_timeout=self._timeout_seconds,
        )
        data: bytes = response.data
        return data.decode("utf-8")


def _without_secrets(body: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in body.items():
        if name in _SECRETS or name in _SECRET_OPTIONS:
            continue
        kept[name] = _without_secrets(value) if isinstance(value, Mapping) else value
    return kept


def _refusal(refusal: ApiException) -> FeedError:
    try:
        body = json.loads(refusal.body or "")
    except ValueError:
        body = {}
    if not isinstance(body, dict) or "error_code" not in body:
        return FeedError(
            f"Plaid answered with status {refusal.status}.",
            error_type="API_ERROR",
            error_code=f"HTTP_{refusal.status}",
            hint=AGAIN,
        )
    said = body.get("display_message") or body.get("error_message") or "Plaid refused the request."
    return FeedError(
        wire.shown(str(said)),
        error_type=wire.shown(str(body.get("error_type"))),
        error_code=wire.shown(str(body["error_code"])),
        request_id=wire.code(body.get("request_id")),
        hint=_HINTS.get(str(body["error_code"])),
    )


_HINTS = {
    "INVALID_API_KEYS": "Check PLAID_CLIENT_ID, PLAID_SECRET and PLAID_ENV.",
    "UNAUTHORIZED_ENVIRONMENT": "Your Plaid account may not use this PLAID_ENV yet.",
    "ITEM_LOGIN_REQUIRED": "Reconnect the bank: sign in there again.",
    "INSTITUTION_DOWN": f"The bank is down. {AGAIN}",
}


def _no_answer() -> FeedError:
    return FeedError(
        "Plaid does not answer.",
        error_type="NETWORK",
        error_code=NO_ANSWER,
        hint=f"Nothing was lost. {AGAIN}",
    )


def _request_id(text: str) -> str | None:
    # The last member as a rule: no need to read a page of transactions twice for it.
    at = text.rfind('"request_id"')
    if at < 0:
        return None
    parts = text[at : at + 120].split('"')
    return parts[3] if len(parts) > 3 else None


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise BankAnswerMakesNoSense(f"Plaid's answer lacks {name}.")
    return value
