"""What a person is told of where a file's rows go and why, and of a balance that does not fit.

Words only, in the reader's language; what is found is ``import_memory``'s and ``import_doubts``'.
"""

from __future__ import annotations

from strongroom.connections.imports.memory import kind
from strongroom.connections.imports.types import FileAccountChoice
from strongroom.ui import N_, gettext

_WHY = {
    "given": N_("You chose it."),
    "number": N_("This account of the file went there before."),
    "file_name": N_("A file of this name with the same headings went there before."),
    "same_file": N_("This very file went there before."),
    "iban": N_("It has the same IBAN."),
    "own": N_("It is the account that was exported."),
    "digits": N_("Its number ends the same."),
    "name": N_("It has the same name."),
    "new": N_("None of your accounts is known to be it."),
}


def why(one: FileAccountChoice) -> str:
    """Return why this account was chosen; empty where none is."""
    known = _WHY.get(one.advice.why)
    return "" if known is None or one.choice.kept_aside else gettext(known)


def problem(one: FileAccountChoice) -> str:
    """Return what speaks against putting the rows where such rows went before; else empty."""
    advice, told = one.advice, one.told
    if advice.was is None:
        return ""
    if told.currency is not None and told.currency != advice.was_currency:
        return gettext(
            "The account was in %(was)s, and this file says %(says)s.",
            was=advice.was_currency, says=told.currency,
        )  # fmt: skip
    if kind(told) == "owed" and not advice.was_owed:
        return gettext("The account was one that is owned, and this file says that it is owed.")
    if kind(told) == "owned" and advice.was_owed:
        return gettext("The account was one that is owed, and this file says that it is owned.")
    if told.key:
        return gettext("Accounts of this number went to more than one account of yours before.")
    return gettext(
        "Only the headings are those of an earlier file, which went to %(account)s.",
        account=advice.was,
    )


def balance_problem(one: FileAccountChoice) -> str:
    """Return why the balance that the file tells is doubted, with both figures; else empty."""
    if one.advice.expected is not None:
        return gettext(
            "The file says the balance is %(told)s, but the balance before and the rows since"
            " come to %(sum)s.",
            told=f"{one.told.balance:f}", sum=f"{one.advice.expected.normalize():f}",
        )  # fmt: skip
    return one.told.remark or ""
