"""What a bare machine lacks (`.venv`, front-end packages, base map), built with the standard library alone.

Each part is stamped with the digest of what it was made from and is left alone while that is unchanged.
"""

from __future__ import annotations  # any Python may read this file, if only to say that it is the wrong one

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from kfm_review.local import given
from kfm_review.local.leash import leash

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "infra" / "locks" / "dev.txt"
NODE_LOCK = ROOT / "infra" / "locks" / "node.txt"
STATIC = ROOT / "static"
WANTED = (3, 11)
OURS = frozenset({"up", "test"})  # these need everything; other commands only need Django
ASK_A_STACK = frozenset({"audit", "people", "policy", "roster", "shell", "dbshell"})
HELP = frozenset({"-h", "--help"})
ALONE = frozenset({"init", "next", "sign", "build"})  # what is done away from any stack
BUILD_MB = 3000


def settle(argv: list[str]) -> None:
    """Return in a Python that has everything; build it, and start over in it, when this one has not."""
    if sys.version_info[:2] != WANTED:
        sys.exit(wrong_python())
    if os.environ.get("KFM_NO_BOOTSTRAP") == "1":
        return
    if faults := list(given.faults(os.environ)):
        sys.exit("\n".join(faults))
    inside = PYTHON.exists() and Path(sys.prefix).resolve() == VENV.resolve()
    command = argv[1] if len(argv) > 1 else ""
    if command not in OURS:
        join(argv)
        if not inside and importlib.util.find_spec("django"):
            return
    try:
        build()
    except KeyboardInterrupt:
        sys.exit("Stopped; run the same command again to go on.")
    if not inside:
        sys.stdout.flush()
        os.execv(PYTHON, [str(PYTHON), *argv])  # noqa: S606  # no shell is wanted


def join(argv: list[str]) -> None:
    """Tell a command about the stack that runs here, unless it was told of another; without any, some end."""
    file = ROOT / "var" / "environment.json"
    if "KFM_ENV" not in os.environ and _is_held(ROOT / "var" / "lock") and os.access(file, os.R_OK):
        for name, word in json.loads(file.read_text()).items():
            os.environ.setdefault(name, word)
    if ASK_A_STACK & set(argv[1:2]) and not (HELP | ALONE) & set(argv) and not os.environ.get("DATABASE_URL"):
        sys.exit("No stack runs in this checkout: start `python3 manage.py up` first, or set DATABASE_URL.")


def wrong_python() -> str:
    """Say in one sentence which Python is needed and how to take it."""
    wanted, have = ".".join(map(str, WANTED)), ".".join(map(str, sys.version_info[:3]))
    there = shutil.which(f"python{wanted}")
    remedy = f"start it as {there} manage.py …" if there else f"install python{wanted} and start it with that"
    return f"KFM Review needs Python {wanted} and this is {have}: {remedy}."


def build() -> None:
    """Bring every part up to date; do nothing, and say nothing, when all are."""
    parts = (
        (VENV, venv_stamp, make_venv),
        (STATIC / "node_modules", node_stamp, make_node_modules),
        (STATIC / "basemap", basemap_stamp, make_basemap),
    )
    if all(_is_current(folder, stamp()) for folder, stamp, _ in parts):
        return
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for folder, stamp, make in parts:
            if not _is_current(folder, stamp()):
                make()
                (folder / ".kfm-stamp").write_text(stamp())


def venv_stamp() -> str:
    """Name what `.venv` is made of, and where it stands: its scripts hold that path."""
    return f"{_digest(LOCK)} {VENV}"


def node_stamp() -> str:
    """Name what the front-end packages are made of."""
    return _digest(STATIC / "package-lock.json")


def basemap_stamp() -> str:
    """Name what the base map is made of."""
    return _digest(STATIC / "package-lock.json", LOCK, ROOT / "kfm_review" / "local" / "basemap.py")


def make_venv() -> None:
    """Build `.venv` from the lock, every package checked against its hash."""
    if _move_venv():
        return
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < BUILD_MB:
        sys.exit(f"The disk of {ROOT} has {free} MB left and .venv needs {BUILD_MB}: make room first.")
    if not PYTHON.exists() or not (VENV / "lib" / "python{}.{}".format(*WANTED)).is_dir():
        say("Building .venv (once; a few minutes, most of it downloads)")
        shutil.rmtree(VENV, ignore_errors=True)
        _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], why="The virtual environment failed")
    install(LOCK)


def install(lock: Path) -> None:
    """Install exactly what a lock names, and count the packages as they come."""
    total = sum("==" in line for line in lock.read_text().splitlines())
    options = [
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command = [*_pip(), "install", *options, "--progress-bar", "off", "-r", str(lock)]
    _run(command, why="The Python packages could not be installed", packages=total)


def make_node_modules() -> None:
    """Fetch the front-end packages of the lock; without Node, a wheel brings npm."""
    say("Fetching front-end packages (once)")
    command = [shutil.which("npm") or ""]
    environment = dict(os.environ)
    if not command[0] or not shutil.which("node"):
        say("  this machine has no Node: taking it from a wheel")
        install(NODE_LOCK)
        command = [str(VENV / "bin" / "npm")]
        environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    _run(
        [*command, "ci"],
        why="The front-end packages could not be installed",
        cwd=STATIC,
        environment=environment,
    )


def make_basemap() -> None:
    """Draw the base map from packages that are there by now."""
    say("Drawing the base map")
    _run([str(PYTHON), "-m", "kfm_review.local.basemap"], why="The base map could not be drawn")


def say(words: str) -> None:
    """Tell the person who waits what is going on."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def _is_held(lock: Path) -> bool:
    """Say whether the stack that wrote its process id there still lives."""
    words = lock.read_text().split() if lock.is_file() else []
    return len(words) > 1 and (Path("/proc") / words[1]).exists()


def _is_current(folder: Path, stamp: str) -> bool:
    file = folder / ".kfm-stamp"
    if folder == VENV and not PYTHON.exists():
        return False
    return file.is_file() and file.read_text() == stamp


def _digest(*files: Path) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _move_venv() -> bool:
    """Point the scripts of a `.venv` that came along with a moved checkout at its new place."""
    stamp = VENV / ".kfm-stamp"
    lock, _, place = stamp.read_text().partition(" ") if stamp.is_file() else ("", "", "")
    if not place or place == str(VENV) or lock != _digest(LOCK) or not PYTHON.exists():
        return False
    say(f"This checkout was moved here from {Path(place).parent}: pointing .venv at its new place")
    for script in (VENV / "bin").iterdir():
        content = script.read_bytes() if script.is_file() and not script.is_symlink() else b""
        if place.encode() in content and b"\0" not in content:
            script.write_bytes(content.replace(place.encode(), str(VENV).encode()))
    return True


def _pip() -> list[str]:
    """Return how to call pip for `.venv`: its own, or that of the Python which runs this."""
    probe = [str(PYTHON), "-m", "pip", "--version"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:  # noqa: S603  # our own Python
        return [str(PYTHON), "-m", "pip"]
    if importlib.util.find_spec("ensurepip"):
        _run([str(PYTHON), "-m", "ensurepip", "--default-pip"], why="pip could not be set up")
        return [str(PYTHON), "-m", "pip"]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    sys.exit(
        "This Python has neither pip nor ensurepip: install python3-venv (or python3-pip) and try again."
    )


def _run(
    command: list[str],
    *,
    why: str,
    cwd: Path = ROOT,
    environment: dict[str, str] | None = None,
    packages: int = 0,
) -> None:
    """Run one step; show how far it is, and on failure why it ended and the last it said."""
    lines: list[str] = []
    done = 0
    with subprocess.Popen(  # noqa: S603  # the commands are the ones above
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=leash(signal.SIGTERM),  # noqa: PLW1509  # there are no threads here
    ) as step:
        for line in step.stdout or ():
            lines.append(line)
            if packages and line.startswith("Collecting "):
                done += 1
                if done % 20 == 0 or done == packages:
                    say(f"  {done} of {packages} packages")
    if step.returncode:
        remedy = "The first start needs a network; mend what is said above and run the same command again."
        sys.exit(f"{''.join(lines[-15:])}\n{why}. {remedy}")
