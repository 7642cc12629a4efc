"""Chromium, where there is one, at a whole Strongroom."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.house import House

NO_CHROMIUM = (
    "No Chromium here. Debian: apt-get install -y chromium; or name one in STRONGROOM_CHROMIUM."
)
# Chromium's own background requests would reach for the internet.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Any]


@pytest.fixture(scope="module")  # an open Playwright lets no event loop run beside it
def chromium() -> Iterator[Any]:
    program = os.environ.get("STRONGROOM_CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip(NO_CHROMIUM)
    sync_api = pytest.importorskip("playwright.sync_api", reason=NO_CHROMIUM)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Any, house: House) -> Iterator[Open]:
    """Open a fresh browser; fail on any console message or request to another place."""
    with house.admin() as db:  # all tests come from one address
        db.execute("DELETE FROM strongroom.rate_limits")
    troubles: list[str] = []
    contexts: list[Any] = []
    ours = (house.url, house.sandbox_url, "data:")

    def stay_here(request: Any) -> None:
        if not request.url.startswith(ours):
            troubles.append(f"foreign: {request.url}")

    def opened(width: int = 1280, theme: str = "light", **options: Any) -> Any:
        context = chromium.new_context(
            base_url=house.url, viewport={"width": width, "height": 900}, **options
        )
        contexts.append(context)
        for name, value in {"theme": theme, "locale": "en"}.items():
            context.add_cookies([{"name": name, "value": value, "url": house.url}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: troubles.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("request", stay_here)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []
