"""What a page request is answered with: a template rendered for its reader, or another address.

Rendering is synchronous and touches no network or database, so it is safe inside an async route.
"""

from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from strongroom.ui.environment import environment
from strongroom.ui.language import using
from strongroom.ui.preferences import Preferences
from strongroom.ui.shell import NAVIGATION, NavItem

_TOAST: Final = "toast"
_TOAST_SECONDS: Final = 60
_LONGEST_TOAST: Final = 300
_UNDO: Final = "&undo="  # quoting leaves no ampersand in a text


def render(
    request: Request, template: str, *, status: int = 200, **context: object
) -> HTMLResponse:
    """Return a page in the reader's language and format.

    Reads ``request.state``: ``preferences``, ``person`` (``None`` = signed out), ``badges`` (counts
    by navigation key), and ``request.app.state.navigation`` in place of ``NAVIGATION``. ``nav`` in
    the context names the current entry. With an ``X-Swap`` header only the main part is sent.
    Raises ``jinja2.TemplateNotFound``, and ``UndefinedError`` for a name the context lacks.
    """
    preferences = getattr(request.state, "preferences", None) or Preferences()
    toast, undo = _told(request.cookies.get(_TOAST, ""))
    shell = {
        "person": getattr(request.state, "person", None),
        "badges": getattr(request.state, "badges", None) or {},
        "navigation": _navigation(request),
        "nav": "",
        "swapping": bool(swap_targets(request)),
        "toasts": [(toast, undo)] if toast else [],
        "path": here(request),
        "preferences_now": preferences,
    }
    with using(preferences):
        text = environment().get_template(template).render({**shell, **context})
    headers = {"Cache-Control": "no-store", "Vary": "X-Swap, Cookie, Accept-Language"}
    response = HTMLResponse(text, status_code=status, headers=headers)
    if toast:
        response.delete_cookie(_TOAST, path="/")
    return response


def redirect(url: str, *, toast: str = "", undo: str = "") -> RedirectResponse:
    """Return a 303 to a page of ours, which will show ``toast`` once.

    Only a path on this site is followed; anything else leads to the first page. ``undo`` is the
    address of a form that takes back what the toast tells of.
    """
    response = RedirectResponse(url if is_local(url) else "/", status_code=303)
    if toast:
        response.set_cookie(
            _TOAST,
            quote(toast[:_LONGEST_TOAST]) + (_UNDO + quote(undo, safe="") if undo else ""),
            max_age=_TOAST_SECONDS,
            httponly=True,
            samesite="lax",
        )
    return response


def _told(cookie: str) -> tuple[str, str]:
    """Return the toast in a cookie, and the address that takes back what it tells of, if any."""
    toast, _, undo = cookie.partition(_UNDO)
    undo = unquote(undo)
    return unquote(toast)[:_LONGEST_TOAST], undo if is_local(undo) else ""


def is_local(url: str) -> bool:
    """Return whether an address is a path on this site (and not ``//elsewhere``)."""
    if not url.startswith("/") or url.startswith(("//", "/\\")) or not url.isprintable():
        return False
    parts = urlsplit(url)
    return not parts.scheme and not parts.netloc


def here(request: Request) -> str:
    """Return the path and query of a request, for a form to come back to."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def swap_targets(request: Request) -> frozenset[str]:
    """Return the ids that kit.js is going to replace; empty for a whole page.

    A page may leave out work that none of them shows, but must answer at the same address.
    """
    return frozenset(request.headers.get("x-swap", "").split())


def _navigation(request: Request) -> tuple[NavItem, ...]:
    application = request.scope.get("app")
    state: object = getattr(application, "state", None)
    return getattr(state, "navigation", None) or NAVIGATION
