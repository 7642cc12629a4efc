"""The pages of a person's own things: profile, display, security, API tokens, notifications."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from strongroom import audit, ui
from strongroom.core import ids
from strongroom.core.errors import StrongroomError
from strongroom.core.time import zone
from strongroom.identity import entrance, notices, rules, service, sessions, tokens
from strongroom.identity.access import give_session, may
from strongroom.identity.callers import Caller
from strongroom.identity.types import SCOPES, NotificationId, SessionId, TokenId
from strongroom.ui.preferences import with_choice
from strongroom.ui.responses import redirect, render

router = APIRouter()
Reader = Annotated[Caller, Depends(may("profile:read"))]
Changer = Annotated[Caller, Depends(may("settings:write"))]
SignedIn = Annotated[Caller, Depends(may("sessions:write"))]
Text = Annotated[str, Form()]

_AREAS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip
_DONE_LINES = 10
_DISPLAY_COOKIES = ("locale", "theme", "hide_amounts", "shortcuts")


@router.get("/settings")
async def settings_page(request: Request, caller: Reader) -> Response:
    """Show profile and display."""
    return await _settings(request, caller)


@router.post("/settings/profile")
async def change_profile(
    request: Request, caller: Changer, first_name: Text = "", last_name: Text = ""
) -> Response:
    """Change what the person is called."""
    try:
        async with caller.unit_of_work() as db:
            await service.rename(
                db,
                owner=caller.owner,
                first_name=first_name,
                last_name=last_name,
                client=caller.client,
                actor=caller.actor,
                now=caller.now,
            )
    except rules.BadName as error:
        given = {"first_name": first_name, "last_name": last_name}
        return await _settings(request, caller, error, **given)
    return _saved(request, "/settings")


@router.post("/settings/display")
async def change_display(
    request: Request,
    caller: Changer,
    currency: Text = "",
    language: Text = "en",
    theme: Text = "auto",
    time_zone: Text = "UTC",
    date_format: Text = "locale",
    hide_amounts: Text = "",
    shortcuts: Text = "",
) -> Response:
    """Change how pages look and read, in every browser of the person."""
    wanted: dict[str, Any] = {
        "currency": currency,
        "language": language,
        "theme": theme,
        "time_zone": time_zone,
        "date_format": date_format,
        "hide_amounts": bool(hide_amounts),
        "shortcuts": bool(shortcuts),
    }
    try:
        async with caller.unit_of_work() as db:
            await service.change_settings(
                db,
                owner=caller.owner,
                wanted=wanted,
                client=caller.client,
                actor=caller.actor,
                now=caller.now,
            )
    except StrongroomError as error:
        return await _settings(request, caller, error, **wanted)
    request.state.preferences = with_choice(request.state.preferences, "locale", language)
    response = _saved(request, "/settings")
    for name in _DISPLAY_COOKIES:  # what was chosen in this browser before gives way
        response.delete_cookie(name, path="/")
    return response


@router.get("/settings/security")
async def security_page(
    request: Request, caller: SignedIn, done: Annotated[str | None, Query(max_length=512)] = None
) -> Response:
    """Show sessions, password, API tokens, and what was done; ``done`` goes on in that list."""
    return await _security(request, caller, done=done)


@router.post("/settings/password")
async def change_password(
    request: Request, caller: SignedIn, current: Text = "", new: Text = ""
) -> Response:
    """Change the password; every other browser is signed out."""
    try:
        session = await entrance.change_password(
            caller.database,
            owner=caller.owner,
            current=current,
            new=new,
            client=caller.client,
            now=caller.now,
        )
    except StrongroomError as error:
        return await _security(request, caller, error)
    with ui.using(request.state.preferences):
        said = {
            "weak": ui.gettext("Password changed. It is weak."),
            "fair": ui.gettext("Password changed. It is fair."),
            "good": ui.gettext("Password changed. It is good."),
            "strong": ui.gettext("Password changed. It is strong."),
        }[rules.strength(new)]
    response = redirect("/settings/security", toast=said)
    give_session(response, request, session, caller.now)
    return response


@router.post("/settings/sessions/end-others")
async def end_other_sessions(request: Request, caller: SignedIn) -> Response:
    """Sign out everywhere else."""
    async with caller.unit_of_work() as db:
        await sessions.end_other_sessions(
            db,
            owner=caller.owner,
            session_id=caller.session_id,
            client=caller.client,
            now=caller.now,
        )
    return _said(request, "/settings/security", ui.N_("Signed out everywhere else."))


@router.post("/settings/sessions/{session}/end")
async def end_session(request: Request, caller: SignedIn, session: str) -> Response:
    """Sign out one other browser."""
    session_id = SessionId(ids.parse("ses", session))
    async with caller.unit_of_work() as db:
        await sessions.end_session(
            db, owner=caller.owner, session_id=session_id, client=caller.client, now=caller.now
        )
    return _said(request, "/settings/security", ui.N_("That browser is signed out."))


@router.post("/settings/tokens")
async def create_token(
    request: Request,
    caller: Annotated[Caller, Depends(may("tokens:write"))],
    name: Text = "",
    scope: Annotated[list[str] | None, Form()] = None,
    days: Text = "",
    token: Text = "",
) -> Response:
    """Make an API token and show it, this one time."""
    try:
        token_id = TokenId(ids.parse("tok", token)) if token else None
        async with caller.unit_of_work() as db:
            made = await tokens.create_token(
                db,
                owner=caller.owner,
                name=name,
                scopes=scope or [],
                expires_at=rules.token_end(caller.now, days),
                token_id=token_id,
                client=caller.client,
                now=caller.now,
            )
    except StrongroomError as error:
        return await _security(request, caller, error, name=name, scopes=scope or [], days=days)
    return render(request, "identity/token.html", nav="settings", made=made)


@router.post("/settings/tokens/{token}/revoke")
async def revoke_token(
    request: Request, caller: Annotated[Caller, Depends(may("tokens:write"))], token: str
) -> Response:
    """End an API token."""
    token_id = TokenId(ids.parse("tok", token))
    async with caller.unit_of_work() as db:
        await tokens.revoke_token(
            db, owner=caller.owner, token_id=token_id, client=caller.client, now=caller.now
        )
    return _said(request, "/settings/security", ui.N_("The token works no more."))


@router.get("/notifications")
async def notifications_page(
    request: Request, caller: Reader, cursor: str | None = None
) -> Response:
    """Show notifications by day, newest first."""
    async with caller.unit_of_work() as db:
        page = await notices.list_notifications(db, owner=caller.owner, after=cursor)
        unread = await notices.count_unread(db, owner=caller.owner)
    home = zone(caller.settings.time_zone)
    told = [notices.in_words(found) for found in page.items]
    days = groupby(told, lambda found: found.created_at.astimezone(home).date())
    return render(
        request,
        "identity/notifications.html",
        nav="notifications",
        days=[(day, list(found)) for day, found in days],
        unread=unread,
        older=f"/notifications?cursor={page.next}" if page.next else "",
        newer="/notifications" if cursor else "",
        now=caller.now,
        show_id=lambda found: ids.show("ntf", found.id),
    )


@router.post("/notifications/read-all")
async def read_all(request: Request, caller: Changer) -> Response:
    """Mark every notification as read."""
    async with caller.unit_of_work() as db:
        await notices.read_all_notifications(db, owner=caller.owner, now=caller.now)
    return redirect("/notifications")


@router.post("/notifications/{notification}/read")
async def read_one(caller: Changer, notification: str, next: Text = "/notifications") -> Response:
    """Mark a notification as read and go to what it is about."""
    notification_id = NotificationId(ids.parse("ntf", notification))
    async with caller.unit_of_work() as db:
        await notices.read_notification(
            db, owner=caller.owner, notification_id=notification_id, now=caller.now
        )
    return redirect(next)


async def _settings(
    request: Request, caller: Caller, error: StrongroomError | None = None, **given: Any
) -> Response:
    """Render profile and display, with what was typed in place of what is stored."""
    async with caller.unit_of_work() as db:
        person = await service.get_person(db, owner=caller.owner)
        settings = await service.get_settings(db, owner=caller.owner)
    areas = (n for n in rules.time_zones() if n.partition("/")[0] in _AREAS)
    zones = sorted({*areas, "UTC", settings.time_zone})
    return render(
        request,
        "identity/settings.html",
        status=200 if error is None else error.status,
        nav="settings",
        account=person,
        shown={
            "first_name": person.first_name,
            "last_name": person.last_name,
            **asdict(settings),
            **given,
        },
        error=error,
        zones=[(name, name.replace("_", " ")) for name in zones],
        formats=_formats(request.state.preferences, caller.today),
    )


def _formats(preferences: ui.Preferences, today: date) -> list[tuple[str, str]]:
    """Return the ways to write a day, each as it writes today."""
    found: list[tuple[str, str]] = []
    for name in rules.DATE_FORMATS:
        with ui.using(replace(preferences, date_format=name)):
            found.append((name, ui.show_date(today)))
    return found


async def _security(
    request: Request,
    caller: Caller,
    error: StrongroomError | None = None,
    done: str | None = None,
    **given: Any,
) -> Response:
    async with caller.unit_of_work() as db:
        record = await audit.list_page(db, owner=caller.owner, before=done, limit=_DONE_LINES)
        open_sessions = await sessions.list_sessions(db, owner=caller.owner, now=caller.now)
        api_tokens = await tokens.list_tokens(db, owner=caller.owner, now=caller.now)
    return render(
        request,
        "identity/security.html",
        status=200 if error is None else error.status,
        nav="settings",
        this_session=caller.session_id,
        is_demo=caller.is_demo,
        sessions=[(ids.show("ses", s.id), s, rules.browser(s.user_agent)) for s in open_sessions],
        tokens=[(ids.show("tok", token.id), token) for token in api_tokens],
        record=record,
        record_from=done,
        token_names={f"token:{token.id}": token.name for token in api_tokens},
        scopes=SCOPES,
        next_token=ids.show("tok", ids.new_id()),
        shown={"name": "", "scopes": [], "days": "", **given},
        error=error,
        now=caller.now,
    )


def _saved(request: Request, where: str) -> Response:
    return _said(request, where, ui.N_("Saved."))


def _said(request: Request, where: str, message: str) -> Response:
    with ui.using(request.state.preferences):
        return redirect(where, toast=ui.gettext(message))
