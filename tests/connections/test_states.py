"""A link's state: every error and webhook that Plaid names has its place, and no order lies.

The names are read from Plaid's OpenAPI document, where it is to be had.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom import ui
from strongroom.connections import news, reactions, states
from strongroom.connections.states import (
    Health,
    ReadFailed,
    ReadWell,
    Repaired,
    Unlinked,
    WarnedOfEnd,
    after,
)
from strongroom.connections.troubles import CODES, OURS, TYPES, UNKNOWN, Way, trouble_of
from strongroom.connections.types import Status
from strongroom.connections.webhooks import SESSION_ENDS
from strongroom.sandbox.plaid.errors import TABLE
from tests.sandbox_plaid.openapi import DOCUMENT, WHY_ABSENT, document

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
with_document = pytest.mark.skipif(not DOCUMENT.is_file(), reason=WHY_ABSENT)


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


def told_webhooks() -> set[tuple[str, str]]:
    """Every webhook of the document: its type and its code, as their descriptions name them."""
    found = set()
    for schema in schemas().values():
        known = schema.get("properties", {})
        if not {"webhook_type", "webhook_code"} <= known.keys():
            continue
        parts = (known["webhook_type"], known["webhook_code"])
        names = [part.get("description", "").strip() for part in parts]
        plain = [re.fullmatch(r'`"?([A-Z_]+)"?`', name) for name in names]
        if all(plain):
            found.add(tuple(match[1] for match in plain if match))
    return found  # type: ignore[return-value]


def told_errors(node: Any) -> Iterator[tuple[str | None, str]]:
    """Every error in the document's examples: its type, where it is told, and its code."""
    if isinstance(node, dict):
        if isinstance(node.get("error_code"), str):
            kind = node.get("error_type")
            yield kind if isinstance(kind, str) else None, node["error_code"]
        for part in node.values():
            yield from told_errors(part)
    elif isinstance(node, list):
        for part in node:
            yield from told_errors(part)


@with_document
def test_every_webhook_of_the_document_has_a_handler() -> None:
    told = told_webhooks()
    assert {("ITEM", "PENDING_DISCONNECT"), ("LINK", "SESSION_FINISHED")} <= told
    ours = {one for one in told if one[0] not in reactions.NOT_ASKED_FOR}
    handled = reactions.REACTIONS.keys() | SESSION_ENDS
    assert ours == handled
    assert {kind for kind, _ in told} >= reactions.NOT_ASKED_FOR
    assert {kind for kind, _ in handled}.isdisjoint(reactions.NOT_ASKED_FOR)


@with_document
def test_every_error_of_the_document_has_words_and_a_way_out() -> None:
    types = set(schemas()["PlaidErrorType"]["enum"])
    assert types <= TYPES.keys()
    found = set(told_errors(document()))
    assert ("ITEM_ERROR", "ITEM_LOGIN_REQUIRED") in found
    assert {code for _, code in found} <= CODES.keys()
    assert {kind for kind, _ in found if kind} <= TYPES.keys()
    # What its sentences name as an error of an item or of a call.
    prose = re.findall(r"`([A-Z]+(?:_[A-Z]+)+)` (?:item )?error", str(document()), re.IGNORECASE)
    assert "PRODUCT_NOT_READY" in prose
    codes = {name for name in prose if name not in types and not name.startswith("TRANSFER")}
    assert codes <= CODES.keys() | {"ERROR"}, codes - CODES.keys()


def test_every_error_that_the_local_plaid_can_give_is_named() -> None:
    assert TABLE.keys() <= CODES.keys()
    assert {row[0] for row in TABLE.values()} <= TYPES.keys()


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_error_says_what_is_wrong_and_what_to_do(code: str) -> None:
    trouble = CODES[code]
    assert "%(bank)s" in trouble.title
    assert trouble.title % {"bank": "North Bank"}
    assert trouble.advice.endswith(".")
    if trouble.status in (Status.LOGIN_REQUIRED, Status.REVOKED):
        assert trouble.way in (Way.RECONNECT, Way.LINK_AGAIN)
        assert not trouble.will_pass
    for text in (trouble.title, trouble.advice):
        with ui.using(ui.Preferences(locale="nb")):
            assert ui.gettext(text) != text, f"{text} is not in the Norwegian catalogue"


@pytest.mark.parametrize("name", ["REVOKED", "CONSENT_ENDS", "WILL_STOP", "NEW_ACCOUNT",
                                  "ACCOUNT_REVOKED", "SILENT"])  # fmt: skip
def test_each_piece_of_news_is_told_in_norwegian_too(name: str) -> None:
    text: str = getattr(news, name)
    with ui.using(ui.Preferences(locale="nb")):
        assert ui.gettext(text) != text


def test_what_is_not_known_falls_to_its_type_and_then_to_the_unknown() -> None:
    assert trouble_of("A_NEW_LIMIT", "RATE_LIMIT_EXCEEDED").will_pass
    assert trouble_of("NEW", "API_ERROR").will_pass
    assert trouble_of("NEW", "A_TYPE_OF_TOMORROW") is UNKNOWN
    assert trouble_of("NEW") is UNKNOWN
    assert trouble_of("Anything", OURS).will_pass
    assert reactions.reaction_to("ITEM", "NEW_AT_PLAID") is reactions.ask
    assert reactions.reaction_to("SOMETHING_NEW", "ENTIRELY") is reactions.ask


# ------------------------------------------------------------------ no order of events lies
BROKEN = st.sampled_from(["ITEM_LOGIN_REQUIRED", "ITEM_LOCKED", "USER_PERMISSION_REVOKED",
                          "INSTITUTION_DOWN"])  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """How the item is at Plaid, as /item/get and Plaid's own calendar have it."""

    error: str | None = None
    consent: datetime | None = None
    ends: datetime | None = None

    def status(self, now: datetime) -> Status:
        """What a person should see."""
        if self.error is not None:
            status = CODES[self.error].status
            assert status is not None
            return status
        if self.consent is not None and self.consent - now <= 7 * DAY:
            return Status.PENDING_EXPIRATION
        stands = self.ends is not None and self.ends > now
        return Status.PENDING_DISCONNECT if stands else Status.ACTIVE


@st.composite
def histories(draw: st.DrawFn) -> tuple[Truth, Health, datetime]:
    """Days of an item's life: what befalls it, and what we hear of it, late, twice, mixed up.

    Reads in between may fail or tell what is true then. Returns the truth at the end and what we
    have noted by then; every webhook has come, none later than a day after it was made.
    """
    truth, health, now = Truth(), Health(), NOW
    under_way: list[tuple[datetime, WarnedOfEnd]] = []
    for _ in range(draw(st.integers(1, 25))):
        now += timedelta(minutes=draw(st.integers(1, 3000)))
        for made, warning in draw(st.permutations(under_way)):
            times = draw(st.integers(0, 2)) if now - made < DAY else 0
            for _ in range(times):
                health = after(health, warning, now)
        late = [(made, one) for made, one in under_way if now - made < DAY]
        under_way = late
        befalls = draw(st.sampled_from(["break", "mend", "consent", "warn", "repair", "read",
                                        "fail", "nothing"]))  # fmt: skip
        if befalls == "break":
            truth = replace(truth, error=draw(BROKEN))
        elif befalls == "mend":
            truth = replace(truth, error=None)
        elif befalls == "consent":
            truth = replace(truth, consent=now + draw(st.integers(0, 30)) * DAY)
        elif befalls == "warn":
            truth = replace(truth, ends=now + 7 * DAY)
            warning = WarnedOfEnd(truth.ends)
            health = after(health, warning, now)  # at least once in time; more copies follow
            under_way.append((now, warning))
        elif befalls == "repair":
            truth, health = Truth(), after(health, Repaired(), now)
        elif befalls == "read":
            health = after(health, ReadWell(truth.error, truth.consent), now)
        elif befalls == "fail":
            health = after(health, ReadFailed(truth.error or "INTERNAL_SERVER_ERROR"), now)
    return truth, health, now


@given(histories())
def test_whatever_order_news_come_in_the_answer_decides(
    history: tuple[Truth, Health, datetime],
) -> None:
    truth, health, now = history
    said = after(health, ReadWell(truth.error, truth.consent), now)
    assert said.status is truth.status(now)
    assert said.error_code == truth.error
    # The same answer again changes nothing, nor does what was said before it.
    assert after(said, ReadWell(truth.error, truth.consent), now) == said
    if truth.ends is not None and truth.ends > now:
        assert after(said, WarnedOfEnd(truth.ends), now).status is said.status


@given(histories(), st.lists(st.sampled_from([
    ReadWell(), ReadWell("ITEM_LOCKED"), ReadFailed("ITEM_LOGIN_REQUIRED"), WarnedOfEnd(),
    Repaired(), Unlinked(),
])))  # fmt: skip
def test_a_link_that_was_ended_stays_so(
    history: tuple[Truth, Health, datetime], events: list[states.Event]
) -> None:
    _, health, now = history
    ended = after(health, Unlinked(), now)
    assert ended.status is Status.DISCONNECTED
    for event in events:
        ended = after(ended, event, now)
    assert ended.status is Status.DISCONNECTED


@given(histories(), st.sampled_from(["INSTITUTION_DOWN", "RATE_LIMIT", "INTERNAL_SERVER_ERROR",
                                     "PRODUCT_NOT_READY"]))  # fmt: skip
def test_a_bad_day_of_the_bank_never_hides_what_only_the_person_mends(
    history: tuple[Truth, Health, datetime], code: str
) -> None:
    _, health, now = history
    later = after(health, ReadFailed(code), now)
    if health.status in (Status.ACTIVE, Status.ERROR):
        assert later.status in (health.status, Status.ERROR)
    else:
        assert later == health


def test_a_warning_without_a_day_means_a_week_and_ends_when_all_is_well() -> None:
    warned = after(Health(), WarnedOfEnd(), NOW)
    assert (warned.status, warned.disconnects_at) == (Status.PENDING_DISCONNECT, NOW + 7 * DAY)
    again = after(warned, WarnedOfEnd(), NOW + DAY)
    assert again.disconnects_at == NOW + 7 * DAY
    assert after(again, ReadWell(), NOW + 6 * DAY).status is Status.PENDING_DISCONNECT
    over = after(again, ReadWell(), NOW + 7 * DAY)
    assert (over.status, over.disconnects_at) == (Status.ACTIVE, None)


def test_a_new_warning_after_a_repair_is_taken() -> None:
    repaired = after(Health(), Repaired(), NOW)
    late = WarnedOfEnd(NOW - timedelta(hours=1) + 7 * DAY)
    assert after(repaired, late, NOW + timedelta(hours=5)).status is Status.ACTIVE
    new = WarnedOfEnd(NOW + timedelta(hours=4) + 7 * DAY)
    assert after(repaired, new, NOW + timedelta(hours=5)).status is Status.PENDING_DISCONNECT
