"""The jobs of bank links: read an item, finish a link, drain webhooks, watch for silence."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import UUID

import psycopg

from strongroom.connections import (
    attending,
    demo,
    linking,
    products,
    queries,
    syncing,
    tokens,
    webhooks,
)
from strongroom.connections.errors import (
    FeedError,
    ItemNotFound,
    LinkedElsewhere,
    LinkIsDisconnected,
    SyncIsRunning,
)
from strongroom.connections.imports import jobs as import_jobs
from strongroom.connections.links import Links
from strongroom.connections.types import Why
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.core.queue import Jobs

_log = logging.getLogger(__name__)

_SILENT_FOR = timedelta(hours=6)
_TOLD_AFTER = timedelta(days=2)


def build(links: Links) -> Jobs:
    """Return the domain's jobs, working with ``links``."""
    jobs = Jobs("connections")
    _declare_reading(jobs, links)
    _declare_products(jobs, links)
    _declare_keeping(jobs, links)
    import_jobs.declare(jobs, links)
    return jobs


def _declare_reading(jobs: Jobs, links: Links) -> None:
    """Declare the jobs that read what is new at one bank link."""
    run = partial(_read, links)

    @jobs.job(attempts=6)
    async def sync(owner: str, item: str, refresh: str, full: str = "", look: str = "") -> None:
        """Read one bank link, as a person or a schedule asked: what is new, or ``full``, all."""
        await run(
            UserId(UUID(owner)),
            ItemId(UUID(item)),
            UUID(refresh),
            full=full == "yes",
            look=look == "yes",
        )

    async def ask_and_run(
        owner: str, item: str, why: Why, *, unless_complete: bool = False
    ) -> None:
        person, item_id = UserId(UUID(owner)), ItemId(UUID(item))
        async with links.database.unit_of_work(person) as db:
            found = await queries.items(db, person, item_id)
            if not found or (unless_complete and found[0].history_complete):
                return
            if found[0].paused_at is not None:
                return  # what was announced meanwhile is looked at when it is woken
        await run(person, item_id, new_id(), why)

    @jobs.job(attempts=6)
    async def sync_after_webhook(owner: str, item: str) -> None:
        """Read what is new at one bank link, because Plaid said there is something."""
        await ask_and_run(owner, item, Why.WEBHOOK)

    @jobs.job(attempts=6)
    async def sync_rest(owner: str, item: str) -> None:
        """Read the rest of a history that Plaid was still collecting."""
        await ask_and_run(owner, item, Why.SCHEDULED, unless_complete=True)

    @jobs.job(attempts=6)
    async def sync_silent(owner: str, item: str) -> None:
        """Read one bank link that was silent for long, or whose next try is due."""
        await ask_and_run(owner, item, Why.SCHEDULED)


async def _read(
    links: Links,
    owner: UserId,
    item_id: ItemId,
    refresh_id: UUID,
    new: Why | None = None,
    full: bool = False,
    look: bool = False,
) -> None:
    """Read one bank link; what can pass by itself is left to be tried again."""
    try:
        await _see_that_it_may_stay(links, owner, item_id, refresh_id)
        await syncing.sync(
            links,
            owner=owner,
            item_id=item_id,
            refresh_id=refresh_id,
            new=new,
            full=full,
            look=look,
        )
    except SyncIsRunning as running:
        # Somebody else's process reads it; look again, so that what we were told is not lost.
        raise Unavailable(running.message, retry_after_seconds=2) from running
    except (LinkIsDisconnected, LinkedElsewhere, ItemNotFound):
        return
    except FeedError as error:
        # Noted on the item already; only what can pass by itself is worth another try. That
        # is a job of its own: one that waits here would hold up whoever asks meanwhile.
        if error.will_pass:
            await attending.ask_again(links, owner, item_id)
    except StrongroomError:
        raise
    except Exception:
        # The page says that the log tells more; the queue tells only of the last try.
        _log.exception("a bank could not be read")
        raise


async def _see_that_it_may_stay(
    links: Links, owner: UserId, item_id: ItemId, refresh_id: UUID
) -> None:
    """Have a new link compared with those there are; if it cannot be, its read has failed."""
    try:
        await linking.compare_before_read(links, owner=owner, item_id=item_id)
    except SyncIsRunning:
        raise
    except Exception as error:
        with suppress(StrongroomError, psycopg.Error):  # the first trouble is the one told
            await syncing.note_failure(links, owner, item_id, refresh_id, error)
        raise


def _declare_products(jobs: Jobs, links: Links) -> None:
    """Declare the job that reads what a bank tells beside balances and rows."""

    @jobs.job(attempts=3)
    async def read_products(owner: str, item: str) -> None:
        """Read what one bank tells beside balances and rows: holdings, terms, what recurs."""
        try:
            await products.read(links, owner=UserId(UUID(owner)), item_id=ItemId(UUID(item)))
        except SyncIsRunning as running:
            raise Unavailable(running.message, retry_after_seconds=2) from running
        except (LinkIsDisconnected, LinkedElsewhere):
            return


def _declare_keeping(jobs: Jobs, links: Links) -> None:
    """Declare the jobs that finish links, handle webhooks and watch for silence."""

    @jobs.job(attempts=6)
    async def finish_link(owner: str, session: str) -> None:
        """Finish a link that a person has ended at the bank's page."""
        await linking.finish(
            links, owner=UserId(UUID(owner)), session_id=UUID(session), actor="system"
        )

    @jobs.inbox
    @jobs.job(attempts=6)
    async def drain_webhooks() -> None:
        """Handle the webhooks that wait; the worker does so every second by itself."""
        while await webhooks.drain_for_all(links):
            pass

    @jobs.job(attempts=6)
    async def link_demo(owner: str) -> None:
        """Link the made-up household's banks."""
        await demo.link_demo(links, owner=UserId(UUID(owner)))

    @jobs.job(cron="* * * * *")
    async def sweep() -> None:
        """Finish links that were left half-way; find out about tokens whose renewal was."""
        await linking.finish_abandoned_for_all(links)
        await tokens.look_after_lost_for_all(links)

    @jobs.job(cron="17 4 * * *")
    async def renew_tokens() -> Mapping[str, int]:
        """Renew the access tokens that are older than the policy allows."""
        return {"tokens": await tokens.renew_old_for_all(links)}

    @jobs.job(cron="* * * * *")
    async def watch() -> None:
        """Ask banks that have been silent for hours, or are due; tell whose silence lasts."""
        await attending.ask_silent_for_all(links, silent_for=_SILENT_FOR)
        await attending.tell_of_silence_for_all(links, silent_for=_TOLD_AFTER)

    @jobs.job(cron="41 3 * * *")
    async def forget_old() -> Mapping[str, int]:
        """Forget handled webhooks and calls to Plaid that are older than the policy keeps them."""
        return {"rows": await attending.forget_old_for_all(links)}
