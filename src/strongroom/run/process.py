"""One child process: started behind a gate, its output kept in a log file, stopped in order.

Nothing secret is in its arguments: it reads its settings from the environment.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LOG_BYTES = 5_000_000
_OLD_LOGS = 3


class _Log(RotatingFileHandler):
    """A log file that never stops what is being logged: on a full disk lines are lost instead."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=_LOG_BYTES,
            backupCount=_OLD_LOGS,
            encoding="utf-8",
            errors="replace",
            delay=True,
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Go on."""


class Child:
    """A child by name; ``command`` is a module and its arguments.

    ``start_at`` is when to start it again (a reading of ``time.monotonic``) once it has ended.
    ``start`` it, let it ``go`` when what it needs is there, ``ask_to_stop``, and ``wait``.
    """

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self.restarts = 0
        self.began = 0.0
        self.start_at: float | None = None
        self.last_lines: deque[str] = deque(maxlen=40)
        self._command = list(command)
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._gate: int | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        """Start the process; it loads its code and waits at the gate."""
        outside, inside = os.pipe()
        try:
            # A session of its own: Ctrl-C reaches the parent alone, which stops all in order.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "strongroom.run.child", str(outside), *self._command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment,
                pass_fds=(outside,),
                start_new_session=True,
            )
        finally:
            os.close(outside)
        self._gate = inside
        self.began = time.monotonic()
        self._reader = threading.Thread(target=self._keep_output, daemon=True)
        self._reader.start()

    def go(self) -> None:
        """Let the process begin."""
        if self._gate is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._gate, b"g")

    @property
    def exit_code(self) -> int | None:
        """None while it runs (or was never started); negative: ended by that signal."""
        return None if self._process is None else self._process.poll()

    @property
    def pid(self) -> int | None:
        """Its process id, once started."""
        return None if self._process is None else self._process.pid

    def ask_to_stop(self) -> None:
        """Send SIGTERM: finish what is under way, take nothing new."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait until it has ended; after ``seconds`` it is killed, with all it started."""
        if self._process is None:
            return
        try:
            self._process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._close()

    def says(self) -> str:
        """The last line it wrote, for a person who asks why it ended."""
        if self._reader is not None and self.exit_code is not None:
            self._reader.join(timeout=2)
        return next((line for line in reversed(self.last_lines) if line.strip()), "")

    def _close(self) -> None:
        if self._gate is not None:
            os.close(self._gate)
            self._gate = None
        if self._reader is not None:
            self._reader.join(timeout=2)

    def _keep_output(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        with contextlib.suppress(OSError):
            self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with process.stdout as output, contextlib.closing(_Log(self.log)) as keep:
            for raw in output:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                self.last_lines.append(line)
                keep.emit(logging.makeLogRecord({"msg": line, "levelno": logging.INFO}))
