"""The same questions of hledger and beancount, which keep one person's rows in a plain text file.

They read the whole file anew at each question, so each is asked once, and of a file that grows
tenfold until a question takes too long. What is not installed is left out and said.
"""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.figures import milliseconds, show, timed

_PATIENCE = 300  # seconds for one question
_LEAST = 100
_Row = dict[str, str]


def measure(rows: Path, count: int, today: date) -> None:
    """Ask both of all ``count`` rows in a CSV of ours, or of a tenth, or of a hundredth."""
    days = {"year_ago": f"{today - timedelta(days=365)}", "lately": f"{today - timedelta(days=7)}"}
    for name, program, write, questions in (
        ("hledger", "hledger", _journal, _HLEDGER),
        ("beancount", "bean-query", _ledger, _BEANCOUNT),
    ):
        found = shutil.which(program) or shutil.which(
            program, path=str(Path(sys.executable).parent)
        )
        if found is None:
            show(name, "left out: not here")
            continue
        commands = {
            says: [part.format(program=found, **days) for part in command]
            for says, command in questions.items()
        }
        _ask(name, commands, rows, count, write)


def _ask(
    name: str,
    commands: dict[str, list[str]],
    rows: Path,
    count: int,
    write: Callable[[Iterator[_Row], Path], None],
) -> None:
    """Ask of the most rows of which the first question is answered in time."""
    took: dict[str, float | None] = {}
    while count >= _LEAST:
        file = rows.with_name(f"rows.{name}")
        with rows.open(encoding="utf-8", newline="") as told:
            write(islice(csv.DictReader(told), count), file)
        took = {}
        for says, command in commands.items():
            took[says] = _timed([part.replace("FILE", str(file)) for part in command])
            if took[says] is None:
                break
        if None not in took.values():
            break
        show(f"{name} of {count:,} rows", f"over {_PATIENCE} s", "asked again of a tenth")
        count //= 10
    for says, seconds in took.items():
        if seconds is not None:
            show(f"{name}: {says}", milliseconds(seconds), f"reads all {count:,} rows each time")


def _timed(command: Sequence[str]) -> float | None:
    with timed() as took:
        try:
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, timeout=_PATIENCE,
                env={**os.environ, "BEANCOUNT_DISABLE_LOAD_CACHE": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
    return took.seconds


def _journal(rows: Iterator[_Row], file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(
                f"{row['day']} {row['description']}\n    assets:{row['account_id']}  "
                f"{row['amount']} USD\n    expenses:{row['category']}\n\n"
            )


def _ledger(rows: Iterator[_Row], file: Path) -> None:
    opened: set[str] = set()
    with file.open("w", encoding="utf-8") as out:
        for row in rows:
            legs = (f"Assets:A{row['account_id']}", f"Expenses:C{row['category']}")
            for leg in legs:
                if leg not in opened:
                    opened.add(leg)
                    out.write(f"1900-01-01 open {leg}\n")
            text = row["description"].replace("\\", "").replace('"', "")
            out.write(f'{row["day"]} * "{text}"\n  {legs[0]}  {row["amount"]} USD\n  {legs[1]}\n')


_HLEDGER = {
    "the newest week's rows": ["{program}", "-f", "FILE", "register", "assets", "-b", "{lately}"],
    "a search with one hit in thirteen": [
        "{program}", "-f", "FILE", "register", "assets", "desc:coffee",
    ],
    "12 months' spending by category": [
        "{program}", "-f", "FILE", "balance", "expenses", "-M", "-b", "{year_ago}",
    ],
    "ten years' net worth by day": [
        "{program}", "-f", "FILE", "register", "assets", "--daily", "--depth", "1",
    ],
}  # fmt: skip
_BEANCOUNT = {
    "the newest 50 rows": [
        "{program}", "FILE", "SELECT date, narration, position WHERE account ~ '^Assets'"
        " ORDER BY date DESC LIMIT 50",
    ],
    "a search with one hit in thirteen": [
        "{program}", "FILE", "SELECT date, narration, position WHERE narration ~ 'coffee'"
        " AND account ~ '^Assets' ORDER BY date DESC LIMIT 50",
    ],
    "12 months' spending by category": [
        "{program}", "FILE", "SELECT year, month, account, sum(position) WHERE account ~"
        " '^Expenses' AND date >= {year_ago} GROUP BY year, month, account",
    ],
    "ten years' net worth by day": [
        "{program}", "FILE", "SELECT date, last(balance) WHERE account ~ '^Assets' GROUP BY date",
    ],
}  # fmt: skip
