"""Makes ``.venv`` with exactly the locked packages, using nothing but Python's standard library.

``python3 bootstrap.py run`` installs what the program needs, ``dev`` what its checks need as well,
and ``test`` also asks the system for the programs that tests use, where that is possible. A stamp
makes the next call a matter of milliseconds, without a network. It knows no package index: pip's
and uv's own settings decide where packages come from, and the hashes in the locks decide whether
they are right.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
BUILD_LOCK = ROOT / "requirements-build.lock"  # for packages that come as source only
# What tests use of the system, and the Debian packages that bring it.
TEST_PROGRAMS = {
    "chromium": ("chromium", "fonts-dejavu-core"),
    "hledger": ("hledger",),
    "ledger": ("ledger",),
}
OLDEST = (3, 11)


class SetUpFailed(Exception):
    """What went wrong, and what to do about it."""


def main(arguments: list[str]) -> int:
    """Set up ``run``, ``dev`` or ``test``; returns the exit code."""
    wanted = arguments[0] if arguments else "run"
    if wanted not in ("run", "dev", "test"):
        print("usage: python3 bootstrap.py [run|dev|test]", file=sys.stderr)
        return 2
    try:
        with Path(__file__).open("rb") as lock:  # two `make` at once take turns
            fcntl.flock(lock, fcntl.LOCK_EX)
            set_up("run" if wanted == "run" else "dev")
            if wanted == "test":
                install_system_packages()
    except SetUpFailed as error:
        print(f"\nSetting up failed. {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


def set_up(kind: str) -> None:
    """Bring ``.venv`` to the lock of ``kind``, unless its stamp says that it is there."""
    if any(is_current(known) for known in (("run", "dev") if kind == "run" else ("dev",))):
        return
    if sys.version_info < OLDEST:
        raise SetUpFailed(
            f"Strongroom needs Python {OLDEST[0]}.{OLDEST[1]} or newer; "
            f"this is {sys.version.split()[0]}."
        )
    print("Setting up .venv (only the first time, and when the locks change) ...", flush=True)
    for known in LOCKS:
        stamp(known).unlink(missing_ok=True)
    if not runs(PYTHON):
        make_environment()
    install(LOCKS[kind])
    make_importable()
    stamp(kind).write_text(fingerprint(kind), encoding="utf-8")


def stamp(kind: str) -> Path:
    """The file that says which lock ``.venv`` was made from."""
    return VENV / f".installed-{kind}"


def fingerprint(kind: str) -> str:
    """What ``.venv`` depends on: the locks, where it lies, and the Python under it."""
    digest = hashlib.sha256(LOCKS[kind].read_bytes() + BUILD_LOCK.read_bytes())
    digest.update(os.fsencode(ROOT))
    with_python = (VENV / "pyvenv.cfg").read_bytes() if (VENV / "pyvenv.cfg").is_file() else b""
    digest.update(with_python)
    return digest.hexdigest()


def is_current(kind: str) -> bool:
    """Whether ``.venv`` was made from the lock of ``kind`` as it is now, and still runs."""
    made = stamp(kind)
    return made.is_file() and made.read_text("utf-8") == fingerprint(kind) and PYTHON.exists()


def runs(python: Path) -> bool:
    """Whether ``python`` starts, is new enough and has pip."""
    check = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    try:
        done = subprocess.run([python, "-c", check], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def make_environment() -> None:
    """Make an empty ``.venv`` with pip in it."""
    if not has_ensurepip():
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if may_use_apt():
            print(f"Installing {package} with apt-get ...", flush=True)
            apt_get("update")
            apt_install(package)
        if not has_ensurepip():
            raise SetUpFailed(
                "This Python cannot make virtual environments: its system ships that part apart.\n"
                f"Debian, Ubuntu:  sudo apt-get install {package}\n"
                "then run the same command again."
            )
    # From inside an old .venv that no longer serves, go back to the Python it was made with.
    base = getattr(sys, "_base_executable", None) or sys.executable
    done = subprocess.run([base, "-m", "venv", "--clear", VENV], check=False)
    if done.returncode:
        raise SetUpFailed(f"Making {VENV} failed (see above). Is the disk full or read-only?")


def has_ensurepip() -> bool:
    """Whether this Python can put pip into a new environment."""
    ask = [sys.executable, "-c", "import ensurepip, venv"]
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


def install(lock: Path) -> None:
    """Install exactly what ``lock`` names, each file checked against its hash."""
    environment = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_COMPILE_BYTECODE": "1",  # else the first start pays for it
        "PIP_BUILD_CONSTRAINT": str(BUILD_LOCK),
    }
    environment.setdefault("UV_SYSTEM_CERTS", "1")  # a network may have authorities of its own
    environment.setdefault("UV_HTTP_RETRIES", "1")  # pip is there to try again, more patiently
    if not os.environ.get("HOME") or not os.access(os.environ["HOME"], os.W_OK):
        environment["UV_CACHE_DIR"] = str(VENV / ".uv-cache")
    uv = get_uv()
    if uv is not None:
        command: list[str | Path] = [uv, "pip", "sync", "--quiet", "--require-hashes"]
        command += ["--python", PYTHON, "--build-constraints", BUILD_LOCK, lock]
        if subprocess.run(command, env=environment, check=False).returncode == 0:
            return
        print("uv could not install the packages; trying pip ...", flush=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--no-deps", "-r", lock]
    if subprocess.run(command, env=environment, check=False).returncode:
        raise SetUpFailed(
            "Some packages could not be installed (see above). If the network was away or the "
            "disk full, mend that and run the same command again."
        )


def get_uv() -> Path | None:
    """The path of uv, installed at the locked version; None if it cannot be had."""
    block = locked_block("uv")
    place = VENV / ".uv"
    uv = place / "bin" / "uv"
    wanted = VENV / ".uv-requirement"
    if uv.exists() and wanted.is_file() and wanted.read_text("utf-8") == block:
        return uv
    wanted.write_text(block, encoding="utf-8")
    shutil.rmtree(place, ignore_errors=True)
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--require-hashes", "--no-deps"]
    command += ["--target", place, "-r", wanted]
    if subprocess.run(command, check=False).returncode or not uv.exists():
        wanted.unlink(missing_ok=True)
        return None
    return uv


def locked_block(name: str) -> str:
    """The lines of the development lock that pin one package with its hashes."""
    lines = LOCKS["dev"].read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = start + 1
    while end < len(lines) and lines[end].lstrip().startswith("--hash"):
        end += 1
    return "\n".join(lines[start:end]) + "\n"


def make_importable() -> None:
    """Let ``.venv`` import the program from ``src``, and put its command beside Python."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    Path(site.stdout.strip(), "strongroom-source.pth").write_text(f"{ROOT / 'src'}\n", "utf-8")
    command = VENV / "bin" / "strongroom"
    quoted = "'" + str(PYTHON).replace("'", "'\\''") + "'"
    command.write_text(f'#!/bin/sh\nexec {quoted} -m strongroom.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)


def install_system_packages() -> None:
    """Install the programs that tests use, where we may: each by itself, so that one can lack.

    What could not be had is noted, and not asked for again while nothing else is missing.
    """
    missing = [name for name in TEST_PROGRAMS if not shutil.which(name)]
    noted = VENV / ".lacking"
    known = noted.read_text("utf-8").split() if noted.exists() else []
    if missing and missing != known and may_use_apt():
        print(f"Installing {', '.join(missing)} with apt-get ...", flush=True)
        apt_get("update")  # where that fails, what the old lists name may still be had
        missing = [name for name in missing if not apt_install(*TEST_PROGRAMS[name])]
        noted.write_text(" ".join(missing), "utf-8")
    if missing:
        packages = " ".join(package for name in missing for package in TEST_PROGRAMS[name])
        print(f"Tests that need {' or '.join(missing)} will skip, for these are not here.")
        print(f"Debian, Ubuntu:  sudo apt-get install {packages}")


def may_use_apt() -> bool:
    """Whether packages of the system can be installed without asking anyone."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> bool:
    """Install packages of the system, by the lists it has; tells whether that went well."""
    return apt_get("install", "-y", "--no-install-recommends", *packages)


def apt_get(*words: str) -> bool:
    """Run apt-get, which asks nothing and gives up soon; tells whether that went well."""
    patience = ("-qq", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with Path(os.devnull).open("wb") as nowhere:
        done = subprocess.run(
            ["apt-get", *words, *patience], env=environment, stdout=nowhere, check=False
        )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
