"""The store: written once, verified on every read, nothing half-written, nothing outside."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipelines import digest, disk
from pipelines.errors import ArtifactDamaged, ArtifactMissing, OutsidePlace, TooLarge
from pipelines.store import MEGABYTE, Documents, FileStore, Places, Results, Store, place
from tests.pipelines.memory import MemoryStore

STORES = ["file", "memory"]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return FileStore(tmp_path) if request.param == "file" else MemoryStore()


def _damage(store: FileStore, name: str) -> None:
    file = store.path(name)
    file.chmod(0o644)
    file.write_bytes(b"other")


def test_what_was_put_is_read_by_its_digest(store: Store) -> None:
    name = store.put(b"bytes")
    assert name == digest.of(b"bytes")
    assert store.read(name) == b"bytes"
    assert (store.has(name), store.size(name), store.verify(name)) == (True, 5, 5)
    assert store.path(name).read_bytes() == b"bytes"


def test_putting_twice_is_putting_once(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "some file"
    file.write_bytes(b"bytes")
    assert store.put(b"bytes") == store.put_file(file) == store.put(b"bytes")


def test_what_is_not_there_is_an_error_and_not_an_empty_answer(store: Store) -> None:
    for ask in (store.read, store.size, store.verify, store.path):
        with pytest.raises(ArtifactMissing):
            ask("0" * 64)
    assert not store.has("0" * 64)


def test_more_than_the_bound_is_not_read(store: Store) -> None:
    name = store.put(b"bytes")
    with pytest.raises(TooLarge):
        store.read(name, limit=4)


def test_a_flipped_byte_is_found_by_every_reader(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    name = store.put(b"bytes")
    _damage(store, name)
    for ask in (store.read, store.verify, store.path):
        with pytest.raises(ArtifactDamaged, match=name[:8]):
            ask(name)


def test_damaged_bytes_are_never_written_over(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    _damage(store, store.put(b"bytes"))
    with pytest.raises(ArtifactDamaged):
        store.put(b"bytes")


def test_nothing_is_left_where_writing_was_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        FileStore(tmp_path).put(b"bytes")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_bytes_are_on_disk_before_they_have_their_name_and_so_is_every_folder_that_leads_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def flushed(descriptor: int) -> None:
        file = Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path)
        if file.name.startswith("tmp"):
            assert os.fstat(descriptor).st_size == len(b"bytes")  # nothing of it is still in this process
        done.append(f"flush {file.parent if file.name.startswith('tmp') else file}")
        fsync(descriptor)

    def linked(source: str, target: Path) -> None:
        done.append("name")
        link(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "link", linked)
    name = FileStore(tmp_path / "store").put(b"bytes")
    shelf = f"store/sha256/{name[:2]}"
    assert done == [
        *("flush .", "flush store", "flush store/landing"),  # new folders, then the bytes
        *("flush store", "flush store/sha256", "name", f"flush {shelf}"),
    ]


def test_what_is_put_together_has_its_folders_flushed_once_before_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(disk, "flush", flushed.append)
    store = FileStore(tmp_path)
    with store.together():
        names = [store.put(content) for content in (b"one", b"two", b"one")]
        before = len([one for one in flushed if one.parent.name == "sha256"])
    shelves = [one for one in flushed if one.parent.name == "sha256"]
    assert (before, shelves) == (0, sorted({tmp_path / "sha256" / name[:2] for name in names}))


def test_what_was_put_together_is_flushed_whatever_went_wrong_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    monkeypatch.setattr(disk, "flush", flushed.append)
    store = FileStore(tmp_path)
    with pytest.raises(ArtifactMissing), store.together():
        store.read(store.put(b"one")[::-1])
    assert tmp_path / "sha256" / digest.of(b"one")[:2] in flushed


def test_many_writers_of_the_same_bytes_leave_one_file_and_no_litter(tmp_path: Path) -> None:
    stores = [FileStore(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda store: store.put(b"bytes" * 100_000), stores * 4))
    assert len(names) == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == list(names)


@pytest.mark.parametrize("content", [b"", b"x" * 3_000_000])
def test_empty_and_large_files_arrive_whole(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    store = FileStore(tmp_path / "store")
    assert store.read(store.put_file(tmp_path / "file")) == content


def test_artifacts_cannot_be_written_to(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    assert store.path(store.put(b"bytes")).stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("relative", ["../out", "/etc/passwd", "a/../../out", "", "a\0b"])
def test_documents_stay_in_their_folder(tmp_path: Path, relative: str) -> None:
    with pytest.raises(OutsidePlace):
        Documents(tmp_path / "in").write(relative, b"")


def test_documents_do_not_leave_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path)
    with pytest.raises(OutsidePlace):
        Documents(tmp_path / "in").write("link/out", b"")


def test_a_document_is_replaced_whole_and_can_be_taken_away(tmp_path: Path) -> None:
    documents = Documents(tmp_path)
    documents.write("a/b.json", b"old")
    documents.write("a/b.json", b"new")
    assert documents.read("a/b.json") == b"new"
    documents.delete("a/b.json")
    assert not documents.exists("a/b.json")
    with pytest.raises(ArtifactMissing):
        documents.read("a/b.json")


def test_results_wait_until_somebody_clears_them(tmp_path: Path) -> None:
    results = Results(tmp_path)
    message = {"kind": "recorded", "run": "run-1", "attempt": 2}
    results.leave("run-1", 2, message)
    assert list(results.waiting()) == [message]
    results.clear("run-1", 2)
    assert list(results.waiting()) == []


@pytest.mark.parametrize(
    "content",
    [
        *(b"{", b"[]", b"{}", b'{"attempt":1,"run":"another"}', b'{"run":"run-1"}'),
        *(b'{"attempt":' + b"9" * 5000 + b"}", b"[" * 100_000, b" " * (MEGABYTE + 1)),
    ],
)
def test_what_is_no_result_is_put_out_of_the_way(tmp_path: Path, content: bytes) -> None:
    results, message = Results(tmp_path), {"run": "run-2", "attempt": 1}
    (tmp_path / "run-1.1.json").write_bytes(content)
    results.leave("run-2", 1, message)
    assert list(results.waiting()) == [message]
    assert (tmp_path / "run-1.1.unreadable").read_bytes() == content


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("run-1.1.json")])
def test_what_is_no_file_is_put_out_of_the_way_unread(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "run-1.1.json")
    assert list(Results(tmp_path).waiting()) == []
    assert [path.name for path in tmp_path.iterdir()] == ["run-1.1.unreadable"]


def test_a_run_with_a_path_for_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutsidePlace):
        Results(tmp_path).leave("../run", 1, {})


def test_places_lie_below_the_address_of_the_store(tmp_path: Path) -> None:
    url = (tmp_path / "a folder").as_uri()
    assert place(url, "inbox") == tmp_path / "a folder" / "inbox"
    assert Places.at(url).candidates.put(b"x") == digest.of(b"x")


@pytest.mark.parametrize("url", ["s3://bucket", "relative", "file://host/path", ""])
def test_an_address_that_is_not_understood_says_what_is(url: str) -> None:
    with pytest.raises(OutsidePlace, match="file:///"):
        place(url, "inbox")


def test_there_are_five_places_and_no_other(tmp_path: Path) -> None:
    with pytest.raises(OutsidePlace, match="candidates, inbox, public, restricted, results"):
        place(tmp_path.as_uri(), "attic")
