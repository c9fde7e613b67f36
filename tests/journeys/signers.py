"""How people sign: with a passkey that outlives its page, or with an SSH key at a terminal."""

import re
import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.people import token
from tests.journeys.test_signing import AUTHENTICATOR, propose
from tests.stack import Running

Json = dict[str, Any]


class Passkey:
    """One person's security key: what a browser made on one page it holds on every later one."""

    def __init__(self) -> None:
        self._held: list[Json] = []
        self._at: tuple[CDPSession, str] | None = None

    def plug_into(self, page: Page) -> Page:
        """Let a page's browser ask this key."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        for one in self._held:
            told = {"authenticatorId": made["authenticatorId"], "credential": one}
            session.send("WebAuthn.addCredential", told)
        self._at = session, made["authenticatorId"]
        return page

    def keep(self) -> None:
        """Remember what the key holds now, before its page is closed."""
        assert self._at is not None
        session, name = self._at
        self._held = session.send("WebAuthn.getCredentials", {"authenticatorId": name})["credentials"]


class SshKey:
    """A key of OpenSSH in a folder, as somebody's terminal has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "id")

    def enrol(self, page: Page, name: str) -> None:
        """Enrol the public half on the page of keys."""
        page.goto("/keys/")
        page.get_by_role("button", name="Enrol an SSH key…").click()
        sheet = page.get_by_role("dialog", name="Enrol an SSH key")
        challenge = re.search(r"printf %s (\S+)", sheet.locator("pre").inner_text())
        assert challenge
        sheet.get_by_label("What it is called").fill(name)
        sheet.get_by_label("Public key").fill((self.folder / "id.pub").read_text().strip())
        signed = self.sign(challenge[1].encode(), namespace="enrolment@kfm-review")
        sheet.get_by_label("Show that you hold it").fill(signed.read_text())
        sheet.get_by_role("button", name="Enrol", exact=True).click()
        page.wait_for_url("**/keys/roster/")
        expect(page.get_by_label("What waits")).to_contain_text(name)

    def sign(self, said: bytes, *, namespace: str) -> Path:
        """Return the signature's file."""
        (self.folder / "said").write_bytes(said)
        (self.folder / "said.sig").unlink(missing_ok=True)
        self._run("ssh-keygen", "-q", "-Y", "sign", "-f", "id", "-n", namespace, "said")
        return self.folder / "said.sig"

    def _run(self, *words: str) -> None:
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)


def upload(page: Page, signature: Path) -> None:
    """Give a signature made at a terminal to the page of its statement."""
    terminal = page.get_by_role("group").filter(has_text="Sign at a terminal")
    if not terminal.get_by_role("list").is_visible():
        terminal.locator("summary").click()
    page.get_by_label("The .sig file").set_input_files(signature)
    with page.expect_event("load"):
        page.get_by_role("button", name="Upload the signature").click()


def pae(page: Page) -> bytes:
    """Download what is to be signed from the page of a statement."""
    return page.context.request.get(f"{page.url}statement.pae").body()


def let_count(stack: Running, page: Page, folder: Path) -> None:
    """List the keys that wait: the root signs the next roster where it lies, and it is adopted."""
    propose(page)
    (folder / "roster.pae").write_bytes(pae(page))
    root = str(stack.place.folder / "keys" / "root")
    stack.manage(
        "roster", "sign", "--root", root, "--out", str(folder / "next.json"), str(folder / "roster.pae")
    )
    stack.manage("roster", "adopt", str(folder / "next.json"))


def send(page: Page, path: str, **fields: str) -> int:
    """Send a form whose button this person does not have; return what the server answers."""
    form: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token(page), **fields}
    return page.context.request.post(path, form=form, headers={"Referer": page.url}).status
