"""What a person does about a link to accounts that are linked already. Decides nothing itself."""

from __future__ import annotations

from uuid import UUID

from strongroom.connections import attempts, link_queries, linking
from strongroom.connections.links import Links
from strongroom.connections.types import Choice, LinkSession, LinkState, Status
from strongroom.core.errors import Refused
from strongroom.core.ids import ItemId, UserId


class NothingToDecide(Refused):
    """The attempt does not wait for a choice: it went on, was left, or took too long."""


async def decide(
    links: Links,
    *,
    owner: UserId,
    session_id: UUID,
    choice: Choice,
    language: str = "en",
    actor: str = "person",
) -> LinkSession:
    """Go on with an attempt in state ``duplicate``; return the attempt to follow.

    ``RECONNECT`` leaves it and begins update mode of the link there is, which asks for the
    accounts to share where nothing else is wrong. ``ANYWAY`` exchanges it. ``LEAVE`` ends it, and
    nothing has changed; again is well. Raises ``LinkSessionNotFound``, ``NothingToDecide``,
    ``FeedError``, and with ``RECONNECT`` what ``start`` raises.
    """
    async with links.database.unit_of_work(owner) as db:
        session = await attempts.read(db, owner, session_id)
        if session.state is not LinkState.DUPLICATE:
            if choice is Choice.LEAVE and session.state is LinkState.EXITED:
                return session
            raise _over()
        twin = session.duplicate_of
        assert twin is not None  # noqa: S101 - it was written with the state
        works = (await attempts.item_of(db, owner, twin)).status is Status.ACTIVE
    if choice is Choice.ANYWAY:
        return await _go_on(links, owner, session_id, actor)
    if choice is Choice.LEAVE:
        return await _leave(links, owner, session_id, actor)
    begun = await linking.start(
        links, owner=owner, language=language, repair=twin, select_accounts=works, actor=actor
    )
    await _leave(links, owner, session_id, actor, instead=twin)
    return begun


async def _leave(
    links: Links, owner: UserId, session_id: UUID, actor: str, instead: ItemId | None = None
) -> LinkSession:
    """End an attempt; its public token is forgotten, and so ends at Plaid by itself.

    It keeps which link the person went on with ``instead``, if it was not merely left.
    """
    async with links.database.unit_of_work(owner) as db:
        await link_queries.link_secrets(db, owner, session_id)  # waits for whoever else decides
        session = await attempts.read(db, owner, session_id)
        if session.state is LinkState.DUPLICATE:
            await link_queries.move_link_session(
                db, owner, session_id, links.clock(), state=LinkState.EXITED, item_id=instead
            )
            if instead is None:
                await attempts.record(
                    db, links, owner, actor, "leave_duplicate", "link_session", session_id
                )
        return await attempts.read(db, owner, session_id)


async def _go_on(links: Links, owner: UserId, session_id: UUID, actor: str) -> LinkSession:
    async with links.database.unit_of_work(owner) as db:
        secrets = await link_queries.link_secrets(db, owner, session_id)
        session = await attempts.read(db, owner, session_id)
        if session.state is not LinkState.DUPLICATE:
            raise _over()
        if secrets is None or secrets.public_token is None:
            raise NothingToDecide(
                "This link was taken back already.", hint="Link the bank again, with anyway."
            )
        await link_queries.move_link_session(
            db,
            owner,
            session_id,
            links.clock(),
            state=LinkState.EXCHANGING,
            public_token=secrets.public_token,
        )
        await attempts.record(db, links, owner, actor, "link_anyway", "link_session", session_id)
    return await linking.finish(links, owner=owner, session_id=session_id, actor=actor)


def _over() -> NothingToDecide:
    return NothingToDecide("This attempt is over.", hint="Begin again: nothing was changed.")
