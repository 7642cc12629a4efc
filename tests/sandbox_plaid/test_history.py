"""How far back data goes is what the client asked for when the item was made."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.sandbox_plaid.conftest import BANK, Refused, Sandbox

TODAY = datetime.now(UTC).date()


def linked(sandbox: Sandbox, product: str, **window: Any) -> str:
    public = sandbox.post(
        "/sandbox/public_token/create", institution_id=BANK, initial_products=[product],
        options={"transactions": window},
    )["public_token"]  # fmt: skip
    token: str = sandbox.post("/item/public_token/exchange", public_token=public)["access_token"]
    return token


def oldest(sandbox: Sandbox, token: str) -> date:
    sandbox.ready(token)
    return date.fromisoformat(min(row["date"] for row in sandbox.sync(token).rows.values()))


def test_a_first_day_opens_the_window_of_transactions(sandbox: Sandbox) -> None:
    for days in (30, 400, 5_000):
        start = TODAY - timedelta(days=days)
        token = linked(sandbox, "transactions", start_date=str(start), end_date=str(TODAY))
        first = oldest(sandbox, token)
        assert start <= first
        assert first < TODAY - timedelta(days=min(days, 730) - 20)


def test_days_requested_counts_before_a_first_day(sandbox: Sandbox) -> None:
    start = str(TODAY - timedelta(days=500))
    token = linked(sandbox, "transactions", start_date=start, days_requested=30)
    assert oldest(sandbox, token) >= TODAY - timedelta(days=30)


def purchases(sandbox: Sandbox, token: str, start: date, end: date, **more: Any) -> dict[str, Any]:
    return sandbox.post(
        "/investments/transactions/get", access_token=token, start_date=str(start),
        end_date=str(end), options=more,
    )  # fmt: skip


def test_investment_transactions_go_back_to_the_first_day_asked_for(sandbox: Sandbox) -> None:
    start = TODAY - timedelta(days=2_500)
    end = start + timedelta(days=364)
    usual = linked(sandbox, "investments")
    assert purchases(sandbox, usual, start, end)["total_investment_transactions"] == 0
    longer = linked(sandbox, "investments", start_date=str(start), end_date=str(end))
    year = purchases(sandbox, longer, start, end, count=2, offset=1)
    assert year["total_investment_transactions"] == 12
    assert len(year["investment_transactions"]) == 2
    days = [one["date"] for one in purchases(sandbox, longer, start, TODAY, count=500)[
        "investment_transactions"]]  # fmt: skip
    assert days == sorted(days, reverse=True)
    recent = purchases(sandbox, usual, TODAY - timedelta(days=730), TODAY)
    shown = [one["date"] for one in recent["investment_transactions"]]
    assert shown and shown == days[: len(shown)]


def test_a_last_day_before_the_first_is_refused(sandbox: Sandbox) -> None:
    try:
        linked(sandbox, "transactions", start_date="2026-02-01", end_date="2026-01-01")
    except Refused as error:
        assert error.code == "INVALID_FIELD"
        assert "options.transactions.start_date" in error.body["error_message"]
    else:
        raise AssertionError("it was taken")
