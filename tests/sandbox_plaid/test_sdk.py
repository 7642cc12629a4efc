"""Plaid's own Python SDK against the sandbox, over real HTTP, with its typed models."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import plaid
import pytest
from plaid.api import plaid_api
from plaid.model.accounts_balance_get_request import AccountsBalanceGetRequest
from plaid.model.accounts_get_request import AccountsGetRequest
from plaid.model.auth_get_request import AuthGetRequest
from plaid.model.country_code import CountryCode
from plaid.model.custom_sandbox_transaction import CustomSandboxTransaction
from plaid.model.identity_get_request import IdentityGetRequest
from plaid.model.institutions_get_by_id_request import InstitutionsGetByIdRequest
from plaid.model.institutions_get_request import InstitutionsGetRequest
from plaid.model.institutions_search_request import InstitutionsSearchRequest
from plaid.model.investments_holdings_get_request import InvestmentsHoldingsGetRequest
from plaid.model.investments_transactions_get_request import InvestmentsTransactionsGetRequest
from plaid.model.item_access_token_invalidate_request import ItemAccessTokenInvalidateRequest
from plaid.model.item_get_request import ItemGetRequest
from plaid.model.item_import_request import ItemImportRequest
from plaid.model.item_import_request_user_auth import ItemImportRequestUserAuth
from plaid.model.item_public_token_exchange_request import ItemPublicTokenExchangeRequest
from plaid.model.item_remove_request import ItemRemoveRequest
from plaid.model.item_webhook_update_request import ItemWebhookUpdateRequest
from plaid.model.liabilities_get_request import LiabilitiesGetRequest
from plaid.model.link_token_create_hosted_link import LinkTokenCreateHostedLink
from plaid.model.link_token_create_request import LinkTokenCreateRequest
from plaid.model.link_token_create_request_user import LinkTokenCreateRequestUser
from plaid.model.link_token_get_request import LinkTokenGetRequest
from plaid.model.link_token_transactions import LinkTokenTransactions
from plaid.model.products import Products
from plaid.model.sandbox_item_fire_webhook_request import SandboxItemFireWebhookRequest
from plaid.model.sandbox_item_reset_login_request import SandboxItemResetLoginRequest
from plaid.model.sandbox_public_token_create_request import SandboxPublicTokenCreateRequest
from plaid.model.sandbox_public_token_create_request_options import (
    SandboxPublicTokenCreateRequestOptions,
)
from plaid.model.sandbox_transactions_create_request import SandboxTransactionsCreateRequest
from plaid.model.transactions_get_request import TransactionsGetRequest
from plaid.model.transactions_recurring_get_request import TransactionsRecurringGetRequest
from plaid.model.transactions_refresh_request import TransactionsRefreshRequest
from plaid.model.transactions_sync_request import TransactionsSyncRequest
from plaid.model.webhook_type import WebhookType
from plaid.model.webhook_verification_key_get_request import WebhookVerificationKeyGetRequest

from tests.sandbox_plaid.conftest import BANK, CLIENT_ID, SECRET, Inbox, Sandbox, wait_until
from tests.sandbox_plaid.judge import standing_before
from tests.sandbox_plaid.test_link import Visitor

TODAY = datetime.now(UTC).date()
US = [CountryCode("US")]
README = Path(__file__).parents[2] / "src/strongroom/sandbox/plaid/README.md"
APP = """
import plaid
from plaid.api.plaid_api import PlaidApi

if __name__ == "__main__":
    configuration = plaid.Configuration(host=plaid.Environment.Sandbox)
    found = PlaidApi(plaid.ApiClient(configuration)).categories_get({})
    print(len(found.categories))
"""


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Iterator[Any]:
    """The SDK; every answer that it got was in order, and every endpoint here was asked."""
    with standing_before(sandbox.url) as judge:
        configuration = plaid.Configuration(
            host=judge.url, api_key={"clientId": CLIENT_ID, "secret": SECRET}
        )
        with plaid.ApiClient(configuration) as api:
            yield plaid_api.PlaidApi(api)
    assert judge.problems == []


def link(client: Any, username: str, products: list[str], **options: Any) -> str:
    public = client.sandbox_public_token_create(
        SandboxPublicTokenCreateRequest(
            institution_id=BANK,
            initial_products=[Products(one) for one in products],
            options=SandboxPublicTokenCreateRequestOptions(override_username=username, **options),
        )
    )
    exchanged = client.item_public_token_exchange(
        ItemPublicTokenExchangeRequest(public_token=public.public_token)
    )
    return str(exchanged.access_token)


def settled(client: Any, token: str) -> Any:
    found: list[Any] = []

    def done() -> bool:
        found.append(client.transactions_sync(TransactionsSyncRequest(access_token=token)))
        return found[-1].transactions_update_status.value == "HISTORICAL_UPDATE_COMPLETE"

    wait_until(done, "the history")
    return found[-1]


@pytest.mark.parametrize("username", ["user_good", "user_household", "user_transactions_dynamic"])
def test_reading_everything(client: Any, username: str) -> None:
    token = link(client, username, ["transactions", "auth"])
    page = settled(client, token)
    while page.has_more:
        page = client.transactions_sync(
            TransactionsSyncRequest(access_token=token, cursor=page.next_cursor, count=500)
        )
    start = TODAY - timedelta(days=60)
    listed = client.transactions_get(
        TransactionsGetRequest(access_token=token, start_date=start, end_date=TODAY)
    )
    assert listed.total_transactions > 0
    assert client.accounts_get(AccountsGetRequest(access_token=token)).accounts
    assert client.accounts_balance_get(AccountsBalanceGetRequest(access_token=token)).accounts
    assert client.auth_get(AuthGetRequest(access_token=token)).numbers.ach
    assert client.identity_get(IdentityGetRequest(access_token=token)).accounts[0].owners
    liabilities = client.liabilities_get(LiabilitiesGetRequest(access_token=token)).liabilities
    assert liabilities.credit
    client.transactions_recurring_get(TransactionsRecurringGetRequest(access_token=token))
    client.transactions_refresh(TransactionsRefreshRequest(access_token=token))
    if username != "user_transactions_dynamic":
        holdings = client.investments_holdings_get(
            InvestmentsHoldingsGetRequest(access_token=token)
        )
        assert holdings.securities
        client.investments_transactions_get(
            InvestmentsTransactionsGetRequest(access_token=token, start_date=start, end_date=TODAY)
        )


def test_item_calls(client: Any, inbox: Inbox) -> None:
    token = link(client, "user_good", ["transactions"], webhook=inbox.url)
    assert client.item_get(ItemGetRequest(access_token=token)).item.institution_id == BANK
    client.item_webhook_update(ItemWebhookUpdateRequest(access_token=token, webhook=inbox.url))
    client.sandbox_item_fire_webhook(
        SandboxItemFireWebhookRequest(
            access_token=token, webhook_code="DEFAULT_UPDATE",
            webhook_type=WebhookType("TRANSACTIONS"),
        )
    )  # fmt: skip
    inbox.first("DEFAULT_UPDATE")
    settled(client, token)
    client.sandbox_transactions_create(
        SandboxTransactionsCreateRequest(
            access_token=token,
            transactions=[
                CustomSandboxTransaction(
                    date_transacted=TODAY, date_posted=TODAY, amount=10.10, description="Shop"
                )
            ],
        )
    )
    fresh = client.item_access_token_invalidate(
        ItemAccessTokenInvalidateRequest(access_token=token)
    ).new_access_token
    client.sandbox_item_reset_login(SandboxItemResetLoginRequest(access_token=fresh))
    with pytest.raises(plaid.ApiException) as caught:
        client.accounts_get(AccountsGetRequest(access_token=fresh))
    assert json.loads(caught.value.body)["error_code"] == "ITEM_LOGIN_REQUIRED"
    broken = client.item_get(ItemGetRequest(access_token=fresh))
    assert broken.item.error.error_code == "ITEM_LOGIN_REQUIRED"
    client.item_remove(ItemRemoveRequest(access_token=fresh))


def test_institutions_and_key(client: Any) -> None:
    found = client.institutions_get(InstitutionsGetRequest(count=5, offset=0, country_codes=US))
    assert len(found.institutions) == 5
    client.institutions_get_by_id(InstitutionsGetByIdRequest(institution_id=BANK, country_codes=US))
    searched = client.institutions_search(
        InstitutionsSearchRequest(query="platypus", country_codes=US,
                                  products=[Products("transactions")])
    )  # fmt: skip
    assert searched.institutions
    assert len(client.categories_get({}).categories) > 100
    client.webhook_verification_key_get(
        WebhookVerificationKeyGetRequest(key_id="6c5516e1-92dc-479e-a8ff-5a51992e0001")
    )


def test_hosted_link(client: Any, sandbox: Sandbox) -> None:
    made = client.link_token_create(
        LinkTokenCreateRequest(
            client_name="SDK", language="en", country_codes=US, products=[Products("transactions")],
            user=LinkTokenCreateRequestUser(client_user_id="u"),
            transactions=LinkTokenTransactions(days_requested=730),
            hosted_link=LinkTokenCreateHostedLink(),
        )
    )  # fmt: skip
    visitor = Visitor.__new__(Visitor)
    visitor.sandbox, visitor.url, visitor.http = sandbox, made.hosted_link_url, sandbox.http
    visitor.show()
    visitor.send("institution", institution_id=BANK)
    visitor.sign_in("user_household")
    visitor.send("accounts", account=["0", "1"])
    told = client.link_token_get(LinkTokenGetRequest(link_token=made.link_token))
    (result,) = told.link_sessions[0].results.item_add_results
    assert [one.name for one in result.accounts] == ["Everyday", "Rainy Day Savings"]
    assert client.item_public_token_exchange(
        ItemPublicTokenExchangeRequest(public_token=result.public_token)
    ).item_id


def test_importing(client: Any) -> None:
    made = client.item_import(
        ItemImportRequest(
            products=[Products("auth")],
            user_auth=ItemImportRequestUserAuth(user_id="user_good", auth_token="pass_good"),
        )
    )
    assert client.item_get(ItemGetRequest(access_token=made.access_token)).item.error is None


def test_an_app_that_names_plaids_sandbox_runs_unchanged(
    make_sandbox: Callable[..., Sandbox], tmp_path: Path
) -> None:
    """With the three lines of the README in front, its calls come here."""
    own = make_sandbox()
    section = README.read_text().split("## An app that names")[1].split("\n## ")[0]
    (lines,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert "127.0.0.1:8410" in lines
    (tmp_path / "server.py").write_text(APP)
    (tmp_path / "point.py").write_text(lines.replace("http://127.0.0.1:8410", own.url))
    ran = subprocess.run(
        [sys.executable, "point.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 100
