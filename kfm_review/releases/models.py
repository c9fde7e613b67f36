"""What was approved for publication under which number, each try to publish it, and what holds it back."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from kfm_review.audit import keeping
from kfm_review.releases.guards import (
    APPROVED_RELEASE,
    APPROVED_REVIEW,
    COVERED,
    PUBLISHED_BEFORE,
    VERIFIED_FIRST,
)
from kfm_review.releases.states import ACTIVE, MOVES, Kind, Status
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Asset, Manifest, Run
from kfm_review.signing.models import Statement

USER = settings.AUTH_USER_MODEL


class Release(models.Model):
    """An approved manifest under a number that is never used again."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="releases")
    channel = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="releases")
    review = models.OneToOneField(Review, models.PROTECT, related_name="release")
    at = models.DateTimeField()
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        triggers = (
            *keeping.append_only(),
            pgtrigger.Trigger(
                name="approved_review",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=APPROVED_REVIEW,
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("asset", "channel", "number"), name="release_numbers_are_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="release_numbers_begin_at_one"),
        )

    def __str__(self) -> str:
        return f"release {self.number} of {self.asset_id}"


class Promotion(models.Model):
    """One attempt to make a release current in a channel."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="promotions")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="promotions")
    channel = models.CharField(max_length=16)
    kind = models.CharField(max_length=16, default=Kind.PROMOTE)
    status = models.CharField(max_length=16, default=Status.QUEUED)
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    why = models.TextField(blank=True)
    successor = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    replay = models.BooleanField(default=False, db_default=False)  # carry the whole run out again first
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, default="")
    checks = models.JSONField(default=list)
    documents = models.JSONField(default=dict)
    fence = models.PositiveIntegerField(default=0)  # how often a promoter took it up
    tried_at = models.DateTimeField(null=True)  # when it was last sent or taken up
    nonce = models.CharField(max_length=32, blank=True, default="", db_default="")  # of the order to verify
    asked = models.PositiveIntegerField(default=0, db_default=0)  # how often the second run was asked for

    class Meta:
        triggers = (
            *keeping.lasting(),
            keeping.moves(MOVES),
            keeping.fixed(
                *("release", "asset", "channel", "kind", "requested_by", "why", "successor", "replay", "at")
            ),
            pgtrigger.Trigger(
                name="published_before",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=PUBLISHED_BEFORE,
            ),
            pgtrigger.Trigger(
                name="verified_first",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__status="running") & ~pgtrigger.Q(old__status="running"),
                func=VERIFIED_FIRST,
            ),
            pgtrigger.Trigger(
                name="approved_release",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Immediate,
                func=APPROVED_RELEASE,
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("asset", "channel"),
                condition=Q(status__in=[str(status) for status in ACTIVE]),
                name="one_active_promotion",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[str(status) for status in Status]), name="promotion_status_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[str(kind) for kind in Kind]), name="promotion_kind_known"
            ),
        )
        indexes = (models.Index(fields=("asset", "-id"), name="promotions_of_asset"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.release_id}"


class Hold(models.Model):
    """Promotion of an asset is stopped until a person lifts it."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="holds")
    set_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    why = models.TextField()
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    lifted_why = models.TextField(blank=True, default="")

    class Meta:
        triggers = (*keeping.lasting(), keeping.fixed("asset", "set_by", "why", "at"))
        constraints = (
            models.UniqueConstraint(fields=("asset",), condition=Q(lifted_at=None), name="one_live_hold"),
        )

    def __str__(self) -> str:
        return f"hold on {self.asset_id}"


class Attestation(models.Model):
    """What a worker signed of one attempt: these are its manifest and its PROV."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="attestations")
    attempt = models.PositiveSmallIntegerField()
    envelope = models.BinaryField()
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.UniqueConstraint(fields=("run", "attempt"), name="one_attestation_of_an_attempt"),
        )

    def __str__(self) -> str:
        return f"attestation of {self.run_id}"


class Verification(models.Model):
    """What the second run of a manifest said for one promotion, in an envelope of its own."""

    promotion = models.OneToOneField(Promotion, models.PROTECT, related_name="verification")
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="verifications")
    reproduced = models.BooleanField()
    replayed = models.BooleanField()
    code_differs = models.JSONField(default=list)
    differences = models.JSONField(default=list)
    gates = models.PositiveSmallIntegerField()
    envelope = models.BinaryField()
    digest = models.CharField(max_length=64)
    key = models.CharField(max_length=80, blank=True)  # fingerprint; none where none is due
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        indexes = (models.Index(fields=("manifest", "-id"), name="verifications_of_manifest"),)

    def __str__(self) -> str:
        return f"verification of {self.promotion_id}"


class Judgement(models.Model):
    """One answer of the promotion policy, with all it was asked about."""

    promotion = models.ForeignKey(Promotion, models.PROTECT, related_name="judgements")
    moment = models.CharField(max_length=8)
    allowed = models.BooleanField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(condition=Q(moment__in=["before", "flip"]), name="judgement_moment_known"),
        )

    def __str__(self) -> str:
        return f"judgement of {self.promotion_id} {self.moment}"


class Tombstone(models.Model):
    """What stands where a withdrawn release stood: why, its successor, and the promoter's signature."""

    release = models.OneToOneField(Release, models.PROTECT, related_name="tombstone")
    promotion = models.OneToOneField(Promotion, models.PROTECT, related_name="tombstone")
    successor = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    item_id = models.CharField(max_length=300)
    envelope = models.BinaryField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        indexes = (models.Index(fields=("item_id",), name="tombstones_by_item"),)

    def __str__(self) -> str:
        return f"tombstone of {self.release_id}"


class StandingApproval(models.Model):
    """What somebody of governance signed in advance for clean runs of one asset."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="standing_approvals")
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="+")
    envelope = models.BinaryField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField()
    why = models.TextField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"standing approval of {self.asset_id}"


class StandingEnd(models.Model):
    """Somebody ended a standing approval before its day."""

    approval = models.OneToOneField(StandingApproval, models.PROTECT, related_name="end")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"end of {self.approval_id}"


class StandingUse(models.Model):
    """One review that a standing approval approved."""

    approval = models.ForeignKey(StandingApproval, models.PROTECT, related_name="uses")
    review = models.OneToOneField(Review, models.PROTECT, related_name="standing_use")
    at = models.DateTimeField()

    class Meta:
        triggers = (
            *keeping.append_only(),
            pgtrigger.Trigger(
                name="covered", when=pgtrigger.Before, operation=pgtrigger.Insert, func=COVERED
            ),
        )

    def __str__(self) -> str:
        return f"use of {self.approval_id}"
