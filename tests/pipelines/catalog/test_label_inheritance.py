"""What comes out is never looser than what went in, and no bytes are looser than what they are made of."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines import digest, sensitivity
from pipelines.catalog import facts, labels, names
from pipelines.manifest import Manifest
from pipelines.model import Artifact, Input
from pipelines.sensitivity import ORDER, Sensitivity
from tests.pipelines import made
from tests.pipelines.closed import Json, Spoil, changed, rules
from tests.pipelines.labelled import Left, remade
from tests.pipelines.runs import Runs, job


def relabelled(of: Manifest, role: str, label: str) -> Manifest:
    """Return a manifest in which the bytes of one role have another label."""
    turned = tuple(replace(one, label=label) if one.role == role else one for one in of.artifacts)
    return replace(of, artifacts=turned)


@pytest.mark.parametrize(
    ("which", "role", "label"),
    [
        ("restricted", "data", "public"),
        ("public", "data", "restricted"),
        ("coarser", "receipt", "generalized"),
    ],
)
def test_bytes_are_labelled_as_what_they_are_made_of(
    which: str, role: str, label: str, request: pytest.FixtureRequest
) -> None:
    run = request.getfixturevalue(which)
    assert "labels.artifact" in remade(run, relabelled(run.manifest, role, label))


def test_what_comes_out_is_never_looser_than_what_went_in(public: made.Whole) -> None:
    (one,) = public.manifest.inputs
    told = replace(public.manifest, inputs=(replace(one, label="restricted"),))
    assert "labels.inherited" in remade(public, told)


def test_what_goes_in_looser_lowers_nothing(restricted: made.Whole) -> None:
    (one,) = restricted.manifest.inputs
    assert remade(restricted, replace(restricted.manifest, inputs=(replace(one, label="public"),))) == set()


def receipt(run: Left, spoil: Callable[[Json], object]) -> Manifest:
    """Return the manifest of a run whose receipt says something else, under its new digest everywhere."""
    kept = run.manifest.artifact("receipt")
    assert kept is not None
    assert run.manifest.labels is not None
    assert run.manifest.labels.generalization is not None
    said = digest.read_json(run.store.read(kept.sha256))
    spoil(said)
    content = digest.canonical(said)
    name = run.store.put(content)
    others = [one for one in run.manifest.artifacts if one.role != "receipt"]
    coarse = replace(run.manifest.labels.generalization, receipt=name)
    return replace(
        run.manifest,
        artifacts=(*others, replace(kept, sha256=name, size=len(content))),
        labels=replace(run.manifest.labels, generalization=coarse),
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said.update({"sources": []}),
        lambda said: said.update({"sources": ["0" * 64]}),
        lambda said: said.update({"method": "GRID"}),
        lambda said: said.update({"size_m": 1}),
        lambda said: said.pop("uncertainty_m"),
    ],
)
def test_a_receipt_of_something_else_is_none(spoil: Spoil, coarser: Left) -> None:
    assert "labels.receipt" in remade(coarser, receipt(coarser, spoil))


def test_no_receipt_is_no_lowering(coarser: Left) -> None:
    others = tuple(one for one in coarser.manifest.artifacts if one.role != "receipt")
    assert "labels.receipt" in remade(coarser, replace(coarser.manifest, artifacts=others))


def test_the_exact_bytes_are_never_listed(coarser: Left) -> None:
    exact = next(one for one in coarser.manifest.inputs if one.label == "restricted")

    def list_it(item: Json) -> None:
        href = names.object_href(exact.sha256)
        said = {"href": href, "file:checksum": names.multihash(exact.sha256), "file:size": exact.size}
        item["assets"]["exact"] = {**item["assets"]["data"], **said}

    assert "labels.exact" in changed(coarser, "stac", list_it)


@pytest.mark.parametrize(("which", "channel"), [("public", "restricted"), ("restricted", "public")])
def test_a_run_goes_to_the_channel_of_its_label(
    which: str, channel: str, request: pytest.FixtureRequest
) -> None:
    run = request.getfixturevalue(which)
    assert "labels.channel" in remade(run, replace(run.manifest, channel=channel))


def test_no_label_is_an_error(public: made.Whole) -> None:
    assert rules(labels.assessed(None)) == {"labels.missing"}
    assert "labels.missing" in remade(public, replace(public.manifest, labels=None))


def test_a_digest_that_is_two_things_takes_the_stricter_label() -> None:
    same = {"sha256": "a" * 64, "size": 1, "media_type": "text/csv"}
    held = [
        Artifact(role="data", label="public", **same),  # type: ignore[arg-type]  # of their own types
        Input(name="x", source="upload", label="restricted", **same),  # type: ignore[arg-type]  # the same
    ]
    told = labels.own("a" * 64, made.PUBLIC, artifacts=held[:1], inputs=held[1:])  # type: ignore[arg-type]  # the same
    assert told.sensitivity == "restricted"


@pytest.mark.parametrize("one", ORDER)
@pytest.mark.parametrize("other", ORDER)
def test_the_join_is_the_stricter_of_two(one: Sensitivity, other: Sensitivity) -> None:
    joined = sensitivity.strictest([one, other])
    assert sensitivity.rank(joined) == max(one.rank, other.rank)
    assert sensitivity.lowers(one, inputs=[other]) == (one.rank < other.rank)


@pytest.mark.parametrize("held", [[], ["secret"], ["public", ""]])
def test_what_has_no_known_label_joins_to_the_strictest(held: list[str]) -> None:
    assert sensitivity.strictest(held) == "quarantine"
    assert sensitivity.channel("secret") == "restricted"


def test_facts_are_told_of_every_node_for_others_to_judge(coarser: Left) -> None:
    inside = {"GeoParquet": None}
    told = facts.gathered(
        coarser.manifest, stac=coarser.stac, dcat=coarser.dcat, prov=coarser.prov, inside=inside
    )
    kinds = {one["kind"] for one in told["told"]}
    assert kinds == {"item", "asset", "dataset", "distribution", "source", "activity", "entity", "inside"}
    assert {one["label"] for one in told["inputs"]} == {"restricted", "public"}


def test_nothing_of_a_restricted_input_is_named_by_a_gate(tmp_path: Path) -> None:
    runs = Runs(tmp_path, family="ks_sites_by_county")
    bad = b"id,name,kind,period,note,lon,lat\nSYN0001,Synthetic site 1,camp,Archaic,no,-38.12345,98.54321\n"
    uploads = {"sites": runs.places.inbox.put(bad)}
    made_ = runs.read(runs.carry_out(job(edition="2026-06", family="ks_sites_by_county", uploads=uploads)))
    said = [one for one in made_.gates if one.findings]
    assert said
    for one in said:
        words = " ".join((one.measured, *(found.message + found.where for found in one.findings)))
        assert not [told for told in ("SYN0001", "98.5", "-38.1") if told in words]
    assert {one.label for one in made_.artifacts if one.role == "input-preview"} <= {"restricted"}
