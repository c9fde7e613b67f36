"""What people look at, and what each of them decided."""

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from kfm_review.audit import keeping
from kfm_review.reviews.states import MOVES, Status, Verdict
from kfm_review.runs.models import Asset, Manifest, Run

USER = settings.AUTH_USER_MODEL
FAIL, EXCUSED = "FAIL", "EXCUSED"

NOT_HIS_OWN = """
IF EXISTS (
    SELECT FROM reviews_review WHERE id = NEW.review_id AND NEW.by_id IN (requested_by_id, author_id)
) THEN
    RAISE EXCEPTION 'Whoever asked for a run or delivered its edition does not decide about it.';
END IF;
RETURN NEW;
"""
SAME_MANIFEST = """
IF NEW.manifest_id IS DISTINCT FROM (SELECT manifest_id FROM reviews_review WHERE id = NEW.review_id) THEN
    RAISE EXCEPTION 'A decision on review % must name the manifest of that review.', NEW.review_id;
END IF;
IF NEW.n <> 1 + coalesce(
    (SELECT max(n) FROM reviews_decision WHERE review_id = NEW.review_id AND by_id = NEW.by_id), 0
) THEN
    RAISE EXCEPTION 'Decisions of a person on review % are numbered without gaps.', NEW.review_id;
END IF;
RETURN NEW;
"""
MANIFEST_OF_RUN = """
IF NOT EXISTS (
    SELECT FROM runs_run JOIN runs_manifest ON runs_manifest.digest = runs_run.manifest_id
    WHERE runs_run.id = NEW.run_id AND runs_run.manifest_id = NEW.manifest_id
      AND runs_run.asset_id = NEW.asset_id AND runs_manifest.asset_id = NEW.asset_id
) THEN
    RAISE EXCEPTION 'A review looks at the manifest of its own run and asset.';
END IF;
RETURN NEW;
"""


LIVE_EXCEPTION = """
IF NOT EXISTS (
    SELECT FROM waivers_waiver AS given
    WHERE (given.manifest_id = NEW.manifest_id OR (given.reach = 'asset' AND given.asset_id = NEW.asset_id))
      AND NOT EXISTS (SELECT FROM waivers_ending WHERE waivers_ending.waiver_id = given.id)
) THEN
    RAISE EXCEPTION 'A failing run is approved only while a signed exception of it lives.';
END IF;
RETURN NEW;
"""


class Review(models.Model):
    """People looking at one manifest."""

    run = models.OneToOneField(Run, models.PROTECT, related_name="review")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="reviews")
    family = models.CharField(max_length=63)
    edition = models.CharField(max_length=120)
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="reviews")
    status = models.CharField(max_length=16, default=Status.OPEN)
    outcome = models.CharField(max_length=8)
    reasons = models.JSONField(default=list)
    needed = models.PositiveSmallIntegerField()
    roles = models.JSONField()
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="supersedes")
    stale_at = models.DateTimeField(null=True)
    stale_why = models.TextField(blank=True, default="")
    answers = models.ForeignKey("self", models.PROTECT, null=True, related_name="answered_by")
    promoted_at = models.DateTimeField(null=True)  # when a promotion of it began: from then on it is final

    lacks: tuple[str, ...] = ()  # on a page: the clearances its viewer would need
    parties: frozenset[int] = frozenset()  # on a page: who asked for an exception of it, or signed one
    excused: frozenset[str] = frozenset()  # on a page: the gates that exceptions let stand
    asks = False  # on a page: whether an exception was asked for, and nobody has answered
    veiled = False  # on a page: whether something of it is withheld

    class Meta:
        triggers = (
            *keeping.lasting(),
            keeping.moves(MOVES),
            keeping.fixed(
                *("run", "asset", "family", "edition", "manifest", "outcome", "reasons", "needed", "roles"),
                *("requested_by", "author", "opened_at", "answers"),
            ),
            pgtrigger.Trigger(
                name="manifest_of_run",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=MANIFEST_OF_RUN,
            ),
            pgtrigger.Trigger(
                name="final_once_promoted",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__promoted_at__isnull=False)
                & (
                    pgtrigger.Q(old__status__df=pgtrigger.F("new__status"))
                    | pgtrigger.Q(new__promoted_at__isnull=True)
                ),
                func="RAISE EXCEPTION 'Review % is final: a promotion of it has begun.', OLD.id;",
            ),
            pgtrigger.Trigger(
                name="failing_needs_exception",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    new__status="approved", new__outcome="FAIL", old__status__df=pgtrigger.F("new__status")
                ),
                func=LIVE_EXCEPTION,
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=[str(status) for status in Status]), name="review_status_known"
            ),
            models.CheckConstraint(condition=Q(needed__gte=1), name="review_needs_somebody"),
            models.CheckConstraint(
                condition=~Q(status="approved") | Q(outcome__in=["PASS", "REVIEW", "FAIL"]),
                name="no_broken_approved",
            ),
        )
        indexes = (
            models.Index(fields=("status", "opened_at", "id"), name="reviews_queue"),
            models.Index(fields=("asset", "edition", "status"), name="reviews_of_edition"),
            models.Index(fields=("author", "status"), name="reviews_of_author"),
            models.Index(fields=("requested_by", "status"), name="reviews_of_requester"),
            models.Index(fields=("opened_at", "id"), condition=Q(status="open"), name="reviews_open"),
        )

    def __str__(self) -> str:
        return f"review {self.pk}"

    @property
    def shown(self) -> str:
        """Return the outcome as pages show it: what passed by exception is no pass, and fails no more."""
        failed = {one["gate"] for one in self.reasons if one["outcome"] == FAIL}
        return EXCUSED if self.outcome == FAIL and failed and failed <= self.excused else self.outcome

    @property
    def told(self) -> list[dict[str, Any]]:
        """Return the reasons as pages show them."""
        return [{**one, "outcome": EXCUSED} if one["gate"] in self.excused else one for one in self.reasons]


class Decision(models.Model):
    """One person's verdict on one review; that person's next one supersedes it."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="decisions")
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="+")
    by = models.ForeignKey(USER, models.PROTECT, related_name="decisions")
    n = models.PositiveSmallIntegerField()
    verdict = models.CharField(max_length=8)
    role = models.CharField(max_length=32)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        triggers = (
            *keeping.append_only(),
            pgtrigger.Trigger(
                name="same_manifest", when=pgtrigger.Before, operation=pgtrigger.Insert, func=SAME_MANIFEST
            ),
            pgtrigger.Trigger(
                name="not_his_own", when=pgtrigger.Before, operation=pgtrigger.Insert, func=NOT_HIS_OWN
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("review", "by", "n"), name="decisions_are_numbered"),
            models.CheckConstraint(
                condition=Q(verdict__in=[str(verdict) for verdict in Verdict]), name="verdict_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.verdict} on {self.review_id}"


class Replay(models.Model):
    """How a policy bundle would have judged past runs, kept before it is adopted."""

    bundle = models.CharField(max_length=64)
    asked = models.PositiveIntegerField()
    counts = models.JSONField()
    changed = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"replay {self.pk} of sha256:{self.bundle[:8]}"

    @property
    def turned(self) -> int:
        """Count the runs that would newly pass or fail."""
        return sum(number for turn, number in self.counts.items() if turn in ("fails", "passes"))
