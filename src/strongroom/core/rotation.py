"""Changing the key ring under a living installation: a new key, wrapping anew, old keys away.

Each step may be cut short and run again. Readers go on all the while: what a data key sealed
stays as it is, and an old key stays in the ring until nothing is wrapped by it. Records nothing
in the audit log; that is its caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from strongroom.core import keys
from strongroom.core.db import Database, Db, many
from strongroom.core.errors import Conflict, NotFound
from strongroom.core.keys import KeyRing
from strongroom.core.settings import Settings
from strongroom.core.vault import KEYS_CHANGE, Vault


class KeyIsInUse(Conflict):
    """A key cannot be taken out of the ring: it still wraps somebody's data key."""


class NothingToRetire(NotFound):
    """The ring holds its current key only."""


class KeysAreChanging(Conflict):
    """Another command changes the key ring in this moment."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key: whether it wraps what is new, whether the ring has it, and how much it wraps."""

    name: str
    is_current: bool
    in_ring: bool
    wraps: int


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did. ``made_new``: it made a key, rather than going on with an earlier one.

    ``wrapped`` counts the data keys that it wrapped anew.
    """

    current: str
    made_new: bool
    wrapped: int


@dataclass(frozen=True, slots=True)
class _Count:
    key_id: str
    wraps: int


async def states_for_all(db: Db, ring: KeyRing) -> list[KeyState]:
    """Return every key of the ring, and any that wraps a data key without being in the ring."""
    query = "SELECT key_id, count(*) AS wraps FROM data_keys GROUP BY key_id"
    counts = {row.key_id: row.wraps for row in await many(db, _Count, query)}
    names = [*ring.keys, *sorted(counts.keys() - ring.keys.keys())]
    return [
        KeyState(name, name == ring.current, name in ring.keys, counts.get(name, 0))
        for name in names
    ]


async def rotate(
    database: Database,
    settings: Settings,
    *,
    finish: bool,
    on_wrapped: Callable[[int], None] = lambda count: None,
) -> Rotated:
    """Make a new key in the ring's file and wrap every data key by it, a batch a unit of work.

    Where an earlier rotation was cut short, it is finished and no key made; with ``finish`` none
    is made in any case. Raises ``KeysAreChanging`` and ``BadKeyRing``.
    """
    async with database.lease("key ring") as ours:
        if not ours:
            raise KeysAreChanging(
                "The keys are being changed in this moment.", hint="Wait for its end."
            )
        ring = keys.load(settings, may_make=False)
        async with database.unit_of_work_for_all() as db:
            held = await states_for_all(db, ring)
        unfinished = any(key.wraps and not key.is_current for key in held)
        makes_new = not (finish or unfinished)
        if makes_new:
            ring = ring.with_new_key()
            keys.save(keys.path_of(settings), ring)  # before anything needs it
        vault, count, wrapped = Vault(ring), 0, -1
        while wrapped:  # nobody waits long, and what is done stays done
            async with database.unit_of_work_for_all() as db:
                wrapped = await vault.rewrap_for_all(db)
            count += wrapped
            on_wrapped(count)
    return Rotated(ring.current, makes_new, count)


async def retire_for_all(db: Db, settings: Settings, *, into: Path | None = None) -> list[str]:
    """Take every key but the current one out of the ring; return their names.

    Written to ``into`` in place of the ring's own file, if that is given. Nobody can wrap a data
    key until the unit of work ends. Raises ``KeyIsInUse`` and ``NothingToRetire``.
    """
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (KEYS_CHANGE,))
    ring = keys.load(settings, may_make=False)
    held = await states_for_all(db, ring)
    in_use = [key for key in held if key.wraps and not key.is_current]
    if in_use:
        told = " and ".join(f"{key.wraps} data keys by {key.name}" for key in in_use)
        raise KeyIsInUse(
            f"Still wrapped are {told}, so no key can go.",
            hint="Wrap them anew first: strongroom keys rotate --finish",
        )
    old = [key.name for key in held if not key.is_current]
    if not old:
        raise NothingToRetire(f"{ring.current} is the only key in the ring.")
    alone = KeyRing(ring.current, {ring.current: ring.keys[ring.current]}, ring.root)
    keys.save(into or keys.path_of(settings), alone)
    return old
