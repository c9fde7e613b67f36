"""Who is cleared for which manifest: the database and the rule answer alike, for every label and viewer."""

import json
from typing import Any

import pytest
from django.db import connection

from kfm_review.accounts.models import Clearance, User
from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer, viewer
from kfm_review.reviews.queries.dossier import dossier
from kfm_review.runs import queries, withheld
from kfm_review.runs.models import Artifact, Manifest, Run
from tests.kfm_review import world
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
SOVEREIGNTY: dict[str, Any] = {
    "none": [],
    "one": [{"authority": "Osage Nation"}],
    "two": [{"authority": "Osage Nation"}, {"authority": "Kaw Nation"}],
    "absent": None,
    "words": ["Osage Nation"],
    "nameless": [{"id": "x"}],
    "number": 7,
}
HELD = (
    (),
    ("restricted",),
    ("quarantine",),
    ("restricted", "authority:Osage Nation"),
    ("authority:Osage Nation", "authority:Kaw Nation"),
    ("quarantine", "authority:Osage Nation", "authority:Kaw Nation"),
)


def cleared(name: str, *held: str) -> User:
    """Return a reviewer who was cleared by a second person."""
    somebody = person(name, "reviewer")
    for label in held:
        Clearance.objects.create(user=somebody, label=label, until=NOON.date(), granted_at=NOON)
    return somebody


def looking(name: str, *held: str) -> Viewer:
    return viewer(cleared(name, *held), today=NOON.date(), now=NOON)


def test_the_database_and_the_rule_answer_alike() -> None:
    asset = world.asset()
    made = []
    for label in ("public", "generalized", "restricted", "quarantine", "", "secret"):
        for said in SOVEREIGNTY.values():
            row = world.manifest(asset, edition="x", outcome="PASS", base="none", label=label, at=NOON)
            values = Manifest.objects.filter(pk=row.pk).values()[0]
            name = world.digest(f"{label} {said}")
            body = {"labels": {"sensitivity": label, "sovereignty": said}}
            made.append(Manifest.objects.create(**{**values, "digest": name, "body": body}))
    for number, held in enumerate(HELD):
        who = looking(f"r{number}", *held)
        right = {one.pk for one in made if who.sees(withheld.marked(one))}
        found = Manifest.objects.filter(withheld.seen(who), pk__in=[one.pk for one in made])
        assert set(found.values_list("pk", flat=True)) == right, held


def test_a_run_that_made_nothing_is_as_its_family_declares() -> None:
    known = world.run(world.asset(), None, edition="x", at=NOON, status="running")
    gone = world.run(world.asset("ks_gone"), None, edition="x", at=NOON, status="running")
    rita = looking("rita", "restricted")
    assert rita.sees(withheld.marked_run(known))
    assert not rita.sees(withheld.marked_run(gone))
    assert [run.pk for run in Run.objects.filter(withheld.seen_run(rita))] == [known.pk]


def test_a_clearance_that_ended_yesterday_opens_nothing() -> None:
    review = world.review(None, label="restricted")
    rita = cleared("rita", "restricted")
    for day, opens in ((NOON, True), (NOON.replace(day=25), False)):
        assert viewer(rita, today=day.date(), now=day).sees(withheld.marked(review.manifest)) is opens


def test_who_holds_no_role_sees_nothing() -> None:
    nobody = cleared("nils", "quarantine")
    nobody.grants.update(ended_at=NOON)
    assert not viewer(nobody, today=NOON.date()).sees(withheld.marked(world.review(None).manifest))


def generalized(
    manifest: Manifest, *, role: str = "generalized-preview", label: str | None = "generalized"
) -> str:
    """Return the digest of an artifact that says it is for everybody, in a manifest that says so or not."""
    sha256 = world.digest(f"{role} {manifest.pk}")
    Artifact.objects.create(
        manifest=manifest, role=role, media_type="application/json", sha256=sha256, size=1
    )
    listed = [{"role": role, "sha256": sha256, "label": label}]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE runs_manifest SET body = jsonb_set(body, '{artifacts}', %s::jsonb) WHERE digest = %s",
            [json.dumps(listed), manifest.pk],
        )
        cursor.execute("RESET session_replication_role")
    return sha256


@pytest.mark.parametrize(
    ("label", "role", "own", "opens"),
    [
        ("restricted", "generalized-preview", "generalized", True),
        ("restricted", "generalized-data", "public", True),
        ("restricted", "preview", "generalized", False),
        *(("restricted", "generalized-preview", own, False) for own in ("restricted", "quarantine", None)),
        *((label, "generalized-preview", "generalized", False) for label in ("quarantine", "")),
    ],
)
def test_only_what_was_made_for_everybody_is_open(
    label: str, role: str, own: str | None, *, opens: bool
) -> None:
    review = world.review(None, label=label)
    sha256, rita = generalized(review.manifest, role=role, label=own), looking("rita")
    artifact = Artifact.objects.select_related("manifest").get(sha256=sha256)
    assert withheld.is_open(artifact) is opens
    if opens:
        assert queries.download(sha256, viewer=rita).sha256 == sha256
    else:
        with pytest.raises(Missing):
            queries.download(sha256, viewer=rita)
    shown = dossier(review.pk, viewer=rita)
    assert (shown.style is not None) == (opens and role == "generalized-preview")
    assert set(shown.artifacts) == ({role} if opens else set())


def test_generalized_bytes_that_are_exact_ones_elsewhere_are_withheld() -> None:
    review, other = world.review(None, label="restricted"), world.review(None, label="restricted")
    sha256 = generalized(review.manifest)
    Artifact.objects.create(manifest=other.manifest, role="data", media_type="x", sha256=sha256, size=1)
    with pytest.raises(Missing):
        queries.download(sha256, viewer=looking("rita"))
