"""Overview, one account with its rows, the status that pages poll, and help."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from strongroom import accounts, budgets, connections, goals, identity, net_worth, transactions, ui
from strongroom.accounts import BalanceSource
from strongroom.accounts.asked import currency_in_address
from strongroom.connections import Status
from strongroom.core.db import Db
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency
from strongroom.core.time import zone
from strongroom.core.wire import WireId
from strongroom.home import arrange_pages, arranging, detail, overview
from strongroom.home.groups import LABELS, MARKS, grouped
from strongroom.identity.access import may, services_of, visitor
from strongroom.net_worth import Range
from strongroom.transactions import Filter, category_label
from strongroom.ui.charts import NetWorthLine, Point
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(arrange_pages.router)

Visitor = Annotated[identity.Caller | None, Depends(visitor)]
Reader = Annotated[identity.Caller, Depends(may("accounts:read"))]
InCurrency = Annotated[Currency | None, Depends(currency_in_address)]
AccountRef = Annotated[AccountId, WireId("acc")]
CHECKLIST = "checklist"
_YEAR_SECONDS = 365 * 24 * 3600
_ROWS = 25
_COMING_DAYS = 30


@router.get("/")
async def show_overview(request: Request, caller: Visitor, chosen: InCurrency) -> Response:
    """Show where a person stands; a stranger is led to the door."""
    if caller is None:
        return redirect("/welcome")
    query = request.query_params
    span, view = read_span(query.get("rng", "")), query.get("view", "")
    places = arranging.places(caller.settings.dashboard_layout)
    cards = [one.card for one in places if not one.hidden]
    checklist = "review" in cards and request.cookies.get(CHECKLIST) != "off"
    async with caller.unit_of_work() as db:
        found = await overview.gather(
            db,
            caller,
            span,
            chosen,
            with_parts=view == "breakdown",
            environment=services_of(request).settings.plaid_env,
        )
        coming = await budgets.coming_up(
            db, owner=caller.owner, today=caller.today, days=_COMING_DAYS
        )
        aims = await goals.cards(db, owner=caller.owner, now=caller.now)
        steps = []
        if checklist and found.items:
            steps = await _steps(db, caller, found, has_goal=bool(aims))
    shown = [one for one in found.held if not (one.hidden_at or one.closed_at)]
    with ui.using(request.state.preferences):
        title = ui.gettext("Net worth")
        spec: object = overview.breakdown(found, title)
        if view != "breakdown":
            failed = ui.gettext("A bank did not answer")
            spec = overview.worth_line(found, title, failed, caller.settings.time_zone)
        flow = overview.cash_flow(found, ui.gettext("Cash flow"))
    return render(
        request,
        "home/overview.html",
        nav="overview",
        caller=caller,
        cards=cards,
        wide_cards=arranging.wide(len(shown), steps=bool(steps)),
        found=found,
        span=span.value,
        view="breakdown" if view == "breakdown" else "total",
        spec=spec,
        flow=flow,
        parts=overview.parts_now(found),
        part_labels=LABELS,
        part_marks=MARKS,
        groups=grouped(shown),
        out=len(found.held) - len(shown),
        steps=steps,
        coming=[one for one in coming if not one.item.inner],
        goal_cards=aims,
        hour=caller.now.astimezone(zone(caller.settings.time_zone)).hour,
        first_name="" if "@" in caller.name else caller.name.split()[0],
        now=caller.now,
        items_by_id={item.id: item for item in found.items},
    )


@router.post("/checklist")
async def dismiss_checklist(caller: Reader, show: Annotated[str, Form()] = "") -> RedirectResponse:
    """Put the first-run checklist away in this browser, or bring it back."""
    response = redirect("/")
    if show:
        response.delete_cookie(CHECKLIST, path="/")
    else:
        response.set_cookie(
            CHECKLIST, "off", max_age=_YEAR_SECONDS, httponly=True, samesite="lax", path="/"
        )
    return response


@router.get("/net-worth.csv")
async def download_series(
    request: Request,
    caller: Annotated[identity.Caller, Depends(may("net_worth:read"))],
    chosen: InCurrency,
) -> Response:
    """Return the days that the chart shows, as CSV with exact amounts."""
    query = request.query_params
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=caller.owner)
        days = await net_worth.days_with_parts(
            db,
            owner=caller.owner,
            base=net_worth.base_of(held, chosen or caller.settings.currency),
            since=net_worth.since(read_span(query.get("rng", "")), caller.today),
            until=caller.today,
        )
    return Response(
        net_worth.as_csv(days),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="net-worth.csv"'},
    )


@router.get("/net-worth")
async def show_net_worth(
    request: Request,
    caller: Annotated[identity.Caller, Depends(may("net_worth:read"))],
    chosen: InCurrency,
) -> HTMLResponse:
    """Show what net worth is made of, at which rates, and what no transaction explains."""
    query = request.query_params
    span = read_span(query.get("rng", ""))
    async with caller.unit_of_work() as db:
        found = await detail.gather(db, caller, span, chosen)
    return render(
        request,
        "home/net_worth.html",
        nav="overview",
        found=found,
        span=span.value,
        kinds=detail.KINDS,
        counted_as=detail.COUNTED_AS,
    )


@router.get("/status")
async def status(caller: Reader) -> JSONResponse:
    """Say in few words how banks are: for polling, cheap, without a figure of anybody's money."""
    async with caller.unit_of_work() as db:
        items = await connections.items(db, owner=caller.owner)
        newest = await connections.refreshes(db, owner=caller.owner, limit=20)
    running = [one for one in newest if not one.is_over and one.started_at <= caller.now]
    linked = [item for item in items if item.status is not Status.DISCONNECTED]
    return JSONResponse(
        {
            "banks": len(linked),
            "syncing": bool(running),
            "rows": sum(one.rows_fetched for one in running),
            "need_you": sum(item.needs_attention for item in linked),
        }
    )


@router.get("/accounts")
async def list_accounts(request: Request, caller: Reader) -> HTMLResponse:
    """List every account, hidden and closed ones too."""
    async with caller.unit_of_work() as db:
        held = await accounts.list_all(db, owner=caller.owner)
        items = await connections.items(db, owner=caller.owner)
    return render(
        request,
        "home/accounts.html",
        nav="overview",
        groups=grouped(held),
        items_by_id={item.id: item for item in items},
    )


@router.get("/accounts/{account_id}")
async def show_account(request: Request, caller: Reader, account_id: AccountRef) -> HTMLResponse:
    """Show one account: its balance by day, its newest rows, and what can be changed."""
    owner = caller.owner
    span = read_span(request.query_params.get("rng", ""))
    since = net_worth.since(span, caller.today) or date(1970, 1, 1)
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=owner, account_id=account_id)
        balances = await accounts.balance_history(
            db,
            owner=owner,
            account_id=account_id,
            since=since,
            until=caller.today,
            every_day=True,
        )
        wanted = Filter(account_id=account_id)
        page = await transactions.search(db, owner=owner, filter=wanted, limit=_ROWS)
        summary = await transactions.summary(db, owner=owner, filter=wanted)
        items = await connections.items(db, owner=owner)
        holdings = await accounts.holdings(db, owner=owner, account_id=account_id)
        owed = await accounts.liability(db, owner=owner, account_id=account_id)
        streams = await transactions.recurring_streams(db, owner=owner, account_id=account_id)
        about = await accounts.about(db, owner=owner, account=account)
        # Rows may explain what it held; what is only ever valued has nothing to be left over from.
        left = None
        if summary.count or not account.is_manual:
            left = await detail.left_over(
                db, owner=owner, account=account, since=since, today=caller.today
            )
    points = tuple(
        Point(
            one.day,
            one.balance.amount,
            estimated=not one.source.is_told or one.source is BalanceSource.MANUAL,
        )
        for one in balances
    )
    with ui.using(request.state.preferences):
        spec = NetWorthLine(ui.gettext("Balance"), points, account.currency)
    return render(
        request,
        "home/account.html",
        nav="overview",
        account=account,
        item=next((item for item in items if item.id == account.item_id), None),
        spec=spec,
        span=span.value,
        holdings=holdings,
        owed=owed,
        recurring=[one for one in streams if one.is_active],
        about=about,
        manual_label=accounts.manual_label,
        page=page,
        summary=summary,
        left=left,
        kinds=detail.KINDS,
        label=category_label,
        today=caller.today,
        stale_before=caller.today - timedelta(days=2),
        now=caller.now,
    )


@router.get("/help")
async def help_page(request: Request, caller: Visitor) -> HTMLResponse:
    """Explain in short what people ask most."""
    return render(request, "home/help.html", nav="help")


def read_span(text: str) -> Range:
    """Return the span an address asks for; a year for anything else."""
    try:
        return Range(text)
    except ValueError:
        return Range.YEAR


async def _steps(
    db: Db, caller: identity.Caller, found: overview.Overview, *, has_goal: bool
) -> list[tuple[str, str, bool]]:
    """Return the first-run steps: key, address, whether it is done; none once all are."""
    reviewed = await transactions.reviewed_at_least(
        db, owner=caller.owner, count=overview.REVIEWED_ENOUGH
    )
    steps = [
        ("link", "/accounts/link", bool(found.items)),
        (
            "own",
            "/accounts/new",
            any(one.is_manual and not one.is_from_files for one in found.held),
        ),
        ("review", "/transactions?to_review=1", reviewed),
        ("goal", "/goals/new", has_goal),
    ]
    return [] if all(done for _, _, done in steps) else steps
