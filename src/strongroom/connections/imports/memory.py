"""Which account a file's account went to before: by its number, currency and kind, or by its name.

Decides where rows may go without asking, and when they wait for the person. Stores nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from strongroom.accounts import Account
from strongroom.connections.imports.types import FileAccountChoice, FileTold
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, parse

_DEBTS = ("credit", "loan")
_MASK = 4
_OF_TIME = re.compile(
    r"(?<!\d)(?:20\d\d[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?(?:0[1-9]|[12]\d|3[01]))?"
    r"|(?:0[1-9]|[12]\d|3[01])[-_.]?(?:0[1-9]|1[0-2])[-_.]?20\d\d|20\d\d)(?!\d)"
    r"|\(\d{1,3}\)"
)


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where an account of a source went: ``currency`` and ``kind`` are empty if it told none.

    ``file_name`` is what is lasting in the file's name, where the file itself named no account.
    """

    key: str
    currency: str
    kind: str
    file_name: str
    account_id: UUID


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to find a file's account by: the person's accounts and earlier files."""

    held: Sequence[Account]
    by_iban: Mapping[str, AccountId]
    remembered: Sequence[Remembered]
    same_file: Mapping[str, FileAccountChoice]
    file_name: str

    def account(self, account_id: UUID | None) -> Account | None:
        """Return the person's account of that id."""
        return next((one for one in self.held if one.id == account_id), None)


@dataclass(frozen=True, slots=True)
class Found:
    """The account for a file's account, and why; or ``rival``, which the person is to judge.

    ``why`` is one of number, file_name, same_file, iban, own, digits, name; of a rival differs or
    headings; and new.
    """

    why: str
    account: Account | None = None
    rival: Account | None = None
    earlier: FileAccountChoice | None = None


def kind(told: FileTold) -> str:
    """Return whether a file's account is owned or owed; empty where the file does not say."""
    if told.type in (None, "other"):  # of property and private loans alike
        return ""
    return "owed" if told.type in _DEBTS else "owned"


def lasting(file_name: str) -> str:
    """Return what stays of a file's name from one export to the next: not its dates."""
    stem = file_name.rpartition(".")[0] or file_name
    return re.sub(r"[\W_]+", " ", _OF_TIME.sub(" ", stem.casefold())).strip()


def memory_of(told: FileTold, file_name: str) -> tuple[str, str, str, str]:
    """Return what an account is remembered by: key, currency, kind, and its file's name."""
    return told.key, told.currency or "", kind(told), "" if told.key else file_name


def exact(told: FileTold, remembered: Sequence[Remembered], file_name: str) -> UUID | None:
    """Return the account that went by the very same facts."""
    wanted = memory_of(told, file_name)
    for one in remembered:
        if (one.key, one.currency, one.kind, one.file_name) == wanted:
            return one.account_id
    return None


def find(told: FileTold, known: Known) -> Found:
    """Return where a file's account goes as far as can be told without asking."""
    mine = [one for one in known.remembered if one.key == told.key]
    if told.key:
        before = exact(told, mine, "") or _compatible(told, mine)
    else:
        named = [one for one in mine if one.file_name and one.file_name == known.file_name]
        before = exact(told, named, known.file_name) or _compatible(told, named)
    if (account := known.account(before)) is not None:
        return Found("number" if told.key else "file_name", account)
    if (earlier := known.same_file.get(told.key)) is not None:
        return Found("same_file", known.account(earlier.choice.account_id), earlier=earlier)
    for one in sorted(mine, key=lambda one: one.currency != (told.currency or "")):
        if (rival := known.account(one.account_id)) is not None:
            return Found("differs" if told.key else "headings", rival=rival)
    account = known.account(known.by_iban.get(told.iban or ""))
    if account is not None:
        return Found("iban", account) if _fits(told, account) else Found("differs", rival=account)
    account = known.account(_own(told.key))
    if account is not None and _fits(told, account):
        return Found("own", account)
    return _like(told, known.held)


def _own(key: str) -> UUID | None:
    """Return the account that a book exported here speaks of by its id."""
    with suppress(NotFound):
        return parse("acc", key)
    return None


def _compatible(told: FileTold, mine: Sequence[Remembered]) -> UUID | None:
    """Return the only account of the same number that nothing speaks against."""
    code, sort = told.currency or "", kind(told)
    fits = {
        one.account_id
        for one in mine
        if ("" in (code, one.currency) or code == one.currency)
        and ("" in (sort, one.kind) or sort == one.kind)
    }
    return fits.pop() if len(fits) == 1 else None


def _fits(told: FileTold, account: Account) -> bool:
    if told.currency not in (None, account.currency):
        return False
    return kind(told) in ("", "owed" if account.is_debt else "owned")


def _like(told: FileTold, held: Sequence[Account]) -> Found:
    """Return the only open account with the same last digits, or failing that the same name."""
    open_ = [one for one in held if one.closed_at is None and _fits(told, one)]
    digits = (told.mask or "")[-_MASK:]
    like, why = [one for one in open_ if digits and one.mask == digits], "digits"
    if not like:
        why = "name"
        like = [one for one in open_ if told.key and one.name.casefold() == told.name.casefold()]
    return Found(why, like[0]) if len(like) == 1 else Found("new")
