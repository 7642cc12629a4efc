"""Links that fail or fall silent: who is tried again, when, and what a person is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from strongroom import identity
from strongroom.connections import (
    Item,
    queries,
    standing,
)
from strongroom.connections.states import ReadFailed
from strongroom.core.ids import new_id
from tests import book as made
from tests.connections.conftest import Kari
from tests.connections.test_webhooks import finish_jobs, notices


def failing(kari: Kari, *, at_bank: str, code: str) -> Item:
    """A link of somebody at a bank, which has just failed with ``code``."""
    item = kari.link()
    finish_jobs(kari)
    kari.clock.ahead += timedelta(seconds=1)
    made.values(kari.world, "UPDATE plaid_items SET institution_id = %s WHERE id = %s RETURNING 1",
                at_bank, item.id)  # fmt: skip

    async def fail(db: Any) -> None:
        found = await queries.lock_item(db, kari.owner, item.id)
        assert found is not None
        failure = ReadFailed(code)
        await standing.read_failed(
            db, owner=kari.owner, item=found, failure=failure, message="no", now=kari.clock()
        )

    kari.world.within(kari.owner, fail)
    return kari.item(item.id)


def asked(kari: Kari) -> bool:
    """Whether the watchdog asks for this person's link now."""
    kari.run(kari.jobs()["watch"]())
    waiting = kari.waiting("sync_silent")
    finish_jobs(kari)
    return bool(waiting)


def test_of_a_bank_that_is_down_one_link_is_tried_for_all(kari: Kari, make_kari: Any) -> None:
    bank = f"ins_{new_id().hex}"
    ola, liv = make_kari(), make_kari()
    failing(ola, at_bank=bank, code="INSTITUTION_DOWN")
    other = liv.link()
    finish_jobs(liv)
    made.values(
        liv.world,
        "UPDATE plaid_items SET institution_id = %s, last_attempt_at = %s WHERE id = %s"
        " RETURNING 1",
        bank, liv.clock() - timedelta(days=1), other.id,
    )  # fmt: skip
    assert not asked(liv)  # silent for long, and yet it waits for the bank
    kari.clock.ahead = ola.clock.ahead + timedelta(seconds=40)
    ola.clock.ahead = liv.clock.ahead = kari.clock.ahead
    assert asked(ola)
    # One of the bank's links was read well since: it answers again.
    made.values(kari.world, "UPDATE plaid_items SET last_successful_update = %s WHERE id = %s"
                " RETURNING 1", kari.clock(), other.id)  # fmt: skip
    assert asked(liv)


def test_trouble_at_plaid_itself_holds_no_bank_back(make_kari: Any) -> None:
    bank = f"ins_{new_id().hex}"
    ola, liv = make_kari(), make_kari()
    failing(ola, at_bank=bank, code="INTERNAL_SERVER_ERROR")
    other = liv.link()
    finish_jobs(liv)
    made.values(
        liv.world,
        "UPDATE plaid_items SET institution_id = %s, last_attempt_at = %s WHERE id = %s"
        " RETURNING 1",
        bank, liv.clock() - timedelta(days=1), other.id,
    )  # fmt: skip
    assert asked(liv)


def test_silence_that_lasts_is_told_once(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    finish_jobs(kari)
    kari.clock.ahead += timedelta(days=1, hours=23)
    asked(kari)
    assert notices(kari) == []
    kari.clock.ahead += timedelta(hours=2)
    for _ in range(3):
        asked(kari)
    assert ["Nothing new" in told for told in notices(kari)] == [True]
    kari.sync(item.id)
    assert kari.item(item.id).alerted_at is None


def test_a_bank_that_fails_thrice_is_told_once_and_again_after_it_was_well(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)

    def fail(times: int) -> None:
        async def note(db: Any) -> None:
            found = await queries.lock_item(db, kari.owner, item.id)
            assert found is not None
            await standing.read_failed(
                db, owner=kari.owner, item=found, failure=ReadFailed("INSTITUTION_DOWN"),
                message="down", now=kari.clock(),
            )  # fmt: skip

        for _ in range(times):
            kari.world.within(kari.owner, note)

    fail(2)
    assert notices(kari) == []
    fail(5)
    assert len(notices(kari)) == 1
    tries = kari.item(item.id)
    assert tries.failures == 7
    assert tries.next_try_at is not None
    assert tries.next_try_at - kari.clock() > timedelta(minutes=30)
    kari.sync(item.id)
    assert kari.item(item.id).failures == 0
    (known,) = kari.ask(identity.list_notifications, limit=50).items
    assert known.settled_at is not None
    fail(3)
    (again,) = kari.ask(identity.list_notifications, limit=50).items  # told anew, in one place
    assert (again.times, again.settled_at, again.read_at) == (2, None, None)
