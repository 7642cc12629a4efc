"""Keeps one PostgreSQL server running while anyone uses it, and stops it with its last user.

Run as a program of its own, with the standard library only:
``python -I -S keeper.py ROOT POSTGRES SOCKET_DIR PORT UID``. Users hold a shared lock on
``ROOT/users.lock``; the system drops it even when a user is killed, so that no user is ever counted
by mistake. When the exclusive lock is to be had, nobody is left. As the server's parent the keeper
also reaps it, so that a dead server never looks alive, and starts it anew after a crash.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PATIENCE_SECONDS = 30.0
STOP_SECONDS = 60.0
_BEGINS = b"LOG:  starting PostgreSQL"  # the first line of each start in the server's own log
_PASSING = ("shared memory block", "lock file", "the database system is")
_PASSED_ON = ("PATH", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def postmaster_pid(data: Path) -> int | None:
    """The process id of the live server on ``data``, or None; a stale lock file is seen through."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if pid > 0 and _is_server(pid, data) else None


def is_ready(data: Path, pid: int) -> bool:
    """Whether the server ``pid`` on ``data`` says that it takes connections."""
    with contextlib.suppress(OSError):
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
    return False


def _is_server(pid: int, data: Path) -> bool:
    """Whether ``pid`` is alive, no zombie, and really the server on ``data``."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    process = Path(f"/proc/{pid}")
    if not process.exists():
        return not Path("/proc/self").exists()  # no /proc here: believe the lock file
    try:
        # After the name in brackets comes the state; a zombie has no command line either.
        state = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        command = (process / "cmdline").read_bytes().split(b"\0")
    except (OSError, IndexError):
        return False
    return state not in "ZX" and os.fsencode(data) in command


def last_words(root: Path) -> str:
    """What the server of ``root`` wrote since it was last started, before and in its own log."""
    began = root / "start.log"
    said = began.read_bytes()[-4000:] if began.exists() else b""
    with contextlib.suppress(OSError, ValueError):
        newest = max((root / "data" / "log").iterdir(), key=lambda path: path.stat().st_mtime)
        said += newest.read_bytes()[-4000:].rpartition(_BEGINS)[2]
    return said.decode("utf-8", "replace")


class Keeper:
    """The server of one data directory, from start to stop."""

    def __init__(self, root: Path, socket_dir: Path, command: list[str], uid: int | None) -> None:
        self.root = root
        self.socket_dir = socket_dir
        self.data = root / "data"
        self.command = command
        self.uid = uid
        self.alone = threading.Event()

    def keep(self) -> int:
        """Run the server until nobody uses it. Returns 0, or 1 if it cannot be kept running."""
        threading.Thread(target=self._wait_to_be_alone, daemon=True).start()
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not self.alone.is_set():
            began = time.monotonic()
            code = self._run_once()
            if self.alone.is_set():
                break
            if time.monotonic() - began > PATIENCE_SECONDS:  # it had been well for a time
                give_up = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > give_up or not self._may_pass(code):
                return 1
            time.sleep(0.2)
        pid = postmaster_pid(self.data)
        if pid is not None:  # an earlier keeper's, whose last user left before this one looked
            self._stop_when_alone(pid)
        return 0

    def _run_once(self) -> int:
        pid = postmaster_pid(self.data)
        if pid is not None:
            return self._watch(pid)
        self._clear_stale_lock()
        with (self.root / "start.log").open("wb") as log:
            # The server changes its user before the program starts, and hears no Ctrl-C of ours.
            server = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env={"LC_ALL": "C", **{n: os.environ[n] for n in _PASSED_ON if n in os.environ}},
                start_new_session=True,
                user=self.uid,
                group=self.uid,
                extra_groups=None if self.uid is None else [],
            )
        threading.Thread(target=self._stop_when_alone, args=(server.pid,), daemon=True).start()
        return server.wait()

    def _watch(self, pid: int) -> int:
        """Wait for a server that an earlier, killed keeper started."""
        threading.Thread(target=self._stop_when_alone, args=(pid,), daemon=True).start()
        while postmaster_pid(self.data) == pid:
            time.sleep(0.2)
        return -1

    def _wait_to_be_alone(self) -> None:
        users = os.open(self.root / "users.lock", os.O_RDWR)
        fcntl.flock(users, fcntl.LOCK_EX)  # held until this process ends
        self.alone.set()

    def _stop_when_alone(self, pid: int) -> None:
        self.alone.wait()
        for stop, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if not _is_server(pid, self.data):
                    return
                # Repeated, because a server that has just been started may not listen yet.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, stop)
                time.sleep(0.05 if stop == signal.SIGINT else 1.0)

    def _clear_stale_lock(self) -> None:
        """Remove the lock file of a server that is gone while its number lives on.

        PostgreSQL sees through a number that no process has, but not through one that is a zombie
        or was given to another process. Its shared memory still guards the data against servers
        whose parts are alive.
        """
        if Path("/proc/self").exists():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for lock in self.socket_dir.glob(".s.PGSQL.*.lock"):
                lock.unlink(missing_ok=True)

    def _may_pass(self, code: int) -> bool:
        if code < 0:
            return True
        return any(phrase in last_words(self.root) for phrase in _PASSING)


def _become_keeper(root: Path) -> bool:
    """Take the keeper's lock for good; others hold it only for the instant of a look."""
    lock = os.open(root / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(100):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(0.01)
    return False


def main(arguments: list[str]) -> int:
    """Keep the server that ``arguments`` describe; 3 means that another keeper does."""
    root, postgres, socket_dir, port, uid = arguments
    if not _become_keeper(Path(root)):
        return 3
    for unheeded in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(unheeded, lambda *_: None)  # its users decide when it ends
    command = [postgres, "-D", f"{root}/data", "-k", socket_dir, "-p", port]
    user = int(uid) if uid != "-" else None
    return Keeper(Path(root), Path(socket_dir), command, user).keep()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
