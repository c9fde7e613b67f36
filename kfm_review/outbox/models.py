"""Messages that wait to be sent, and the last sign of life of each process."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One message for a queue; sent once `sent_at` is set."""

    queue = models.CharField(max_length=64)
    body = models.JSONField()
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")

    class Meta:
        indexes = (models.Index(fields=("id",), condition=Q(sent_at=None), name="messages_unsent"),)

    def __str__(self) -> str:
        return f"{self.queue} {self.pk}"


class Pulse(models.Model):
    """When a process last answered a round trip."""

    process = models.CharField(max_length=64, unique=True)
    answered_at = models.DateTimeField()
    token = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.process} at {self.answered_at}"
