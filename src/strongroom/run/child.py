"""The first lines of every child of ``strongroom run``: it never outlives its parent.

``python -m strongroom.run.child FD MODULE ...`` loads the module at once, waits on the pipe ``FD``
for leave to begin, and runs what ``python -m MODULE ...`` would. When the pipe closes, the parent
is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import os
import runpy
import signal
import sys
import threading
from types import ModuleType

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Run one child; returns its exit code."""
    pipe, module = int(arguments[0]), arguments[1]
    _die_with_parent()
    os.umask(0o077)  # what it writes is its owner's alone
    loaded = _load(module)
    if os.read(pipe, 1) != b"g":
        return 0
    threading.Thread(target=_watch, args=(pipe,), daemon=True).start()
    sys.argv = [module, *arguments[2:]]
    if hasattr(loaded, "__path__"):  # a package: its __main__ is not loaded yet
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return 0
    return int(loaded.main() or 0)


def _load(module: str) -> ModuleType:
    """Import a module without looking for garbage meanwhile: a seventh of the time for the web.

    What is loaded stays until the end, so that no later search need look at it either.
    """
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _die_with_parent() -> None:
    """Ask Linux for SIGKILL at the parent's death: what a commit promised survives that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _watch(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
