"""Simulations that are kept: run, list, stop, replay, archive. The room's door."""

from strongroom.goals.runs.background import (
    ask_for_all,
    ask_if_stale,
    carry_out,
    give_up_for_all,
    outdated,
    outdated_of,
    prepare,
    put_away,
    refresh,
)
from strongroom.goals.runs.current import current, current_run
from strongroom.goals.runs.running import (
    EngineIsBeingMade,
    check_engine,
    engine_is_ready,
    off_the_loop,
)
from strongroom.goals.runs.service import (
    RunHasEnded,
    RunIsNotDone,
    RunNotFound,
    TooManyWait,
    count,
    delete,
    get,
    list_runs,
    put_aside,
    replay,
    simulate,
    stop,
)
from strongroom.goals.runs.types import SHORT, Replayed, Run, is_short

__all__ = [
    "SHORT",
    "EngineIsBeingMade",
    "Replayed",
    "Run",
    "RunHasEnded",
    "RunIsNotDone",
    "RunNotFound",
    "TooManyWait",
    "ask_for_all",
    "ask_if_stale",
    "carry_out",
    "check_engine",
    "count",
    "current",
    "current_run",
    "delete",
    "engine_is_ready",
    "get",
    "give_up_for_all",
    "is_short",
    "list_runs",
    "off_the_loop",
    "outdated",
    "outdated_of",
    "prepare",
    "put_aside",
    "put_away",
    "refresh",
    "replay",
    "simulate",
    "stop",
]
