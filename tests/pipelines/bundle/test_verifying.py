"""A bundle proves what it says, and nothing in it can be changed without a check that fails."""

import random
import socket
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import cli
from pipelines.bundle import archive, contents, verifying, writing
from pipelines.errors import NotProved
from tests.pipelines import made as runs
from tests.pipelines.bundle import made, signers, statements
from tests.pipelines.bundle.made import failed

BUNDLE = writing.write(made.release())
EXCUSED = writing.write(statements.excusing(made.failing()))
EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)


@pytest.mark.parametrize("content", [BUNDLE, EXCUSED])
def test_a_whole_bundle_is_sound(content: bytes) -> None:
    checks = verifying.verify(content, root=signers.ROOT_FINGERPRINT)
    assert [check.said for check in checks if not check.holds] == []
    assert verifying.sound(checks)
    assert {"archive", "index", "page", *verifying.CHECKS} <= {check.id for check in checks}


def test_nothing_checked_is_not_sound() -> None:
    assert not verifying.sound(())


def test_equal_facts_are_equal_bytes() -> None:
    documents = made.release()
    assert writing.write(dict(reversed(documents.items()))) == BUNDLE


def test_another_root_is_refused() -> None:
    assert "roster" in failed(BUNDLE, root=signers.public(EVE).fingerprint)


def positions(content: bytes) -> list[int]:
    """Return a place within each file of an archive."""
    found = []
    with zipfile.ZipFile(BytesIO(content)) as opened:
        for entry in opened.infolist():
            start = entry.header_offset + 30 + len(entry.filename)
            found.append(start + entry.file_size // 2)
    return found


def flipped(at: int, *, bit: int = 1) -> bytes:
    return EXCUSED[:at] + bytes([EXCUSED[at] ^ bit]) + EXCUSED[at + 1 :]


def test_a_flipped_byte_of_any_file_fails_and_is_named() -> None:
    with zipfile.ZipFile(BytesIO(EXCUSED)) as opened:
        names = opened.namelist()
    for name, at in zip(names, positions(EXCUSED), strict=True):
        against = failed(flipped(at))
        assert against & {f"file {name}", "index"}, name


def test_a_flipped_byte_anywhere_fails() -> None:
    chance = random.Random(5)  # noqa: S311  # places, not secrets
    for at in [*range(40), *range(len(EXCUSED) - 40, len(EXCUSED)), *chance.sample(range(len(EXCUSED)), 40)]:
        assert failed(flipped(at, bit=1 << chance.randrange(8))), at


@pytest.mark.slow
def test_a_flipped_byte_fails_at_many_more_places() -> None:
    for at in range(0, len(EXCUSED), 149):
        assert failed(flipped(at)), at


@pytest.mark.parametrize("more", [b"\0", b"PK"])
def test_bytes_before_or_behind_are_refused(more: bytes) -> None:
    assert failed(BUNDLE + more)
    assert failed(more + BUNDLE)


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 100])
def test_what_is_no_archive_fails(content: bytes) -> None:
    assert failed(content) == {"archive"}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a//b", "A", "a\\b", "x" * 300])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(NotProved):
        archive.pack({name: b""})
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.writestr(name, b"")
    with pytest.raises(NotProved):
        archive.unpack(written.getvalue())


def test_a_compressed_archive_is_refused() -> None:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a", b"0" * 10_000_000)
    assert failed(written.getvalue()) == {"archive"}


REQUIRED = [
    name for name in (*contents.ALWAYS, *contents.OF_RELEASE) if name not in (contents.ABOUT, *contents.MADE)
]


@pytest.mark.parametrize("name", REQUIRED)
def test_nothing_may_be_left_out(name: str) -> None:
    files = made.release()
    del files[name]
    assert "contents" in failed(writing.write(files))


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("roster/00001.json", "roster"),
        ("roster/00002.json", "roster"),
        ("policy/data/rights.yaml", "policy"),
    ],
)
def test_no_link_of_a_chain_may_be_left_out(name: str, check: str) -> None:
    files = made.release()
    del files[name]
    assert check in failed(writing.write(files))


def test_a_terminal_checks_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    file = tmp_path / "evidence.zip"
    file.write_bytes(EXCUSED)
    assert cli.main(["verify", str(file), "--root", signers.ROOT_FINGERPRINT]) == 0
    assert "FAILS" not in capsys.readouterr().out
    file.write_bytes(flipped(len(EXCUSED) // 2))
    assert cli.main(["verify", str(file), "--root", signers.ROOT_FINGERPRINT]) == 1
    assert "FAILS" in capsys.readouterr().out
    assert cli.main(["verify", str(tmp_path / "none"), "--root", signers.ROOT_FINGERPRINT]) == 2


@pytest.mark.slow
def test_no_django_is_loaded_to_check(tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    file.write_bytes(BUNDLE)
    code = (
        "import sys; from pipelines import cli; "
        f"ended = cli.main(['verify', {str(file)!r}, '--root', {signers.ROOT_FINGERPRINT!r}]); "
        "sys.exit(ended or ('django' in sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=runs.SAMPLES.parents[3]
    )
    assert told.returncode == 0, told.stderr


def test_a_file_that_the_index_does_not_name_so_fails() -> None:
    files = writing.whole(made.release())
    told = {**files, contents.DECISIONS: b'{"decisions":[]}'}
    assert f"file {contents.DECISIONS}" in failed(archive.pack(told))


BROKEN = [b"\xff", b"[]", b"{}", b"null", b"[" * 100]


@pytest.mark.parametrize("content", [*BROKEN, b'{"decisions":[1]}', b'{"decisions":[{}]}'])
def test_decisions_that_are_none_fail(content: bytes) -> None:
    assert "decisions" in failed(writing.write(made.release() | {contents.DECISIONS: content}))


def test_what_makes_a_check_crash_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(verifying.CHECKS, "decisions", ("Decisions", lambda _: str(1 // 0)))
    assert failed(BUNDLE) == {"decisions"}


@pytest.mark.parametrize("name", [contents.ATTEMPT, contents.FACTS, contents.CHECKPOINT, contents.PROV])
@pytest.mark.parametrize("content", BROKEN)
def test_a_document_that_is_none_fails(name: str, content: bytes) -> None:
    assert failed(writing.write(made.release() | {name: content}))
