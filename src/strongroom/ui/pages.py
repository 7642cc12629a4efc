"""The shell's own requests: changing how pages look. An account's settings are identity's."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse

from strongroom.ui.preferences import COOKIES, Preferences, with_choice
from strongroom.ui.responses import redirect

router = APIRouter(include_in_schema=False)
_YEAR_SECONDS = 365 * 24 * 3600


@router.post("/preferences")
async def choose(
    request: Request,
    next: Annotated[str, Form()] = "/",
    locale: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    hide_amounts: Annotated[str, Form()] = "",
    shortcuts: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Keep one or more display choices in this browser and go back to the page they came from."""
    response = redirect(next)
    chosen = dict(zip(COOKIES, (locale, theme, hide_amounts, shortcuts), strict=True))
    for name, value in chosen.items():
        if value and _known(name, value):
            response.set_cookie(
                name,
                value,
                max_age=_YEAR_SECONDS,
                httponly=True,
                samesite="lax",
                secure=request.url.scheme == "https",
            )
    return response


def _known(name: str, value: str) -> bool:
    """Whether the choice exists: applied to the defaults, or it already is the default."""
    default = Preferences()
    usual = {"locale": default.locale, "theme": default.theme}
    flags = {"hide_amounts": "0", "shortcuts": "1"}
    return with_choice(default, name, value) != default or value == {**usual, **flags}[name]
