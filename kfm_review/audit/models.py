"""One line of the audit record, with the bytes it is proved by."""

from django.conf import settings
from django.db import models

from kfm_review.audit import keeping


class Event(models.Model):
    """Who did what, to what, why, when; `body` is canonical and `leaf_hash` names it in the tree to come."""

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
        triggers = keeping.append_only()
        indexes = (
            models.Index(fields=("at",), name="events_by_time"),
            models.Index(fields=("actor", "id"), name="events_by_actor"),
            models.Index(fields=("action", "id"), name="events_by_action"),
            models.Index(fields=("target", "id"), name="events_by_target"),
            models.Index(fields=("family", "id"), name="events_by_family"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
