"""Starts database, Plaid stand-in, web and worker, keeps them up, and stops them in order.

The children load their code while the database starts; a gate lets them begin once the schema is
there. A child that ends by itself is started again, ever more slowly while it keeps on failing.
"""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from strongroom.core import postgres, running, schema
from strongroom.core.errors import Conflict, Unavailable
from strongroom.core.settings import OWN_ADDRESS, Settings
from strongroom.run.ports import free_port
from strongroom.run.process import Child

READY_SECONDS = 110.0
STOP_SECONDS = 10.0
_WATCH_SECONDS = 0.2
_MEND_SECONDS = 2.0
_WELL_SECONDS = 60.0
_LONGEST_PAUSE_SECONDS = 30.0


class AlreadyRunning(Conflict):
    """Another ``strongroom run`` has the same home."""


class DidNotStart(Unavailable):
    """A part of Strongroom ended before everything was ready."""


def run(settings: Settings, *, pick_port: bool = False) -> int:
    """Run everything until Ctrl-C or SIGTERM; returns the exit code.

    Raises ``AlreadyRunning``, ``PortTaken``, ``DidNotStart`` and what the database raises.
    """
    try:
        lock = running.take(settings.home)
        if lock is None:
            raise _already(settings.home)
        try:
            supervisor = Supervisor(settings, pick_port=pick_port)
            with _stopping_on_signals(supervisor.leaving):
                return supervisor.run()
        finally:
            os.close(lock)
    except OSError as error:
        raise _cannot_write(settings.home, error) from error


class Supervisor:
    """One run of everything. ``leaving`` is set by whoever wants it to end."""

    def __init__(self, settings: Settings, *, pick_port: bool = False) -> None:
        port = free_port(settings.host, settings.port, pick=pick_port)
        self.settings = replace(settings, port=port)
        self.leaving = threading.Event()
        self.plaid_url = settings.plaid_url
        self._server: postgres.Server | None = None
        self._trouble = ""
        self._children = self._make_children()

    def run(self) -> int:
        """Start all, watch until told to leave, stop all."""
        try:
            self._start()
            if not self.leaving.is_set():
                self._announce()
                self._watch()
        finally:
            self._stop()
        _say("Stopped.")
        return 0

    def _make_children(self) -> list[Child]:
        settings = self.settings
        commands = {"web": ["strongroom.web"], "worker": ["strongroom.worker"]}
        environment = {
            **os.environ,
            "STRONGROOM_HOME": str(settings.home),
            "STRONGROOM_HOST": settings.host,
            "STRONGROOM_PORT": str(settings.port),
            "PYTHONUNBUFFERED": "1",
        }
        if settings.plaid_env == "local" and settings.plaid_url is None:
            port = free_port("127.0.0.1", _port_after(settings.port), pick=True)
            self.plaid_url = environment["PLAID_URL"] = f"http://127.0.0.1:{port}"
            state = settings.home / "plaid-sandbox.sqlite"
            sandbox = ["strongroom.sandbox.plaid", "--port", str(port), "--state", str(state)]
            commands = {"sandbox": sandbox, **commands}
        logs = settings.home / "logs"
        return [
            Child(name, command, environment, logs / f"{name}.log")
            for name, command in commands.items()
        ]

    def _start(self) -> None:
        for child in self._children:
            child.start()
            if child.name == "sandbox":
                child.go()  # it needs no database
        self._migrate()
        for child in self._children:
            if child.name != "sandbox":
                child.go()
        self._wait_until_ready()

    def _migrate(self) -> None:
        if self.settings.database_url is None:
            self._server = postgres.ensure(self.settings.home, bin_dir=self.settings.pg_bin)
        dsn = self.settings.database_url or (self._server.admin_dsn if self._server else "")
        schema.migrate(dsn, schema.ring_of(self.settings, dsn))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.leaving.is_set():
            for child in self._children:
                code = child.exit_code
                if code is not None:
                    raise DidNotStart(
                        f"The {child.name} process ended ({_exit(code)}): {child.says()}",
                        hint=f"Its log is {child.log}.",
                    )
            if self._sandbox_listens() and self._answers():
                return
            if time.monotonic() > deadline:
                raise DidNotStart(
                    f"Strongroom did not get ready in {READY_SECONDS:.0f} seconds.",
                    hint=f"Look into {self.settings.home / 'logs'}.",
                )
            self.leaving.wait(0.02)

    def _answers(self) -> bool:
        host = OWN_ADDRESS.get(self.settings.host, self.settings.host)
        connection = http.client.HTTPConnection(host, self.settings.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _sandbox_listens(self) -> bool:
        if all(child.name != "sandbox" for child in self._children):
            return True
        address = urlsplit(self.plaid_url or "")
        try:
            with socket.create_connection((address.hostname or "", address.port or 0), timeout=5):
                return True
        except OSError:
            return False

    def _announce(self) -> None:
        home, url = self.settings.home, self.settings.base_url
        running.announce(home, running.Running(os.getpid(), url, self.plaid_url))
        if self.settings.plaid_env == "local":
            bank = f"made-up banks of the local Plaid stand-in ({self.plaid_url})"
        else:
            where = f" at {self.plaid_url}" if self.plaid_url else ""
            bank = f"Plaid{where}, environment {self.settings.plaid_env}"
        database = "at DATABASE_URL" if self._server is None else str(self._server.data_dir)
        _say(
            f"\nStrongroom is running at {url}\n\n"
            f"  stop      press Ctrl-C here\n"
            f"  data      {home}\n"
            f"  database  {database}\n"
            f"  logs      {home / 'logs'}\n"
            f"  banks     {bank}\n"
        )
        if self.settings.host in OWN_ADDRESS and self.settings.public_url is None:
            _say(
                "Other machines reach it too: set STRONGROOM_URL to the address they use, and put"
                " TLS in front.\n"
            )

    def _watch(self) -> None:
        mend_at = time.monotonic() + _MEND_SECONDS
        while not self.leaving.wait(_WATCH_SECONDS):
            for child in self._children:
                self._keep_up(child)
            if self._server is not None and time.monotonic() > mend_at:
                self._mend()
                mend_at = time.monotonic() + _MEND_SECONDS

    def _keep_up(self, child: Child) -> None:
        """Start a child again that ended, once its pause is over; nothing else waits for that."""
        if child.exit_code is None:
            return
        now = time.monotonic()
        if child.start_at is None:
            if now - child.began > _WELL_SECONDS:
                child.restarts = 0
            pause = min(0.5 * 2**child.restarts, _LONGEST_PAUSE_SECONDS)
            child.restarts += 1
            child.start_at = now + pause
            _say(
                f"The {child.name} process ended ({_exit(child.exit_code)}); "
                f"starting it again in {pause:g} s. Its log is {child.log}."
            )
        elif now >= child.start_at:
            child.start_at = None
            child.wait(0)
            child.start()
            child.go()

    def _mend(self) -> None:
        if self._server is None:
            return
        try:
            if self._server.mend():
                _say("The database server had ended; it is back.")
            self._trouble = ""
        except postgres.PostgresUnavailable as error:
            if error.message != self._trouble:  # tried again and again, told once
                _say(f"{error.message} {error.hint or ''}")
            self._trouble = error.message

    def _stop(self) -> None:
        running.withdraw(self.settings.home)
        serving = [child for child in self._children if child.name != "sandbox"]
        rest = [child for child in self._children if child.name == "sandbox"]
        for group in (serving, rest):
            deadline = time.monotonic() + STOP_SECONDS
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.wait(deadline - time.monotonic())
        if self._server is not None:
            self._server.release()


class _stopping_on_signals:  # noqa: N801 - reads as what it does: with _stopping_on_signals(...)
    """Sets an event on Ctrl-C, SIGTERM or SIGHUP, while it is entered."""

    def __init__(self, event: threading.Event) -> None:
        self._event = event
        self._before: dict[int, object] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._heard)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _heard(self, number: int, _frame: object) -> None:
        if not self._event.is_set() and number == signal.SIGINT:
            _say("\nStopping ...")
        self._event.set()


def _cannot_write(home: Path, error: OSError) -> DidNotStart:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DidNotStart(
            f"The disk that holds {home} is full.",
            hint="Free some space and start again; nothing that was saved is lost.",
        )
    return DidNotStart(
        f"{error.filename or home} cannot be used: {error.strerror or error}.",
        hint="Set STRONGROOM_HOME to a directory that you may write to.",
    )


def _port_after(port: int) -> int:
    return port + 1 if port < 65535 else 0


def _already(home: Path) -> AlreadyRunning:
    found = running.find(home)
    where = "is starting up" if found is None else f"runs at {found.url} (process {found.pid})"
    return AlreadyRunning(
        f"Strongroom with the data in {home} already {where}.",
        hint="Use that one, stop it first, or set STRONGROOM_HOME to run another beside it.",
    )


def _exit(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
