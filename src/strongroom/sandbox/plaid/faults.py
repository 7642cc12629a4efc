"""The fault plan: which answers go wrong, decided by a seed and a running number.

Same seed and same order of requests, same faults. Decides only; the app and the webhook queue
carry the faults out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from strongroom.sandbox.plaid import rate_limits
from strongroom.sandbox.plaid.errors import TABLE
from strongroom.sandbox.plaid.fields import Field, check, invalid
from strongroom.sandbox.plaid.store import get_meta, next_number, set_meta
from strongroom.sandbox.plaid.wire import dumps, loads
from strongroom.sandbox.plaid.world import World

REQUEST_KINDS: Final = (
    "error", "timeout", "cut", "slow", "mutate", "partial_page", "rate_limit"
)  # fmt: skip
WEBHOOK_KINDS: Final = (
    "webhook_double", "webhook_drop", "webhook_late", "webhook_reorder", "webhook_forge",
    "webhook_stale",
)  # fmt: skip
RELINK: Final = "relink_new_ids"
ALL_KINDS: Final = (*REQUEST_KINDS, *WEBHOOK_KINDS, RELINK)
_PAGED: Final = ("/transactions/sync",)
HTML: Final = "HTML"
_DEFAULT_CODES: Final = ("INTERNAL_SERVER_ERROR", "RATE_LIMIT", "INSTITUTION_DOWN")
_FIELDS: Final = {
    "seed": Field("int"),
    "rates": Field("object", required=True),
    "error_codes": Field("strings"),
    "endpoints": Field("strings"),
    "most": Field("int", low=0),
    "slow_seconds": Field("number"),
    "timeout_seconds": Field("number"),
    "late_seconds": Field("number"),
    "mutations": Field("int", low=1, high=100),
}
_NONE: Final = "{}"
# How a webhook is signed, as the state file keeps it.
TRULY, BY_A_STRANGER, LONG_AGO = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request; ``kind`` empty means nothing.

    ``after_work``: a timeout strikes after the request was carried out, not before.
    """

    kind: str = ""
    error_code: str = ""
    seconds: float = 0.0
    after_work: bool = False
    cut_share: float = 0.5
    page_share: float = 1.0
    mutations: int = 0
    draw: int = 0


@dataclass(frozen=True, slots=True)
class Copy:
    """One delivery of a webhook: when, and how it is signed."""

    delay_seconds: float = 0.0
    signed: int = TRULY


def set_plan(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """Check and keep a fault plan; the running number starts again. Returns the plan."""
    plan = check(_FIELDS, body)
    for kind, rate in plan["rates"].items():
        if kind not in ALL_KINDS:
            raise invalid(f"rates.{kind}", "is not a kind of fault")
        if isinstance(rate, bool | str) or not 0 <= rate <= 1:
            raise invalid(f"rates.{kind}", "must be a number from 0 to 1")
    for code in plan.get("error_codes", ()):
        if code not in TABLE and code != HTML:
            raise invalid("error_codes", f"has an unknown code: {code}")
    set_meta(world.db, "faults", dumps(plan))
    for counter in ("fault_draws", "fault_webhook_draws", "fault_relink_draws", "faults_struck"):
        set_meta(world.db, counter, "0")
    return plan


def clear_plan(world: World) -> None:
    """Stop all faults."""
    set_meta(world.db, "faults", None)


def plan_of(world: World) -> dict[str, Any]:
    """Give the present plan; empty when there is none."""
    plan: dict[str, Any] = loads(get_meta(world.db, "faults") or _NONE)
    return plan


def struck(world: World) -> int:
    """Give how many requests the present plan has made go wrong."""
    return int(get_meta(world.db, "faults_struck") or "0")


def for_request(world: World, path: str) -> Fault:
    """Draw the fault of one API request."""
    plan = plan_of(world)
    if not plan or (plan.get("endpoints") and path not in plan["endpoints"]):
        return Fault()
    if "most" in plan and struck(world) >= plan["most"]:
        return Fault()
    draw = next_number(world.db, "fault_draws")
    rng = random.Random(f"{plan.get('seed', 0)}|request|{draw}")
    kind = _pick(rng, plan["rates"], REQUEST_KINDS)
    if not kind or (kind in ("mutate", "partial_page") and path not in _PAGED):
        return Fault()
    next_number(world.db, "faults_struck")
    return Fault(
        kind=kind,
        error_code=_code(rng, plan, kind, path),
        seconds=float(
            plan.get("timeout_seconds", 20) if kind == "timeout" else plan.get("slow_seconds", 0.2)
        ),
        after_work=rng.random() < 0.5,
        cut_share=rng.random(),
        mutations=int(plan.get("mutations", 3)),
        # One page in four is empty although there is more.
        page_share=max(0.0, rng.random() * 4 / 3 - 1 / 3) if kind == "partial_page" else 1.0,
        draw=draw,
    )


def _code(rng: random.Random, plan: dict[str, Any], kind: str, path: str) -> str:
    chosen: str = rng.choice(tuple(plan.get("error_codes") or _DEFAULT_CODES))
    return rate_limits.code_of(path) if kind == "rate_limit" else chosen


def changes_ids_at_relink(world: World) -> bool:
    """Decide whether the update mode that ends now gives the accounts new ids."""
    plan = plan_of(world)
    if not plan.get("rates", {}).get(RELINK):
        return False
    draw = next_number(world.db, "fault_relink_draws")
    rng = random.Random(f"{plan.get('seed', 0)}|relink|{draw}")
    return rng.random() < float(plan["rates"][RELINK])


def _pick(rng: random.Random, rates: dict[str, Any], kinds: tuple[str, ...]) -> str:
    """Choose at most one kind, each with its own rate."""
    chosen = ""
    for kind in kinds:
        # Every kind draws, so that raising one rate leaves the others' strikes where they were.
        hit = rng.random() < float(rates.get(kind, 0))
        if hit and not chosen:
            chosen = kind
    return chosen


def webhook_copies(world: World) -> list[Copy]:
    """Decide how often, when and how truly one webhook is delivered."""
    plan = plan_of(world)
    if not plan:
        return [Copy()]
    draw = next_number(world.db, "fault_webhook_draws")
    rng = random.Random(f"{plan.get('seed', 0)}|webhook|{draw}")
    kind = _pick(rng, plan["rates"], WEBHOOK_KINDS)
    late = float(plan.get("late_seconds", 2))
    return {
        "": [Copy()],
        "webhook_double": [Copy(), Copy(delay_seconds=0.05)],
        "webhook_drop": [],
        "webhook_late": [Copy(delay_seconds=late)],
        "webhook_reorder": [Copy(delay_seconds=late * rng.random())],
        "webhook_forge": [Copy(signed=BY_A_STRANGER), Copy()],
        "webhook_stale": [Copy(signed=LONG_AGO), Copy()],
    }[kind]
