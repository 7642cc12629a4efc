"""The pages of getting in and out: welcome, sign-up, sign-in, the made-up household, sign-out.

Parses, calls a verb, renders. What a person may set about themselves is in ``settings_pages``.
"""

from __future__ import annotations

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from strongroom.core.errors import NotFound, Refused, StrongroomError, TooManyRequests
from strongroom.core.time import clock
from strongroom.identity import entrance, sessions, settings_pages
from strongroom.identity.access import (
    client_of,
    drop_session,
    give_session,
    known_by,
    remember_browser,
    secret_of,
    services_of,
    visitor,
)
from strongroom.identity.callers import Caller
from strongroom.ui.responses import is_local, redirect, render


class NoMadeUpHousehold(NotFound):
    """Made-up households live at practice banks, and this server has none."""


router = APIRouter()
Visitor = Annotated[Caller | None, Depends(visitor)]
Text = Annotated[str, Form()]


@router.get("/welcome")
async def welcome(request: Request, caller: Visitor) -> Response:
    """Say what this is, and offer the ways in."""
    if caller is not None:
        return redirect("/")
    settings = services_of(request).settings
    return render(
        request,
        "identity/welcome.html",
        open=settings.signup,
        practice=settings.plaid_env == "local",
    )


@router.get("/signup")
async def sign_up_page(request: Request, caller: Visitor) -> Response:
    """Ask for what creates an account."""
    return redirect("/") if caller is not None else _sign_up_form(request)


@router.post("/signup")
async def sign_up(
    request: Request,
    caller: Visitor,
    email: Text = "",
    name: Text = "",
    password: Text = "",
) -> Response:
    """Create the account; go on to signing in, whether the address was taken or not."""
    services, now = services_of(request), clock()
    try:
        session = await entrance.sign_up(
            services.database,
            entrance.SignUp(email, password, name, request.state.preferences.locale),
            client=client_of(request),
            open_to_all=services.settings.signup,
            now=now,
        )
    except (Refused, entrance.SignUpClosed, TooManyRequests) as error:
        return _sign_up_form(request, error, email=email, name=name)
    if session is None:
        return redirect("/login?new=1")
    response = redirect("/")
    give_session(response, request, session, now)
    remember_browser(response, request, entrance.known_browser(session.owner))
    return response


@router.get("/login")
async def sign_in_page(
    request: Request, caller: Visitor, next: str = "/", new: bool = False, ended: bool = False
) -> Response:
    """Ask for e-mail address and password; say if a form came after its session (``ended``)."""
    if caller is not None:
        return redirect(next)
    return _sign_in_form(request, next, new=new, ended=ended)


@router.post("/login")
async def sign_in(
    request: Request,
    caller: Visitor,
    email: Text = "",
    password: Text = "",
    next: Text = "/",
) -> Response:
    """Start a session and go to where the person wanted to; only ever to a page of ours."""
    now = clock()
    try:
        session = await entrance.sign_in(
            services_of(request).database,
            email=email,
            password=password,
            client=client_of(request),
            replaces=secret_of(request),
            known_by=known_by(request),
            now=now,
        )
    except (entrance.WrongEmailOrPassword, TooManyRequests) as error:
        return _sign_in_form(request, next, error, email=email)
    response = redirect(next)
    give_session(response, request, session, now)
    remember_browser(response, request, entrance.known_browser(session.owner))
    return response


@router.post("/demo")
async def make_demo(request: Request, caller: Visitor) -> Response:
    """Make a made-up household and sign in to it; its bank is linked in the background.

    Raises ``NoMadeUpHousehold`` where real banks are linked.
    """
    now = clock()
    if services_of(request).settings.plaid_env != "local":
        raise NoMadeUpHousehold("This server links real banks and makes no households up.")
    try:
        session = await entrance.make_demo(
            services_of(request).database,
            client=client_of(request),
            language=request.state.preferences.locale,
            replaces=secret_of(request),
            now=now,
        )
    except TooManyRequests as error:
        return _sign_in_form(request, "/", error)
    response = redirect("/")
    give_session(response, request, session, now)
    return response


@router.post("/logout")
async def sign_out(request: Request, caller: Visitor) -> Response:
    """End the session, here and in the database."""
    if caller is not None and caller.session_id is not None:
        async with caller.unit_of_work() as db:
            await sessions.sign_out(
                db,
                owner=caller.owner,
                session_id=caller.session_id,
                client=caller.client,
                now=caller.now,
            )
    response = redirect("/welcome")
    drop_session(response, request)
    return response


def _sign_up_form(
    request: Request,
    error: StrongroomError | None = None,
    *,
    email: str = "",
    name: str = "",
) -> Response:
    return _form(
        request,
        "identity/signup.html",
        error,
        email=email,
        name=name,
        open=services_of(request).settings.signup,
    )


def _sign_in_form(
    request: Request,
    next: str,
    error: StrongroomError | None = None,
    *,
    email: str = "",
    new: bool = False,
    ended: bool = False,
) -> Response:
    where = next if is_local(next) else "/"
    return _form(
        request, "identity/login.html", error, email=email, next=where, new=new, ended=ended
    )


def _form(
    request: Request, template: str, error: StrongroomError | None, **context: object
) -> Response:
    """Render a form, with what is wrong about it if it was sent before."""
    wait = error.retry_after_seconds if isinstance(error, TooManyRequests) else None
    response = render(
        request,
        template,
        status=200 if error is None else error.status,
        error=error,
        wait_minutes=None if wait is None else ceil(wait / 60),
        **context,
    )
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


router.include_router(settings_pages.router)
