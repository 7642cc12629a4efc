"""Where each of a file's accounts goes: proposing, choosing, opening, and what balances it tells.

An account that files feed is the person's own; one that a bank feeds keeps its bank's balances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from strongroom import accounts
from strongroom.accounts import Account, OpenFromFile, Told
from strongroom.connections.imports import doubts, queries
from strongroom.connections.imports.mapping import signature
from strongroom.connections.imports.memory import (
    Found,
    Known,
    Remembered,
    exact,
    find,
    lasting,
    memory_of,
)
from strongroom.connections.imports.types import (
    AccountIsNotChosen,
    Advice,
    Choice,
    CurrencyDiffers,
    FileAccountChoice,
    FileImport,
    FileTold,
)
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Currency, currency
from strongroom.transactions import FileTarget
from strongroom.ui import N_, gettext

WHATEVER = "*"
"""Stands for every account of a file that was not read yet."""

_USUAL = Currency("EUR")
_KINDS = {
    "depository": "checking",
    "credit": "credit card",
    "loan": "loan",
    "investment": "brokerage",
    "other": "other",
}
KINDS = tuple(_KINDS)
"""The kinds of account that a file can feed, in Plaid's words."""

_MASK = 4


@dataclass(frozen=True, slots=True)
class Opened:
    """The account of every key of a file, and those of them that were made for it."""

    targets: Mapping[str, FileTarget]
    made: Sequence[UUID]


def for_whatever(account_id: AccountId) -> FileAccountChoice:
    """Return the choice of one account for whatever the file will name."""
    return FileAccountChoice(FileTold(WHATEVER, ""), Choice(account_id=account_id))


async def propose(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    told: Sequence[FileTold],
    file_name: str,
    currency: str | None,
    remembered: Sequence[Remembered],
    given: AccountId | None,
    before: Sequence[FileAccountChoice],
) -> list[FileAccountChoice]:
    """Return where each account of a file goes as far as can be told; the person may change it.

    In this order: the account given, what was chosen for this file before, and what
    ``memory.find`` finds. Else a new one is proposed, or the rows wait to be decided.
    """
    held = await accounts.list_all(db, owner=owner)
    same = await queries.same_file(db, owner, import_id)
    known = Known(
        held=held,
        by_iban=await accounts.ibans(db, owner=owner),
        remembered=remembered,
        same_file={one.told.key: one for one in same if not one.choice.kept_aside},
        file_name=lasting(file_name),
    )
    stem = file_name.rpartition(".")[0] or file_name
    usual = currency or next(iter(accounts.currencies_of(held, None)), _USUAL)
    chosen = {one.told.key: one for one in before if one.told.key != WHATEVER}
    found = []
    for one in told:
        if given is not None:
            account = await accounts.get(db, owner=owner, account_id=given)
            _check_currency(one, account)
            proposed = Found("given", account)
        else:
            proposed = find(one, known)
        fresh = _fresh(proposed, one, stem, usual, len(told))
        advice = _advice(one, proposed, known)
        earlier = chosen.get(one.key)
        if earlier is not None:
            fresh, advice = earlier.choice, replace(advice, why=earlier.advice.why)
        found.append(FileAccountChoice(one, fresh, advice))
    return found


def _advice(one: FileTold, found: Found, known: Known) -> Advice:
    rival = found.rival
    return Advice(
        why=found.why,
        remembered=exact(one, known.remembered, known.file_name),
        was=None if rival is None else rival.name,
        was_currency=None if rival is None else rival.currency,
        was_owed=None if rival is None else rival.is_debt,
    )


def _fresh(found: Found, one: FileTold, stem: str, usual: str, count: int) -> Choice:
    """Return the choice of an account, or of a new one that is named after the file."""
    if found.earlier is not None and found.account is None:  # undone, and its account with it
        return replace(found.earlier.choice, account_id=None, balance=None, keep_balance=None)
    kind = one.type if one.type in _KINDS else "depository"
    name = (one.name if one.key else "") or (stem if count == 1 else f"{stem} {one.key}".strip())
    return Choice(
        account_id=None if found.account is None else found.account.id,
        name=" ".join(name.split())[:100],
        type=kind or "depository",
        subtype=one.subtype if one.type in _KINDS and one.subtype else _KINDS[kind or "other"],
        currency=one.currency or usual,
        kept_aside=found.rival is not None,
    )


def _differs(one: FileTold, account: Account) -> bool:
    return one.currency is not None and one.currency != account.currency


def _check_currency(one: FileTold, account: Account) -> None:
    if _differs(one, account):
        raise CurrencyDiffers(
            gettext(
                "The file's account is in %(told)s, and %(account)s is in %(ours)s.",
                told=one.currency,
                account=account.name,
                ours=account.currency,
            ),
            field="account",
            hint=N_("Choose another account, or make one."),
        )


async def checked(
    db: Db,
    *,
    owner: UserId,
    before: Sequence[FileAccountChoice],
    choices: Mapping[str, Choice],
) -> list[FileAccountChoice]:
    """Return the file's accounts with these choices. Raises as ``imports.choose`` does."""
    unknown = set(choices) - {one.told.key for one in before}
    if unknown:
        raise AccountIsNotChosen(f"The file has no account {min(unknown)!r}.", field="accounts")
    found = []
    for one in before:
        choice = choices.get(one.told.key, one.choice)
        if choice.kept_aside:
            aside = replace(one.choice, account_id=None, kept_aside=True)
            found.append(replace(one, choice=aside))
            continue
        if choice.account_id is not None:
            account = await accounts.get(db, owner=owner, account_id=choice.account_id)
            _check_currency(one.told, account)
        elif choice.type not in _KINDS:
            raise AccountIsNotChosen(
                f"{choice.type!r} is not a kind of account.",
                field="type",
                hint=f"One of: {', '.join(_KINDS)}.",
            )
        else:
            code = currency(choice.currency or one.told.currency or one.choice.currency or _USUAL)
            if one.told.currency not in (None, code):
                raise CurrencyDiffers(
                    gettext("The file's account is in %(told)s.", told=one.told.currency),
                    field="currency",
                )
            subtype = choice.subtype if choice.type == one.choice.type else None
            choice = replace(choice, currency=code, subtype=subtype or _KINDS[choice.type])
        same = (choice.account_id, False) == (one.choice.account_id, one.choice.kept_aside)
        advice = one.advice if same else replace(one.advice, why="given")
        found.append(replace(one, choice=choice, advice=advice))
    return found


def check_all_are_chosen(chosen: Sequence[FileAccountChoice]) -> None:
    """Raise ``AccountIsNotChosen`` where one of a file's accounts has nowhere to go.

    Some may be kept aside, but not all. A book may have no account.
    """
    if chosen and all(one.choice.kept_aside for one in chosen):
        raise AccountIsNotChosen(
            N_("It is not said which account the rows go to."),
            field="account",
            hint=N_("Choose an account, or a new one."),
        )
    for one in chosen:
        if one.choice.kept_aside:
            continue
        if one.choice.account_id is None and not one.choice.name.strip():
            raise AccountIsNotChosen(
                N_("Choose an account for the rows, or give a new one a name."), field="account"
            )


async def targets(
    db: Db, *, owner: UserId, chosen: Sequence[FileAccountChoice]
) -> dict[str, FileTarget]:
    """Return the accounts that exist already, by their keys in the file."""
    held = {one.id: one for one in await accounts.list_all(db, owner=owner)}
    return {
        one.told.key: FileTarget(one.choice.account_id, held[one.choice.account_id].currency)
        for one in chosen
        if one.choice.account_id in held
    }


async def open_new(
    db: Db, *, owner: UserId, chosen: Sequence[FileAccountChoice], now: datetime, actor: str
) -> Opened:
    """Make the accounts that are to be made; return every account by its key in the file.

    Two of a file's accounts that are to be new under one name are one.
    """
    found: dict[str, FileTarget] = {}
    made: dict[str, FileTarget] = {}
    for one in chosen:
        choice = one.choice
        if choice.kept_aside:
            continue
        if choice.account_id is not None:
            account = await accounts.get(db, owner=owner, account_id=choice.account_id)
            found[one.told.key] = FileTarget(account.id, account.currency)
            continue
        name = f"{choice.name.strip().casefold()} {choice.type} {choice.currency}"
        if one.told.key.startswith("acc_"):  # a book exported here tells one from the other
            name = one.told.key
        if name not in made:
            new = OpenFromFile(
                name=choice.name,
                type=choice.type,
                subtype=choice.subtype or _KINDS.get(choice.type),
                currency=currency(choice.currency or _USUAL),
                mask=one.told.mask[-_MASK:] if one.told.mask else None,
                iban=one.told.iban,
            )
            account = await accounts.open_from_file(db, owner=owner, new=new, now=now, actor=actor)
            made[name] = FileTarget(account.id, account.currency)
        found[one.told.key] = made[name]
    return Opened(found, [target.account_id for target in made.values()])


def settled(
    chosen: Sequence[FileAccountChoice], held: Mapping[str, AccountId]
) -> list[FileAccountChoice]:
    """Return the choices with the accounts that they became."""
    return [
        replace(one, choice=replace(one.choice, account_id=held.get(one.told.key)))
        for one in chosen
    ]


async def made_since(
    db: Db,
    *,
    owner: UserId,
    chosen: Sequence[FileAccountChoice],
    file_name: str,
    remembered: Sequence[Remembered],
) -> list[FileAccountChoice]:
    """Return the choices, with accounts that another import made since for the very same.

    Two previews of one file that both would make its account make one. To be asked in the book's
    turn.
    """
    held = {one.id: one for one in await accounts.list_all(db, owner=owner)}
    found = []
    for one in chosen:
        choice = one.choice
        account_id = exact(one.told, remembered, lasting(file_name))
        account = None if account_id is None else held.get(AccountId(account_id))
        if (
            account is not None
            and choice.account_id is None
            and not choice.kept_aside
            and account.id != one.advice.remembered
            and (one.told.key or account.name.casefold() == choice.name.strip().casefold())
            and account.currency == (choice.currency or account.currency)
        ):
            choice = replace(choice, account_id=account.id)
        found.append(replace(one, choice=choice))
    return found


def memories(
    chosen: Sequence[FileAccountChoice], held: Mapping[str, AccountId], file_name: str
) -> list[Remembered]:
    """Return what is to be remembered of where a file's accounts went."""
    return [
        Remembered(*memory_of(one.told, lasting(file_name)), held[one.told.key])
        for one in chosen
        if one.told.key in held
    ]


async def settle(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    chosen: Sequence[FileAccountChoice],
    targets: Mapping[str, FileTarget],
    today: date,
    now: datetime,
) -> list[FileAccountChoice]:
    """Return the choices with the accounts they led to; balances that hold are told."""
    held = {key: target.account_id for key, target in targets.items()}
    judged = await doubts.judged(db, owner=owner, import_id=import_id, chosen=settled(chosen, held))
    await tell_balances(
        db,
        owner=owner,
        import_id=import_id,
        chosen=judged,
        targets=targets,
        today=today,
        now=now,
    )
    return judged


async def remember(
    db: Db,
    owner: UserId,
    found: FileImport,
    chosen: Sequence[FileAccountChoice],
    targets: Mapping[str, FileTarget],
    now: datetime,
) -> UUID:
    """Remember how this source was read and where its accounts went; return the source."""
    held = {key: target.account_id for key, target in targets.items()}
    guess = found.guess.as_json(with_samples=False)
    source_id = await queries.save_source(db, owner, new_id(), signature(found.guess), guess, now)
    await queries.save_source_accounts(
        db, owner, source_id, memories(chosen, held, found.file_name)
    )
    return source_id


async def tell_balances(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    chosen: Sequence[FileAccountChoice],
    targets: Mapping[str, FileTarget],
    today: date,
    now: datetime,
) -> None:
    """Keep what the file, and the person with it, say of balances, and write the accounts' anew."""
    for one in chosen:
        if one.told.key not in targets:
            continue
        target, told = targets[one.told.key], one.told
        days = {}
        if _is_kept(one, today) and told.balance is not None and told.balance_day is not None:
            days[told.balance_day] = told.balance
        if one.choice.balance is not None:
            days[today] = one.choice.balance
        for day, balance in days.items():
            await queries.tell_balance(
                db, owner, import_id, target.account_id, day, balance, target.currency
            )
    held = sorted({target.account_id for target in targets.values()})
    await rewrite_balances(db, owner=owner, account_ids=held, now=now)


def _is_kept(one: FileAccountChoice, today: date) -> bool:
    day = one.told.balance_day
    return one.keeps_balance and day is not None and day <= today


async def drop_left(db: Db, *, owner: UserId, import_id: UUID) -> int:
    """Delete the accounts that imports made and with this one, undone, the last has left.

    One that holds a row, a balance that was told, or that another import goes to, stays.
    """
    left = await queries.made_and_left(db, owner, import_id)
    return await accounts.drop_unused(db, owner=owner, account_ids=left)


async def rewrite_balances(
    db: Db, *, owner: UserId, account_ids: Sequence[UUID], now: datetime
) -> None:
    """Write the balances that the imports that stand tell of these accounts.

    Where none tells any and nobody else has, the account's rows are all there is: their sum, on
    the day of the last one. An account that a bank feeds keeps the bank's.
    """
    held = [one for one in await accounts.list_all(db, owner=owner) if one.id in set(account_ids)]
    fed = [one.id for one in held if one.is_manual]
    told: dict[AccountId, list[Told]] = defaultdict(list)
    for account_id, day, balance in await queries.told_balances(db, owner, fed):
        told[AccountId(account_id)].append(Told(day, balance))
    silent = [one for one in fed if one not in told]
    sums = await queries.row_sums(db, owner, silent)
    for one in silent:
        told[one] = []
        if one in sums and not await accounts.person_valued(db, owner=owner, account_id=one):
            told[one] = [Told(*sums[one])]
    await accounts.tell_file_balances(db, owner=owner, told=told, now=now)
