"""What was asked to be excused, who signed it, how each exception ended, and whether runs still need it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kfm_review.audit import keeping
from kfm_review.runs.models import Asset, Manifest
from kfm_review.signing.models import Statement

USER = settings.AUTH_USER_MODEL
ENDINGS = ("revoked", "voided", "expired")
NEEDS = ("still needed", "not needed", "exceeded")


class Request(models.Model):
    """Somebody asks that failing gates of one manifest may stand; `body` is what a signer will read."""

    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="exception_requests")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="exception_requests")
    kind = models.CharField(max_length=32)  # its class
    body = models.JSONField()
    requested_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        indexes = (models.Index(fields=("asset", "-id"), name="requests_of_asset"),)

    def __str__(self) -> str:
        return f"request {self.pk}"


class Denial(models.Model):
    """A request that governance denied, with a signature."""

    request = models.OneToOneField(Request, models.PROTECT, related_name="denial")
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="+")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"denial of {self.request_id}"


class Waiver(models.Model):
    """A signed exception: `envelope` proves it, all else stands in its statement too."""

    request = models.OneToOneField(Request, models.PROTECT, related_name="waiver")
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="+")
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="waivers")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="waivers")
    kind = models.CharField(max_length=32)
    reach = models.CharField(max_length=8)
    envelope = models.BinaryField()
    prov = models.BinaryField()
    signed_by = models.JSONField()  # account names, in the order in which they signed
    at = models.DateTimeField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(condition=Q(expires_at__gt=F("not_before")), name="exceptions_end"),
            models.CheckConstraint(condition=Q(reach__in=("manifest", "asset")), name="reach_known"),
        )
        indexes = (models.Index(fields=("asset", "expires_at"), name="waivers_of_asset"),)

    def __str__(self) -> str:
        return f"exception {self.pk}"


class Ending(models.Model):
    """How an exception ended before, or when, its time was over; a revocation is signed."""

    waiver = models.OneToOneField(Waiver, models.PROTECT, related_name="ending")
    how = models.CharField(max_length=8)
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    why = models.TextField()
    statement = models.OneToOneField(Statement, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(condition=Q(how__in=ENDINGS), name="ending_known"),
            models.CheckConstraint(
                condition=~Q(how="revoked") | Q(statement__isnull=False, by__isnull=False),
                name="revocations_are_signed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.how} {self.waiver_id}"


class Need(models.Model):
    """What one later manifest says of a live exception: still needed, not needed, exceeded."""

    waiver = models.ForeignKey(Waiver, models.PROTECT, related_name="needs")
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="+")
    said = models.CharField(max_length=16)
    why = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.UniqueConstraint(fields=("waiver", "manifest"), name="one_word_of_each_manifest"),
            models.CheckConstraint(condition=Q(said__in=NEEDS), name="need_known"),
        )

    def __str__(self) -> str:
        return f"{self.said} {self.waiver_id}"
