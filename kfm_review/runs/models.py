"""What was asked of machines, how they carried it out, and what they made."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kfm_review.audit import keeping
from kfm_review.runs.states import ACTIVE, MOVES, Status
from pipelines.model import NO_BASE, DiffState, Outcome

DIGEST = 64
USER = settings.AUTH_USER_MODEL
IS_ACTIVE = Q(status__in=[str(status) for status in ACTIVE])
IS_KNOWN = Q(status__in=[str(status) for status in Status])
TRIGGERS = ("person", "schedule", "stale", "retry")
DOCUMENTS = ("stac", "dcat", "prov")


class Asset(models.Model):
    """A family and a partition; the row that promotion locks."""

    name = models.CharField(max_length=200, unique=True)
    family = models.CharField(max_length=63)
    partition = models.CharField(max_length=120, null=True)  # noqa: DJ001  # none is not the empty one
    title = models.CharField(max_length=300)

    class Meta:
        triggers = (*keeping.lasting(), keeping.fixed("name", "family", "partition"))

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file that a person delivered, by its digest in the inbox."""

    sha256 = models.CharField(max_length=DIGEST)
    size = models.BigIntegerField()
    name = models.CharField(max_length=300)
    media_type = models.CharField(max_length=200)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"{self.name} sha256:{self.sha256[:8]}"


class Manifest(models.Model):
    """The content of a run, by its digest; the body is the document itself."""

    digest = models.CharField(max_length=DIGEST, primary_key=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="manifests")
    family = models.CharField(max_length=63)
    edition = models.CharField(max_length=120)
    body = models.JSONField()
    outcome = models.CharField(max_length=8)
    score = models.FloatField(null=True)
    base = models.CharField(max_length=DIGEST)
    input_hash = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    content_digest = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    label = models.CharField(max_length=32, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(
                condition=Q(outcome__in=["PASS", "REVIEW", "FAIL", "ERROR"]), name="manifest_outcome_known"
            ),
        )
        indexes = (models.Index(fields=("asset", "-recorded_at"), name="manifests_of_asset"),)

    def __str__(self) -> str:
        return f"sha256:{self.digest[:8]}"


class Current(models.Model):
    """What is current of an asset in a channel, and what its gates said; set with the pointer's flip."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="current")
    channel = models.CharField(max_length=16)
    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="+")
    input_hash = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    content_digest = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    outcomes = models.JSONField()
    release_number = models.PositiveIntegerField()
    set_at = models.DateTimeField()

    class Meta:
        triggers = keeping.lasting()
        constraints = (models.UniqueConstraint(fields=("asset", "channel"), name="one_current"),)

    def __str__(self) -> str:
        return f"{self.asset_id} {self.channel} {self.release_number}"


class Run(models.Model):
    """One request to materialise an asset."""

    id = models.UUIDField(primary_key=True)
    alias = models.CharField(max_length=40, unique=True)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="runs")
    edition = models.CharField(max_length=120)
    channel = models.CharField(max_length=16, default="public")
    status = models.CharField(max_length=16, default=Status.REQUESTED)
    requested_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    request_key = models.CharField(max_length=DIGEST)
    why = models.TextField(blank=True)
    uploads = models.JSONField(default=dict)
    base = models.CharField(max_length=DIGEST, default=NO_BASE)
    attempts_left = models.PositiveSmallIntegerField()
    manifest = models.ForeignKey(Manifest, models.PROTECT, null=True, related_name="runs")
    prov_digest = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    input_hash = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    spec_hash = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # unknown is not empty
    outcome = models.CharField(max_length=8, blank=True, default="")
    unchanged = models.BooleanField(default=False)
    unchanged_why = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, default="")
    trigger = models.CharField(max_length=16, default="person")
    answers = models.BigIntegerField(null=True)  # the review whose request for changes it answers

    class Meta:
        triggers = (
            *keeping.lasting(),
            keeping.moves(MOVES),
            keeping.fixed(
                *("id", "alias", "asset", "edition", "channel", "requested_by", "author", "requested_at"),
                *("request_key", "why", "uploads", "base", "trigger", "answers"),
            ),
            keeping.written_once("manifest", "prov_digest", "spec_hash", "outcome", "failure", "ended_at"),
        )
        constraints = (
            models.UniqueConstraint(fields=("request_key",), condition=IS_ACTIVE, name="one_active_run"),
            models.CheckConstraint(condition=IS_KNOWN, name="run_status_known"),
            models.CheckConstraint(condition=Q(trigger__in=TRIGGERS), name="run_trigger_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["recorded", "failed"]) | Q(manifest__isnull=False),
                name="ended_run_has_manifest",
            ),
        )
        indexes = (
            models.Index(fields=("-requested_at", "-id"), name="runs_by_time"),
            models.Index(fields=("asset", "edition", "-id"), name="runs_of_edition"),
            models.Index(fields=("status", "-id"), name="runs_by_status"),
            models.Index(fields=("outcome", "-id"), name="runs_by_outcome"),
            models.Index(fields=("id",), condition=IS_ACTIVE, name="runs_active"),
            models.Index(fields=("answers",), condition=Q(answers__isnull=False), name="runs_that_answer"),
        )

    def __str__(self) -> str:
        return self.alias


class Attempt(models.Model):
    """One numbered try of a run; its secret is known to the worker that was asked, and here by its hash."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    secret_hash = models.CharField(max_length=DIGEST)
    worker = models.CharField(max_length=200, blank=True, default="")
    sent_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=200, blank=True, default="")
    step_n = models.PositiveSmallIntegerField(default=0)
    step_of = models.PositiveSmallIntegerField(default=0)
    why = models.TextField(blank=True, default="")
    burial = models.BooleanField(default=False)  # only asked to write the run's end

    class Meta:
        triggers = (*keeping.lasting(), keeping.fixed("run", "number", "secret_hash", "sent_at", "burial"))
        constraints = (models.UniqueConstraint(fields=("run", "number"), name="attempts_are_numbered"),)

    def __str__(self) -> str:
        return f"{self.run_id}.{self.number}"


class Artifact(models.Model):
    """Bytes that a manifest names, by digest."""

    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="artifacts")
    role = models.CharField(max_length=32)
    media_type = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=DIGEST)
    size = models.BigIntegerField()

    class Meta:
        triggers = keeping.append_only()
        indexes = (models.Index(fields=("sha256",), name="artifacts_by_digest"),)

    def __str__(self) -> str:
        return f"{self.role} sha256:{self.sha256[:8]}"


class Document(models.Model):
    """A catalog or provenance document, by digest, and the attempt that wrote it."""

    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="documents")
    run = models.ForeignKey(Run, models.PROTECT, related_name="documents")
    attempt = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=DIGEST)
    size = models.BigIntegerField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=DOCUMENTS), name="document_kind_known"),
            models.UniqueConstraint(fields=("run", "kind"), name="one_document_of_a_kind"),
        )
        indexes = (models.Index(fields=("sha256",), name="documents_by_digest"),)

    def __str__(self) -> str:
        return f"{self.kind} sha256:{self.sha256[:8]}"


class GateResult(models.Model):
    """What one gate said of a manifest."""

    manifest = models.ForeignKey(Manifest, models.PROTECT, related_name="gates")
    position = models.PositiveSmallIntegerField()
    gate = models.CharField(max_length=63)
    phase = models.CharField(max_length=8)
    outcome = models.CharField(max_length=8)
    measured = models.TextField(blank=True)
    limit = models.TextField(blank=True)
    value = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    score = models.FloatField(null=True)
    evidence = models.TextField(blank=True)
    remedy = models.TextField(blank=True)

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.UniqueConstraint(fields=("manifest", "position"), name="gates_stand_in_order"),
            models.CheckConstraint(
                condition=Q(outcome__in=[str(outcome) for outcome in Outcome]), name="gate_outcome_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.gate} {self.outcome}"


class Finding(models.Model):
    """One thing a gate noticed."""

    result = models.ForeignKey(GateResult, models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField()
    rule = models.CharField(max_length=120)
    message = models.TextField()
    remedy = models.TextField()
    where = models.CharField(max_length=500, blank=True)

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.UniqueConstraint(fields=("result", "position"), name="findings_stand_in_order"),
        )

    def __str__(self) -> str:
        return self.rule


class Diff(models.Model):
    """What changed against the base; an unknown count is null, never zero."""

    manifest = models.OneToOneField(Manifest, models.PROTECT, related_name="diff")
    state = models.CharField(max_length=16)
    added = models.BigIntegerField(null=True)
    removed = models.BigIntegerField(null=True)
    changed = models.BigIntegerField(null=True)
    moved = models.BigIntegerField(null=True)
    decimals_only = models.BigIntegerField(null=True)
    before_rows = models.BigIntegerField(null=True)
    after_rows = models.BigIntegerField(null=True)
    artifact = models.CharField(max_length=DIGEST, null=True)  # noqa: DJ001  # none is not empty
    why = models.TextField(blank=True)

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in DiffState]), name="diff_state_known"
            ),
        )

    def __str__(self) -> str:
        return f"diff of {self.manifest_id}"
