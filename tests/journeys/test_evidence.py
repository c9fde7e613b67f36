"""The page in a bundle: opened from disk, without any network, it finds what holds and what was changed."""

import base64
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route

from pipelines.bundle import contents, page, writing
from tests.pipelines.bundle import made, signers, statements

DOCUMENTS = re.compile(r'(<script type="application/json" id="documents">)(.*?)(</script>)', re.DOTALL)
Open = Callable[[bytes], Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page from disk; whatever asks for anything but that file, or complains, fails the test."""
    context = browser.new_context()
    asked: list[str] = []

    def listen(said: ConsoleMessage) -> None:
        asked.append(said.text)

    def inside(route: Route) -> None:
        if route.request.url.startswith("file:") and route.request.url.endswith("/index.html"):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    def open_one(content: bytes) -> Page:
        (tmp_path / "index.html").write_bytes(content)
        context.route("**/*", inside)
        shown = context.new_page()
        shown.on("console", listen)
        shown.on("pageerror", lambda error: asked.append(str(error)))
        shown.goto((tmp_path / "index.html").as_uri())
        shown.locator("html[data-checked]").wait_for()
        return shown

    yield open_one
    context.close()
    assert asked == []


def failed(shown: Page) -> list[str]:
    return [
        str(one.get_attribute("data-check")) for one in shown.locator('#checks > [data-holds="false"]').all()
    ]


def spoilt(name: str, change: Callable[[bytes], bytes], files: made.Files | None = None) -> bytes:
    """Return the page of a release with one of the files in it changed."""
    whole = page.write(statements.excusing(made.failing()) if files is None else files).decode()
    found = DOCUMENTS.search(whole)
    assert found is not None
    told = json.loads(found[2])
    told["files"][name] = base64.b64encode(change(base64.b64decode(told["files"][name]))).decode()
    return (whole[: found.start(2)] + json.dumps(told) + whole[found.end(2) :]).encode()


def flipped(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def test_a_whole_bundle_holds_from_disk(opened: Open, tmp_path: Path) -> None:
    content = writing.write(statements.excusing(made.failing()))
    (tmp_path / "evidence.zip").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "evidence.zip") as archive:
        shown = opened(archive.read(contents.PAGE))
    assert failed(shown) == []
    assert shown.locator("#checks > li").count() == 12
    assert "still to be compared" in shown.locator("#verdict").inner_text()
    shown.get_by_label("Fingerprint of the root key").fill(signers.ROOT_FINGERPRINT)
    shown.keyboard.press("Tab")
    shown.locator('#verdict[data-state="good"]').wait_for()
    shown.get_by_label("Files").set_input_files(str(tmp_path / "evidence.zip"))
    shown.locator('#chosen-said [data-holds="true"]').wait_for()
    for at in (60, len(content) // 2):  # in a document, and in the page
        (tmp_path / f"other{at}.zip").write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        shown.get_by_label("Files").set_input_files(str(tmp_path / f"other{at}.zip"))
        shown.locator(f'#chosen-said [data-check="other{at}.zip"][data-holds="false"]').wait_for()


def test_a_file_whose_directory_leads_elsewhere_is_not_the_one_that_is_listed(
    opened: Open, tmp_path: Path
) -> None:
    """Whoever unpacks it finds other documents than those that stand at its beginning."""
    shown = opened(page.write(made.release()))
    whole, other = writing.write(made.release()), writing.write(made.release(of=made.failing()))
    (tmp_path / "two.zip").write_bytes(whole[: whole.index(b"PK\x01\x02")] + b"-" + other)
    (tmp_path / "more.zip").write_bytes(whole + b"-")
    for name in ("two.zip", "more.zip"):
        shown.get_by_label("Files").set_input_files(str(tmp_path / name))
        shown.locator(f'#chosen-said [data-check="{name}"][data-holds="false"]').wait_for(timeout=3000)


def test_another_root_is_seen(opened: Open) -> None:
    shown = opened(page.write(made.release()))
    shown.get_by_label("Fingerprint of the root key").fill(signers.public(signers.ANN).fingerprint)
    shown.keyboard.press("Tab")
    shown.locator('#verdict[data-state="bad"]').wait_for()
    assert "Roster" in failed(shown)


def test_a_flipped_byte_in_any_file_is_seen(opened: Open) -> None:
    files = statements.excusing(made.failing())
    whole = page.write(files).decode()
    found = DOCUMENTS.search(whole)
    assert found is not None
    for name in json.loads(found[2])["files"]:
        assert failed(opened(spoilt(name, flipped, files))), name


def test_a_release_that_nobody_excused_is_seen(opened: Open) -> None:
    files = statements.excusing(made.failing())
    (name,) = [one for one in files if one.startswith("exceptions/")]
    del files[name]
    assert failed(opened(page.write(files))) == ["Exceptions"]


@pytest.mark.parametrize("more", [{"flags": 1}, {"origin": "http://evil"}, {"crossOrigin": True}])
def test_a_passkey_that_proves_too_little_is_seen(opened: Open, more: dict[str, object]) -> None:
    def sign(said: bytes) -> bytes:
        return signers.by_passkey(said, namespace="exception@kfm-review", **more)  # type: ignore[arg-type]  # one dict of words

    files = statements.excusing(made.failing(), sign=sign)
    assert failed(opened(page.write(files))) == ["Exceptions"]


@pytest.mark.parametrize(
    "more",
    [
        {"requester": "gia"},
        {"approver": {"name": "ann", "role": "governance", "signers": 1}},
        {"class": "SOVEREIGNTY"},
        {"expires_at": "2026-11-24T12:05:00+00:00"},
        {"decision": "deny"},
        statements.bounds(area=[-98.0, 37.0, -97.5, 37.4]),
    ],
)
def test_an_exception_that_covers_too_little_is_seen(opened: Open, more: dict[str, object]) -> None:
    assert failed(opened(page.write(statements.excusing(made.failing(), said=more)))) == ["Exceptions"]


def test_findings_that_no_list_shows_are_counted(opened: Open) -> None:
    for most, seen in ((249, ["Exceptions"]), (250, [])):
        within = statements.bounds("tiles.lost", findings_max=most)
        files = statements.excusing(made.failing(findings=250), said=within)
        assert failed(opened(page.write(files))) == seen


def test_a_worst_value_that_nothing_can_be_held_against_is_seen(opened: Open) -> None:
    files = statements.excusing(made.failing(), said=statements.bounds(value_worst="5.0"))
    assert failed(opened(page.write(files))) == ["Exceptions"]


@pytest.mark.parametrize(("worst", "seen"), [("0.9", []), ("1.1", ["Exceptions"]), ("2.5", ["Exceptions"])])
def test_a_worst_value_on_the_good_side_of_its_bound_is_seen(
    opened: Open, worst: str, seen: list[str]
) -> None:
    files = statements.excusing(made.failing(bound=2.0), said=statements.measured("2.0", worst=worst))
    assert failed(opened(page.write(files))) == seen


def test_an_exception_that_ended_is_seen(opened: Open) -> None:
    files = statements.excusing(made.failing(), ended="exception.revoked")
    assert failed(opened(page.write(files))) == ["Exceptions"]


def test_a_standing_approval_is_read(opened: Open) -> None:
    assert failed(opened(page.write(statements.standing()))) == []
    spoilt_terms = statements.standing(asset="ks_counties")
    assert failed(opened(page.write(spoilt_terms))) == ["Decisions are about this manifest"]


@pytest.mark.parametrize(
    "more", [{"expires_at": "2026-11-24T12:05:00+00:00"}, {"signed": 5}, {"ended": 5}, {"ended": 3}]
)
def test_a_standing_approval_that_did_not_stand_is_seen(opened: Open, more: dict[str, Any]) -> None:
    assert failed(opened(page.write(statements.standing(**more)))) == ["Decisions are about this manifest"]


def retold(change: Callable[[list[made.Json]], object]) -> bytes:
    """Return the page of a release of which the audit tells otherwise."""
    files = made.release()
    told = made.lines(made.run().manifest.digest, files)
    change(told)
    return page.write(made.release(events=told))


def test_a_pool_that_was_not_asked_is_seen(opened: Open) -> None:
    shown = opened(retold(lambda told: told[0]["details"].update(pool="geo")))
    assert failed(shown) == ["The worker’s signature"]


def test_a_roster_that_was_adopted_never_or_late_is_seen(opened: Open) -> None:
    for change in (
        lambda told: told.pop(),
        lambda told: told.append(told.pop() | {"at": "2026-12-24T12:00:00+00:00"}),
        lambda told: told.append(told.pop() | {"at": "2026-11-24T08:54:00+00:00"}),
    ):
        assert "Roster" in failed(opened(retold(change)))


@pytest.mark.parametrize(
    "lie",
    [
        {"details": None},
        {"details": []},
        {"actor": 7},
        {"at": "yesterday"},
        {"action": "exception.revoked", "details": {"manifest": "0" * 64}},
        {"action": "standing-approval.ended", "details": {}},
    ],
)
def test_a_line_that_is_poison_is_seen_and_named(opened: Open, lie: made.Json) -> None:
    shown = opened(retold(lambda told: told.append(told[-1] | lie)))
    assert failed(shown) == ["Documents"]
    assert "audit/events/000000000010.json" in shown.locator("#checks .said").inner_text()


def test_markup_in_a_document_stays_text(opened: Open) -> None:
    files = made.release()
    told = made.lines(made.run().manifest.digest, files)
    told[1] = {
        **told[1],
        "why": "</script><script>document.body.remove()</script><img src=x onerror=alert(1)>",
    }
    files |= made.audited(told)
    files[contents.DECISIONS] = made.decided(told)
    shown = opened(page.write(files))
    assert failed(shown) == []
