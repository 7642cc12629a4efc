"""The program's commands, run as a person runs them, each in a process of its own.

To start Python and load a command is 0.7 s of a processor, and tests run hundreds. So one process
loads them all once and then forks for each: the arguments, the environment and the three streams
are the new process's own, and its exit code is the answer. What must be seen from a bare start
(what a command loads, signals, a terminal) tests start themselves.

As a program (``python -m tests.commands PLACE``) it is that process; it ends with its standard
input.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from tests.processes import wait_until

_STREAMS = 3
_MOST = 1 << 20


def strongroom(
    *words: str, environment: Mapping[str, str], given: str = "", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run ``strongroom`` with these words in this environment, and nobody at a terminal.

    ``given`` is what it may read. Raises ``subprocess.TimeoutExpired``.
    """
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
        socket.socket(socket.AF_UNIX) as asked,
    ):
        stdin.write(given.encode())
        stdin.seek(0)
        asked.settimeout(timeout)
        asked.connect(_forker())
        order = {"words": words, "environment": dict(environment), "cwd": os.getcwd()}
        socket.send_fds(asked, [b"\0"], [one.fileno() for one in (stdin, stdout, stderr)])
        asked.sendall(json.dumps(order).encode())
        asked.shutdown(socket.SHUT_WR)
        code = _ended(asked, words, timeout)
        said = []
        for stream in (stdout, stderr):
            stream.seek(0)
            said.append(stream.read().decode())
    return subprocess.CompletedProcess(["strongroom", *words], code, *said)


def unconfigured() -> dict[str, str]:
    """Return this process's environment without what configures Strongroom."""
    return {name: text for name, text in os.environ.items() if not name.startswith("STRONGROOM")}


def _ended(asked: socket.socket, words: tuple[str, ...], timeout: float) -> int:
    """Wait for a command's end; return its exit code."""
    pid = 0
    try:
        pid = _answer(asked)
        return _answer(asked)
    except TimeoutError:
        if pid:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired(words, timeout) from None


def _answer(asked: socket.socket) -> int:
    told = asked.recv(8)
    assert len(told) == 8, "the process that forks has ended"
    return int.from_bytes(told, signed=True)


@cache
def _forker() -> str:
    """Start the process that forks; return the socket it listens at."""
    directory = tempfile.mkdtemp(prefix="strongroom-commands-", dir="/tmp")
    place = str(Path(directory) / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.commands", place],
        cwd=Path(__file__).parents[1], env=unconfigured(), stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip

    def is_ready() -> bool:
        assert process.poll() is None, "the process that forks did not start"
        return Path(place).exists()

    wait_until(is_ready, "commands are loaded", seconds=120)

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)
        Path(place).unlink(missing_ok=True)
        Path(directory).rmdir()

    atexit.register(end)
    return place


def _serve(place: str) -> None:
    from strongroom import cli

    for module in sorted({one.module for one in cli.COMMANDS.values()}):
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how those that serve ended
    with socket.socket(socket.AF_UNIX) as door:
        unready = f"{place}.unready"
        door.bind(unready)
        door.listen(16)
        Path(unready).rename(place)
        while True:
            ready, _, _ = select.select([door, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            asked, _ = door.accept()
            if not os.fork():
                door.close()
                _attend(asked)
            asked.close()


def _attend(asked: socket.socket) -> NoReturn:
    """Run what is asked in a process of its own and tell its id, then how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(asked, 1, _STREAMS)
    told = b""
    while part := asked.recv(_MOST):
        told += part
    pid = os.fork()
    if not pid:
        asked.close()
        _become(told, streams)
    asked.sendall(pid.to_bytes(8, signed=True))
    _, status = os.waitpid(pid, 0)
    asked.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, signed=True))
    os._exit(0)


def _become(told: bytes, streams: list[int]) -> NoReturn:
    """Be the command: its words, environment, directory and streams, and then its end."""
    code: object = 1
    try:
        order = json.loads(told)
        os.setsid()  # so that what it starts can be ended with it
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, errors="backslashreplace")  # noqa: SIM115
        os.chdir(order["cwd"])
        os.environ.clear()
        os.environ.update(order["environment"])
        time.tzset()
        sys.argv = ["strongroom", *order["words"]]
        from strongroom import cli

        cli.main()
        code = 0
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            sys.stderr.write(code + "\n")
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _serve(sys.argv[1])
