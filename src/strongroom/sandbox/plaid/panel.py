"""The fault panel at /_sandbox/: what the sandbox holds, and a form for everything it can do.

Plain forms that work without scripts, over the same acts as the control door's JSON.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from strongroom.sandbox.plaid import control, control_items, faults, items, panel_controls, views
from strongroom.sandbox.plaid.ask import Ask
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.institutions import BY_ID
from strongroom.sandbox.plaid.link_pages import guard, page
from strongroom.sandbox.plaid.store import saved
from strongroom.sandbox.plaid.wire import dumps
from strongroom.sandbox.plaid.world import World

ROOT = "/_sandbox/"
_SHOWN_WEBHOOKS = 25
Serve = Callable[[Request], Awaitable[Response]]


def routes(world: World) -> list[Route]:
    """Give the routes of the panel's two pages and of their forms."""
    return [
        Route("/", _show(world, _front), methods=["GET"]),
        Route("/item/{name}", _show(world, _of_item), methods=["GET"]),
        Route("/do/{act}", _do(world), methods=["POST"]),
        Route("/do/{act}/{name}", _do(world), methods=["POST"]),
        Route("/again/{name}", _again(world), methods=["POST"]),
    ]


def _closed() -> Response:
    return page("gone.html", 403, {"title": "Only from this machine"}, "")


def _show(world: World, draw: Callable[[World, Request], Response]) -> Serve:
    async def show(request: Request) -> Response:
        # A link from another site may lead here: looking changes nothing.
        if not control.may_enter(world, request, looks=True):
            return _closed()
        with saved(world.db):
            return draw(world, request)

    return show


def _front(world: World, request: Request) -> Response:
    ask = Ask(world)
    listed = control_items.list_items(ask)["items"]
    for item in listed:
        item["bank"] = BY_ID[item["institution_id"]].name
    plan = faults.plan_of(world)
    values = {
        "title": "Fault panel",
        "items": listed,
        "clock": control.show_clock(ask),
        "struck": faults.struck(world),
        "plan": dumps(plan) if plan else "",
        "controls": panel_controls.WORLD,
        "starts": _starts_of_plan(plan) | {"rate_limits.tier": _tier(ask)},
        "webhooks": control.list_webhooks(ask)["webhooks"][:_SHOWN_WEBHOOKS],
        "item_id": "",
        "account_choices": [],
        "wide": True,
    }
    return page("panel.html", 200, values | _said(request), "")


def _tier(ask: Ask) -> str:
    tier: str = control.show_rate_limits(ask)["tier"]
    return tier


def _starts_of_plan(plan: Mapping[str, Any]) -> dict[str, str]:
    """Fill the plan's form with the plan in force."""
    starts = {f"faults.rate.{kind}": str(rate) for kind, rate in plan.get("rates", {}).items()}
    for entry in panel_controls.PLAN:
        if entry.name in plan:
            value = plan[entry.name]
            text = " ".join(value) if isinstance(value, list) else str(value)
            starts[f"faults.{entry.name}"] = text
    return starts


def _of_item(world: World, request: Request) -> Response:
    name = request.path_params["name"]
    try:
        items.advance(world, items.find(world, name))
        item = items.find(world, name)
    except PlaidError:
        return page("gone.html", 404, {"title": "No such item"}, "")
    accounts = world.db.execute(
        "SELECT a.*, coalesce(t.rows, 0) AS rows FROM accounts a LEFT JOIN"
        " (SELECT account_id, count(*) AS rows FROM transactions"
        "  WHERE item_id = ? AND state = 'live' GROUP BY account_id) t USING (account_id)"
        " WHERE a.item_id = ? ORDER BY a.position",
        (name, name),
    ).fetchall()
    shown = [views.account_object(row) | _standing(row) for row in accounts]
    choices = [(one["account_id"], f"{one['name']} {one['mask'] or ''}")
               for one in shown if one["standing"] == "shared"]  # fmt: skip
    values = {
        "title": f"{BY_ID[item['institution_id']].name}: {item['username']}",
        "item": item,
        "ends": [
            (label, views.moment(item[column]))
            for label, column in (("Sign-in works until", "login_expires_at"),
                                  ("Consent ends", "consent_expires_at"),
                                  ("Bank cuts off", "disconnect_at"))
            if item[column] is not None
        ],
        "accounts": shown,
        "controls": panel_controls.OF_ITEM if item["removed_at"] is None else (),
        "starts": {},
        "webhooks": control_items.deliveries(Ask(world, name), _SHOWN_WEBHOOKS),
        "item_id": name,
        "account_choices": choices,
        "wide": True,
    }  # fmt: skip
    return page("panel_item.html", 200, values | _said(request), "")


def _standing(row: Any) -> dict[str, Any]:
    standing = "revoked" if row["revoked"] else "shared" if row["shared"] else "not shared"
    return {"standing": standing, "rows": row["rows"]}


def _said(request: Request) -> dict[str, Any]:
    """Take what the last form did, or why it did not, from the address."""
    query = request.query_params
    problem = None
    if query.get("problem"):
        problem = {"text": query["problem"][:300], "code": query.get("code", "")[:60],
                   "detail": query["problem"][:300]}  # fmt: skip
    return {"problem": problem, "done": query.get("done", "")[:300]}


def _do(world: World) -> Serve:
    async def do(request: Request) -> Response:
        if not control.may_enter(world, request):
            return _closed()
        found = panel_controls.BY_NAME.get(request.path_params["act"])
        name = request.path_params.get("name", "")
        if found is None:
            return page("gone.html", 404, {"title": "No such control"}, "")
        async with request.form() as form:
            try:
                body = panel_controls.body_of(found, dict(form))
                with saved(world.db):
                    result = found.act(Ask(world, name, body))
            except PlaidError as error:
                return _back(name, problem=error.message, code=error.code)
        facts = (f"{key.replace('_', ' ')} {value}" for key, value in result.items()
                 if not isinstance(value, dict | bool | None))  # fmt: skip
        return _back(name, done=f"{found.title}: {', '.join(facts) or 'done'}")

    return do


def _again(world: World) -> Serve:
    async def again(request: Request) -> Response:
        if not control.may_enter(world, request):
            return _closed()
        try:
            with saved(world.db):
                control.send_again(Ask(world, request.path_params["name"]))
        except PlaidError as error:
            return _back("", problem=error.message, code=error.code)
        return _back(request.query_params.get("item", ""), done="Webhook queued once more")

    return again


def _back(name: str, **said: str) -> Response:
    """Go back to the page that the form was on, with one sentence on what happened."""
    place = f"{ROOT}item/{name}" if name.isalnum() else ROOT
    response = RedirectResponse(f"{place}?{urlencode(said)}", 303)
    guard(response, "")
    return response
