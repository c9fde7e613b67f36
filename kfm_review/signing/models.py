"""Keys that people enrolled, statements they were shown, signatures they gave, and the chain of rosters."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kfm_review.audit import keeping
from kfm_review.signing.following import follows
from kfm_review.signing.rules import KINDS, NAMESPACES

USER = settings.AUTH_USER_MODEL


class Key(models.Model):
    """A public key that somebody enrolled; it counts for nothing before a roster lists it."""

    holder = models.ForeignKey(USER, models.PROTECT, related_name="keys")
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, unique=True)
    line = models.CharField(max_length=2000)
    roles = models.JSONField(default=list)
    credential_id = models.CharField(max_length=400, blank=True, default="")  # base64url, of a passkey
    attestation = models.BinaryField(default=b"")  # as the authenticator gave it
    attestation_format = models.CharField(max_length=32, blank=True, default="")
    since = models.DateTimeField()
    until = models.DateTimeField()
    enrolled_at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (models.CheckConstraint(condition=Q(kind__in=KINDS), name="key_kind_known"),)

    def __str__(self) -> str:
        return f"{self.name} of {self.holder_id}"


class Retirement(models.Model):
    """A key that its holder, or somebody of governance, wants to count no more; here at once."""

    key = models.OneToOneField(Key, models.PROTECT, related_name="retirement")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    why = models.TextField()

    class Meta:
        triggers = keeping.append_only()

    def __str__(self) -> str:
        return f"retirement of {self.key_id}"


class Statement(models.Model):
    """The canonical bytes that somebody is shown and signs, named by their digest."""

    digest = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=24)
    body = models.BinaryField()
    nonce = models.CharField(max_length=32, unique=True)
    about = models.CharField(max_length=64, blank=True, default="")  # the row it was prepared for
    prepared_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=list(NAMESPACES)), name="statement_kind_known"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"


class Signature(models.Model):
    """One person's signature of one statement: given once, and never for another."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="signatures")
    holder = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")  # none: the root
    fingerprint = models.CharField(max_length=64)
    sig = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        triggers = keeping.append_only()
        constraints = (
            models.UniqueConstraint(fields=("statement", "fingerprint"), name="a_key_signs_once"),
            models.UniqueConstraint(fields=("statement", "holder"), name="a_person_signs_once"),
        )

    def __str__(self) -> str:
        return f"signature of {self.fingerprint}"


class Roster(models.Model):
    """What may be a version of the roster, as it was signed; whether it counts, the chain says.

    Nothing is unique: whoever writes a row that nobody signed takes no place from the one that is signed.
    """

    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    envelope = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        triggers = (*keeping.append_only(), follows())
        constraints = (models.CheckConstraint(condition=Q(version__gte=1), name="rosters_begin_at_one"),)

    def __str__(self) -> str:
        return f"roster {self.version}"
