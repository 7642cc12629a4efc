"""The gallery's site, and Chromium where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.ui.site import application, served

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


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    with served(application()) as address:
        yield address


@pytest.fixture(scope="module")  # an open Playwright lets no event loop run beside it
def browser() -> Iterator[Any]:
    program = os.environ.get("STRONGROOM_CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip(NO_CHROMIUM)
    sync_api = pytest.importorskip("playwright.sync_api", reason=NO_CHROMIUM)
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield chromium
        chromium.close()
