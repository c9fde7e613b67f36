"""Another policy on past runs: who would turn, by which rules, and what people had said."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kfm_review.audit.models import Event
from kfm_review.errors import Missing
from kfm_review.reviews import replaying
from kfm_review.reviews.models import Decision, Replay
from kfm_review.reviews.queries import replayed
from kfm_review.runs.models import Artifact, Manifest
from pipelines import digest, rego
from pipelines.model import Json
from tests.kfm_review import world
from tests.kfm_review.viewers import ANYONE, cleared
from tests.kfm_review.world import NOON
from tests.pipelines.memory import MemoryStore

pytestmark = pytest.mark.django_db
GOOD = Path(__file__).parents[2] / "pipelines" / "policies" / "good.json"


def asked() -> Json:
    """Return a good input of a materialisation."""
    return dict(json.loads(GOOD.read_bytes())["good"]["public"]["input"])


def kept(manifest: Manifest | None, *, store: MemoryStore, **told: Any) -> None:
    """Keep a judgement of a manifest, as its run would have."""
    assert manifest is not None
    said = {"package": "materialisation", "allowed": True, "missing": [], **told}
    content = digest.canonical({"input": told.pop("input", asked()), "judgement": said})
    Artifact.objects.create(
        manifest=manifest,
        role="judgement",
        media_type="application/json",
        sha256=store.put(content),
        size=len(content),
    )


def replay(store: MemoryStore, *, last: int = 500) -> Replay:
    """Judge again by the policy in force."""
    return replaying.replay(engine=rego.engine(), last=last, store=store, now=NOON)


def test_what_is_judged_alike_is_only_counted() -> None:
    store = MemoryStore()
    kept(world.review(None).run.manifest, store=store)
    found = replay(store)
    assert (found.asked, found.counts, found.changed) == (1, {"same": 1}, [])
    assert found.bundle == rego.engine().digest


def test_a_run_that_would_newly_fail_stands_with_its_rule_and_what_people_decided() -> None:
    store, review = MemoryStore(), world.review(None)
    said = {"verdict": "approve", "role": "reviewer", "n": 1, "at": NOON}
    Decision.objects.create(
        review=review, manifest=review.manifest, by=world.person("ada", "reviewer"), **said
    )
    worse = {**asked(), "catalogs": {**asked()["catalogs"], "faults": 1}}
    kept(review.run.manifest, store=store, input=worse)
    [turned] = replay(store).changed
    assert (turned["turn"], turned["rules"]) == ("fails", ["catalogs.valid"])
    assert turned["decisions"] == [{"by": "ada", "verdict": "approve"}]


def test_a_run_that_would_newly_pass_is_found() -> None:
    store = MemoryStore()
    kept(world.review(None).run.manifest, store=store, allowed=False, missing=["links.owed"])
    [turned] = replay(store).changed
    assert (turned["turn"], turned["rules"]) == ("passes", ["links.owed"])


def test_what_turns_is_counted_and_stands_before_what_cannot_be_judged() -> None:
    store = MemoryStore()
    passes = world.review(None, edition="a").run.manifest
    kept(passes, store=store, allowed=False, missing=["links.owed"])
    world.review(None, edition="b")
    found = replay(store)
    shown = replayed.replay(found.pk, viewer=ANYONE)
    assert (found.turned, [one.told["turn"] for one in shown.turned]) == (1, ["passes", "without"])


def test_what_cannot_be_judged_is_never_the_same() -> None:
    store = MemoryStore()
    kept(world.review(None, edition="a").run.manifest, store=store, input={"content": {}})
    world.review(None, edition="b")
    assert replay(store).counts == {"broken": 1, "without": 1}


def test_only_the_newest_are_asked_and_the_record_says_so() -> None:
    store = MemoryStore()
    for edition in "abc":
        kept(world.review(None, edition=edition).run.manifest, store=store)
    assert replay(store, last=2).asked == 2
    assert Event.objects.get(action="policy.replayed").details["asked"] == 2


def test_runs_that_the_viewer_may_not_know_are_counted_not_named() -> None:
    store = MemoryStore()
    world.review(None, label="restricted")
    found = replay(store)
    hidden = replayed.replay(found.pk, viewer=ANYONE)
    assert (hidden.turned, hidden.withheld) == ((), 1)
    seen = replayed.replay(found.pk, viewer=cleared("restricted"))
    assert (len(seen.turned), seen.withheld) == (1, 0)
    with pytest.raises(Missing):
        replayed.replay(found.pk + 1, viewer=ANYONE)


def test_a_bundle_that_was_changed_judges_nothing(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(rego.BUNDLE, tmp_path / "bundle"))
    (bundle / rego.DATA).write_bytes(b"{}")
    with pytest.raises(CommandError, match="not the one"):
        call_command("policy", "replay", "--bundle", str(bundle))
    assert not Replay.objects.exists()
