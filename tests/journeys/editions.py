"""Where the editions of the first history stand, and one that was damaged after it was delivered."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.stack import Running

SAMPLES = Path(__file__).resolve().parents[2] / "pipelines" / "families" / "ks_airports" / "samples"
REVIEW = "SELECT id FROM reviews_review WHERE edition = %s ORDER BY id DESC LIMIT 1"
MANIFEST = "SELECT manifest_id FROM reviews_review WHERE edition = %s ORDER BY id DESC LIMIT 1"
RUN = "SELECT run_id FROM reviews_review WHERE edition = %s ORDER BY id DESC LIMIT 1"

ARTIFACT = """
SELECT artifact.sha256 FROM runs_artifact artifact
JOIN reviews_review review ON review.manifest_id = artifact.manifest_id
WHERE review.id = %s AND artifact.role = %s
"""


class Editions:
    """The newest review and run of each edition."""

    def __init__(self, stack: Running) -> None:
        self._stack = stack

    def review(self, edition: str) -> int:
        [(number,)] = self._stack.ask(REVIEW, edition)
        return int(str(number))

    def manifest(self, edition: str) -> str:
        """Return the digest of the manifest that the newest review looks at."""
        [(digest,)] = self._stack.ask(MANIFEST, edition)
        return str(digest)

    def run(self, edition: str) -> str:
        [(run,)] = self._stack.ask(RUN, edition)
        return str(run)

    def artifact(self, edition: str, role: str) -> str:
        """Return the digest of an artifact of the edition's newest run, or nothing."""
        found = self._stack.ask(ARTIFACT, self.review(edition), role)
        return str(found[0][0]) if found else ""

    def address(self, path: str) -> str:
        """Return a path with `{edition}` and `{run of edition}` as they stand in addresses."""
        path = re.sub(r"{run of ([^}]+)}", lambda found: self.run(found[1]), path)
        return re.sub(r"{([^}]+)}", lambda found: str(self.review(found[1])), path)


def ask_for(page: Page, file: Path, *, edition: str, why: str) -> None:
    """Drop in a file as an edition."""
    page.goto("/runs/new/")
    page.get_by_label("airports, text/csv").set_input_files(file)
    page.get_by_label("Edition of the file").fill(edition)
    page.get_by_label("Why").fill(why)
    with page.expect_navigation():
        page.get_by_role("button", name="Ask for the run").click()


def deliver(page: Page, file: Path, *, edition: str, why: str) -> None:
    """Drop in a file as an edition, and stay until its run has ended."""
    ask_for(page, file, edition=edition, why=why)
    await_end(page)


def made_up(*, rows: int) -> str:
    """Return an edition of airports that do not exist, spread over Kansas."""
    head = (SAMPLES / "2026-09.csv").read_text().splitlines()[0]
    spots = ((37.1 + at % 70 * 0.04, -101.9 + at // 70 * 0.1) for at in range(rows))
    lines = (
        f"Z{at:03X},,Field {at},Nowhere,Kansas,US,1000,{lat:.6f},{lon:.6f},America/Chicago,Z{at:03X}"
        for at, (lat, lon) in enumerate(spots)
    )
    return "\n".join([head, *lines, ""])


def await_end(page: Page) -> None:
    """Look at the page of a run until it has brought a review."""
    expect(page.get_by_role("link", name="Open the review")).to_be_visible(timeout=60_000)
    page.wait_for_load_state()


def damage(stack: Running, sha256: str) -> None:
    """Change one byte of every copy of a stored file, as a failing disk would."""
    for file in stack.place.store.rglob(sha256):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.chmod(0o644)
        file.write_bytes(content)
