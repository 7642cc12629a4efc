"""Linking and repairing banks as JSON under ``/api/v1``: search, begin, finish, choose.

What is linked is in ``routes``, which mounts these.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import connections, identity
from strongroom.connections import Choice, LinkSession
from strongroom.connections.edge import Flows
from strongroom.core.errors import NotFound
from strongroom.core.http import AskedOnce, idempotent_flow
from strongroom.core.ids import ItemId
from strongroom.core.wire import WireId
from strongroom.identity.access import may

router = APIRouter(tags=["connections"])

Reader = Annotated[identity.Caller, Depends(may("connections:read"))]
Writer = Annotated[identity.Caller, Depends(may("connections:write"))]
ItemRef = Annotated[ItemId, WireId("itm")]
LinkRef = Annotated[UUID, WireId("lnk")]


class SandboxOnly(NotFound):
    """Linking without the bank's page is for sandboxes; at real banks there is no such thing."""


class InstitutionOut(BaseModel):
    """A bank that can be linked. ``oauth``: its own sign-in page is used."""

    id: str
    name: str
    countries: list[str]
    oauth: bool
    url: str | None


class InstitutionList(BaseModel):
    """Banks that match a search."""

    items: list[InstitutionOut]


class LinkStart(BaseModel):
    """What to link or repair. All may be left out: the bank is then chosen on Plaid's page.

    ``select_accounts``: with ``repair``, to choose anew which accounts the bank shares.
    """

    model_config = ConfigDict(extra="forbid")

    institution_id: str | None = None
    repair: ItemRef | None = None
    select_accounts: bool = False


class SandboxLink(BaseModel):
    """A sandbox's bank and credentials. ``user_custom`` takes a household as JSON to sign in.

    ``anyway``: link accounts a second time that are linked already.
    """

    model_config = ConfigDict(extra="forbid")

    institution_id: str
    username: str = "user_good"
    password: str = "pass_good"  # noqa: S105 - the sandbox's published credential
    anyway: bool = False


class LinkChoice(BaseModel):
    """What to do about accounts that are linked already: ``reconnect``, ``anyway``, ``leave``."""

    model_config = ConfigDict(extra="forbid")

    choice: Choice


class LinkAccountOut(BaseModel):
    """An account that was chosen at the bank, as told before anything is exchanged."""

    name: str
    mask: str | None
    type: str
    subtype: str | None


class LinkOut(BaseModel):
    """An attempt to link or repair. ``hosted_link_url`` is where a person goes on, at Plaid.

    In state ``duplicate`` the connection ``duplicate_of`` holds some of ``accounts`` already:
    choose what to do.
    """

    id: LinkRef
    mode: str
    state: str
    hosted_link_url: str | None
    connection: ItemRef | None
    institution: str | None
    error_code: str | None
    created_at: datetime
    expires_at: datetime
    purpose: str
    duplicate_of: ItemRef | None
    accounts: list[LinkAccountOut]

    @classmethod
    def of(cls, session: LinkSession) -> LinkOut:
        """Return the attempt as it stands in JSON."""
        return cls(
            id=session.id,
            mode=session.mode,
            state=session.state,
            hosted_link_url=session.hosted_link_url,
            connection=session.item_id,
            institution=session.institution_name,
            error_code=session.error_code,
            created_at=session.created_at,
            expires_at=session.expires_at,
            purpose=session.purpose,
            duplicate_of=session.duplicate_of,
            accounts=[
                LinkAccountOut(name=one.name, mask=one.mask, type=one.type, subtype=one.subtype)
                for one in session.accounts or ()
            ],
        )


@router.get("/institutions", summary="Search banks")
async def list_institutions(
    caller: Reader, links: Flows, q: Annotated[str, Query(max_length=100)] = ""
) -> InstitutionList:
    """List banks that can be linked and match a search, the first ones if it is empty."""
    found = await connections.institutions(links, owner=caller.owner, query=q.strip())
    return InstitutionList(
        items=[
            InstitutionOut(
                id=bank.id,
                name=bank.name,
                countries=list(bank.countries),
                oauth=bank.oauth,
                url=bank.url,
            )
            for bank in found
        ]
    )


@router.post("/links", status_code=201, summary="Begin to link or repair a bank")
async def start_link(
    caller: Writer, links: Flows, asked: AskedOnce, wanted: LinkStart | None = None
) -> LinkOut:
    """Start an attempt; send the person to its ``hosted_link_url``, then finish it.

    A repair of what works after all is ``done`` at once.
    """
    wanted = wanted or LinkStart()
    async with idempotent_flow(links.database, asked, owner=caller.owner, now=caller.now) as turn:
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        session = await connections.start(
            links,
            owner=caller.owner,
            actor=caller.actor,
            language=caller.settings.language,
            institution_id=wanted.institution_id,
            repair=wanted.repair,
            select_accounts=wanted.select_accounts,
        )
        return turn.answer(LinkOut.of(session), status=201)  # type: ignore[return-value]


@router.post("/links/sandbox", status_code=201, summary="Link a sandbox's bank without its page")
async def link_sandbox(
    caller: Writer, links: Flows, asked: AskedOnce, wanted: SandboxLink
) -> LinkOut:
    """Link at once with the given credentials. Not at real banks.

    Without its page nothing tells which accounts were chosen: they are compared with those that
    are linked already only after the exchange and before the first read, and a second item is
    removed again. On the bank's own page they are compared before anything is exchanged.
    """
    if links.environment == "production":
        raise SandboxOnly("Real banks are linked on their own page.", hint="POST /api/v1/links")
    async with idempotent_flow(links.database, asked, owner=caller.owner, now=caller.now) as turn:
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        session = await connections.link_without_page(
            links,
            owner=caller.owner,
            actor=caller.actor,
            institution_id=wanted.institution_id,
            username=wanted.username,
            password=wanted.password,
            anyway=wanted.anyway,
        )
        return turn.answer(LinkOut.of(session), status=201)  # type: ignore[return-value]


@router.get("/links/{link_id}", summary="Look at an attempt to link")
async def get_link(caller: Reader, link_id: LinkRef) -> LinkOut:
    """Return an attempt as it was last known; ``finish`` asks how it went."""
    async with caller.unit_of_work() as db:
        return LinkOut.of(
            await connections.get_link_session(db, owner=caller.owner, session_id=link_id)
        )


@router.post("/links/{link_id}/finish", summary="Finish an attempt to link")
async def finish_link(caller: Writer, link_id: LinkRef, links: Flows) -> LinkOut:
    """Ask Plaid how an attempt went and store what came of it. Safe to repeat."""
    return LinkOut.of(
        await connections.finish(links, owner=caller.owner, session_id=link_id, actor=caller.actor)
    )


@router.post("/links/{link_id}/choose", summary="Choose about accounts that are linked already")
async def choose(caller: Writer, link_id: LinkRef, links: Flows, wanted: LinkChoice) -> LinkOut:
    """Go on with an attempt in state ``duplicate``; returns the attempt to follow.

    ``reconnect`` begins another one, which repairs the link there is; ``anyway`` links the accounts
    a second time; ``leave`` changes nothing.
    """
    return LinkOut.of(
        await connections.decide(
            links,
            owner=caller.owner,
            session_id=link_id,
            choice=wanted.choice,
            language=caller.settings.language,
            actor=caller.actor,
        )
    )
