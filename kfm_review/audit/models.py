"""The lines of the audit record, the tree they are leaves of, and what was signed about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kfm_review.audit import keeping


class Event(models.Model):
    """Who did what, to what, why, when; `body` is canonical and `leaf_hash` names it in the tree."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=200)
    family = models.CharField(max_length=63, blank=True, default="")
    why = models.TextField(blank=True, default="")
    details = models.JSONField(default=dict)
    body = models.BinaryField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        triggers = (*keeping.append_only(), keeping.proved_by_its_body())
        indexes = (
            models.Index(fields=("at",), name="events_by_time"),
            models.Index(fields=("actor", "id"), name="events_by_actor"),
            models.Index(fields=("action", "id"), name="events_by_action"),
            models.Index(fields=("target", "id"), name="events_by_target"),
            models.Index(fields=("family", "id"), name="events_by_family"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class Leaf(models.Model):
    """Which place an event has in the tree: numbered after it was committed, without a gap."""

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        triggers = (*keeping.append_only(), keeping.numbered_without_gaps())

    def __str__(self) -> str:
        return f"leaf {self.number}"


class Tile(models.Model):
    """256 neighbouring hashes of one level and what they come to; written once all of them are known."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (models.UniqueConstraint(fields=("level", "index"), name="one_tile_in_a_place"),)

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Checkpoint(models.Model):
    """What the sequencer signed at a moment: so many leaves, and the hash that all of them come to."""

    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    note = models.TextField()
    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        triggers = (*keeping.append_only(), keeping.never_smaller())
        constraints = (models.CheckConstraint(condition=Q(size__gte=0), name="checkpoint_of_a_size"),)

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class Cosignature(models.Model):
    """A witness has seen that this checkpoint continues the one it signed before."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    witness = models.CharField(max_length=200)
    key = models.CharField(max_length=64)
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.UniqueConstraint(fields=("checkpoint", "key"), name="one_cosignature_of_a_key"),
        )

    def __str__(self) -> str:
        return f"{self.witness} on {self.checkpoint_id}"


class Conflict(models.Model):
    """A witness, or the sequencer itself, refused a tree that does not continue what was signed before."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, null=True, related_name="conflicts")
    witness = models.CharField(max_length=200)
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"{self.witness}: {self.why}"
