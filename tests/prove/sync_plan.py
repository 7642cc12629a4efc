"""What happens in one fault schedule, made up from its seed: nothing here touches anything."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

CUSTOM = "user_custom"  # the only one whose rows read alike at every link
_PEOPLE = (
    "user_transactions_dynamic", "user_transactions_dynamic", "user_good", "user_yuppie",
    "user_small_business", "user_ewa_user", CUSTOM, CUSTOM, CUSTOM,
)  # fmt: skip
_ACTS = (
    "rest", "read_all", "renew", "link_anew", "link_twice", "sign_in", "sign_out", "sign_out",
    "let_in_again", "migrate", "offer", "revoke_account", "spoil", "spoil", "heal", "new_key",
)  # fmt: skip
_CODES = ("INTERNAL_SERVER_ERROR", "RATE_LIMIT", "INSTITUTION_DOWN", "PLANNED_MAINTENANCE", "HTML")
_KILLS = {0: "worker", 3: "database"}  # by the rest of the seed's division: every tenth schedule
_KILLS_OF = 20


@dataclass(frozen=True)
class Round:
    """One stretch of a schedule: what changes at the bank, and what people do meanwhile."""

    mutations: int
    announced: bool
    edits: int
    asked: bool
    burst: int
    later_seconds: int
    kill_after_seconds: float
    acts: tuple[str, ...]
    """What befalls a link, and what its person does about it, by the names of ``sync_acts``."""


@dataclass(frozen=True)
class Plan:
    """A whole schedule.

    ``kills``: the jobs run in the real worker, and it or the database server is killed (-9) in
    every round; empty: nothing is killed, and the jobs run beside the proof.
    """

    seed: int
    username: str
    kills: str
    faults: dict[str, Any]
    faults_while_linking: bool
    rounds: tuple[Round, ...]


def plan(seed: int) -> Plan:
    """Make up the schedule of ``seed``."""
    rng = random.Random(f"sync {seed}")
    return Plan(
        seed=seed,
        username=rng.choice(_PEOPLE),
        kills=_KILLS.get(seed % _KILLS_OF, ""),
        faults=_faults(rng, seed),
        faults_while_linking=rng.random() < 0.5,
        rounds=tuple(_round(rng) for _ in range(rng.randint(2, 5))),
    )


def _faults(rng: random.Random, seed: int) -> dict[str, Any]:
    strength = rng.choice((0.03, 0.1, 0.25))
    kinds = ("error", "timeout", "cut", "slow", "partial_page", "rate_limit", "webhook_double",
             "webhook_drop", "webhook_late", "webhook_reorder", "webhook_forge",
             "webhook_stale")  # fmt: skip
    rates = {kind: round(rng.random() * strength, 4) for kind in kinds}
    rates["mutate"] = round(rng.random() * 0.5, 4)
    rates["relink_new_ids"] = rng.choice((0, 0.5))
    return {
        "seed": seed,
        "rates": rates,
        "error_codes": rng.sample(_CODES, rng.randint(1, len(_CODES))),
        "timeout_seconds": 0.8,
        "slow_seconds": 0.15,
        "late_seconds": 0.5,
        "mutations": rng.randint(1, 4),
    }


def _round(rng: random.Random) -> Round:
    return Round(
        mutations=rng.choice((0, 1, 3, 12, 60)),
        announced=rng.random() < 0.8,
        edits=rng.randint(0, 4),
        asked=rng.random() < 0.5,
        burst=rng.choice((0, 0, 1, 5)),
        later_seconds=rng.choice((10, 60, 600, 5 * 3600)),
        kill_after_seconds=rng.random() * 0.8,
        acts=tuple(rng.choices(_ACTS, k=rng.choice((0, 0, 1, 1, 2)))),
    )
