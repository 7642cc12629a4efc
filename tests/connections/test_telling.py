"""What a person is told of a bank's trouble: at once where it stays, once, and that it passed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from strongroom import connections, identity
from strongroom.connections import FeedError, Item, Status, SyncTooSoon
from strongroom.connections.troubles import trouble_of
from strongroom.core.errors import Refused, TooManyRequests, Unavailable
from strongroom.core.http import problems
from tests.connections.conftest import Kari
from tests.sandbox_plaid.conftest import Sandbox


def told(kari: Kari) -> list[identity.Notification]:
    return list(kari.ask(identity.list_notifications, limit=50).items)


def unread(kari: Kari) -> int:
    return int(kari.ask(identity.count_unread))


@pytest.fixture
def item(kari: Kari) -> Item:
    linked = kari.linked()
    kari.sync(linked.id)
    return linked


def read(kari: Kari, item: Item) -> None:
    kari.clock.ahead += timedelta(minutes=2)
    try:
        kari.sync(item.id)
    except FeedError:
        return


def refuse(sandbox: Sandbox, code: str) -> None:
    sandbox.control("POST", "/faults", rates={"error": 1}, error_codes=[code])


@pytest.mark.parametrize("code", ["INSTITUTION_NO_LONGER_SUPPORTED", "ITEM_NOT_SUPPORTED"])
def test_what_no_sign_in_mends_is_told_at_once_with_what_to_do(
    kari: Kari, calm: Sandbox, item: Item, code: str
) -> None:
    refuse(calm, code)
    read(kari, item)
    after = kari.item(item.id)
    assert (after.status, after.needs_person, after.needs_attention) == (Status.ERROR, False, True)
    assert after.trouble is not None
    assert after.trouble.way == "import"
    (one,) = told(kari)
    assert "can no longer be read through Plaid" in one.title
    assert "file that you download" in one.body
    for _ in range(4):
        read(kari, item)
    assert [known.times for known in told(kari)] == [1]  # it is the same trouble still
    calm.control("DELETE", "/faults")
    read(kari, item)
    (one,) = told(kari)
    assert one.settled_at is not None
    assert unread(kari) == 0
    assert not kari.item(item.id).needs_attention


def test_a_bank_that_is_down_for_a_moment_is_not_for_the_person(
    kari: Kari, calm: Sandbox, item: Item
) -> None:
    refuse(calm, "INSTITUTION_DOWN")
    read(kari, item)
    assert not kari.item(item.id).needs_attention
    assert told(kari) == []
    for _ in range(3):
        read(kari, item)
    assert [one.settled_at for one in told(kari)] == [None]
    calm.control("DELETE", "/faults")
    read(kari, item)
    assert [one.settled_at is None for one in told(kari)] == [False]


def test_where_no_link_was_made_nothing_is_said_to_be_tried_again(
    kari: Kari, calm: Sandbox, item: Item
) -> None:
    links, owner = kari.links, kari.owner
    down = "ins_132361"
    without_page = connections.link_without_page(links, owner=owner, institution_id=down)
    with pytest.raises(FeedError) as refused:
        kari.run(without_page)
    assert (refused.value.error_code, refused.value.hint) == (
        "INSTITUTION_DOWN",
        "The bank is down.",
    )
    refuse(calm, "INSTITUTION_DOWN")
    for beginning in (
        connections.institutions(links, owner=owner),
        connections.start(links, owner=owner, institution_id=down),
    ):
        with pytest.raises(FeedError) as refused:
            kari.run(beginning)
        assert refused.value.hint == "The bank is down."
    with pytest.raises(FeedError) as refused:
        kari.sync(item.id)
    assert refused.value.hint == "The bank is down. We try again by ourselves."


def test_the_same_trouble_again_is_told_once_more_and_not_beside_itself(
    kari: Kari, calm: Sandbox, item: Item
) -> None:
    first = None
    for times in (1, 2, 3):
        refuse(calm, "ITEM_LOGIN_REQUIRED")
        read(kari, item)
        (one,) = told(kari)
        assert (one.times, one.settled_at, one.read_at) == (times, None, None)
        assert first is None or one.created_at > first
        assert "Reconnect" in one.body
        first = one.created_at
        calm.control("DELETE", "/faults")
        read(kari, item)
        (one,) = told(kari)
        assert one.settled_at is not None
        assert one.read_at is not None


def test_unlinking_settles_what_was_told(kari: Kari, calm: Sandbox, item: Item) -> None:
    refuse(calm, "ITEM_LOGIN_REQUIRED")
    read(kari, item)
    assert unread(kari) == 1
    calm.control("DELETE", "/faults")
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    assert unread(kari) == 0


def test_a_refusal_of_plaid_is_answered_by_whether_it_will_pass() -> None:
    locked = FeedError("No.", error_type="ITEM_ERROR", error_code="ITEM_LOCKED")
    down = FeedError("No.", error_type="INSTITUTION_ERROR", error_code="INSTITUTION_DOWN")
    assert problems.of(locked).status == Refused.status == 422
    assert problems.of(down).status == Unavailable.status == 503
    assert (locked.exit_code, down.exit_code) == (2, 75)
    assert problems.of(locked).extensions["plaid_error_code"] == "ITEM_LOCKED"


def test_asking_too_soon_says_when_and_not_that_it_was_read(kari: Kari, item: Item) -> None:
    now = kari.clock() + timedelta(minutes=5)
    kari.ask(connections.ask_for_sync, item_id=item.id, now=now)
    with pytest.raises(SyncTooSoon) as refused:
        kari.ask(connections.ask_for_sync, item_id=item.id, now=now + timedelta(seconds=5))
    assert isinstance(refused.value, TooManyRequests)
    assert "was read" not in refused.value.message
    assert "26 seconds" in (refused.value.hint or "")


@pytest.mark.parametrize("code", ["A_CODE_OF_TOMORROW", "INTERNAL_ERROR"])
def test_what_is_not_known_is_never_said_to_be_for_good(code: str) -> None:
    assert not trouble_of(code).ends_for_good
    assert trouble_of("COUNTRY_NOT_SUPPORTED").ends_for_good
    assert trouble_of("INVALID_API_KEYS").ends_for_good
    assert not trouble_of("ITEM_LOCKED").ends_for_good
