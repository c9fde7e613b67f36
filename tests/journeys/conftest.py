"""What journeys need: a whole stack with its first history, and a real browser that may not leave it."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, StorageState, sync_playwright

from kfm_review.local import browser as chromium
from kfm_review.local.place import taken
from tests.journeys.editions import SAMPLES, Editions, await_end, damage, deliver
from tests.journeys.people import passwords_shown, sign_in
from tests.stack import Running, free_port

HOSTS = ("127.0.0.1", "localhost")
MARKS = (pytest.mark.slow, pytest.mark.browser)

OpenPage = Callable[..., Page]
Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Call every journey slow, and one that drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            for mark in MARKS:
                item.add_marker(mark)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine; without one, say how to get it."""
    program = chromium.find()
    if program is None:
        why = f"There is no Chromium: {chromium.HOW}."
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open pages that report whatever a browser complains of, and cannot reach another host."""
    contexts, complaints = [], []

    def keep_inside(route: Route, request: Request) -> None:
        if urlsplit(request.url).hostname in HOSTS or request.url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            complaints.append(f"a request left the house: {request.url}")
            route.abort()

    def open_one(
        base_url: str, *, width: int = 1440, height: int = 900, scheme: str = "light", **more: object
    ) -> Page:
        size = {"width": width, "height": height}
        context = browser.new_context(base_url=base_url, viewport=size, color_scheme=scheme, **more)  # type: ignore[arg-type]  # plain words
        contexts.append(context)
        context.route("**/*", keep_inside)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"page error on {page.url}: {error}"))
        page.on("console", lambda said: _listen(said.type, f"{page.url}: {said.text}", complaints))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="package")
def stack(browser: Browser) -> Iterator[Running]:  # noqa: ARG001  # without one nothing is started
    """Start every process of the product as `manage.py up` does, and let it play its first history."""
    folder = Path(tempfile.mkdtemp(prefix="kfm-stack-"))
    folder.chmod(0o711)  # PostgreSQL runs as somebody else when this is root
    port = free_port()
    with taken(folder, port=port) as place:
        whole = Running(place, port=port, given={}, history=True, durable=False)
        try:
            whole.start_services()
            for said in whole.settle():
                (place.folder / "people.txt").write_text(said)
            whole.start_processes()
            whole.await_ready()
            yield whole
        finally:
            whole.leave()
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def passwords(stack: Running) -> dict[str, str]:
    """Return the first password of each demo person, by role."""
    return passwords_shown((stack.place.folder / "people.txt").read_text())


@pytest.fixture(scope="package")
def sessions() -> dict[str, StorageState]:
    """Return what browsers hold of people who are signed in, so that each signs in once."""
    return {}


@pytest.fixture
def visit(
    stack: Running, open_page: OpenPage, passwords: dict[str, str], sessions: dict[str, StorageState]
) -> Visit:
    """Open a page of the product as one of the people; nobody is a visitor who is not signed in."""

    def visit_one(who: str, path: str = "/queue/", **look: object) -> Page:
        if who and who not in sessions:
            page = open_page(stack.address)
            sign_in(page, who, passwords[who])
            sessions[who] = page.context.storage_state()
            page.context.close()
        page = open_page(stack.address, **(look | ({"storage_state": sessions[who]} if who else {})))
        page.goto(path)
        return page

    return visit_one


@pytest.fixture
def editions(stack: Running) -> Editions:
    """Know where the editions stand."""
    return Editions(stack)


@pytest.fixture
def damaged(stack: Running, visit: Visit, tmp_path: Path) -> str:
    """Return an edition whose file was damaged after its delivery, so that its latest run is an ERROR."""
    edition = "2026-10-damaged"
    if not stack.ask("SELECT id FROM reviews_review WHERE edition = %s", edition):
        file = tmp_path / "airports.csv"
        file.write_bytes((SAMPLES / "2026-09-halved.csv").read_bytes() + b"\n")
        page = visit("steward")
        deliver(page, file, edition=edition, why="What was left of the file.")
        damage(stack, hashlib.sha256(file.read_bytes()).hexdigest())
        page.get_by_role("button", name="Run again").click()
        page.get_by_label("Reason").fill("Once more.")
        page.get_by_role("dialog").get_by_role("button", name="Run again").click()
        await_end(page)
    return edition


def _listen(kind: str, words: str, complaints: list[str]) -> None:
    """Keep what breaks the content policy or a script; a refused request is what some journeys want."""
    if "Content Security Policy" in words or (kind == "error" and "Failed to load resource" not in words):
        complaints.append(f"console: {words}")
