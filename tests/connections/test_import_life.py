"""What an import leaves to its person: one whose job is no more, accounts that others refer to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from strongroom import accounts
from strongroom.connections import imports
from strongroom.connections.files import Source
from strongroom.connections.imports.types import (
    FileImport,
    ImportIsOver,
    ImportNotFound,
    ImportState,
)
from strongroom.core.money import Currency, Money
from tests import book as made
from tests.connections.conftest import Kari

CSV = "Date,Description,Amount\n2026-11-02,Rema 1000,-120.50\n2026-11-03,Kaffe,-45.00\n"
LATER = "Date,Description,Amount\n2026-11-09,Bensin,-700.00\n"
BALANCE = "Date,Description,Amount,Balance\n2026-11-03,Kaffe,-45.00,1000.00\n"


def begin(kari: Kari, text: str = CSV, **more: Any) -> FileImport:
    source = Source.of(text.encode(), "bank.csv")
    found: FileImport = kari.ask(imports.begin, source=source, now=kari.clock(), **more)
    return found


def confirm(kari: Kari, found: FileImport, **more: Any) -> FileImport:
    done: FileImport = kari.ask(
        imports.confirm, import_id=found.id, include=None, now=kari.clock(), **more
    )
    return done


def undo(kari: Kari, found: FileImport) -> None:
    kari.ask(imports.undo, import_id=found.id, now=kari.clock())


def now_is(kari: Kari, found: FileImport) -> FileImport:
    read: FileImport = kari.ask(imports.get, import_id=found.id)
    return read


def use_up(kari: Kari, job: str) -> None:
    """Leave the person's job of that name as the queue does when its tries are used up."""
    assert kari.waiting(job)
    made.values(
        kari.world,
        "UPDATE procrastinate_jobs SET status = 'failed' WHERE task_name = %s"
        " AND args->>'owner' = %s RETURNING 1",
        f"connections.{job}",
        str(kari.owner),
    )


# --- a job that is no more


def test_one_whose_job_is_no_more_can_be_confirmed_again(kari: Kari) -> None:
    found = confirm(kari, begin(kari), by_job=True)
    give_back = kari.jobs()["give_imports_back"]
    kari.run(give_back())
    assert now_is(kari, found).state is ImportState.IMPORTING
    use_up(kari, "take_in_import")
    with pytest.raises(ImportIsOver):
        kari.ask(imports.discard, import_id=found.id)
    kari.run(give_back())
    back = now_is(kari, found)
    assert (back.state, bool(back.error)) == (ImportState.PREVIEW, True)
    assert kari.count("transactions") == 0
    done = confirm(kari, back)
    assert (done.state, done.imported) == (ImportState.DONE, 2)


def test_one_whose_job_is_no_more_can_be_forgotten(kari: Kari) -> None:
    found = confirm(kari, begin(kari), by_job=True)
    use_up(kari, "take_in_import")
    kari.run(kari.jobs()["give_imports_back"]())
    kari.ask(imports.discard, import_id=found.id)
    with pytest.raises(ImportNotFound):
        now_is(kari, found)


def test_one_that_nothing_reads_any_more_says_so(kari: Kari) -> None:
    found = begin(kari, by_job=True)
    give_back = kari.jobs()["give_imports_back"]
    kari.run(give_back())
    assert now_is(kari, found).state is ImportState.READING
    use_up(kari, "read_import")
    kari.run(give_back())
    failed = now_is(kari, found)
    assert (failed.state, bool(failed.error)) == (ImportState.FAILED, True)
    again = kari.ask(
        imports.change_guess, import_id=found.id, changes={"sign": "as_written"}, now=kari.clock()
    )
    assert (again.state, again.rows, again.error) == (ImportState.PREVIEW, 2, None)


# --- accounts that an import made


def into(kari: Kari, text: str, account_id: Any) -> FileImport:
    return confirm(kari, begin(kari, text, account_id=account_id))


def only_account(kari: Kari) -> accounts.Account:
    (held,) = kari.ask(accounts.list_all)
    one: accounts.Account = held
    return one


def test_an_account_stays_while_a_later_import_told_its_balance(kari: Kari) -> None:
    first = confirm(kari, begin(kari))
    account = only_account(kari)
    told = into(kari, BALANCE, account.id)
    assert (told.imported, told.state) == (0, ImportState.DONE)
    undo(kari, first)
    kept = only_account(kari)
    assert kept.id == account.id
    assert (kari.count("transactions"), kari.count("file_balances")) == (0, 1)
    assert kept.balance is not None and kept.balance.amount == 1000
    undo(kari, told)
    assert kari.ask(accounts.list_all) == []


def test_an_account_stays_while_a_later_import_goes_there(kari: Kari) -> None:
    first = confirm(kari, begin(kari))
    account = only_account(kari)
    same, later = into(kari, CSV, account.id), into(kari, LATER, account.id)
    undo(kari, first)
    undo(kari, later)
    assert only_account(kari).id == account.id
    undo(kari, same)
    assert kari.ask(accounts.list_all) == []


def test_an_account_that_no_import_made_stays(kari: Kari) -> None:
    value, day = Money(Decimal(5), Currency("NOK")), kari.clock().date()
    new = accounts.OpenManual(name="Mine", subtype="vehicle", value=value, day=day)
    mine = kari.ask(accounts.open_manual, new=new, now=kari.clock())
    undo(kari, into(kari, CSV, mine.id))
    assert only_account(kari).id == mine.id
