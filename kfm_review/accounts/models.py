"""People who sign in, the roles and clearances they were granted, and how often signing in was tried."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from kfm_review.accounts.roles import Held, Role

__all__ = ["Clearance", "Role", "RoleGrant", "SignIn", "User"]


class People(BaseUserManager["User"]):
    """Finds people by their account name."""


class User(AbstractBaseUser):
    username = models.CharField(max_length=150, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    last_login = None  # the table of tries says it

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = People()

    def __str__(self) -> str:
        return self.full_name or self.username

    def roles(self) -> Held:
        """Return every role held now, each with its family; a closed account holds none."""
        if not self.is_active:
            return frozenset()
        live = RoleGrant.objects.filter(user=self, user__is_active=True, ended_at__isnull=True)
        return frozenset(live.values_list("role", "family"))


class RoleGrant(models.Model):
    """A role a person holds, for one family or for all (""), until it is ended."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)
    family = models.CharField(max_length=63, blank=True, default="")
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "family"), condition=Q(ended_at=None), name="one_live_grant"
            ),
            models.CheckConstraint(condition=Q(role__in=[str(role) for role in Role]), name="known_role"),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=models.F("user")), name="nobody_grants_himself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.family or 'all families'}"


class Clearance(models.Model):
    """What more than public a person may see, until a date."""

    user = models.ForeignKey(User, models.PROTECT, related_name="clearances")
    label = models.CharField(max_length=200)
    until = models.DateField()
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=models.F("user")), name="nobody_clears_himself"
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} until {self.until}"


class SignIn(models.Model):
    """One try to sign in; counted, so that guessing is slow."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()
    ok = models.BooleanField()
    counted = models.BooleanField(default=True)  # not, when too many went before and it was not heard

    class Meta:
        indexes = (
            models.Index(fields=("username", "at"), name="tries_of_account"),
            models.Index(fields=("address", "at"), name="tries_from_address"),
        )

    def __str__(self) -> str:
        return f"{self.username} at {self.at}"
