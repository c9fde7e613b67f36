"""How anybody verifies what was published by exception: our command, stock OpenSSH, the page from disk."""

import json
import subprocess
import sys
import zipfile
from base64 import b64decode
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pipelines import digest
from pipelines.proof import envelope, exception, sshsig
from tests.stack import Running

ROOT = Path(__file__).resolve().parents[2]
UNTIL_WITNESSED_S = 150  # a checkpoint is signed each minute, and cosigned within the next


def verify_everywhere(page: Page, shelf: str, *, stack: Running, browser: Browser, folder: Path) -> None:
    """Download the release's evidence, and have it judged by our command, OpenSSH and the page in it."""
    page.goto(shelf)
    file = folder / "evidence.zip"
    file.write_bytes(
        downloaded(page, str(page.get_by_role("link", name="Evidence").first.get_attribute("href")))
    )
    root = root_of(stack)
    ran = judged(file, root)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    spoilt = bytearray(file.read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    (folder / "spoilt.zip").write_bytes(spoilt)
    assert judged(folder / "spoilt.zip", root).returncode != 0
    with zipfile.ZipFile(file) as archive:
        (signed,) = (archive.read(one) for one in archive.namelist() if one.startswith("exceptions/"))
        archive.extract("index.html", folder)
        item = json.loads(archive.read("published/item.json"))
    (named,) = item["properties"]["kfm:exceptions"]
    assert (named["gates"], named["statement"]) == (
        ["cells", "score"],
        digest.of(envelope.read(signed).payload),
    )
    verify_by_openssh(page, signed, ("governance-2",), folder)
    context = browser.new_context()
    shown = context.new_page()
    shown.goto((folder / "index.html").as_uri())
    shown.locator("html[data-checked]").wait_for()
    shown.get_by_label("Fingerprint of the root key").fill(root)
    shown.keyboard.press("Tab")
    shown.locator('#verdict[data-state="good"]').wait_for()
    assert shown.locator('#checks > [data-holds="false"]').count() == 0
    context.close()


def downloaded(page: Page, address: str) -> bytes:
    """Download evidence as soon as a witness has seen the last line it encloses."""
    for _ in range(UNTIL_WITNESSED_S):
        got = page.context.request.get(address)
        if got.ok:
            return got.body()
        assert "try again in two minutes" in got.text()
        page.wait_for_timeout(1000)
    pytest.fail(f"No evidence was there after {UNTIL_WITNESSED_S} seconds.")


def root_of(stack: Running) -> str:
    return stack.manage("roster", "show").split("root ")[1].split(",")[0]


def judged(file: Path, root: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipelines.cli", "verify", str(file), "--root", root]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={"PATH": ""})


def verify_by_openssh(page: Page, signed: bytes, people: tuple[str, ...], folder: Path) -> None:
    (folder / "allowed").write_bytes(page.context.request.get("/keys/roster/allowed_signers").body())
    said, made = envelope.read(signed).signed, json.loads(signed)["signatures"]
    assert len(made) == len(people)
    for one, who in zip(made, people, strict=True):
        (folder / "sig").write_text(sshsig.armored(b64decode(one["sig"])))
        words = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-s", "sig"]
        words += ["-I", f"person:{who}", "-n", exception.NAMESPACE]
        for content, good in ((said, True), (said + b" ", False)):
            ran = subprocess.run(words, cwd=folder, input=content, capture_output=True, check=False)
            assert (ran.returncode == 0) is good, ran.stderr
