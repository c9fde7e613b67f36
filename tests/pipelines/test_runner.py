"""Whole runs of real editions: what they find, what they leave, and that they always leave something."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pipelines import digest, manifest, runner
from pipelines.catalog import triad
from pipelines.errors import JobInvalid
from pipelines.manifest import Manifest
from pipelines.model import CONTENT_ROLES, DiffState, Outcome, Phase
from tests.pipelines.runs import Runs, job

FAULTY = {
    "2026-09-header-only": ("size", Phase.BEFORE),
    "2026-09-swapped": ("crs", Phase.BEFORE),
    "2026-09-pixels": ("crs", Phase.BEFORE),
    "2026-09-halved": ("rows", Phase.AFTER),
    "2026-09-duplicates": ("keys", Phase.AFTER),
}
ALL = [
    ("2024-10", "none"),
    ("2025-09", "2024-10"),
    ("2026-09", "2024-10"),
    *((one, "2024-10") for one in FAULTY),
]


def test_the_first_edition_is_looked_at_because_there_is_nothing_to_compare_with(runs: Runs) -> None:
    made = runs.manifest("2024-10")
    assert (made.outcome, made.diff.state) == (Outcome.REVIEW, DiffState.FIRST)
    assert {result.gate for result in made.gates if result.outcome is Outcome.REVIEW} == {"rows", "drift"}


def test_an_edition_in_which_nothing_changed_passes_with_the_same_content(runs: Runs) -> None:
    made = runs.manifest("2025-09", over="2024-10")
    assert made.outcome is Outcome.PASS
    assert made.content_digest == runs.manifest("2024-10").content_digest


@pytest.mark.slow
def test_the_newest_edition_ends_as_review_with_the_changes_that_are_known(runs: Runs) -> None:
    made = runs.manifest("2026-09", over="2024-10")
    diff = made.diff
    assert made.outcome is Outcome.REVIEW
    assert (diff.added, diff.removed, diff.moved, diff.changed, diff.decimals_only) == (19, 13, 12, 299, 281)
    assert (diff.before_rows, diff.after_rows) == (328, 334)


def test_the_code_that_was_given_again_stands_first_among_the_changes(runs: Runs) -> None:
    listed = runs.manifest("2026-09", over="2024-10").artifact("changes")
    assert listed is not None
    first = json.loads(runs.places.candidates.read(listed.sha256))["changes"][0]
    assert (first["key"], first["finding"], round(first["distance_m"])) == ("99KS", "keys.reused", 153_682)


@pytest.mark.parametrize("edition", FAULTY)
def test_a_faulty_edition_fails_at_its_gate(runs: Runs, edition: str) -> None:
    gate, phase = FAULTY[edition]
    made = runs.manifest(edition, over="2024-10")
    result = made.result(gate)
    assert result is not None
    assert (made.outcome, result.outcome, result.phase) == (Outcome.FAIL, Outcome.FAIL, phase)


@pytest.mark.parametrize(
    "edition", [edition for edition, (_, phase) in FAULTY.items() if phase is Phase.BEFORE]
)
def test_a_run_stopped_before_its_steps_lists_the_rest_as_not_run_and_has_no_score(
    runs: Runs, edition: str
) -> None:
    made = runs.manifest(edition, over="2024-10")
    after = [result.outcome for result in made.gates if result.phase is not Phase.BEFORE]
    assert set(after) == {Outcome.NOT_RUN}
    assert (made.score, made.content_digest, made.catalogs, made.diff.state) == (
        None,
        None,
        {},
        DiffState.NOT_REACHED,
    )
    assert made.spec_hash is not None


def test_the_map_of_exchanged_axes_shows_where_the_points_are_and_belong(runs: Runs) -> None:
    drawn = runs.manifest("2026-09-swapped", over="2024-10").artifact("input-preview")
    assert drawn is not None
    sources = json.loads(runs.places.candidates.read(drawn.sha256))["sources"]
    assert len(sources["belongs"]["data"]["features"]) == len(sources["as_read"]["data"]["features"]) == 334


@pytest.mark.parametrize(("edition", "over"), ALL)
def test_every_run_is_closed_and_its_record_can_be_checked_again(runs: Runs, edition: str, over: str) -> None:
    ran, store = runs.ran(edition, over=over), runs.places.candidates
    assert triad.check(store.read(ran.manifest_digest), prov=store.read(ran.prov_digest), store=store) == ()
    for artifact in runs.read(ran).artifacts:
        assert store.verify(artifact.sha256) == artifact.size


@pytest.mark.parametrize(("edition", "over"), ALL)
def test_no_clock_host_run_or_path_is_in_what_is_reviewed(runs: Runs, edition: str, over: str) -> None:
    ran, store = runs.ran(edition, over=over), runs.places.candidates
    made = runs.read(ran)
    contents = [
        made.content,
        *(store.read(one.sha256) for one in made.artifacts),
        *map(store.read, made.catalogs.values()),
    ]
    prov = store.read(ran.prov_digest)
    for told in (b"2026-11-24", b"01890a5d-ac96-774b-bcce-b302099a8057", str(runner.__file__).encode()[:20]):
        assert not any(told in content for content in contents)
    assert b"2026-11-24T12:00:00" in prov


def leads_somewhere(pointer: str, made: Manifest, runs: Runs) -> bool:
    """Say whether what a gate points to as evidence is there."""
    kind, _, rest = pointer.partition(":")
    name, _, key = rest.partition("#")
    if kind == "gate":
        return made.result(name) is not None
    if kind == "input":
        return name in {one.name for one in made.inputs}
    if kind == "catalog":
        return name in made.catalogs
    artifact = made.artifact(name) if kind == "artifact" else None
    return artifact is not None and key.encode() in runs.places.candidates.read(artifact.sha256)


@pytest.mark.parametrize(("edition", "over"), ALL)
def test_every_gate_says_what_it_measured_against_which_limit_on_what_evidence_and_what_to_do(
    runs: Runs, edition: str, over: str
) -> None:
    made = runs.manifest(edition, over=over)
    for result in (one for one in made.gates if one.outcome is not Outcome.NOT_RUN):
        assert result.measured, result
        assert result.limit, result
        assert leads_somewhere(result.evidence, made, runs), result
        assert result.score is not None or result.outcome is Outcome.REVIEW, result
        assert bool(result.remedy) is bool(result.findings) is (result.outcome is not Outcome.PASS), result
        assert all(one.message and one.remedy for one in result.findings), result


def test_hashes_are_made_of_what_they_say(runs: Runs) -> None:
    made = runs.manifest("2026-09", over="2024-10")
    assert made.base == runs.ran("2024-10").manifest_digest
    assert made.spec_hash == digest.of_spec(input_hash=str(made.input_hash), base=made.base)
    assert made.labels is not None
    assert made.content_digest == digest.of_content(made.artifacts, labels=made.labels)
    assert {one.role for one in made.artifacts} >= set(CONTENT_ROLES)


def test_the_same_asked_twice_gives_the_same_manifest_whoever_asks(runs: Runs) -> None:
    base = runs.ran("2024-10").manifest_digest
    other = replace(
        job(edition="2026-09", base=base), run="other", attempt=3, requested_by="otto", why="again"
    )
    later = runner.run(
        other, places=runs.places, now=lambda: datetime(2030, 1, 1, tzinfo=UTC), tell=lambda *_: None
    )
    first = runs.ran("2026-09", over="2024-10")
    assert later.manifest_digest == first.manifest_digest
    assert later.prov_digest != first.prov_digest


def test_a_clock_that_is_set_back_meanwhile_breaks_nothing(runs: Runs) -> None:
    times = iter((datetime(2030, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)))
    ran = runner.run(
        job(edition="2024-10"), places=runs.places, now=lambda: next(times), tell=lambda *_: None
    )
    assert ran.manifest_digest == runs.ran("2024-10").manifest_digest


def test_a_delivered_file_of_equal_content_has_equal_content_under_another_input_hash(runs: Runs) -> None:
    name = runs.places.inbox.put(runs.places.candidates.read(runs.manifest("2024-10").inputs[0].sha256) + b"")
    made = runs.read(runs.carry_out(job(edition="2027-01", uploads={"airports": name})))
    first = runs.manifest("2024-10")
    assert (made.content_digest, made.inputs[0].sha256) == (first.content_digest, first.inputs[0].sha256)
    assert made.input_hash != first.input_hash


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (job(edition="1999-01"), "EditionUnknown"),
        (job(edition="2026-09", family="ks_volcanoes"), "FamilyUnknown"),
        (job(edition="2026-09", uploads={"airports": "0" * 64}), "ArtifactMissing"),
        (job(edition="2026-09", base="0" * 64), "ArtifactMissing"),
        (replace(job(edition="2026-09"), asset="ks_other"), "AssetUnknown"),
        (replace(job(edition="2026-09"), asset="ks_airports/north", partition="north"), "AssetUnknown"),
        (replace(job(edition="2026-09"), channel="restricted"), "AssetUnknown"),
        (job(edition="latest", uploads={"airports": "0" * 64}), "EditionUnknown"),
        (job(edition="2026-09-<b>", uploads={"airports": "0" * 64}), "EditionUnknown"),
        (job(edition="2026-02-31", uploads={"airports": "0" * 64}), "EditionUnknown"),
    ],
)
def test_a_run_that_cannot_go_on_says_why_in_a_manifest(runs: Runs, asked: object, kind: str) -> None:
    ran = runs.carry_out(asked)  # type: ignore[arg-type]  # a job
    made = runs.read(ran)
    assert made.failure is not None
    assert (ran.outcome, made.outcome, made.failure.kind) == (Outcome.ERROR, Outcome.ERROR, kind)
    store = runs.places.candidates
    assert triad.check(made.content, prov=store.read(ran.prov_digest), store=store) == ()


def test_a_family_that_nothing_makes_says_where_to_add_its_line(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STEPS", {})
    made = runs.read(runs.carry_out(job(edition="2026-09")))
    assert made.failure is not None
    assert made.failure.kind == "StepsMissing"
    assert "pipelines/families/__init__.py" in made.failure.message


def test_the_base_of_another_channel_is_refused(runs: Runs) -> None:
    there = runs.manifest("2024-10")
    other = runs.places.candidates.put(replace(there, channel="restricted").content)
    made = runs.read(runs.carry_out(job(edition="2026-09", base=other)))
    assert made.failure is not None
    assert made.failure.kind == "NotMade"


def test_editions_that_could_not_be_compared_are_not_drawn_as_unchanged(runs: Runs) -> None:
    made = runs.manifest("2026-09-duplicates", over="2024-10")
    style, small = (made.artifact(role) for role in ("preview", "thumbnail"))
    assert style is not None
    assert small is not None
    sources = json.loads(runs.places.candidates.read(style.sha256))["sources"]
    assert sources["before"]["data"]["features"] == sources["changes"]["data"]["features"] == []
    assert b"Nothing could be compared" in runs.places.candidates.read(small.sha256)


def test_a_run_stopped_late_keeps_what_it_knew(runs: Runs) -> None:
    made = runs.read(runs.carry_out(job(edition="2026-09", base="0" * 64)))
    assert [result.outcome for result in made.gates if result.phase is Phase.BEFORE] == [Outcome.PASS] * 6
    assert (len(made.inputs), made.artifacts) == (1, ())


def test_a_killed_run_is_buried_with_the_end_of_its_log(runs: Runs) -> None:
    ran = runner.bury(
        job(edition="2024-10"),
        places=runs.places,
        why="It was killed.",
        log_tail=b"last words",
        now=lambda: datetime.now(UTC),
    )
    made = manifest.read(runs.places.candidates, ran.manifest_digest)
    assert made.failure is not None
    assert (made.outcome, made.failure.message) == (Outcome.ERROR, "It was killed.")
    assert runs.places.candidates.read(str(made.failure.log_tail)) == b"last words"
    assert {result.outcome for result in made.gates} == {Outcome.NOT_RUN}


def test_a_run_of_a_family_nobody_knows_can_be_buried_too(runs: Runs) -> None:
    lost = job(edition="2026-09", family="ks_volcanoes")
    ran = runner.bury(
        lost, places=runs.places, why="It was lost.", log_tail=b"", now=lambda: datetime.now(UTC)
    )
    assert (ran.outcome, runs.read(ran).gates) == (Outcome.ERROR, ())


def test_what_is_no_job_is_refused(runs: Runs) -> None:
    with pytest.raises(JobInvalid, match="attempt"):
        runs.carry_out(replace(job(edition="2026-09"), attempt=0))


def test_each_step_is_told(runs: Runs) -> None:
    told: list[tuple[str, int, int]] = []
    base = runs.ran("2024-10").manifest_digest
    asked = job(edition="2026-09", base=base)
    runner.run(asked, places=runs.places, now=lambda: datetime.now(UTC), tell=lambda *step: told.append(step))
    assert [number for _, number, _ in told] == list(range(1, 9))
    assert {of for _, _, of in told} == {8}


def test_damage_in_the_store_is_an_error_that_names_the_artifact(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    own = Runs(tmp_path_factory.mktemp("damaged"))
    data = own.manifest("2024-10").artifact("data")
    assert data is not None
    file = own.places.candidates.path(data.sha256)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    made = own.read(own.carry_out(job(edition="2026-09", base=own.ran("2024-10").manifest_digest)))
    assert made.failure is not None
    assert (made.outcome, made.failure.kind) == (Outcome.ERROR, "ArtifactDamaged")
    assert data.sha256[:8] in made.failure.message
