"""A real browser's passkeys: enrolled, listed by a roster that another signed, and verified by OpenSSH."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipelines.proof import sshsig
from tests.journeys.conftest import Visit

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
needs_openssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")


def with_authenticator(page: Page) -> Page:
    """Give a browser a security key that answers by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def enrol(page: Page, name: str) -> None:
    page.goto("/keys/")
    page.get_by_role("button", name="Enrol a passkey…").click()
    sheet = page.get_by_role("dialog", name="Enrol a passkey")
    sheet.get_by_label("What it is called").fill(name)
    sheet.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/keys/roster/")
    expect(page.get_by_label("What waits")).to_contain_text(name)


def propose(page: Page) -> str:
    page.goto("/keys/roster/")
    page.get_by_role("button", name=re.compile("Propose roster")).click()
    page.wait_for_url("**/statements/**")
    return page.url


@needs_openssh
def test_from_a_first_key_to_a_roster_that_another_signed(visit: Visit, tmp_path: Path) -> None:
    first = with_authenticator(visit("governance", "/keys/"))
    enrol(first, "Laptop of the first")
    propose(first)
    expect(first.get_by_text("A key of yours changes in it")).to_be_visible()
    first.get_by_role("link", name="the roster’s page").click()
    first.get_by_role("button", name="Let the demo’s root sign").click()
    _await_nothing(first)
    expect(first.get_by_label(re.compile("What roster")).get_by_text("Laptop of the first")).to_be_visible()

    second = with_authenticator(visit("governance-2", "/keys/"))
    enrol(second, "Laptop of the second")
    address = propose(second)
    expect(second.get_by_text("A key of yours changes in it")).to_be_visible()
    expect(second.get_by_role("button", name="Sign with your passkey")).to_have_count(0)
    second.goto("/keys/roster/")
    expect(second.get_by_label("What waits")).to_contain_text("Next: governance.")
    expect(second.get_by_role("button", name="Let the demo’s root sign")).to_have_count(0)

    first.goto(address)
    expect(first.get_by_role("table", name="Every value of the statement")).to_contain_text(
        "person:governance-2"
    )
    first.get_by_role("button", name="Sign with your passkey").click()
    first.wait_for_url("**/keys/roster/")
    expect(first.get_by_label(re.compile("What roster"))).to_contain_text("Laptop of the second")

    first.goto(address)
    expect(first.get_by_text("You have signed it.")).to_be_visible()
    _verify(first, address, tmp_path)


def _await_nothing(page: Page) -> None:
    """Look at the roster again until what waited is listed."""
    for _ in range(40):
        page.goto("/keys/roster/")
        if page.get_by_text("No key waits").count():
            return
        page.wait_for_timeout(250)
    pytest.fail("The demo's root did not sign within ten seconds.")


def _verify(page: Page, address: str, folder: Path) -> None:
    """Ask stock OpenSSH, of what the pages give."""
    request = page.context.request
    envelope = json.loads(request.get(f"{address}envelope.json").body())
    pae = request.get(f"{address}statement.pae").body()
    (folder / "allowed").write_bytes(request.get("/keys/roster/allowed_signers").body())
    (folder / "sig").write_text(sshsig.armored(b64decode(envelope["signatures"][0]["sig"])))
    for who, said, good in (
        ("person:governance", pae, True),
        ("person:governance-2", pae, False),
        ("person:governance", pae + b" ", False),
    ):
        words = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-f",
            "allowed",
            "-I",
            who,
            "-n",
            "roster@kfm-review",
            "-s",
            "sig",
        ]
        ran = subprocess.run(words, cwd=folder, input=said, capture_output=True, check=False)
        assert (ran.returncode == 0) is good, ran.stderr
