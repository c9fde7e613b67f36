"""Find a Chromium for the tests that need a browser; as root, ask the system's package manager for one."""

import os
import shutil
import subprocess
from pathlib import Path

from kfm_review.local.refusal import NotStarted

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PLAYWRIGHTS = "ms-playwright/chromium-*/chrome-linux*/chrome"
HOW = "install Debian's chromium (apt-get install chromium), or set KFM_CHROMIUM to the program"


def find() -> Path | None:
    """Return the Chromium that was named, or the system's, or Playwright's own, or none."""
    if named := os.environ.get("KFM_CHROMIUM"):
        if not Path(named).is_file():
            raise NotStarted(f"KFM_CHROMIUM is {named}, and there is no such program: {HOW}.")
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return max(cache.glob(PLAYWRIGHTS), default=None)


def install() -> Path | None:
    """Return a Chromium, installed if this may be done here."""
    apt = shutil.which("apt-get")
    if (found := find()) or not apt or os.geteuid() != 0:
        return found
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run([apt, *words], env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603  # fixed words
    return find()


def provide(*, strict: bool) -> tuple[Path | None, str]:
    """Return a Chromium and what to tell about it; where tests are `strict`, it must be there."""
    found = install()
    if found:
        return found, ""
    if strict:
        raise NotStarted(f"There is no Chromium, and with CI=true the browser tests must run: {HOW}.")
    return None, f"There is no Chromium, so the browser tests are skipped: {HOW}."
