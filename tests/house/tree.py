"""The files that are, or would be, in git: what house tests look at."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is not ignored, relative to the checkout."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(sorted(Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()))


def modules() -> tuple[Path, ...]:
    """Return our Python files but migrations, which are written by a command."""
    return tuple(file for file in files() if file.suffix == ".py" and "migrations" not in file.parts)


def text(file: Path) -> str | None:
    """Return a file's words, or nothing when it is not text."""
    content = (ROOT / file).read_bytes()
    return None if b"\0" in content else content.decode("utf-8", errors="strict")
