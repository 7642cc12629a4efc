"""The compiled engine of simulations: where its code lies, how it comes about and is called.

Compiling takes seconds and a hundred megabytes: another process does it, once on a machine, and
what it made is loaded in milliseconds. Knows the layout of what the code takes, not its meaning.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from strongroom.core.errors import Unavailable
from strongroom.ui import N_

LANES: Final = 256
"""So many paths are a block."""
(
    DRIFT, SWING, REST, SHORT, HELD, INCOME, INCOME_SD, SPENDING, SPENDING_SD, CHANCE, LEAST, SPAN,
    INFLATION, INFLATION_SD, RAISE, RAISE_SD, PROMOTED, PROMOTION, PROMOTION_SD, START, FREE, CAP,
    TODAY,
) = range(23)  # fmt: skip
"""The places of the parameters."""
PARAMETERS: Final = 23
BITS: Final = 3
ROWS: Final = 10
"""Rows of LANES numbers of 32 bits that a worker needs as room: of random bits, and of paths."""
SYMBOL: Final = "strongroom_walk"

_KERNEL: Final = "strongroom.goals.simulation.kernel"
_ALIGNED: Final = 64  # bytes: what a processor takes at once must not lie across two lines
_DIGEST: Final = 32
_LONGEST_SECONDS: Final = 300

Walk = Callable[..., None]
"""Walks blocks ``first`` to ``last``; see ``kernel.walk``. Numbers, then addresses."""


class EngineCannotBeMade(Unavailable):
    """The engine of simulations could not be compiled here."""


class _CodeIsBroken(Exception):
    """What was kept is not what was made."""


def load(kept: Path | None) -> Walk:
    """Return the engine, as it was compiled before on such a machine, or compiled now.

    It lies beside the source, as Python's own compiled files do; where those may not be written,
    in the folder ``kept``; where there is none either, nowhere. Raises ``EngineCannotBeMade``.
    """
    files = _files(kept)
    for file in files:
        with suppress(OSError, _CodeIsBroken):
            return _linked(_read(file))
    for file in files:
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            if os.access(file.parent, os.W_OK):
                return _made(file)
    with tempfile.TemporaryDirectory() as folder:
        return _made(Path(folder) / "engine.o")


def is_made(kept: Path | None) -> bool:
    """Return whether the engine of this source and this machine was compiled before."""
    return any(file.exists() for file in _files(kept))


def keep(file: Path, code: bytes) -> None:
    """Write compiled code with its digest before it, all or nothing."""
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".new", delete=False) as new:
        new.write(sha256(code).digest() + code)
    Path(new.name).chmod(0o644)  # others on this machine may run it too
    Path(new.name).replace(file)


def machine() -> Any:
    """Return LLVM's picture of the processor that this runs on."""
    llvm = _llvm()
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(),
        opt=3, reloc="pic", codemodel="default",
    )  # fmt: skip


def _llvm() -> Any:
    import llvmlite.binding

    return llvmlite.binding


def _files(kept: Path | None) -> list[Path]:
    beside = Path(__file__).with_name("__pycache__")
    return [folder / _name() for folder in (beside, kept) if folder is not None]


@cache
def _name() -> str:
    """Return a name that changes with all that decides the code."""
    llvm = _llvm()
    source = Path(__file__).with_name("kernel.py").read_bytes()
    facts = [
        llvm.get_default_triple(), llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(), version("numba"), version("llvmlite"),
        source + Path(__file__).read_bytes(),
    ]  # fmt: skip
    return f"simulation.{sha256(repr(facts).encode()).hexdigest()[:32]}.o"


def _made(file: Path) -> Walk:
    """Compile the engine, unless another process does just now: then wait for what it makes."""
    with file.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with suppress(OSError, _CodeIsBroken):
            return _linked(_read(file))
        _make(file)
    try:
        return _linked(_read(file))
    except (RuntimeError, _CodeIsBroken) as error:
        raise _cannot(str(error)) from error


def _read(file: Path) -> bytes:
    kept = file.read_bytes()
    if sha256(kept[_DIGEST:]).digest() != kept[:_DIGEST]:
        raise _CodeIsBroken
    return kept[_DIGEST:]


def _make(file: Path) -> None:
    try:
        subprocess.run(
            [sys.executable, "-m", _KERNEL, str(file)],
            stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=_LONGEST_SECONDS,
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise _cannot(said.rpartition("\n")[2][:300]) from error


def _cannot(why: str) -> EngineCannotBeMade:
    return EngineCannotBeMade(
        N_("The engine of simulations could not be compiled on this machine."), hint=why or None
    )


def _linked(code: bytes) -> Walk:
    """Return a call that gives way to other threads of Python while it runs."""
    llvm = _llvm()
    linker = llvm.create_lljit_compiler(machine())
    library = llvm.JITLibraryBuilder().add_object_img(code).export_symbol(SYMBOL)
    linked = library.link(linker, "simulations")
    address = linked[SYMBOL]
    # The code stays as long as this process, whatever ends before it.
    linked.detach()
    linker.detach()
    # As Numba passes arguments: first where a result and an error would go, and there is neither.
    called = ctypes.CFUNCTYPE(
        ctypes.c_int32, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 4, *[ctypes.c_void_p] * 9
    )(address)

    def walk(*given: int) -> None:
        room = ctypes.create_string_buffer((BITS + ROWS) * LANES * 4 + 2 * _ALIGNED)
        start = ctypes.addressof(room)
        bits = -(-(start + _ALIGNED) // _ALIGNED) * _ALIGNED
        called(start, start, *given, bits, bits + BITS * LANES * 4)

    return walk
