"""What journeys need: a whole stack of real processes, and a real browser that may not leave it."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from kfm_review.local import browser as chromium
from kfm_review.local.place import taken
from kfm_review.local.stack import Stack

SHOTS = Path(os.environ.get("KFM_SHOTS", "var/shots"))
HOSTS = ("127.0.0.1", "localhost")

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
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
        page.on("console", lambda said: _listen(said.type, said.text, complaints))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Start every process of the product, on services and in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="kfm-stack-"))
    folder.chmod(0o711)  # PostgreSQL runs as somebody else when this is root
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with taken(folder, port=port) as place:
        whole = Stack(place, port=port, given={}, durable=False)
        try:
            whole.start_services()
            for said in whole.settle():
                (place.folder / "people.txt").write_text(said)
            whole.start_processes()
            whole.await_ready()
            yield whole
        finally:
            whole.parts.end_all()
    shutil.rmtree(folder)


def _listen(kind: str, words: str, complaints: list[str]) -> None:
    """Keep what breaks the content policy or a script; a refused request is what some journeys want."""
    if "Content Security Policy" in words or (kind == "error" and "Failed to load resource" not in words):
        complaints.append(f"console: {words}")
