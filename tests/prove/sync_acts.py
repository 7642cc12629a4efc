"""What befalls a bank link in a schedule, and what its person does about it, one act at a time.

Each goes through the doors that people use; the bank's side is played through its control door
and its Link pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable

import httpx

from strongroom import connections
from strongroom.connections import Item, LinkState
from strongroom.core.errors import StrongroomError
from strongroom.core.time import clock
from tests.prove.sync_scene import Scene

_CHOICES = re.compile(r'name="account" value="(\d+)"')
_BAD_ROWS = ("huge", "nan", "nan_text", "null_amount", "text_amount", "null_date", "bad_date",
             "no_account")  # fmt: skip
_LINK_TRIES = 8


class Acts:
    """The acts by the names that a plan calls them; one that is refused has not happened."""

    def __init__(
        self,
        scene: Scene,
        sweep: Callable[[], Awaitable[None]],
        calm: Callable[[], Awaitable[None]],
    ) -> None:
        self._scene = scene
        self._sweep = sweep
        self._calm = calm
        self._rng = scene.rng

    async def play(self, name: str) -> None:
        """Play one act on one of the person's living bank links."""
        living = await self._scene.living()
        if not living:
            await self.link_until_there()
            return
        act: Callable[[Item], Awaitable[None]] = getattr(self, f"_{name}")
        with contextlib.suppress(StrongroomError):
            await act(self._rng.choice(living))

    async def set_right(self) -> None:
        """Do what a person does about a link that the pages show as in need of them."""
        for item in await self._scene.living():
            with contextlib.suppress(StrongroomError):
                await self._wake(item)
                if item.needs_person:
                    await self._sign_in(item)
        await self._make_anew_what_is_dead()
        if not await self._scene.living():
            await self.link_until_there()

    async def link_until_there(self) -> None:
        """Link the bank, again and again where the bank fails; a sweep ends what was left."""
        told: list[str] = []
        for attempt in range(2 * _LINK_TRIES):
            if attempt == _LINK_TRIES:
                await self._calm()
            try:
                told.append((await self._scene.link()).state)
            except StrongroomError as error:
                told.append(error.message)
            if await self._scene.living():
                return
            await self._sweep()
            if await self._scene.living():
                return
        raise AssertionError(f"no bank could be linked without faults: {told}")

    # What a person does

    async def _rest(self, item: Item) -> None:
        if item.paused_at is None:
            await self._scene.do(
                connections.pause, item_id=item.id, actor="person", now=clock()
            )  # fmt: skip
        else:
            await self._wake(item)

    async def _wake(self, item: Item) -> None:
        if item.paused_at is not None:
            await self._scene.do(
                connections.resume, item_id=item.id, actor="person", now=clock()
            )  # fmt: skip

    async def _read_all(self, item: Item) -> None:
        await self._scene.do(connections.ask_for_sync, item_id=item.id, now=clock(), full=True)

    async def _renew(self, item: Item) -> None:
        await connections.renew_token(
            self._scene.links, owner=self._scene.owner, item_id=item.id
        )  # fmt: skip

    async def _link_anew(self, item: Item) -> None:
        await connections.unlink(self._scene.links, owner=self._scene.owner, item_id=item.id)
        await self.link_until_there()

    async def _link_twice(self, item: Item) -> None:
        if item.last_successful_update is None:
            return  # nothing is known of its accounts yet, so nothing can be compared
        before = {one.id for one in await self._scene.living()}
        session = await self._scene.link()
        after = {one.id for one in await self._scene.living()}
        if session.state is LinkState.DONE or after != before:
            raise AssertionError(f"a second link was made: {session.state}")

    async def _sign_in(self, item: Item, *, choose: bool = False) -> None:
        """Walk through update mode; with ``choose``, share every account that is offered."""
        scene = self._scene
        session = await connections.start(
            scene.links, owner=scene.owner, repair=item.id, select_accounts=choose
        )
        if session.state is not LinkState.OPEN or session.hosted_link_url is None:
            return
        if session.mode != "update":  # no sign-in brings it back: it is made anew below
            return
        await asyncio.to_thread(_walk, session.hosted_link_url, scene.plan.username)
        await connections.finish(scene.links, owner=scene.owner, session_id=session.id)

    async def _make_anew_what_is_dead(self) -> None:
        for item in await self._scene.living():
            if item.error_code is None:
                continue
            if connections.trouble_of(item.error_code).way is connections.Way.LINK_AGAIN:
                with contextlib.suppress(StrongroomError):
                    await self._link_anew(item)

    # What the bank does

    async def _sign_out(self, item: Item) -> None:
        await self._at_bank(item, "error", code="ITEM_LOGIN_REQUIRED")

    async def _let_in_again(self, item: Item) -> None:
        await self._at_bank(item, "error", code=None)

    async def _migrate(self, item: Item) -> None:
        await self._at_bank(item, "migrate_accounts", removed=self._rng.random() < 0.5)

    async def _offer(self, item: Item) -> None:
        mask = f"{self._rng.randrange(3000, 9000)}"
        await self._at_bank(item, "new_account", name=f"New {mask}", mask=mask)
        if self._rng.random() < 0.8:
            await self._sign_in(item, choose=True)

    async def _revoke_account(self, item: Item) -> None:
        truth = await self._scene.control("GET", "/truth", item_id=item.plaid_item_id)
        if len(truth["accounts"]) > 1:
            account = self._rng.choice(truth["accounts"])["account_id"]
            rows = self._rng.choice(("keep", "remove"))
            await self._at_bank(item, "revoke_account", account_id=account, rows=rows)

    async def _spoil(self, item: Item) -> None:
        for _ in range(self._rng.randint(1, 3)):
            await self._at_bank(item, "bad_row", kind=self._rng.choice(_BAD_ROWS))

    async def _heal(self, item: Item) -> None:
        await self._at_bank(item, "heal_rows")

    async def _new_key(self, item: Item) -> None:
        await self._scene.control("POST", "/webhook_keys/rotate")

    async def _at_bank(self, item: Item, act: str, **body: object) -> None:
        with contextlib.suppress(httpx.HTTPStatusError):  # the bank has forgotten the item
            await self._scene.control("POST", f"/items/{item.plaid_item_id}/{act}", **body)


def _walk(url: str, username: str) -> None:
    """Go through the Link pages of update mode as a visitor with nothing but forms."""
    with httpx.Client(timeout=60) as visitor:
        visitor.get(url)
        visitor.post(f"{url}/credentials", data={"username": username, "password": "pass_good"})
        choices = _CHOICES.findall(visitor.get(url).text)
        if choices:
            visitor.post(f"{url}/accounts", data={"account": choices})
