"""Files into searchable rows: CSV and OFX through our imports, beside programs that read the same.

The others are given the rows in the form they read fastest. ``ledger`` and hledger store nothing;
SQLite is a bare table with indexes on day and text. What is not installed is left out.
"""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks import import_once
from benchmarks.figures import rate, show, timed
from tests.prove.ground import Base, Ground

_SHOPS = ("Daily Basket", "Kopper Coffee", "Cityline Transit", "Forestway Fuel",
          "Willow Clothing", "Sundew Pharmacy", "Trattoria Luna")  # fmt: skip
_DAYS = 730
_LAST = date(2026, 11, 20)
_LARGE = 10
_MEGABYTE = 1_000_000
_Row = tuple[date, str, str]


def run(ground: Ground, rows: int) -> None:
    """Measure and print."""
    place = ground.directory / "imports"
    place.mkdir()
    beside: dict[str, Callable[[Path, int], float | None]] = {
        "SQLite, bare, with indexes": _sqlite,
        "ledger, which stores nothing": _ledger,
        "hledger, which stores nothing": _hledger,
        "beancount": _beancount,
    }
    with ground.database("bench_imports") as base:
        for name, write in (("csv", _write_csv), ("ofx", _write_ofx)):
            file = place / f"rows.{name}"
            write(file, rows)
            once = _ours(base, file, f"{name}@example.org", "again")
            assert once["rows"] == rows, once
            parts = f"{once['read']:.1f} read and compared, {once['confirm']:.1f} taken in"
            show(f"{name.upper()} through our imports", rate(rows, once["seconds"]),
                 f"{once['seconds']:.1f} s: {parts}; {once['search'] * 1000:.0f} ms to search"
            )  # fmt: skip
            show("the same file again, nothing new", rate(rows, once["again"]),
                 f"{once['again']:.1f} s")  # fmt: skip
        for name, measure in beside.items():
            took = measure(place, rows)
            show(name, "left out: not here" if took is None else rate(rows, took),
                 "" if took is None else f"{took:.1f} s")  # fmt: skip
        _memory(base, place, rows * _LARGE)


def _memory(base: Base, place: Path, rows: int) -> None:
    file = place / "large.csv"
    _write_csv(file, rows)
    once = _ours(base, file, "large@example.org")
    show(f"memory above rest for {rows:,} rows of CSV",
         f"{once['above_rest'] / _MEGABYTE:.0f} MB", "target: under 150 MB")  # fmt: skip
    show("their import", rate(rows, once["seconds"]), f"{once['seconds']:.0f} s")


def _ours(base: Base, file: Path, email: str, *more: str) -> dict[str, float]:
    """Import in a process of its own, whose memory is its own too."""
    command = [sys.executable, "-m", import_once.__name__, base.admin_dsn, str(file), email]
    command += more
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1800)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _rows(count: int) -> Iterator[_Row]:
    for number in range(count):
        day = _LAST - timedelta(days=number * _DAYS // count)
        cents = (number * 7919) % 25_000 + 101
        sign = "" if number % 20 == 0 else "-"
        amount = f"{sign}{cents // 100}.{cents % 100:02d}"
        yield day, f"{_SHOPS[number % len(_SHOPS)].upper()} {number:07d}", amount


def _write_csv(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["Date", "Description", "Amount"])
        out.writerows(_rows(count))


def _write_ofx(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(
            "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\n"
            "CHARSET:NONE\nCOMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
            "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
            "<DTSERVER>20261120<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS>"
            "<TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>USD<BANKACCTFROM>"
            "<BANKID>9<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>"
            "<DTSTART>20241101<DTEND>20261120\n"
        )
        for number, (day, text, amount) in enumerate(_rows(count)):
            kind = "DEBIT" if amount.startswith("-") else "CREDIT"
            out.write(
                f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{day:%Y%m%d}<TRNAMT>{amount}"
                f"<FITID>f{number}<NAME>{text}</STMTTRN>\n"
            )
        out.write("</BANKTRANLIST><LEDGERBAL><BALAMT>1.00<DTASOF>20261120</LEDGERBAL></STMTRS>")
        out.write("</STMTTRNRS></BANKMSGSRSV1></OFX>\n")


def _sqlite(place: Path, rows: int) -> float:
    with timed() as took:
        db = sqlite3.connect(place / "rows.sqlite")
        db.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, day TEXT, text TEXT, amount TEXT)")
        db.execute("CREATE INDEX rows_day ON rows (day)")
        db.execute("CREATE INDEX rows_text ON rows (text)")
        with (place / "rows.csv").open(encoding="utf-8", newline="") as stream:
            read = csv.reader(stream)
            next(read)
            db.executemany("INSERT INTO rows (day, text, amount) VALUES (?, ?, ?)", read)
        db.commit()
        db.close()
    return took.seconds


def _journal(place: Path, rows: int) -> Path:
    file = place / "rows.journal"
    if not file.exists():
        with file.open("w", encoding="utf-8") as out:
            for day, text, amount in _rows(rows):
                out.write(f"{day} {text}\n    Assets:Bank  {amount} USD\n    Expenses:Some\n\n")
    return file


def _ledger(place: Path, rows: int) -> float | None:
    return _timed_program(["ledger", "-f", str(_journal(place, rows)), "balance"])


def _hledger(place: Path, rows: int) -> float | None:
    return _timed_program(["hledger", "-f", str(_journal(place, rows)), "balance"])


def _timed_program(command: list[str]) -> float | None:
    if shutil.which(command[0]) is None:
        return None
    with timed() as took:
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    return took.seconds


def _beancount(place: Path, rows: int) -> float | None:
    """Beancount in a virtual environment of its own, its cache of parsed files off."""
    venv = place / "venv"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
        install = [str(venv / "bin" / "pip"), "install", "--quiet", "beancount"]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
    except subprocess.SubprocessError:
        return None
    file = place / "rows.beancount"
    with file.open("w", encoding="utf-8") as out:
        out.write("2000-01-01 open Assets:Bank\n2000-01-01 open Expenses:Some\n")
        for day, text, amount in _rows(rows):
            out.write(f'{day} * "{text}"\n  Assets:Bank  {amount} USD\n  Expenses:Some\n')
    return _timed_program([str(venv / "bin" / "bean-check"), "--no-cache", str(file)])
