"""What the house does by itself: periodic jobs, when each last ran and how that went. The door."""

from strongroom.upkeep.recording import declared, recorder
from strongroom.upkeep.service import (
    NoSuchJob,
    analyse_for_all,
    ask,
    begin_for_all,
    catch_up_for_all,
    declare_for_all,
    end_for_all,
    get_job,
    list_jobs,
    list_runs,
    report_slow_for_all,
    slow_statements,
)
from strongroom.upkeep.types import (
    Declared,
    Job,
    Outcome,
    Run,
    RunId,
    SlowStatement,
    Standing,
)

__all__ = [
    "Declared",
    "Job",
    "NoSuchJob",
    "Outcome",
    "Run",
    "RunId",
    "SlowStatement",
    "Standing",
    "analyse_for_all",
    "ask",
    "begin_for_all",
    "catch_up_for_all",
    "declare_for_all",
    "declared",
    "end_for_all",
    "get_job",
    "list_jobs",
    "list_runs",
    "recorder",
    "report_slow_for_all",
    "slow_statements",
]
