"""The second run: what was recorded comes out again, and what was forged, damaged or worsened does not."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines import digest, manifest, spec, verifying
from pipelines.manifest import Manifest
from pipelines.model import Outcome, Role
from pipelines.store import FileStore
from tests.pipelines.runs import Runs

EDITION = "2026-09"
SOUND = {family.name: family.editions[0].edition for family in spec.families()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("verified"))


@pytest.fixture(scope="module")
def store(runs: Runs) -> FileStore:
    return FileStore(runs.places.candidates.root)  # type: ignore[attr-defined]  # it is a folder here


@pytest.fixture(scope="module")
def told(runs: Runs) -> Manifest:
    return runs.manifest(EDITION)


def kept(store: FileStore, told: Manifest, **other: object) -> str:
    """Keep a manifest that says something else, as a worker that lies would."""
    return manifest.write(store, replace(told, **other))  # type: ignore[arg-type]  # fields by name


def files(store: FileStore) -> set[Path]:
    return set(store.root.rglob("*"))


def test_what_was_recorded_comes_out_again_and_nothing_is_written(store: FileStore, told: Manifest) -> None:
    before = files(store)
    found = verifying.verify(told.digest, store=store, replay=False)
    assert (found.differences, found.replayed, found.code_differs) == ((), False, ())
    assert found.reproduced
    assert found.gates == len(told.gates)
    assert files(store) == before


def test_on_request_the_whole_run_comes_to_the_same_manifest(store: FileStore, told: Manifest) -> None:
    found = verifying.verify(told.digest, store=store, replay=True)
    assert (found.reproduced, found.replayed) == (True, True)


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.parametrize("family", SOUND)
def test_every_family_comes_out_again_with_and_without_replay(family: str, tmp_path: Path) -> None:
    runs = Runs(tmp_path, family=family)
    made = runs.manifest(SOUND[family])
    guarded = made.labels is not None and made.labels.sensitivity != "public"
    for replay in (False, True):
        found = verifying.verify(made.digest, store=FileStore(tmp_path / "candidates"), replay=replay)
        assert (found.differences, found.replayed) == ((), replay or guarded)


def test_a_pass_that_no_gate_said_is_found_out(runs: Runs, store: FileStore) -> None:
    bad = runs.manifest("2026-09-halved", over="2024-10")
    assert bad.outcome is Outcome.FAIL
    gates = tuple(
        replace(one, outcome=Outcome.PASS, findings=(), remedy="") if one.outcome is Outcome.FAIL else one
        for one in bad.gates
    )
    found = verifying.verify(kept(store, bad, gates=gates, outcome=Outcome.REVIEW), store=store, replay=False)
    assert not found.reproduced
    assert any("says FAIL" in one for one in found.differences)


def test_a_gate_that_was_left_out_is_found_out(store: FileStore, told: Manifest) -> None:
    silent = tuple(one for one in told.gates if one.gate != "rows")
    found = verifying.verify(kept(store, told, gates=silent), store=store, replay=False)
    assert "The gate rows has a word in one of the two runs only." in found.differences


def test_data_that_were_put_in_place_of_others_are_found_out(
    runs: Runs, store: FileStore, told: Manifest
) -> None:
    other = runs.manifest("2024-10")
    named = {Role.DATA: other.artifact(Role.DATA)}
    artifacts = tuple(named.get(Role(one.role)) or one for one in told.artifacts)
    found = verifying.verify(kept(store, told, artifacts=artifacts), store=store, replay=False)
    assert not found.reproduced


def test_an_input_that_is_gone_is_a_difference_and_no_pass(
    store: FileStore, told: Manifest, tmp_path: Path
) -> None:
    elsewhere = FileStore(tmp_path)
    for name in (told.digest, *(one.sha256 for one in told.artifacts), *told.catalogs.values()):
        elsewhere.put_file(store.path(name))
    found = verifying.verify(told.digest, store=elsewhere, replay=False)
    assert (found.reproduced, found.gates) == (False, 0)
    assert "is not in the store" in found.differences[0]


def test_changed_code_is_named_and_contents_are_compared_by_carrying_it_out_again(
    store: FileStore, told: Manifest
) -> None:
    older = kept(store, told, code_digest=digest.of(b"of last month"))
    found = verifying.verify(older, store=store, replay=False)
    assert (found.code_differs, found.replayed, found.differences) == (("code",), True, ())


def test_after_a_change_of_code_worse_words_and_other_contents_still_count(
    store: FileStore, told: Manifest
) -> None:
    better = tuple(replace(one, outcome=Outcome.PASS) for one in told.gates)
    assert better != told.gates
    changed = {"code_digest": digest.of(b"of last month"), "content_digest": digest.of(b"others")}
    found = verifying.verify(kept(store, told, gates=better, **changed), store=store, replay=False)
    assert any("says REVIEW" in one for one in found.differences)
    assert any("contents came out as others" in one for one in found.differences)


def test_nothing_said_is_nothing_reproduced() -> None:
    empty = verifying.Verified(manifest="0" * 64, replayed=True, code_differs=(), gates=0, differences=())
    assert not empty.reproduced
