"""Places and small disks of a test's own, and the processes at work there, until they are gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

_IN_MEMORY = Path("/dev/shm")
_RARELY = 0.2  # seconds between two looks at what is awaited
_ROOM_WANTED = 6 * 2**30


def scratch() -> Path:
    """Where what need not outlive a run is kept: in memory where there is plenty, else on disk.

    A database of some ten megabytes is made for most tests, 0.02 s of work in memory; on a disk
    that others write to it took 0.2 to 0.8.
    """
    if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK | os.X_OK) and _may_run(_IN_MEMORY):
        room = shutil.disk_usage(_IN_MEMORY).free
        if min(room, psutil.virtual_memory().available) > _ROOM_WANTED:
            return _IN_MEMORY
    return Path("/tmp")  # not where TMPDIR says: a socket's path may have a hundred letters


def _may_run(place: Path) -> bool:
    """Whether programs may be run from there: the server's are copied beside its data."""
    return not os.statvfs(place).f_flag & os.ST_NOEXEC


@contextmanager
def throwaway(name: str, *, on_disk: bool = False) -> Iterator[Path]:
    """An empty directory, removed on leaving.

    Others may pass through it, as the database server's own user must when root starts it; that
    is why it is not pytest's.
    """
    within = Path("/tmp") if on_disk else scratch()
    directory = Path(tempfile.mkdtemp(prefix=f"strongroom-{name}-", dir=within))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def throwaway_home() -> Iterator[Path]:
    """A ``home`` that is not made yet, whose processes are ended and files removed."""
    with throwaway("home") as directory:
        try:
            yield directory / "home"
        finally:
            for process in processes_of(directory):
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def processes_of(directory: Path) -> list[psutil.Process]:
    """Every living process that works on files under ``directory``, or has its home there."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and _belongs_to(process, str(directory)):
                found.append(process)
    return found


def _belongs_to(process: psutil.Process, directory: str) -> bool:
    return (
        any(part.startswith(directory) for part in process.cmdline())
        or process.cwd().startswith(directory)
        or process.environ().get("STRONGROOM_HOME", "").startswith(directory)
    )


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Ask again and again until ``condition`` holds; fail, saying ``what`` was awaited.

    Ever more rarely: who asks takes the processors from what is awaited.
    """
    deadline, pause = time.monotonic() + seconds, 0.01
    while not condition():
        assert time.monotonic() < deadline, f"still waiting until {what}"
        threading.Event().wait(pause)
        pause = min(pause * 1.5, _RARELY)


@contextmanager
def small_disk(directory: Path, size: str) -> Iterator[Path]:
    """A disk of ``size`` (such as ``130m``) mounted at ``directory``; skips where none can be."""
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", str(directory)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("only root, outside of most containers, can mount a small disk")
    try:
        yield directory
    finally:
        for process in processes_of(directory):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        subprocess.run(["umount", "-l", str(directory)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Leave no byte free on ``disk`` meanwhile."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)
    try:
        yield
    finally:
        ballast.unlink()
