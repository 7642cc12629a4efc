"""What periodic jobs, their outcomes and counts are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from strongroom.ui import N_, gettext

JOB_LABELS: Final = {
    "accounts.make_partitions": N_("Make room for the coming months' balances"),
    "accounts.move_values_on": N_("Move values on by rates and schedules"),
    "accounts.remind_of_old_values": N_("Remind people of old values"),
    "audit.publish_heads": N_("Publish the newest heads of the audit log"),
    "budgets.look_for_overdue": N_("Look for payments that did not come"),
    "connections.forget_imports": N_("Forget files that were left lying"),
    "connections.forget_old": N_("Forget old messages of banks"),
    "connections.give_imports_back": N_("Give stuck imports back"),
    "connections.renew_tokens": N_("Renew the keys to banks"),
    "connections.sweep": N_("Finish links that were left half-way"),
    "connections.watch": N_("Ask banks that have been silent"),
    "core.forget_answers": N_("Forget answers to repeated requests"),
    "goals.give_up_simulations": N_("End simulations that nothing does any more"),
    "goals.refresh_profiles": N_("Reckon what is earned, spent, owned and owed"),
    "goals.archive_simulations": N_("Put old simulations of goals away"),
    "goals.look_at_chances": N_("Reckon the chances of goals anew"),
    "identity.forget_ended": N_("Forget sessions that ended"),
    "identity.forget_made_up": N_("Remove made-up households"),
    "net_worth.archive_balances": N_("Put old balances away"),
    "net_worth.take_snapshots": N_("Take the day's net worth"),
    "upkeep.analyse": N_("Look at all tables, report slow statements"),
    "upkeep.catch_up": N_("Run what was missed"),
    "upkeep.clean_up": N_("Weekly clean-up"),
}
_JOB_NOTES: Final = {
    "upkeep.clean_up": N_(
        "Clears away sessions and attempts to link that have ended. Exports are sent as they are "
        "made and never kept, so there are none to clear away."
    ),
}
STANDING_LABELS: Final = {
    "never": N_("Not due yet"),
    "fine": N_("Fine"),
    "running": N_("Running"),
    "failed": N_("Failed"),
    "late": N_("Late"),
}
OUTCOME_LABELS: Final = {
    "running": N_("Running"),
    "done": N_("Done"),
    "failed": N_("Failed"),
    "cut_short": N_("Cut short"),
}
_COUNTS: Final = {
    "answers": N_("answers"),
    "balances": N_("balances"),
    "days": N_("days"),
    "failed": N_("failed"),
    "forgotten": N_("forgotten"),
    "given_up": N_("given up"),
    "jobs": N_("jobs"),
    "link_sessions": N_("attempts to link"),
    "partitions": N_("partitions"),
    "people": N_("people"),
    "reminders": N_("reminders"),
    "rows": N_("rows"),
    "sessions": N_("sessions"),
    "simulations": N_("simulations"),
    "slow_statements": N_("slow statements"),
    "snapshots": N_("days of net worth"),
    "tables": N_("tables"),
    "tokens": N_("keys"),
}
_WORDS: Final = {"not counted": N_("not counted")}
_MILLISECOND: Final = timedelta(milliseconds=1)


def job_label(name: str, says: str) -> str:
    """Return what a job is called; what it says of itself where it has no name here."""
    return gettext(JOB_LABELS[name]) if name in JOB_LABELS else says


def job_note(name: str) -> str:
    """Return what else there is to say of a job, if anything."""
    return gettext(_JOB_NOTES[name]) if name in _JOB_NOTES else ""


def result_text(result: Mapping[str, int | str]) -> str:
    """Return what a run told: ``12 days, 3 people``."""
    parts = []
    for key, count in result.items():
        told = gettext(_WORDS[count]) if isinstance(count, str) and count in _WORDS else str(count)
        parts.append(f"{gettext(_COUNTS.get(key, key))}: {told}")
    return ", ".join(parts)


def took_text(took: timedelta | None) -> str:
    """Return how long a run took: ``40 ms``, ``2.5 s``, ``3 min``."""
    if took is None:
        return ""
    milliseconds = took // _MILLISECOND
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 120_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds // 60_000} min"
