"""Hosted Link: the pages a person goes through to connect a practice bank.

Plain forms that work without scripts. The rules of each step live in ``link``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from strongroom.sandbox.plaid import api_items, institutions, link, logins
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.link import Session
from strongroom.sandbox.plaid.persona import Account
from strongroom.sandbox.plaid.store import saved
from strongroom.sandbox.plaid.world import World

_HERE: Final = Path(__file__).parent
_PAGES: Final = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self'{more}"
)
LEFT: Final = "left"
_MOST_FORM_BYTES: Final = 600_000
Step = Callable[[Session, Any], None]


def routes(world: World) -> list[Route]:
    """Give the routes of the pages and their style sheet."""

    def post(name: str, step: Step) -> Route:
        return Route(f"/hl/{{hosted_id}}/{name}", _act(world, step), methods=["POST"])

    return [
        Route("/static/link.css", _style),
        Route("/favicon.ico", _no_icon),
        Route("/hl/{hosted_id}", _show(world), methods=["GET"]),
        post("institution", _choose),
        post("another", _another),
        post("credentials", _credentials),
        post("mfa", _mfa),
        post("bank", _allow),
        post("accounts", _share),
        post("cancel", _cancel),
    ]


async def _style(request: Request) -> Response:
    return Response(
        (_HERE / "static" / "link.css").read_text("utf-8"),
        media_type="text/css",
        headers={"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"},
    )


async def _no_icon(request: Request) -> Response:
    return Response(status_code=204, headers={"Cache-Control": "max-age=86400"})


def _show(world: World) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        with saved(world.db):
            again = LEFT not in request.query_params
            session = link.open_session(world, request.path_params["hosted_id"], again=again)
            if session is None:
                return page("gone.html", 404, {"title": "This link has ended"}, "")
            return _draw(session, request)

    return show


def _act(world: World, step: Step) -> Callable[[Request], Awaitable[Response]]:
    async def act(request: Request) -> Response:
        async with request.form(max_part_size=_MOST_FORM_BYTES) as form:
            with saved(world.db):
                session = link.open_session(world, request.path_params["hosted_id"])
                if session is None:
                    return page("gone.html", 404, {"title": "This link has ended"}, "")
                if not session.finished:
                    try:
                        step(session, form)
                        session.state.pop("problem", None)
                    except PlaidError as error:
                        _remember(session, error)
                    session.save()
                return _after(session, request)

    return act


def _remember(session: Session, error: PlaidError) -> None:
    """Keep what went wrong, for the page and for the client's log."""
    session.state["problem"] = {
        "code": error.code,
        "text": error.display_message or error.message,
        "detail": error.message,
    }
    session.note("ERROR", error_type=error.error_type, error_code=error.code,
                 error_message=error.message)  # fmt: skip


def _after(session: Session, request: Request) -> Response:
    target = _return_address(session)
    # Someone who cancels is sent back too; the address carries no result either way.
    address = f"/hl/{request.path_params['hosted_id']}"
    if session.finished and target:
        address = target
    elif session.state["exit"] is not None:
        address += f"?{LEFT}=1"
    response = RedirectResponse(address, 303)
    guard(response, target)
    return response


def _return_address(session: Session) -> str:
    hosted = session.request.get("hosted_link") or {}
    return str(hosted.get("completion_redirect_uri") or "")


def guard(response: Response, target: str) -> None:
    """Add the headers that every page has; ``target`` is where its forms may lead away to."""
    parts = urlsplit(target)
    more = ""
    if parts.scheme:
        # A form's redirect counts as its action, so the way back has to be allowed.
        more = f" {parts.scheme}://{parts.netloc}" if parts.netloc else f" {parts.scheme}:"
    response.headers["Content-Security-Policy"] = _CSP.format(more=more)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"


def page(name: str, status: int, values: dict[str, Any], target: str) -> Response:
    """Draw a page from its template."""
    response = Response(_PAGES.get_template(name).render(values), status, media_type="text/html")
    guard(response, target)
    return response


def _draw(session: Session, request: Request) -> Response:
    bank = session.bank
    values: dict[str, Any] = {
        "action": f"/hl/{request.path_params['hosted_id']}",
        "bank": bank,
        "client_name": session.request["client_name"],
        "problem": session.state.get("problem"),
        "repairing": session.update_item is not None,
        "return_to": _return_address(session),
        "username": (session.state.get("login") or {}).get("username", ""),
    }
    step = link.DONE if session.finished else session.step
    draw = {
        link.INSTITUTION: _institution_values,
        link.MFA: _mfa_values,
        link.ACCOUNTS: _account_values,
        link.BANK: _bank_values,
    }.get(step)
    titles = {
        link.INSTITUTION: "Choose your bank",
        link.CREDENTIALS: f"Sign in to {bank.name if bank else 'your bank'}",
        link.MFA: "One more step",
        link.ACCOUNTS: "Choose accounts to share",
        link.BANK: f"{bank.name if bank else 'Bank'}: allow access",
        link.DONE: "You are connected" if session.state["results"] else "Nothing was connected",
    }
    values["title"] = titles[step]
    if draw is not None:
        values |= draw(session, request)
    values["connected"] = bool(session.state["results"])
    return page(f"{step}.html", 200, values, values["return_to"])


def _institution_values(session: Session, request: Request) -> dict[str, Any]:
    query = request.query_params.get("q", "")[:80]
    found = institutions.find(session.request["country_codes"], query=query)
    products = set(session.request.get("products") or ())
    return {
        "query": query,
        "banks": [(bank, products <= set(bank.products)) for bank in found],
    }


def _bank_values(session: Session, request: Request) -> dict[str, Any]:
    return {"people": _people()}


def _people() -> list[tuple[str, str]]:
    return [
        (logins.HOUSEHOLD, "A made-up household: five accounts, two years of history"),
        ("user_good", "Plaid's usual test user: twelve accounts"),
        ("user_yuppie", "A well-paid single person"),
        ("user_small_business", "A small workshop"),
    ]


def _mfa_values(session: Session, request: Request) -> dict[str, Any]:
    mfa = session.state.get("mfa") or {}
    turn = mfa.get("round", 0)
    kind = link.mfa_type(mfa)
    count = 1 if kind == "code" else mfa.get("questions", 1)
    if kind == "code":
        hint = "1234"
    elif kind == "selections":
        hint = "Yes"
    else:
        hint = f"answer_{turn}_0" + (f" to answer_{turn}_{count - 1}" if count > 1 else "")
    choices = ["Yes", "No", "Perhaps", "Rarely", "Often", "Never", "Once", "Twice", "Both", "None"]
    return {
        "kind": kind,
        "turn": turn + 1,
        "turns": mfa.get("rounds", 1),
        "count": count,
        "hint": hint,
        "choices": choices[: mfa.get("selections", 3)],
    }


def _account_values(session: Session, request: Request) -> dict[str, Any]:
    try:
        accounts = link.offered(session)
    except PlaidError:
        accounts = []
    shared = link.shared_positions(session)
    ticked = session.state.get("ticked")
    return {
        "accounts": [
            (index, account, _balance(account), shared is None or index in shared)
            for index, account in accounts
        ],
        "ticked": shared if ticked is None else ticked,
    }


def _balance(account: Account) -> str:
    if account.current is None:
        return ""
    return f"{account.current:,.2f} {account.currency}"


def _choose(session: Session, form: Any) -> None:
    link.choose_bank(session, str(form.get("institution_id", "")))
    bank = session.bank
    if bank is None:
        return
    try:
        logins.check_bank(bank)
        api_items.check_products(bank, session.request.get("products") or [])
    except PlaidError:
        session.go(link.INSTITUTION)
        raise


def _another(session: Session, form: Any) -> None:
    if session.update_item is None:
        session.state.pop("institution_id", None)
        session.state.pop("login", None)
        session.state.pop("ticked", None)
        session.go(link.INSTITUTION)


def _credentials(session: Session, form: Any) -> None:
    if session.step != link.CREDENTIALS:
        return
    link.sign_in(session, str(form.get("username", "")).strip(), str(form.get("password", "")))
    _finish_if_nothing_to_choose(session)


def _finish_if_nothing_to_choose(session: Session) -> None:
    if session.step == link.ACCOUNTS and not session.chooses_accounts:
        link.finish(session, range(1))


def _mfa(session: Session, form: Any) -> None:
    if session.step != link.MFA:
        return
    answers = [str(value).strip() for value in form.getlist("answer")]
    link.answer_mfa(session, answers)
    _finish_if_nothing_to_choose(session)


def _allow(session: Session, form: Any) -> None:
    """Take the OAuth bank's own page: the person signs in there and allows access."""
    if session.step != link.BANK:
        return
    session.note("OPEN_OAUTH")
    item = session.update_item
    username = item["username"] if item else str(form.get("username", ""))
    link.sign_in(session, username, "pass_good")
    session.note("CLOSE_OAUTH")
    _finish_if_nothing_to_choose(session)


def _share(session: Session, form: Any) -> None:
    if session.step != link.ACCOUNTS:
        return
    offered = {index for index, _ in link.offered(session)}
    chosen = {int(value) for value in form.getlist("account") if str(value).isdigit()}
    session.state["ticked"] = sorted(chosen & offered)  # for the page, should it come again
    link.finish(session, chosen & offered)


def _cancel(session: Session, form: Any) -> None:
    """Leave; who gives up on an error takes it along, as Link's exit does."""
    problem = session.state.get("problem")
    link.leave(session, PlaidError(problem["code"]) if problem else None)
