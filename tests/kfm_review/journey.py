"""Real results of real editions put before the real actions: a worker whose runs were carried out once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from kfm_review.accounts.models import User
from kfm_review.audit.models import Event
from kfm_review.outbox.models import Message
from kfm_review.releases import actions as releases
from kfm_review.releases import promoting, verifying
from kfm_review.releases.models import Promotion
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs import actions as runs
from kfm_review.runs import deliveries
from kfm_review.runs.models import Run, Upload
from pipelines import attestation, closing, manifest, runner, spec
from pipelines import verifying as second
from pipelines.catalog import prov
from pipelines.manifest import Manifest
from pipelines.model import Job, Json
from pipelines.store import FileStore, Places
from pipelines.verifying import Verified
from tests.kfm_review.world import NOON, person
from tests.pipelines.runs import Runs

FAMILY = "ks_airports"
REASON = "Looked at on the map."


class Results:
    """What workers made of editions, each carried out once for the whole session."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs = Runs(root)
        self._made: dict[tuple[str, ...], Manifest] = {}
        self._verified: dict[str, Verified] = {}

    def of(self, job: Job, *, inbox: Path) -> Manifest:
        """Return what a job of that edition, base and delivery comes to."""
        asked = (job.asset, job.edition, job.base, str(sorted(job.uploads.items())))
        if asked not in self._made:
            link_all(inbox, self.root / "inbox")
            self._made[asked] = self._runs.read(self._runs.carry_out(job))
        return self._made[asked]

    def verified(self, manifest_digest: str, *, store: FileStore) -> Verified:
        """Return what a second run comes to, done once."""
        if manifest_digest not in self._verified:
            self._verified[manifest_digest] = second.verify(manifest_digest, store=store, replay=False)
        return self._verified[manifest_digest]


class Journey:
    """One test's people, store and clock; every step goes through the real actions."""

    def __init__(self, results: Results, root: Path) -> None:
        self.results = results
        self.root = root
        self.places = Places.at(root.as_uri())
        self.steward = person("stella", "steward")
        self.reviewer = person("rita", "reviewer")
        self.publisher = person("pia", "publisher")
        self._now = NOON

    @property
    def store(self) -> FileStore:
        return FileStore(self.root / "candidates")

    @property
    def public(self) -> Path:
        return self.root / "public"

    def now(self) -> datetime:
        """Return a moment one second later than the last."""
        self._now += timedelta(seconds=1)
        return self._now

    def ask(self, edition: str = "2024-10", *, by: User | None = None, **more: Any) -> Run:
        """Request a run as a person does."""
        asked = {"family": FAMILY, "partition": None, "upload_ids": (), "why": "It is due.", **more}
        return runs.request(edition=edition, actor=by or self.steward, now=self.now(), **asked)

    def job(self, run: Run) -> Job:
        """Return the last job that was posted for a run."""
        posted = Message.objects.filter(queue__startswith="pool.", body__job__run=str(run.pk))
        return Job.from_json(posted.order_by("-pk")[0].body["job"])

    def word(self, run: Run, kind: str, **more: Any) -> Json:
        """Return what the worker of the run's last attempt says."""
        job = self.job(run)
        return {"kind": kind, "run": job.run, "attempt": job.attempt, "secret": job.secret, **more}

    def result(self, run: Run, **more: Any) -> Json:
        """Carry the run's last attempt out and return what its worker reports."""
        job = self.job(run)
        made = self.results.of(job, inbox=self.root / "inbox")
        link_all(self.results.root / "candidates", self.root / "candidates")
        return self.report(run, made, **more)

    def report(self, run: Run, made: Manifest, **more: Any) -> Json:
        """Leave a manifest with the PROV of the run's last attempt, and return the message."""
        attempt = closing.attempt(self.job(run), started=self.now(), ended=self.now())
        told = self.store.put(prov.document(made, attempt=attempt))
        said = {"manifest": self.store.put(made.content), "prov": told, "outcome": str(made.outcome)}
        return {**self.word(run, "recorded"), **said, **more}

    def burial(self, run: Run, *, why: str = "The machine caught fire.") -> Json:
        """Have the end of a run written by a worker, and return what it reports."""
        ran = runner.bury(self.job(run), places=self.places, why=why, log_tail=b"Ouch.", now=self.now)
        return self.word(run, "failed", manifest=ran.manifest_digest, prov=ran.prov_digest, why=why)

    def finish(self, run: Run) -> Review | None:
        """Carry a run out and put its result before people."""
        runs.started(self.word(run, "started", worker="host:1"), now=self.now())
        return reviews.receive(self.result(run), now=self.now())

    def review(self, edition: str = "2024-10", **more: Any) -> Review:
        """Request a run, carry it out, and return its review."""
        review = self.finish(self.ask(edition, **more))
        assert review is not None, f"{edition} brought nothing new"
        return review

    def review_with(self, edition: str, **terms: Any) -> Review:
        """Return the review of an edition whose manifest says something else, as another family's would."""
        run = self.ask(edition)
        made = manifest.read(self.store, self.result(run)["manifest"])
        review = reviews.receive(self.report(run, replace(made, **terms)), now=self.now())
        assert review is not None, f"{edition} brought nothing new"
        return review

    def delivered(self, edition: str, *, by: User | None = None) -> Upload:
        """Drop the sample of an edition in as a file."""
        sample = spec.family(FAMILY).folder / "samples" / f"{edition}.csv"
        return deliveries.deliver_file(
            of=(FAMILY, "airports"),
            name=sample.name,
            content=ContentFile(sample.read_bytes()),
            actor=by or self.steward,
            now=self.now(),
        )

    def flip(self, sha256: str) -> None:
        """Change one byte of what the store holds under a name."""
        file = self.root / "candidates" / "sha256" / sha256[:2] / sha256
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.unlink()  # it is shared with other tests
        file.write_bytes(content)

    def decide(
        self, review: Review, verdict: str = "approve", *, by: User | None = None, **more: str
    ) -> Decision:
        """Decide as a person does who saw what stands there."""
        said = {"manifest": review.manifest_id, "reason": REASON, **more}
        made = reviews.decide(
            review_id=review.pk, verdict=verdict, actor=by or self.reviewer, now=self.now(), **said
        )
        review.refresh_from_db()
        return made

    def queued(self, edition: str = "2024-10", **more: Any) -> Promotion:
        """Return the queued promotion of an edition that was just approved."""
        return self.approved(self.review(edition, **more))

    def approved(self, review: Review) -> Promotion:
        """Approve a review and return its promotion, which a second run has reproduced."""
        self.decide(review)
        return self.promoted(review)

    def promoted(self, review: Review, *, key: attestation.Key | None = None) -> Promotion:
        """Return the promotion of an approved review, which a second run has reproduced."""
        promotion = releases.promote(review_id=review.pk, now=self.now())
        assert promotion is not None
        return self.verify(promotion, key=key)

    def verify(self, promotion: Promotion, *, key: attestation.Key | None = None, **said: Any) -> Promotion:
        """Have the second run done that a promotion waits for, by somebody who says so or something else."""
        verifying.ask(promotion.pk, now=self.now())
        promotion.refresh_from_db()
        if promotion.status == "verifying" and not verifying.ready(promotion):
            verifying.receive(self.verified(promotion, key=key, **said), now=self.now())
            promotion.refresh_from_db()
        return promotion

    def verified(self, promotion: Promotion, *, key: attestation.Key | None = None, **said: Any) -> Json:
        """Return what the verify pool reports of a promotion."""
        found = self.results.verified(promotion.release.manifest_id, store=self.store)
        told = second.statement(replace(found, **said), promotion=promotion.pk, nonce=promotion.nonce)
        named = {"promotion": promotion.pk, "nonce": promotion.nonce}
        return {"kind": "verified", **named, "envelope": attestation.sealed(told, key=key).decode()}

    def carry_out(self, promotion: Promotion) -> Promotion:
        """Let the promoter carry a promotion out, and return it as it then stands."""
        if promotion.status == "queued":
            self.verify(promotion)
        promoting.carry_out(promotion.pk, now=self.now)
        promotion.refresh_from_db()
        return promotion

    def published(self, edition: str = "2024-10") -> Promotion:
        """Publish an edition, all the way."""
        promotion = self.carry_out(self.queued(edition))
        assert promotion.status == "done", promotion.failure
        return promotion


def posted(queue: str) -> list[Mapping[str, Any]]:
    """Return the bodies of the messages posted to a queue, in order."""
    return [message.body for message in Message.objects.filter(queue=queue).order_by("pk")]


def events(prefix: str = "") -> list[str]:
    """Return what was recorded, in order."""
    found = Event.objects.filter(action__startswith=prefix).order_by("pk")
    return list(found.values_list("action", flat=True))


def link_all(source: Path, target: Path) -> None:
    """Give every file below `source` the same name below `target`, without copying it."""
    for file in source.rglob("sha256/*/*"):
        there = target / file.relative_to(source)
        if not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.hardlink_to(file)
