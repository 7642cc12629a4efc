"""The page on which a person chooses which cards Overview shows, and in which order."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom import identity
from strongroom.home import arranging
from strongroom.identity.access import may
from strongroom.ui import N_
from strongroom.ui.responses import redirect, render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("profile:read"))]
Changer = Annotated[identity.Caller, Depends(may("settings:write"))]

NAMES: Final = {
    "worth": N_("Net worth"),
    "review": N_("To review, and first steps"),
    "spending": N_("Spending this month"),
    "accounts": N_("Accounts"),
    "goals": N_("Goals"),
    "flow": N_("Cash flow"),
    "coming": N_("Coming up"),
}


@router.get("/arrange")
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show the cards in the person's order."""
    places = arranging.places(caller.settings.dashboard_layout)
    return render(request, "home/arrange.html", nav="overview", places=places, names=NAMES)


@router.post("/arrange")
async def change(
    caller: Changer,
    card: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Move a card one place, hide or show it, or put all back as they were at first."""
    layout = arranging.changed(caller.settings.dashboard_layout, card, action)
    async with caller.unit_of_work() as db:
        await identity.change_settings(
            db,
            owner=caller.owner,
            wanted={"dashboard_layout": layout},
            client=caller.client,
            actor=caller.actor,
            now=caller.now,
        )
    return redirect(f"/arrange#{card}" if card in NAMES else "/arrange")
