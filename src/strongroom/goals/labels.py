"""What goals are called in the language of whoever reads: their kinds, chances and questions.

Makes texts of values; looks nothing up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from strongroom.goals.parsing.types import Constraint, ConstraintKind, ModelUse, Understood
from strongroom.goals.types import GoalType
from strongroom.ui import N_, gettext
from strongroom.ui.charts import Chance

POSSIBLE: Final = 50
ON_TRACK: Final = 80
_LONGEST_NAME: Final = 60
_CLAUSE: Final = re.compile(r"[,;.!?]")
_NO_PURPOSE: Final = frozenset({"money", "cash", "savings", "penger", "sparing", "sparepenger"})

_TYPES: Final[Mapping[GoalType, str]] = {
    GoalType.RETIREMENT: N_("Retirement"),
    GoalType.MAJOR_PURCHASE: N_("A large purchase"),
    GoalType.EMERGENCY_FUND: N_("Emergency fund"),
    GoalType.DEBT_PAYOFF: N_("Paying off debt"),
    GoalType.TRAVEL: N_("Travel"),
    GoalType.EDUCATION: N_("Education"),
    GoalType.INVESTMENT: N_("Investing"),
    GoalType.CUSTOM: N_("Something else"),
}
_MODEL: Final[Mapping[ModelUse, str]] = {
    ModelUse.OFF: N_("Read by rules, on this computer. No model was asked."),
    ModelUse.NOT_NEEDED: N_("Read by rules, on this computer. They left no gap for a model."),
    ModelUse.FILLED: N_("Read by rules; a local model filled what they left open."),
    ModelUse.NO_HELP: N_("Read by rules. The local model was asked and found nothing more."),
    ModelUse.SILENT: N_("Read by rules. The local model did not answer."),
}
_CONSTRAINTS: Final[Mapping[ConstraintKind, str]] = {
    ConstraintKind.AT_MOST_A_MONTH: N_("No more than this a month"),
    ConstraintKind.KEEP: N_("This much stays where it is"),
    ConstraintKind.LEAVE_ALONE: N_("Leave this alone"),
    ConstraintKind.NO_RISK: N_("Nothing of it invested"),
}
_RECKONED: Final[Mapping[ConstraintKind, str]] = {
    ConstraintKind.AT_MOST_A_MONTH: N_("put aside each month"),
    ConstraintKind.KEEP: N_("counts for no goal"),
    ConstraintKind.LEAVE_ALONE: N_("counts for no goal"),
    ConstraintKind.NO_RISK: N_("the interest of cash, no swings"),
}
# Words that say that one saves, not for what; both languages, as they stand at either end.
_AROUND_A_NAME: Final = frozenset(
    "i we want to would like need save up saving put aside have get pay off for a an the my our by "
    "in before within of and with about around at least next year month months years jeg vi vil "
    "ønsker å spare sette av legge ha trenger få til en et ei min mitt vår om innen i på og med "
    "før rundt minst neste år måned måneder måneden kr nok usd eur over during per please help me "
    "us some more want wish like could can it this that yrs yr be gjerne hjelp meg oss vennligst "
    "litt noe mer kan kunne ha få løpet av".split()
)


def type_label(kind: GoalType) -> str:
    """Return what a kind of goal is called."""
    return gettext(_TYPES[kind])


def model_words(use: ModelUse) -> str:
    """Return who read a goal's text, as a sentence."""
    return gettext(_MODEL[use])


def constraint_label(one: Constraint) -> str:
    """Return what a limit in a goal's text means, and what is made of it where it is reckoned."""
    label = gettext(_CONSTRAINTS[one.kind])
    return f"{label} ({gettext(_RECKONED[one.kind])})" if one.reckoned else label


def chance_words(chance: Chance) -> str:
    """Return how good a chance is, in words; the number decides, as it is shown."""
    if chance.hundredths >= ON_TRACK:
        return gettext("on track")
    return gettext("possible") if chance.hundredths >= POSSIBLE else gettext("unlikely so far")


def chance_tone(chance: Chance) -> str:
    """Return the tone of the badge that the words stand in."""
    if chance.hundredths >= ON_TRACK:
        return "good"
    return "info" if chance.hundredths >= POSSIBLE else "warn"


def chance_text(chance: Chance) -> str:
    """Return a chance such as ``53 in 100``."""
    return gettext("%(figure)s in 100", figure=chance.figure)


def suggested_name(said: Understood) -> str:
    """Return what the goal may be called: its text without amounts, times and the words around.

    Where nothing is left that says what for, it is its kind, and without one plain savings.
    """
    text, cut = said.goal_text, 0
    for one in sorted(said.origins, key=lambda one: one.start):
        if one.field != "goal_type" and one.start >= cut:
            text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
            cut = one.end
    for limit in said.constraints:
        text = text.replace(limit.words, ";")
    name = next(filter(None, map(_core, _CLAUSE.split(text))), "")
    too_long = len(name) > _LONGEST_NAME
    if not name or too_long or any(letter.isdigit() for letter in name):
        return (
            gettext("Savings") if said.goal_type is GoalType.CUSTOM else type_label(said.goal_type)
        )
    return name[0].upper() + name[1:]


def _core(clause: str) -> str:
    """Return a clause without the words at either end that say that one saves, not for what."""
    words = clause.split()
    while words and _says_nothing(words[0]):
        words.pop(0)
    while words and _says_nothing(words[-1]):
        words.pop()
    return "" if {word.casefold() for word in words} <= _NO_PURPOSE else " ".join(words)


def _says_nothing(word: str) -> bool:
    return word.casefold().strip(".,:;$€£") in {"", *_AROUND_A_NAME}
